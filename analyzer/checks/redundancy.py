"""The checks for what a policy says twice, and for what it allows and denies as well."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from analyzer.checks.statements import place_of
from analyzer.checks.subject import Observation
from analyzer.iam.arn import arn_contains, arn_intersects
from analyzer.iam.evaluate import name_of
from analyzer.iam.inventory import Document, DocumentKind, Identity
from analyzer.iam.pattern import contains, intersects
from analyzer.model.findings import Related
from analyzer.model.policy import Principal, Statement

_ANYONE: Final = Principal("*", "*")


def redundant_entries(statement: Statement, document: Document) -> Iterator[Observation]:
    """Say which actions and resources of a statement another entry of the same list covers."""
    lists: tuple[tuple[str, Sequence[str], Callable[[str, str], bool]], ...] = (
        ("Action", statement.actions, _action_contains),
        ("NotAction", statement.not_actions, _action_contains),
        ("Resource", statement.resources, arn_contains),
        ("NotResource", statement.not_resources, arn_contains),
    )
    for element, entries, covers in lists:
        for index, entry in enumerate(entries):
            for other_index, other in enumerate(entries):
                # Of two that cover one another the first stays.
                if other_index != index and covers(other, entry) and not (index < other_index and covers(entry, other)):
                    yield Observation(f"{entry} is in {other} already", place_of(statement, element, entry))
                    break


def redundant_statements(document: Document, partition: str | None) -> Iterator[Observation]:
    """Say which statements of a trust or resource-based policy another one covers."""
    if document.kind is not DocumentKind.IDENTITY:
        yield from _covered(document.statements, document.statements)


def redundant_grants(identity: Identity) -> Iterator[Observation]:
    """Say which statements of an identity's own policies another one, of any of its policies, covers."""
    yield from _covered(_own(identity), identity.grants)


def denied_anyway(identity: Identity) -> Iterator[Observation]:
    """Say which actions are allowed in vain, as a statement of the identity's policies denies all of it."""
    yield from _denied(_own(identity), identity.grants)


def denied_in_document(document: Document, partition: str | None) -> Iterator[Observation]:
    """Say which actions a trust or resource-based policy allows in vain."""
    if document.kind is not DocumentKind.IDENTITY:
        yield from _denied(document.statements, document.statements)


def _own(identity: Identity) -> tuple[Statement, ...]:
    return tuple(statement for document in identity.inline for statement in document.statements)


def _covered(own: Sequence[Statement], all_of_them: Sequence[Statement]) -> Iterator[Observation]:
    for statement in own:
        for other in all_of_them:
            if other.location == statement.location or other.effect != statement.effect:
                continue
            if not _covers(other, statement):
                continue
            # Of two that cover one another the first stays.
            if _covers(statement, other) and _stands_before(statement, other, all_of_them):
                continue
            verb = "allows" if other.effect == "Allow" else "denies"
            message = f"{name_of(statement)} adds nothing: {name_of(other)} {verb} all of it"
            related = (Related("this one does", other.location),) if other.location else ()
            yield Observation(message, place_of(statement, "", ""), related)
            break


def _denied(own: Sequence[Statement], all_of_them: Iterable[Statement]) -> Iterator[Observation]:
    denying = [statement for statement in all_of_them if statement.effect == "Deny"]
    for statement in own:
        if statement.effect != "Allow":
            continue
        for action in statement.actions:
            for other in denying:
                if _covers_rest(other, statement) and _covers_action(other, action):
                    message = f"{action} is allowed in vain: {name_of(other)} denies all of it"
                    related = (Related("denied here", other.location),) if other.location else ()
                    yield Observation(message, place_of(statement, "Action", action), related)
                    break


def _stands_before(statement: Statement, other: Statement, statements: Sequence[Statement]) -> bool:
    places = [one.location for one in statements]
    return places.index(statement.location) < places.index(other.location)


def _covers(outer: Statement, inner: Statement) -> bool:
    """Say whether `outer` is about all that `inner` is about."""
    if inner.not_actions:
        # What inner leaves out, outer may leave out too, and nothing else.
        actions = all(any(_action_contains(one, other) for one in inner.not_actions) for other in outer.not_actions)
        covered = actions and (bool(outer.not_actions) or "*" in outer.actions)
    else:
        covered = bool(inner.actions) and all(_covers_action(outer, action) for action in inner.actions)
    return covered and _covers_rest(outer, inner)


def _covers_action(outer: Statement, action: str) -> bool:
    if outer.not_actions:
        return not any(intersects(excluded.lower(), action.lower()) for excluded in outer.not_actions)
    return any(_action_contains(pattern, action) for pattern in outer.actions)


def _covers_rest(outer: Statement, inner: Statement) -> bool:
    """Say whether `outer` is about all resources, principals and circumstances that `inner` is about."""
    principals = set(inner.principals) <= set(outer.principals) or _ANYONE in outer.principals
    if not principals or set(outer.not_principals) != set(inner.not_principals):
        return False
    if not set(outer.conditions) <= set(inner.conditions):
        return False
    if inner.not_resources:
        return set(outer.not_resources) == set(inner.not_resources) or "*" in outer.resources
    return all(_covers_resource(outer, resource) for resource in inner.resources)


def _covers_resource(outer: Statement, resource: str) -> bool:
    if outer.not_resources:
        return not any(arn_intersects(excluded, resource) for excluded in outer.not_resources)
    return any(arn_contains(pattern, resource) for pattern in outer.resources)


def _action_contains(outer: str, inner: str) -> bool:
    return contains(outer.lower(), inner.lower())
