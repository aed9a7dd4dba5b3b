"""Whether one statement is about all that another one is about."""

from __future__ import annotations

from typing import Final

from analyzer.iam.arn import arn_contains, arn_intersects
from analyzer.iam.pattern import contains, intersects
from analyzer.model.policy import Principal, Statement

_ANYONE: Final = (Principal("*", "*"), Principal("AWS", "*"))


def covers(outer: Statement, inner: Statement) -> bool:
    """Say whether `outer` is about all that `inner` is about."""
    if inner.not_actions:
        # What inner leaves out, outer may leave out too, and nothing else.
        actions = all(any(action_contains(one, other) for one in inner.not_actions) for other in outer.not_actions)
        covered = actions and (bool(outer.not_actions) or "*" in outer.actions)
    else:
        covered = bool(inner.actions) and all(covers_action(outer, action) for action in inner.actions)
    return covered and covers_rest(outer, inner)


def covers_action(outer: Statement, action: str) -> bool:
    """Say whether `outer` is about all actions that the pattern `action` stands for."""
    if outer.not_actions:
        return not any(intersects(excluded.lower(), action.lower()) for excluded in outer.not_actions)
    return any(action_contains(pattern, action) for pattern in outer.actions)


def covers_rest(outer: Statement, inner: Statement) -> bool:
    """Say whether `outer` is about all resources, principals and circumstances that `inner` is about."""
    if not set(outer.conditions) <= set(inner.conditions):
        return False
    return covers_resources(outer, inner)


def covers_resources(outer: Statement, inner: Statement) -> bool:
    """Say whether `outer` is about all resources and principals that `inner` is about."""
    principals = set(inner.principals) <= set(outer.principals) or any(one in outer.principals for one in _ANYONE)
    if not principals or set(outer.not_principals) != set(inner.not_principals):
        return False
    if inner.not_resources:
        return set(outer.not_resources) == set(inner.not_resources) or "*" in outer.resources
    return all(_covers_resource(outer, resource) for resource in inner.resources)


def _covers_resource(outer: Statement, resource: str) -> bool:
    if outer.not_resources:
        return not any(arn_intersects(excluded, resource) for excluded in outer.not_resources)
    return any(arn_contains(pattern, resource) for pattern in outer.resources)


def action_contains(outer: str, inner: str) -> bool:
    """Say whether the action pattern `outer` stands for all that `inner` stands for."""
    return contains(outer.lower(), inner.lower())
