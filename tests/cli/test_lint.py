from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from analyzer.checks.linting import LINT_CHECKS

if TYPE_CHECKING:
    from tests.conftest import Command

GOOD = """\
{
  "Version": "2012-10-17",
  "Statement": {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*"}
}
"""
# An action that does not exist, and a resource that could be narrower.
BAD = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": ["s3:PutObject", "s3:PutObjekt"], "Resource": "arn:aws:s3:::b/*"},
    {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}
  ]
}
"""
BAD_YAML = """\
Version: 2012-10-17
Statement:
  - Effect: Allow
    Action:
      - s3:PutObject
      - s3:PutObjekt
    Resource: arn:aws:s3:::b/*
"""
NOTED = """\
{
  "Version": "2012-10-17",
  "Statement": {"Effect": "Allow", "Action": ["s3:Put*", "s3:PutObject"], "Resource": "arn:aws:s3:::b/*"}
}
"""


def test_a_good_policy(lpa: Command) -> None:
    lpa.write("p.json", GOOD)
    done = lpa("lint", "p.json")
    assert (done.returncode, done.stdout, done.stderr) == (0, "0 findings\n", "")


def test_a_bad_policy_is_told_at_the_values_that_are_wrong(lpa: Command) -> None:
    lpa.write("p.json", BAD)
    done = lpa("lint", "p.json")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == (
        "p.json:4:52: error: there is no action s3:PutObjekt; the nearest is s3:PutObject [unknown-action]\n"
        "    correct the name; `lpa catalog update` fetches the newest list of actions\n"
        "p.json:5:66: warning: * is every resource, and these actions can be granted on some: sqs:SendMessage"
        " [star-resource]\n"
        "    name the resources (lpa generate finds them in the source), and keep * in a statement of its own for"
        " actions that take none\n"
        "2 findings\n"
    )


def test_json(lpa: Command) -> None:
    lpa.write("p.json", BAD)
    done = lpa("lint", "p.json", "--format", "json")
    assert (done.returncode, done.stderr) == (1, "")
    first, second = json.loads(done.stdout)["findings"]
    assert {key: first[key] for key in ("check", "severity", "file", "line", "column", "end_line", "end_column")} == {
        "check": "unknown-action",
        "severity": "error",
        "file": "p.json",
        "line": 4,
        "column": 52,
        "end_line": 4,
        "end_column": 66,
    }
    assert second["check"] == "star-resource"


@pytest.mark.parametrize("name", ["p.yaml", "p.yml"])
def test_yaml(lpa: Command, name: str) -> None:
    lpa.write(name, BAD_YAML)
    done = lpa("lint", name)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith(f"{name}:6:9: error: there is no action s3:PutObjekt;")
    assert done.stdout.endswith("1 finding\n")


def test_several_files_in_the_order_given_and_each_once(lpa: Command) -> None:
    lpa.write("b.json", BAD)
    lpa.write("a.yaml", BAD_YAML)
    lpa.write("good.json", GOOD)
    done = lpa("lint", "b.json", "a.yaml", "good.json", "b.json")
    assert done.returncode == 1
    told = [line.partition(":")[0] for line in done.stdout.split("\n") if line and not line.startswith(" ")]
    assert told == ["b.json", "b.json", "a.yaml", "3 findings"]


def test_a_note_alone_is_no_failure(lpa: Command) -> None:
    lpa.write("p.json", NOTED)
    done = lpa("lint", "p.json")
    assert done.returncode == 0
    assert "note: s3:PutObject is in s3:Put* already [redundant-entry]" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "checks"),
    [
        (("--select", "unknown-action"), ["unknown-action"]),
        (("--ignore", "unknown-action"), ["star-resource"]),
        (("--select", "unknown-action", "--select", "star-resource"), ["unknown-action", "star-resource"]),
        (("--select", "unknown-action", "--ignore", "unknown-action"), []),
        (("--ignore", "unknown-action", "--ignore", "star-resource"), []),
    ],
)
def test_checks_are_selected_and_ignored(lpa: Command, arguments: tuple[str, ...], checks: list[str]) -> None:
    lpa.write("p.json", BAD)
    done = lpa("lint", "p.json", *arguments, "--format", "json")
    assert [finding["check"] for finding in json.loads(done.stdout)["findings"]] == checks
    assert done.returncode == (1 if checks else 0)


@pytest.mark.parametrize(("partition", "code"), [("aws", 0), ("aws-cn", 1)])
def test_the_partition_that_arns_have_to_be_in(lpa: Command, partition: str, code: int) -> None:
    lpa.write("p.json", GOOD)
    done = lpa("lint", "p.json", "--partition", partition)
    assert done.returncode == code
    assert ("[foreign-partition]" in done.stdout) is bool(code)


def test_a_role_with_the_policies_that_it_names(lpa: Command) -> None:
    attached = ["arn:aws:iam::123456789012:policy/own", "arn:aws:iam::aws:policy/NoSuchPolicy"]
    role = {
        "RoleName": "r",
        "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": json.loads(GOOD)}],
        "AttachedManagedPolicies": [{"PolicyArn": arn} for arn in attached],
    }
    lpa.write("role.json", json.dumps(role, indent=1))
    lpa.write("own.json", GOOD.replace("s3:PutObject", "s3:Put*"))
    alone = lpa("lint", "role.json", "--format", "json")
    assert [finding["check"] for finding in json.loads(alone.stdout)["findings"]] == ["unknown-managed-policy"]
    done = lpa("lint", "role.json", "--managed-policy", f"{attached[0]}=own.json", "--format", "json")
    assert {finding["check"] for finding in json.loads(done.stdout)["findings"]} == {
        "redundant-statement",
        "unknown-managed-policy",
    }


def test_a_whole_account(lpa: Command) -> None:
    version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": json.loads(BAD)}
    account = {
        "UserDetailList": [
            {"UserName": "u", "UserPolicyList": [{"PolicyName": "p", "PolicyDocument": json.loads(NOTED)}]}
        ],
        "GroupDetailList": [],
        "RoleDetailList": [],
        "Policies": [{"Arn": "arn:aws:iam::123456789012:policy/p", "PolicyVersionList": [version]}],
    }
    lpa.write("account.json", json.dumps(account))
    done = lpa("lint", "account.json", "--format", "json")
    checks = sorted(finding["check"] for finding in json.loads(done.stdout)["findings"])
    assert checks == ["redundant-entry", "star-resource", "unknown-action"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("nowhere.json",), 3, "nowhere.json: no such file"),
        (("broken.json",), 3, "broken.json:1:2: not JSON"),
        (("broken.yaml",), 3, "broken.yaml:1:4: a value of the kind !Sub"),
        (("other.json",), 3, "other.json:1:1: neither a policy nor a role"),
        (
            ("p.json", "--select", "unknown-actions"),
            2,
            "there is no check unknown-actions; did you mean unknown-action?",
        ),
        (("p.json", "--ignore", "zzz"), 2, "there is no check zzz; the checks are action-without-resource, "),
        (("p.json", "--partition", "aws-xx"), 2, "--partition aws-xx is not a partition of AWS"),
        (("p.json", ""), 2, "a path is empty"),
        ((), 2, "POLICY..."),
    ],
)
def test_mistakes_are_told_in_one_line(lpa: Command, arguments: tuple[str, ...], code: int, message: str) -> None:
    lpa.write("p.json", GOOD)
    lpa.write("broken.json", "{")
    lpa.write("broken.yaml", "a: !Sub x\n")
    lpa.write("other.json", "{}")
    done = lpa("lint", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_nothing_is_printed_if_one_of_the_files_cannot_be_read(lpa: Command) -> None:
    lpa.write("p.json", BAD)
    done = lpa("lint", "p.json", "nowhere.json")
    assert (done.returncode, done.stdout) == (3, "")


def test_a_comparison_tells_what_is_broken_in_the_policy(lpa: Command) -> None:
    lpa.write("app.py", 'import boto3\n\nboto3.client("s3").put_object(Bucket="b", Key="k")\n')
    lpa.write("p.json", BAD.replace("arn:aws:s3:::b/*", "arn:aws:s3:::b/k"))
    done = lpa("check", "p.json", "--source", "app.py", "--format", "json")
    told = [(finding["check"], finding["line"]) for finding in json.loads(done.stdout)["findings"]]
    # That it does not exist, and not that it is unused as well; of the other, that it is unused, not that it is wide.
    assert told == [("unknown-action", 4), ("unused-permission", 5)]


def test_the_checks_that_the_help_of_select_stands_for_exist() -> None:
    files = Path(__file__).resolve().parent.parent.parent / "rules/checks"
    assert set(LINT_CHECKS) <= {path.stem for path in files.glob("*.yaml")}
