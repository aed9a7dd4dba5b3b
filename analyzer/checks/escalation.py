"""The check for actions by which their holder can give itself more permissions: alone, and in combination."""

from __future__ import annotations

from collections.abc import Iterator

from analyzer.catalog import find_action
from analyzer.checks.rule import Fact, check_rule
from analyzer.checks.statements import every_of, granting, is_everything, place_of
from analyzer.checks.subject import Observation
from analyzer.checks.unscoped import PASS_ROLE
from analyzer.iam.evaluate import Allowed, Request, Unknown, applies_to_action, evaluate
from analyzer.iam.inventory import Identity
from analyzer.model.findings import Related
from analyzer.model.location import Location
from analyzer.model.policy import Statement

# Actions, each with the statement that grants it.
_Granted = tuple[tuple[str, Statement], ...]


def escalations(identity: Identity) -> Iterator[Observation]:
    """Say by which published combinations of actions the identity can gain permissions that it does not have.

    Every action of a combination has to be allowed on everything of a kind: what can be done with one named resource
    depends on what that is. What is denied, outside the permissions boundary or under conditions that cannot be seen is
    left out, and so is what an identity has that is allowed everything anyway.
    """
    found: dict[frozenset[Location], list[_Granted]] = {}
    for fact in check_rule("privilege-escalation").facts:
        granted = _granted(fact, identity)
        if granted is not None:
            places = frozenset(_place(action, statement) for action, statement in granted)
            found.setdefault(places, []).append(granted)
    for combinations in found.values():
        first, *others = dict.fromkeys(part for granted in combinations for part in granted)
        place = _place(*first)
        ways = "; ".join(" with ".join(action for action, _ in granted) for granted in combinations)
        elsewhere = {_place(*part): part[0] for part in others if _place(*part) != place}
        related = tuple(Related(f"{action} is allowed here", where) for where, action in elsewhere.items())
        yield Observation(f"permissions can be raised by {ways}", place, related)


def _granted(fact: Fact, identity: Identity) -> _Granted | None:
    parts: list[tuple[str, Statement]] = []
    for action in fact.values:
        statement = _granter(action, fact.to, identity)
        if statement is None:
            return None
        parts.append((action, statement))
    return tuple(parts)


def _granter(name: str, passed_to: str, identity: Identity) -> Statement | None:
    """Return the statement by which the identity is allowed the action `name` on everything of the kinds it needs."""
    action = find_action(name)
    statements = [
        one for one in identity.grants if not (one.effect == "Allow" and any(map(is_everything, one.actions)))
    ]
    candidates = [one for one in statements if one.effect == "Allow" and applies_to_action(one, name)]
    if action is None or not candidates:
        return None
    context = {"iam:PassedToService": (passed_to,)} if name == PASS_ROLE and passed_to else {}
    if not action.resource_types:
        return _allowing(Request(name, None, context=context), statements, identity)
    required = [kind for kind in action.resource_types if kind.required]
    granters = []
    for kind in required or action.resource_types:
        reached = (every_of(kind, action, candidate) for candidate in candidates)
        patterns = dict.fromkeys(pattern for _, pattern in filter(None, reached))
        verdicts = (_allowing(Request(name, pattern, context=context), statements, identity) for pattern in patterns)
        granters.append(next(filter(None, verdicts), None))
    if required and None in granters:
        return None
    return next(filter(None, granters), None)


def _allowing(request: Request, statements: list[Statement], identity: Identity) -> Statement | None:
    # To be denied a part of the resources leaves the others.
    rest = statements
    while True:
        verdict = evaluate(request, rest, identity.boundary)
        if isinstance(verdict, Allowed):
            return verdict.statement
        if not isinstance(verdict, Unknown) or verdict.statement.effect == "Allow" or verdict.statement.conditions:
            return None
        if verdict.statement not in rest:
            return None
        rest = [one for one in rest if one != verdict.statement]


def _place(action: str, statement: Statement) -> Location:
    return place_of(statement, "Action", next(granting(statement, action), action))
