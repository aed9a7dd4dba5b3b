from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.catalog import find_action
from analyzer.errors import RuleError
from analyzer.model.deployment import Deployment
from analyzer.model.requirements import AnyResource, Arns, Condition, Requirement
from analyzer.model.workload import Workload
from analyzer.platform import key_requirements, platform_needs, platform_requirements, requirements_without_template
from analyzer.templates import read_workloads

ACTIONS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]


def _scopes(requirements: tuple[Requirement, ...]) -> set[Arns]:
    assert [requirement.action for requirement in requirements] == ACTIONS
    return {requirement.scope for requirement in requirements if isinstance(requirement.scope, Arns)}


def test_a_function_that_is_known() -> None:
    deployment = Deployment("aws-cn", "123456789012", "cn-north-1")
    assert _scopes(requirements_without_template("lambda", deployment, "orders")) == {
        Arns(("arn:aws-cn:logs:cn-north-1:123456789012:log-group:/aws/lambda/orders:*",))
    }


def test_what_nobody_says_is_open_in_its_own_segment() -> None:
    assert _scopes(requirements_without_template("lambda", Deployment())) == {
        Arns(("arn:aws:logs:*:*:log-group:/aws/lambda/*",), ("--account", "--function-name", "--region"))
    }
    assert _scopes(requirements_without_template("lambda", Deployment(), "orders")) == {
        Arns(("arn:aws:logs:*:*:log-group:/aws/lambda/orders:*",), ("--account", "--region"))
    }


def test_the_reason_is_the_rule_and_no_call() -> None:
    for requirement in requirements_without_template("lambda", Deployment()):
        (reason,) = requirement.reasons
        assert reason.call is None
        assert str(reason.rule) == "rules/platform/lambda.yaml#logs"
        assert find_action(requirement.action)


def test_a_platform_without_a_file() -> None:
    with pytest.raises(RuleError, match=r"rules/platform/abacus\.yaml: No such file"):
        requirements_without_template("abacus", Deployment())


QUEUES = """\
Transform: AWS::Serverless-2016-10-31
Parameters:
  FailedArn: {Type: String}
Resources:
  Function:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: orders
      Runtime: python3.12
      Handler: index.handler
      InlineCode: "def handler(event, context): pass"
      DeadLetterQueue: {Type: SQS, TargetArn: !Ref FailedArn}
      Events:
        Jobs: {Type: SQS, Properties: {Queue: !GetAtt Jobs.Arn}}
        Named: {Type: SQS, Properties: {Queue: !GetAtt Named.Arn}}
  Jobs: {Type: AWS::SQS::Queue, Properties: {KmsMasterKeyId: !Ref Key}}
  Named: {Type: AWS::SQS::Queue, Properties: {QueueName: named, KmsMasterKeyId: alias/aws/sqs}}
  Key: {Type: AWS::KMS::Key}
"""


def _workload(text: str, folder: Path) -> Workload:
    (folder / "template.yaml").write_text(text)
    (workload,) = read_workloads(["template.yaml"], str(folder), Deployment(), {}).workloads
    return workload


def _of(requirements: tuple[Requirement, ...], action: str) -> list[Arns | AnyResource]:
    return [one.scope for one in requirements if one.action == action]


def test_without_symbols_what_the_template_does_not_name_is_open(tmp_path: Path) -> None:
    needs = platform_requirements(_workload(QUEUES, tmp_path), Deployment(account="123456789012", region="eu-west-1"))
    assert _of(needs, "sqs:ReceiveMessage") == [
        Arns(("arn:aws:sqs:eu-west-1:123456789012:*",), ("Jobs of the template",)),
        Arns(("arn:aws:sqs:eu-west-1:123456789012:named",)),
    ]
    # Not even that it is in this account is known of what a parameter names.
    assert _of(needs, "sqs:SendMessage") == [
        Arns(("arn:aws:sqs:eu-west-1:123456789012:*",), ("FailedArn of the template",))
    ]
    assert _of(needs, "kms:Decrypt") == [Arns(("arn:aws:kms:eu-west-1:123456789012:key/*",), ("Key of the template",))]


def test_with_symbols_it_is_written_as_the_template_does(tmp_path: Path) -> None:
    needs = platform_requirements(_workload(QUEUES, tmp_path), Deployment(symbols=True))
    open_segments = ("--account", "--region")
    assert _of(needs, "sqs:ReceiveMessage") == [
        Arns(("arn:aws:sqs:*:*:${Jobs}",), open_segments),
        Arns(("arn:aws:sqs:*:*:named",), open_segments),
    ]
    assert _of(needs, "sqs:SendMessage") == [Arns(("${FailedArn}",))]
    assert _of(needs, "kms:Decrypt") == [Arns(("arn:aws:kms:*:*:key/${Key}",), open_segments)]


@pytest.mark.parametrize(
    ("deployment", "condition"),
    [
        (Deployment(region="eu-west-1"), Condition("StringEquals", "kms:ViaService", ("sqs.eu-west-1.amazonaws.com",))),
        (Deployment(), Condition("StringLike", "kms:ViaService", ("sqs.*.amazonaws.com",))),
        (
            Deployment(symbols=True),
            Condition("StringEquals", "kms:ViaService", ("sqs.${AWS::Region}.amazonaws.com",)),
        ),
    ],
)
def test_the_service_that_uses_a_key(deployment: Deployment, condition: Condition, tmp_path: Path) -> None:
    workload = _workload(QUEUES, tmp_path)
    for narrow, conditions in ((True, (condition,)), (False, ())):
        needs = platform_needs(workload, deployment, narrow=narrow).requirements
        (need,) = (one for one in needs if one.action == "kms:Decrypt")
        assert need.conditions == need.optional == conditions


@pytest.mark.parametrize(
    ("pattern", "actions"),
    [
        ("arn:aws:sqs:*:*:${Jobs}", ["kms:Decrypt", "kms:GenerateDataKey"]),
        ("arn:aws:sqs:eu-west-1:123456789012:${Jobs}", ["kms:Decrypt", "kms:GenerateDataKey"]),
        # AWS's own key asks for nothing, and what may be any queue is not certain to be one with a key.
        ("arn:aws:sqs:*:*:named", []),
        ("arn:aws:sqs:*:*:*", []),
    ],
)
def test_a_key_is_needed_by_what_is_certain_to_be_about_its_resource(
    pattern: str, actions: list[str], tmp_path: Path
) -> None:
    (reason,) = requirements_without_template("lambda", Deployment())[0].reasons
    sent = Requirement("sqs:SendMessage", Arns((pattern,)), (), (reason,))
    keys = key_requirements([sent], _workload(QUEUES, tmp_path), Deployment(symbols=True))
    assert [key.action for key in keys] == actions
    for key in keys:
        assert [str(one.rule) for one in key.reasons] == ["rules/platform/keys.yaml#AWS::SQS::Queue"]


def test_what_is_needed_and_what_comes_with_it_is_tolerated(tmp_path: Path) -> None:
    text = QUEUES.replace("      FunctionName: orders\n", "      Tracing: Active\n")
    needs = platform_needs(_workload(text, tmp_path), Deployment(symbols=True))
    assert {need.action for need in needs.tolerated} - {need.action for need in needs.requirements} == {
        "xray:GetSamplingRules",
        "xray:GetSamplingStatisticSummaries",
        "xray:GetSamplingTargets",
    }
