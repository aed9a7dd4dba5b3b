"""Findings in full: the excerpts of sources of every kind, and what stands below them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.model.findings import Finding, Related, Severity
from analyzer.model.location import Location
from analyzer.report import FindingsFormat, Look, findings_reporter
from analyzer.report.excerpt import excerpt, visible

if TYPE_CHECKING:
    from tests.conftest import Command


def drawn(source: str, start: tuple[int, int], end: tuple[int, int], width: int = 60, context: int = 0) -> str:
    """The excerpt without the first and the last line, which are empty."""
    place = Location("app.py", *start, *end)
    lines = [line.plain for line in excerpt(source.split("\n"), place, width, "red", context)]
    return "\n".join(lines[1:-1])


@pytest.mark.parametrize(
    ("source", "start", "end", "expected"),
    [
        pytest.param("x = f(1)\n", (1, 5), (1, 9), "1 | x = f(1)\n  |     ^^^^", id="one line"),
        pytest.param("x = f(1)\r\n", (1, 5), (1, 9), "1 | x = f(1)␍\n  |     ^^^^", id="a carriage return"),
        pytest.param("\tx\t= f(1)", (1, 6), (1, 10), "1 |     x   = f(1)\n  |           ^^^^", id="tabs"),
        pytest.param('"日本" + f(1)', (1, 8), (1, 12), '1 | "日本" + f(1)\n  |          ^^^^', id="wide characters"),
        pytest.param("'日' + 日(1)", (1, 7), (1, 11), "1 | '日' + 日(1)\n  |        ^^^^^", id="wide characters meant"),
        pytest.param("'e\u0301' + f(1)", (1, 8), (1, 12), "1 | 'e\u0301' + f(1)\n  |       ^^^^", id="combining"),
        pytest.param("'\x1b[2J' + f()", (1, 10), (1, 13), "1 | '␛[2J' + f()\n  |          ^^^", id="escapes"),
        pytest.param("'\u202e' + f()", (1, 7), (1, 10), "1 | '\ufffd' + f()\n  |       ^^^", id="bidirectional"),
        pytest.param("x", (1, 2), (1, 2), "1 | x\n  |  ^", id="nothing"),
        pytest.param("x = f(1)", (1, 5), (1, 99), "1 | x = f(1)\n  |     ^^^^", id="beyond the line"),
        pytest.param("x = f(1)", (1, 5), (7, 3), "1 | x = f(1)\n  |     ^^^^", id="beyond the file"),
        pytest.param("x = 1\ny", (1, 1), (2, 1), "1 | x = 1\n  | ^^^^^", id="up to the next line"),
        pytest.param(
            "x = f(\n    1,\n)\n",
            (1, 5),
            (3, 2),
            "1 |   x = f(\n  |  _____^\n2 | |     1,\n3 | | )\n  | |_^",
            id="lines",
        ),
        pytest.param(
            "  f(\n    1)\n",
            (1, 3),
            (2, 7),
            "1 | /   f(\n2 | |     1)\n  | |______^",
            id="lines from the first word on",
        ),
    ],
)
def test_excerpt(source: str, start: tuple[int, int], end: tuple[int, int], expected: str) -> None:
    assert drawn(source, start, end) == expected


def test_lines_around_it() -> None:
    source = "\n".join(f"line {number}" for number in range(1, 12))
    assert drawn(source, (10, 1), (10, 5), context=1) == " 9 | line 9\n10 | line 10\n   | ^^^^\n11 | line 11"
    # Empty lines say nothing.
    assert drawn("a\n\nb\n\nc", (3, 1), (3, 2), context=1) == "3 | b\n  | ^"


def test_of_many_lines_the_first_and_the_last_are_shown() -> None:
    source = "f(\n" + "".join(f"    {number},\n" for number in range(2, 20)) + ")"
    assert drawn(source, (1, 1), (20, 2)) == (
        " 1 | / f(\n 2 | |     2,\n 3 | |     3,\n 4 | |     4,\n   | | ...\n19 | |     19,\n20 | | )\n   | |_^"
    )


def test_a_long_line_is_cut_around_what_is_meant() -> None:
    line = "a" * 50 + "f(1)" + "b" * 50
    # 30 columns, 4 of them for the number: 1 + 12 + 4 + 8 + 1 of the line.
    assert drawn(line, (1, 51), (1, 55), 30) == f"1 | …{'a' * 12}f(1){'b' * 8}…\n  | {' ' * 13}^^^^"
    assert drawn(line, (1, 3), (1, 5), 30) == f"1 | {'a' * 25}…\n  |   ^^"
    # Longer than the line can be: marked as far as it is shown.
    assert drawn(line, (1, 51), (1, 105), 30) == f"1 | …{'a' * 12}f(1){'b' * 8}…\n  | {' ' * 13}{'^' * 12}"


@given(
    st.lists(st.text(st.characters(exclude_characters="\n"), max_size=200), min_size=1, max_size=12),
    st.tuples(st.integers(1, 14), st.integers(1, 250), st.integers(1, 14), st.integers(1, 250)),
    st.integers(30, 120),
)
def test_nothing_is_too_wide_and_nothing_controls_the_terminal(
    lines: list[str], place: tuple[int, int, int, int], width: int
) -> None:
    found = excerpt(lines, Location("a.py", *place), width, "red")
    assert bool(found) is (place[0] <= len(lines))
    for line in found:
        assert visible(line.plain) == line.plain
        # Emoji that are put together are one character to some terminals, and several to others.
        assert line.cell_len <= width or "\u200d" in line.plain
    marks = [line.plain for line in found if "^" in line.plain.partition("|")[2]]
    assert bool(marks) is bool(found)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path


def told(root: Path, path: str = "app.py", related: tuple[Related, ...] = (), start: int = 1) -> list[str]:
    found = Finding(
        "missing-permission", Severity.ERROR, "it is wrong", Location(path, start, 1, start, 5), related, ""
    )
    return findings_reporter(FindingsFormat.FULL, Look(str(root), 80)).check([found]).splitlines()


WITHOUT_SOURCE = ["error[missing-permission]: it is wrong", " --> app.py:1:1", "", "1 finding: 1 error"]


def test_no_source_no_excerpt(root: Path) -> None:
    assert told(root) == WITHOUT_SOURCE
    (root / "app.py").write_text("", encoding="utf-8")
    assert told(root, start=2) == ["error[missing-permission]: it is wrong", " --> app.py:2:1", *WITHOUT_SOURCE[2:]]


def test_what_is_no_file_is_not_read(root: Path) -> None:
    os.mkfifo(root / "app.py")
    assert told(root) == WITHOUT_SOURCE
    (root / "folder").mkdir()
    assert told(root, "folder")[1] == " --> folder:1:1"
    assert told(root, "nul\0.py")[1] == " --> nul␀.py:1:1"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"caf\xe9 = 1\r\nx", "1 | caf\ufffd = 1"),
        (b"\xef\xbb\xbfcafe = 1\r\nx", "1 | cafe = 1"),
        (b"# coding: latin-1\ncaf\xe9 = 1", "1 | # coding: latin-1"),
        (b"# coding: no-such\ncaf\xe9 = 1", "1 | # coding: no-such"),
        (b"cafe = 1\rx = 2", "1 | cafe = 1"),
    ],
)
def test_source_is_shown_as_python_reads_it_or_nearly(root: Path, content: bytes, line: str) -> None:
    (root / "app.py").write_bytes(content)
    assert line in told(root)


def test_related_places_are_shown(root: Path) -> None:
    (root / "app.py").write_text("one\ntwo\nthree\nfour\nfive\n", encoding="utf-8")
    related = tuple(Related("too", Location("app.py", number, 1, number, 4)) for number in (2, 3, 4, 5))
    lines = told(root, related=related)
    assert lines.count("  = note: too") == 0
    assert lines.count("   = note: too") == 3
    assert "   = note: too: app.py:5:1" in lines
    assert "4 | four" in lines
    assert "5 | five" not in lines


def test_a_message_cannot_control_the_terminal(root: Path) -> None:
    found = Finding("x", Severity.NOTE, "a\x1b]0;title\x07", Location("a\x1b[2J.py", 1, 1, 1, 2), (), "b\u202e")
    for color in (False, True):
        text = findings_reporter(FindingsFormat.FULL, Look(str(root), 80, color)).check([found])
        assert "␛]0;title␇" in text
        assert "␛[2J.py" in text
        assert "\x07" not in text
        assert "\u202e" not in text
        assert "\x1b]0" not in text


def test_markup_is_text(root: Path) -> None:
    (root / "app.py").write_text("x[bold]y = ':smile:'\n", encoding="utf-8")
    assert "1 | x[bold]y = ':smile:'" in told(root)


# What to add


TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      BillingMode: PAY_PER_REQUEST
  Inbox:
    Type: AWS::S3::Bucket
  Place:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.12
      Handler: index.handler
      Environment:
        Variables: {TABLE: !Ref Orders, BUCKET: !Ref Inbox}
      InlineCode: |
        import os, boto3
        def handler(event, context):
            boto3.client("dynamodb").get_item(TableName=os.environ["TABLE"], Key={"id": {"S": "1"}})
"""


