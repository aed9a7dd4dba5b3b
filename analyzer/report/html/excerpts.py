"""The lines of files that a page shows, each once."""

from __future__ import annotations

from functools import cache
from typing import Final

from analyzer.model.location import Location
from analyzer.report.lines import lines_of

_AROUND: Final = 2
# Of a span that is longer than this, and of a line, the beginning is shown.
_LINES: Final = 40
_CHARACTERS: Final = 300


class Excerpts:
    """Collects the lines around places in files, which are relative to `root`."""

    def __init__(self, root: str) -> None:
        self._read = cache(lambda path: lines_of(path, root))
        self._files: dict[str, dict[int, str]] = {}

    def around(self, place: Location) -> None:
        """Keep the lines of `place` and some before and behind it; nothing of a file that cannot be read."""
        lines = self._read(place.path)
        kept = self._files.setdefault(place.path, {})
        last = min(place.end_line, place.start_line + _LINES) + _AROUND
        for number in range(max(1, place.start_line - _AROUND), min(last, len(lines)) + 1):
            line = lines[number - 1]
            kept[number] = line if len(line) <= _CHARACTERS else f"{line[:_CHARACTERS]}…"

    def files(self) -> dict[str, dict[str, str]]:
        """Return the lines kept, by file and line number, sorted."""
        return {
            path: {str(number): self._files[path][number] for number in sorted(self._files[path])}
            for path in sorted(self._files)
            if self._files[path]
        }
