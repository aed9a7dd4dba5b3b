from __future__ import annotations

import pytest

from analyzer.errors import UsageError
from analyzer.iam.denial import Denial, read_denial

JOHN = "arn:aws:iam::123456789012:user/John"
ROLE = "arn:aws:sts::123456789012:assumed-role/orders/orders-api"
TABLE = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"
SCP = "arn:aws:organizations::777788889999:policy/o-exampleorgid/service_control_policy/p-examplepolicyid123"


@pytest.mark.parametrize(
    ("message", "denial"),
    [
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html, all its forms.
        (
            f"User: {JOHN} is not authorized to perform: codecommit:ListRepositories\n"
            "because no service control policy allows the codecommit:ListRepositories action",
            Denial(JOHN, "codecommit:ListRepositories", explicit=False, kind="service control"),
        ),
        (
            f"User: {JOHN} is not authorized to perform: codecommit:ListRepositories\n"
            f"with an explicit deny in a service control policy: {SCP}",
            Denial(JOHN, "codecommit:ListRepositories", explicit=True, kind="service control", policy=SCP),
        ),
        (
            f"User: {JOHN} is not authorized to perform: codecommit:ListRepositories\n"
            "with an explicit deny in a service control policy",
            Denial(JOHN, "codecommit:ListRepositories", explicit=True, kind="service control"),
        ),
        (
            f"User: {JOHN} is not authorized to perform: secretsmanager:GetSecretValue\n"
            "on resource: arn:aws:secretsmanager:us-east-1:123456789012:secret:*\n"
            "with an explicit deny in a resource control policy",
            Denial(
                JOHN,
                "secretsmanager:GetSecretValue",
                "arn:aws:secretsmanager:us-east-1:123456789012:secret:*",
                explicit=True,
                kind="resource control",
            ),
        ),
        (
            f"User: {JOHN} is not authorized to perform: codecommit:ListRepositories "
            "because no VPC endpoint policy allows the codecommit:ListRepositories action",
            Denial(JOHN, "codecommit:ListRepositories", explicit=False, kind="VPC endpoint"),
        ),
        (
            f"User: {JOHN} is not authorized to perform: codedeploy:ListDeployments on resource: "
            "arn:aws:codedeploy:us-east-1:123456789012:deploymentgroup:* "
            "because no permissions boundary allows the codedeploy:ListDeployments action",
            Denial(
                JOHN,
                "codedeploy:ListDeployments",
                "arn:aws:codedeploy:us-east-1:123456789012:deploymentgroup:*",
                explicit=False,
                kind="permissions boundary",
            ),
        ),
        (
            f"User: {JOHN} is not authorized to perform: s3:PutObject on resource: arn:aws:s3:::b/k "
            "with an explicit deny in a permissions boundary",
            Denial(JOHN, "s3:PutObject", "arn:aws:s3:::b/k", explicit=True, kind="permissions boundary"),
        ),
        (
            f"User: {JOHN} is not authorized to perform: s3:PutObject on resource: arn:aws:s3:::b/k "
            "because no session policy allows the s3:PutObject action",
            Denial(JOHN, "s3:PutObject", "arn:aws:s3:::b/k", explicit=False, kind="session"),
        ),
        (
            f"User: {JOHN} is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::1:role/r "
            "because no role trust policy allows the sts:AssumeRole action",
            Denial(JOHN, "sts:AssumeRole", "arn:aws:iam::1:role/r", explicit=False, kind="role trust"),
        ),
        # The same inside botocore's ClientError.
        (
            "botocore.exceptions.ClientError: An error occurred (AccessDeniedException) when calling the GetItem "
            f"operation: User: {ROLE} is not authorized to perform: dynamodb:GetItem on resource: {TABLE} because no "
            "identity-based policy allows the dynamodb:GetItem action",
            Denial(ROLE, "dynamodb:GetItem", TABLE, "GetItem", explicit=False, kind="identity-based"),
        ),
        (
            f"User: {ROLE} is not authorized to perform: dynamodb:GetItem on resource: {TABLE} "
            "(Service: AmazonDynamoDBv2; Status Code: 400; Error Code: AccessDeniedException; Request ID: X)",
            Denial(ROLE, "dynamodb:GetItem", TABLE),
        ),
        # https://github.com/noobaa/noobaa-core/issues/10060: S3 puts the resource in quotes.
        (
            "An error occurred (AccessDenied) when calling the ListObjectsV2 operation: User: "
            f'{JOHN} is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::b" '
            "with an explicit deny in a resource-based policy",
            Denial(JOHN, "s3:ListBucket", "arn:aws:s3:::b", "ListObjectsV2", explicit=True, kind="resource-based"),
        ),
        # https://github.com/cloud-custodian/cloud-custodian/issues/4736
        (
            f"User: {JOHN} is not authorized to perform: lambda:GetFunction on resource: arn:aws:lambda:us-east-1:1:f "
            "with an explicit deny",
            Denial(JOHN, "lambda:GetFunction", "arn:aws:lambda:us-east-1:1:f", explicit=True),
        ),
        # https://github.com/terraform-aws-modules/terraform-aws-eks/issues/2517: the resource is no ARN.
        (
            f"AccessDenied: User: {ROLE} is not authorized to perform: iam:GetRole on resource: role XPTO "
            "with an explicit deny in an identity-based policy",
            Denial(ROLE, "iam:GetRole", "role XPTO", explicit=True, kind="identity-based"),
        ),
        (
            f"User: {ROLE} is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext "
            "because no identity-based policy allows the kms:Decrypt action",
            Denial(ROLE, "kms:Decrypt", explicit=False, kind="identity-based"),
        ),
        (
            f"User: {ROLE} is not authorized to perform: SNS:Publish on resource: arn:aws:sns:eu-west-1:1:t",
            Denial(ROLE, "SNS:Publish", "arn:aws:sns:eu-west-1:1:t"),
        ),
        # Those that say less.
        (
            "An error occurred (AccessDenied) when calling the PutObject operation: Access Denied",
            Denial(operation="PutObject"),
        ),
        (
            "An error occurred (UnauthorizedOperation) when calling the DescribeInstances operation: "
            "You are not authorized to perform this operation.",
            Denial(operation="DescribeInstances"),
        ),
        (
            "An error occurred (AccessDenied) when calling the SendMessage operation: Access to the resource "
            "https://sqs.eu-west-1.amazonaws.com/123456789012/q is denied.",
            Denial(resource="https://sqs.eu-west-1.amazonaws.com/123456789012/q", operation="SendMessage"),
        ),
        (
            "The provided execution role does not have permissions to call ReceiveMessage on SQS",
            Denial(operation="ReceiveMessage", service="SQS"),
        ),
        (
            '{"allowed": false, "explicitDeny": false, "matchedStatements": {"items": []}, "context": {"principal": '
            '{"id": "X", "arn": "arn:aws:iam::1:user/u"}, "action": "ec2:RunInstances", "resource": "arn:aws:ec2:x"}}',
            Denial("arn:aws:iam::1:user/u", "ec2:RunInstances", "arn:aws:ec2:x", explicit=False),
        ),
        (
            '{"DecodedMessage": "{\\"explicitDeny\\": true, \\"context\\": {\\"action\\": \\"ec2:StopInstances\\"}}"}',
            Denial(action="ec2:StopInstances", explicit=True),
        ),
    ],
)
def test_message_is_read(message: str, denial: Denial) -> None:
    assert read_denial(message) == denial


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (
            "An error occurred (UnauthorizedOperation) when calling the RunInstances operation: You are not authorized "
            "to perform this operation. Encoded authorization failure message: 1JLKqJFvDEZ",
            "the message is encoded",
        ),
        ("", "no access denied message"),
        ("KeyError: 'x'", "no access denied message"),
        ("An error occurred (ValidationException) when calling the GetItem operation: nothing", "no access denied"),
        ("{}", "no decoded authorization message"),
        ("{", "no decoded authorization message"),
        ('{"DecodedMessage": 1}', "no decoded authorization message"),
    ],
)
def test_other_texts_are_refused(message: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        read_denial(message)
