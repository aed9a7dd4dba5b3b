from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from analyzer.installed import rules_folder
from analyzer.rules import managed_policy
from tests.rules.update_managed_policies import FOLDER, files

AWS = "arn:aws:iam::aws:policy"

# The AWS managed policies that Lambda's documentation names for execution roles:
# https://docs.aws.amazon.com/lambda/latest/dg/permissions-managed-policies.html and lambda-intro-execution-role.html.
FOR_EXECUTION_ROLES = (
    "service-role/AWSLambdaBasicExecutionRole",
    "service-role/AWSLambdaDynamoDBExecutionRole",
    "service-role/AWSLambdaENIManagementAccess",
    "service-role/AWSLambdaKinesisExecutionRole",
    "service-role/AWSLambdaMSKExecutionRole",
    "service-role/AWSLambdaRole",
    "service-role/AWSLambdaSQSQueueExecutionRole",
    "service-role/AWSLambdaVPCAccessExecutionRole",
    "service-role/AmazonS3ObjectLambdaExecutionRolePolicy",
    "AWSLambdaExecute",
    "AWSLambdaInvocation-DynamoDB",
    "AWSXRayDaemonWriteAccess",
    "AWSXrayWriteOnlyAccess",
    "CloudWatchLambdaInsightsExecutionRolePolicy",
    "CloudWatchLambdaApplicationSignalsExecutionRolePolicy",
)


@pytest.mark.parametrize("name", FOR_EXECUTION_ROLES)
def test_policies_of_execution_roles_are_known(name: str) -> None:
    text = managed_policy(f"{AWS}/{name}")

    assert text is not None
    assert json.loads(text)["Statement"]


def test_document_is_the_one_that_aws_shows() -> None:
    # https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaBasicExecutionRole.html
    expected: dict[str, Any] = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": "*",
            }
        ],
    }
    text = managed_policy(f"{AWS}/service-role/AWSLambdaBasicExecutionRole")

    assert text is not None
    assert json.loads(text) == expected


@pytest.mark.parametrize(
    "arn",
    [
        f"{AWS}/AWSLambdaBasicExecutionRole",
        f"{AWS}/service-role/",
        f"{AWS}/NoSuchPolicy",
        f"{AWS}/ReadOnlyAccess/Deeper",
        f"{AWS}/../managed_policies/ReadOnlyAccess",
        f"{AWS}//ReadOnlyAccess",
        f"{AWS}/ReadOnlyAccess\n",
        "arn:aws:iam::123456789012:policy/ReadOnlyAccess",
        "arn:aws-cn:iam::aws:policy/ReadOnlyAccess",
        "",
    ],
)
def test_what_is_not_known_is_not_an_empty_policy(arn: str) -> None:
    assert managed_policy(arn) is None


def test_folder_is_what_its_origin_holds() -> None:
    assert Path(rules_folder(), "managed_policies") == FOLDER
    origin = json.loads((FOLDER / "ORIGIN.json").read_text())
    if origin["version"] != version("moto"):
        pytest.skip(f"the policies are of moto {origin['version']}, not of the installed one")
    on_disk = {str(path.relative_to(FOLDER)): path.read_text() for path in FOLDER.rglob("*.json")}
    assert on_disk == files()
