from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Command

OLD = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": ["sqs:SendMessage", "sqs:ReceiveMessage"], "Resource": "arn:aws:sqs:*:*:q"}
  ]
}
"""
NEW = OLD.replace("sqs:ReceiveMessage", "sqs:DeleteMessage")


def test_text(lpa: Command) -> None:
    lpa.write("old.json", OLD)
    lpa.write("new.json", NEW)
    done = lpa("diff", "old.json", "new.json")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "+ sqs:DeleteMessage on arn:aws:sqs:*:*:q (Write)\n"
        "    new.json:4:5\n"
        "- sqs:ReceiveMessage on arn:aws:sqs:*:*:q (Read)\n"
        "    old.json:4:5\n"
        "1 added, 1 removed, 0 undecided\n"
    )


def test_json(lpa: Command) -> None:
    lpa.write("old.json", OLD)
    lpa.write("new.json", NEW)
    document = json.loads(lpa("diff", "old.json", "new.json", "--format", "json").stdout)
    assert document["added"] == [
        {
            "actions": ["sqs:DeleteMessage"],
            "resource": "arn:aws:sqs:*:*:q",
            "conditions": [],
            "access_levels": ["Write"],
            "other": [],
            "file": "new.json", "line": 4, "column": 5, "end_line": 4, "end_column": 109,
        }
    ]  # fmt: skip
    assert [access["actions"] for access in document["removed"]] == [["sqs:ReceiveMessage"]]
    assert document["undecided"] == []


@pytest.mark.parametrize(
    ("old", "new", "fail_on", "code"),
    [
        (OLD, NEW, "added", 1),
        (OLD, NEW, "removed", 1),
        (OLD, NEW, "any", 1),
        (OLD, OLD, "any", 0),
        (OLD, OLD.replace(', "sqs:ReceiveMessage"', ""), "added", 0),
        (OLD, OLD.replace(', "sqs:ReceiveMessage"', ""), "removed", 1),
        (OLD.replace(', "sqs:ReceiveMessage"', ""), OLD, "removed", 0),
    ],
)
def test_exit_code(lpa: Command, old: str, new: str, fail_on: str, code: int) -> None:
    lpa.write("old.json", old)
    lpa.write("new.json", new)
    assert lpa("diff", "old.json", "new.json", "--fail-on", fail_on).returncode == code


def test_missing_file(lpa: Command) -> None:
    lpa.write("old.json", OLD)
    done = lpa("diff", "old.json", "none.json")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "lpa: error: none.json: no such file; name a policy document, or a role that holds one\n"
