from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Command

SOURCE = """\
import boto3


def handler(event, context):
    boto3.client("s3").get_object(Bucket="b", Key="k")
    boto3.client("sqs").send_message_batch(QueueUrl="https://sqs.eu-west-1.amazonaws.com/123456789012/q", Entries=[])
"""
ROLE_ARN = "arn:aws:sts::123456789012:assumed-role/r/s"
DENIED = f"User: {ROLE_ARN} is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::b/k"


def test_calls_that_need_an_action(lpa: Command) -> None:
    lpa.write("app.py", SOURCE)
    done = lpa("explain", "sqs:*", "--source", "app.py", "--handler", "app.handler", "--platform", "none")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "sqs:SendMessage on arn:aws:sqs:eu-west-1:123456789012:q\n"
        "    app.py:6:5: sqs.SendMessageBatch (handler), by rules/services/sqs.yaml#SendMessageBatch\n"
    )


def test_nothing_needs_it(lpa: Command) -> None:
    lpa.write("app.py", SOURCE)
    done = lpa("explain", "s3:PutObject", "--source", "app.py")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "lpa: no call in the source needs s3:PutObject\n"


def test_what_the_platform_needs(lpa: Command) -> None:
    lpa.write("app.py", SOURCE)
    flags = ["--handler", "app.handler", "--function-name", "f", "--account", "123456789012", "--region", "eu-west-1"]
    done = lpa("explain", "logs:CreateLogGroup", "--source", "app.py", *flags)
    assert done.returncode == 0
    assert done.stdout.startswith("logs:CreateLogGroup on arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/f")
    assert "needed by the platform, by rules/platform/lambda.yaml" in done.stdout


def test_a_denied_request(lpa: Command) -> None:
    lpa.write("app.py", SOURCE)
    message = f"{DENIED} because no identity-based policy allows the s3:GetObject action"
    done = lpa("explain", "--denied", message, "--source", "app.py", "--handler", "app.handler")
    assert done.returncode == 0
    head, statement = done.stdout.split("add to the role's policies:\n")
    assert head == (
        "s3:GetObject on arn:aws:s3:::b/k was denied, because nothing in the role's policies allows it\n"
        "needed by the code:\n"
        "    s3:GetObject on arn:aws:s3:::b/k\n"
        "        app.py:5:5: s3.GetObject (handler), by rules/services/s3.yaml#GetObject\n"
    )
    assert json.loads(statement) == {
        "Sid": "S3GetObject",
        "Effect": "Allow",
        "Action": ["s3:GetObject"],
        "Resource": ["arn:aws:s3:::b/k"],
    }


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            {"Sid": "No", "Effect": "Deny", "Action": "s3:*", "Resource": "*"},
            'role.json denies it in its identity-based policies: statement "No", role.json:1:41',
        ),
        (
            {"Sid": "Yes", "Effect": "Allow", "Action": "s3:*", "Resource": "*"},
            'role.json allows it, by statement "Yes": what is deployed differs, or another policy denies it',
        ),
        (
            {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"},
            "role.json does not allow it: nothing in its identity-based policies does",
        ),
    ],
)
def test_the_role_that_applied(lpa: Command, statement: dict[str, str], said: str) -> None:
    lpa.write("app.py", SOURCE)
    lpa.write("role.json", json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    done = lpa("explain", "--denied", DENIED, "--role", "role.json", "--source", "app.py")
    assert said in done.stdout.splitlines()
    assert ("add to" in done.stdout) == (statement["Effect"] == "Allow")


def test_a_denial_that_the_role_cannot_help_against(lpa: Command) -> None:
    lpa.write("app.py", SOURCE)
    message = f"{DENIED} with an explicit deny in a service control policy: arn:aws:organizations::1:policy/o/s/p-1"
    done = lpa("explain", "--denied", message, "--source", "app.py")
    assert done.returncode == 0
    assert "by a Deny statement in a service control policy of the organization arn:aws:organizations::1" in done.stdout
    assert "add to" not in done.stdout


def test_a_request_that_the_code_does_not_make(lpa: Command) -> None:
    lpa.write("app.py", SOURCE)
    done = lpa("explain", "--denied", DENIED.replace("GetObject", "PutObject"), "--source", "app.py")
    assert done.returncode == 1
    assert "no call in the source needs it" in done.stdout


def test_json(lpa: Command) -> None:
    lpa.write("app.py", SOURCE)
    need = {
        "action": "s3:GetObject",
        "resources": ["arn:aws:s3:::b/k"],
        "conditions": [],
        "reasons": [
            {
                "file": "app.py", "line": 5, "column": 5, "end_line": 5, "end_column": 55,
                "service": "s3", "operation": "GetObject", "chain": ["handler"],
                "rule": "rules/services/s3.yaml#GetObject",
            }
        ],
    }  # fmt: skip
    explained = lpa("explain", "s3:GetObject", "--source", "app.py", "--format", "json")
    denied = lpa("explain", "--denied", DENIED, "--source", "app.py", "--format", "json")
    assert json.loads(explained.stdout) == {"version": 1, "needs": [need]}
    assert json.loads(denied.stdout)["needs"] == [need]
    assert json.loads(denied.stdout)["denial"]["principal"] == ROLE_ARN


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "one of ACTION and --denied is wanted"),
        (["--denied", "nothing"], 2, "--denied is no access denied message that is known"),
        (["--denied", DENIED, "--role", "none.json"], 3, "none.json: no such file"),
        (["s3:GetObject", "--role", "role.json"], 2, "--role without --denied"),
    ],
)
def test_usage_errors(lpa: Command, arguments: list[str], code: int, message: str) -> None:
    lpa.write("app.py", SOURCE)
    done = lpa("explain", *arguments, "--source", "app.py")
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith(f"lpa: error: {message}")
    assert done.stderr.count("\n") == 1
