from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from analyzer.checks import Example, check_rule

if TYPE_CHECKING:
    from tests.conftest import Command

EMPTY = '{"Version": "2012-10-17", "Statement": []}'
CALL = 'boto3.client("sqs").list_queues()'


def found(lpa: Command, app: str, *flags: str, role: str = EMPTY) -> set[tuple[str, int, int, str]]:
    """What a check of `app` says: check, line, column, and the message of what is about a comment."""
    lpa.write("app.py", app)
    lpa.write("role.json", role)
    done = lpa("check", "role.json", "--source", "app.py", "--format", "json", *flags)
    assert done.stderr == ""
    return {
        (one["check"], one["line"], one["column"], one["message"] if one["check"] == "unused-ignore" else "")
        for one in json.loads(done.stdout)["findings"]
    }


@pytest.mark.parametrize(
    "code",
    [
        f"{CALL}  # lpa: ignore[missing-permission]",
        f"{CALL}  # lpa: ignore[missing-permission] the platform team grants it",
        f"{CALL}  # noqa: E501  # lpa:ignore [ missing-permission ]: see #12",
        f"# lpa: ignore[missing-permission]\n{CALL}",
        f"# lpa: ignore[missing-permission]\n# because of this and that\n{CALL}",
        f"if True:\n    # lpa: ignore[missing-permission]\n    {CALL}",
        f"# lpa: ignore[incomplete-analysis,\n{CALL}  # lpa: ignore[missing-permission]".replace(
            "# lpa: ignore[inc", "# "
        ),
        f"{CALL}  # lpa: ignore[missing-permission, unused-ignore, no-such-check]",
    ],
)
def test_ignored(lpa: Command, code: str) -> None:
    assert found(lpa, f"import boto3\n{code}\n") == set()


MISSING = ("missing-permission", 2, 1, "")


def unused(line: int, column: int, message: str) -> tuple[str, int, int, str]:
    return ("unused-ignore", line, column, message)


NOTHING = "missing-permission has found nothing here"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        # In the line after, at the end of another line, and further above.
        (f"{CALL}\n# lpa: ignore[missing-permission]", {MISSING, unused(3, 1, NOTHING)}),
        (
            f"x = 1  # lpa: ignore[missing-permission]\n{CALL}",
            {("missing-permission", 3, 1, ""), unused(2, 8, NOTHING)},
        ),
        (f"# lpa: ignore[missing-permission]\n\n{CALL}", {("missing-permission", 4, 1, ""), unused(2, 1, NOTHING)}),
        # Another check, one too many, one that does not exist, and none.
        (
            f"{CALL}  # lpa: ignore[unused-permission]",
            {MISSING, unused(2, 36, "unused-permission has found nothing here")},
        ),
        (
            f"{CALL}  # lpa: ignore[missing-permission, incomplete-analysis]",
            {unused(2, 36, "incomplete-analysis has found nothing here")},
        ),
        (
            f"{CALL}  # lpa: ignore[mising-permission]",
            {MISSING, unused(2, 36, "there is no check mising-permission; did you mean missing-permission?")},
        ),
        (f"{CALL}  # lpa: ignore[zzz]", {MISSING, unused(2, 36, "there is no check zzz")}),
        (
            f"{CALL}  # lpa: ignore",
            {MISSING, unused(2, 36, "this comment ignores nothing: it names no check in brackets")},
        ),
        (
            f"{CALL}  # lpa: ignore[ ]",
            {MISSING, unused(2, 36, "this comment ignores nothing: it names no check in brackets")},
        ),
        # A check of lint has not run here, so that nothing can be said of it.
        (f"{CALL}  # lpa: ignore[missing-permission, full-wildcard]", set()),
        # What is no comment says nothing.
        (f'{CALL}; x = "# lpa: ignore[missing-permission]"', {MISSING}),
        (f"{CALL}  # lpa: ignored", {MISSING}),
    ],
)
def test_unused(lpa: Command, code: str, expected: set[tuple[str, int, int, str]]) -> None:
    assert found(lpa, f"import boto3\n{code}\n") == expected


def test_a_file_that_cannot_be_tokenized(lpa: Command) -> None:
    app = f"import boto3\n{CALL}  # lpa: ignore[missing-permission]\n\n\n"
    app += "def broken(:  # lpa: ignore[incomplete-analysis]\n"
    assert found(lpa, app) == set()


def test_line_endings_and_the_byte_order_mark(lpa: Command) -> None:
    app = f"# lpa: ignore[missing-permission]\nimport boto3\n{CALL}  # lpa: ignore[missing-permission]\n"
    assert found(lpa, "\ufeff" + app.replace("\n", "\r\n")) == {unused(1, 1, NOTHING)}


