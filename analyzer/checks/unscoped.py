"""The checks on actions that are allowed on every resource of a kind. Each action is told of by one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Final

from analyzer.catalog import Action, find_action
from analyzer.checks.rule import check_rule
from analyzer.checks.statements import (
    actions_matching,
    granting,
    is_every_resource,
    is_everything,
    is_narrowed,
    is_whole_service,
    place_of,
    reaches_every,
    requires,
)
from analyzer.checks.subject import Observation
from analyzer.iam.inventory import Document, DocumentKind
from analyzer.model.policy import Statement

PASS_ROLE: Final = "iam:PassRole"
_PERMISSIONS: Final = "Permissions management"


def any_resource(statement: Statement, document: Document) -> Iterator[Observation]:
    """Say where actions that take resources are allowed on `*`, and which they are."""
    for resource in statement.resources:
        if not is_every_resource(resource) or not _can_be_scoped(statement, document):
            continue
        listed = [text for pattern in statement.actions if (text := _takers(pattern))]
        if listed:
            message = f"{resource} is every resource, and these actions can be granted on some: {', '.join(listed)}"
            yield Observation(message, place_of(statement, "Resource", resource))


def passing_any_role(statement: Statement, document: Document) -> Iterator[Observation]:
    """Say where every role can be passed."""
    passing = find_action(PASS_ROLE)
    # Which service a role is for does not say which role it is.
    if passing is None or not _is_grant(statement, document) or requires(statement, "*:resourcetag/*"):
        return
    for pattern in granting(statement, PASS_ROLE):
        resource = reaches_every(passing, statement)
        if resource is not None:
            message = f"{_named(PASS_ROLE, pattern)} is allowed on {resource}, which is every role"
            yield Observation(message, place_of(statement, "Action", pattern))


def passing_to_any_service(statement: Statement, document: Document) -> Iterator[Observation]:
    """Say where roles can be passed to every service."""
    if not _is_grant(statement, document) or requires(statement, "iam:passedtoservice", "iam:associatedresourcearn"):
        return
    for pattern in granting(statement, PASS_ROLE):
        message = f"{_named(PASS_ROLE, pattern)} is allowed for every service that takes a role"
        yield Observation(message, place_of(statement, "Action", pattern))


def data_access(statement: Statement, document: Document) -> Iterator[Observation]:
    """Say where data can be read from every resource of a kind."""
    yield from _exposing(statement, document, _reads_data, "read from")


def permissions_management(statement: Statement, document: Document) -> Iterator[Observation]:
    """Say where who may use a resource can be changed for every resource of a kind."""
    yield from _exposing(statement, document, _manages_permissions, "change who may use")


def _exposing(
    statement: Statement, document: Document, chosen: Callable[[Action], bool], verb: str
) -> Iterator[Observation]:
    if not _can_be_scoped(statement, document):
        return
    for pattern in statement.actions:
        if is_everything(pattern):
            continue
        reached = {
            action.name: resource
            for action in actions_matching(pattern)
            if chosen(action) and (resource := reaches_every(action, statement)) is not None
        }
        if reached:
            resources = ", ".join(sorted(set(reached.values())))
            what = _named(", ".join(reached), pattern)
            message = f"{what} can {verb} everything of a kind: it is allowed on {resources}"
            yield Observation(message, place_of(statement, "Action", pattern))


def _takers(pattern: str) -> str | None:
    """Return the actions of `pattern` that take resources, and that no other check tells of, as words."""
    if is_everything(pattern) or is_whole_service(pattern):
        return None
    known = actions_matching(pattern)
    takers = [action for action in known if action.resource_types and not _is_told_elsewhere(action)]
    if not takers:
        return None
    return pattern if len(known) == 1 else f"{pattern} ({len(takers)} of its {len(known)} actions)"


def _is_told_elsewhere(action: Action) -> bool:
    return (
        action.name == PASS_ROLE
        or _reads_data(action)
        or _manages_permissions(action)
        or action.name.lower() in escalating_alone()
    )


def _reads_data(action: Action) -> bool:
    return action.name.lower() in _data_actions()


def _manages_permissions(action: Action) -> bool:
    return action.access_level == _PERMISSIONS and action.name.lower() not in escalating_alone()


@cache
def _data_actions() -> frozenset[str]:
    return frozenset(value.lower() for fact in check_rule("unscoped-data-access").facts for value in fact.values)


@cache
def escalating_alone() -> frozenset[str]:
    """Return, in lower case, the actions that let their holder gain permissions without any other action."""
    facts = check_rule("privilege-escalation").facts
    return frozenset(fact.values[0].lower() for fact in facts if len(fact.values) == 1)


def _is_grant(statement: Statement, document: Document) -> bool:
    return statement.effect == "Allow" and document.kind is DocumentKind.IDENTITY


def _can_be_scoped(statement: Statement, document: Document) -> bool:
    return _is_grant(statement, document) and not is_narrowed(statement)


def _named(action: str, pattern: str) -> str:
    return action if action.lower() == pattern.lower() else f"{action} (by {pattern})"
