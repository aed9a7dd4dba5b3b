"""What `Ref` and `Fn::GetAtt` give of the resources of a template: rules/templates/resources.yaml."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from analyzer.rules.folder import stored_file

if TYPE_CHECKING:
    from analyzer.rules.yaml_nodes import YamlNode

_SHOWN: Final = "rules/templates/resources.yaml"
# Raised when what is stored changes its form.
_FORMAT: Final = 1
_FIELD: Final = re.compile(r"\{(\w+)\}")
_FIELDS: Final = ("name", "path", "arn", "partition", "region", "account", "symbol")


class ResourceType(NamedTuple):
    """What is known of a resource type.

    `name` is the path of the property that holds the physical name, empty if none does. `arn`, `ref` and the
    `attributes` are texts with fields in braces, as the rule file describes them; `arn` is empty if it is not known.
    """

    name: str
    arn: str
    ref: str
    attributes: dict[str, str]


_Stored = dict[str, tuple[str, str, str, dict[str, str]]]


def resource_type(name: str) -> ResourceType | None:
    """Return what is known of a resource type (`AWS::DynamoDB::Table`), None if nothing is.

    Raises RuleError if the rule file is missing or wrong.
    """
    stored = _load().get(name)
    return None if stored is None else ResourceType(*stored)


def same_but_for_case(name: str) -> str | None:
    """Return the resource type that is called `name` but for upper and lower case, None if none of those known is."""
    return _by_lower_case().get(name.lower())


@cache
def _by_lower_case() -> dict[str, str]:
    return {name.lower(): name for name in _load()}


@cache
def _load() -> _Stored:
    return stored_file("templates", "resources", str(_FORMAT), _read_types)


def _read_types(root: YamlNode) -> _Stored:
    types = root.record(("resources",))["resources"].mapping()
    return {name: _read(node) for name, node in types.items()}


def _read(node: YamlNode) -> tuple[str, str, str, dict[str, str]]:
    entries = node.record(("source",), ("name", "arn", "ref", "attributes"))
    attributes = (
        {name: _text(one) for name, one in entries["attributes"].mapping().items()} if "attributes" in entries else {}
    )
    texts = [_text(entries[name]) if name in entries else "" for name in ("arn", "ref")]
    if not texts[0] and "{arn}" in "".join((texts[1], *attributes.values())):
        raise node.error("a text with {arn}, and no `arn`", "add `arn:`")
    if not entries["source"].text().startswith("https://docs.aws.amazon.com/AWSCloudFormation/"):
        raise entries["source"].error("no page of the CloudFormation reference", "name the page of the resource type")
    return entries["name"].text() if "name" in entries else "", texts[0], texts[1] or "{name}", attributes


def _text(node: YamlNode) -> str:
    for field in _FIELD.findall(node.text()):
        if field not in _FIELDS:
            raise node.error(f"no field {{{field}}}", f"use {', '.join(_FIELDS)}")
    return node.text()
