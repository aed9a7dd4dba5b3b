"""Reads the documents of the AWS Service Reference and refuses what is not in their form.

The form is described in https://docs.aws.amazon.com/service-authorization/latest/reference/service-reference.html.
Fields that are not needed here may hold anything; a list that is not there is taken for an empty one, since AWS leaves
out what a service does not have.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, NamedTuple, TypedDict

from analyzer.errors import InputError

_HINT: Final = "the catalogue stays as it was; if that is AWS's own document, report it"
_MOST: Final = 20_000
"""No list of AWS's holds a tenth of that."""

_LONGEST_SHOWN: Final = 60

_PREFIX: Final = r"[A-Za-z0-9][A-Za-z0-9-]{0,62}"
_NAME: Final = r"[A-Za-z0-9][\w-]{0,127}"
# AWS's names of resource types have spaces and slashes ("loadbalancer/app/"), and those of condition keys variables
# ("agent.${Domain}.buildkite.dev:build_branch").
_TYPE: Final = r"[ -~]{1,128}"
_KEY: Final = r"[!-9;-~]{1,128}:[!-~]{1,256}"
_ARN: Final = r"arn:[^\s:\x00-\x1f\x7f]+:[^\s:\x00-\x1f\x7f]+:[^\s:]*:[^\s:]*:[^\s\x00-\x1f\x7f]{1,500}"
_CONTEXT: Final = r"[^\s\x00-\x1f\x7f]{1,256}"
_VERSION: Final = r"v1(\.\d+)*"


class Link(NamedTuple):
    """Where the document about a service is."""

    prefix: str
    url: str


class StoredAction(TypedDict):
    """An action: `level` is empty where the document does not say it; `keys` are separated by spaces."""

    name: str
    level: str
    types: list[str]
    keys: str


class StoredReference(TypedDict):
    """What is kept of a document: actions by their name in lower case, ARN formats and condition keys by type.

    ARN formats and condition keys are separated by spaces.
    """

    actions: dict[str, StoredAction]
    types: dict[str, list[str]]
    keys: str


# The boto3 client, the method, and the actions, each with values of condition keys.
StoredOperation = tuple[str, str, list[tuple[str, dict[str, list[str]]]]]


class Document(NamedTuple):
    """What a document says: of its service, and of the boto3 methods that its actions authorize."""

    service: StoredReference
    operations: list[StoredOperation]


class _Part:
    """A value in a document, with how it is reached."""

    def __init__(self, document: str, path: str, value: object) -> None:
        self._document = document
        self._path = path
        self.value = value

    def error(self, what: str) -> InputError:
        place = f"{self._document}: {self._path}" if self._path else self._document
        return InputError(f"{place}: {what}", _HINT)

    def member(self, name: str) -> _Part:
        found = self.optional(name)
        if found is None:
            raise self.error(f"`{name}` is missing")
        return found

    def optional(self, name: str) -> _Part | None:
        if not isinstance(self.value, dict):
            raise self.error("not an object")
        if self.value.get(name) is None:
            return None
        return _Part(self._document, f"{self._path}.{name}".lstrip("."), self.value[name])

    def items(self) -> list[_Part]:
        if not isinstance(self.value, list):
            raise self.error("not a list")
        if len(self.value) > _MOST:
            raise self.error(f"{len(self.value)} items, which is more than {_MOST}")
        return [_Part(self._document, f"{self._path}[{index}]", value) for index, value in enumerate(self.value)]

    def optional_items(self, name: str) -> list[_Part]:
        found = self.optional(name)
        return [] if found is None else found.items()

    def text(self, form: str, what: str) -> str:
        if not isinstance(self.value, str) or not re.fullmatch(form, self.value, re.ASCII):
            raise self.error(f"not {what}: {_shown(self.value)}")
        return self.value

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.error(f"not true or false: {_shown(self.value)}")
        return self.value


def read_list(content: bytes, shown: str) -> tuple[Link, ...]:
    """Return the services that a list of services names, each once. Messages call the list `shown`.

    Raises InputError for anything that is not such a list.
    """
    links: dict[str, Link] = {}
    for part in _parse(content, shown).items():
        prefix = part.member("service").text(_PREFIX, "the name of a service").lower()
        url = part.member("url").text(r"https?://[^\s\x00-\x1f\x7f]{1,2000}", "an http address")
        if links.setdefault(prefix, Link(prefix, url)).url != url:
            raise part.error(f"`{prefix}` has another address above")
    if not links:
        raise InputError(f"{shown}: lists no service", _HINT)
    return tuple(links.values())


