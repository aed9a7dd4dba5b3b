from __future__ import annotations

import pytest

from analyzer.rules.templates import Field, Option, parse_template, template_paths


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ()),
        ("*", ("*",)),
        ("{Path}{RoleName}", (Field("Path"), Field("RoleName"))),
        ("a/{Items[].Key}/b", ("a/", Field("Items[].Key"), "/b")),
        ("{F}[:{Q}]", (Field("F"), Option((":", Field("Q"))))),
        ("[{A[]}/]*", (Option((Field("A[]"), "/")), "*")),
    ],
)
def test_template_has_literals_parameters_and_optional_parts(text: str, parts: tuple[object, ...]) -> None:
    assert parse_template(text) == parts


@pytest.mark.parametrize("text", ["a{b", "a}b", "{}", "{a b}", "[a]", "[]", "[{A}", "{A}]", "[[{A}]]"])
def test_what_is_no_template_is_told(text: str) -> None:
    assert parse_template(text) is None


def test_parameters_of_a_template_are_listed_once() -> None:
    assert template_paths("{A}[/{B.C}]{A}") == ("A", "B.C")
