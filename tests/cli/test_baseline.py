from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Command

APP = """\
import boto3

s3 = boto3.client("s3")


def handler(event, context):
    return s3.get_object(Bucket="reports", Key="today.csv")
"""
ROLE = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::reports/*"}
  ]
}
"""
EXACT = ROLE.replace("DeleteObject", "GetObject").replace("reports/*", "reports/today.csv")
MISSING = (
    "s3:GetObject on arn:aws:s3:::reports/today.csv is not granted; s3.GetObject needs it (reached through handler)"
)
UNUSED = "no call uses s3:DeleteObject on arn:aws:s3:::reports/*"
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
              Resource: arn:aws:s3:::reports/today.csv
            - Effect: Allow
              Action: s3:DeleteObject
              Resource: arn:aws:s3:::reports/*
"""
DAMAGED_ENTRY = json.dumps(
    {"version": 1, "findings": [{"policy": "p", "file": "f", "check": "c", "message": 1, "fingerprint": "0"}]}
)
CHECK = ("check", "role.json", "--source", "app.py")


@pytest.fixture
def recorded(lpa: Command) -> Command:
    lpa.write("app.py", APP)
    lpa.write("role.json", ROLE)
    done = lpa(*CHECK, "--write-baseline", "lpa-baseline.json")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "lpa: lpa-baseline.json: 2 findings of role.json recorded\n"
    return lpa


def test_what_is_written(recorded: Command) -> None:
    document = json.loads(recorded.read("lpa-baseline.json"))
    prints = [entry.pop("fingerprint") for entry in document["findings"]]
    assert len(set(prints)) == 2
    assert document == {
        "version": 1,
        "findings": [
            {"policy": "role.json", "file": "app.py", "check": "missing-permission", "message": MISSING},
            {"policy": "role.json", "file": "role.json", "check": "unused-permission", "message": UNUSED},
        ],
    }


@pytest.mark.parametrize("flags", [(), ("--baseline", "lpa-baseline.json")])
def test_what_is_recorded_is_passed_over(recorded: Command, flags: tuple[str, ...]) -> None:
    done = recorded(*CHECK, *flags)
    assert (done.returncode, done.stdout) == (0, "0 findings\n")
    assert done.stderr == "lpa: lpa-baseline.json: 2 findings recorded there, not reported\n"


def test_only_what_is_new_is_reported(recorded: Command) -> None:
    # The recorded call has moved and is written otherwise; the call below is new.
    moved = APP.replace("    return", "    if event:\n        return")
    recorded.write("app.py", "import os\n\n" + moved + '    return s3.list_objects_v2(Bucket="reports")\n')
    done = recorded(*CHECK, "--format", "json")
    findings = json.loads(done.stdout)["findings"]
    assert [(finding["check"], finding["line"]) for finding in findings] == [("missing-permission", 11)]
    assert done.returncode == 1
    assert done.stderr == "lpa: lpa-baseline.json: 2 findings recorded there, not reported\n"


def test_one_more_of_the_same_is_new(recorded: Command) -> None:
    statement = '    {"Effect": "Allow", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::reports/*"}\n'
    recorded.write("role.json", ROLE.replace(statement, f"{statement.rstrip()},\n{statement}"))
    done = recorded(*CHECK, "--format", "json")
    assert [finding["line"] for finding in json.loads(done.stdout)["findings"]] == [5]


def test_what_is_gone_is_told(recorded: Command) -> None:
    recorded.write("role.json", EXACT)
    done = recorded(*CHECK)
    assert (done.returncode, done.stdout) == (0, "0 findings\n")
    assert done.stderr == (
        f"lpa: lpa-baseline.json: gone: app.py: {MISSING} [missing-permission]\n"
        f"lpa: lpa-baseline.json: gone: role.json: {UNUSED} [unused-permission]\n"
        "lpa: lpa-baseline.json: write it anew with --write-baseline lpa-baseline.json\n"
    )


def test_each_policy_has_its_own_entries(recorded: Command) -> None:
    recorded.write("roles/exact.json", EXACT)
    # Nothing of what is recorded for the other role is gone.
    done = recorded("check", "roles/exact.json", "--source", "app.py")
    assert (done.returncode, done.stdout, done.stderr) == (0, "0 findings\n", "")
    recorded.write("roles/none.json", '{"Version": "2012-10-17", "Statement": []}')
    before = recorded.read("lpa-baseline.json")
    written = recorded("check", "./roles/none.json", "--source", "app.py", "--write-baseline", "lpa-baseline.json")
    assert written.stderr == "lpa: lpa-baseline.json: 1 finding of roles/none.json recorded\n"
    policies = [entry["policy"] for entry in json.loads(recorded.read("lpa-baseline.json"))["findings"]]
    assert policies == ["role.json", "role.json", "roles/none.json"]
    recorded("check", "roles/exact.json", "--source", "app.py", "--write-baseline", "lpa-baseline.json")
    recorded.write("roles/none.json", EXACT)
    recorded("check", "roles/none.json", "--source", "app.py", "--write-baseline", "lpa-baseline.json")
    assert recorded.read("lpa-baseline.json") == before


def test_writing_again_forgets_what_is_gone(recorded: Command) -> None:
    recorded.write("role.json", EXACT)
    recorded(*CHECK, "--write-baseline", "lpa-baseline.json")
    assert json.loads(recorded.read("lpa-baseline.json")) == {"version": 1, "findings": []}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "not a baseline of lpa"),
        ('{"Version": "2012-10-17", "Statement": []}', "not a baseline of lpa"),
        ('{"version": 1}', "no list of findings"),
        ('{"version": 1, "findings": [7]}', "finding 1 lacks one of policy, file, check, message, fingerprint"),
        (DAMAGED_ENTRY, "finding 1 lacks one of policy, file, check, message, fingerprint"),
    ],
)
@pytest.mark.parametrize("flag", ["--baseline", "--write-baseline"])
def test_a_damaged_baseline(lpa: Command, flag: str, content: str | bytes, message: str) -> None:
    lpa.write("app.py", APP)
    lpa.write("role.json", ROLE)
    path = lpa.write("known.json", content)
    before = path.read_bytes()
    done = lpa(*CHECK, flag, "known.json")
    assert (done.returncode, done.stdout) == (3, "")
    remedy = "restore it, or remove it and run lpa check --write-baseline known.json"
    assert done.stderr == f"lpa: error: known.json: {message}; {remedy}\n"
    assert path.read_bytes() == before


def test_a_baseline_of_a_later_version(lpa: Command) -> None:
    lpa.write("app.py", APP)
    lpa.write("role.json", ROLE)
    lpa.write("lpa-baseline.json", '{"version": 2}')
    done = lpa(*CHECK)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "lpa: error: lpa-baseline.json: version 2 is not known; upgrade lpa\n"


def test_a_baseline_that_is_named_has_to_be_there(lpa: Command) -> None:
    lpa.write("app.py", APP)
    lpa.write("role.json", ROLE)
    done = lpa(*CHECK, "--baseline", "none.json")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == ("lpa: error: none.json: no such file; write it with lpa check --write-baseline none.json\n")


def test_a_baseline_that_cannot_be_written(lpa: Command) -> None:
    lpa.write("app.py", APP)
    lpa.write("role.json", ROLE)
    done = lpa(*CHECK, "--write-baseline", "nowhere/known.json")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("lpa: error: nowhere/known.json: cannot be written: No such file or directory; ")
    assert sorted(os.listdir(lpa.cwd)) == ["app.py", "role.json"]


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--baseline", "a.json", "--write-baseline", "a.json"), "--baseline and --write-baseline at once"),
        (("--baseline", ""), "the path of the baseline is empty"),
        (("--write-baseline", ""), "the path of the baseline is empty"),
    ],
)
def test_usage_errors(lpa: Command, flags: tuple[str, ...], message: str) -> None:
    done = lpa(*CHECK, *flags)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"lpa: error: {message}; ")


def test_what_the_baseline_leaves_is_printed_in_every_format(recorded: Command) -> None:
    done = recorded(*CHECK, "--format", "gitlab")
    assert (done.returncode, done.stdout) == (0, "[]\n")


def test_templates(lpa: Command) -> None:
    lpa.write("src/app.py", APP)
    lpa.write("template.yaml", TEMPLATE)
    written = lpa("check", "--write-baseline", "known.json")
    assert (written.returncode, written.stdout) == (0, "")
    assert written.stderr == "lpa: known.json: 1 finding of template.yaml recorded\n"
    for flags in ((), ("--function", "Reports")):
        done = lpa("check", "--baseline", "known.json", *flags)
        assert (done.returncode, done.stdout) == (0, "0 findings\n")
    lpa.write("template.yaml", TEMPLATE.replace("DeleteObject", "GetObject"))
    # What is not looked at is not gone.
    assert lpa("check", "--baseline", "known.json", "--function", "Reports").stderr == ""
    gone = f"lpa: known.json: gone: template.yaml: {UNUSED} [unused-permission]\n"
    assert lpa("check", "--baseline", "known.json").stderr.startswith(gone)


def test_a_part_of_the_findings_is_no_baseline(lpa: Command) -> None:
    lpa.write("src/app.py", APP)
    lpa.write("template.yaml", TEMPLATE)
    done = lpa("check", "--function", "Reports", "--write-baseline", "known.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("lpa: error: --write-baseline with --function would forget the other functions; ")
    assert not (lpa.cwd / "known.json").exists()
