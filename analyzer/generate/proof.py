"""The proof that a generated policy grants what is required and nothing else, given by the evaluator."""

from __future__ import annotations

from collections.abc import Sequence

from analyzer.catalog import expand
from analyzer.errors import LpaError
from analyzer.iam.alternatives import single
from analyzer.iam.arn import arn_contains
from analyzer.iam.evaluate import Allowed, Request, evaluate
from analyzer.iam.pattern import has_wildcard
from analyzer.model.policy import Policy, Statement
from analyzer.model.requirements import Arns, Requirement

_HINT = "this is a defect of lpa: please report it with the source that was analysed"


def prove(policy: Policy, requirements: Sequence[Requirement]) -> None:
    """Raise LpaError unless `policy` allows each of `requirements` and each of its grants is required."""
    for requirement in requirements:
        resources = requirement.scope.patterns if isinstance(requirement.scope, Arns) else (None,)
        for resource in resources:
            request = Request(requirement.action, resource, requirement.conditions)
            if not isinstance(evaluate(request, policy.statements), Allowed):
                raise LpaError(f"the generated policy lacks {requirement.action} on {resource or '*'}", _HINT)
    by_action: dict[str, list[Requirement]] = {}
    for requirement in requirements:
        by_action.setdefault(requirement.action, []).append(requirement)
    for statement in policy.statements:
        for action in (name for pattern in statement.actions for name in _expanded(pattern)):
            for resource in statement.resources:
                needed = [one for one in by_action.get(action, ()) if _requires(one, statement, resource)]
                conditions = {alternative for one in needed for alternative in single(one.conditions)}
                if not needed or ((() not in conditions) and not conditions.issuperset(single(statement.conditions))):
                    raise LpaError(f"the generated policy grants {action} on {resource} without need", _HINT)


def _expanded(action: str) -> tuple[str, ...]:
    return expand(action) if has_wildcard(action) else (action,)


def _requires(requirement: Requirement, statement: Statement, resource: str) -> bool:
    """Say whether `requirement` needs what `statement` grants on `resource`, conditions aside."""
    if statement.effect != "Allow" or has_wildcard(requirement.action):
        return False
    if isinstance(requirement.scope, Arns):
        return any(arn_contains(pattern, resource) for pattern in requirement.scope.patterns)
    return resource == "*"
