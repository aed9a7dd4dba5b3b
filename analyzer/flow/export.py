"""Abstract values as call parameters: the immutable form that leaves the interpreter."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING

from analyzer.flow.values import (
    ABSENT,
    NONE,
    REST,
    Choice,
    DictObject,
    Foreign,
    Instance,
    ListObject,
    SdkResult,
    Value,
)
from analyzer.model import values as model
from analyzer.model.values import CallResult, Known, Opaque, Text, Unseen

if TYPE_CHECKING:
    from analyzer.flow.state import State

_DEEPEST = 12
_MOST_ITEMS = 50


def mapping(entries: Iterable[tuple[Hashable, Value]], state: State, *, complete: bool = True) -> model.Mapping:
    """Return the parameters of a call, sorted by name."""
    result: list[tuple[model.Value, model.Value]] = []
    for key, value in entries:
        if key is REST:
            complete = False
        else:
            result.append((_exported_key(key), exported(value, state)))
    return model.Mapping(tuple(sorted(result, key=repr)), complete)


def _exported_key(key: Hashable) -> model.Value:
    if isinstance(key, Text | Opaque):
        return key
    if key is None or isinstance(key, str | int | float | bytes):
        return Known(key)
    return Opaque(Unseen("a key"))


def exported(value: Value, state: State, depth: int = 0) -> model.Value:
    """Return a value as it stands now."""
    if isinstance(value, Known | Text | Opaque):
        return value
    if isinstance(value, Choice):
        # None is no valid parameter value: the call with it fails before it is sent.
        members = [member for member in value.values if member != NONE]
        distinct = list(dict.fromkeys(_exported_member(member, state, depth) for member in members))
        if not distinct:
            return NONE
        return distinct[0] if len(distinct) == 1 else model.OneOf(tuple(distinct))
    return _exported_member(value, state, depth)


def _exported_member(value: Value, state: State, depth: int) -> model.Value:
    if value is ABSENT:
        return model.Absent()
    if isinstance(value, Known | Text | Opaque):
        return value
    if depth >= _DEEPEST:
        return Opaque(Unseen("deeply nested data"))
    if isinstance(value, ListObject):
        items = [(key, item) for key, item in state.items(value.cells)][:_MOST_ITEMS]
        complete = REST not in value.cells and len(value.cells) <= _MOST_ITEMS
        return model.Sequence(tuple(exported(item, state, depth + 1) for _, item in items), complete)
    if isinstance(value, DictObject):
        entries = [
            (_exported_key(key), exported(item, state, depth + 1))
            for key, item in state.items(value.cells)
            if key is not REST
        ]
        return model.Mapping(tuple(sorted(entries, key=repr)), REST not in value.cells)
    if isinstance(value, Instance) and value.cls.flavor == "enum":
        return exported(state.read(value.cells, "value"), state, depth + 1)
    if isinstance(value, SdkResult):
        return Opaque(CallResult(value.service, value.operation, value.path))
    if isinstance(value, Foreign):
        return Opaque(Unseen(value.path))
    return Opaque(Unseen("a value of another type"))
