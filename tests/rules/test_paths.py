from __future__ import annotations

import pytest

from analyzer.rules import ITEMS, KEYS, parse_path


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("Bucket", ("Bucket",)),
        ("A.B", ("A", "B")),
        ("Items[].Put.TableName", ("Items", ITEMS, "Put", "TableName")),
        ("A[][].B", ("A", ITEMS, ITEMS, "B")),
        ("Names[]", ("Names", ITEMS)),
        ("keys(RequestItems)", ("RequestItems", KEYS)),
        ("keys(A.B)", ("A", "B", KEYS)),
        ("", None),
        ("A.", None),
        ("A[0]", None),
        ("A..B", None),
        ("keys(A", None),
        ("keys(keys(A))", None),
        ("A B", None),
    ],
)
def test_path_is_taken_apart(path: str, steps: tuple[str, ...] | None) -> None:
    assert parse_path(path) == steps
