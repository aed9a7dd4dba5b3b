"""Why a request was denied: which calls of the program made it, and what has to change for it to be allowed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from analyzer.iam.arn import arn_intersects, parse_arn
from analyzer.iam.denial import Denial
from analyzer.iam.evaluate import Denied, Request, Verdict, action_matches, evaluate
from analyzer.model.policy import Policy
from analyzer.model.requirements import AnyResource, Arns, Requirement

# Kinds of policy, as messages call them, that an Allow in the role's own policies does not help against.
_OUT_OF_REACH: Final = ("service control", "resource control", "resource-based", "VPC endpoint", "role trust")


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is known of a denied request.

    `needs` are the requirements of the program that the request was made for, as far as they concern its resource;
    `elsewhere` are those of the same action or operation on other resources, if there are no `needs`. `verdict` is what
    the granted policy, if there is one, says of the request, and None if that cannot be asked.
    """

    denial: Denial
    needs: tuple[Requirement, ...]
    elsewhere: tuple[Requirement, ...]
    verdict: Verdict | None


def explain_denial(denial: Denial, requirements: Iterable[Requirement], granted: Policy | None = None) -> Explanation:
    """Return which of `requirements` explain `denial`, and what `granted`, the role's policies, says of it."""
    about = [requirement for requirement in requirements if _is_about(requirement, denial)]
    needs = tuple(narrowed for one in about if (narrowed := _on(one, denial.resource)) is not None)
    return Explanation(denial, needs, () if needs else tuple(about), _verdict(denial, needs, granted))


def lacks_a_statement(explanation: Explanation) -> bool:
    """Say whether what is missing is an Allow for the program's need in the role's policies, boundary or session."""
    denial, verdict = explanation.denial, explanation.verdict
    if not explanation.needs or denial.explicit or denial.kind in _OUT_OF_REACH:
        return False
    return not (isinstance(verdict, Denied) and verdict.statement is not None)


def _is_about(requirement: Requirement, denial: Denial) -> bool:
    if denial.action:
        return action_matches(denial.action, requirement.action)
    calls = [reason.call for reason in requirement.reasons if reason.call is not None]
    return any(
        call.operation == denial.operation and denial.service.lower() in ("", call.service.lower()) for call in calls
    )


def _on(requirement: Requirement, resource: str) -> Requirement | None:
    """Return `requirement` on those of its patterns that `resource` is one of; all, where the message names no ARN."""
    if isinstance(requirement.scope, AnyResource) or parse_arn(resource) is None:
        return requirement
    patterns = tuple(pattern for pattern in requirement.scope.patterns if arn_intersects(pattern, resource))
    return replace(requirement, scope=Arns(patterns, requirement.scope.unpinned)) if patterns else None


def _verdict(denial: Denial, needs: Sequence[Requirement], granted: Policy | None) -> Verdict | None:
    action = denial.action or (needs[0].action if len({one.action for one in needs}) == 1 else "")
    if granted is None or not action:
        return None
    resource = denial.resource if parse_arn(denial.resource) is not None else None
    if resource is None and needs and isinstance(needs[0].scope, Arns):
        resource = needs[0].scope.patterns[0]
    return evaluate(Request(action, resource), granted.statements, granted.boundary, granted.session)
