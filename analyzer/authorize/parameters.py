"""What a call's parameters hold at a path, as far as the analysis saw them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from analyzer.model.values import Absent, Known, Mapping, Opaque, Origin, Sequence, Unseen, Value, alternatives
from analyzer.rules import ITEMS, KEYS, VALUES, parse_path

HIDDEN = Unseen("parameters that are not visible")
"""The origin of what stands in keyword arguments, or in a mapping, that the analysis did not see in full."""


class Reached(NamedTuple):
    """What may stand at a path: `values` that were seen; possibly nothing (`absent`); possibly more than was seen.

    `unseen` is then where that comes from.
    """

    values: tuple[Value, ...] = ()
    absent: bool = False
    unseen: Origin | None = None


def reach(parameters: Mapping, path: str) -> Reached:
    """Return what `parameters` hold at `path`."""
    return _follow(parameters, parse_path(path) or ())


def _follow(value: Value, steps: tuple[str, ...]) -> Reached:
    return _joined(_follow_one(one, steps) for one in alternatives(value))


def _follow_one(value: Value, steps: tuple[str, ...]) -> Reached:
    if isinstance(value, Absent) or (isinstance(value, Known) and value.value is None):
        return Reached(absent=True)
    if not steps:
        return Reached((value,))
    if isinstance(value, Opaque):
        return Reached(unseen=value.origin)
    step, rest = steps[0], steps[1:]
    if isinstance(value, Sequence):
        return _follow_items(value, rest) if step == ITEMS else Reached(absent=True)
    if not isinstance(value, Mapping) or step == ITEMS:
        return Reached(absent=True)
    if step == KEYS:
        keys = tuple(key for key, _ in value.entries)
        return Reached(keys, not keys, None if value.complete else HIDDEN)
    if step == VALUES:
        found_values = [_follow(item, rest) for _, item in value.entries]
        return _joined([*found_values, Reached(absent=not found_values, unseen=None if value.complete else HIDDEN)])
    found = value.get(step)
    if found is not None:
        return _follow(found, rest)
    hidden = not value.complete or any(not isinstance(key, Known) for key, _ in value.entries)
    return Reached(absent=not hidden, unseen=HIDDEN if hidden else None)


def _follow_items(sequence: Sequence, rest: tuple[str, ...]) -> Reached:
    items = [_follow(item, rest) for item in sequence.items]
    if not sequence.complete:
        items.append(Reached(unseen=Unseen("items of a list that are not visible")))
    return _joined(items) if items else Reached(absent=True)


def _joined(parts: Iterable[Reached]) -> Reached:
    found = list(parts)
    return Reached(
        tuple(value for part in found for value in part.values),
        any(part.absent for part in found),
        next((part.unseen for part in found if part.unseen is not None), None),
    )
