"""What a change of policy gives and takes away, in actions on resources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from analyzer.catalog import expand, find_action
from analyzer.catalog.effect import takes
from analyzer.iam.arn import arn_intersects
from analyzer.iam.evaluate import Allowed, Denied, Request, Unknown, Verdict, applies_to_action, evaluate
from analyzer.iam.pattern import has_wildcard
from analyzer.model.location import Location
from analyzer.model.policy import Policy, Statement
from analyzer.model.requirements import Condition


@dataclass(frozen=True, slots=True)
class Access:
    """Actions, sorted, that a policy allows on a resource pattern under conditions, and where it says so.

    `patterns` are the actions as the statement writes them, of which these may be a part. `other` is what the other
    policy allows of them: resource patterns that meet this one, and what sets its statements apart where that is a
    condition. It is empty if the other policy allows none of it.
    """

    actions: tuple[str, ...]
    resource: str
    conditions: tuple[Condition, ...]
    location: Location | None
    patterns: tuple[str, ...]
    other: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """The access that a new policy adds to an old one, and what it removes; `undecided` are reasons in words."""

    added: tuple[Access, ...]
    removed: tuple[Access, ...]
    undecided: tuple[str, ...]


def change(old: Policy, new: Policy) -> Change:
    """Return what differs between what `old` and `new` allow, boundaries and denials taken into account.

    Action wildcards stand for the actions that the catalogue knows. What one policy allows and the other allows only in
    part, or only under conditions, is access added or removed, with the part that both allow beside it. A statement
    that allows all but what it names cannot be listed and is undecided unless the other policy has it too, and so is a
    policy whose document is not seen.
    """
    undecided = [*_unlisted(old, new, "removed"), *_unlisted(new, old, "added")]
    for policy, other, what in ((old, new, "removed"), (new, old, "added")):
        references = {(one.arn, one.kind) for one in other.unseen}
        undecided += [
            f"the {one.kind} {one.arn} is not seen, so what it allows may be {what}"
            for one in policy.unseen
            if (one.arn, one.kind) not in references
        ]
    return Change(tuple(_surplus(new, old)), tuple(_surplus(old, new)), tuple(dict.fromkeys(undecided)))


def _unlisted(policy: Policy, other: Policy, what: str) -> Iterator[str]:
    known = {replace(one, sid="") for one in other.statements}
    for statement in policy.statements:
        element = "NotAction" if statement.not_actions else "NotResource" if statement.not_resources else ""
        if element and statement.effect == "Allow" and replace(statement, sid="") not in known:
            place = f" at {statement.location}" if statement.location else ""
            yield f"the statement{place} allows all but what its {element} names; what is {what} cannot be listed"


class _Evaluator:
    """Asks one policy about many requests: the statements are looked up by action, not matched each time."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._identity = _Statements(policy.statements)
        self._boundary = None if policy.boundary is None else _Statements(policy.boundary)
        self._session = None if policy.session is None else _Statements(policy.session)

    def verdict(self, request: Request) -> Verdict:
        return evaluate(
            request,
            self.about(request.action),
            None if self._boundary is None else self._boundary.about(request.action),
            None if self._session is None else self._session.about(request.action),
        )

    def about(self, action: str) -> tuple[Statement, ...]:
        """Return the identity-based statements about `action`, as if they were about nothing else."""
        return self._identity.about(action)


class _Statements:
    """Statements by the actions of the catalogue that they are about."""

    def __init__(self, statements: Iterable[Statement]) -> None:
        self._all = tuple(statements)
        self._about: dict[str, list[Statement]] = {}
        for statement in self._all:
            for action in {action.lower() for pattern in statement.actions for action in _expanded(pattern)}:
                self._about.setdefault(action, []).append(statement)

    def about(self, action: str) -> tuple[Statement, ...]:
        if find_action(action) is None:
            return tuple(one for one in self._all if applies_to_action(one, action))
        named = (replace(one, actions=(action,)) for one in self._about.get(action.lower(), ()))
        return (*named, *(one for one in self._all if one.not_actions))


def _expanded(action: str) -> tuple[str, ...]:
    return expand(action) if has_wildcard(action) else (action,)


def _surplus(policy: Policy, other: Policy) -> Iterator[Access]:
    """Yield what `policy` allows and `other` does not allow in full."""
    own, others = _Evaluator(policy), _Evaluator(other)
    for statement in policy.statements:
        if statement.effect != "Allow" or statement.not_actions or statement.not_resources:
            continue
        for resource in statement.resources:
            by_rest: dict[tuple[str, ...], list[str]] = {}
            for action in _actions(statement, other, policy):
                request = Request(action, resource, statement.conditions)
                if not takes(action, resource) or isinstance(own.verdict(request), Denied):
                    continue
                verdict = others.verdict(request)
                if not isinstance(verdict, Allowed):
                    parts = _parts(request, others.about(action)) if isinstance(verdict, Unknown) else ()
                    by_rest.setdefault(tuple(sorted(parts)), []).append(action)
            for rest, actions in by_rest.items():
                yield Access(
                    tuple(actions), resource, statement.conditions, statement.location, statement.actions, rest
                )


def _actions(statement: Statement, other: Policy, policy: Policy) -> Iterator[str]:
    """Yield the actions of `statement`, leaving out what `other` plainly has as it is."""
    same = {
        action
        for one in other.statements
        if one.effect == "Allow"
        and set(statement.resources) <= set(one.resources)
        and one.conditions in ((), statement.conditions)
        for action in one.actions
    }
    denies = any(one.effect == "Deny" for one in (*policy.statements, *other.statements)) or other.boundary is not None
    found: dict[str, None] = {}
    for pattern in statement.actions:
        if pattern not in same or denies:
            found.update(dict.fromkeys(_expanded(pattern)))
    return iter(sorted(found))


def _parts(request: Request, statements: Iterable[Statement]) -> set[str]:
    """Return what of `request` some of `statements` allow, in words."""
    return {
        f"{resource}{_under(statement.conditions)}"
        for statement in statements
        if statement.effect == "Allow" and applies_to_action(statement, request.action)
        for resource in statement.resources
        if arn_intersects(resource, str(request.resource))
    }


def _under(conditions: Iterable[Condition]) -> str:
    tests = [f"{one.operator} {one.key} {', '.join(one.values)}" for one in conditions]
    return f" if {' and '.join(tests)}" if tests else ""
