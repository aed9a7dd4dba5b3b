"""Where the interpreter's source comes from: files as collected, lowered when they are reached."""

from __future__ import annotations

from collections.abc import Mapping

from analyzer import events
from analyzer.collect import read_source
from analyzer.model import ir
from analyzer.model.program import SourceFile


class FileSources:
    """Reads and lowers files, each once. Raises InputError for a file that cannot be read."""

    def __init__(self, texts: Mapping[str, str] | None = None) -> None:
        """Take the texts of files that are none of the file system's, by absolute path."""
        self._texts: dict[str, str] = dict(texts or {})
        self._asked: set[str] = set(self._texts)

    def read(self, file: SourceFile) -> str:
        """Return the text of a file."""
        self._asked.add(file.absolute)
        text = self._texts.get(file.absolute)
        if text is None:
            events.note(f"read {file.path}")
            text = self._texts[file.absolute] = read_source(file)
        return text

    def was_read(self) -> frozenset[str]:
        """Return the absolute paths of the files read so far, or that could not be."""
        return frozenset(self._asked)

    def lower(self, file: SourceFile) -> ir.Module:
        """Return the IR of a file."""
        return self.parse(self.read(file))

    def problems(self, file: SourceFile) -> list[ir.SyntaxProblem]:
        """Return what of a file does not parse."""
        from analyzer.source import find_problems

        return find_problems(self.read(file))

    def parse(self, text: str) -> ir.Module:
        """Return the IR of a text."""
        from analyzer.source import lower

        return lower(text)
