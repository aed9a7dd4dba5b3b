"""The layers of the project and the habits that a program can check, held against every module's own imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "analyzer"

LAYERS = {
    "model": 0, "reading": 0, "errors": 0, "events": 0, "cache": 0, "installed": 0,
    "sdk": 1, "catalog": 1, "iam": 1, "rules": 1, "archive": 1, "revision": 1,
    "collect": 2, "source": 2, "flow": 2, "authorize": 2, "generate": 2, "compare": 2, "checks": 2, "platform": 2,
    "templates": 2, "machines": 2, "changed": 2,
    "baseline": 3, "config": 3, "sources": 3, "stored": 3, "pipeline": 3, "deployed": 3, "fixed": 3, "planned": 3,
    "written": 3, "access": 3, "additions": 3, "configured": 3, "states": 3, "proposed": 3, "precommit": 3,
    "library": 4, "report": 4, "cli": 4,
}  # fmt: skip

# Imports inside a layer that the design names; everything else goes strictly downwards.
WITHIN_A_LAYER = {
    ("cache", "errors"), ("reading", "errors"), ("model", "errors"), ("installed", "errors"),
    ("rules", "sdk"), ("rules", "catalog"), ("rules", "iam"),
    ("catalog", "iam"),
    ("pipeline", "config"), ("pipeline", "sources"), ("pipeline", "stored"), ("stored", "sources"),
    ("deployed", "config"), ("deployed", "sources"), ("deployed", "stored"), ("deployed", "pipeline"),
    ("planned", "deployed"), ("fixed", "config"), ("fixed", "deployed"), ("fixed", "planned"),
    ("additions", "deployed"), ("additions", "planned"),
    ("written", "config"), ("written", "deployed"), ("written", "planned"),
    ("states", "config"), ("states", "pipeline"), ("states", "deployed"), ("states", "configured"),
    ("proposed", "config"),
    ("configured", "config"), ("configured", "pipeline"), ("configured", "deployed"),
    ("access", "config"), ("access", "pipeline"), ("access", "deployed"),
    ("cli", "report"),
}  # fmt: skip

FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "base", "tools"}


@dataclass(frozen=True)
class Module:
    path: Path
    tree: ast.Module

    @property
    def unit(self) -> str:
        """The top-level part of the package that the module belongs to: `sdk`, `errors` …"""
        return self.path.relative_to(PACKAGE).with_suffix("").parts[0]

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))


def _modules() -> list[Module]:
    return [Module(path, ast.parse(path.read_bytes())) for path in sorted(PACKAGE.rglob("*.py"))]


MODULES = _modules()


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_imports_run_downwards(module: Module) -> None:
    if module.unit == "__init__":
        return
    for imported in _imports(module.tree):
        if not imported.startswith("analyzer."):
            continue
        target = imported.split(".")[1]
        if target == module.unit:
            continue
        allowed = LAYERS[target] < LAYERS[module.unit] or (module.unit, target) in WITHIN_A_LAYER
        assert allowed, f"{module.name} (layer {LAYERS[module.unit]}) imports {imported} (layer {LAYERS[target]})"


def test_only_the_source_stage_uses_ast_grep() -> None:
    users = {module.unit for module in MODULES for name in _imports(module.tree) if name.startswith("ast_grep_py")}
    assert users == {"source"}


# Takes an ARN apart by one of the catalogue's formats and captures its variables, which no wildcard match gives.
CAPTURES_VARIABLES = "analyzer/authorize/formats.py"


def test_only_iam_matches_wildcards() -> None:
    users = set()
    for module in MODULES:
        matches = any(name.split(".")[0] in {"fnmatch", "glob"} for name in _imports(module.tree))
        for node in ast.walk(module.tree):
            # Both are how a wildcard pattern is turned into a regular expression.
            escapes = isinstance(node, ast.Attribute) and node.attr == "escape" and ast.unparse(node.value) == "re"
            translates = isinstance(node, ast.Constant) and node.value in {".*", ".*?"}
            matches = matches or escapes or translates
        if matches and module.name != CAPTURES_VARIABLES:
            users.add(module.unit)
    assert users <= {"iam"}


def test_only_rules_and_iam_read_yaml() -> None:
    # The rule data, and what users write: policies and templates.
    readers = {
        module.unit for module in MODULES for name in _imports(module.tree) if name.split(".")[0] in {"ruamel", "yaml"}
    }
    assert readers <= {"rules", "iam"}


def test_only_the_command_line_catches_every_error() -> None:
    catchers = {
        module.unit
        for module in MODULES
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or {"LpaError", "Exception", "BaseException"} & _names(node.type))
    }
    assert catchers == {"cli"}


def _names(node: ast.AST) -> set[str]:
    return {child.id for child in ast.walk(node) if isinstance(child, ast.Name)}


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_modules_are_named_for_what_they_hold(module: Module) -> None:
    assert module.path.stem not in FORBIDDEN_NAMES
    assert module.path.parent.name not in FORBIDDEN_NAMES


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_functions_stay_small(module: Module) -> None:
    # The habit is about 60 lines; this only stops what is plainly past that.
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= 75, f"{module.name}:{node.lineno} {node.name} has {length} lines"
