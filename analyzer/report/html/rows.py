"""What a function needs and what it is granted, as rows: an action on a resource, and what is to be said of that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from analyzer.access import FunctionAccess
from analyzer.catalog import expand, find_action
from analyzer.iam.pattern import has_wildcard
from analyzer.model.location import Location
from analyzer.model.policy import Comparison, PolicyReference, Statement, TooBroad
from analyzer.model.requirements import Reason, Requirement
from analyzer.report.sites import resource_patterns

MANAGED: Final = "managed policies"
"""What stands in place of a service for an AWS managed policy, which is judged as a whole."""
SEVERAL_LEVELS: Final = "Several levels"
UNKNOWN_LEVEL: Final = "Unknown level"


class State(StrEnum):
    """What is to be said of an access, from what matters most to what matters least."""

    MISSING = "missing"
    BROAD = "broad"
    UNUSED = "unused"
    UNDECIDED = "undecided"
    USED = "used"


@dataclass(frozen=True, slots=True)
class Row:
    """`action` on `resource`, needed for `reasons` or granted at `place`; `statements` are those that allow or deny it.

    `instead` are the statements that would do, or that are to be added. `why` says what else is to be known.
    """

    state: State
    action: str
    resource: str
    reasons: tuple[Reason, ...] = ()
    statements: tuple[Statement, ...] = ()
    place: Location | None = None
    instead: tuple[Statement, ...] = ()
    why: str = ""

    @property
    def service(self) -> str:
        """The prefix of the action; of a managed policy `MANAGED`."""
        return MANAGED if self.action == MANAGED else self.action.partition(":")[0].lower()

    @property
    def level(self) -> str:
        """The access level of the action, or what stands for several; of a managed policy nothing."""
        return "" if self.action == MANAGED else _level(self.action)


def rows(function: FunctionAccess) -> tuple[Row, ...]:
    """Return the rows of a function, those that matter most first, then by action and resource."""
    compared = function.comparison
    found = [*_needs(compared), *_grants(compared)]
    order = {state: number for number, state in enumerate(State)}
    return tuple(sorted(_joined(found), key=lambda row: (order[row.state], row.service, row.action, row.resource)))


def _needs(compared: Comparison) -> Iterator[Row]:
    from analyzer.generate import generate

    judged: set[tuple[str, str]] = set()
    doubtful: list[Requirement] = []
    for missing in compared.missing:
        need = missing.requirement
        denial = missing.denied_by
        add = () if denial is not None else generate((need,)).statements
        why = "" if denial is None else "a statement denies it, which no other statement can change"
        for pattern in missing.patterns:
            judged.add((need.action, pattern))
            yield Row(State.MISSING, need.action, pattern, need.reasons, (denial,) if denial else (), None, add, why)
        doubtful.append(need)
    for undecided in compared.undecided:
        if isinstance(undecided.subject, Requirement):
            need = undecided.subject
            for pattern in undecided.patterns:
                judged.add((need.action, pattern))
                yield Row(State.UNDECIDED, need.action, pattern, need.reasons, why=undecided.why)
            doubtful.append(need)
    # Of what is missing or undecided in part, the rest is granted.
    for need in doubtful:
        for pattern in resource_patterns(need):
            if (need.action, pattern) not in judged:
                yield Row(State.USED, need.action, pattern, need.reasons)
    for covered in compared.covered:
        need = covered.requirement
        for pattern in resource_patterns(need):
            yield Row(State.USED, need.action, pattern, need.reasons, (*covered.by, *covered.within))


def _grants(compared: Comparison) -> Iterator[Row]:
    for unused in compared.unused:
        yield from _grant(State.UNUSED, unused.statement, unused.action, unused.statement.resources)
    for broad in compared.too_broad:
        resources = broad.too_wide or broad.statement.resources
        why = _why_broad(broad)
        yield from _grant(State.BROAD, broad.statement, broad.action, resources, broad.replacement, why)
    for managed in compared.managed:
        state = State.BROAD if managed.replacement else State.UNUSED
        yield _managed(state, managed.reference, managed.replacement, "")
    for undecided in compared.undecided:
        match undecided.subject:
            case Statement() as statement:
                for action in (undecided.action,) if undecided.action else statement.actions or ("*",):
                    resources = statement.resources or ("*",)
                    yield from _grant(State.UNDECIDED, statement, action, resources, why=undecided.why)
            case PolicyReference() as reference:
                yield _managed(State.UNDECIDED, reference, (), undecided.why)


def _grant(
    state: State,
    statement: Statement,
    action: str,
    resources: Iterable[str],
    instead: tuple[Statement, ...] = (),
    why: str = "",
) -> Iterator[Row]:
    for resource in resources:
        place = statement.place("Action", action)
        yield Row(state, action, resource, statements=(statement,), place=place, instead=instead, why=why)


def _managed(state: State, reference: PolicyReference, instead: tuple[Statement, ...], why: str) -> Row:
    return Row(state, MANAGED, reference.arn, place=reference.location, instead=instead, why=why)


def _why_broad(broad: TooBroad) -> str:
    if broad.conditions and not broad.too_wide:
        return f"it lacks conditions on {', '.join(sorted({test.key for test in broad.conditions}))}"
    return "its resources are wider than needed" if broad.too_wide else "the action stands for more than is needed"


def _joined(found: Iterable[Row]) -> Iterator[Row]:
    """Yield one row for each state, action and resource, with all its reasons and statements."""
    by_key: dict[tuple[object, ...], list[Row]] = {}
    for row in found:
        by_key.setdefault((row.state, row.action, row.resource, row.place), []).append(row)
    for group in by_key.values():
        first = group[0]
        yield Row(
            first.state,
            first.action,
            first.resource,
            tuple({reason: None for row in group for reason in row.reasons}),
            tuple({statement: None for row in group for statement in row.statements}),
            first.place,
            tuple({statement: None for row in group for statement in row.instead}),
            "; ".join({row.why: None for row in group if row.why}),
        )


@lru_cache(maxsize=4096)
def _level(action: str) -> str:
    if not has_wildcard(action):
        known = find_action(action)
        return known.access_level if known is not None else UNKNOWN_LEVEL
    if has_wildcard(action.partition(":")[0]):
        return SEVERAL_LEVELS
    levels = {known.access_level for name in expand(action) if (known := find_action(name)) is not None}
    return levels.pop() if len(levels) == 1 else SEVERAL_LEVELS
