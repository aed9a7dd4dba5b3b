"""The fewest statements that grant a set of requirements, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from analyzer.generate.naming import with_sids
from analyzer.generate.proof import prove
from analyzer.generate.wildcards import abbreviated
from analyzer.iam.fewest import fewest_statements
from analyzer.model.policy import Policy, Statement
from analyzer.model.requirements import Arns, Requirement


def generate(requirements: Iterable[Requirement], *, wildcards: bool = False) -> Policy:
    """Return the policy that grants exactly `requirements`, the same for the same requirements in any order.

    Actions needed on the same resources under the same conditions share a statement; a resource that another one of the
    same action covers is left out. What only the platform needs is kept in statements of its own, after the others,
    unless one of these is the same.
    No requirements give no statements. `wildcards` writes actions as patterns where these match nothing else. Raises
    LpaError if the result, evaluated, does not grant exactly `requirements`.
    """
    wanted = tuple(requirements)
    code = [requirement for requirement in wanted if _has_call(requirement)]
    platform = [requirement for requirement in wanted if not _has_call(requirement)]
    # The same statement twice would have the same Sid twice, which IAM refuses.
    statements = list(dict.fromkeys([*_statements(code), *_statements(platform)]))
    if wildcards:
        statements = [replace(statement, actions=abbreviated(statement.actions)) for statement in statements]
    policy = Policy(with_sids(statements))
    prove(policy, wanted)
    return policy


def _has_call(requirement: Requirement) -> bool:
    return any(reason.call is not None for reason in requirement.reasons)


def _statements(requirements: Iterable[Requirement]) -> tuple[Statement, ...]:
    return fewest_statements(
        (requirement.action, resource, requirement.conditions)
        for requirement in requirements
        for resource in (requirement.scope.patterns if isinstance(requirement.scope, Arns) else ("*",))
    )
