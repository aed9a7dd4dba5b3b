"""Reads a file of rules/services/ and checks every word of it against botocore's models and the IAM catalogue."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import Final

from analyzer.catalog import Action, find_action, resource_type
from analyzer.model.requirements import Condition
from analyzer.rules.paths import parse_path
from analyzer.rules.records import (
    ANY_RESOURCE,
    ActionEntry,
    Binding,
    Example,
    Guard,
    OperationRule,
    ServiceRules,
    Spelling,
    TypeBinding,
)
from analyzer.rules.shapes import Shapes
from analyzer.rules.yaml_nodes import YamlNode, read_yaml
from analyzer.sdk import Service, load_service

_WHOLE: Final = (Spelling.ARN, Spelling.URL, Spelling.COPY_SOURCE)
_VARIABLE_SPELLINGS: Final = tuple(spelling.value for spelling in Spelling if spelling and spelling not in _WHOLE)
_PLACES: Final = ("Partition", "Region", "Account")
_NEED: Final = re.compile(r"(?P<action>[a-z0-9-]+:\w+) on (\*|arn:\S.*)")
_TESTS: Final = ("equals", "not_equals", "matches")


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
        self._prefix = service.signing_name
        if "iam_prefix" in self._fields:
            prefix = self._fields["iam_prefix"]
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
            tuple(self._guard(operation, item) for item in fields["when"].one_or_more()) if "when" in fields else (),
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

    def _guard(self, operation: str, node: YamlNode) -> Guard:
        fields = node.record((), ("parameter", "absent", *_TESTS))
        tests = [test for test in _TESTS if test in fields]
        if ("parameter" in fields) == ("absent" in fields) or len(tests) > ("parameter" in fields):
            raise node.error("not a condition", "write `parameter: PATH` with at most one test, or `absent: PATH`")
        if "absent" in fields:
            return Guard(self._input_path(operation, fields["absent"]), "absent")
        path = self._input_path(operation, fields["parameter"])
        if not tests:
            return Guard(path, "present")
        values = tuple(item.constant() for item in fields[tests[0]].one_or_more())
        if tests[0] == "matches":
            for item in fields["matches"].one_or_more():
                _regular_expression(item)
        else:
            allowed = self._shapes.choices(operation, path)
            for value in values if allowed else ():
                if value not in allowed:
                    raise fields[tests[0]].error(f"`{path}` is never `{value}`", f"use one of {', '.join(allowed)}")
        return Guard(path, tests[0], values)

    # Bindings

    def _service_binding(self, name: str, node: YamlNode) -> TypeBinding:
        if resource_type(self._prefix, name) is None:
            raise node.error(
                f"`{self._prefix}` has no resource type `{name}`", "see the Service Authorization Reference"
            )
        return self._type_binding(None, (self._prefix, name), node)

    def _entry_bindings(
        self, operation: str, action: Action, resources: tuple[str, ...], node: YamlNode | None
    ) -> tuple[tuple[str, TypeBinding], ...]:
        if node is None:
            return ()
        types = [name for name in resources if name != ANY_RESOURCE]
        types = types or [resource.name for resource in action.resource_types]
        prefix = action.name.partition(":")[0]
        if len(types) == 1 and set(node.mapping()) != set(types):
            return ((types[0], self._type_binding(operation, (prefix, types[0]), node)),)
        if not types:
            raise node.error(f"`{action.name}` takes no resource that could be bound", "delete `bind`")
        named = node.record((), types)
        return tuple((name, self._type_binding(operation, (prefix, name), inner)) for name, inner in named.items())

    def _type_binding(self, operation: str | None, target: tuple[str, str], node: YamlNode) -> TypeBinding:
        resource = resource_type(*target)
        assert resource is not None, "the caller has looked it up"
        variables = (*resource.variables, *_PLACES)
        whole: list[Binding] = []
        named: list[tuple[str, Binding]] = []
        for key, inner in node.record((), (*variables, *_WHOLE)).items():
            binding = self._binding(operation, inner, Spelling(key) if key in _WHOLE else Spelling.PLAIN)
            if key in _WHOLE:
                whole.append(binding)
            else:
                named.append((key, binding))
        if not whole and not named:
            raise node.error("an empty binding", "name the parameters that hold the resource")
        return TypeBinding(tuple(whole), tuple(named))

    def _binding(self, operation: str | None, node: YamlNode, spelling: Spelling) -> Binding:
        if not node.is_mapping:
            return Binding(self._binding_paths(operation, node), spelling)
        if "value" in node.mapping():
            return Binding((), constant=node.record(("value",))["value"].text())
        fields = node.record(("from",), ("as", "extract"))
        if spelling and "as" in fields:
            raise fields["as"].error(f"`{spelling}` says how it is spelled already", "delete `as`")
        extract = _regular_expression(fields["extract"]) if "extract" in fields else ""
        if extract and re.compile(extract).groups != 1:
            raise fields["extract"].error("not one group", "put the part to take in one pair of parentheses")
        if "as" in fields:
            spelling = Spelling(fields["as"].choice(_VARIABLE_SPELLINGS))
        return Binding(self._binding_paths(operation, fields["from"]), spelling, extract)

    def _binding_paths(self, operation: str | None, node: YamlNode) -> tuple[str, ...]:
        return tuple(self._input_path(operation, item) for item in node.one_or_more())

    def _input_path(self, operation: str | None, node: YamlNode) -> str:
        path = node.text()
        if parse_path(path) is None:
            raise node.error(f"`{path}` is not a path", "write `Name`, `A.B`, `Items[].Key` or `keys(Map)`")
        if operation is None:
            if not self._shapes.in_any_input(path):
                raise node.error(f"no operation has a parameter `{path}`", "correct the path")
        elif self._shapes.input_type(operation, path) is None:
            raise node.error(f"{operation} has no parameter `{path}`", "correct the path")
        return path

    # Results

    def _result(self, name: str, node: YamlNode) -> dict[str, str]:
        self._require_operation(name, node)
        for path, template in node.mapping().items():
            if not self._shapes.has_output(name, path):
                raise template.error(f"the response of {name} has no `{path}`", "correct the path")
            if not template.text().count("{") == template.text().count("}"):
                raise template.error("a brace that is not closed", "write each unknown part as `{Name}`")
        return {path: template.text() for path, template in node.mapping().items()}

    def _require_operation(self, name: str, node: YamlNode) -> None:
        if name not in self._service.operations:
            raise node.error(f"botocore's {self._service.name} has no operation `{name}`", "use botocore's own name")


def _is_base_rule(entry: ActionEntry, base: Action) -> bool:
    if entry.action != base.name or entry.bindings or entry.guards or entry.conditions:
        return False
    # Naming the only resource type that there is adds nothing.
    return not entry.resources or entry.resources == tuple({resource.name for resource in base.resource_types})


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
        match = _NEED.fullmatch(need.text())
        if match is None:
            raise need.error(f"not a need: `{need.value}`", "write `prefix:Action on ARN` or `prefix:Action on *`")
        if find_action(match["action"]) is None:
            raise need.error(f"IAM has no action `{match['action']}`", "see the Service Authorization Reference")
    needs = tuple(sorted(need.text() for need in fields["needs"].items()))
    return Example(operation, fields["code"].text(), needs, node.line)


def _regular_expression(node: YamlNode) -> str:
    try:
        re.compile(node.text())
    except re.error as error:
        raise node.error(f"not a regular expression: {error}", "correct it") from error
    return node.text()


def _conditions(node: YamlNode, action: Action) -> tuple[Condition, ...]:
    found = []
    for operator, keys in node.mapping().items():
        for key, values in keys.mapping().items():
            texts = tuple(sorted(value.text() for value in values.one_or_more()))
            found.append(Condition(operator, key, texts))
    return tuple(sorted(found))
