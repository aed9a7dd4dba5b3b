"""Where something stands in a source file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A span of a file: 1-based lines and columns, root-relative path with forward slashes.

    `end_column` is the column after the last character.
    """

    path: str
    start_line: int
    start_column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.start_line}:{self.start_column}"
