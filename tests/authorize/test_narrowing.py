"""Conditions that a call is sure to meet, worked out by hand from AWS's documentation of the condition keys."""

from __future__ import annotations

import pytest

from analyzer.authorize import authorize
from analyzer.model.calls import ApiCall
from analyzer.model.deployment import Deployment
from analyzer.model.values import Absent, EventPart, OneOf, Opaque
from tests.authorize.calls import call, environment, text, value

EVENT = EventPart("id")
LIST = {"Bucket": "b"}
KEYS = "dynamodb:LeadingKeys"
QUERY = {"TableName": "t", "ExpressionAttributeValues": {":p": {"S": "A"}, ":s": {"S": "B"}}}


def query(expression: object, **more: object) -> ApiCall:
    return call("dynamodb.Query", {**QUERY, "KeyConditionExpression": expression, **more})


@pytest.mark.parametrize(
    ("made", "conditions"),
    [
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html (s3:prefix)
        (call("s3.ListObjectsV2", {**LIST, "Prefix": "in/"}), ["StringEquals s3:prefix in/"]),
        (call("s3.ListObjects", {**LIST, "Prefix": "in/"}), ["StringEquals s3:prefix in/"]),
        (call("s3.ListObjectVersions", {**LIST, "Prefix": "in/"}), ["StringEquals s3:prefix in/"]),
        (call("s3.ListObjectsV2", {**LIST, "Prefix": text("in/", EVENT, "/")}), ["StringLike s3:prefix in/*/"]),
        (call("s3.ListObjectsV2", {**LIST, "Prefix": "a*"}), ["StringEquals s3:prefix a${*}"]),
        (
            call("s3.ListObjectsV2", {**LIST, "Prefix": OneOf((value("a/"), value("b/")))}),
            ["StringEquals s3:prefix a/ b/"],
        ),
        # A prefix that may be anything, or that may not be given, is no condition.
        (call("s3.ListObjectsV2", LIST), []),
        (call("s3.ListObjectsV2", LIST, complete=False), []),
        (call("s3.ListObjectsV2", {**LIST, "Prefix": ""}), []),
        (call("s3.ListObjectsV2", {**LIST, "Prefix": None}), []),
        (call("s3.ListObjectsV2", {**LIST, "Prefix": Opaque(EVENT)}), []),
        (call("s3.ListObjectsV2", {**LIST, "Prefix": environment("PREFIX")}), []),
        (call("s3.ListObjectsV2", {**LIST, "Prefix": OneOf((value("a/"), Opaque(EVENT)))}), []),
        (call("s3.ListObjectsV2", {**LIST, "Prefix": OneOf((value("a/"), Absent()))}), []),
        (call("s3.HeadBucket", LIST), []),
        # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
        (
            call("dynamodb.GetItem", {"TableName": "t", "Key": {"id": {"S": "x"}}}),
            [f"ForAllValues:StringEquals {KEYS} x"],
        ),
        (call("dynamodb.DeleteItem", {"TableName": "t", "Key": {"id": "x"}}), [f"ForAllValues:StringEquals {KEYS} x"]),
        (
            call("dynamodb.UpdateItem", {"TableName": "t", "Key": {"id": {"S": text("U#", EVENT)}}}),
            [f"ForAllValues:StringLike {KEYS} U#*"],
        ),
        # Which of two attributes is the partition key is not in the call; numbers are compared otherwise.
        (call("dynamodb.GetItem", {"TableName": "t", "Key": {"a": {"S": "x"}, "b": {"S": "y"}}}), []),
        (call("dynamodb.GetItem", {"TableName": "t", "Key": {"a": {"N": "1"}}}), []),
        (call("dynamodb.GetItem", {"TableName": "t", "Key": {"a": 1}}), []),
        (call("dynamodb.GetItem", {"TableName": "t", "Key": Opaque(EVENT)}), []),
        (call("dynamodb.PutItem", {"TableName": "t", "Item": {"a": {"S": "x"}}}), []),
        (query("pk = :p"), [f"ForAllValues:StringEquals {KEYS} A"]),
        (query("pk = :p AND begins_with(sk, :s)"), [f"ForAllValues:StringEquals {KEYS} A"]),
        (query("sk >= :s and pk=:p"), [f"ForAllValues:StringEquals {KEYS} A"]),
        (query("pk = :p AND sk = :s"), []),
        (query("pk = :q"), []),
        (query("pk = :p", IndexName="by-date"), []),
        (query(text("pk = :p AND ", EVENT)), []),
        # https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
        (
            call("s3.PutObject", {**LIST, "Key": "k", "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "alias/k"}),
            ["StringLike kms:ViaService s3.*.amazonaws.com"],
        ),
        (call("kms.Decrypt", {"KeyId": "alias/k", "CiphertextBlob": "x"}), []),
    ],
)
def test_condition_is_what_the_call_is_sure_to_meet(made: ApiCall, conditions: list[str]) -> None:
    found = [
        f"{condition.operator} {condition.key} {' '.join(condition.values)}"
        for requirement in authorize([made], Deployment(), narrow=True).requirements
        for condition in requirement.conditions
    ]
    assert found == conditions


def test_region_of_the_deployment_is_in_the_name_of_the_service() -> None:
    put = call("s3.PutObject", {**LIST, "Key": "k", "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "alias/k"})
    china = Deployment(partition="aws-cn", region="cn-north-1")

    found = {one.action: one.conditions for one in authorize([put], china, narrow=True).requirements}

    # "Use the .amazonaws.com suffix of the AWS KMS ViaService name in all AWS partitions."
    (condition,) = found["kms:GenerateDataKey"]
    assert condition.values == ("s3.cn-north-1.amazonaws.com",)


def test_without_being_asked_for_there_are_none_but_the_rules_own() -> None:
    calls = [
        call("s3.ListObjectsV2", {**LIST, "Prefix": "in/"}),
        call("dynamodb.GetItem", {"TableName": "t", "Key": {"id": "x"}}),
    ]
    assert [one.conditions for one in authorize(calls, Deployment()).requirements] == [(), ()]
