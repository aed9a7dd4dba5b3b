"""Reads a file of rules/libraries/ and checks it against botocore's models, the IAM catalogue, and itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from analyzer.catalog import find_action
from analyzer.rules.library_records import (
    ANY_OBJECT,
    EVENT,
    FORWARDED,
    OWNER,
    RECEIVER,
    Argument,
    Constant,
    Filling,
    LibraryCall,
    LibraryEntry,
    LibraryExample,
    LibraryRules,
    Part,
)
from analyzer.rules.paths import parse_path
from analyzer.rules.records import Guard
from analyzer.rules.shapes import Shapes
from analyzer.rules.yaml_nodes import YamlNode, read_yaml
from analyzer.sdk import load_service

_NAME: Final = r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*"
_NEED: Final = r"(?P<action>[a-z0-9-]+:\w+) on (\*|arn:\S.*)"
_KINDS: Final = ("operation", "action", "method", "function", "unknown")
_TESTS: Final = ("equals", "not_equals", "matches", "surely", "seen")


def read_library_file(path: Path, shown: str) -> tuple[LibraryRules, tuple[LibraryExample, ...]]:
    """Return the rules and the examples in `path`, a file named after a package; messages call it `shown`.

    Raises RuleError, with the line and what to do, for anything that docs/rules.md does not allow.
    """
    return _LibraryFile(path.stem, read_yaml(path, shown), shown).read()


class _LibraryFile:
    """One file while it is read."""

    def __init__(self, name: str, node: YamlNode, shown: str) -> None:
        self._name = name
        self._shown = shown
        self._fields = node.record(
            ("source", "read", "examples"),
            ("aliases", "wraps", "no_calls", "views", "reported", "signers", "entries"),
        )
        self._shapes: dict[str, Shapes] = {}
        # Paths that were used, with the names they were used for: checked when all signatures are known.
        self._paths: list[tuple[str, YamlNode, tuple[str, ...]]] = []

    def read(self) -> tuple[LibraryRules, tuple[LibraryExample, ...]]:
        fields = self._fields
        self._sources(fields["source"])
        fields["read"].text()
        entries: dict[str, LibraryEntry] = {}
        for node in _items(fields.get("entries")):
            for name, entry in self._entry(node):
                if name in entries:
                    raise node.error(f"`{name}` stands twice", "keep one of them")
                entries[name] = entry
        self._check_paths(entries)
        aliases = fields["aliases"].mapping() if "aliases" in fields else {}
        rules = LibraryRules(
            self._name,
            self._shown,
            {name: target.text() for name, target in aliases.items()},
            self._listed("wraps"),
            self._listed("no_calls"),
            self._listed("views"),
            self._listed("reported"),
            self._listed("signers"),
            entries,
        )
        return rules, tuple(_example(item) for item in _items(fields["examples"]))

    def _listed(self, key: str) -> tuple[str, ...]:
        return tuple(self._dotted(item) for item in _items(self._fields.get(key)))

    def _sources(self, node: YamlNode) -> None:
        for source in node.one_or_more():
            if not source.text().startswith("https://"):
                raise source.error("not an address", "give the page the fact comes from, beginning with https://")

    def _dotted(self, node: YamlNode) -> str:
        name = node.text()
        if not re.fullmatch(_NAME, name) or name.partition(".")[0] != self._name:
            raise node.error(f"`{name}` is no dotted name below `{self._name}`", "write it as a program imports it")
        return name

    # Entries

    def _entry(self, node: YamlNode) -> Iterable[tuple[str, LibraryEntry]]:
        fields = node.record(("names",), ("of", "arguments", "attributes", "calls", "returns", "source"))
        if "source" in fields:
            self._sources(fields["source"])
        names = self._names(fields["names"], fields.get("of"))
        arguments = _signature(fields["arguments"]) if "arguments" in fields else ()
        calls = tuple(self._call(names, item) for item in _items(fields.get("calls")))
        returns, guards = "", tuple[Guard, ...]()
        if "returns" in fields and fields["returns"].is_mapping:
            given = fields["returns"].record(("name", "when"))
            returns, guards = given["name"].text(), self._guards(names, given["when"])
        elif "returns" in fields:
            returns = fields["returns"].text()
        attributes = tuple(
            (name, self._path(names, argument.text(), argument))
            for name, argument in (fields["attributes"].mapping() if "attributes" in fields else {}).items()
        )
        entry = LibraryEntry(arguments, calls, returns, guards, attributes)
        return [(name, entry) for name in names]

    def _names(self, node: YamlNode, owner: YamlNode | None) -> tuple[str, ...]:
        if owner is None:
            return tuple(self._dotted(item) for item in node.one_or_more())
        prefix = ANY_OBJECT if owner.value == ANY_OBJECT else self._dotted(owner)
        for item in node.one_or_more():
            if not re.fullmatch(_NAME, item.text()):
                raise item.error(f"`{item.value}` is no name", f"write a name below `{prefix}`")
        return tuple(f"{prefix}.{item.text()}" for item in node.one_or_more())

    def _call(self, names: tuple[str, ...], node: YamlNode) -> LibraryCall:
        fields = node.record((), (*_KINDS, "arguments", "parameters", "when", "region"))
        kinds = [kind for kind in _KINDS if kind in fields]
        if len(kinds) != 1:
            raise node.error("not a call", f"write one of {', '.join(_KINDS)}")
        kind, target = kinds[0], fields[kinds[0]]
        owner, name = self._target(names, kind, target)
        parameters = []
        for parameter, value in fields["parameters"].mapping().items() if "parameters" in fields else ():
            if kind == "unknown":
                raise value.error("nothing is called with parameters", "delete them, or write an operation or action")
            self._check_parameter(kind, owner, name, parameter, value)
            parameters.append((parameter, self._filling(names, value)))
        if ("arguments" in fields) != (kind == "function") or (parameters and kind == "function"):
            raise node.error("not a call", "write `arguments` for a function, and `parameters` for whatever else")
        for position, value in enumerate(fields["arguments"].items() if "arguments" in fields else ()):
            parameters.append((str(position), self._filling(names, value)))
        return LibraryCall(
            kind,
            owner,
            name,
            tuple(parameters),
            self._guards(names, fields["when"]) if "when" in fields else (),
            self._filling(names, fields["region"]) if "region" in fields else None,
        )

    def _target(self, names: tuple[str, ...], kind: str, node: YamlNode) -> tuple[str, str]:
        if kind == "action":
            action = find_action(node.text())
            if action is None or action.name != node.text():
                raise node.error(f"IAM has no action `{node.value}`", "see the Service Authorization Reference")
            owner, _, name = node.text().partition(":")
            return owner, name
        if kind == "unknown":
            return "", node.text()
        if kind == "function":
            return self._path(names, node.text(), node), ""
        owner, _, name = node.text().rpartition(".")
        if kind == "method":
            self._path(names, owner, node)
            return owner, name
        service = load_service(owner)
        if service is None or name not in service.operations:
            raise node.error(f"botocore has no operation `{node.value}`", "write `client.Operation`")
        return owner, name

    def _check_parameter(self, kind: str, owner: str, name: str, parameter: str, node: YamlNode) -> None:
        if parameter == FORWARDED or kind == "method":
            return
        if kind == "action":
            action = find_action(f"{owner}:{name}")
            known = _variables(owner, [one.name for one in action.resource_types] if action else [])
            if parameter not in known:
                raise node.error(f"no ARN of `{owner}:{name}` has `{parameter}`", f"use one of {', '.join(known)}")
            return
        if owner not in self._shapes:
            self._shapes[owner] = Shapes(owner)
        if self._shapes[owner].input_type(name, parameter) is None:
            raise node.error(f"{name} has no parameter `{parameter}`", "correct the path")

    def _filling(self, names: tuple[str, ...], node: YamlNode) -> Filling:
        if not node.is_mapping:
            return Filling(self._references(names, node))
        append = node.mapping()["append"].text() if "append" in node.mapping() else ""
        if "constant" in node.mapping():
            constant = node.record(("constant",), ("append",))["constant"].constant()
            return Filling((), constant=constant, append=append)
        fields = node.record(("from",), ("as", "extract", "append"))
        part = Part(fields["as"].choice([part.value for part in Part if part])) if "as" in fields else Part.WHOLE
        extract = _regular_expression(fields["extract"]) if "extract" in fields else ""
        if extract and re.compile(extract).groups != 1:
            raise fields["extract"].error("not one group", "put the part to take in one pair of parentheses")
        return Filling(self._references(names, fields["from"]), part, extract, append=append)

    def _references(self, names: tuple[str, ...], node: YamlNode) -> tuple[str, ...]:
        return tuple(self._path(names, item.text(), item) for item in node.one_or_more())

    def _guards(self, names: tuple[str, ...], node: YamlNode) -> tuple[Guard, ...]:
        return tuple(self._guard(names, item) for item in node.one_or_more())

    def _guard(self, names: tuple[str, ...], node: YamlNode) -> Guard:
        fields = node.record((), ("argument", "absent", *_TESTS))
        tests = [test for test in _TESTS if test in fields]
        if ("argument" in fields) == ("absent" in fields) or len(tests) > ("argument" in fields):
            raise node.error("not a condition", "write `argument: PATH` with at most one test, or `absent: PATH`")
        if "absent" in fields:
            return Guard(self._path(names, fields["absent"].text(), fields["absent"]), "absent")
        path = self._path(names, fields["argument"].text(), fields["argument"])
        if not tests:
            return Guard(path, "present")
        given = fields[tests[0]].one_or_more()
        if tests[0] in ("equals", "not_equals"):
            return Guard(path, tests[0], tuple(item.constant() for item in given))
        return Guard(path, tests[0], tuple(_regular_expression(item) for item in given))

    # Paths into arguments

    def _path(self, names: tuple[str, ...], path: str, node: YamlNode) -> str:
        if parse_path(path) is None:
            raise node.error(f"`{path}` is not a path", "write `name`, `a.b`, `items[].key` or `keys(mapping)`")
        self._paths.append((path, node, names))
        return path

    def _check_paths(self, entries: Mapping[str, LibraryEntry]) -> None:
        for path, node, names in self._paths:
            root = (parse_path(path) or ("",))[0]
            for name in names:
                if root not in _roots(entries, name):
                    raise node.error(f"`{name}` has no argument `{root}`", "correct the path, or the signature")


def _roots(entries: Mapping[str, LibraryEntry], name: str) -> set[str]:
    """Return the arguments that a function can use: its own, those its object was made with, and the object."""
    roots = {RECEIVER, OWNER, EVENT}
    while name:
        if name in entries:
            roots.update(argument.name for argument in entries[name].arguments)
        name = name.rpartition(".")[0]
    return roots


def _variables(prefix: str, types: list[str]) -> list[str]:
    from analyzer.catalog import resource_type

    found = [known for name in types if (known := resource_type(prefix, name))]
    return sorted({variable for known in found for variable in known.variables})


def _signature(node: YamlNode) -> tuple[Argument, ...]:
    """Return the arguments of a signature, written as Python does: `path, mode="r", *, version=None, **options`."""
    try:
        (function,) = ast.parse(f"def _({node.text()}): ...").body
    except SyntaxError as error:
        raise node.error(f"not a signature: {error.msg}", "write it as in a `def`, without annotations") from error
    assert isinstance(function, ast.FunctionDef)
    given = function.args
    normal = [*given.posonlyargs, *given.args]
    defaults: list[ast.expr | None] = [*[None] * (len(normal) - len(given.defaults)), *given.defaults]
    found = [Argument(one.arg, "normal", _default(node, value)) for one, value in zip(normal, defaults, strict=True)]
    if given.vararg is not None:
        found.append(Argument(given.vararg.arg, "args"))
    for one, value in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        found.append(Argument(one.arg, "keyword", _default(node, value)))
    if given.kwarg is not None:
        found.append(Argument(given.kwarg.arg, "kwargs"))
    return tuple(found)


def _default(node: YamlNode, value: ast.expr | None) -> Constant | None:
    if value is None:
        return None
    try:
        default = ast.literal_eval(value)
    except ValueError:
        default = ()
    if default is None or isinstance(default, Constant):
        return default
    raise node.error(f"a default that is no constant: `{ast.unparse(value)}`", "write None for it")


def _regular_expression(node: YamlNode) -> str:
    try:
        re.compile(node.text())
    except re.error as error:
        raise node.error(f"not a regular expression: {error}", "correct it") from error
    return node.text()


def _items(node: YamlNode | None) -> tuple[YamlNode, ...]:
    if node is None:
        return ()
    items = node.items()
    if not items:
        raise node.error("an empty list", "give at least one, or delete the key")
    return items


def _example(node: YamlNode) -> LibraryExample:
    fields = node.record(("code", "needs"), ("unresolved",))
    for need in fields["needs"].items():
        match = re.fullmatch(_NEED, need.text())
        if match is None:
            raise need.error(f"not a need: `{need.value}`", "write `prefix:Action on ARN` or `prefix:Action on *`")
        if find_action(match["action"]) is None:
            raise need.error(f"IAM has no action `{match['action']}`", "see the Service Authorization Reference")
    needs = tuple(sorted(need.text() for need in fields["needs"].items()))
    unresolved = tuple(sorted(item.text() for item in _items(fields.get("unresolved"))))
    return LibraryExample(fields["code"].text(), needs, unresolved, node.line)
