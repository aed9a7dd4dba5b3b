"""Actions that AWS names on other pages and the Service Authorization Reference does not list, from rules/catalog.json.

A list of documents in the form of the AWS Service Reference (`analyzer.catalog.reference`), in which every action and
resource type has a `Source` besides: the page that names it. An action leaves the list when the reference has it, with
the resources that the page says it is used on.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from analyzer.errors import RuleError
from analyzer.installed import rules_folder

if TYPE_CHECKING:
    from analyzer.catalog.reference import StoredReference

_FILE: Final = "catalog.json"


class Supplement(NamedTuple):
    """The documents by IAM prefix; `version` differs for different content."""

    version: str
    documents: Mapping[str, Mapping[str, Any]]


@cache
def supplement() -> Supplement:
    """Return what is in rules/catalog.json. Raises RuleError if that is no list of documents."""
    from analyzer.catalog.overlay import digest

    try:
        with open(os.path.join(rules_folder(), _FILE), "rb") as file:
            content = file.read()
        documents = {str(document["Name"]): document for document in json.loads(content)}
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise RuleError(f"rules/{_FILE}: {error}", "reinstall lpa, or correct the file") from error
    return Supplement(digest(content)[:8], documents)


def supplemented(prefix: str) -> StoredReference:
    """Return what the document about `prefix`, one of the supplement's, says. Raises RuleError if it is wrong."""
    from analyzer.catalog.reference import read_document
    from analyzer.errors import InputError

    document = supplement().documents[prefix]
    for part in (*document.get("Actions", ()), *document.get("Resources", ())):
        if not str(part.get("Source", "")).startswith("https://"):
            raise RuleError(f"rules/{_FILE}: {prefix}: {part.get('Name')} has no source", "give the page that names it")
    try:
        return read_document(json.dumps(document).encode(), prefix).service
    except InputError as error:
        raise RuleError(f"rules/{_FILE}: {error}", "correct the document") from error


def supplement_source(action: str) -> str | None:
    """Return the page that names `action` (`kinesis:CreateQueue`), or None if it is not in the supplement."""
    prefix, _, name = action.partition(":")
    for described in supplement().documents.get(prefix.lower(), {}).get("Actions", ()):
        if described["Name"].lower() == name.lower():
            return str(described["Source"])
    return None
