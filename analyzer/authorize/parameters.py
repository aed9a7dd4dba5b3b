"""What a call's parameters hold at a path, as far as the analysis saw them, and whether a rule's conditions hold."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from enum import Enum
from typing import NamedTuple

from analyzer.model.values import Absent, Known, Mapping, Opaque, Origin, Sequence, Unseen, Value, alternatives
from analyzer.rules import ITEMS, KEYS, Guard, parse_path

HIDDEN = Unseen("parameters that are not visible")
"""The origin of what stands in keyword arguments, or in a mapping, that the analysis did not see in full."""


class Reached(NamedTuple):
    """What may stand at a path: `values` that were seen; possibly nothing (`absent`); possibly more than was seen.

    `unseen` is then where that comes from.
    """

    values: tuple[Value, ...] = ()
    absent: bool = False
    unseen: Origin | None = None


class Outcome(Enum):
    """Whether an action is needed, judged by its conditions."""

    HOLDS = "holds"
    FAILS = "fails"
    UNSEEN = "unseen"


def reach(parameters: Mapping, path: str) -> Reached:
    """Return what `parameters` hold at `path`."""
    return _follow(parameters, parse_path(path) or ())


def judge(
    guards: Iterable[Guard], parameters: Mapping, required: Collection[str] = ()
) -> tuple[Outcome, tuple[str, ...]]:
    """Say whether all `guards` hold for a call with `parameters`, and which paths could not be seen.

    Only a parameter whose presence is not visible leaves that open; of a value that is not known, anything holds. The
    `required` parameters are always given, whether visible or not.
    """
    unseen = []
    for guard in guards:
        reached = reach(parameters, guard.path)
        if guard.path in required and reached.unseen is not None:
            reached = Reached((*reached.values, Opaque(reached.unseen)))
        outcome = _judge(guard, reached)
        if outcome is Outcome.FAILS:
            return outcome, ()
        if outcome is Outcome.UNSEEN:
            unseen.append(guard.path)
    return (Outcome.UNSEEN if unseen else Outcome.HOLDS), tuple(unseen)


def _judge(guard: Guard, reached: Reached) -> Outcome:
    if guard.test == "absent":
        return Outcome.HOLDS if reached.absent or reached.unseen is not None else Outcome.FAILS
    if any(_passes(guard, value) for value in reached.values):
        return Outcome.HOLDS
    return Outcome.FAILS if reached.unseen is None else Outcome.UNSEEN


def _passes(guard: Guard, value: Value) -> bool:
    if guard.test == "present" or not isinstance(value, Known):
        return True
    if guard.test == "matches":
        return any(re.match(str(pattern), str(value.value), re.IGNORECASE) for pattern in guard.values)
    # A set would not tell 1 from True.
    same = any(value.value == wanted and isinstance(value.value, type(wanted)) for wanted in guard.values)
    return same == (guard.test == "equals")


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
