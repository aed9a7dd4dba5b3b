"""Cases of `lpa lint`: a check, a policy, and the text at each place that the check speaks of."""

from __future__ import annotations

from typing import Any, NamedTuple

Json = dict[str, Any]

OBJECTS = "arn:aws:s3:::b/*"
BUCKET = "arn:aws:s3:::b"
QUEUE = "arn:aws:sqs:eu-west-1:123456789012:q"
TABLE = "arn:aws:dynamodb:eu-west-1:123456789012:table/t"
ROLE = "arn:aws:iam::123456789012:role/r"
GITHUB_HOST = "token.actions.githubusercontent.com"
GITHUB = f"arn:aws:iam::123456789012:oidc-provider/{GITHUB_HOST}"
CLUSTER = "arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/1"


class Case(NamedTuple):
    """`said` are the texts, as JSON writes them, that the check `check` points at in `policy`, in the file's order."""

    check: str
    policy: Json
    said: list[str]


def allow(actions: str | list[str], resources: str | list[str], **more: Any) -> Json:
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


def deny(actions: str | list[str], resources: str | list[str], **more: Any) -> Json:
    return {"Effect": "Deny", "Action": actions, "Resource": resources, **more}


def resource_policy(principal: str | Json, actions: str | list[str], resource: str, **more: Any) -> Json:
    return {"Effect": "Allow", "Principal": principal, "Action": actions, "Resource": resource, **more}


def trust(principal: str | Json, **more: Any) -> Json:
    return {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}


def policy(*statements: Json, version: str = "2012-10-17") -> Json:
    return {"Version": version, "Statement": list(statements)}


def role(*statements: Json, trusting: Json | None = None, attached: list[str] | None = None, **more: Any) -> Json:
    inline = [{"PolicyName": "p", "PolicyDocument": policy(*statements)}] if statements else []
    document: Json = {"RoleName": "r", "Arn": ROLE, "RolePolicyList": inline}
    if trusting is not None:
        document["AssumeRolePolicyDocument"] = policy(trusting)
    document["AttachedManagedPolicies"] = [{"PolicyArn": arn} for arn in attached or []]
    return document | more


def cases(check: str, *rows: tuple[Json, list[str]]) -> list[Case]:
    return [Case(check, document, said) for document, said in rows]


def equals(key: str, value: str | list[str]) -> Json:
    return {"StringEquals": {key: value}}


