"""The lines of keys, counted by hand; the keys themselves are those that `tomllib` finds."""

from __future__ import annotations

import tomllib

from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.config.toml_lines import key_lines

DOCUMENT = '''\
# a comment = "with a key"
a = 1
b.c = """
[not.a.table]
d = 2
"""  # e = 3
"f g" = ['x = 1', "]", # ]
  { h = "}", "i" = [1,
    2] },
]

[tool . "lpa"]
source = ["src"]

[[tool.lpa.functions]]
name = 'one'
[tool.lpa.functions.env]
A = "1"
[[tool.lpa.functions]]
name = "two"
env = { A = "#", B = """x""" }
when = 1979-05-27T07:32:00Z
'''


def test_lines() -> None:
    lines = key_lines(DOCUMENT)
    assert {key: lines[key] for key in [("a",), ("b", "c"), ("f g",), ("f g", 0), ("f g", 2), ("f g", 2, "h")]} == {
        ("a",): 2, ("b", "c"): 3, ("f g",): 7, ("f g", 0): 7, ("f g", 2): 8, ("f g", 2, "h"): 8,
    }  # fmt: skip
    assert (lines["f g", 2, "i", 1], lines["tool", "lpa", "source", 0]) == (9, 13)
    functions = ("tool", "lpa", "functions")
    assert (lines[*functions, 0], lines[*functions, 0, "env", "A"], lines[*functions, 1]) == (15, 18, 19)
    assert (lines[*functions, 1, "env", "B"], lines[*functions, 1, "when"]) == (21, 22)
    assert ("e",) not in lines
    assert ("d",) not in lines


def _paths(value: object, path: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = {path} if path else set()
    return found.union(*(_paths(item, (*path, key)) for key, item in items)) if items else found


def test_every_key_has_a_line() -> None:
    assert set(key_lines(DOCUMENT)) == _paths(tomllib.loads(DOCUMENT))


TEXTS = st.text("ab\"'#[]{}=,.\\\n ", max_size=6)
SCALARS = st.one_of(st.integers(), st.booleans(), TEXTS)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3))


def _written(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_written(key)} = {_written(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[\n" + ",\n".join(map(_written, value)) + "\n]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    return str(value)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_whatever_is_valid_is_understood(document: dict[str, object]) -> None:
    text = "".join(f"{_written(key)} = {_written(value)}\n" for key, value in document.items())
    assert tomllib.loads(text) == document
    assert set(key_lines(text)) == _paths(document)
