"""Changes to the text of a template that leave every other character as it is."""

from __future__ import annotations

from typing import Final

from analyzer.errors import LpaError
from analyzer.iam.positioned_json import Array, Json
from analyzer.model.location import Location

_HINT: Final = "this is a defect of lpa: please report it with the template; it is as it was"


class Edits:
    """Replacements in a text, named by lines and columns as `Location` has them, and made all at once."""

    def __init__(self, text: str) -> None:
        """Take the text as it is in the file, with whatever ends its lines."""
        self.text = text
        self._begin = 1 if text.startswith("\ufeff") else 0
        self._starts = [self._begin] + [at + 1 for at, character in enumerate(text) if character == "\n"]
        self._edits: list[tuple[int, int, str]] = []

    def __bool__(self) -> bool:
        """Say whether anything is to be changed."""
        return bool(self._edits)

    def offset(self, line: int, column: int) -> int:
        """Return where in the text a line and column are; beyond the last line is the end of the text."""
        return len(self.text) if line > len(self._starts) else min(self._starts[line - 1] + column - 1, len(self.text))

    def line(self, number: int) -> str:
        """Return a line without what ends it, nothing if there is no such line."""
        return self.text[self.offset(number, 1) : self.offset(number + 1, 1)].rstrip("\r\n")

    def source(self, location: Location) -> str:
        """Return what stands at `location`."""
        return self.text[self.start(location) : self.end(location)]

    def start(self, location: Location) -> int:
        """Return the offset of the first character."""
        return self.offset(location.start_line, location.start_column)

    def end(self, location: Location) -> int:
        """Return the offset behind the last character that is not blank."""
        end = self.offset(location.end_line, location.end_column)
        start = self.start(location)
        return start + len(self.text[start:end].rstrip())

    def last_line(self, location: Location) -> int:
        """Return the last line on which something of what is at `location` stands."""
        return location.start_line + self.source(location).count("\n")

    def is_flow(self, value: Json) -> bool:
        """Say whether `value` is written in brackets, as all of JSON is."""
        return self.source(value.location).startswith(("{", "["))

    # Changes

    def replace(self, start: int, end: int, text: str) -> None:
        """Put `text` in the place of what is between two offsets."""
        self._edits.append((start, end, text))

    def add(self, others: Edits) -> None:
        """Add the changes of `others`, which are about the same text."""
        self._edits += others._edits

    def insert_lines(self, after: int, lines: list[str]) -> None:
        """Insert `lines` behind the line `after`."""
        at = self.offset(after + 1, 1)
        if at == len(self.text) and not self.text.endswith("\n"):
            self.replace(at, at, "".join(f"\n{line}" for line in lines))
        else:
            self.replace(at, at, "".join(f"{line}\n" for line in lines))

    def delete_lines(self, first: int, last: int) -> None:
        """Delete lines, and the comments that stand directly above them with the same indentation."""
        text = self.line(first)
        indentation = len(text) - len(text.lstrip())
        while first > 1 and self.line(first - 1)[:indentation].isspace() is (indentation > 0):
            above = self.line(first - 1)
            if not above.startswith("#", indentation):
                break
            first -= 1
        self.replace(self.offset(first, 1), self.offset(last + 1, 1), "")

    def delete_items(self, array: Array, dead: set[int]) -> None:
        """Delete some of the items of a list, not all."""
        if self.is_flow(array):
            self._delete_in_brackets(array, dead)
            return
        for at in sorted(dead):
            item = array.items[at]
            self.delete_lines(self.dash_line(array, item), self.last_line(item.location))

    def dash_line(self, array: Array, item: Json) -> int:
        """Return the line that an item of a block list begins on."""
        number = item.location.start_line
        while number > array.location.start_line and not self.line(number).startswith(
            "-", array.location.start_column - 1
        ):
            number -= 1
        return number

    def _delete_in_brackets(self, array: Array, dead: set[int]) -> None:
        living = [at for at in range(len(array.items)) if at not in dead]
        places = [item.location for item in array.items]
        for at in sorted(dead):
            if at < living[-1]:
                self.replace(self.start(places[at]), self.start(places[at + 1]), "")
            else:
                self.replace(self.end(places[at - 1]), self.end(places[at]), "")

    def applied(self) -> str:
        """Return the changed text. Raises LpaError if two changes are about the same place."""
        ending = "\r\n" if "\r\n" in self.text else "\n"
        result: list[str] = []
        at = 0
        for start, end, text in sorted(self._edits, key=_order):
            if start < at:
                raise LpaError(f"two changes at the same place of the template (character {start})", _HINT)
            result += self.text[at:start], text.replace("\n", ending)
            at = end
        return "".join([*result, self.text[at:]])


def _order(edit: tuple[int, int, str]) -> tuple[int, int, int]:
    # Of lines that go to the same place, those that are indented more belong to what stands before them.
    start, end, text = edit
    return start, end, len(text.lstrip("\n").lstrip(" ")) - len(text.lstrip("\n"))
