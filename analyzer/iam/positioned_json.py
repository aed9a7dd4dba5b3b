"""JSON that remembers where each value stands, so that what is said of a policy can name the line.

Stricter than `json`: a key that occurs twice in an object is an error, as one of its two values would be lost.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from json import JSONDecodeError, JSONDecoder
from typing import Final

from analyzer.errors import InputError
from analyzer.model.location import Location

_MAX_DEPTH: Final = 100
# Each takes some 250 bytes of memory.
_MOST_VALUES: Final = 1_000_000
_BLANKS: Final = re.compile(r"[ \t\n\r]*")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_WORDS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}
_STRINGS: Final = JSONDecoder()
_REMEDY: Final = "correct the JSON, or write it anew with `aws iam get-role-policy` or `lpa generate`"


@dataclass(frozen=True, slots=True)
class Scalar:
    """A string, a boolean, null, or a number, which keeps the file's spelling."""

    value: str | bool | None
    is_number: bool
    location: Location


@dataclass(frozen=True, slots=True)
class Array:
    """A list of values."""

    items: tuple[Json, ...]
    location: Location


@dataclass(frozen=True, slots=True)
class Object:
    """An object: `members` in the file's order, and where each key stands."""

    members: dict[str, Json]
    key_locations: dict[str, Location]
    location: Location


Json = Scalar | Array | Object


def parse_json(text: str, path: str, inside: Location | None = None) -> Json:
    """Return the value that `text`, the content of the file `path`, spells out.

    `inside` is given for JSON that stands in a string of another file: every value then has that location.
    Raises InputError, with the place, if `text` is not JSON or has a key twice.
    """
    return _Reader(text, path, inside).document()


def is_text(string: str) -> bool:
    """Say whether a string can be written: the escapes of JSON and YAML can also spell what no text holds."""
    try:
        string.encode()
    except UnicodeEncodeError:
        return False
    return True


class _Reader:
    def __init__(self, text: str, path: str, inside: Location | None) -> None:
        self._text = text
        self._path = path
        self._inside = inside
        self._left = _MOST_VALUES
        self._at = 1 if text.startswith("\ufeff") else 0
        self._line_starts = [0] + [index + 1 for index, character in enumerate(text) if character == "\n"]

    def document(self) -> Json:
        value = self._value(depth=0)
        self._skip_blanks()
        if self._at < len(self._text):
            raise self._error("text after the end of the JSON document")
        return value

    def _value(self, depth: int) -> Json:
        self._skip_blanks()
        if depth > _MAX_DEPTH:
            raise self._error(f"nested more than {_MAX_DEPTH} deep")
        self._left -= 1
        if self._left < 0:
            raise self._error(f"more than {_MOST_VALUES:,} values")
        start = self._at
        character = self._text[start : start + 1]
        if character == "{":
            return self._object(depth)
        if character == "[":
            return self._array(depth)
        if character == '"':
            string = self._string()
            return Scalar(string, False, self._span(start))
        for word, value in _WORDS.items():
            if self._text.startswith(word, start):
                self._at += len(word)
                return Scalar(value, False, self._span(start))
        number = _NUMBER.match(self._text, start)
        if number is None:
            raise self._error(f"expected a value, found {self._found()}")
        self._at = number.end()
        return Scalar(number.group(), True, self._span(start))

    def _object(self, depth: int) -> Object:
        start = self._at
        members: dict[str, Json] = {}
        key_locations: dict[str, Location] = {}

        def member() -> None:
            key_start = self._at
            if self._text[key_start : key_start + 1] != '"':
                raise self._error(f"expected a key in double quotes, found {self._found()}")
            key = self._string()
            location = self._span(key_start)
            if key in members:
                raise InputError(
                    f'{location}: the key "{key}" occurs twice, first on line {key_locations[key].start_line}',
                    "keep one of the two; JSON readers drop the other without a word",
                )
            self._skip_blanks()
            self._expect(":")
            key_locations[key] = location
            members[key] = self._value(depth + 1)

        self._items("{", "}", member)
        return Object(members, key_locations, self._span(start))

    def _array(self, depth: int) -> Array:
        start = self._at
        items: list[Json] = []
        self._items("[", "]", lambda: items.append(self._value(depth + 1)))
        return Array(tuple(items), self._span(start))

    def _items(self, opening: str, closing: str, item: Callable[[], None]) -> None:
        self._expect(opening)
        self._skip_blanks()
        if self._text.startswith(closing, self._at):
            self._at += 1
            return
        while True:
            self._skip_blanks()
            item()
            self._skip_blanks()
            if self._text.startswith(closing, self._at):
                self._at += 1
                return
            if not self._text.startswith(",", self._at):
                raise self._error(f'expected "," or "{closing}", found {self._found()}')
            self._at += 1

    def _string(self) -> str:
        try:
            decoded, end = _STRINGS.raw_decode(self._text, self._at)
            string = str(decoded)
        except JSONDecodeError as error:
            self._at = error.pos
            what = error.msg.removesuffix(" at").removesuffix(" starting")
            raise self._error(what[:1].lower() + what[1:]) from None
        if not is_text(string):
            raise self._error("half a surrogate pair in a string")
        self._at = end
        return string

    def _expect(self, character: str) -> None:
        if not self._text.startswith(character, self._at):
            raise self._error(f'expected "{character}", found {self._found()}')
        self._at += 1

    def _skip_blanks(self) -> None:
        blanks = _BLANKS.match(self._text, self._at)
        if blanks is not None:
            self._at = blanks.end()

    def _found(self) -> str:
        return f'"{self._text[self._at]}"' if self._at < len(self._text) else "the end of the file"

    def _span(self, start: int) -> Location:
        if self._inside is not None:
            return self._inside
        start_line = bisect_right(self._line_starts, start)
        end_line = bisect_right(self._line_starts, self._at)
        return Location(
            self._path,
            start_line,
            start - self._line_starts[start_line - 1] + 1,
            end_line,
            self._at - self._line_starts[end_line - 1] + 1,
        )

    def _error(self, what: str) -> InputError:
        where = self._inside or self._span(min(self._at, len(self._text)))
        return InputError(f"{where}: not JSON: {what}", _REMEDY)
