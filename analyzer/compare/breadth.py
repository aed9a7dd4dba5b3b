"""How far a grant goes beyond what is used of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from analyzer.catalog.effect import takes
from analyzer.compare.requests import Use, resource_under
from analyzer.iam.alternatives import single
from analyzer.iam.arn import arn_contains, arn_intersects, arn_matches
from analyzer.iam.conditions import holds
from analyzer.iam.context import Context
from analyzer.iam.evaluate import Denied, Request, applies_to_action, evaluate
from analyzer.iam.fewest import fewest_statements
from analyzer.iam.pattern import has_wildcard
from analyzer.model.policy import Policy, Statement
from analyzer.model.requirements import Condition

_Conditions = tuple[Condition, ...]


class Effects:
    """What is left of the grants of `granted` where Deny statements, a boundary or a session policy take it away."""

    def __init__(self, granted: Policy) -> None:
        self._granted = granted
        policies = (granted.statements, granted.boundary or (), granted.session or ())
        self._denials = [one for policy in policies for one in policy if one.effect == "Deny"]
        self._is_limited = bool(self._denials) or granted.boundary is not None or granted.session is not None

    def left(self, statement: Statement, action: str, resource: str) -> tuple[str, ...]:
        """Return, as resource patterns, what `statement` still allows of its `action` on its `resource`.

        What only a part of is taken away is left as it is, unless it is all but what a Deny with NotResource names.
        """
        if not takes(action, resource):
            return ()
        if not self._is_limited:
            return (resource,)
        limits = self._granted.boundary, self._granted.session
        request = Request(action, resource, statement.conditions)
        if isinstance(evaluate(request, self._granted.statements, *limits), Denied):
            return ()
        patterns: tuple[str, ...] = (resource,)
        context = Context({}, statement.conditions)
        for denial in self._denials:
            applies = denial.not_resources and applies_to_action(denial, action)
            if applies and all(holds(test, context) for test in denial.conditions):
                patterns = tuple(_narrowed(patterns, denial.not_resources))
        return tuple(pattern for pattern in patterns if takes(action, pattern))


def _narrowed(patterns: Iterable[str], limits: Sequence[str]) -> Iterator[str]:
    """Yield `patterns` as far as they are within `limits`, or as they are where no pattern says what that is."""
    for pattern in patterns:
        meeting = [limit for limit in limits if arn_intersects(limit, pattern)]
        yield from meeting if all(arn_contains(pattern, limit) for limit in meeting) else (pattern,)


def concerns(statement: Statement, use: Use) -> bool:
    """Say whether `statement`, which is about the action of `use`, may allow some of it."""
    context = Context(use.request.context, use.request.conditions)
    if any(holds(test, context) is False for test in statement.conditions):
        return False
    return any(resource_under(use.request, granted) is not None for granted in statement.resources)


def open_conditions(statement: Statement, uses: Iterable[Use]) -> _Conditions:
    """Return the conditions of `statement` that no use is known to meet, so that they may narrow it to what is used."""
    contexts = [Context(use.request.context, use.request.conditions) for use in uses]
    return tuple(test for test in statement.conditions if not any(holds(test, context) for context in contexts))


def needs_all_of(use: Use, resource: str) -> bool:
    """Say whether `use` is about everything that the resource pattern `resource` of a statement matches.

    Of one resource that may be the one that is used, as a template's symbol may stand for it, no part is to spare.
    """
    needed = use.request.resource
    if needed is None:
        return arn_matches(resource, "*")
    return arn_contains(needed, resource) or (not has_wildcard(resource) and arn_intersects(needed, resource))


def lacking_conditions(statement: Statement, uses: Sequence[Use]) -> _Conditions:
    """Return conditions of `uses` that `statement` could have and still allow them; nothing if one asks for none.

    The values of a condition are alternatives, and each has to be asked for by some use.
    """
    for alternative in single(statement.conditions):
        lacking = [_unmet(use.asked, alternative) for use in uses]
        if lacking and all(lacking):
            return tuple(sorted({condition for conditions in lacking for condition in conditions}))
    return ()


def _unmet(asked: _Conditions, known: _Conditions) -> _Conditions:
    context = Context({}, known)
    return tuple(condition for condition in asked if holds(condition, context) is not True)


def narrowest(used: Iterable[tuple[Statement, Iterable[Use]]]) -> tuple[Statement, ...]:
    """Return the statements that allow only what is used of others: of each, what its uses need.

    The conditions of a statement stay, but for those that the conditions of a use make needless.
    """
    return fewest_statements(
        (use.request.action, resource, (*use.asked, *_unmet(statement.conditions, use.asked)))
        for statement, uses in used
        for use in uses
        for granted in statement.resources
        if (resource := resource_under(use.request, granted)) is not None
    )
