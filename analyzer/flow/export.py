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
# Values of one call that are exported before the rest counts as unknown.
_MOST_VALUES = 2_000


def mapping(entries: Iterable[tuple[Hashable, Value]], state: State, *, complete: bool = True) -> model.Mapping:
    """Return the parameters of a call, sorted by name."""
    exporter = _Exporter(state)
    result: list[tuple[model.Value, model.Value]] = []
    for key, value in entries:
        if key is REST:
            complete = False
        elif value != NONE:
            # botocore refuses None before anything is sent: only calls that lack the parameter get through.
            result.append((_exported_key(key), exporter.export(value, 0)))
    return model.Mapping(tuple(sorted(result, key=repr)), complete)


def _exported_key(key: Hashable) -> model.Value:
    if isinstance(key, Text | Opaque):
        return key
    if key is None or isinstance(key, str | int | float | bytes):
        return Known(key)
    return Opaque(Unseen("a key"))


class _Exporter:
    """Turns the values of one call into their form for others, as they stand now."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._count = 0

    def export(self, value: Value, depth: int) -> model.Value:
        if isinstance(value, Known | Text | Opaque):
            return value
        if isinstance(value, Choice):
            # None is no valid parameter value: the call with it fails before it is sent.
            members = [member for member in value.values if member != NONE]
            distinct = list(dict.fromkeys(self._member(member, depth) for member in members))
            if not distinct:
                return NONE
            return distinct[0] if len(distinct) == 1 else model.OneOf(tuple(distinct))
        return self._member(value, depth)

    def _member(self, value: Value, depth: int) -> model.Value:
        if value is ABSENT:
            return model.Absent()
        if isinstance(value, Known | Text | Opaque):
            return value
        self._count += 1
        if depth >= _DEEPEST or self._count > _MOST_VALUES:
            return Opaque(Unseen("a part of large data"))
        if isinstance(value, ListObject):
            items = [item for _, item in self._state.items(value.cells)]
            # What stands for the rest of a list of unknown length is an item like the others.
            complete = len(items) <= _MOST_ITEMS
            return model.Sequence(tuple(self.export(item, depth + 1) for item in items[:_MOST_ITEMS]), complete)
        if isinstance(value, DictObject):
            entries = [
                (_exported_key(key), self.export(item, depth + 1))
                for key, item in self._state.items(value.cells)
                if key is not REST
            ]
            return model.Mapping(tuple(sorted(entries, key=repr)), REST not in value.cells)
        if isinstance(value, Instance) and value.cls.flavor == "enum":
            return self.export(self._state.read(value.cells, "value"), depth + 1)
        if isinstance(value, SdkResult):
            return Opaque(CallResult(value.service, value.operation, value.path))
        if isinstance(value, Foreign):
            return Opaque(Unseen(value.path))
        return Opaque(Unseen("a value of another type"))
