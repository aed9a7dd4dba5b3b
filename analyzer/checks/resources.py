"""The checks on whether a statement's actions and resources fit one another."""

from __future__ import annotations

from collections.abc import Iterator

from analyzer.catalog import Action
from analyzer.checks.statements import actions_matching, is_every_resource, is_everything, place_of, usable
from analyzer.checks.subject import Observation
from analyzer.iam.arn import parse_arn
from analyzer.iam.inventory import Document, DocumentKind
from analyzer.iam.pattern import has_wildcard
from analyzer.model.policy import Statement


def actions_without_resource(statement: Statement, document: Document) -> Iterator[Observation]:
    """Say which actions can do nothing with any resource of their statement."""
    for action in _idle_actions(statement, document):
        known = actions_matching(action)
        message = (
            f"none of the actions that {action} stands for takes {_listed(statement)}"
            if has_wildcard(action)
            else f"{action} takes {_taken_by(known[0])}, not {_listed(statement)}"
        )
        yield Observation(f"{message}, so the statement does nothing for it", place_of(statement, "Action", action))


def resources_not_taken(statement: Statement, document: Document) -> Iterator[Observation]:
    """Say which resources none of the statement's actions can do anything with."""
    if not _is_judgeable(statement) or any(True for _ in _idle_actions(statement, document)):
        return
    actions = [action for pattern in statement.actions for action in actions_matching(pattern)]
    for resource in statement.resources:
        if parse_arn(resource) is not None and not any(usable(action, resource) for action in actions):
            message = f"none of the statement's actions takes {resource}"
            yield Observation(message, place_of(statement, "Resource", resource))


def allowed_but_for(statement: Statement, document: Document) -> Iterator[Observation]:
    """Say where actions are allowed on all resources but those that are named."""
    if statement.effect == "Allow" and statement.not_resources:
        first = statement.not_resources[0]
        message = f"every resource is allowed but {', '.join(statement.not_resources)}, those to come included"
        yield Observation(message, place_of(statement, "NotResource", first))


def _idle_actions(statement: Statement, document: Document) -> Iterator[str]:
    if not _is_judgeable(statement):
        return
    for pattern in statement.actions:
        known = actions_matching(pattern)
        if known and not any(_is_usable(action, statement, document) for action in known):
            yield pattern


def _is_usable(action: Action, statement: Statement, document: Document) -> bool:
    # A resource-based policy is about the resource it is attached to, also with actions that list what there is.
    if document.kind is DocumentKind.RESOURCE and not action.resource_types:
        return True
    return any(usable(action, resource) for resource in statement.resources)


def _is_judgeable(statement: Statement) -> bool:
    """Say whether every action and resource is known well enough: ARNs that are malformed are told as such."""
    if not statement.actions or not statement.resources:
        return False
    if any(is_everything(pattern) or not actions_matching(pattern) for pattern in statement.actions):
        return False
    return all(is_every_resource(resource) or parse_arn(resource) is not None for resource in statement.resources)


def _taken_by(action: Action) -> str:
    names = [taken.name for taken in action.resource_types]
    return f"resources of the type {' or '.join(names)}" if names else "no resource but *"


def _listed(statement: Statement) -> str:
    return ", ".join(statement.resources)
