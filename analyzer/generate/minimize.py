"""The fewest statements that grant a set of requirements, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from analyzer.generate.alternatives import joined
from analyzer.generate.naming import with_sids
from analyzer.generate.proof import prove
from analyzer.generate.wildcards import abbreviated
from analyzer.iam.arn import arn_contains, widest
from analyzer.model.policy import Policy, Statement
from analyzer.model.requirements import Arns, Condition, Requirement

# What one statement grants besides its actions, and the actions: the resources and the conditions.
_Grant = tuple[tuple[str, ...], tuple[Condition, ...]]


def generate(requirements: Iterable[Requirement], *, wildcards: bool = False) -> Policy:
    """Return the policy that grants exactly `requirements`, the same for the same requirements in any order.

    Actions needed on the same resources under the same conditions share a statement; a resource that another one of the
    same action covers is left out. What only the platform needs is kept in statements of its own, after the others.
    No requirements give no statements. `wildcards` writes actions as patterns where these match nothing else. Raises
    LpaError if the result, evaluated, does not grant exactly `requirements`.
    """
    wanted = tuple(requirements)
    code = [requirement for requirement in wanted if _has_call(requirement)]
    platform = [requirement for requirement in wanted if not _has_call(requirement)]
    statements = [*_statements(code), *_statements(platform)]
    if wildcards:
        statements = [replace(statement, actions=abbreviated(statement.actions)) for statement in statements]
    policy = Policy(with_sids(statements))
    prove(policy, wanted)
    return policy


def _has_call(requirement: Requirement) -> bool:
    return any(reason.call is not None for reason in requirement.reasons)


def _statements(requirements: Iterable[Requirement]) -> Iterator[Statement]:
    needed: dict[str, dict[tuple[Condition, ...], set[str]]] = {}
    for requirement in requirements:
        under = needed.setdefault(requirement.action, {}).setdefault(tuple(sorted(requirement.conditions)), set())
        under.update(requirement.scope.patterns if isinstance(requirement.scope, Arns) else ("*",))
    actions: dict[_Grant, list[str]] = {}
    for action, by_conditions in needed.items():
        conditions_on: dict[tuple[str, ...], list[tuple[Condition, ...]]] = {}
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
    return iter(sorted(statements, key=lambda made: (made.actions, made.resources, made.conditions)))
