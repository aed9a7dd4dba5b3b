"""Statement ids, made from what a statement says.

A Sid holds only ASCII letters and digits and is unique in its policy:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from analyzer.iam.arn import parse_arn
from analyzer.model.policy import Statement

_MAX_SERVICES: Final = 2
_MAX_RESOURCES: Final = 3
_MAX_LENGTH: Final = 64


def with_sids(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """Return `statements` in the same order with a unique Sid each.

    A Sid names the services and then the action, if there is one only, or the resources: `S3GetObject`,
    `DynamodbTableOrders`. Where two would be equal, both end in a digest of their statement.
    """
    named = [(statement, _readable_sid(statement)) for statement in statements]
    uses = Counter(sid for _, sid in named)
    return tuple(
        replace(statement, sid=sid if uses[sid] == 1 else sid + _digest(statement)) for statement, sid in named
    )


def _readable_sid(statement: Statement) -> str:
    services = sorted({action.partition(":")[0] for action in statement.actions})
    words = [_camel(service) for service in services] if len(services) <= _MAX_SERVICES else []
    if len(statement.actions) == 1:
        words.append(_camel(statement.actions[0].partition(":")[2]))
    elif statement.resources == ("*",):
        words.append("AnyResource")
    else:
        words += [_resource_name(resource) for resource in statement.resources[:_MAX_RESOURCES]]
        words += ["AndOthers"] if len(statement.resources) > _MAX_RESOURCES else []
    return "".join(words)[:_MAX_LENGTH]


def _resource_name(resource: str) -> str:
    arn = parse_arn(resource)
    return _camel(arn.resource if arn else resource) or "Any"


def _camel(text: str) -> str:
    """Return the ASCII letters and digits of `text` with every word's first letter in upper case."""
    words = "".join(character if character.isascii() and character.isalnum() else " " for character in text).split()
    return "".join(word[0].upper() + word[1:] for word in words)


def _digest(statement: Statement) -> str:
    from hashlib import sha256

    content = repr((statement.actions, statement.resources, statement.conditions))
    return sha256(content.encode()).hexdigest()[:8]
