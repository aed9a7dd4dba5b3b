"""The mapping of single operations, worked out from AWS's pages; all of them are in test_every_operation."""

from __future__ import annotations

import pytest

from analyzer.authorize.known import Kind
from analyzer.authorize.mapping import MappedType, OperationMapping, operation_mapping, service_mapping
from analyzer.catalog import find_action
from analyzer.model.requirements import BASE_RULE, Condition, RuleReference
from analyzer.rules import Binding, Guard, Spelling, iam_prefix
from analyzer.sdk import load_service
from tests.authorize.coverage import unknown_operation


def mapping(name: str) -> OperationMapping:
    service, _, operation = name.partition(".")
    found = operation_mapping(service, operation)
    assert found is not None
    return found


def test_base_rule_with_the_default_binding() -> None:
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
    found = mapping("dynamodb.DescribeTable")

    assert (found.service, found.operation, found.method) == ("dynamodb", "DescribeTable", "describe_table")
    assert (found.kind, found.rule, found.advice) == (Kind.BASE, BASE_RULE, ())
    (action,) = found.actions
    assert (action.action, action.access_level, action.guards, action.conditions) == (
        "dynamodb:DescribeTable", "Read", (), (),
    )  # fmt: skip
    assert action.types == (
        MappedType(
            "table",
            ("arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}",),
            True,
            (),
            (("TableName", Binding(("TableName",))),),
        ),
    )
    assert action.is_scoped


def test_rule_with_conditions_and_sources() -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
    found = mapping("ecs.RunTask")

    assert (found.kind, found.rule) == (Kind.RULE, RuleReference("rules/services/ecs.yaml", "RunTask"))
    assert "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html" in found.sources
    passed = next(one for one in found.actions if one.action == "iam:PassRole")
    assert passed.guards == ((Guard("overrides.taskRoleArn", "present"),),)
    assert passed.conditions == (Condition("StringEquals", "iam:PassedToService", ("ecs-tasks.amazonaws.com",)),)
    (role,) = passed.types
    assert (role.name, role.required, role.is_named) == ("role", True, True)


def test_what_names_a_resource_as_a_whole_is_told_apart_from_its_variables() -> None:
    (send,) = mapping("sqs.SendMessage").actions
    (queue,) = send.types
    assert queue.whole == (Binding(("QueueUrl",), Spelling.URL),)
    assert queue.variables == (("QueueName", None),)
    assert send.is_scoped

    # https://docs.aws.amazon.com/acm/latest/APIReference/API_DescribeCertificate.html
    (describe,) = mapping("acm.DescribeCertificate").actions
    (certificate,) = describe.types
    assert certificate.whole == (Binding(("CertificateArn",), Spelling.ARN),)
    assert certificate.variables == (("CertificateId", None),)
    assert describe.is_scoped


def test_what_aws_makes_up_is_not_named() -> None:
    # CreateVpc is given no id: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpc.html
    (create,) = (one for one in mapping("ec2.CreateVpc").actions if one.action == "ec2:CreateVpc")
    vpc = next(one for one in create.types if one.name == "vpc")
    assert (vpc.required, vpc.is_named, vpc.variables) == (True, False, (("VpcId", None),))
    assert not create.is_scoped


def test_action_without_resources_is_on_all() -> None:
    (describe,) = mapping("ec2.DescribeInstances").actions
    assert (describe.types, describe.arn, describe.takes_resources, describe.is_scoped) == ((), "", False, False)


def test_structures_are_no_names() -> None:
    # `Targets` are structures: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html
    client = load_service("events")
    assert client is not None
    assert client.operations["PutTargets"].structures == ("Targets",)
    assert client.operations["RemoveTargets"].structures == ()
    for service in ("events", "ec2"):
        for found in service_mapping(service):
            client = load_service(service)
            assert client is not None
            structures = {*client.operations[found.operation].structures}
            for action in found.actions:
                for type_ in action.types:
                    held = [*type_.whole, *(binding for _, binding in type_.variables if binding is not None)]
                    assert structures.isdisjoint(path for binding in held for path in binding.paths)


def test_path_of_the_request() -> None:
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-iam-policy-examples.html
    found = mapping("apigateway.GetStage")
    (action,) = found.actions
    assert action.action == "apigateway:GET"
    assert action.arn == "arn:{partition}:apigateway:{region}::/restapis/{restApiId}/stages/{stageName}"
    assert action.types == ()
    assert action.is_scoped
    assert found.sources == (
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-iam-policy-examples.html",
    )


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        # https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
        ("sts.GetCallerIdentity", Kind.NO_PERMISSION),
        # https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
        ("sts.AssumeRoleWithWebIdentity", Kind.NOT_IAM),
    ],
)
def test_operations_without_an_action(name: str, kind: Kind) -> None:
    found = mapping(name)
    assert (found.kind, found.actions) == (kind, ())
    assert found.rule is not None
    assert found.sources


def test_operation_of_which_nothing_is_known() -> None:
    unknown = unknown_operation()
    found = mapping(f"{unknown.service}.{unknown.operation}")
    assert found == unknown
    assert (found.kind, found.rule, found.actions, found.sources) == (Kind.UNKNOWN, None, (), ())
    assert find_action(f"{iam_prefix(found.service)}:{found.operation}") is None


@pytest.mark.parametrize(("service", "operation"), [("nosuch", "GetObject"), ("s3", "GetObjct"), ("s3", ""), ("", "")])
def test_no_mapping_of_what_botocore_lacks(service: str, operation: str) -> None:
    assert operation_mapping(service, operation) is None


def test_other_names_of_a_client_lead_to_its_own() -> None:
    # botocore.handlers.SERVICE_NAME_ALIASES
    found = operation_mapping("runtime.sagemaker", "InvokeEndpoint")
    assert found is not None
    assert found.service == "sagemaker-runtime"
