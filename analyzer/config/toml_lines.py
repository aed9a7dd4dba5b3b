"""On which line of a TOML document each key stands, which `tomllib` does not say.

Source: https://toml.io/en/v1.0.0. The document is known to be valid, so that this only has to find its keys.
"""

from __future__ import annotations

import re
from typing import Final

KeyPath = tuple[str | int, ...]
"""Keys from the top of a document, with the number of an item where a list comes between."""

_BLANK: Final = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_KEY: Final = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*'""")
_DOT: Final = re.compile(r"[ \t]*\.[ \t]*")
_STRING: Final = re.compile(
    r'''"""(?:[^\\]|\\.)*?"{3,5}(?!")|\'\'\'.*?'{3,5}(?!')|"(?:[^"\\]|\\.)*"|'[^']*\'''', re.DOTALL
)
_OTHER: Final = re.compile(r"[^,\]}\n#]*")


def key_lines(text: str) -> dict[KeyPath, int]:
    """Return the line of every key and every item of a list of `text`, which is valid TOML; the first line is 1."""
    return _Scanner(text).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._lines: dict[KeyPath, int] = {}
        # How many tables of each list of tables there are so far.
        self._tables: dict[KeyPath, int] = {}

    def scan(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        while self._skip() < len(self._text):
            if self._text.startswith("[", self._at):
                table = self._header()
            else:
                self._assignment(table)
        return self._lines

    def _header(self) -> KeyPath:
        start, is_item = self._at, self._text.startswith("[[", self._at)
        self._at += 2 if is_item else 1
        self._skip()
        path: KeyPath = ()
        names = self._names()
        for number, name in enumerate(names, start=1):
            path = (*path, name)
            last = number == len(names)
            if last and is_item:
                self._tables[path] = self._tables.get(path, 0) + 1
            if not last or is_item:
                self._note(path, start)
            if path in self._tables:
                path = (*path, self._tables[path] - 1)
        self._note(path, start)
        self._skip()
        self._at += 2 if is_item else 1
        return path

    def _assignment(self, table: KeyPath) -> None:
        start, path = self._at, table
        for name in self._names():
            path = (*path, name)
            self._note(path, start)
        self._skip()
        self._at += 1
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        self._skip()
        opening = self._text[self._at]
        if opening == "[":
            self._at += 1
            number = 0
            while self._text[self._skip()] != "]":
                self._note((*path, number), self._at)
                self._value((*path, number))
                number += 1
                self._comma()
            self._at += 1
        elif opening == "{":
            self._at += 1
            while self._text[self._skip()] != "}":
                self._assignment(path)
                self._comma()
            self._at += 1
        else:
            found = _STRING.match(self._text, self._at) or _OTHER.match(self._text, self._at)
            self._at = found.end() if found else self._at

    def _names(self) -> list[str]:
        import tomllib

        names = []
        while found := _KEY.match(self._text, self._at):
            written = found.group()
            names.append(next(iter(tomllib.loads(f"{written} = 0"))))
            self._at = found.end()
            dot = _DOT.match(self._text, self._at)
            if dot is None:
                break
            self._at = dot.end()
        return names

    def _comma(self) -> None:
        if self._text[self._skip()] == ",":
            self._at += 1

    def _skip(self) -> int:
        """Pass over white space and comments; return where that leads."""
        found = _BLANK.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._at

    def _note(self, path: KeyPath, offset: int) -> None:
        self._lines.setdefault(path, self._text.count("\n", 0, offset) + 1)
