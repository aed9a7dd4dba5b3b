"""The lines of a source file that something is about, with what it is about underlined, as compilers show them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from analyzer.model.location import Location

_TAB: Final = 4
# Of a span over more lines than this only the first and the last ones are shown.
_LONGEST: Final = 8
_FIRST, _LAST = 4, 2
# As much of a line as stays to the left of what is underlined when the line is cut.
_LEAD: Final = 12
_CUT: Final = "…"
_GUTTER: Final = "blue"
# What joins emoji and shapes letters; all else that does not print, or turns the direction of text, is shown as a box.
_JOINERS: Final = "\u200c\u200d"
_UNPRINTED: Final = ("Cc", "Cf", "Cs", "Zl", "Zp")


def visible(text: str) -> str:
    """Return `text` with what would control the terminal replaced by pictures of it."""
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(character: str) -> str:
    if character < " ":
        return chr(0x2400 + ord(character))
    if character == "\x7f":
        return "\u2421"
    return "\ufffd" if unicodedata.category(character) in _UNPRINTED and character not in _JOINERS else character


def excerpt(lines: Sequence[str], place: Location, width: int, style: str, context: int = 1) -> list[Text]:
    """Return the lines of `place` with `context` lines around them and, in `style`, marks under what is meant.

    Columns of the terminal count, so that the marks fit under wide characters and tabs; lines are cut to `width` of
    them. Returns nothing if the file has no such lines.
    """
    if not 1 <= place.start_line <= len(lines):
        return []
    start, end = (place.start_line, place.start_column), (place.end_line, place.end_column)
    if end[1] <= 1 and end[0] > start[0]:
        end = (end[0] - 1, len(lines[min(end[0] - 1, len(lines)) - 1]) + 1)
    if end[0] > len(lines):
        end = (len(lines), len(lines[-1]) + 1)
    first, last = max(1, start[0] - context), min(len(lines), max(start[0], end[0]) + context)
    while last > end[0] and not lines[last - 1].strip():
        last -= 1
    while first < start[0] and not lines[first - 1].strip():
        first += 1
    page = _Page(lines, len(str(last)), width, style)
    shown = page.one_line(start[0], start[1], end[1]) if end[0] <= start[0] else page.span(start, end)
    bare = end[0] <= start[0]
    return [
        page.edge(),
        *(page.code(number, bare=bare) for number in range(first, start[0])),
        *shown,
        *(page.code(number, bare=bare) for number in range(max(start[0], end[0]) + 1, last + 1)),
        page.edge(),
    ]


class _Page:
    """Lays lines out behind their numbers."""

    def __init__(self, lines: Sequence[str], digits: int, width: int, style: str) -> None:
        self._lines = lines
        self._digits = digits
        self._room = max(width - digits - len(" | "), _LEAD * 2)
        self._style = style

    def edge(self) -> Text:
        return Text(f"{'':>{self._digits}} |", _GUTTER)

    def code(self, number: int, mark: str = "  ", *, bare: bool = False) -> Text:
        """Return a line behind `mark`, unless it is `bare` of one."""
        room = self._room if bare else self._room - len(mark)
        text, _, _ = _cut(*_displayed(self._lines[number - 1], 0, 0), room)
        return self._numbered(number, "" if bare else mark, text)

    def one_line(self, number: int, start: int, end: int) -> Iterator[Text]:
        text, left, right = _cut(*_displayed(self._lines[number - 1], start - 1, end - 1), self._room)
        yield self._numbered(number, "", text)
        before = min(cell_len(text[:left]), self._room - 1)
        length = max(1, cell_len(text[:right]) - before)
        yield self._marks(" " * before + "^" * length)

    def span(self, start: tuple[int, int], end: tuple[int, int]) -> Iterator[Text]:
        line = self._lines[start[0] - 1]
        begins_line = not line[: start[1] - 1].strip()
        text, left, _ = _cut(*_displayed(line, start[1] - 1, len(line)), self._room - 2)
        yield self._numbered(start[0], "/ " if begins_line else "  ", text)
        if not begins_line:
            yield self._marks(" " + "_" * min(cell_len(text[:left]) + 1, self._room - 2) + "^")
        numbers = list(range(start[0] + 1, end[0] + 1))
        if len(numbers) >= _LONGEST:
            for number in numbers[: _FIRST - 1]:
                yield self.code(number, "| ")
            yield self._marks("| ...")
            numbers = numbers[-_LAST:]
        for number in numbers[:-1]:
            yield self.code(number, "| ")
        text, _, right = _cut(*_displayed(self._lines[end[0] - 1], 0, end[1] - 1), self._room - 2)
        yield self._numbered(end[0], "| ", text)
        yield self._marks("|" + "_" * min(max(1, cell_len(text[:right])), self._room - 2) + "^")

    def _numbered(self, number: int, mark: str, text: str) -> Text:
        shown = Text.assemble((f"{number:>{self._digits}} | ", _GUTTER), (mark, self._style), text)
        shown.rstrip()
        return shown

    def _marks(self, marks: str) -> Text:
        blanks = " " * (len(marks) - len(marks.lstrip()))
        return Text.assemble((f"{'':>{self._digits}} | ", _GUTTER), blanks, (marks.lstrip(), self._style))


def _displayed(line: str, start: int, end: int) -> tuple[str, int, int]:
    """Return `line` as it is displayed, and the places `start` and `end` (counted from 0) in that."""
    if "\t" not in line:
        return visible(line), min(start, len(line)), min(end, len(line))
    parts: list[str] = []
    places = []
    column = length = 0
    for character in line:
        places.append(length)
        part = " " * (_TAB - column % _TAB) if character == "\t" else visible(character)
        parts.append(part)
        length += len(part)
        column += cell_len(part)
    places.append(length)
    return "".join(parts), places[min(start, len(line))], places[min(end, len(line))]


def _cut(text: str, start: int, end: int, room: int) -> tuple[str, int, int]:
    """Return as much of `text` around its part from `start` to `end` as has room, and where that part is then."""
    if cell_len(text) <= room:
        return text, start, end
    left = 0
    if cell_len(text[:end]) >= room and cell_len(text[:start]) > _LEAD:
        left = start
        while left > 0 and cell_len(text[left - 1 : start]) <= _LEAD:
            left -= 1
    lead = _CUT if left else ""
    right = left
    used = len(lead) + len(_CUT)
    while right < len(text):
        used += cell_len(text[right])
        if used > room:
            break
        right += 1
    shown = lead + text[left:right] + (_CUT if right < len(text) else "")
    return shown, start - left + len(lead), min(end, right) - left + len(lead)