def test_a_template_gets_its_own_spelling(lpa: Command) -> None:
    lpa.write("template.yaml", TEMPLATE)
    # 100 columns, of which the number takes five.
    line = TEMPLATE.splitlines()[20]
    cut, marks = f"21 | {line[:94]}…", "^" * (94 - 12)
    done = lpa("check", "--format", "full", COLUMNS="100")
    assert (
        done.stdout
        == f"""\
error[missing-permission]: dynamodb:GetItem on arn:aws:dynamodb:*:*:table/${{Orders}} is not granted;
    dynamodb.GetItem needs it
  --> template.yaml:21:13
   |
20 |         def handler(event, context):
{cut}
   |             {marks}
   |
   = reached: Place → handler
   = rule: base rule
     https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
   = help: allow the action on this resource in the role's policy (lpa generate writes such a
           policy), or remove the call
   = add to: the statements of a policy of the role:
     - Effect: Allow
       Action: dynamodb:GetItem
       Resource: !GetAtt Orders.Arn

1 finding: 1 error
"""
    )


def test_what_is_made_after_the_role_is_granted_by_a_policy_apart(lpa: Command) -> None:
    """The bucket tells the function of its objects, and so cannot be made before it."""
    call = 'boto3.client("s3").get_object(Bucket=os.environ["BUCKET"], Key="k")'
    inbox = """\
  Inbox:
    Type: AWS::S3::Bucket
    Properties:
      NotificationConfiguration:
        LambdaConfigurations: [{Event: "s3:ObjectCreated:*", Function: !GetAtt Place.Arn}]
"""
    text = TEMPLATE[: TEMPLATE.index("            boto3")] + f"            {call}\n"
    text = text.replace("  Inbox:\n    Type: AWS::S3::Bucket\n", inbox)
    lpa.write("template.yaml", text)
    done = lpa("check", "--format", "full", "--function", "Place")
    assert (
        """\
   = add to: the resources of the template (the role itself cannot name what is made after it):
     PlaceRolePolicy:
       Type: AWS::IAM::Policy
       Properties:
         PolicyName: PlaceRolePolicy
         Roles:
           - !Ref PlaceRole
         PolicyDocument:
           Version: "2012-10-17"
           Statement:
             - Effect: Allow
               Action: s3:GetObject
               Resource: !Sub "${Inbox.Arn}/k"
"""
        in done.stdout
    )


