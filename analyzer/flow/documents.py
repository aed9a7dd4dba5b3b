"""JSON documents in strings, as the values that they spell out."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from analyzer.flow import strings
from analyzer.flow.calling import Arguments
from analyzer.flow.values import SdkResult, Value, alternatives, join_all, unknown
from analyzer.model import ir
from analyzer.model.values import Hole, Known, Opaque, Text

if TYPE_CHECKING:
    from analyzer.flow.machine import Machine

# Characters for private use, one for each part of a text that is not known.
_FIRST_MARK: Final = 0x100000
_MARK: Final = re.compile("([\U00100000-\U0010ffff])")


def load_json(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    """Return what `json.loads` gives: of a text with holes, strings with these holes."""
    outcomes: list[Value] = []
    for member in alternatives(arguments.take(0, "s") or unknown("a document")):
        match member:
            case Known(str() | bytes() as text):
                outcomes.append(_parsed(machine, text, []))
            case Text((Hole() as hole,)):
                outcomes.append(Opaque(hole.origin))
            case Text(parts):
                holes = [part for part in parts if isinstance(part, Hole)]
                marks = iter(range(_FIRST_MARK, _FIRST_MARK + len(holes)))
                marked = "".join(part if isinstance(part, str) else chr(next(marks)) for part in parts)
                outcomes.append(_parsed(machine, marked, holes))
            case _:
                outcomes.append(member if isinstance(member, Opaque | SdkResult) else unknown("a document"))
    return join_all(outcomes) or unknown("a document")


def _parsed(machine: Machine, text: str | bytes, holes: list[Hole]) -> Value:
    try:
        return _from_data(machine, json.loads(text), holes)
    except (ValueError, RecursionError):
        return unknown("a document that is no JSON" if not holes else "a document of which parts are not known")


def _from_data(machine: Machine, data: Any, holes: list[Hole]) -> Value:
    if isinstance(data, dict):
        return machine.objects.new_dict({str(key): _from_data(machine, value, holes) for key, value in data.items()})
    if isinstance(data, list):
        return machine.objects.new_list("list", [_from_data(machine, value, holes) for value in data], None)
    if isinstance(data, str) and holes:
        parts = [holes[ord(part) - _FIRST_MARK] if _MARK.fullmatch(part) else part for part in _MARK.split(data)]
        return strings.text(parts)
    return Known(data)
