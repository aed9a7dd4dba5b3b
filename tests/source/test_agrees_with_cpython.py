"""Lowering by tree-sitter gives what CPython's own parser gives, spans included: fixtures/source/ and real modules."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from analyzer.source import lower
from tests.source.reference import first_difference, normalized, reference

_SNIPPETS = Path(__file__).parents[2] / "fixtures" / "source"


def assert_same(text: str) -> None:
    module = lower(text)
    assert module.problems == []
    assert first_difference(normalized(module.body), normalized(reference(text))) is None


@pytest.mark.parametrize("name", sorted(path.stem for path in _SNIPPETS.glob("*.py")))
def test_snippet(name: str) -> None:
    assert_same((_SNIPPETS / f"{name}.py").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["argparse", "asyncio.base_events", "ast", "enum", "functools", "typing"])
def test_module_of_the_standard_library(name: str) -> None:
    spec = importlib.util.find_spec(name)
    assert spec is not None and spec.origin is not None
    assert_same(Path(spec.origin).read_text(encoding="utf-8"))


def test_a_difference_says_where_it_is() -> None:
    difference = first_difference(reference("f(a, b)"), reference("f(a, c)"))
    assert difference is not None and ".args[1].Name.id: 'b' is not 'c'" in difference
