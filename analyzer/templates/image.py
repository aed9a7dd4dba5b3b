"""What a Dockerfile says of the function inside the image.

Source: https://docs.aws.amazon.com/lambda/latest/dg/python-image.html and
https://docs.docker.com/reference/dockerfile/.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

_CONTINUED: Final = re.compile(r"\\\s*\n")
# Base images of the other runtimes of Lambda, and of their languages.
_OTHERS: Final = re.compile(r"\b(node(js)?|java|dotnet|ruby|golang|rust|corretto)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Image:
    """The handler that the image starts, None if it is not seen, and what is copied into it from outside."""

    handler: str | None
    copied: tuple[str, ...]
    may_be_python: bool


def read_image(path: str) -> Image | None:
    """Return what the Dockerfile at `path` says, None if there is none."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = _CONTINUED.sub(" ", file.read())
    except (OSError, ValueError):
        return None
    handler: str | None = None
    copied: list[str] = []
    base = ""
    for line in text.splitlines():
        instruction, _, rest = line.strip().partition(" ")
        words = _words(rest)
        match instruction.upper():
            case "FROM":
                base = rest
            case "CMD":
                handler = next((word for word in reversed(words) if "." in word), handler)
            case "COPY" | "ADD" if not any(word.startswith("--from") for word in words):
                copied += [word.rstrip("*").rstrip("/") or "." for word in words[:-1] if not word.startswith("--")]
    return Image(handler, tuple(copied), not _OTHERS.search(base))


def _words(text: str) -> list[str]:
    """Return the words of an instruction, in its form as a list or as a line."""
    if text.lstrip().startswith("["):
        try:
            found = json.loads(text)
        except ValueError:
            return []
        return [str(word) for word in found] if isinstance(found, list) else []
    return text.split()
