"""Names as the AWS SDK for Java and Step Functions write them.

The services are from https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html.
"""

from __future__ import annotations

import pytest

from analyzer.sdk.service_ids import client_of_service_id, input_spellings, operation_in_any_case


@pytest.mark.parametrize(
    ("name", "client"),
    [
        ("s3", "s3"),
        ("sfn", "stepfunctions"),
        ("cloudwatchlogs", "logs"),
        ("cloudwatch", "cloudwatch"),
        ("eventbridge", "events"),
        ("cognitoidentityprovider", "cognito-idp"),
        ("elasticloadbalancingv2", "elbv2"),
        ("elasticloadbalancing", "elb"),
        ("databasemigration", "dms"),
        ("directory", "ds"),
        ("costexplorer", "ce"),
        ("costandusagereport", "cur"),
        ("applicationdiscovery", "discovery"),
        ("marketplaceentitlement", "marketplace-entitlement"),
        ("servicediscovery", "servicediscovery"),
        ("servicequotas", "service-quotas"),
        ("sagemakera2iruntime", "sagemaker-a2i-runtime"),
        ("bedrockruntime", "bedrock-runtime"),
        ("elasticsearch", "es"),
        ("config", "config"),
        ("shop", None),
    ],
)
def test_service(name: str, client: str | None) -> None:
    assert client_of_service_id(name) == client


@pytest.mark.parametrize(
    ("client", "name", "operation"),
    [
        ("rds", "describeDBInstances", "DescribeDBInstances"),
        ("rds", "describeDbInstances", "DescribeDBInstances"),
        ("s3", "listObjectsV2", "ListObjectsV2"),
        ("s3", "buyObject", None),
        ("shop", "buy", None),
    ],
)
def test_operation(client: str, name: str, operation: str | None) -> None:
    assert operation_in_any_case(client, name) == operation


def test_spellings_reach_into_lists_maps_and_structures() -> None:
    ecs = input_spellings("ecs", "RunTask")
    assert ecs is not None
    name, inner = ecs["members"]["overrides"]
    assert name == "overrides"
    assert inner["members"]["taskrolearn"] == ["taskRoleArn", None]
    assert inner["members"]["containeroverrides"][1]["items"]["members"]["name"] == ["name", None]
    dynamodb = input_spellings("dynamodb", "PutItem")
    assert dynamodb is not None
    # A value of a map may hold values of its own kind, without end.
    assert dynamodb["members"]["item"][1]["values"]["members"]["m"] == ["M", None]
