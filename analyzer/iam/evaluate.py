"""Whether policies allow a request, with the statement that decides it.

The logic of one account: an explicit Deny in any policy wins; then every kind of policy that there is has to allow the
request, the identity-based ones together, the permissions boundary and the session's policy each by itself; what is not
allowed is denied. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html.
What a resource-based policy or an organization's policies add is not looked at.

Three-valued, since what is asked about is a request as far as the source shows it: what cannot be decided is unknown,
never allowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from analyzer.iam.arn import Unpinned, arn_contains, arn_intersects, arn_matches, pin_like
from analyzer.iam.conditions import holds
from analyzer.iam.context import Context, Values
from analyzer.iam.pattern import matches
from analyzer.model.policy import PolicyKind, Statement
from analyzer.model.requirements import Condition


@dataclass(frozen=True, slots=True)
class Request:
    """An action on a resource, which is an ARN pattern, or None for a request that names no resource.

    `conditions` are known to hold for the request. What is `unpinned` in the resource is one certain region, account or
    character that nobody said: any one that a statement allows will do. `context` are the values of the context keys
    that are known, whatever the case of their names: a key without values is known to be absent, a key that is not
    there may have any value or none.
    """

    action: str
    resource: str | None
    conditions: tuple[Condition, ...] = ()
    unpinned: frozenset[Unpinned] = frozenset()
    context: Mapping[str, Values] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Allowed:
    """Everything that the request may be is allowed, by `statement`, within the limits set by the statements `within`.

    These allow it in the permissions boundary and in the session's policy, where there are such policies.
    """

    statement: Statement
    within: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Denied:
    """Everything that the request may be is denied: by `statement`, or, if that is None, because nothing allows it.

    `kinds` is what policy the statement is in, or all kinds of policy in which nothing allows the request.
    """

    statement: Statement | None
    kinds: tuple[PolicyKind, ...] = (PolicyKind.IDENTITY,)


@dataclass(frozen=True, slots=True)
class Unknown:
    """It depends on what cannot be seen; `why` says how on `statement`, of a policy of the `kind`, for people."""

    statement: Statement
    why: str
    kind: PolicyKind = PolicyKind.IDENTITY


Verdict = Allowed | Denied | Unknown


class Reach(Enum):
    """How much of what a request may be a statement applies to."""

    ALL = "all"
    SOME = "some"
    NONE = "none"


def evaluate(
    request: Request,
    statements: Iterable[Statement],
    boundary: Iterable[Statement] | None = None,
    session: Iterable[Statement] | None = None,
) -> Verdict:
    """Return whether a role is allowed `request`, denied it, or neither for sure.

    `statements` are those of all its identity-based policies, `boundary` those of its permissions boundary and
    `session` those of the policy of its session; None is that there is no such policy, and sets no limit.
    """
    context = Context(request.context, request.conditions)
    lacking: list[PolicyKind] = []
    doubts: list[Unknown] = []
    allowing: list[Statement] = []
    for kind, policy in (
        (PolicyKind.IDENTITY, statements),
        (PolicyKind.BOUNDARY, boundary),
        (PolicyKind.SESSION, session),
    ):
        if policy is None:
            continue
        match _evaluate_kind(request, policy, context, kind):
            case Denied(statement=None):
                lacking.append(kind)
            case Denied() as denied:
                return denied
            case Unknown() as unknown:
                doubts.append(unknown)
            case Allowed(statement):
                allowing.append(statement)
    if lacking:
        return Denied(None, tuple(lacking))
    return doubts[0] if doubts else Allowed(allowing[0], tuple(allowing[1:]))


def _evaluate_kind(request: Request, statements: Iterable[Statement], context: Context, kind: PolicyKind) -> Verdict:
    """Return what the policies of one kind say of `request`."""
    allowed: Allowed | None = None
    may_deny: Unknown | None = None
    may_allow: Unknown | None = None
    for statement in statements:
        if not applies_to_action(statement, request.action):
            continue
        verdict = _verdict_of(statement, request, context, kind)
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
    return may_allow or Denied(None, (kind,))


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


def _verdict_of(statement: Statement, request: Request, context: Context, kind: PolicyKind) -> Verdict | None:
    """Return what `statement`, which is about the request's action, says of it; None if nothing."""
    reach = _resource_reach(statement, request, context)
    if reach is Reach.NONE:
        return None
    open_conditions = []
    for test in statement.conditions:
        truth = holds(test, context)
        if truth is False:
            return None
        if truth is None:
            open_conditions.append(test)
    denies = statement.effect == "Deny"
    if reach is Reach.ALL and not open_conditions:
        return Denied(statement, (kind,)) if denies else Allowed(statement)
    name = name_of(statement) if kind is PolicyKind.IDENTITY else f"{name_of(statement)} of the {kind}"
    effect = "denied" if denies else "allowed"
    if open_conditions:
        keys = ", ".join(f"{test.operator} {test.key}" for test in open_conditions)
        return Unknown(statement, f"{name} has it {effect} under conditions that cannot be seen: {keys}", kind)
    where = ", ".join(statement.resources) or "other resources than " + ", ".join(statement.not_resources)
    return Unknown(statement, f"{name} has it {effect} on {where}, which may be only a part of it", kind)


def _resource_reach(statement: Statement, request: Request, context: Context) -> Reach:
    if statement.not_resources:
        reaches = {reach_of(excluded, request) for excluded in _resolved(statement.not_resources, context)}
        if Reach.ALL in reaches:
            return Reach.NONE
        return Reach.SOME if Reach.SOME in reaches else Reach.ALL
    # To be allowed in one region is enough where nobody said which one it is; to be denied in one is not.
    adapts = statement.effect == "Allow"
    widest = Reach.NONE
    for granted in _resolved(statement.resources, context):
        reach = reach_of(granted, _pinned(request, granted) if adapts else request)
        if reach is Reach.ALL:
            return reach
        widest = reach if widest is Reach.NONE else widest
    return widest


def _resolved(resources: Iterable[str], context: Context) -> Iterator[str]:
    """Yield `resources` with what is known of their variables; what has a variable without value matches nothing."""
    for resource in resources:
        resolved = context.substitute_in_arn(resource)
        if resolved is not None:
            yield resolved


def _pinned(request: Request, granted: str) -> Request:
    if request.resource is None or not request.unpinned:
        return request
    return replace(request, resource=pin_like(request.resource, granted, request.unpinned), unpinned=frozenset())
