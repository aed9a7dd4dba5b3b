"""boto3's resources: types, identifiers, actions, collections and how they become operations."""

from __future__ import annotations

from analyzer.sdk.records import ResourceModel


def load_resources(name: str) -> ResourceModel | None:
    """Return the resource types of the service `name`, or None if boto3 has no resource for it."""
    raise NotImplementedError


def resource_types_with_action(name: str) -> tuple[tuple[str, str], ...]:
    """Return (service, type name) pairs, sorted, of the types that have an action, waiter or collection `name`."""
    raise NotImplementedError