def test_all_files_of_the_source_are_searched(lpa: Command) -> None:
    lpa.write("src/app.py", "x = 1\n")
    lpa.write("src/more/other.py", "y = 2  # lpa: ignore[missing-permission]\n")
    lpa.write("role.json", EMPTY)
    done = lpa("check", "role.json", "--source", "src")
    assert done.returncode == 1
    assert done.stdout.startswith(f"src/more/other.py:1:8: warning: {NOTHING} [unused-ignore]\n")


def test_with_a_handler_no_comment_is_unused(lpa: Command) -> None:
    """The comment may be for what another handler reaches."""
    app = f"import boto3\n\n\ndef one(event, context):\n    {CALL}  # lpa: ignore[missing-permission]\n\n\n"
    app += "def other(event, context):\n    pass\n"
    assert found(lpa, app, "--handler", "app.other", "--platform", "none") == set()
    assert found(lpa, app, "--handler", "app.one", "--platform", "none") == set()


@pytest.mark.parametrize(("example", "said"), [("bad", {"unused-ignore"}), ("good", set())])
def test_the_examples_of_the_check(lpa: Command, example: str, said: set[str]) -> None:
    shown: Example = getattr(check_rule("unused-ignore"), example)
    assert {one[0] for one in found(lpa, shown.code, role=shown.policy)} == said


TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Reports:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.12
      Handler: app.handler
      CodeUri: src
      Policies:
        - Statement:
            - Effect: Allow
              Action: s3:GetObject
              Resource: arn:aws:s3:::reports/today.csv  # lpa: ignore[missing-permission]
            - Effect: Allow
              # lpa: ignore[unused-permission] the console uses it
              Action: s3:DeleteObject
              Resource: arn:aws:s3:::reports/*
"""

YAML = """\
Version: 2012-10-17
Statement:
  - Effect: Allow
    # lpa: ignore[full-wildcard] the role of the administrators
    Action: "*"
    Resource: "*"
"""


def linted(lpa: Command, text: str, *flags: str) -> list[str]:
    lpa.write("role.yaml", text)
    done = lpa("lint", "role.yaml", *flags)
    assert done.stderr == ""
    return [line for line in done.stdout.splitlines() if not line.startswith(" ")]


def test_yaml(lpa: Command) -> None:
    without = linted(lpa, YAML.replace("    # lpa: ignore[full-wildcard] the role of the administrators\n", ""))
    assert any(line.startswith("role.yaml:4:13: ") and line.endswith(" [full-wildcard]") for line in without)
    assert linted(lpa, YAML, "--select", "full-wildcard") == ["0 findings"]
    trailing = YAML.replace('Action: "*"', 'Action: "*"  # lpa: ignore[full-wildcard]')
    assert linted(lpa, trailing, "--select", "full-wildcard") == ["0 findings"]


def test_unused_in_yaml(lpa: Command) -> None:
    text = YAML.replace('Action: "*"', "Action: sqs:ListQueues")
    message = "role.yaml:4:5: warning: full-wildcard has found nothing here [unused-ignore]"
    assert linted(lpa, text) == [message, "1 finding"]
    assert linted(lpa, text, "--ignore", "unused-ignore") == ["0 findings"]
    # The check that the comment names has not run.
    assert linted(lpa, text, "--select", "unused-ignore") == ["0 findings"]
    assert linted(lpa, text, "--select", "unused-ignore", "--select", "full-wildcard") == [message, "1 finding"]


def test_what_is_no_comment_in_yaml(lpa: Command) -> None:
    text = YAML.replace("    # lpa: ignore[full-wildcard] the role of the administrators\n", "")
    text = text.replace("  - Effect: Allow", "  - Sid: a#lpa:ignore[full-wildcard]\n    Effect: Allow")
    assert linted(lpa, text, "--select", "full-wildcard", "--select", "unused-ignore")[-1] == "1 finding"


def test_templates(lpa: Command) -> None:
    code = 'import boto3\n\n\ndef handler(event, context):\n    boto3.client("s3").get_object('
    lpa.write("src/app.py", code + 'Bucket="reports", Key="today.csv")\n')
    lpa.write("template.yaml", TEMPLATE)
    done = lpa("check")
    assert done.stdout.splitlines()[0] == f"template.yaml:13:57: warning: {NOTHING} [unused-ignore]"
    assert done.stdout.endswith("\n1 finding\n")
    # It may be there for another function.
    assert lpa("check", "--function", "Reports").stdout == "0 findings\n"
