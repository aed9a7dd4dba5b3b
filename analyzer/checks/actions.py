"""The checks on the actions that a statement names."""

from __future__ import annotations

from collections.abc import Iterator

from analyzer.catalog import expand, find_action, nearest_action, prefixes
from analyzer.checks.statements import delegates_to_accounts, is_everything, is_whole_service, place_of
from analyzer.checks.subject import Observation
from analyzer.iam.inventory import Document, DocumentKind
from analyzer.iam.pattern import has_wildcard
from analyzer.model.policy import Statement


def unknown_actions(statement: Statement, document: Document) -> Iterator[Observation]:
    """Say which actions do not exist, and which wildcards stand for no action."""
    for element, actions in (("Action", statement.actions), ("NotAction", statement.not_actions)):
        for action in actions:
            problem = _what_is_wrong(action)
            if problem:
                yield Observation(problem, place_of(statement, element, action))


def full_wildcards(statement: Statement, document: Document) -> Iterator[Observation]:
    """Say where every action is allowed."""
    for action in _allowed(statement, document):
        if is_everything(action):
            on = ", ".join(statement.resources) or "its resource"
            message = f"every action of every service is allowed on {on}"
            yield Observation(message, place_of(statement, "Action", action))


def service_wildcards(statement: Statement, document: Document) -> Iterator[Observation]:
    """Say where every action of a service is allowed."""
    for action in _allowed(statement, document):
        if is_whole_service(action) and expand(action):
            message = f"{action} allows all {len(expand(action))} actions of the service"
            yield Observation(message, place_of(statement, "Action", action))


def allowed_but_for(statement: Statement, document: Document) -> Iterator[Observation]:
    """Say where all actions are allowed but those that are named."""
    if statement.effect == "Allow" and statement.not_actions:
        first = statement.not_actions[0]
        message = f"every action is allowed but {', '.join(statement.not_actions)}, those of new services included"
        yield Observation(message, place_of(statement, "NotAction", first))


def _allowed(statement: Statement, document: Document) -> tuple[str, ...]:
    # A key policy hands the account's own policies the decision by allowing the account everything, and a trust policy
    # is about one service: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    handed_on = document.kind is DocumentKind.TRUST or delegates_to_accounts(statement)
    return statement.actions if statement.effect == "Allow" and not handed_on else ()


def _what_is_wrong(action: str) -> str | None:
    known = expand(action) if has_wildcard(action) else find_action(action)
    if known or is_everything(action) or "${" in action:
        return None
    prefix, colon, _ = action.partition(":")
    if not colon:
        return f"{action} is no action: it names no service"
    if not has_wildcard(prefix) and prefix.lower() not in prefixes():
        return f"{action} is no action: there is no service {prefix}{_suggestion(action)}"
    if has_wildcard(action):
        return f"no action matches {action}"
    return f"there is no action {action}{_suggestion(action)}"


def _suggestion(action: str) -> str:
    nearest = None if has_wildcard(action) else nearest_action(action)
    return f"; the nearest is {nearest}" if nearest else ""
