"""Texts with holes as plain strings in which one private character stands for each hole, and back."""

from __future__ import annotations

import re
from typing import Final

from analyzer.model.values import Hole, Known, Opaque, Text, Value

_FIRST: Final = 0xF0000
_LAST: Final = 0xFFFFD
_MARK: Final = re.compile(f"[{chr(_FIRST)}-{chr(_LAST)}]")


class Marks:
    """Which character stands for which hole."""

    def __init__(self) -> None:
        """Begin with no holes."""
        self._holes: list[Hole] = []

    def mark(self, hole: Hole) -> str:
        """Return the character that stands for `hole`."""
        if hole not in self._holes:
            self._holes.append(hole)
        return chr(_FIRST + self._holes.index(hole))

    def flat(self, value: Value) -> str | None:
        """Return a text as a plain string; None if `value` is none."""
        match value:
            case Known(str() as text):
                return text
            case Known(int() | float() as number):
                return str(number)
            case Text(parts):
                return "".join(part if isinstance(part, str) else self.mark(part) for part in parts)
            case Opaque(origin):
                return self.mark(Hole(origin))
        return None

    def value(self, text: str) -> Value:
        """Return what `text` stands for."""
        parts: list[str | Hole] = []
        end = 0
        for found in _MARK.finditer(text):
            parts += [text[end : found.start()], self._holes[ord(found[0]) - _FIRST]]
            end = found.end()
        parts.append(text[end:])
        kept = tuple(part for part in parts if part != "")
        return Text(kept) if any(isinstance(part, Hole) for part in kept) else Known(text)


def has_marks(text: str) -> bool:
    """Say whether some part of `text` is a hole."""
    return _MARK.search(text) is not None
