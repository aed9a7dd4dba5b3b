"""Lowering by tree-sitter gives what CPython's own parser gives, spans included: fixtures/source/ and real modules."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from analyzer.source import lower

_SNIPPETS = Path(__file__).parents[2] / "fixtures" / "source"


def _reference() -> ModuleType:
    # The tests are imported by path (importlib mode), so they do not import each other by name.
    name = "tests_source_reference"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("reference.py"))
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


def assert_same(text: str) -> None:
    reference = _reference()
    module = lower(text)
    assert module.problems == []
    wanted = reference.normalized(reference.reference(text))
    difference = reference.first_difference(reference.normalized(module.body), wanted)
    assert difference is None


@pytest.mark.parametrize("name", sorted(path.stem for path in _SNIPPETS.glob("*.py")))
def test_snippet(name: str) -> None:
    assert_same((_SNIPPETS / f"{name}.py").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["argparse", "asyncio.base_events", "ast", "enum", "functools", "typing"])
def test_module_of_the_standard_library(name: str) -> None:
    spec = importlib.util.find_spec(name)
    assert spec is not None and spec.origin is not None
    assert_same(Path(spec.origin).read_text(encoding="utf-8"))


def test_a_difference_says_where_it_is() -> None:
    reference = _reference()
    difference = reference.first_difference(reference.reference("f(a, b)"), reference.reference("f(a, c)"))
    assert difference is not None and ".args[1].Name.id: 'b' is not 'c'" in difference
