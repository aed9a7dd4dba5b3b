"""Whether a rule's conditions hold for a call, as far as its parameters are known."""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import Enum
from typing import NamedTuple

from analyzer.authorize.parameters import Reached, reach
from analyzer.authorize.texts import WORD
from analyzer.iam import pattern
from analyzer.model.values import Known, Mapping, Opaque, Text, Value
from analyzer.rules import ITEMS, Guard, Guards


class Outcome(Enum):
    """Whether an action is needed, judged by its conditions."""

    HOLDS = "holds"
    FAILS = "fails"
    UNSEEN = "unseen"


class _Passing(NamedTuple):
    """Whether a value may pass a test, and whether it is certain to."""

    possible: bool
    certain: bool


def judge(guards: Guards, parameters: Mapping, required: Collection[str] = ()) -> tuple[Outcome, tuple[str, ...]]:
    """Say whether all `guards` hold for a call with `parameters`, and which paths could not be seen.

    Only a parameter whose presence is not visible leaves that open; of a value that is not known, anything holds that
    it may be. The `required` parameters are always given, whether visible or not, and lists among them hold something.
    """
    unseen: list[str] = []
    for clause in guards:
        outcomes = [_judge(guard, _reached(guard.path, parameters, required)) for guard in clause]
        if Outcome.HOLDS in outcomes:
            continue
        if Outcome.UNSEEN not in outcomes:
            return Outcome.FAILS, ()
        unseen += [guard.path for guard, one in zip(clause, outcomes, strict=True) if one is Outcome.UNSEEN]
    return (Outcome.UNSEEN if unseen else Outcome.HOLDS), tuple(dict.fromkeys(unseen))


def passing(path: str, value: Value, guards: Guards) -> bool:
    """Say whether `value`, one of those at `path`, is one that `guards` are about: an action that is needed for some
    values of a parameter is needed on the resources that those name.
    """
    return all(any(_passes(guard, value) for guard in clause) for clause in guards if _is_about(clause, path))


def _is_about(clause: tuple[Guard, ...], path: str) -> bool:
    return all(guard.path == path and guard.values for guard in clause)


def _reached(path: str, parameters: Mapping, required: Collection[str]) -> Reached:
    reached = reach(parameters, path)
    if reached.unseen is not None and path.rstrip(ITEMS) in required:
        return Reached((*reached.values, Opaque(reached.unseen)))
    return reached


def _judge(guard: Guard, reached: Reached) -> Outcome:
    if guard.test == "absent":
        return Outcome.HOLDS if reached.absent or reached.unseen is not None else Outcome.FAILS
    if any(_passes(guard, value) for value in reached.values):
        return Outcome.HOLDS
    return Outcome.FAILS if reached.unseen is None or guard.certain else Outcome.UNSEEN


def _passes(guard: Guard, value: Value) -> bool:
    if guard.test == "present":
        return True
    result = _tested(guard, value)
    return result.certain if guard.certain else result.possible


def _tested(guard: Guard, value: Value) -> _Passing:
    match guard.test:
        case "equals":
            return _equal(guard, value)
        case "like":
            return _alike(guard, value)
        case "matches":
            return _matching(guard, value)
        case "not_equals":
            equal = _equal(guard, value)
        case _:
            equal = _alike(guard, value)
    return _Passing(not equal.certain, not equal.possible)


def _equal(guard: Guard, value: Value) -> _Passing:
    if isinstance(value, Known):
        # A set would not tell 1 from True.
        same = any(value.value == wanted and isinstance(value.value, type(wanted)) for wanted in guard.values)
        return _Passing(same, same)
    known = _pattern(value)
    texts = [wanted for wanted in guard.values if isinstance(wanted, str)]
    return _Passing(known is None or any(pattern.matches(known, text) for text in texts), certain=False)


def _alike(guard: Guard, value: Value) -> _Passing:
    known = _pattern(value)
    if known is None:
        return _Passing(possible=True, certain=False)
    known = known.lstrip().lower()
    wanted = [str(one).lower() for one in guard.values]
    return _Passing(
        any(pattern.intersects(one, known) for one in wanted), any(pattern.contains(one, known) for one in wanted)
    )


def _matching(guard: Guard, value: Value) -> _Passing:
    """Hold a regular expression against `value`, in which an unknown part counts as a word."""
    if isinstance(value, Known):
        text = str(value.value)
    elif isinstance(value, Text) and isinstance(value.parts[0], str):
        text = "".join(part if isinstance(part, str) else WORD for part in value.parts)
    else:
        return _Passing(possible=True, certain=False)
    found = any(re.match(str(wanted), text, re.IGNORECASE) for wanted in guard.values)
    return _Passing(found, found and isinstance(value, Known))


def _pattern(value: Value) -> str | None:
    """Return the wildcard pattern of the texts that `value` may be, or None if it may be something else."""
    if isinstance(value, Known):
        return pattern.escape(str(value.value))
    if isinstance(value, Text):
        return "".join(pattern.escape(part) if isinstance(part, str) else "*" for part in value.parts)
    return None
