"""Joins what is installed with what the overlay says.

The overlay adds services, actions, resource types and condition keys, and says better what access an action gives and
what ARNs look like. It takes nothing away: AWS's documents lack which resource types are required, and the rules rest
on what is installed. For the same reason an action that takes one type of resource takes no other besides: the rules
then leave out which one they mean.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from analyzer.catalog.records import DEPLOYMENT

if TYPE_CHECKING:
    from analyzer.catalog.index import StoredAction, StoredResourceType, StoredService
    from analyzer.catalog.reference import StoredAction as AddedAction
    from analyzer.catalog.reference import StoredReference

# What can be said of an action that AWS does not describe: that it has to be looked at.
_UNSAID = "Write"


def merged(installed: StoredService, added: StoredReference, arn_format: Callable[[str], str]) -> StoredService:
    """Return both in one; `arn_format` writes AWS's ARN formats as the catalogue does."""
    types = dict(installed["resource_types"])
    for name, (formats, keys) in added["types"].items():
        written = [arn_format(one) for one in formats.split()]
        types[name] = _type(types.get(name, ("", "")), written, keys)
    actions = dict(installed["actions"])
    for key, action in added["actions"].items():
        known = [resource for resource in action["types"] if resource in types]
        actions[key] = _action(actions.get(key), action, known)
    all_keys = sorted({*installed["condition_keys"].split(), *added["keys"].split()})
    return {"actions": actions, "resource_types": types, "condition_keys": " ".join(all_keys)}


def _type(installed: StoredResourceType, formats: list[str], keys: str) -> StoredResourceType:
    # The rules name the variables of the formats, so that a format with one that would be lost stays.
    variables = {variable for one in formats for variable in _variables(one)}
    kept = [one for one in installed[0].split() if not variables.issuperset(_variables(one))]
    return " ".join(dict.fromkeys((*formats, *kept))), _joined(installed[1], keys)


def _action(installed: StoredAction | None, added: AddedAction, types: Iterable[str]) -> StoredAction:
    if installed is None:
        return added["name"], added["level"] or _UNSAID, [(one, False, "", "") for one in types], added["keys"], ""
    name, level, resources, keys, dependent_actions = installed
    # Read back from JSON, a resource is a list.
    taken = {resource[0] for resource in resources}
    more = [(one, False, "", "") for one in types if one not in taken] if len(taken) != 1 else []
    # A key that counts with some resource types only is no key of the action as a whole.
    of_types = {key for resource in resources for key in resource[2].split()}
    new_keys = " ".join(key for key in added["keys"].split() if key not in of_types)
    return name, added["level"] or level, [*resources, *more], _joined(keys, new_keys), dependent_actions


def _variables(arn: str) -> set[str]:
    return set(re.findall(r"\$\{(\w+)\}", arn)).difference(DEPLOYMENT)


def _joined(first: str, second: str) -> str:
    return " ".join(dict.fromkeys((*first.split(), *second.split())))