@pytest.mark.parametrize(
    ("statement", "boundary", "heading"),
    [
        ("Deny", False, None),
        ("Allow", True, "   = add to: the permissions boundary:"),
    ],
)
def test_a_grant_is_only_advised_where_it_helps(
    lpa: Command, statement: str, boundary: bool, heading: str | None
) -> None:
    lpa.write("app.py", 'import boto3\nboto3.client("s3").get_object(Bucket="b", Key="k")\n')
    grant = '{"Effect": "%s", "Action": "s3:GetObject", "Resource": "*"}'
    document = '{"Version": "2012-10-17", "Statement": [%s]}'
    allowed = grant % "Allow"
    policy = document % (allowed if statement == "Allow" else f"{allowed}, {grant % 'Deny'}")
    if boundary:
        arn = "arn:aws:iam::123456789012:policy/limit"
        inline = f'[{{"PolicyName": "p", "PolicyDocument": {policy}}}]'
        limit = f'{{"PermissionsBoundaryArn": "{arn}"}}'
        role = f'{{"RoleName": "r", "RolePolicyList": {inline}, "PermissionsBoundary": {limit}}}'
        lpa.write("role.json", role)
        lpa.write("limit.json", document % (grant % "Allow").replace("s3:GetObject", "s3:PutObject"))
        done = lpa("check", "role.json", "--source", "app.py", "--managed-policy", f"{arn}=limit.json",
                   "--format", "full")  # fmt: skip
    else:
        lpa.write("role.json", policy)
        done = lpa("check", "role.json", "--source", "app.py", "--format", "full")
    assert "error[missing-permission]: s3:GetObject" in done.stdout
    headings = [line for line in done.stdout.splitlines() if "add to" in line]
    assert headings == ([heading] if heading else [])


def test_what_cannot_be_resolved_is_shown_in_its_source(lpa: Command) -> None:
    lpa.write("app.py", "import boto3\n\n\ndef f(name):\n    return boto3.client(name).get_object(Bucket='b')\n")
    lines = lpa("scan", "app.py", "--format", "full").stdout.splitlines()
    assert lines[0].startswith("unresolved[dynamic-service]: ")
    assert "5 |     return boto3.client(name).get_object(Bucket='b')" in lines
    assert lines[-1].startswith("0 calls, ")


def test_explain_and_diff_have_it_too(lpa: Command) -> None:
    lpa.write("app.py", 'import boto3\nboto3.client("s3").get_object(Bucket="b", Key="k")\n')
    lpa.write("old.json", '{"Version": "2012-10-17", "Statement": []}')
    lpa.write(
        "new.json",
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}',
    )
    explained = lpa("explain", "s3:GetObject", "--source", "app.py", "--format", "full").stdout.splitlines()
    assert explained[0] == "s3:GetObject: on arn:aws:s3:::b/k"
    assert '2 | boto3.client("s3").get_object(Bucket="b", Key="k")' in explained
    assert "   = rule: rules/services/s3.yaml#GetObject" in explained
    changed = lpa("diff", "old.json", "new.json", "--format", "full", "--color", "always").stdout
    assert changed.startswith("\x1b[32m+ s3:GetObject on *")
