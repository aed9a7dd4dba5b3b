"""What a Dockerfile says of the function inside the image.

Source: https://docs.aws.amazon.com/lambda/latest/dg/python-image.html and
https://docs.docker.com/reference/dockerfile/.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

from analyzer.errors import InputError
from analyzer.reading import LARGEST_CONFIGURATION, read_bytes

_CONTINUED: Final = re.compile(r"\\\s*\n")
# Base images of the other runtimes of Lambda, and of their languages.
_OTHERS: Final = re.compile(r"\b(node(js)?|java|dotnet|ruby|golang|rust|corretto|openjdk)\b", re.IGNORECASE)
# What does not run Python unless that is installed; https://docs.aws.amazon.com/lambda/latest/dg/images-create.html.
_BARE: Final = re.compile(r"\blambda/(provided|go)\b|^scratch\b", re.IGNORECASE)
_PYTHON: Final = re.compile(r"python|\bpip3?\b|\.py\b|\bawslambdaric\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Image:
    """The handler that the image starts, None if it is not seen, and what is copied into it from outside.

    `other` is what the image is made from if that runs another language, None if it may run Python.
    """

    handler: str | None
    copied: tuple[str, ...]
    other: str | None


def read_image(path: str) -> Image | None:
    """Return what the Dockerfile at `path` says, None if there is none."""
    try:
        content = read_bytes(path, path, LARGEST_CONFIGURATION).decode("utf-8", "replace")
    except (FileNotFoundError, InputError):
        return None
    text = _CONTINUED.sub(" ", "\n".join(content.splitlines()))
    handler: str | None = None
    copied: list[str] = []
    bases: list[str] = []
    names: dict[str, str] = {}
    for line in text.splitlines():
        instruction, _, rest = line.strip().partition(" ")
        words = _words(rest)
        match instruction.upper():
            case "FROM":
                base, *named = [word for word in words if not word.startswith("--")] or [""]
                bases.append(names.get(base, base))
                names[named[-1] if named else ""] = bases[-1]
            case "CMD":
                handler = next((word for word in reversed(words) if "." in word), handler)
            case "COPY" | "ADD" if not any(word.startswith("--from") for word in words):
                copied += [word.rstrip("*").rstrip("/") or "." for word in words[:-1] if not word.startswith("--")]
    return Image(handler, tuple(copied), _other_language(bases, text))


def _other_language(bases: list[str], text: str) -> str | None:
    """Return the base of an image that runs another language than Python: of several stages the last one's."""
    base = bases[-1] if bases else ""
    if _OTHERS.search(base):
        return base
    # What another language is compiled in may be copied to a base that runs anything.
    may_be_other = _BARE.search(base) or any(map(_OTHERS.search, bases))
    return base if may_be_other and not _PYTHON.search(text) else None


def _words(text: str) -> list[str]:
    """Return the words of an instruction, in its form as a list or as a line."""
    if text.lstrip().startswith("["):
        try:
            found = json.loads(text)
        except ValueError:
            return []
        return [str(word) for word in found] if isinstance(found, list) else []
    return text.split()
