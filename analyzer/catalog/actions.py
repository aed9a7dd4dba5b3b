"""Actions, resource types and condition keys of every IAM prefix."""

from __future__ import annotations

from analyzer.catalog.records import Action, ResourceType


def data_version() -> str:
    """Return the version of the embedded Service Authorization Reference."""
    raise NotImplementedError


def prefixes() -> frozenset[str]:
    """Return all IAM prefixes, e.g. `s3`."""
    raise NotImplementedError


def find_action(name: str) -> Action | None:
    """Return the action called `name` (`s3:getobject`; case does not matter), or None if there is none."""
    raise NotImplementedError


def actions_of(prefix: str) -> tuple[Action, ...]:
    """Return the actions under `prefix`, sorted by name; empty if there is no such prefix."""
    raise NotImplementedError


def resource_type(prefix: str, name: str) -> ResourceType | None:
    """Return the resource type `name` of `prefix`, or None if there is none."""
    raise NotImplementedError


def resource_types_of(prefix: str) -> tuple[ResourceType, ...]:
    """Return the resource types of `prefix`, sorted by name; empty if there is no such prefix."""
    raise NotImplementedError


def condition_keys_of(prefix: str) -> tuple[str, ...]:
    """Return the condition keys that the service of `prefix` lists, sorted."""
    raise NotImplementedError


def nearest_action(name: str) -> str | None:
    """Return the action whose spelling is nearest to `name`, or None if none is near."""
    raise NotImplementedError


def expand(pattern: str) -> tuple[str, ...]:
    """Return the actions, sorted, that an action pattern of a policy (`s3:Get*`, `*`) matches."""
    raise NotImplementedError