CASES = [
    *cases(
        "unknown-action",
        (policy(allow("s3:GetObjekt", OBJECTS)), ['"s3:GetObjekt"']),
        (policy(allow(["S3:getobject", "s3:Get*", "*", "*:*"], "*")), []),
        (policy(deny("s3:DeleteBuket", "*")), ['"s3:DeleteBuket"']),
        (policy({"Effect": "Deny", "NotAction": ["iam:*", "iam:Frobnicate"], "Resource": "*"}), ['"iam:Frobnicate"']),
        (policy(allow(["s3:Gett*", "nosuch:*", "GetObject"], "*")), ['"s3:Gett*"', '"nosuch:*"', '"GetObject"']),
        (policy(allow("s3:?etObject", OBJECTS)), []),
        (policy(resource_policy({"AWS": ROLE}, "sqs:Send", QUEUE)), ['"sqs:Send"']),
        (role(trusting={**trust({"AWS": ROLE}), "Action": "sts:AssumeRolle"}), ['"sts:AssumeRolle"']),
    ),
    *cases(
        "full-wildcard",
        (policy(allow("*", "*")), ['"*"']),
        (policy(allow(["s3:GetObject", "*:*"], OBJECTS)), ['"*:*"']),
        (policy(deny("*", "*")), []),
        (policy(allow("s3:*", "*")), []),
        (policy(resource_policy({"AWS": "arn:aws:iam::123456789012:root"}, "*", "*")), []),
        (policy(resource_policy({"AWS": ROLE}, "*", QUEUE)), ['"*"']),
    ),
    *cases(
        "service-wildcard",
        (policy(allow(["s3:*", "sqs:Send*"], "*")), ['"s3:*"']),
        (policy(deny("s3:*", "*")), []),
        (policy(allow("*", "*")), []),
        # The key policy that AWS gives every key.
        (policy(resource_policy({"AWS": "arn:aws:iam::123456789012:root"}, "kms:*", "*")), []),
        (policy(resource_policy({"AWS": ROLE}, "kms:*", "*")), ['"kms:*"']),
    ),
    *cases(
        "allow-not-action",
        (policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}), ['"iam:*"']),
        (policy({"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"}), []),
    ),
    *cases(
        "allow-not-resource",
        (policy({"Effect": "Allow", "Action": "s3:PutObject", "NotResource": OBJECTS}), [f'"{OBJECTS}"']),
        (policy({"Effect": "Deny", "Action": "s3:PutObject", "NotResource": OBJECTS}), []),
    ),
    *cases(
        "action-without-resource",
        (policy(allow("s3:GetObject", BUCKET)), ['"s3:GetObject"']),
        (policy(allow("s3:ListBucket", OBJECTS)), ['"s3:ListBucket"']),
        (policy(allow(["s3:GetObject", "s3:ListBucket"], [BUCKET, OBJECTS])), []),
        (policy(allow(["s3:GetObject*", "s3:ListBucket"], BUCKET)), ['"s3:GetObject*"']),
        (policy(allow("s3:ListAllMyBuckets", BUCKET)), ['"s3:ListAllMyBuckets"']),
        (policy(allow("s3:ListAllMyBuckets", ["*", BUCKET])), []),
        (policy(allow("s3:ListAllMyBuckets", "arn:aws:s3:::*")), []),
        (policy(deny("dynamodb:GetItem", QUEUE)), ['"dynamodb:GetItem"']),
        (policy(allow("dynamodb:Query", f"{TABLE}/index/*")), []),
        (policy(allow("logs:CreateLogStream", "arn:aws:logs:*:*:log-group:/aws/lambda/f:*")), []),
        (policy(allow("logs:DescribeLogStreams", "arn:aws:logs:*:*:log-group:/aws/lambda/f:log-stream:*")), []),
        (policy(allow("logs:DescribeLogGroups", "arn:aws:logs:*:*:log-group::log-stream:*")), []),
        (
            policy(allow("logs:DescribeLogGroups", "arn:aws:logs:*:*:log-group:/aws/lambda/*")),
            ['"logs:DescribeLogGroups"'],
        ),
        (policy(allow("elasticloadbalancing:AddTags", "arn:aws:elasticloadbalancing:*:*:targetgroup/t/*")), []),
        (policy(allow("execute-api:Invoke", "arn:aws:execute-api:eu-west-1:123456789012:api/prod/secret")), []),
        (policy(allow("eks:CreateCluster", "arn:aws:eks:*:*:cluster/c")), []),
        (
            policy(
                allow("cloudformation:CreateChangeSet", "arn:aws:cloudformation:*:aws:transform/Serverless-2016-10-31")
            ),
            [],
        ),
        # An action that is not known may take anything, and says so itself.
        (policy(allow("s3:GetObjekt", BUCKET)), []),
        (policy(allow("*", BUCKET)), []),
        (policy(resource_policy({"AWS": ROLE}, "s3:GetObject", BUCKET)), ['"s3:GetObject"']),
        (policy(resource_policy({"AWS": ROLE}, "s3:GetObject", OBJECTS)), []),
        (policy(resource_policy({"AWS": ROLE}, "dynamodb:ListStreams", TABLE)), []),
        (policy(resource_policy({"AWS": ROLE}, "kms:Decrypt", "*")), []),
        (policy(resource_policy({"AWS": ROLE}, "execute-api:Invoke", "execute-api:/*")), []),
    ),
    *cases(
        "resource-not-taken",
        (policy(allow("s3:PutObject", [BUCKET, OBJECTS])), [f'"{BUCKET}"']),
        (policy(allow("s3:ListBucket", [BUCKET, OBJECTS])), [f'"{OBJECTS}"']),
        (policy(allow("s3:*", [BUCKET, OBJECTS])), []),
        (policy(allow(["s3:PutObject", "sqs:SendMessage"], [OBJECTS, QUEUE])), []),
        # Told once, as an action without a resource.
        (policy(allow("s3:PutObject", BUCKET)), []),
    ),
    *cases(
        "star-resource",
        (policy(allow("ec2:TerminateInstances", "*", Condition={"Null": {"aws:ResourceTag/t": "true"}})), ['"*"']),
        (policy(allow("ec2:TerminateInstances", "*", Condition={"Bool": {"aws:ViaAWSService": "true"}})), []),
        (policy(allow("ec2:TerminateInstances", "*", Condition={"Bool": {"aws:ViaAWSService": "false"}})), ['"*"']),
        (policy(allow("sqs:SendMessage", "*")), ['"*"']),
        (policy(allow(["ec2:DescribeInstances", "s3:ListAllMyBuckets"], "*")), []),
        (policy(allow(["ec2:DescribeInstances", "ec2:TerminateInstances"], "*")), ['"*"']),
        (policy(deny("sqs:SendMessage", "*")), []),
        (policy(allow("sqs:SendMessage", QUEUE)), []),
        (policy(allow("ec2:TerminateInstances", "*", Condition=equals("aws:ResourceTag/team", "a"))), []),
        (policy(allow("ec2:TerminateInstances", "*", Condition=equals("aws:PrincipalTag/team", "a"))), ['"*"']),
        (
            policy(allow("ec2:TerminateInstances", "*", Condition={"StringNotEquals": {"aws:ResourceTag/team": "a"}})),
            ['"*"'],
        ),
        (policy(allow("ec2:TerminateInstances", "*", Condition={"StringLike": {"aws:ResourceTag/t": "*"}})), ['"*"']),
        # What is told more precisely.
        (policy(allow(["iam:PassRole", "secretsmanager:GetSecretValue", "s3:PutBucketPolicy", "*", "s3:*"], "*")), []),
        (policy(resource_policy({"AWS": ROLE}, "sqs:SendMessage", "*")), []),
    ),
    *cases(
        "pass-any-role",
        (policy(allow("iam:PassRole", "*")), ['"iam:PassRole"']),
        (policy(allow("iam:Pass*", "arn:aws:iam::123456789012:role/*")), ['"iam:Pass*"']),
        (policy(allow("iam:PassRole", "arn:aws:iam::*:role/app-*")), []),
        (
            policy(allow("iam:PassRole", "*", Condition=equals("iam:PassedToService", "ec2.amazonaws.com"))),
            ['"iam:PassRole"'],
        ),
        (policy(allow("iam:PassRole", "*", Condition=equals("iam:ResourceTag/app", "a"))), []),
        (policy(deny("iam:PassRole", "*")), []),
        (policy(allow("*", "*")), []),
    ),
    *cases(
        "pass-role-to-any-service",
        (policy(allow("iam:PassRole", ROLE)), ['"iam:PassRole"']),
        (policy(allow("iam:*", ROLE)), ['"iam:*"']),
        (policy(allow("iam:PassRole", ROLE, Condition=equals("IAM:passedToService", "ec2.amazonaws.com"))), []),
        (
            policy(allow("iam:PassRole", ROLE, Condition={"StringLike": {"iam:PassedToService": "*"}})),
            ['"iam:PassRole"'],
        ),
        (
            policy(
                allow("iam:PassRole", ROLE, Condition={"StringNotEquals": {"iam:PassedToService": "ec2.amazonaws.com"}})
            ),
            ['"iam:PassRole"'],
        ),
        (policy(allow("iam:PassRole", ROLE, Condition={"ArnLike": {"iam:AssociatedResourceArn": f"{QUEUE}"}})), []),
        (policy(deny("iam:PassRole", ROLE)), []),
        (policy(allow("iam:GetRole", ROLE)), []),
    ),
    *cases(
        "unscoped-data-access",
        (policy(allow(["s3:GetObject", "dynamodb:Scan"], "*")), ['"s3:GetObject"', '"dynamodb:Scan"']),
        (policy(allow("s3:Get*", "arn:aws:s3:::*")), ['"s3:Get*"']),
        (policy(allow("s3:GetObject", "arn:aws:s3:::*/*")), ['"s3:GetObject"']),
        (policy(allow("ssm:GetParameter", "arn:aws:ssm:eu-west-1:123456789012:parameter/*")), ['"ssm:GetParameter"']),
        (policy(allow("ssm:GetParameter", "arn:aws:ssm:eu-west-1:123456789012:parameter/app/*")), []),
        (policy(allow("s3:GetObject", OBJECTS)), []),
        (policy(allow("s3:GetObject", "*", Condition=equals("s3:ExistingObjectTag/public", "yes"))), []),
        (policy(allow("s3:GetObject", "*", Condition=equals("aws:PrincipalOrgID", "o-1"))), ['"s3:GetObject"']),
        (policy(deny("s3:GetObject", "*")), []),
        (policy(allow("s3:GetBucketLocation", "*")), []),
    ),
    *cases(
        "unscoped-permissions-management",
        (policy(allow(["s3:PutBucketPolicy", "kms:CreateGrant"], "*")), ['"s3:PutBucketPolicy"', '"kms:CreateGrant"']),
        (policy(allow("lambda:Add*", "arn:aws:lambda:*:*:function:*")), ['"lambda:Add*"']),
        (policy(allow("s3:PutBucketPolicy", BUCKET)), []),
        (policy(allow("kms:CreateGrant", "*", Condition=equals("kms:ViaService", "s3.eu-west-1.amazonaws.com"))), []),
        # Told as what raises one's own permissions.
        (policy(allow("iam:PutRolePolicy", "*")), []),
        (policy(deny("s3:PutBucketPolicy", "*")), []),
    ),
    *cases(
        "privilege-escalation",
        (policy(allow("iam:CreatePolicyVersion", "*")), ['"iam:CreatePolicyVersion"']),
        (policy(allow("iam:CreatePolicyVersion", "arn:aws:iam::123456789012:policy/app-*")), []),
        (policy(allow("iam:CreateAccessKey", "arn:aws:iam::*:user/${aws:username}")), []),
        (
            policy(
                allow("iam:PutUserPolicy", "*", Condition=equals("iam:PermissionsBoundary", "arn:aws:iam::1:policy/b"))
            ),
            [],
        ),
        (policy(allow("iam:PutRolePolicy", "*"), deny("iam:Put*", "*")), []),
        # To be denied a part leaves the rest; to be denied without a second factor may leave nothing.
        (policy(allow("iam:PutRolePolicy", "*"), deny("iam:Put*", ROLE)), ['"iam:PutRolePolicy"']),
        (
            policy(
                allow("iam:PutRolePolicy", "*"),
                deny("iam:*", "*", Condition={"Null": {"aws:MultiFactorAuthAge": "true"}}),
            ),
            [],
        ),
        (policy(allow(["iam:PassRole", "ec2:RunInstances"], "*")), ['"iam:PassRole"']),
        # Across statements, and across the policies of a role.
        (policy(allow("ec2:RunInstances", "*"), allow("iam:PassRole", "arn:aws:iam::*:role/*")), ['"iam:PassRole"']),
        (policy(allow("ec2:RunInstances", "*"), allow("iam:PassRole", ROLE)), []),
        (policy(allow("ec2:RunInstances", "arn:aws:ec2:*:*:image/*"), allow("iam:PassRole", "*")), []),
        (policy(allow("iam:PassRole", "*")), []),
        (
            policy(
                allow("ec2:RunInstances", "*"),
                allow("iam:PassRole", "*", Condition=equals("iam:PassedToService", "ec2.amazonaws.com")),
            ),
            ['"iam:PassRole"'],
        ),
        (
            policy(
                allow("ec2:RunInstances", "*"),
                allow("iam:PassRole", "*", Condition=equals("iam:PassedToService", "glue.amazonaws.com")),
            ),
            [],
        ),
        (policy({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}), ["{"]),
        (policy({"Effect": "Allow", "NotAction": "*", "Resource": "*"}), []),
        # Whoever may do everything gains nothing.
        (policy(allow("*", "*")), []),
        (
            role(allow("ec2:RunInstances", "*"), attached=["arn:aws:iam::aws:policy/IAMFullAccess"]),
            # By itself, and with the permissions beside it.
            ['"arn:aws:iam::aws:policy/IAMFullAccess"', '"arn:aws:iam::aws:policy/IAMFullAccess"'],
        ),
        (
            role(
                allow("iam:PutRolePolicy", "*"),
                PermissionsBoundary={"PermissionsBoundaryArn": "arn:aws:iam::aws:policy/AmazonS3FullAccess"},
            ),
            [],
        ),
        (
            role(
                allow("iam:PutRolePolicy", "*"),
                PermissionsBoundary={"PermissionsBoundaryArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
            ),
            ['"iam:PutRolePolicy"'],
        ),
    ),
    *cases(
        "redundant-entry",
        # The wider one stands behind, and two that are the same.
        (policy(allow("s3:GetObject", ["arn:aws:s3:::b-1/k", "arn:aws:s3:::b?1/k"])), ['"arn:aws:s3:::b-1/k"']),
        (policy(allow("s3:GetObject", ["arn:aws:s3:::b/*", "arn:aws:s3:::b/**"])), ['"arn:aws:s3:::b/**"']),
        (policy(allow(["s3:GetObject", "s3:Get*"], OBJECTS)), ['"s3:GetObject"']),
        (policy(allow(["s3:Get*", "s3:Put*"], OBJECTS)), []),
        (policy(allow(["s3:getobject", "s3:GetObject"], OBJECTS)), ['"s3:getobject"']),
        (policy(allow(["s3:*Object", "s3:Get*"], OBJECTS)), []),
        (policy(allow(["S3:Get*", "s3:get*"], OBJECTS)), ['"s3:get*"']),
        (policy(allow("s3:GetObject", [OBJECTS, "arn:aws:s3:::b/x/*"])), ['"arn:aws:s3:::b/x/*"']),
        (policy(allow("sqs:SendMessage", [QUEUE, "arn:aws:sqs"])), [f'"{QUEUE}"']),
        (policy({"Effect": "Deny", "NotAction": ["iam:*", "iam:Get*"], "Resource": "*"}), ['"iam:Get*"']),
        (policy({"Effect": "Deny", "Action": "s3:*", "NotResource": [OBJECTS, "arn:aws:s3:::b*"]}), [f'"{OBJECTS}"']),
    ),
    *cases(
        "redundant-statement",
        (policy(allow("s3:PutObject", OBJECTS), allow("s3:Put*", "*")), ["{"]),
        (policy(allow("s3:PutObject", OBJECTS), allow("s3:PutObject", OBJECTS)), ["{"]),
        (policy(allow("s3:PutObject", OBJECTS), allow(["s3:Put*", "sqs:*"], [OBJECTS, QUEUE])), ["{"]),
        (policy({"Effect": "Deny", "Action": "s3:*", "NotResource": OBJECTS}, deny("s3:*", "*")), ["{"]),
        (policy({"Effect": "Deny", "Action": "s3:*", "NotResource": OBJECTS}, deny("s3:*", OBJECTS)), []),
        (policy({"Effect": "Deny", "NotAction": ["s3:*", "iam:*"], "Resource": "*"}, deny("*", "*")), ["{"]),
        (
            policy(
                {"Effect": "Deny", "NotAction": ["s3:*", "iam:*"], "Resource": "*"},
                {"Effect": "Deny", "NotAction": "s3:Get*", "Resource": "*"},
            ),
            ["{"],
        ),
        (
            policy(
                {"Effect": "Deny", "NotAction": ["s3:*", "iam:*"], "Resource": "*"},
                {"Effect": "Deny", "NotAction": "sqs:*", "Resource": "*"},
            ),
            [],
        ),
        (policy(allow("s3:PutObject", OBJECTS), deny("s3:Put*", "*")), []),
        (
            policy(allow("s3:PutObject", OBJECTS), allow("s3:Put*", "*", Condition=equals("aws:PrincipalTag/a", "b"))),
            [],
        ),
        (
            policy(allow("s3:PutObject", OBJECTS, Condition=equals("aws:PrincipalTag/a", "b")), allow("s3:Put*", "*")),
            ["{"],
        ),
        (policy(allow(["s3:PutObject", "s3:GetObject"], OBJECTS), allow("s3:Put*", "*")), []),
        (policy(allow("s3:PutObject", OBJECTS), {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}), ["{"]),
        (policy(allow("iam:GetRole", ROLE), {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}), []),
        (policy(allow("s3:PutObject", OBJECTS), {"Effect": "Allow", "Action": "s3:*", "NotResource": BUCKET}), ["{"]),
        (policy(allow("s3:PutObject", OBJECTS), {"Effect": "Allow", "Action": "s3:*", "NotResource": OBJECTS}), []),
        (
            policy(resource_policy({"AWS": ROLE}, "sqs:SendMessage", QUEUE), resource_policy("*", "sqs:*", QUEUE)),
            ["{"],
        ),
        (
            policy(
                resource_policy({"AWS": ROLE}, "sqs:SendMessage", QUEUE),
                resource_policy({"AWS": f"{ROLE}2"}, "sqs:*", QUEUE),
            ),
            [],
        ),
        (role(allow("s3:GetObject", OBJECTS), attached=["arn:aws:iam::aws:policy/AmazonS3FullAccess"]), ["{"]),
        (role(allow("s3:GetObject", OBJECTS), attached=["arn:aws:iam::aws:policy/AmazonSQSFullAccess"]), []),
    ),
    *cases(
        "shadowed-action",
        (
            policy(
                resource_policy({"AWS": ROLE}, "sqs:SendMessage", QUEUE),
                {**resource_policy("*", "sqs:*", QUEUE), "Effect": "Deny"},
            ),
            ['"sqs:SendMessage"'],
        ),
        (
            policy(
                resource_policy({"AWS": ROLE}, "sqs:SendMessage", QUEUE),
                {**resource_policy({"AWS": f"{ROLE}2"}, "sqs:*", QUEUE), "Effect": "Deny"},
            ),
            [],
        ),
        (policy(allow(["s3:PutObject", "s3:GetObject"], OBJECTS), deny("s3:Put*", "*")), ['"s3:PutObject"']),
        (policy(allow("s3:Put*", "*"), deny("s3:PutObject", "*")), []),
        (policy(allow("s3:PutObject", OBJECTS), deny("s3:PutObject", "arn:aws:s3:::b/x/*")), []),
        (policy(allow("s3:PutObject", OBJECTS), deny("s3:*", "*", Condition=equals("aws:PrincipalTag/a", "b"))), []),
        (
            policy(allow("s3:PutObject", OBJECTS), {"Effect": "Deny", "NotAction": "sqs:*", "Resource": "*"}),
            ['"s3:PutObject"'],
        ),
        (policy(allow("s3:PutObject", OBJECTS), {"Effect": "Deny", "NotAction": "s3:Put*", "Resource": "*"}), []),
        (policy(allow("s3:PutObject", OBJECTS), {"Effect": "Deny", "Action": "s3:*", "NotResource": OBJECTS}), []),
        (
            policy(allow("s3:PutObject", OBJECTS), {"Effect": "Deny", "Action": "s3:*", "NotResource": BUCKET}),
            ['"s3:PutObject"'],
        ),
    ),
    *cases(
        "never-matching-statement",
        (
            policy(
                allow(
                    "s3:PutObject",
                    "*",
                    Condition={"Null": {"aws:PrincipalTag/a": "true"}, "StringLike": {"aws:PrincipalTag/a": "x*"}},
                )
            ),
            ['"aws:PrincipalTag/a"'],
        ),
        (policy(allow([], "*")), ["{"]),
        (policy(allow("s3:PutObject", [])), ["{"]),
        (
            policy(
                allow(
                    "s3:PutObject",
                    "*",
                    Condition={"StringEquals": {"aws:PrincipalTag/a": "x"}, "StringLike": {"aws:PrincipalTag/a": "y*"}},
                )
            ),
            ['"aws:PrincipalTag/a"'],
        ),
        (
            policy(
                allow(
                    "s3:PutObject",
                    "*",
                    Condition={
                        "StringEquals": {"aws:PrincipalTag/a": ["x", "yes"]},
                        "StringLike": {"AWS:principaltag/a": "y*"},
                    },
                )
            ),
            [],
        ),
        (
            policy(
                allow(
                    "s3:PutObject",
                    "*",
                    Condition={"Null": {"aws:PrincipalTag/a": "true"}, "StringEquals": {"aws:PrincipalTag/a": "x"}},
                )
            ),
            ['"aws:PrincipalTag/a"'],
        ),
        (
            policy(
                allow(
                    "s3:PutObject",
                    "*",
                    Condition={
                        "Null": {"aws:PrincipalTag/a": "true"},
                        "StringEqualsIfExists": {"aws:PrincipalTag/a": "x"},
                    },
                )
            ),
            [],
        ),
        (
            policy(
                allow(
                    "s3:PutObject",
                    "*",
                    Condition={"Null": {"aws:PrincipalTag/a": "false"}, "StringEquals": {"aws:PrincipalTag/a": "x"}},
                )
            ),
            [],
        ),
        (
            policy(
                allow(
                    "s3:PutObject",
                    "*",
                    Condition={"StringEquals": {"aws:PrincipalTag/a": "x", "aws:PrincipalTag/b": "y"}},
                )
            ),
            [],
        ),
        (
            policy(
                allow(
                    "s3:PutObject",
                    "*",
                    Condition={
                        "StringEquals": {"aws:PrincipalTag/a": ["x", "${aws:username}"]},
                        "StringLike": {"aws:PrincipalTag/a": "y*"},
                    },
                )
            ),
            [],
        ),
        *(
            (policy(allow("s3:PutObject", "*", Condition={operator: {"aws:SourceIp": addresses}})), said)
            for operator, addresses, said in (
                ("IpAddress", ["10.0.0.0/8", "192.168.1.1"], ['"aws:SourceIp"']),
                ("IpAddress", ["10.0.0.0/8", "203.0.113.7"], []),
                ("IpAddress", "0.0.0.0/0", []),
                ("IpAddress", "fd00::/8", []),
                ("NotIpAddress", "10.0.0.0/8", []),
                ("IpAddressIfExists", "10.0.0.0/8", []),
            )
        ),
        (policy(allow("s3:PutObject", "*", Condition={"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}})), []),
        (policy(trust({"AWS": ROLE})), []),
    ),
    *cases(
        "unknown-condition-operator",
        (
            policy(allow("s3:PutObject", "*", Condition={"StringMatches": {"aws:PrincipalTag/a": "x"}})),
            ['"StringMatches"'],
        ),
        (
            policy(allow("s3:PutObject", "*", Condition={"NullIfExists": {"aws:PrincipalTag/a": "true"}})),
            ['"NullIfExists"'],
        ),
        (
            policy(
                allow(
                    "s3:PutObject",
                    "*",
                    Condition={
                        "ForAnyValue:StringLikeIfExists": {"aws:TagKeys": "x"},
                        "bool": {"aws:SecureTransport": "true"},
                        "Null": {"aws:TagKeys": "false"},
                        "ArnNotLike": {"aws:PrincipalArn": ROLE},
                        "NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"},
                    },
                )
            ),
            [],
        ),
    ),
    *cases(
        "unsupported-condition-key",
        (policy(allow("s3:GetObject", "*", Condition=equals("glue:RoleAssumedBy", "glue.amazonaws.com"))), []),
        (policy(allow("s3:GetObject", "*", Condition=equals("ec2-instance-connect:remotePort", "22"))), []),
        (policy(allow(["*", "s3:GetObject"], "*", Condition=equals("s3:prefix", "x"))), []),
        (policy(allow("s3:PutObject", "*", Condition=equals("sqs:Foo", "x"))), ['"sqs:Foo"']),
        (policy(allow("s3:PutObject", "*", Condition=equals("S3:X-AMZ-ACL", "x"))), []),
        (policy(allow("s3:GetObject", "*", Condition={"StringEqualsIfExists": {"s3:prefix": "x"}})), []),
        (policy(deny("s3:GetObject", "*", Condition={"StringEqualsIfExists": {"s3:prefix": "x"}})), ['"s3:prefix"']),
        (policy(allow("s3:PutObject", "*", Condition=equals("aws:RequestedRegion", "x"))), []),
        (policy(allow("s3:PutObject", "*", Condition=equals("s3:RequestObjectTag/team", "x"))), []),
        (policy(allow("s3:GetObject", "*", Condition=equals("s3:prefix", "x"))), ['"s3:prefix"']),
        (policy(allow(["s3:GetObject", "s3:ListBucket"], "*", Condition=equals("s3:prefix", "x"))), []),
        (policy(allow("s3:*", "*", Condition=equals("s3:prefix", "x"))), []),
        (policy(allow("*", "*", Condition=equals("s3:prefix", "x"))), []),
        (
            policy(allow("secretsmanager:GetSecretValue", "*", Condition=equals("secretsmanager:ResourceTag/a", "x"))),
            [],
        ),
        (policy(allow("s3:GetObject", "*", Condition=equals("lambda:SourceFunctionArn", "x"))), []),
        (
            policy(
                allow(["ec2:DescribeInstances", "ec2:StopInstances"], "*", Condition=equals("ec2:ResourceTag/a", "x"))
            ),
            ['"ec2:ResourceTag/a"'],
        ),
        (
            policy(
                allow(
                    ["ec2:DescribeInstances", "ec2:StopInstances"],
                    "*",
                    Condition={"StringEqualsIfExists": {"ec2:ResourceTag/a": "x"}},
                )
            ),
            [],
        ),
        (
            policy(
                trust(
                    {"Federated": "token.actions.githubusercontent.com"},
                    Condition=equals("token.actions.githubusercontent.com:sub", "x"),
                )
            ),
            [],
        ),
        (policy(trust({"AWS": ROLE}, Condition=equals("sts:ExternalId", "x"))), []),
    ),
    *cases(
        "invalid-condition-value",
        # Told as an operator that does not exist.
        (policy(allow("s3:PutObject", "*", Condition={"NumericEqualTo": {"aws:MultiFactorAuthAge": "x"}})), []),
        (
            policy(allow("s3:PutObject", "*", Condition={"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "10.0.0.300"]}})),
            ['"aws:SourceIp"'],
        ),
        (
            policy(
                allow(
                    "s3:PutObject",
                    "*",
                    Condition={"NotIpAddress": {"aws:SourceIp": ["10.1.2.3/8", "::1", "2001:db8::/32"]}},
                )
            ),
            [],
        ),
        (
            policy(allow("s3:PutObject", "*", Condition={"Bool": {"aws:SecureTransport": "yes"}})),
            ['"aws:SecureTransport"'],
        ),
        (policy(allow("s3:PutObject", "*", Condition={"Bool": {"aws:SecureTransport": True}})), []),
        (
            policy(allow("s3:PutObject", "*", Condition={"NumericLessThan": {"aws:MultiFactorAuthAge": "1h"}})),
            ['"aws:MultiFactorAuthAge"'],
        ),
        (policy(allow("s3:PutObject", "*", Condition={"NumericLessThanEquals": {"aws:MultiFactorAuthAge": 3600}})), []),
        (
            policy(allow("s3:PutObject", "*", Condition={"DateLessThan": {"aws:CurrentTime": "tomorrow"}})),
            ['"aws:CurrentTime"'],
        ),
        (
            policy(allow("s3:PutObject", "*", Condition={"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}})),
            [],
        ),
        (
            policy(allow("s3:PutObject", "*", Condition={"Null": {"aws:TokenIssueTime": "no"}})),
            ['"aws:TokenIssueTime"'],
        ),
        (
            policy(
                allow("s3:PutObject", "*", Condition={"DateLessThan": {"aws:CurrentTime": "${aws:PrincipalTag/until}"}})
            ),
            [],
        ),
    ),
    *cases(
        "literal-wildcard",
        (
            policy(allow("s3:PutObject", "*", Condition=equals("aws:PrincipalArn", "arn:aws:iam::*:role/x"))),
            ['"aws:PrincipalArn"'],
        ),
        (
            policy(deny("s3:*", "*", Condition={"ForAnyValue:StringNotEqualsIfExists": {"aws:TagKeys": "x*"}})),
            ['"aws:TagKeys"'],
        ),
        (
            policy(allow("s3:PutObject", "*", Condition={"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}})),
            [],
        ),
        (
            policy(allow("s3:PutObject", "*", Condition={"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}})),
            [],
        ),
        (policy(allow("s3:PutObject", "*", Condition=equals("aws:PrincipalTag/a", "what?"))), []),
    ),
    *cases(
        "variable-in-old-version",
        (
            policy(allow("s3:PutObject", "arn:aws:s3:::b/${aws:username}/*"), version="2008-10-17"),
            ['"arn:aws:s3:::b/${aws:username}/*"'],
        ),
        (policy(allow("s3:PutObject", "arn:aws:s3:::b/${aws:username}/*")), []),
        (policy(allow("s3:PutObject", OBJECTS), version="2008-10-17"), []),
        (
            policy(allow("s3:PutObject", "*", Condition=equals("s3:prefix", "${aws:username}")), version="2008-10-17"),
            ['"s3:prefix"'],
        ),
        ({"Statement": allow("s3:PutObject", "arn:aws:s3:::b/${aws:username}")}, ['"arn:aws:s3:::b/${aws:username}"']),
        # What a template fills in is no policy variable.
        (policy(allow("s3:PutObject", "arn:aws:s3:::${Bucket}/*"), version="2008-10-17"), []),
    ),
    *cases(
        "malformed-arn",
        *(
            (policy(allow("sqs:SendMessage", arn)), [f'"{arn}"'])
            for arn in (
                "q",
                "",
                "arn:aws:sqs",
                "arn:aws:sqs:eu-west-1:q",
                "arn:amazon:sqs:eu-west-1:123456789012:q",
                "arn:aws::sqs:eu-west-1:123456789012:q",
                "arn:aws:sqss:eu-west-1:123456789012:q",
                "arn:aws:sqs:eu-west1:123456789012:q",
                "arn:aws:sqs:cn-north-1:123456789012:q",
                "arn:aws:sqs:eu-west-1:12345678901:q",
                "arn:aws:sqs:eu-west-1:ACCOUNT:q",
                "arn:aws:sqs:eu-west-1:123456789012:",
                "arn:aws:sqs:::q",
                "arn:aws:sqs:eu-west-1::q",
                "arn:aws:s3:eu-west-1::bucket",
                "arn:aws:s3::123456789012:bucket",
                "arn:aws:iam:eu-west-1:123456789012:role/r",
                "arn:aws:dynamodb::123456789012:table/t",
            )
        ),
        *(
            (policy(allow("sqs:SendMessage", arn)), [])
            for arn in (
                "*",
                QUEUE,
                BUCKET,
                OBJECTS,
                ROLE,
                "arn:*:sqs:*:*:*",
                "arn:aws:sqs:*",
                "arn:aws-cn:sqs:cn-north-1:123456789012:q",
                "arn:aws:iam::aws:policy/ReadOnlyAccess",
                "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1",
                "arn:aws:ssm:eu-west-1::document/AWS-RunShellScript",
                "arn:aws:ec2:eu-west-1::image/ami-1",
                "arn:aws:apigateway:eu-west-1::/restapis/*",
                "arn:aws:s3:eu-west-1:123456789012:accesspoint/a",
                "arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:q",
                "${Queue.Arn}",
                "arn:aws:sqs:us-gov-west-?:123456789012:q",
            )
        ),
        (
            policy(resource_policy({"AWS": "arn:aws:iam:123456789012:root"}, "sqs:SendMessage", QUEUE)),
            ['"arn:aws:iam:123456789012:root"'],
        ),
        (policy(resource_policy({"AWS": ["123456789012", ROLE]}, "sqs:SendMessage", QUEUE)), []),
        (policy(resource_policy({"AWS": ROLE}, "execute-api:Invoke", "execute-api:/prod/*")), []),
        (policy({"Effect": "Deny", "Action": "sqs:*", "NotResource": "q"}), ['"q"']),
    ),
    *cases(
        "foreign-partition",
        (
            policy(allow("sqs:SendMessage", [QUEUE, "arn:aws-cn:sqs:cn-north-1:123456789012:x"])),
            ['"arn:aws-cn:sqs:cn-north-1:123456789012:x"'],
        ),
        (policy(allow("s3:GetObject", [OBJECTS, "arn:aws-cn:s3:::b/*", "arn:aws-us-gov:s3:::b/*"])), []),
        (policy(allow("s3:GetObject", [OBJECTS, "arn:*:s3:::c/*"])), []),
        (policy(allow("s3:GetObject", "arn:aws-cn:s3:::b/*")), []),
    ),
    *cases(
        "public-principal",
        # Denied to others only over plain HTTP.
        (
            policy(
                resource_policy("*", "execute-api:Invoke", "execute-api:/*"),
                {
                    **resource_policy("*", "execute-api:Invoke", "execute-api:/*"),
                    "Effect": "Deny",
                    "Condition": {
                        "StringNotEquals": {"aws:SourceVpc": "vpc-1"},
                        "Bool": {"aws:SecureTransport": "false"},
                    },
                },
            ),
            ['"*"'],
        ),
        (policy(resource_policy("*", "sqs:SendMessage", QUEUE)), ['"*"']),
        (policy(resource_policy({"AWS": "*"}, "sqs:SendMessage", QUEUE)), ['"*"']),
        (policy(resource_policy({"AWS": ["*", ROLE]}, "sqs:SendMessage", QUEUE)), ['"*"']),
        (policy(resource_policy({"AWS": ROLE}, "sqs:SendMessage", QUEUE)), []),
        (policy(resource_policy("*", "sqs:SendMessage", QUEUE, Condition=equals("aws:PrincipalOrgID", "o-1"))), []),
        (policy(resource_policy("*", "sqs:SendMessage", QUEUE, Condition={"ArnLike": {"AWS:SourceArn": BUCKET}})), []),
        (
            policy(
                resource_policy("*", "sqs:SendMessage", QUEUE, Condition={"StringLike": {"aws:PrincipalOrgID": "*"}})
            ),
            ['"*"'],
        ),
        (
            policy(resource_policy("*", "sqs:SendMessage", QUEUE, Condition={"Bool": {"aws:SecureTransport": "true"}})),
            ['"*"'],
        ),
        (policy({**resource_policy("*", "sqs:SendMessage", QUEUE), "Effect": "Deny"}), []),
        (policy(trust("*")), ['"*"']),
        (
            policy({"Effect": "Allow", "NotPrincipal": {"AWS": ROLE}, "Action": "sqs:SendMessage", "Resource": QUEUE}),
            [f'"{ROLE}"'],
        ),
        # Everyone, and then everyone but some is denied it.
        (
            policy(
                resource_policy("*", "execute-api:Invoke", "execute-api:/*"),
                {
                    **resource_policy("*", "execute-api:Invoke", "execute-api:/*"),
                    "Effect": "Deny",
                    "Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}},
                },
            ),
            [],
        ),
        (
            policy(
                resource_policy("*", "execute-api:*", "execute-api:/*"),
                {
                    **resource_policy("*", "execute-api:Invoke", "execute-api:/*"),
                    "Effect": "Deny",
                    "Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}},
                },
            ),
            ['"*"'],
        ),
    ),
    *cases(
        "service-principal-without-source",
        (policy(resource_policy({"Service": "sns.amazonaws.com"}, "sqs:SendMessage", QUEUE)), ['"sns.amazonaws.com"']),
        *(
            (
                policy(
                    resource_policy(
                        {"Service": "sns.amazonaws.com"}, "sqs:SendMessage", QUEUE, Condition=equals(key, "x")
                    )
                ),
                [],
            )
            for key in ("aws:SourceAccount", "aws:sourcearn", "aws:SourceOrgID", "aws:SourceOrgPaths")
        ),
        (
            policy(
                resource_policy(
                    {"Service": "sns.amazonaws.com"},
                    "sqs:SendMessage",
                    QUEUE,
                    Condition=equals("aws:PrincipalOrgID", "x"),
                )
            ),
            ['"sns.amazonaws.com"'],
        ),
        (
            policy(
                resource_policy(
                    {"Service": "logs.amazonaws.com"},
                    "kms:Decrypt",
                    "*",
                    Condition=equals("kms:EncryptionContext:aws:logs:arn", "x"),
                )
            ),
            [],
        ),
        (policy(resource_policy({"AWS": ROLE}, "sqs:SendMessage", QUEUE)), []),
        # AWS recommends it for roles of some services and not of others.
        (policy(trust({"Service": "scheduler.amazonaws.com"})), ['"scheduler.amazonaws.com"']),
        (
            policy(
                trust({"Service": "scheduler.amazonaws.com"}, Condition=equals("aws:SourceAccount", "123456789012"))
            ),
            [],
        ),
        (policy(trust({"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]})), []),
    ),
    *cases(
        "external-account-without-id",
        (role(trusting=trust({"AWS": "arn:aws:iam::111122223333:root"})), ['"arn:aws:iam::111122223333:root"']),
        (role(trusting=trust({"AWS": "111122223333"})), ['"111122223333"']),
        (role(trusting=trust({"AWS": "arn:aws:iam::111122223333:root"}, Condition=equals("sts:ExternalId", "x"))), []),
        (
            role(
                trusting=trust({"AWS": "arn:aws:iam::111122223333:root"}, Condition=equals("aws:PrincipalOrgID", "x"))
            ),
            [],
        ),
        (role(trusting=trust({"AWS": "arn:aws:iam::123456789012:root"})), []),
        (role(trusting=trust({"Service": "lambda.amazonaws.com"})), []),
        # Whose role it is, a document alone does not say.
        (policy(trust({"AWS": "arn:aws:iam::111122223333:root"})), []),
    ),
    *cases(
        "identity-provider-without-subject",
        (
            policy(trust({"Federated": GITHUB}, Condition=equals(f"{GITHUB_HOST}:aud", "sts.amazonaws.com"))),
            [f'"{GITHUB}"'],
        ),
        (policy(trust({"Federated": GITHUB}, Condition={"StringLike": {f"{GITHUB_HOST}:sub": "repo:a/b:*"}})), []),
        (policy(trust({"Federated": GITHUB}, Condition={"StringLike": {f"{GITHUB_HOST}:sub": "*"}})), [f'"{GITHUB}"']),
        (policy(trust({"Federated": GITHUB})), [f'"{GITHUB}"']),
        (policy(trust({"Federated": "cognito-identity.amazonaws.com"})), ['"cognito-identity.amazonaws.com"']),
        (
            policy(
                trust(
                    {"Federated": "cognito-identity.amazonaws.com"},
                    Condition=equals("cognito-identity.amazonaws.com:aud", "eu-west-1:1"),
                )
            ),
            [],
        ),
        (policy(trust({"Federated": CLUSTER}, Condition=equals("oidc.eks.eu-west-1.amazonaws.com/id/1:SUB", "x"))), []),
        (
            policy(trust({"Federated": CLUSTER}, Condition=equals("oidc.eks.eu-west-1.amazonaws.com/id/2:sub", "x"))),
            [f'"{CLUSTER}"'],
        ),
        (policy(trust({"Federated": "arn:aws:iam::123456789012:saml-provider/p"})), []),
        (policy({**trust({"Federated": GITHUB}), "Effect": "Deny"}), []),
        (policy(trust({"AWS": ROLE})), []),
    ),
    *cases(
        "withdrawn-managed-policy",
        (
            role(attached=["arn:aws:iam::aws:policy/AWSLambdaFullAccess"]),
            ['"arn:aws:iam::aws:policy/AWSLambdaFullAccess"'],
        ),
        (role(attached=["arn:aws:iam::aws:policy/AWSLambda_FullAccess"]), []),
        # A policy of one's own may be called what it likes.
        (role(attached=["arn:aws:iam::123456789012:policy/AWSLambdaFullAccess"]), []),
    ),
    *cases(
        "unknown-managed-policy",
        (role(attached=["arn:aws:iam::aws:policy/NoSuchPolicy"]), ['"arn:aws:iam::aws:policy/NoSuchPolicy"']),
        (
            role(attached=["arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole"]),
            ['"arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole"'],
        ),
        (role(attached=["arn:aws-cn:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]), []),
        (role(attached=["arn:aws:iam::123456789012:policy/NoSuchPolicy"]), []),
        # Told as withdrawn.
        (role(attached=["arn:aws:iam::aws:policy/AWSLambdaFullAccess"]), []),
    ),
]
