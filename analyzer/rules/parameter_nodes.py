"""Reads the parts of a rule file that name parameters: bindings and conditions."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from analyzer.catalog import resource_type
from analyzer.rules.paths import parse_path
from analyzer.rules.records import VALUE_TESTS, Binding, Guard, Guards, Spelling, TypeBinding
from analyzer.rules.shapes import Shapes
from analyzer.rules.templates import parse_template, template_paths
from analyzer.rules.yaml_nodes import YamlNode

_WHOLE: Final = (Spelling.ARN, Spelling.URL, Spelling.COPY_SOURCE)
_VARIABLE_SPELLINGS: Final = tuple(spelling.value for spelling in Spelling if spelling and spelling not in _WHOLE)
_PLACES: Final = ("Partition", "Region", "Account")


class ParameterReader:
    """Checks parameter paths against a client's inputs. An operation of None stands for any of the client's."""

    def __init__(self, shapes: Shapes) -> None:
        """Take the inputs."""
        self._shapes = shapes

    def guards(self, operation: str, node: YamlNode) -> Guards:
        """Return the conditions that `node` states on the parameters of `operation`. Raises RuleError."""
        return tuple(self._clause(operation, item) for item in node.one_or_more())

    def _clause(self, operation: str, node: YamlNode) -> tuple[Guard, ...]:
        if "any" not in node.mapping():
            return (self._guard(operation, node),)
        items = node.record(("any",))["any"].items()
        if len(items) < 2:
            raise node.error("`any` of less than two", "list two conditions or more")
        return tuple(self._guard(operation, item) for item in items)

    def _guard(self, operation: str, node: YamlNode) -> Guard:
        fields = node.record((), ("parameter", "absent", "certain", *VALUE_TESTS))
        tests = [test for test in VALUE_TESTS if test in fields]
        if ("parameter" in fields) == ("absent" in fields) or len(tests) > ("parameter" in fields):
            raise node.error("not a condition", "write `parameter: PATH` with at most one test, or `absent: PATH`")
        if "certain" in fields and (fields["certain"].value is not True or not tests):
            raise fields["certain"].error("nothing to be certain of", "write `certain: true` beside a test of a value")
        if "absent" in fields:
            return Guard(self._input_path(operation, fields["absent"]), "absent")
        path = self._input_path(operation, fields["parameter"])
        if not tests:
            return Guard(path, "present")
        values = tuple(item.constant() for item in fields[tests[0]].one_or_more())
        if tests[0] == "matches":
            for item in fields["matches"].one_or_more():
                _regular_expression(item)
        elif tests[0] in ("equals", "not_equals"):
            allowed = self._shapes.choices(operation, path)
            for value in values if allowed else ():
                if value not in allowed:
                    raise fields[tests[0]].error(f"`{path}` is never `{value}`", f"use one of {', '.join(allowed)}")
        return Guard(path, tests[0], values, "certain" in fields)

    def template(self, operation: str | None, node: YamlNode, known: Collection[str] = ()) -> str:
        """Return the template in `node`, whose fields are parameters or among the names `known`. Raises RuleError."""
        if node.value == "":
            return ""
        text = node.text()
        if parse_template(text) is None:
            raise node.error(f"`{text}` is not a template", "write `{Parameter}`, `[...]` around what may be left out")
        for path in template_paths(text):
            if path not in known:
                self._check_input(operation, path, node)
        return text

    def type_binding(self, operation: str | None, target: tuple[str, str], node: YamlNode) -> TypeBinding:
        """Return the binding of a resource type, `target` being its IAM prefix and name. Raises RuleError."""
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
            fields = node.record(("value",), ("as",))
            template = self.template(operation, fields["value"])
            return Binding(template_paths(template), _spelling(fields, spelling), template=template)
        if "map" in node.mapping():
            fields = node.record(("from", "map"))
            paths = self._binding_paths(operation, fields["from"])
            return Binding(paths, spelling, choices=self._choices(operation, paths, fields["map"]))
        fields = node.record(("from",), ("as", "extract"))
        extract = _regular_expression(fields["extract"]) if "extract" in fields else ""
        if extract and re.compile(extract).groups != 1:
            raise fields["extract"].error("not one group", "put the part to take in one pair of parentheses")
        return Binding(self._binding_paths(operation, fields["from"]), _spelling(fields, spelling), extract)

    def _choices(self, operation: str | None, paths: tuple[str, ...], node: YamlNode) -> tuple[tuple[str, str], ...]:
        """Return the pairs in `node`, of a value of the parameters at `paths` and what stands for it in the ARN."""
        choices = tuple((value, text.text()) for value, text in node.mapping().items())
        if not choices:
            raise node.error("an empty map", "say what stands in the ARN for each value")
        for path in paths:
            allowed = self._shapes.choices(operation, path) if operation is not None else ()
            for value, _ in choices if allowed else ():
                if value not in allowed:
                    raise node.error(f"`{path}` is never `{value}`", f"use one of {', '.join(allowed)}")
        return choices

    def _binding_paths(self, operation: str | None, node: YamlNode) -> tuple[str, ...]:
        return tuple(self._input_path(operation, item) for item in node.one_or_more())

    def _input_path(self, operation: str | None, node: YamlNode) -> str:
        path = node.text()
        if parse_path(path) is None:
            raise node.error(f"`{path}` is not a path", "write `Name`, `A.B`, `Items[].Key`, `Map.*` or `keys(Map)`")
        self._check_input(operation, path, node)
        return path

    def _check_input(self, operation: str | None, path: str, node: YamlNode) -> None:
        if operation is None:
            if not self._shapes.in_any_input(path):
                raise node.error(f"no operation has a parameter `{path}`", "correct the path")
        elif self._shapes.input_type(operation, path) is None:
            raise node.error(f"{operation} has no parameter `{path}`", "correct the path")


def _spelling(fields: dict[str, YamlNode], spelling: Spelling) -> Spelling:
    if "as" not in fields:
        return spelling
    if spelling:
        raise fields["as"].error(f"`{spelling}` says how it is spelled already", "delete `as`")
    return Spelling(fields["as"].choice(_VARIABLE_SPELLINGS))


def _regular_expression(node: YamlNode) -> str:
    try:
        re.compile(node.text())
    except re.error as error:
        raise node.error(f"not a regular expression: {error}", "correct it") from error
    return node.text()
