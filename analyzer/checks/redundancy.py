"""The checks for what a policy says twice, and for what it allows and denies as well."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from analyzer.checks.scope import action_contains, covers, covers_action, covers_rest
from analyzer.checks.statements import place_of
from analyzer.checks.subject import Observation
from analyzer.iam.arn import arn_contains, parse_arn
from analyzer.iam.evaluate import name_of
from analyzer.iam.inventory import Document, DocumentKind, Identity
from analyzer.iam.pattern import has_wildcard
from analyzer.model.findings import Related
from analyzer.model.policy import Statement


def redundant_entries(statement: Statement, document: Document) -> Iterator[Observation]:
    """Say which actions and resources of a statement another entry of the same list covers."""
    lists: tuple[tuple[str, Sequence[str], Callable[[str, str], bool]], ...] = (
        ("Action", statement.actions, action_contains),
        ("NotAction", statement.not_actions, action_contains),
        ("Resource", statement.resources, arn_contains),
        ("NotResource", statement.not_resources, arn_contains),
    )
    for element, entries, contains in lists:
        wide = [(index, entry) for index, entry in enumerate(entries) if _may_cover_others(entry)]
        firsts: dict[str, str] = {}
        for index, entry in enumerate(entries):
            covering = (part for part in wide if part[0] != index and contains(part[1], entry))
            # Of two that cover one another the first stays.
            cover = next((other for at, other in covering if at < index or not contains(entry, other)), None)
            if cover is None and element in ("Action", "NotAction"):
                first = firsts.setdefault(entry.lower(), entry)
                cover = None if first == entry else first
            if cover is not None:
                yield Observation(f"{entry} is in {cover} already", place_of(statement, element, entry))


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


def _may_cover_others(entry: str) -> bool:
    return has_wildcard(entry) or (entry.startswith("arn:") and parse_arn(entry) is None)


def _own(identity: Identity) -> tuple[Statement, ...]:
    return tuple(statement for document in identity.inline for statement in document.statements)


def _covered(own: Sequence[Statement], all_of_them: Sequence[Statement]) -> Iterator[Observation]:
    for statement in own:
        for other in all_of_them:
            if other.location == statement.location or other.effect != statement.effect:
                continue
            if not covers(other, statement):
                continue
            # Of two that cover one another the first stays.
            if covers(statement, other) and _stands_before(statement, other, all_of_them):
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
                if covers_rest(other, statement) and covers_action(other, action):
                    message = f"{action} is allowed in vain: {name_of(other)} denies all of it"
                    related = (Related("denied here", other.location),) if other.location else ()
                    yield Observation(message, place_of(statement, "Action", action), related)
                    break


def _stands_before(statement: Statement, other: Statement, statements: Sequence[Statement]) -> bool:
    places = [one.location for one in statements]
    return places.index(statement.location) < places.index(other.location)
