"""Reads a file of rules/services/ and checks every word of it against botocore's models and the IAM catalogue."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from analyzer.catalog import Action, find_action, prefixes, resource_type
from analyzer.rules.action_nodes import ActionReader
from analyzer.rules.http_binding import HTTP_BINDING_SOURCE, http_binding_entry
from analyzer.rules.parameter_nodes import ParameterReader
from analyzer.rules.records import ActionEntry, Advice, Example, Guard, OperationRule, ServiceRules, TypeBinding
from analyzer.rules.shapes import Shapes
from analyzer.rules.yaml_nodes import YamlNode, read_yaml
from analyzer.sdk import Service, load_service

_KEYS: Final = ("iam_prefix", "kind", "unnamed", "bindings", "instead", "operations", "groups", "results")
_STATEMENTS: Final = ("permission", "actions", "also", "resource", "bind", "advice")
_NEED: Final = r"(?P<action>[a-z0-9-]+:\w+) on (\*|arn:\S.*)"
_RESULT: Final = r"([^{}]|\{\w+!?\})*"
_METHOD: Final = re.compile(r"\.(\w+)\(")


class ServiceFile(NamedTuple):
    """What a file holds: the rules, and what only tests and people ask for.

    `sources` are the pages that the facts about an operation come from, by operation.
    """

    rules: ServiceRules
    examples: tuple[Example, ...]
    sources: Mapping[str, tuple[str, ...]]


def read_service_file(path: Path, shown: str) -> ServiceFile:
    """Return what is in `path`, a file named after a boto3 client; messages call it `shown`.

    Raises RuleError, with the line and what to do, for anything that docs/rules.md does not allow.
    """
    node = read_yaml(path, shown)
    service = load_service(path.stem)
    if service is None or service.name != path.stem:
        raise node.error(f"botocore has no client `{path.stem}`", "name the file after a boto3 client")
    return _Reader(service, node, shown).read()


class _Reader:
    """One file while it is read: what its parts are checked against."""

    def __init__(self, service: Service, node: YamlNode, shown: str) -> None:
        self._service = service
        self._shown = shown
        self._fields = node.record((), _KEYS)
        self._by_http = "kind" in self._fields and bool(self._fields["kind"].choice(("http-binding",)))
        self._shapes = Shapes(service.name)
        self._parameters = ParameterReader(self._shapes)
        self._actions = ActionReader(self._parameters)
        self._prefix = service.signing_name
        if "iam_prefix" in self._fields:
            prefix = self._fields["iam_prefix"]
            if prefix.text() not in prefixes():
                raise prefix.error(f"IAM has no prefix `{prefix.value}`", "see the Service Authorization Reference")
            if prefix.text() == service.signing_name:
                raise prefix.error("the IAM prefix is the signing name already", "delete `iam_prefix`")
            self._prefix = prefix.text()
        self._examples: list[Example] = []
        self._sources: dict[str, tuple[str, ...]] = {}

    def read(self) -> ServiceFile:
        bindings, operations, results = (
            self._fields[name].mapping() if name in self._fields else {}
            for name in ("bindings", "operations", "results")
        )
        rules = {name: self._operation(name, node) for name, node in operations.items()}
        for node in self._fields["groups"].items() if "groups" in self._fields else ():
            self._add_group(node, rules)
        for node in self._fields["instead"].items() if "instead" in self._fields else ():
            rules |= dict(self._replaced(node, rules))
        if self._by_http:
            for name in self._service.operations.keys() - rules.keys():
                self._sources[name] = (HTTP_BINDING_SOURCE,)
            rules = {name: self._plain(name) for name in self._service.operations} | rules
        read = ServiceRules(
            self._service.name,
            self._shown,
            self._prefix,
            {name: self._service_binding(name, node) for name, node in bindings.items()},
            rules,
            {name: self._result(name, node) for name, node in results.items()},
            "unnamed" in self._fields and bool(self._fields["unnamed"].choice(("type",))),
        )
        return ServiceFile(read, tuple(self._examples), self._sources)

    # Operations

    def _operation(self, name: str, node: YamlNode) -> OperationRule:
        self._require_operation(name, node)
        fields = node.record(("source", "examples"), _STATEMENTS)
        self._add_sources(name, fields)
        self._examples.extend(_example(name, item) for item in _not_empty(fields["examples"]))
        return self._stated(name, node, fields)

    def _add_group(self, node: YamlNode, rules: dict[str, OperationRule]) -> None:
        """Add to `rules` what `node` of `groups` says of each of its operations."""
        fields = node.record(("operations", "source", "examples"), _STATEMENTS)
        for item in _not_empty(fields["operations"]):
            name = item.text()
            self._require_operation(name, item)
            self._add_sources(name, fields)
            if name not in rules:
                rules[name] = self._stated(name, node, fields)
                continue
            _refuse(fields, ("permission", "actions", "resource", "bind"), f"the entry that {name} has already")
            if not {"also", "advice"} & set(fields) or rules[name].permission:
                raise item.error(f"{name} has an entry already", "say it once")
            more = _not_empty(fields["also"]) if "also" in fields else ()
            base = find_action(f"{self._prefix}:{name}")
            own = next((entry for entry in rules[name].actions if base is not None and entry.action == base.name), None)
            rules[name] = OperationRule(
                "",
                rules[name].actions + tuple(self._actions.entry(name, action, own) for action in more),
                rules[name].advice + self._advice(fields),
            )
        self._examples.extend(_example(self._called(item), item) for item in _not_empty(fields["examples"]))

    def _stated(self, name: str, node: YamlNode, fields: dict[str, YamlNode]) -> OperationRule:
        """Return what the `fields` of `node` say that operation `name` needs."""
        if "permission" in fields:
            _refuse(fields, _STATEMENTS[1:], "permission")
            return OperationRule(fields["permission"].choice(("none", "not-iam")), ())
        base = find_action(f"{self._prefix}:{name}")
        if "actions" in fields:
            _refuse(fields, ("also", "resource", "bind"), "actions")
            entries = [self._actions.entry(name, item) for item in _not_empty(fields["actions"])]
        else:
            entries = list(self._plain(name).actions)
            if not entries:
                raise node.error(f"IAM has no action `{self._prefix}:{name}`", "list the operation's `actions`")
            if base is not None:
                entries = [self._actions.on_resources(name, base, fields.get("resource"), fields.get("bind"))]
            else:
                _refuse(fields, ("resource", "bind"), "kind")
            if "also" in fields:
                own = entries[0] if base is not None else None
                entries.extend(self._actions.entry(name, item, own) for item in _not_empty(fields["also"]))
        advice = self._advice(fields)
        if base is not None and len(entries) == 1 and _is_base_rule(entries[0], base) and not advice:
            raise node.error(f"`{name}` says what the base rule does without it", "delete the entry")
        return OperationRule("", tuple(entries), advice)

    def _advice(self, fields: dict[str, YamlNode]) -> tuple[Advice, ...]:
        found = []
        for node in _not_empty(fields["advice"]) if "advice" in fields else ():
            told = node.record(("action", "why"))
            found.append(Advice(self._actions.known_action(told["action"]).name, told["why"].text()))
        return tuple(found)

    def _plain(self, name: str) -> OperationRule:
        """Return what an operation needs by the base rule, or by the kind of the file where there is no such action."""
        base = find_action(f"{self._prefix}:{name}")
        entry = ActionEntry(base.name) if base is not None else None
        if entry is None and self._by_http:
            entry = http_binding_entry(self._prefix, self._service.operations[name])
        return OperationRule("", (entry,) if entry is not None else ())

    def _replaced(self, node: YamlNode, rules: Mapping[str, OperationRule]) -> Iterator[tuple[str, OperationRule]]:
        """Yield the operations that `node` of `instead` names, with its actions for the values that it is about."""
        fields = node.record(("operations", "parameter", "like", "actions", "source", "examples"))
        path = fields["parameter"].text()
        values = tuple(item.text() for item in fields["like"].one_or_more())
        for item in _not_empty(fields["operations"]):
            name = item.text()
            self._require_operation(name, item)
            if path not in self._service.operations[name].required:
                raise item.error(f"{name} does not require `{path}`", "name operations that always have the parameter")
            entries = rules.get(name, self._plain(name)).actions
            if not entries:
                raise item.error(f"nothing is known of what {name} needs", "name it under `operations` too")
            other = (Guard(path, "not_like", values),)
            this = (Guard(path, "like", values, certain=True),)
            instead = [self._actions.entry(name, action) for action in _not_empty(fields["actions"])]
            self._add_sources(name, fields)
            yield (
                name,
                OperationRule(
                    "",
                    (
                        *(entry._replace(guards=(other, *entry.guards)) for entry in entries),
                        *(entry._replace(guards=(this, *entry.guards)) for entry in instead),
                    ),
                ),
            )
        self._examples.extend(_example(self._called(item), item) for item in _not_empty(fields["examples"]))

    def _add_sources(self, name: str, fields: Mapping[str, YamlNode]) -> None:
        sources = fields["source"].one_or_more()
        for source in sources:
            if not source.text().startswith("https://"):
                raise source.error("not an address", "give the page the fact comes from, beginning with https://")
        more = (source.text() for source in sources)
        self._sources[name] = tuple(dict.fromkeys((*self._sources.get(name, ()), *more)))

    def _called(self, example: YamlNode) -> str:
        found = _METHOD.search(example.record(("code", "needs"))["code"].text())
        name = self._service.methods.get(found[1]) if found else None
        if name is None:
            raise example.error("the example calls no operation of the client", "write one call of a method")
        return name

    # Bindings and results

    def _service_binding(self, name: str, node: YamlNode) -> TypeBinding:
        if resource_type(self._prefix, name) is None:
            raise node.error(
                f"`{self._prefix}` has no resource type `{name}`", "see the Service Authorization Reference"
            )
        return self._parameters.type_binding(None, (self._prefix, name), node)

    def _result(self, name: str, node: YamlNode) -> dict[str, str]:
        self._require_operation(name, node)
        for path, template in node.mapping().items():
            if not self._shapes.has_output(name, path):
                raise template.error(f"the response of {name} has no `{path}`", "correct the path")
            if not re.fullmatch(_RESULT, template.text()):
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
