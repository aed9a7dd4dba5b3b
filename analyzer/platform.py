"""What the platform that runs the program needs of the program's role, whatever the source says: rules/platform/."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analyzer.cache import cached
from analyzer.catalog import data_version, find_action
from analyzer.errors import RuleError
from analyzer.installed import rules_folder
from analyzer.model.deployment import Deployment
from analyzer.model.requirements import Arns, Reason, Requirement, RuleReference
from analyzer.rules import content_key

if TYPE_CHECKING:
    from analyzer.rules.yaml_nodes import YamlNode

# What a rule's ARN leaves open, and the flag that says it.
_FLAGS = {"account": "--account", "region": "--region", "function": "--function-name"}
# Raised when the form of the file or of what is stored changes.
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class _Permission:
    key: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]


def platform_requirements(
    platform: str, deployment: Deployment, function_name: str | None = None
) -> tuple[Requirement, ...]:
    """Return what `platform` (the name of a file in rules/platform/) needs to run the function `function_name`.

    What neither `deployment` nor `function_name` says is `*` in that segment of the ARNs. Raises RuleError if the
    platform's file is missing or wrong.
    """
    known = {
        "partition": deployment.partition,
        "account": deployment.account,
        "region": deployment.region,
        "function": function_name,
    }
    requirements = []
    for permission in _load(platform):
        unpinned = [
            flag
            for name, flag in _FLAGS.items()
            if known[name] is None and any(f"{{{name}}}" in resource for resource in permission.resources)
        ]
        values = {name: value or "*" for name, value in known.items()}
        patterns = {_without_needless_end(resource.format(**values)) for resource in permission.resources}
        scope = Arns(tuple(sorted(patterns)), tuple(sorted(unpinned)))
        reason = Reason(None, RuleReference(_shown(platform), permission.key))
        requirements += [Requirement(action, scope, (), (reason,)) for action in permission.actions]
    return tuple(requirements)


def _without_needless_end(pattern: str) -> str:
    # A `*` at the end of an ARN pattern reaches over colons, so that `*:*` there matches no other resource than `*`.
    return pattern.removesuffix(":*") if pattern.endswith("*:*") else pattern


def _load(platform: str) -> tuple[_Permission, ...]:
    path = os.path.join(rules_folder(), "platform", f"{platform}.yaml")
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        raise RuleError(f"{_shown(platform)}: {error.strerror}", "reinstall lpa") from error
    # What is stored has passed a check against the catalogue, so it depends on that too.
    key = f"{platform}-{content_key(content)}-{data_version()}-{_FORMAT}"
    stored = cached("platform", key, lambda: _read(path, platform))
    return tuple(_Permission(name, tuple(actions), tuple(resources)) for name, actions, resources in stored)


def _read(path: str, platform: str) -> list[tuple[str, list[str], list[str]]]:
    from pathlib import Path

    from analyzer.rules.yaml_nodes import read_yaml

    permissions = read_yaml(Path(path), _shown(platform)).record(("permissions",))["permissions"]
    return [_permission(name, node) for name, node in permissions.mapping().items()]


def _permission(name: str, node: YamlNode) -> tuple[str, list[str], list[str]]:
    fields = node.record(("why", "actions", "resources", "source"))
    fields["why"].text()
    fields["source"].text()
    for action in fields["actions"].one_or_more():
        known = find_action(action.text())
        if known is None or known.name != action.text():
            raise action.error(f"no action `{action.text()}` in the catalogue", "write it as AWS does")
    for resource in fields["resources"].one_or_more():
        try:
            resource.text().format(partition="", **dict.fromkeys(_FLAGS, ""))
        except (LookupError, ValueError) as error:
            raise resource.error("a name in braces that nothing says", f"use {', '.join(_FLAGS)}") from error
    return (
        name,
        [action.text() for action in fields["actions"].one_or_more()],
        [resource.text() for resource in fields["resources"].one_or_more()],
    )


def _shown(platform: str) -> str:
    return f"rules/platform/{platform}.yaml"
