from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.errors import EXIT_INPUT, InputError
from analyzer.iam import positioned_json
from analyzer.iam.positioned_json import Array, Json, Object, Scalar, parse_json

values = st.recursive(
    st.none() | st.booleans() | st.text() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


def plain(value: Json) -> object:
    if isinstance(value, Object):
        return {key: plain(member) for key, member in value.members.items()}
    if isinstance(value, Array):
        return [plain(item) for item in value.items]
    return json.loads(str(value.value)) if value.is_number else value.value


@given(values, st.sampled_from([None, 2]), st.booleans())
def test_it_reads_what_json_writes(value: object, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert plain(parse_json(text, "x.json")) == value


def test_places_are_those_of_the_file() -> None:
    root = parse_json('{\n  "a": [1,\n    "b"]\n}\n', "x.json")
    assert isinstance(root, Object)
    assert str(root.location) == "x.json:1:1"
    assert (root.location.end_line, root.location.end_column) == (4, 2)
    assert str(root.key_locations["a"]) == "x.json:2:3"
    items = root.members["a"]
    assert isinstance(items, Array)
    assert [str(item.location) for item in items.items] == ["x.json:2:9", "x.json:3:5"]
    assert (items.items[1].location.end_line, items.items[1].location.end_column) == (3, 8)


def test_a_byte_order_mark_is_no_content() -> None:
    assert parse_json("\ufeff true", "x.json") == Scalar(True, False, parse_json("  true", "x.json").location)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "x.json:1:1: not JSON: expected a value, found the end of the file"),
        ("nul", 'x.json:1:1: not JSON: expected a value, found "n"'),
        ("{'a': 1}", 'x.json:1:2: not JSON: expected a key in double quotes, found "\'"'),
        ('{"a" 1}', 'x.json:1:6: not JSON: expected ":", found "1"'),
        ('{\n  "a": 1,\n}', 'x.json:3:1: not JSON: expected a key in double quotes, found "}"'),
        ("[1, 2", 'x.json:1:6: not JSON: expected "," or "]", found the end of the file'),
        ("[1] 2", "x.json:1:5: not JSON: text after the end of the JSON document"),
        ("01", "x.json:1:2: not JSON: text after the end of the JSON document"),
        ('["a\n"]', "x.json:1:4: not JSON: invalid control character"),
        ('"abc', "x.json:1:1: not JSON: unterminated string"),
        (r'"\ud800"', "x.json:1:1: not JSON: half a surrogate pair in a string"),
        ("[" * 5000, "x.json:1:102: not JSON: nested more than 100 deep"),
        ('{"a": 1,\n "a": 2}', 'x.json:2:2: the key "a" occurs twice, first on line 1'),
    ],
)
def test_what_is_not_json_is_named_with_its_place(text: str, message: str) -> None:
    with pytest.raises(InputError) as failure:
        parse_json(text, "x.json")
    assert failure.value.message == message
    assert failure.value.hint
    assert failure.value.exit_code == EXIT_INPUT


@given(st.text(alphabet='{}[]",:0-.eE\\ untrlfasd\n', max_size=20))
def test_it_accepts_nothing_that_json_refuses(text: str) -> None:
    try:
        parse_json(text, "x.json")
    except InputError:
        return
    json.loads(text)


def test_the_number_of_values_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(positioned_json, "_MOST_VALUES", 3)
    parse_json("[1, 2]", "a.json")
    with pytest.raises(InputError, match=r"^a\.json:1:8: not JSON: more than 3 values"):
        parse_json("[1, 2, 3]", "a.json")
