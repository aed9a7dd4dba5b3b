"""The fewest statements that allow what is wanted, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from analyzer.iam.alternatives import joined
from analyzer.iam.arn import arn_contains, widest
from analyzer.model.policy import Statement
from analyzer.model.requirements import Condition

_Conditions = tuple[Condition, ...]


def fewest_statements(wanted: Iterable[tuple[str, str, _Conditions]]) -> tuple[Statement, ...]:
    """Return the statements that allow `wanted`, an action on a resource under conditions each; sorted, without Sids.

    Actions wanted on the same resources under the same conditions share a statement; a resource that another one of the
    same action covers is left out.
    """
    needed: dict[str, dict[_Conditions, set[str]]] = {}
    for action, resource, conditions in wanted:
        needed.setdefault(action, {}).setdefault(tuple(sorted(conditions)), set()).add(resource)
    # What one statement grants besides its actions, and the actions.
    actions: dict[tuple[tuple[str, ...], _Conditions], list[str]] = {}
    for action, by_conditions in needed.items():
        conditions_on: dict[tuple[str, ...], list[_Conditions]] = {}
        for conditions, patterns in by_conditions.items():
            # What is granted without conditions need not be granted again with some.
            others = by_conditions.get((), set()) if conditions else set()
            resources = widest(
                pattern for pattern in patterns if not any(arn_contains(other, pattern) for other in others)
            )
            if resources:
                conditions_on.setdefault(resources, []).append(conditions)
        for resources, alternatives in conditions_on.items():
            for conditions in joined(alternatives):
                actions.setdefault((resources, conditions), []).append(action)
    statements = [
        Statement("Allow", tuple(sorted(names)), resources, conditions)
        for (resources, conditions), names in actions.items()
    ]
    return tuple(sorted(statements, key=lambda made: (made.actions, made.resources, made.conditions)))
