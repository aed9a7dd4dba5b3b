"""For each grant: is it needed, and as wide as it is?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from analyzer.catalog import expand
from analyzer.catalog.effect import takes
from analyzer.compare.requests import requests_of, resource_under
from analyzer.iam.arn import arn_contains, arn_matches, widest
from analyzer.iam.conditions import holds
from analyzer.iam.context import Context
from analyzer.iam.evaluate import Request, action_matches
from analyzer.iam.pattern import has_wildcard
from analyzer.model.policy import Statement, TooBroad, Undecided, Unused
from analyzer.model.requirements import Requirement


def judge_grants(
    requirements: Sequence[Requirement], statements: Iterable[Statement], platform: Sequence[Requirement]
) -> tuple[tuple[Unused, ...], tuple[TooBroad, ...], tuple[Undecided, ...]]:
    """Return the grants of `statements` that are unused, too broad or not to be judged, in the file's order.

    A grant is one action, as written, of one Allow statement.
    """
    unused: list[Unused] = []
    too_broad: list[TooBroad] = []
    undecided: list[Undecided] = []
    for statement in statements:
        if statement.effect != "Allow":
            continue
        if statement.not_actions or statement.not_resources:
            element = "NotAction" if statement.not_actions else "NotResource"
            undecided.append(
                Undecided(statement, f"it allows all but what {element} names; list what is needed instead")
            )
            continue
        for action in statement.actions:
            judgement = _judge(statement, action, requirements, platform)
            if isinstance(judgement, Unused):
                unused.append(judgement)
            elif isinstance(judgement, TooBroad):
                too_broad.append(judgement)
            elif isinstance(judgement, Undecided):
                undecided.append(judgement)
    return tuple(unused), tuple(too_broad), tuple(undecided)


def _judge(
    statement: Statement, action: str, requirements: Sequence[Requirement], platform: Sequence[Requirement]
) -> Unused | TooBroad | Undecided | None:
    tolerated = [request for request in _requests(platform) if action_matches(action, request.action)]
    used = [
        request
        for request in _requests(requirements)
        if action_matches(action, request.action) and _concerns(statement, request)
    ]
    if not used and not tolerated:
        return Unused(statement, action)
    # Where the platform alone uses a grant, its resources are not for the program to judge.
    wide = _wider_than_needed(statement, (*used, *tolerated)) if used else ()
    doubt = None
    if wide and statement.conditions:
        keys = ", ".join(sorted({condition.key for condition in statement.conditions}))
        doubt = Undecided(statement, f"{action} is allowed on {', '.join(wide)} under conditions on {keys}")
        wide = ()
    if wide or _stands_for_more(action, (*used, *tolerated)):
        return TooBroad(statement, action, wide, _replacement(statement, (*used, *tolerated)))
    return doubt


def _requests(requirements: Sequence[Requirement]) -> list[Request]:
    return [request for requirement in requirements for request in requests_of(requirement)]


def _concerns(statement: Statement, request: Request) -> bool:
    context = Context(request.context, request.conditions)
    if any(holds(test, context) is False for test in statement.conditions):
        return False
    return any(resource_under(request, granted) is not None for granted in statement.resources)


def _stands_for_more(action: str, requests: Iterable[Request]) -> bool:
    needed = {request.action.lower() for request in requests}
    return has_wildcard(action) and any(name.lower() not in needed for name in expand(action))


def _wider_than_needed(statement: Statement, requests: Sequence[Request]) -> tuple[str, ...]:
    """Return the resources of `statement` that no request needs as a whole, unless the actions cannot reach them."""
    actions = {request.action for request in requests}
    return tuple(
        granted
        for granted in statement.resources
        if not any(_needs_all_of(request, granted) for request in requests)
        and any(takes(action, granted) for action in actions)
    )


def _needs_all_of(request: Request, granted: str) -> bool:
    if request.resource is None:
        return arn_matches(granted, "*")
    return arn_contains(request.resource, granted)


def _replacement(statement: Statement, requests: Iterable[Request]) -> tuple[Statement, ...]:
    """Return the statements that allow of `statement` only what `requests` need."""
    needed: dict[str, set[str]] = {}
    for request in requests:
        under = {resource_under(request, granted) for granted in statement.resources}
        needed.setdefault(request.action, set()).update(resource for resource in under if resource is not None)
    actions: dict[tuple[str, ...], list[str]] = {}
    for action, resources in sorted(needed.items()):
        actions.setdefault(widest(resources), []).append(action)
    return tuple(
        Statement("Allow", tuple(names), resources, statement.conditions)
        for resources, names in actions.items()
        if resources
    )
