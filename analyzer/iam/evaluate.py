"""Whether statements allow a request, with the statement that decides it.

The logic of one account's identity-based policies: an explicit Deny wins, then an Allow, and what no statement allows
is denied (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html). Three-valued,
since what is asked about is a request as far as the source shows it: what cannot be decided is unknown, never allowed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from analyzer.iam.arn import Unpinned, arn_contains, arn_intersects, arn_matches, pin_like
from analyzer.iam.pattern import matches
from analyzer.model.policy import Statement
from analyzer.model.requirements import Condition


@dataclass(frozen=True, slots=True)
class Request:
    """An action on a resource, which is an ARN pattern, or None for a request that names no resource.

    `conditions` are known to hold for the request. What is `unpinned` in the resource is one certain region, account or
    character that nobody said: any one that a statement allows will do.
    """

    action: str
    resource: str | None
    conditions: tuple[Condition, ...] = ()
    unpinned: frozenset[Unpinned] = frozenset()


@dataclass(frozen=True, slots=True)
class Allowed:
    """Everything that the request may be is allowed, by `statement`."""

    statement: Statement


@dataclass(frozen=True, slots=True)
class Denied:
    """Everything that the request may be is denied: by `statement`, or, if that is None, because nothing allows it."""

    statement: Statement | None


@dataclass(frozen=True, slots=True)
class Unknown:
    """It depends on what cannot be seen; `why` says how on `statement`, for people."""

    statement: Statement
    why: str


Verdict = Allowed | Denied | Unknown


class Reach(Enum):
    """How much of what a request may be a statement applies to."""

    ALL = "all"
    SOME = "some"
    NONE = "none"


def evaluate(request: Request, statements: Iterable[Statement]) -> Verdict:
    """Return whether `statements` together allow `request`, deny it, or neither for sure."""
    allowed: Allowed | None = None
    may_deny: Unknown | None = None
    may_allow: Unknown | None = None
    for statement in statements:
        if not applies_to_action(statement, request.action):
            continue
        verdict = _verdict_of(statement, request)
        match verdict:
            case Denied():
                return verdict
            case Allowed():
                allowed = allowed or verdict
            case Unknown() if statement.effect == "Deny":
                may_deny = may_deny or verdict
            case Unknown():
                may_allow = may_allow or verdict
    if allowed is not None:
        return may_deny or allowed
    return may_allow or Denied(None)


def applies_to_action(statement: Statement, action: str) -> bool:
    """Say whether `statement` is about `action`; case does not matter.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html.
    """
    if statement.not_actions:
        return not any(action_matches(pattern, action) for pattern in statement.not_actions)
    return any(action_matches(pattern, action) for pattern in statement.actions)


def action_matches(pattern: str, action: str) -> bool:
    """Say whether the action pattern of a policy matches `action`; case does not matter."""
    return matches(pattern.lower(), action.lower())


def reach_of(granted: str, request: Request) -> Reach:
    """Return how much of the request's resource the resource pattern `granted` of a statement matches."""
    if request.resource is None:
        return Reach.ALL if arn_matches(granted, "*") else Reach.NONE
    if arn_contains(granted, request.resource):
        return Reach.ALL
    return Reach.SOME if arn_intersects(granted, request.resource) else Reach.NONE


def name_of(statement: Statement) -> str:
    """Return how to call `statement` in a message: by its Sid, by its place, or just so."""
    if statement.sid:
        return f'statement "{statement.sid}"'
    return f"the statement at {statement.location}" if statement.location else "a statement"


def _verdict_of(statement: Statement, request: Request) -> Verdict | None:
    """Return what `statement`, which is about the request's action, says of it; None if nothing."""
    denies = statement.effect == "Deny"
    reach = _resource_reach(statement, request)
    if reach is Reach.NONE:
        return None
    open_conditions = [test for test in statement.conditions if not _is_implied(test, request.conditions)]
    effect = "denied" if denies else "allowed"
    if open_conditions:
        names = ", ".join(f"{test.operator} {test.key}" for test in open_conditions)
        return Unknown(statement, f"{name_of(statement)} has it {effect} under conditions that cannot be seen: {names}")
    if reach is Reach.SOME:
        where = ", ".join(statement.resources) or "other resources than " + ", ".join(statement.not_resources)
        return Unknown(statement, f"{name_of(statement)} has it {effect} on {where}, which may be only a part of it")
    return Denied(statement) if denies else Allowed(statement)


def _resource_reach(statement: Statement, request: Request) -> Reach:
    if statement.not_resources:
        reaches = {reach_of(excluded, request) for excluded in statement.not_resources}
        if Reach.ALL in reaches:
            return Reach.NONE
        return Reach.SOME if Reach.SOME in reaches else Reach.ALL
    # To be allowed in one region is enough where nobody said which one it is; to be denied in one is not.
    adapts = statement.effect == "Allow"
    reaches = {reach_of(granted, _pinned(request, granted) if adapts else request) for granted in statement.resources}
    if Reach.ALL in reaches:
        return Reach.ALL
    return Reach.SOME if Reach.SOME in reaches else Reach.NONE


def _pinned(request: Request, granted: str) -> Request:
    if request.resource is None or not request.unpinned:
        return request
    return Request(request.action, pin_like(request.resource, granted, request.unpinned), request.conditions)


def _is_implied(test: Condition, known: tuple[Condition, ...]) -> bool:
    """Say whether `test` holds for every request for which all of `known` hold."""
    for fact in known:
        if (fact.operator.lower(), fact.key.lower()) != (test.operator.lower(), test.key.lower()):
            continue
        # The values are alternatives, so allowing more of them asks less; under a negated operator it asks more.
        negated = "not" in test.operator.lower() or test.operator.lower() == "null"
        if set(fact.values) == set(test.values) or (not negated and set(fact.values) <= set(test.values)):
            return True
    return False
