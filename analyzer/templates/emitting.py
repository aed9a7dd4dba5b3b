"""New parts of templates as text, in the style of the template that they go into."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, cast

from analyzer.iam.positioned_json import Array, Json, Object
from analyzer.templates.plain import Plain
from analyzer.templates.read import Document

# What needs no quotes in YAML, in a block and between brackets.
_PLAIN: Final = re.compile(r"[A-Za-z0-9_./][A-Za-z0-9_./:*@+-]*(?<!:)")
_PLAIN_IN_BRACKETS: Final = re.compile(r"[A-Za-z0-9_./][A-Za-z0-9_./*@+-]*")
# What YAML takes for something else than text: numbers, dates, booleans, null.
_NO_TEXT: Final = re.compile(r"[\d.+-].*|true|false|yes|no|on|off|y|n|null|~", re.IGNORECASE)
# What is farther away is laid out by hand.
_WIDEST: Final = 8
_FUNCTION: Final = re.compile(r"Ref|Condition|Fn::\w+")


@dataclass(frozen=True, slots=True)
class Style:
    """How a template is written: as JSON or not, by how many blanks parts are indented, and with which quotes.

    `dash` is by how many blanks the items of a list stand to the right of its key, `gap` how far behind its dash an
    item begins.
    """

    is_json: bool = False
    step: int = 2
    dash: int = 2
    gap: int = 2
    quote: str = '"'


def style_of(document: Document) -> Style:
    """Return the style of a template, taken from its first parts."""
    text = document.text
    resources = document.root.members["Resources"]
    outer = document.root.key_locations["Resources"].start_column
    inner = [place.start_column for place in getattr(resources, "key_locations", {}).values()]
    step = inner[0] - outer if inner and inner[0] > outer else 2
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        return Style(True, step)
    lists = list(_block_lists(document.root, text.split("\n")))
    quote = "'" if text.count("'") > text.count('"') else '"'
    return Style(False, step, _usual(dash for dash, _ in lists), _usual(gap for _, gap in lists), quote)


def _usual(numbers: Iterable[int]) -> int:
    counted = Counter(number for number in numbers if 0 <= number <= _WIDEST)
    return counted.most_common(1)[0][0] if counted else 2


def _block_lists(value: Json, lines: list[str]) -> Iterator[tuple[int, int]]:
    """Yield of each block list how far its dashes are from the key that it belongs to, and its items from them."""
    if isinstance(value, Array):
        for item in value.items:
            yield from _block_lists(item, lines)
    elif isinstance(value, Object):
        for key, member in value.members.items():
            place, key_place = member.location, value.key_locations[key]
            line = lines[place.start_line - 1] if place.start_line <= len(lines) else ""
            if isinstance(member, Array) and line.startswith("-", place.start_column - 1):
                gap = member.items[0].location.start_column - place.start_column
                yield place.start_column - key_place.start_column, max(gap, 2)
            yield from _block_lists(member, lines)


class Emitter:
    """Writes values in one style."""

    def __init__(self, style: Style) -> None:
        """Take the style of the template."""
        self.style = style

    def block(self, value: Plain, indent: int) -> list[str]:
        """Return the lines of an object or a list in YAML without brackets, indented by `indent` blanks."""
        if isinstance(value, dict):
            return [line for key, member in value.items() for line in self.member(key, member, indent)]
        lines: list[str] = []
        for item in cast("list[Plain]", value):
            inline = self.inline(item)
            inner = indent + self.style.gap
            nested = [" " * inner + inline] if inline is not None else self.block(item, inner)
            lines += [" " * indent + "-".ljust(self.style.gap) + nested[0][inner:], *nested[1:]]
        return lines

    def member(self, key: str, value: Plain, indent: int) -> list[str]:
        """Return the lines of a key with its value, in YAML without brackets."""
        inline = self.inline(value)
        name = " " * indent + self._text(key, _PLAIN)
        if inline is not None:
            return [f"{name}: {inline}"]
        inner = self.style.dash if isinstance(value, list) else self.style.step
        return [f"{name}:", *self.block(value, indent + inner)]

    def inline(self, value: Plain) -> str | None:
        """Return a value that stands behind its key on one line; None if it takes several lines."""
        if isinstance(value, str):
            return self._text(value, _PLAIN)
        if isinstance(value, dict) and _is_call(value):
            return self._call(value, _PLAIN)
        return None if value and isinstance(value, dict | list) else json.dumps(value)

    def flow(self, value: Plain) -> str:
        """Return a value on one line, in brackets."""
        if self.style.is_json:
            return json.dumps(value)
        if isinstance(value, str):
            return self._text(value, _PLAIN_IN_BRACKETS)
        if isinstance(value, list):
            return f"[{', '.join(map(self.flow, value))}]"
        if not isinstance(value, dict):
            return json.dumps(value)
        if _is_call(value):
            return self._call(value, _PLAIN_IN_BRACKETS)
        members = (f"{self._text(key, _PLAIN_IN_BRACKETS)}: {self.flow(member)}" for key, member in value.items())
        return f"{{{', '.join(members)}}}"

    def json(self, value: Plain, indent: int) -> str:
        """Return a value as JSON over several lines, of which all but the first are indented by `indent` blanks."""
        return json.dumps(value, indent=self.style.step).replace("\n", "\n" + " " * indent)

    def _call(self, call: dict[str, Plain], plain: re.Pattern[str]) -> str:
        name, argument = next(iter(call.items()))
        tag = "!" + name.removeprefix("Fn::")
        if name == "Fn::GetAtt" and isinstance(argument, list):
            return f"{tag} {'.'.join(map(str, argument))}"
        if isinstance(argument, str):
            # Readers expect what is substituted in quotes.
            return f"{tag} {self._quoted(argument) if name == 'Fn::Sub' else self._text(argument, plain)}"
        return f"{tag} {self.flow(argument)}"

    def _text(self, text: str, plain: re.Pattern[str]) -> str:
        if plain.fullmatch(text) and not _NO_TEXT.fullmatch(text):
            return text
        return self._quoted(text)

    def _quoted(self, text: str) -> str:
        if self.style.quote == "'" and text.isprintable():
            return "'" + text.replace("'", "''") + "'"
        return json.dumps(text, ensure_ascii=False)


def _is_call(value: dict[str, Plain]) -> bool:
    return len(value) == 1 and _FUNCTION.fullmatch(next(iter(value))) is not None
