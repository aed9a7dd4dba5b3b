"""Actions, resource types and condition keys of every IAM prefix."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from analyzer.cache import cached
from analyzer.catalog.data import data_version, prefixes
from analyzer.catalog.records import DEPLOYMENT, Action, ActionResource, ResourceType

if TYPE_CHECKING:
    from analyzer.catalog.index import StoredService

# Raised when what is stored changes its form.
_FORMAT = 1


@cache
def find_action(name: str) -> Action | None:
    """Return the action called `name` (`s3:getobject`; case does not matter), or None if there is none."""
    prefix, _, action = name.lower().partition(":")
    service = _service(prefix)
    if service is None or action not in service["actions"]:
        return None
    written, access_level, resource_types, condition_keys, dependent_actions = service["actions"][action]
    return Action(
        f"{prefix}:{written}",
        access_level,
        tuple(
            [
                ActionResource(type_, required, _split(keys), _split(others))
                for type_, required, keys, others in resource_types
            ]
        ),
        _split(condition_keys),
        _split(dependent_actions),
    )


@cache
def actions_of(prefix: str) -> tuple[Action, ...]:
    """Return the actions under `prefix`, sorted by name; empty if there is no such prefix."""
    service = _service(prefix)
    if service is None:
        return ()
    actions = [find_action(f"{prefix}:{name}") for name in service["actions"]]
    return tuple(sorted((action for action in actions if action), key=lambda action: action.name))


@cache
def resource_type(prefix: str, name: str) -> ResourceType | None:
    """Return the resource type `name` of `prefix`, or None if there is none."""
    service = _service(prefix)
    if service is None or name not in service["resource_types"]:
        return None
    formats, condition_keys = service["resource_types"][name]
    variables = dict.fromkeys(re.findall(r"\$\{(\w+)\}", formats))
    return ResourceType(
        name,
        _split(formats),
        tuple(variable for variable in variables if variable not in DEPLOYMENT),
        _split(condition_keys),
    )


def resource_types_of(prefix: str) -> tuple[ResourceType, ...]:
    """Return the resource types of `prefix`, sorted by name; empty if there is no such prefix."""
    service = _service(prefix)
    if service is None:
        return ()
    types = [resource_type(prefix, name) for name in sorted(service["resource_types"])]
    return tuple(type_ for type_ in types if type_)


def condition_keys_of(prefix: str) -> tuple[str, ...]:
    """Return the condition keys that the service of `prefix` lists, sorted; empty if there is no such prefix."""
    service = _service(prefix)
    return _split(service["condition_keys"]) if service else ()


@cache
def _service(prefix: str) -> StoredService | None:
    if prefix not in prefixes():
        return None

    def build() -> StoredService:
        from analyzer.catalog.index import build_service

        return build_service(prefix)

    return cached("catalog", f"{prefix}-{data_version()}-{_FORMAT}", build)


def _split(joined: str) -> tuple[str, ...]:
    return tuple(joined.split())
