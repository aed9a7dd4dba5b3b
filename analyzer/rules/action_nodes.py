"""Reads the action entries of a rule file: which action, on what, when and under which IAM conditions."""

from __future__ import annotations

import re
from typing import Final

from analyzer.catalog import Action, find_action
from analyzer.model.requirements import Condition
from analyzer.rules.parameter_nodes import ParameterReader
from analyzer.rules.records import ANY_RESOURCE, ActionEntry, TypeBinding
from analyzer.rules.yaml_nodes import YamlNode

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
_OPERATOR: Final = (
    r"((ForAllValues|ForAnyValue):)?"
    r"(String(Not)?(Equals|EqualsIgnoreCase|Like)|(Numeric|Date)((Not)?Equals|(Less|Greater)Than(Equals)?)|Bool"
    r"|BinaryEquals|(Not)?IpAddress|Arn(Not)?(Equals|Like)|Null)(IfExists)?"
)
_PLACE: Final = ("partition", "region", "account")
_BASE: Final = "base"


class ActionReader:
    """Checks action entries against the IAM catalogue, and their parameters against a client's inputs."""

    def __init__(self, parameters: ParameterReader) -> None:
        """Take what reads the parts that name parameters."""
        self._parameters = parameters

    def entry(self, operation: str, node: YamlNode, base: ActionEntry | None = None) -> ActionEntry:
        """Return the action entry that `node` states for `operation`, whose base action has the entry `base`, if any.

        Raises RuleError.
        """
        fields = node.record(("action",), ("resource", "bind", "when", "conditions"))
        action = self.known_action(fields["action"])
        resource, bind = fields.get("resource"), fields.get("bind")
        if resource is not None and resource.value == _BASE:
            entry = self._on_base(operation, action, resource, bind, base)
        else:
            entry = self.on_resources(operation, action, resource, bind)
        return entry._replace(
            guards=self._parameters.guards(operation, fields["when"]) if "when" in fields else (),
            conditions=_conditions(fields["conditions"], action) if "conditions" in fields else (),
        )

    def known_action(self, node: YamlNode) -> Action:
        """Return the action that `node` names in the catalogue's own spelling. Raises RuleError."""
        name = node.text()
        action = find_action(name)
        if action is None:
            raise node.error(f"IAM has no action `{name}`", "see the Service Authorization Reference")
        if action.name != name:
            raise node.error(f"`{name}` is spelled otherwise", f"write `{action.name}`")
        return action

    def on_resources(
        self, operation: str, action: Action, resource: YamlNode | None, bind: YamlNode | None
    ) -> ActionEntry:
        """Return the entry for `action` with what `resource` and `bind` say, if there. Raises RuleError."""
        if resource is not None and str(resource.value).startswith("arn:"):
            if bind is not None:
                raise bind.error("`bind` has no meaning beside a whole ARN", "delete `bind`")
            return ActionEntry(action.name, (self._parameters.template(operation, resource, _PLACE),))
        resources = _resources(action, resource)
        return ActionEntry(action.name, resources, self._bindings(operation, action, resources, bind))

    def _on_base(
        self, operation: str, action: Action, resource: YamlNode, bind: YamlNode | None, base: ActionEntry | None
    ) -> ActionEntry:
        """Return the entry for `action` on what the base action is on, named as it names that."""
        if base is None or base.action.partition(":")[0] != action.name.partition(":")[0]:
            raise resource.error(f"`{operation}` has no base action of this service", "name the resource type")
        types = _types_of_base(base, operation)
        taken = {one.name for one in action.resource_types}
        if not types or not taken.issuperset(types):
            of = (
                f"`{action.name}` takes no resource type `{', '.join(types)}`"
                if types
                else "the base action has no type"
            )
            raise resource.error(of, "name the resource type")
        own = self._bindings(operation, action, types, bind)
        bound = {name for name, _ in own}
        return ActionEntry(
            action.name, types, own + tuple(one for one in base.bindings if one[0] in types and one[0] not in bound)
        )

    def _bindings(
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


def _types_of_base(base: ActionEntry, operation: str) -> tuple[str, ...]:
    """Return the resource types that `base`, the entry of the base action of `operation`, is on.

    Of several the one that is called like what the operation is about, `endpoint` for `CreateEndpoint`, or those that
    the action requires.
    """
    action = find_action(base.action)
    assert action is not None, "the entry was checked when it was read"
    if base.resources:
        types = tuple(name for name in base.resources if name != ANY_RESOURCE and not name.startswith("arn:"))
        required = types
    else:
        types = tuple(one.name for one in action.resource_types)
        required = tuple(one.name for one in action.resource_types if one.required)
    about = re.sub("^[A-Z][a-z]+", "", operation).lower()
    squeezed = {name: re.sub(r"[^a-z0-9]", "", name.lower()) for name in types}
    exact = tuple(name for name in types if squeezed[name] == about)
    # `DBSnapshot` is a snapshot, and a `Trial` an experiment-trial.
    alike = (name for name in types if about.endswith(squeezed[name]) or squeezed[name].endswith(about))
    called = exact or tuple(sorted(alike, key=lambda name: -len(squeezed[name]))[:1])
    return called or required or types


def _resources(action: Action, node: YamlNode | None) -> tuple[str, ...]:
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