def read_document(content: bytes, prefix: str) -> Document:
    """Return what the document about the service `prefix` says.

    Raises InputError, with the service and the field, for anything that is not such a document.
    """
    root = _parse(content, prefix)
    name = root.member("Name")
    if name.text(_PREFIX, "the name of a service").lower() != prefix:
        raise name.error(f"is about another service: {_shown(name.value)}")
    version = root.optional("Version")
    if version is not None:
        version.text(_VERSION, "version 1 of the documents")
    types: dict[str, list[str]] = {}
    for part in root.optional_items("Resources"):
        type_name = part.member("Name").text(_TYPE, "the name of a resource type")
        formats = [item.text(_ARN, "an ARN") for item in part.optional_items("ARNFormats")]
        if formats:
            _once(types, type_name, [" ".join(formats), _keys(part, "ConditionKeys")], part)
    actions: dict[str, StoredAction] = {}
    for part in root.optional_items("Actions"):
        action = _action(part)
        _once(actions, action["name"].lower(), action, part)
    keys = [item.member("Name").text(_KEY, "a condition key") for item in root.optional_items("ConditionKeys")]
    service: StoredReference = {"actions": actions, "types": types, "keys": " ".join(sorted(set(keys)))}
    return Document(service, [one for part in root.optional_items("Operations") for one in _operations(part)])


def _action(part: _Part) -> StoredAction:
    return {
        "name": part.member("Name").text(_NAME, "the name of an action"),
        "level": _level(part),
        # A handful of actions list a resource type twice.
        "types": list(
            dict.fromkeys(
                item.member("Name").text(_TYPE, "the name of a resource type")
                for item in part.optional_items("Resources")
            )
        ),
        "keys": _keys(part, "ActionConditionKeys"),
    }


def _level(action: _Part) -> str:
    annotations = action.optional("Annotations")
    properties = annotations.optional("Properties") if annotations else None
    if properties is None:
        return ""
    levels = {
        "IsPermissionManagement": "Permissions management",
        "IsTaggingOnly": "Tagging",
        "IsWrite": "Write",
        "IsList": "List",
    }
    flags = {name: properties.optional(name) for name in levels}
    holding = [levels[name] for name, flag in flags.items() if flag is not None and flag.flag()]
    # "It's also possible for all properties to be `false` [...]. This indicates the action only grants read
    # permissions"
    return holding[0] if holding else "Read"


def _operations(part: _Part) -> list[StoredOperation]:
    part.member("Name").text(_NAME, "the name of an operation")
    actions = []
    for item in part.optional_items("AuthorizedActions"):
        prefix = item.member("Service").text(_PREFIX, "the name of a service").lower()
        name = item.member("Name").text(_NAME, "the name of an action")
        actions.append((f"{prefix}:{name}", _context(item)))
    if not actions:
        return []
    found: list[StoredOperation] = []
    for item in part.optional_items("SDK"):
        client = item.member("Name").text(_NAME, "the name of a client")
        method = item.member("Method").text(_NAME, "the name of a method")
        if item.member("Package").text(r"[\w .-]{1,64}", "the name of a package") == "Boto3":
            found.append((client, method, actions))
    return found


def _context(action: _Part) -> dict[str, list[str]]:
    context = action.optional("Context")
    if context is None:
        return {}
    if not isinstance(context.value, dict):
        raise context.error("not an object")
    for key in context.value:
        if not re.fullmatch(_KEY, key, re.ASCII):
            raise context.error(f"not a condition key: {_shown(key)}")
    return {
        key: sorted({item.text(_CONTEXT, "a value") for item in context.optional_items(key)})
        for key in sorted(context.value)
    }


def _keys(part: _Part, name: str) -> str:
    keys = (item.text(_KEY, "a condition key") for item in part.optional_items(name))
    return " ".join(dict.fromkeys(keys))


def _once(found: dict[str, Any], name: str, value: object, part: _Part) -> None:
    if found.setdefault(name, value) != value:
        raise part.error(f"`{name}` stands twice, with different content")


def _parse(content: bytes, shown: str) -> _Part:
    try:
        return _Part(shown, "", json.loads(content, object_pairs_hook=_object))
    except RecursionError as error:
        raise InputError(f"{shown}: is nested too deeply", _HINT) from error
    except ValueError as error:
        raise InputError(f"{shown}: not JSON: {error}", _HINT) from error


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _shown(value: object) -> str:
    if isinstance(value, str):
        return ascii(value if len(value) <= _LONGEST_SHOWN else f"{value[:_LONGEST_SHOWN]}...")
    return "a list" if isinstance(value, list) else "an object" if isinstance(value, dict) else json.dumps(value)[:40]
