"""AWS managed policies, as a role attaches them: judged as a whole, each in one place."""

from __future__ import annotations

import json

import pytest

from analyzer.compare import compare
from analyzer.iam.role import read_policy
from analyzer.model.calls import ApiCall, Via
from analyzer.model.location import Location
from analyzer.model.policy import Comparison, Policy
from analyzer.model.requirements import BASE_RULE, Arns, Reason, Requirement, RuleReference
from analyzer.model.values import Mapping
from analyzer.rules import managed_policy

CALL = ApiCall("sqs", "SendMessage", Mapping(()), Via.DIRECT, Location("app.py", 1, 1, 1, 9))
QUEUE = "arn:aws:sqs:eu-west-1:123456789012:jobs"
SEND = Requirement("sqs:SendMessage", Arns((QUEUE,)), (), (Reason(CALL, BASE_RULE),))
LOG_GROUP = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/jobs:*"
LOGS = [
    Requirement(f"logs:{name}", Arns((LOG_GROUP,)), (), (Reason(None, RuleReference("lambda.yaml", "logs")),))
    for name in ("CreateLogGroup", "CreateLogStream", "PutLogEvents")
]
INLINE = {
    "PolicyName": "inline",
    "PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": QUEUE}]},
}


def documents(arn: str) -> Policy | None:
    text = managed_policy(arn)
    return None if text is None else read_policy(text, arn)


def compared(*names: str, needs: list[Requirement], inline: bool = False) -> Comparison:
    role = {
        "RoleName": "jobs",
        "RolePolicyList": [INLINE] if inline else [],
        "AttachedManagedPolicies": [
            {"PolicyName": name, "PolicyArn": f"arn:aws:iam::aws:policy/{name}"} for name in names
        ],
    }
    return compare(needs, read_policy(json.dumps(role, indent=1), "role.json", documents=documents), LOGS)


def findings(comparison: Comparison) -> list[object]:
    return [
        *(missing.requirement.action for missing in comparison.missing),
        *comparison.unused,
        *comparison.too_broad,
        *(undecided.subject for undecided in comparison.undecided),
        *(
            (broad.reference.arn.rpartition("/")[2], [(made.actions, made.resources) for made in broad.replacement])
            for broad in comparison.managed
        ),
    ]


@pytest.mark.parametrize("is_asked_for", [True, False])
def test_the_basic_execution_role_is_quiet(is_asked_for: bool) -> None:
    needs = [SEND, *LOGS] if is_asked_for else [SEND]
    assert findings(compared("service-role/AWSLambdaBasicExecutionRole", needs=needs, inline=True)) == []


def test_a_policy_of_which_a_part_is_used_is_one_finding_with_that_part() -> None:
    comparison = compared("AmazonSQSFullAccess", needs=[SEND])
    assert findings(comparison) == [("AmazonSQSFullAccess", [(("sqs:SendMessage",), (QUEUE,))])]
    assert [covered.by[0].attachment for covered in comparison.covered] == [comparison.managed[0].reference]


def test_a_policy_of_which_nothing_is_used_is_one_finding_too() -> None:
    comparison = compared("AmazonS3FullAccess", needs=[SEND], inline=True)
    assert findings(comparison) == [("AmazonS3FullAccess", [])]
    place = comparison.managed[0].reference.location
    assert (place.path, place.start_line) == ("role.json", 18)


def test_a_policy_that_is_for_the_platform_and_more_keeps_the_platform_s_part() -> None:
    comparison = compared("service-role/AWSLambdaSQSQueueExecutionRole", needs=[SEND], inline=True)
    ((_, replacement),) = findings(comparison)
    assert [actions for actions, _ in replacement] == [
        ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
    ]


def test_a_policy_that_allows_all_but_something_cannot_be_judged() -> None:
    comparison = compared("PowerUserAccess", needs=[SEND])
    (subject,) = findings(comparison)
    assert subject.arn == "arn:aws:iam::aws:policy/PowerUserAccess"


def test_each_policy_is_a_finding_of_its_own() -> None:
    found = findings(compared("AmazonSQSFullAccess", "AmazonS3FullAccess", needs=[SEND]))
    assert [name for name, _ in found] == ["AmazonSQSFullAccess", "AmazonS3FullAccess"]
