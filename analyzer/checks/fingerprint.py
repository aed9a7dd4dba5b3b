"""What a finding is known by from one run to the next, wherever its lines have moved to."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Final

from analyzer.errors import InputError
from analyzer.model.findings import Finding
from analyzer.reading import read_bytes

# Messages name a statement without a Sid by its place: `role.json:4:5`.
_PLACE: Final = re.compile(r"(?<=\S):[0-9]+:[0-9]+(?![0-9:])")
_LENGTH: Final = 32


def fingerprints(findings: Sequence[Finding], root: str) -> tuple[str, ...]:
    """Return a fingerprint for each of the findings, all different, of 32 hexadecimal digits.

    It is made from the check, the message without line numbers, the path and the content of the line, so that it stays
    when lines are added or removed around it, or it is indented otherwise. Findings that have all of this in common
    are told apart by their order. `root` is the folder that paths are relative to; the content of a line that cannot be
    read counts as empty.
    """
    from hashlib import sha256

    seen: Counter[tuple[str, str, str, str]] = Counter()
    lines = cache(lambda path: _lines(os.path.join(root, path)))
    made = []
    for finding in findings:
        place, content = finding.location, lines(finding.location.path)
        line = content[place.start_line - 1] if place.start_line <= len(content) else ""
        # Whoever adds an item to a list puts a comma behind the one before.
        words = " ".join(line.split()).rstrip(",")
        about = (finding.check, without_places(finding.message), place.path, words)
        text = "\0".join((*about, str(seen[about])))
        seen[about] += 1
        made.append(sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_LENGTH])
    return tuple(made)


def without_places(message: str) -> str:
    """Return `message` with the paths in it, and without their lines and columns."""
    return _PLACE.sub("", message)


def _lines(path: str) -> list[str]:
    try:
        text = read_bytes(path, path).decode("utf-8-sig", "replace")
        return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    except (FileNotFoundError, InputError):
        return []
