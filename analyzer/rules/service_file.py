"""Reads a file of rules/services/ and checks every word of it against botocore's models and the IAM catalogue."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import Final

from analyzer.catalog import Action, find_action, prefixes, resource_type
from analyzer.model.requirements import Condition
from analyzer.rules.parameter_nodes import ParameterReader
from analyzer.rules.records import ANY_RESOURCE, ActionEntry, Example, OperationRule, ServiceRules, TypeBinding
from analyzer.rules.shapes import Shapes
from analyzer.rules.yaml_nodes import YamlNode, read_yaml
from analyzer.sdk import Service, load_service

_NEED: Final = r"(?P<action>[a-z0-9-]+:\w+) on (\*|arn:\S.*)"
_TEMPLATE: Final = r"([^{}]|\{\w+\})*"
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
_OPERATOR: Final = (
    r"((ForAllValues|ForAnyValue):)?"
    r"(String(Not)?(Equals|EqualsIgnoreCase|Like)|(Numeric|Date)((Not)?Equals|(Less|Greater)Than(Equals)?)|Bool"
    r"|BinaryEquals|(Not)?IpAddress|Arn(Not)?(Equals|Like)|Null)(IfExists)?"
)


def read_service_file(path: Path, shown: str) -> tuple[ServiceRules, tuple[Example, ...]]:
    """Return the rules and the examples in `path`, a file named after a boto3 client; messages call it `shown`.

    Raises RuleError, with the line and what to do, for anything that docs/rules.md does not allow.
    """
    node = read_yaml(path, shown)
    service = load_service(path.stem)
    if service is None or service.name != path.stem:
        raise node.error(f"botocore has no client `{path.stem}`", "name the file after a boto3 client")
    return _ServiceFile(service, node, shown).read()


class _ServiceFile:
    """One file while it is read: what its parts are checked against."""

    def __init__(self, service: Service, node: YamlNode, shown: str) -> None:
        self._service = service
        self._shown = shown
        self._fields = node.record((), ("iam_prefix", "bindings", "operations", "results"))
        self._shapes = Shapes(service.name)
        self._parameters = ParameterReader(self._shapes)
        self._prefix = service.signing_name
        if "iam_prefix" in self._fields:
            prefix = self._fields["iam_prefix"]
            if prefix.text() not in prefixes():
                raise prefix.error(f"IAM has no prefix `{prefix.value}`", "see the Service Authorization Reference")
            if prefix.text() == service.signing_name:
                raise prefix.error("the IAM prefix is the signing name already", "delete `iam_prefix`")
            self._prefix = prefix.text()
        self._examples: list[Example] = []

    def read(self) -> tuple[ServiceRules, tuple[Example, ...]]:
        bindings, operations, results = (
            self._fields[name].mapping() if name in self._fields else {}
            for name in ("bindings", "operations", "results")
        )
        rules = ServiceRules(
            self._service.name,
            self._shown,
            self._prefix,
            {name: self._service_binding(name, node) for name, node in bindings.items()},
            {name: self._operation(name, node) for name, node in operations.items()},
            {name: self._result(name, node) for name, node in results.items()},
        )
        return rules, tuple(self._examples)

    # Operations and their actions

    def _operation(self, name: str, node: YamlNode) -> OperationRule:
        self._require_operation(name, node)
        fields = node.record(("source", "examples"), ("permission", "actions", "also", "resource", "bind"))
        for source in fields["source"].one_or_more():
            if not source.text().startswith("https://"):
                raise source.error("not an address", "give the page the fact comes from, beginning with https://")
        self._examples.extend(_example(name, item) for item in _not_empty(fields["examples"]))
        if "permission" in fields:
            _refuse(fields, ("actions", "also", "resource", "bind"), "permission")
            return OperationRule(fields["permission"].choice(("none", "not-iam")), ())
        base = find_action(f"{self._prefix}:{name}")
        if "actions" in fields:
            _refuse(fields, ("also", "resource", "bind"), "actions")
            entries = [self._entry(name, item) for item in _not_empty(fields["actions"])]
        else:
            if base is None:
                raise node.error(f"IAM has no action `{self._prefix}:{name}`", "list the operation's `actions`")
            resources = self._resources(base, fields.get("resource"))
            bindings = self._entry_bindings(name, base, resources, fields.get("bind"))
            entries = [ActionEntry(base.name, resources, bindings)]
            if "also" in fields:
                entries.extend(self._entry(name, item) for item in _not_empty(fields["also"]))
        if base is not None and len(entries) == 1 and _is_base_rule(entries[0], base):
            raise node.error(f"`{name}` says what the base rule does without it", "delete the entry")
        return OperationRule("", tuple(entries))

    def _entry(self, operation: str, node: YamlNode) -> ActionEntry:
        fields = node.record(("action",), ("resource", "bind", "when", "conditions"))
        name = fields["action"].text()
        action = find_action(name)
        if action is None:
            raise fields["action"].error(f"IAM has no action `{name}`", "see the Service Authorization Reference")
        if action.name != name:
            raise fields["action"].error(f"`{name}` is spelled otherwise", f"write `{action.name}`")
        resources = self._resources(action, fields.get("resource"))
        return ActionEntry(
            action.name,
            resources,
            self._entry_bindings(operation, action, resources, fields.get("bind")),
            tuple(self._parameters.guard(operation, item) for item in fields["when"].one_or_more())
            if "when" in fields
            else (),
            _conditions(fields["conditions"], action) if "conditions" in fields else (),
        )

    def _resources(self, action: Action, node: YamlNode | None) -> tuple[str, ...]:
        if node is None:
            return ()
        if node.value == ANY_RESOURCE:
            if not action.resource_types:
                raise node.error(f"`{action.name}` can be granted on `*` only", "delete `resource`")
            return (ANY_RESOURCE,)
        known = {resource.name for resource in action.resource_types}
        names = tuple(item.text() for item in node.one_or_more())
        for name in names:
            if name not in known:
                use = f"use one of {', '.join(sorted(known))}" if known else "delete `resource`: it takes `*` only"
                raise node.error(f"`{action.name}` takes no resource type `{name}`", use)
        return names

    # Bindings

    def _service_binding(self, name: str, node: YamlNode) -> TypeBinding:
        if resource_type(self._prefix, name) is None:
            raise node.error(
                f"`{self._prefix}` has no resource type `{name}`", "see the Service Authorization Reference"
            )
        return self._parameters.type_binding(None, (self._prefix, name), node)

    def _entry_bindings(
        self, operation: str, action: Action, resources: tuple[str, ...], node: YamlNode | None
    ) -> tuple[tuple[str, TypeBinding], ...]:
        if node is None:
            return ()
        types = [name for name in resources if name != ANY_RESOURCE]
        types = types or [resource.name for resource in action.resource_types]
        prefix = action.name.partition(":")[0]
        if len(types) == 1 and set(node.mapping()) != set(types):
            return ((types[0], self._parameters.type_binding(operation, (prefix, types[0]), node)),)
        if not types:
            raise node.error(f"`{action.name}` takes no resource that could be bound", "delete `bind`")
        named = node.record((), types)
        return tuple(
            (name, self._parameters.type_binding(operation, (prefix, name), inner)) for name, inner in named.items()
        )

    # Results

    def _result(self, name: str, node: YamlNode) -> dict[str, str]:
        self._require_operation(name, node)
        for path, template in node.mapping().items():
            if not self._shapes.has_output(name, path):
                raise template.error(f"the response of {name} has no `{path}`", "correct the path")
            if not re.fullmatch(_TEMPLATE, template.text()):
                raise template.error("a brace without its other half", "write each unknown part as `{Name}`")
        return {path: template.text() for path, template in node.mapping().items()}

    def _require_operation(self, name: str, node: YamlNode) -> None:
        if name not in self._service.operations:
            raise node.error(f"botocore's {self._service.name} has no operation `{name}`", "use botocore's own name")


def _is_base_rule(entry: ActionEntry, base: Action) -> bool:
    if entry.action != base.name or entry.bindings or entry.guards or entry.conditions:
        return False
    # Naming the only resource type that there is adds nothing.
    types = {resource.name for resource in base.resource_types}
    return not entry.resources or (len(types) == 1 and types.issuperset(entry.resources))


def _refuse(fields: dict[str, YamlNode], keys: Collection[str], beside: str) -> None:
    for key in keys:
        if key in fields:
            raise fields[key].error(f"`{key}` has no meaning beside `{beside}`", f"delete `{key}` or `{beside}`")


def _not_empty(node: YamlNode) -> tuple[YamlNode, ...]:
    items = node.items()
    if not items:
        raise node.error("an empty list", "give at least one")
    return items


def _example(operation: str, node: YamlNode) -> Example:
    fields = node.record(("code", "needs"))
    for need in fields["needs"].items():
        match = re.fullmatch(_NEED, need.text())
        if match is None:
            raise need.error(f"not a need: `{need.value}`", "write `prefix:Action on ARN` or `prefix:Action on *`")
        if find_action(match["action"]) is None:
            raise need.error(f"IAM has no action `{match['action']}`", "see the Service Authorization Reference")
    needs = tuple(sorted(need.text() for need in fields["needs"].items()))
    return Example(operation, fields["code"].text(), needs, node.line)


def _conditions(node: YamlNode, action: Action) -> tuple[Condition, ...]:
    known = {*action.condition_keys, *(key for one in action.resource_types for key in one.condition_keys)}
    found = []
    for operator, keys in node.mapping().items():
        if not re.fullmatch(_OPERATOR, operator):
            raise keys.error(f"IAM has no condition operator `{operator}`", "write one such as `StringEquals`")
        for key, values in keys.mapping().items():
            if key not in known and not key.startswith("aws:"):
                raise values.error(f"`{action.name}` has no condition key `{key}`", "see the catalogue's keys for it")
            texts = tuple(sorted(value.text() for value in values.one_or_more()))
            found.append(Condition(operator, key, texts))
    return tuple(sorted(found))
