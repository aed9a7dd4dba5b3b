from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Command

APP = """\
import boto3

s3 = boto3.client("s3")


def handler(event, context):
    s3.put_object(Bucket="reports", Key="today.csv", Body=b"")
    return s3.get_object(Bucket="reports", Key="today.csv")
"""

EXACT = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::reports/today.csv"}
  ]
}
"""

# GetObject is missing, PutObject is granted on more than the one key, and nothing uses DeleteObject.
WRONG = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::reports/*"},
    {"Effect": "Allow", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::reports/*"}
  ]
}
"""


def test_a_policy_that_fits(lpa: Command) -> None:
    lpa.write("app.py", APP)
    lpa.write("role.json", EXACT)
    done = lpa("check", "role.json", "--source", "app.py")
    assert (done.returncode, done.stdout, done.stderr) == (0, "0 findings\n", "")


def test_a_policy_that_does_not(lpa: Command) -> None:
    lpa.write("app.py", APP)
    lpa.write("role.json", WRONG)
    done = lpa("check", "role.json", "--source", "app.py")
    assert done.returncode == 1
    assert done.stdout.endswith("3 findings\n")
    for words in ("s3:GetObject", "s3:PutObject", "s3:DeleteObject"):
        assert words in done.stdout


def test_json(lpa: Command) -> None:
    lpa.write("app.py", APP)
    lpa.write("role.json", WRONG)
    done = lpa("check", "role.json", "--source", "app.py", "--format", "json")
    assert (done.returncode, done.stderr) == (1, "")
    findings = json.loads(done.stdout)["findings"]
    assert {(finding["check"], finding["file"], finding["line"]) for finding in findings} == {
        ("missing-permission", "app.py", 8),
        ("broad-permission", "role.json", 4),
        ("unused-permission", "role.json", 5),
    }
    for finding in findings:
        assert finding["message"]
        assert finding["remedy"]


def test_a_role_from_the_authorization_details(lpa: Command) -> None:
    lpa.write("app.py", APP)
    role = {
        "RoleName": "reports",
        "RolePolicyList": [{"PolicyName": "inline", "PolicyDocument": json.loads(EXACT)}],
        "AttachedManagedPolicies": [],
    }
    lpa.write("role.json", json.dumps({"RoleDetailList": [role]}))
    assert lpa("check", "role.json", "--source", "app.py").returncode == 0


def test_an_incomplete_analysis_is_a_finding(lpa: Command) -> None:
    lpa.write("app.py", APP + "\n\ndef other(name):\n    boto3.client(name)\n")
    lpa.write("role.json", EXACT)
    done = lpa("check", "role.json", "--source", "app.py")
    assert done.returncode == 1
    assert "app.py:12:5: warning: " in done.stdout
    assert done.stdout.endswith("1 finding\n")


def test_a_role_that_is_not_there(lpa: Command) -> None:
    lpa.write("app.py", APP)
    done = lpa("check", "role.json", "--source", "app.py")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "lpa: error: role.json: no such file; name a policy document, or a role that holds one\n"


def test_a_role_that_is_no_policy(lpa: Command) -> None:
    lpa.write("app.py", APP)
    lpa.write("role.json", "Statement: []\n")
    done = lpa("check", "role.json", "--source", "app.py")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("lpa: error: role.json:1:1: ")
