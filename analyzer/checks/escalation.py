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
    holder = _Holder(identity)
    for fact in check_rule("privilege-escalation").facts:
        granted = holder.granted(fact)
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


class _Holder:
    """An identity without the statements that allow everything anyway, asked by which statement it has an action."""

    def __init__(self, identity: Identity) -> None:
        self._statements = [
            one for one in identity.grants if one.effect == "Deny" or not any(map(is_everything, one.actions))
        ]
        self._boundary = identity.boundary
        self._known: dict[tuple[str, str], Statement | None] = {}

    def granted(self, fact: Fact) -> _Granted | None:
        """Return the actions of a combination, each with its statement; None if the identity lacks one of them."""
        parts: list[tuple[str, Statement]] = []
        for action in fact.values:
            # A role is passed to a service; the other actions of a combination are the same whatever the service.
            key = (action, fact.to if action == PASS_ROLE else "")
            if key not in self._known:
                self._known[key] = self._granter(*key)
            statement = self._known[key]
            if statement is None:
                return None
            parts.append((action, statement))
        return tuple(parts)

    def _granter(self, name: str, passed_to: str) -> Statement | None:
        """Return the statement that allows the action `name` on everything of the kinds it needs."""
        action = find_action(name)
        candidates = [one for one in self._statements if one.effect == "Allow" and applies_to_action(one, name)]
        if action is None or not candidates:
            return None
        context = {"iam:PassedToService": (passed_to,)} if passed_to else {}
        if not action.resource_types:
            return self._allowing(Request(name, None, context=context))
        required = [kind for kind in action.resource_types if kind.required]
        granters = []
        for kind in required or action.resource_types:
            reached = (every_of(kind, action, candidate) for candidate in candidates)
            patterns = dict.fromkeys(pattern for _, pattern in filter(None, reached))
            verdicts = (self._allowing(Request(name, pattern, context=context)) for pattern in patterns)
            granters.append(next(filter(None, verdicts), None))
        if required and None in granters:
            return None
        return next(filter(None, granters), None)

    def _allowing(self, request: Request) -> Statement | None:
        rest = self._statements
        while True:
            verdict = evaluate(request, rest, self._boundary)
            if isinstance(verdict, Allowed):
                return verdict.statement
            # To be denied a part of the resources leaves the others.
            partial = isinstance(verdict, Unknown) and verdict.statement.effect == "Deny"
            if not isinstance(verdict, Unknown) or not partial or verdict.statement.conditions:
                return None
            remaining = [one for one in rest if one != verdict.statement]
            if len(remaining) == len(rest):
                return None
            rest = remaining


def _place(action: str, statement: Statement) -> Location:
    return place_of(statement, "Action", next(granting(statement, action), action))
