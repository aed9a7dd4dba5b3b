"""Calls for the tests of this folder, written with Python constants."""

from __future__ import annotations

from analyzer.model.calls import ApiCall, Via
from analyzer.model.location import Location
from analyzer.model.values import Environment, Hole, Known, Mapping, Origin, Sequence, Text, Value

HERE = Location("app.py", 3, 1, 3, 9)


def call(operation: str, parameters: dict[str, object], *, complete: bool = True, **fields: object) -> ApiCall:
    """Return a call of `service.Operation`; parameters may be constants, lists, dicts, or values of the model."""
    service, _, name = operation.partition(".")
    given = {"via": Via.DIRECT, "location": HERE} | fields
    return ApiCall(service, name, mapping(parameters, complete=complete), **given)  # type: ignore[arg-type]


def mapping(entries: dict[str, object], *, complete: bool = True) -> Mapping:
    return Mapping(tuple((Known(key), value(item)) for key, item in entries.items()), complete)


def value(constant: object) -> Value:
    if isinstance(constant, dict):
        return mapping(constant)
    if isinstance(constant, list):
        return Sequence(tuple(value(item) for item in constant))
    if constant is None or isinstance(constant, str | int | float | bool | bytes):
        return Known(constant)
    return constant  # type: ignore[return-value]


def text(*parts: str | Origin) -> Text:
    """Return a string of which the origins among `parts` are not known."""
    return Text(tuple(part if isinstance(part, str) else Hole(part) for part in parts))


def environment(name: str) -> Text:
    return text(Environment(name))
