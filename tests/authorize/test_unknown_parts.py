"""What becomes of values that are known in part or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies

from analyzer.authorize import authorize
from analyzer.iam.arn import arn_matches
from analyzer.model.deployment import Deployment
from analyzer.model.requirements import Arns
from analyzer.model.values import (
    Absent,
    Ambient,
    CallResult,
    Environment,
    EventPart,
    Known,
    OneOf,
    Opaque,
    Sequence,
    Unseen,
    Value,
)
from tests.authorize.calls import call, environment, text

NOWHERE = ("--account", "--region")


def scope(
    operation: str, parameters: dict[str, object], deployment: Deployment | None = None, **fields: object
) -> Arns:
    """Return the patterns of the only requirement of a call."""
    authorization = authorize([call(operation, parameters, **fields)], deployment or Deployment())
    ((_, (requirement,)),) = authorization.by_call
    assert isinstance(requirement.scope, Arns)
    return requirement.scope


# DescribeTable, DeleteTable and PutItem have no rules, so that only the text itself is tested.
@pytest.mark.parametrize(
    ("name", "pattern", "unpinned"),
    [
        (text("orders-", Environment("STAGE")), "table/orders-*", ("--account", "--env STAGE", "--region")),
        (environment("TABLE"), "table/*", ("--account", "--env TABLE", "--region")),
        (text(Environment("A"), Environment("B")), "table/*", ("--account", "--env A", "--env B", "--region")),
        (text(Environment("A"), "-", Environment("B")), "table/*-*", ("--account", "--env A", "--env B", "--region")),
        (Opaque(EventPart("detail.table")), "table/*", ("--account", "--region", "event detail.table")),
        (Opaque(EventPart("")), "table/*", ("--account", "--region", "event")),
        (
            text(CallResult("ssm", "GetParameter", "Parameter.Value")),
            "table/*",
            ("--account", "--region", "Parameter.Value of the result of ssm.GetParameter"),
        ),
        (Opaque(Unseen("an argument of handler")), "table/*", ("--account", "--region", "an argument of handler")),
        (text("orders-", Ambient("region")), "table/orders-*", NOWHERE),
        # Characters that a pattern would read as wildcards.
        (Known("a*b?c${d}"), "table/a${*}b${?}c${$}{d}", NOWHERE),
        (text("a*", Environment("X")), "table/a${*}*", ("--account", "--env X", "--region")),
        (Known(7), "table/7", NOWHERE),
    ],
)
def test_unknown_part_is_a_wildcard_in_its_place(name: Value, pattern: str, unpinned: tuple[str, ...]) -> None:
    found = scope("dynamodb.DescribeTable", {"TableName": name})

    assert found == Arns((f"arn:aws:dynamodb:*:*:{pattern}",), unpinned)


def test_every_alternative_gives_a_pattern() -> None:
    name = OneOf((Known("a"), Known("b"), text("c-", Environment("X"))))

    assert scope("dynamodb.DescribeTable", {"TableName": name}).patterns == (
        "arn:aws:dynamodb:*:*:table/a",
        "arn:aws:dynamodb:*:*:table/b",
        "arn:aws:dynamodb:*:*:table/c-*",
    )


def test_list_with_items_out_of_sight_has_a_wildcard_for_them() -> None:
    instances = Sequence((Known("i-1"),), complete=False)

    assert scope("ec2.TerminateInstances", {"InstanceIds": instances}) == Arns(
        ("arn:aws:ec2:*:*:instance/*", "arn:aws:ec2:*:*:instance/i-1"),
        ("--account", "--region", "items of a list that are not visible"),
    )


@pytest.mark.parametrize("parameters", [{}, {"TableName": None}, {"TableName": ""}])
def test_parameter_that_is_not_given_can_be_anything(parameters: dict[str, object]) -> None:
    assert scope("dynamodb.DescribeTable", parameters) == Arns(("arn:aws:dynamodb:*:*:table/*",), NOWHERE)


def test_parameter_that_may_be_out_of_sight_can_be_anything() -> None:
    assert scope("dynamodb.DescribeTable", {}, complete=False) == Arns(
        ("arn:aws:dynamodb:*:*:table/*",), ("--account", "--region", "parameters that are not visible")
    )


def test_parameter_that_may_be_left_out_can_be_anything_unless_it_is_required() -> None:
    maybe = OneOf((Known("x"), Absent()))

    assert scope("dynamodb.DescribeTable", {"TableName": maybe}).patterns == ("arn:aws:dynamodb:*:*:table/x",)
    # DescribeDBInstances lists all instances where none is named.
    assert scope("rds.DescribeDBInstances", {"DBInstanceIdentifier": maybe}).patterns == (
        "arn:aws:rds:*:*:db:*",
        "arn:aws:rds:*:*:db:x",
    )


@pytest.mark.parametrize(
    ("operation", "parameters", "pattern"),
    [
        # The whole ARN.
        ("acm.DescribeCertificate", {"CertificateArn": environment("ARN")}, "arn:aws:acm:*:*:certificate/*"),
        (
            "lambda.GetCapacityProvider",
            {"CapacityProviderName": environment("X_ARN")},
            "arn:aws:lambda:*:*:capacity-provider:*",
        ),
        (
            "elbv2.RegisterTargets",
            {"TargetGroupArn": environment("ARN")},
            "arn:aws:elasticloadbalancing:*:*:targetgroup/*/*",
        ),
        # Its place.
        (
            "acm.DescribeCertificate",
            {"CertificateArn": text("arn:aws:acm:", Ambient("region"), ":", Ambient("account"), ":certificate/c")},
            "arn:aws:acm:*:*:certificate/c",
        ),
        (
            "acm.DescribeCertificate",
            {"CertificateArn": text("arn:aws:acm:", Environment("R"), ":123456789012:certificate/c")},
            "arn:aws:acm:*:123456789012:certificate/c",
        ),
        # Several segments in one.
        (
            "acm.DescribeCertificate",
            {"CertificateArn": text("arn:aws:acm:", Environment("PLACE"), ":certificate/c")},
            "arn:aws:acm:*:*:certificate/c",
        ),
        (
            "acm.DescribeCertificate",
            {"CertificateArn": text(Environment("START"), ":certificate/c")},
            "arn:aws:acm:*:*:certificate/c",
        ),
        (
            "lambda.GetPolicy",
            {"FunctionName": text("arn:aws:lambda:", Environment("PLACE"), ":function:f")},
            "arn:aws:lambda:*:*:function:f",
        ),
        # Its end.
        (
            "acm.DescribeCertificate",
            {"CertificateArn": text("arn:aws:acm:eu-west-1:123456789012:certificate/", Environment("ID"))},
            "arn:aws:acm:eu-west-1:123456789012:certificate/*",
        ),
        (
            "acm.DescribeCertificate",
            {"CertificateArn": text("arn:aws:acm:eu-west-1:123456789012:", Environment("REST"))},
            "arn:aws:acm:eu-west-1:123456789012:certificate/*",
        ),
        (
            "acm.DescribeCertificate",
            {"CertificateArn": text("arn:aws:acm:eu-west-1:", Environment("REST"))},
            "arn:aws:acm:eu-west-1:*:certificate/*",
        ),
    ],
)
def test_arn_with_unknown_parts_keeps_the_known_ones(
    operation: str, parameters: dict[str, object], pattern: str
) -> None:
    assert scope(operation, parameters).patterns == (pattern,)


def test_unknown_arn_for_several_types_is_one_of_each() -> None:
    found = scope("dynamodb.TagResource", {"ResourceArn": environment("ARN"), "Tags": []})

    assert found.patterns == ("arn:aws:dynamodb:*:*:table/*", "arn:aws:dynamodb:*:*:table/*/stream/*")


@pytest.mark.parametrize(
    ("deployment", "region", "pattern", "unpinned"),
    [
        (Deployment(), None, "arn:aws:dynamodb:*:*:table/t", NOWHERE),
        (Deployment(account="123456789012"), None, "arn:aws:dynamodb:*:123456789012:table/t", ("--region",)),
        (Deployment(region="eu-west-1"), None, "arn:aws:dynamodb:eu-west-1:*:table/t", ("--account",)),
        (Deployment(region="eu-west-1"), "us-east-1", "arn:aws:dynamodb:us-east-1:*:table/t", ("--account",)),
        (Deployment(), "us-east-1", "arn:aws:dynamodb:us-east-1:*:table/t", ("--account",)),
        (
            Deployment(partition="aws-cn", account="123456789012", region="cn-north-1"),
            None,
            "arn:aws-cn:dynamodb:cn-north-1:123456789012:table/t",
            (),
        ),
    ],
)
def test_deployment_and_client_pin_the_place(
    deployment: Deployment, region: str | None, pattern: str, unpinned: tuple[str, ...]
) -> None:
    found = scope("dynamodb.DescribeTable", {"TableName": "t"}, deployment, region=region)

    assert found == Arns((pattern,), unpinned)


def test_deployment_pins_an_arn_that_is_not_known() -> None:
    deployment = Deployment(account="123456789012", region="eu-west-1")

    assert scope("acm.DescribeCertificate", {"CertificateArn": environment("ARN")}, deployment) == Arns(
        ("arn:aws:acm:eu-west-1:123456789012:certificate/*",), ("--env ARN",)
    )


def test_place_that_an_arn_format_leaves_empty_stays_empty() -> None:
    deployment = Deployment(account="123456789012", region="eu-west-1")

    assert scope("s3.DeleteBucket", {"Bucket": "b"}, deployment) == Arns(("arn:aws:s3:::b",))
    assert scope("iam.GetRole", {"RoleName": "r"}, deployment) == Arns(("arn:aws:iam::123456789012:role/r",))


def test_structure_is_no_name() -> None:
    # UpdateHttpNamespace has a structure `Namespace` beside the `Id` of the namespace.
    parameters: dict[str, object] = {"Id": "ns-1", "Namespace": {"Description": "d"}}

    assert scope("servicediscovery.UpdateHttpNamespace", parameters).patterns == (
        "arn:aws:servicediscovery:*:*:namespace/ns-1",
    )


# A colon may be out of a wildcard's reach; neither it nor a slash can be part of a table's name.
NAMES = strategies.text(strategies.characters(codec="ascii", exclude_characters=":/"), min_size=1, max_size=6)


@given(strategies.lists(strategies.tuples(NAMES, strategies.booleans()), min_size=1, max_size=5))
def test_pattern_matches_whatever_the_unknown_parts_turn_out_to_be(parts: list[tuple[str, bool]]) -> None:
    name = text(*(Environment(f"PART{number}") if hidden else part for number, (part, hidden) in enumerate(parts)))

    (pattern,) = scope("dynamodb.DescribeTable", {"TableName": name}).patterns

    actual = "".join(part for part, _ in parts)
    assert arn_matches(pattern, f"arn:aws:dynamodb:eu-west-1:123456789012:table/{actual}")
    if not any(hidden for _, hidden in parts):
        assert not arn_matches(pattern, f"arn:aws:dynamodb:eu-west-1:123456789012:table/{actual}x")
