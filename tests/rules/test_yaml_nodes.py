from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.errors import RuleError
from analyzer.rules import YamlNode, read_yaml


def read(folder: Path, content: str | bytes) -> YamlNode:
    path = folder / "x.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_yaml(path, "rules/services/x.yaml")


def test_values_keep_their_kind_and_their_line(tmp_path: Path) -> None:
    root = read(tmp_path, "a: text\nb: [1, 2.5, true, null]\nc:\n  d: '1'\n").mapping()

    assert root["a"].text() == "text"
    assert [item.value for item in root["b"].items()] == [1, 2.5, True, None]
    assert root["c"].mapping()["d"].text() == "1"
    assert [node.line for node in (root["a"], root["b"], root["c"], root["c"].mapping()["d"])] == [1, 2, 3, 4]


def test_anchors_are_followed(tmp_path: Path) -> None:
    root = read(tmp_path, "a: &x {k: v}\nb: *x\n").mapping()

    assert root["b"].mapping()["k"].text() == "v"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a: 1\na: 2\n", "rules/services/x.yaml:2: `a` stands twice in one mapping; keep one of them"),
        ("a: b: c\n", "rules/services/x.yaml:1: not YAML: mapping values are not allowed here; mend the file's syntax"),
        ("", "rules/services/x.yaml:1: the file is empty; write the record, or delete the file"),
        ("# nothing\n", "rules/services/x.yaml:1: the file is empty; write the record, or delete the file"),
        ("a: 1\n---\nb: 2\n", "rules/services/x.yaml:2: not YAML: but found another document; mend the file's syntax"),
        ("a: 2020-01-01\n", "rules/services/x.yaml:1: a value of the kind tag:yaml.org,2002:timestamp; "
         "write it as a string, in quotes"),
        ("? [a]\n: 1\n", "rules/services/x.yaml:1: a key that is not a string; write a plain word as the key"),
    ],
)  # fmt: skip
def test_what_is_not_plain_yaml_is_refused(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(RuleError) as caught:
        read(tmp_path, content)

    assert str(caught.value) == message


def test_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match=r"rules/services/x\.yaml: cannot be read"):
        read(tmp_path, b"a: \xff\n")
    with pytest.raises(RuleError, match=r"rules/services/y\.yaml: cannot be read"):
        read_yaml(tmp_path / "y.yaml", "rules/services/y.yaml")


def test_wrong_kind_is_refused_with_line_and_remedy(tmp_path: Path) -> None:
    root = read(tmp_path, "a: text\nb: []\nc: {}\nd: 1\n")
    fields = root.mapping()

    for wrong, message in [
        (fields["a"].mapping, "x.yaml:1: not a mapping"),
        (fields["a"].items, "x.yaml:1: not a list"),
        (fields["b"].one_or_more, "x.yaml:2: an empty list"),
        (fields["c"].constant, "x.yaml:3: not a constant"),
        (fields["d"].text, "x.yaml:4: not a string"),
        (lambda: fields["a"].choice(("x", "y")), "x.yaml:1: unknown value `text`; use one of `x`, `y`"),
        (lambda: root.record(("a", "e"), ("b", "c", "d")), "x.yaml:1: `e` is missing; add `e:`"),
        (lambda: root.record(("a",), ("c", "d")), "x.yaml:2: unknown key `b`; use one of `a`, `c`, `d`"),
    ]:
        with pytest.raises(RuleError) as caught:
            wrong()
        assert message in str(caught.value)
