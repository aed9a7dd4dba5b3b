"""What a configuration may say, and what is refused, with the line that says it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.config.reading import TOP_KEYS, read_settings
from analyzer.errors import UsageError

README = Path(__file__).resolve().parent.parent.parent / "README.md"


def test_the_example_of_the_readme_says_what_it_shows() -> None:
    (example,) = re.findall(r"^```toml\n(.*?)^```$", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    found = read_settings(example, "lpa.toml", "/", project=False)
    assert found is not None
    assert (found.account, found.severity, found.strict, found.exclude) == (
        "123456789012", "warning", True, ("tests", "src/vendor/*"),
    )  # fmt: skip
    assert [(one.name, one.source, one.env) for one in found.functions] == [
        ("orders", ("src",), (("TABLE", "orders"),))
    ]
    assert [(one.file, one.functions) for one in found.templates] == [("template.yaml", ("Orders",))]
    assert all(key in example for key in TOP_KEYS), "the README names every key"


def test_a_project_file_says_the_same_below_its_table() -> None:
    assert read_settings("[project]\n[tool.ruff]\n", "pyproject.toml", "/", project=True) is None
    found = read_settings('[[tool.lpa.functions]]\nname = "a"\nsource = ["."]\n', "pyproject.toml", "/", project=True)
    assert found is not None
    assert found.functions[0].line == 1
    with pytest.raises(UsageError, match=r"^pyproject\.toml:2: unknown key x"):
        read_settings("[tool.lpa]\nx = 1\n", "pyproject.toml", "/", project=True)
    with pytest.raises(UsageError, match=r"^pyproject\.toml:1: tool\.lpa is an integer; write a table"):
        read_settings("tool.lpa = 1\n", "pyproject.toml", "/", project=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("account = 123456789012", "lpa.toml:1: account is an integer; write a string"),
        ('account = ""', "lpa.toml:1: account is an empty string"),
        ('account = "12"', "lpa.toml:1: account 12 is not an AWS account id"),
        ('region = "nowhere"', "lpa.toml:1: region nowhere is not an AWS region"),
        ('partition = "x"', "lpa.toml:1: partition x is not a partition"),
        ('region = "eu-west-1"\npartition = "aws-cn"', "lpa.toml:1: region eu-west-1 is not in partition aws-cn"),
        ('severity = "warn"', "lpa.toml:1: severity is warn; did you mean warning?"),
        ('source = "src"', "lpa.toml:1: source is a string; write a list"),
        ('source = [\n  "src",\n  1,\n]', "lpa.toml:3: source holds an integer"),
        ("env = { A = 1 }", "lpa.toml:1: env.A is an integer"),
        ("strict = 1", "lpa.toml:1: strict is an integer; write true or false"),
        ('select = ["missing-permision"]', "lpa.toml:1: there is no check missing-permision; did you mean missing-per"),
        ("[functions.a]", "lpa.toml:1: functions is a table; write each as a table of its own: [[functions]]"),
        ('[[functions]]\nhandler = "a.b"', "lpa.toml:1: functions[1] has no name"),
        ('\n[[functions]]\nname = "a"', "lpa.toml:2: the function a has no source"),
        ('[[functions]]\nname = "a"\nsource = ["."]\npolcy = "x"', "lpa.toml:4: unknown key polcy; did you mean"),
        ('[[functions]]\nname = "a"\nsource = ["."]\nfunction-name = "a:b"', "lpa.toml:4: function-name a:b is not a"),
        ('source = ["."]\n[[functions]]\nname = "a"\n[[functions]]\nname = "a"', "lpa.toml:4: functions names a twice"),
        ('[[templates]]\nfile = "a"\n[[templates]]\nfile = "./a"', "lpa.toml:3: templates names a twice"),
        ('[managed-policies]\n"arn:x" = "y"', "lpa.toml:2: managed-policies: arn:x does not name a policy"),
        ("account = 2026-01-01", "lpa.toml:1: account is a date or time"),
        ("a = ", "lpa.toml: not TOML: "),
        ("a = " + "[" * 5000, "lpa.toml: not TOML: "),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_settings(text, "lpa.toml", "/", project=False)
    assert str(caught.value).startswith(message)
    assert caught.value.hint


KEYS = st.sampled_from([*TOP_KEYS, "name", "file", "x", ""])
VALUES = st.recursive(
    st.sampled_from(['"a"', '""', "1", "1.5", "true", "1979-05-27", "'warning'", '"aws"']),
    lambda inner: (
        st.lists(inner, max_size=2).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(KEYS, inner, max_size=2).map(
            lambda items: "{" + ", ".join(f'"{key}" = {value}' for key, value in items.items()) + "}"
        )
    ),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=3))
def test_no_type_anywhere_gets_through_or_fails_otherwise(document: dict[str, str]) -> None:
    text = "".join(f'"{key}" = {value}\n' for key, value in document.items())
    try:
        read_settings(text, "lpa.toml", "/", project=False)
    except UsageError as error:
        assert re.match(r"lpa\.toml:\d+: ", error.message)
