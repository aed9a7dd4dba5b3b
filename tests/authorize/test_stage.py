from __future__ import annotations

import pytest

from analyzer.authorize import authorize
from analyzer.catalog import data_date
from analyzer.model.calls import ApiCall, UnresolvedReason, Via
from analyzer.model.deployment import Deployment
from analyzer.model.location import Location
from analyzer.model.requirements import BASE_RULE, AnyResource, Arns, Reason, RuleReference
from analyzer.model.values import Absent, EventPart, Known, OneOf
from tests.authorize.calls import HERE, call, environment, text
from tests.authorize.coverage import unknown_operation

LATER = Location("app.py", 9, 1, 9, 9)


def test_equal_needs_are_merged_with_all_their_reasons() -> None:
    first = call("dynamodb.DescribeTable", {"TableName": "t"})
    second = call("dynamodb.DescribeTable", {"TableName": "t"}, location=LATER)
    other = call("dynamodb.DescribeTable", {"TableName": "u"})

    requirements = authorize([second, other, first], Deployment()).requirements

    assert [(one.action, one.scope) for one in requirements] == [
        ("dynamodb:DescribeTable", Arns(("arn:aws:dynamodb:*:*:table/t",), ("--account", "--region"))),
        ("dynamodb:DescribeTable", Arns(("arn:aws:dynamodb:*:*:table/u",), ("--account", "--region"))),
    ]
    assert requirements[0].reasons == (Reason(first, BASE_RULE), Reason(second, BASE_RULE))
    assert requirements[1].reasons == (Reason(other, BASE_RULE),)


def test_pattern_within_another_is_kept_with_its_own_reasons() -> None:
    one = call("dynamodb.DescribeTable", {"TableName": "t"})
    every = call("dynamodb.DescribeTable", {}, complete=False)

    requirements = authorize([one, every], Deployment()).requirements

    assert [requirement.reasons for requirement in requirements] == [
        (Reason(every, BASE_RULE),),
        (Reason(one, BASE_RULE),),
    ]


def test_calls_keep_their_order_and_their_own_requirements() -> None:
    calls = [call("ec2.TerminateInstances", {"InstanceIds": ["i-2", "i-1"]}), call("ec2.DescribeInstances", {})]

    by_call = authorize(calls, Deployment()).by_call

    assert [one for one, _ in by_call] == calls
    (terminate,), (describe,) = (requirements for _, requirements in by_call)
    assert terminate.scope == Arns(
        ("arn:aws:ec2:*:*:instance/i-1", "arn:aws:ec2:*:*:instance/i-2"), ("--account", "--region")
    )
    assert describe.action == "ec2:DescribeInstances"
    assert isinstance(describe.scope, AnyResource)


def test_requirements_are_sorted_whatever_the_order_of_the_calls() -> None:
    calls = [
        call("s3.DeleteBucket", {"Bucket": "b"}),
        call("dynamodb.DescribeTable", {"TableName": "t"}),
        call("ec2.DescribeInstances", {}, location=LATER),
        call("ec2.DescribeInstances", {}),
    ]

    forth, back = authorize(calls, Deployment()), authorize(calls[::-1], Deployment())

    assert [one.action for one in forth.requirements] == [
        "dynamodb:DescribeTable",
        "ec2:DescribeInstances",
        "s3:DeleteBucket",
    ]
    assert forth.requirements == back.requirements


def test_operation_without_an_action_is_unresolved_and_needs_nothing() -> None:
    unknown = unknown_operation()
    name = f"{unknown.service}.{unknown.operation}"
    authorization = authorize([call(name, {})], Deployment())

    assert authorization.requirements == ()
    (unresolved,) = authorization.unresolved
    assert unresolved.reason is UnresolvedReason.UNKNOWN_ACTION
    assert unresolved.location == HERE
    assert unresolved.detail == (
        f'no IAM action is known for {name} (catalogue of {data_date()}); "lpa catalog update" fetches newer data'
    )


def test_client_that_botocore_lacks_is_unresolved() -> None:
    (unresolved,) = authorize([call("nosuch.DoIt", {})], Deployment()).unresolved

    assert unresolved.reason is UnresolvedReason.UNKNOWN_ACTION


def test_rule_is_the_reason_of_what_it_says() -> None:
    queue = "https://sqs.eu-west-1.amazonaws.com/123456789012/q"
    batch = call("sqs.SendMessageBatch", {"QueueUrl": queue, "Entries": []})

    (requirement,) = authorize([batch], Deployment()).requirements

    assert requirement.action == "sqs:SendMessage"
    assert requirement.scope == Arns(("arn:aws:sqs:eu-west-1:123456789012:q",))
    assert requirement.reasons == (Reason(batch, RuleReference("rules/services/sqs.yaml", "SendMessageBatch")),)


def test_presigned_call_needs_what_the_call_itself_needs() -> None:
    def needed(via: Via) -> list[tuple[str, object]]:
        calls = [call("dynamodb.GetItem", {"TableName": "t"}, via=via)]
        return [(one.action, one.scope) for one in authorize(calls, Deployment()).requirements]

    assert needed(Via.PRESIGNED) == needed(Via.DIRECT) != []


def test_permission_that_depends_on_unseen_parameters_is_reported_and_not_taken() -> None:
    def needed(call_: ApiCall) -> tuple[list[str], list[tuple[UnresolvedReason, str]]]:
        found = authorize([call_], Deployment())
        actions = [requirement.action for requirement in found.requirements]
        return actions, [(one.reason, one.detail) for one in found.unresolved]

    rule = {"name": "nightly", "Name": "nightly"}
    actions, unresolved = needed(call("events.PutRule", rule, complete=False))

    assert "iam:PassRole" not in actions
    assert "events:PutRule" in actions
    assert any(
        reason is UnresolvedReason.UNKNOWN_PARAMETERS and "iam:PassRole" in detail and "RoleArn" in detail
        for reason, detail in unresolved
    )
    assert needed(call("events.PutRule", rule))[1] == []


def test_all_that_depends_on_unseen_parameters_is_reported_at_once() -> None:
    put = call("s3.PutObject", {"Bucket": "b", "Key": "k"}, complete=False)

    authorization = authorize([put], Deployment())

    assert [one.action for one in authorization.requirements] == ["s3:PutObject"]
    (unresolved,) = authorization.unresolved
    assert unresolved.reason is UnresolvedReason.UNKNOWN_PARAMETERS
    assert all(word in unresolved.detail for word in ("s3:PutObjectAcl", "s3:PutObjectTagging", "ACL", "Tagging"))


def test_call_that_no_rule_holds_for_is_reported() -> None:
    # https://docs.aws.amazon.com/sns/latest/api/API_Publish.html: a topic, an endpoint or a phone number.
    authorization = authorize([call("sns.Publish", {"Message": "m"})], Deployment())

    assert authorization.requirements == ()
    (unresolved,) = authorization.unresolved
    assert unresolved.reason is UnresolvedReason.UNKNOWN_PARAMETERS
    assert "sns.Publish" in unresolved.detail


def test_values_that_fail_a_condition_are_not_bound_by_its_entry() -> None:
    def needed(operation: str, parameters: dict[str, object]) -> list[tuple[str, tuple[str, ...]]]:
        ((_, requirements),) = authorize([call(operation, parameters)], Deployment()).by_call
        return [(one.action, one.scope.patterns) for one in requirements if isinstance(one.scope, Arns)]

    statements = [{"Statement": 'DELETE FROM "a"'}, {"Statement": 'UPDATE "b" SET x=1'}]
    assert needed("dynamodb.BatchExecuteStatement", {"Statements": statements}) == [
        ("dynamodb:PartiQLDelete", ("arn:aws:dynamodb:*:*:table/a",)),
        ("dynamodb:PartiQLUpdate", ("arn:aws:dynamodb:*:*:table/b",)),
    ]
    buckets = OneOf((Known("b"), Known("d--euw1-az1--x-s3")))
    assert needed("s3.GetObject", {"Bucket": buckets, "Key": "k"}) == [
        ("s3:GetObject", ("arn:aws:s3:::b/k",)),
        ("s3express:CreateSession", ("arn:aws:s3express:*:*:bucket/d--euw1-az1--x-s3",)),
    ]
    # What is not known is taken for what is usual.
    assert needed("s3.GetObject", {"Bucket": environment("BUCKET"), "Key": "k"}) == [
        ("s3:GetObject", ("arn:aws:s3:::*/k",))
    ]


def test_parameter_that_may_be_left_out_is_both_given_and_not() -> None:
    version = OneOf((Known("v"), Absent()))
    get = call("s3.GetObject", {"Bucket": "b", "Key": "k", "VersionId": version})

    assert [one.action for one in authorize([get], Deployment()).requirements] == [
        "s3:GetObject",
        "s3:GetObjectVersion",
    ]


def test_known_beginning_of_a_value_decides_between_rules() -> None:
    def needed(operation: str, parameters: dict[str, object]) -> list[tuple[str, str]]:
        requirements = authorize([call(operation, parameters)], Deployment()).requirements
        return [(one.action, one.scope.patterns[0]) for one in requirements if isinstance(one.scope, Arns)]

    assert needed("bedrock-runtime.Converse", {"modelId": text("us.anthropic.", EventPart("m"))}) == [
        ("bedrock:InvokeModel", "arn:aws:bedrock:*:*:inference-profile/us.anthropic.*"),
        ("bedrock:InvokeModel", "arn:aws:bedrock:*::foundation-model/anthropic.*"),
    ]
    assert needed("dynamodb.ExecuteStatement", {"Statement": text('SELECT * FROM "', EventPart("t"), '"')}) == [
        ("dynamodb:PartiQLSelect", "arn:aws:dynamodb:*:*:table/*"),
    ]
    assert needed("dynamodb.ExecuteStatement", {"Statement": text('INSERT INTO "t-', EventPart("t"), '"')}) == [
        ("dynamodb:PartiQLInsert", "arn:aws:dynamodb:*:*:table/t-*"),
    ]


def test_place_that_a_rule_reads_and_the_call_does_not_give_is_that_of_the_deployment() -> None:
    deployment = Deployment(region="eu-west-1", account="123456789012")
    update = call("dynamodb.UpdateTable", {"TableName": "t", "ReplicaUpdates": [{"Create": {}}]})

    regions = {
        one.scope.patterns
        for one in authorize([update], deployment).requirements
        if one.action == "dynamodb:CreateTableReplica" and isinstance(one.scope, Arns)
    }

    assert regions == {("arn:aws:dynamodb:eu-west-1:123456789012:table/t",)}


@pytest.mark.parametrize(
    ("given", "account"),
    [
        # "You can either specify an AWS account ID or optionally a single '-'": the model of glacier.
        ("-", "123456789012"),
        ("999999999999", "999999999999"),
        (text("", EventPart("a")), "*"),
        (text("9", EventPart("a")), "*"),
    ],
)
def test_place_is_that_of_the_deployment_where_the_value_is_seen_to_say_none(given: object, account: str) -> None:
    deployment = Deployment(region="eu-west-1", account="123456789012")
    describe = call("glacier.DescribeVault", {"accountId": given, "vaultName": "v"})

    (requirement,) = authorize([describe], deployment).requirements

    assert isinstance(requirement.scope, Arns)
    assert requirement.scope.patterns == (f"arn:aws:glacier:eu-west-1:{account}:vaults/v",)


@pytest.mark.parametrize(
    ("catalog", "account", "named"),
    [
        # https://docs.aws.amazon.com/glue/latest/dg/cross-account-access.html
        ("999999999999", "999999999999", []),
        ("999999999999:sales", "999999999999", ["catalog/sales"]),
        ("sales", "123456789012", ["catalog/sales"]),
        (text("", EventPart("a")), "*", ["catalog/*"]),
    ],
)
def test_type_is_left_out_where_the_value_is_seen_not_to_name_one(
    catalog: object, account: str, named: list[str]
) -> None:
    get = call("glue.GetDatabase", {"CatalogId": catalog, "Name": "d"})

    requirements = authorize([get], Deployment(region="eu-west-1", account="123456789012")).requirements

    patterns = {one for requirement in requirements for one in requirement.scope.patterns}  # type: ignore[union-attr]
    assert patterns == {f"arn:aws:glue:eu-west-1:{account}:{name}" for name in ["catalog", "database/d", *named]}


def test_call_that_names_none_of_the_resources_is_checked_against_any_or_against_their_type() -> None:
    def scope(operation: str) -> object:
        (requirement,) = authorize([call(operation, {})], Deployment()).requirements
        return requirement.scope

    assert isinstance(scope("efs.DescribeFileSystems"), AnyResource)
    # https://github.com/awslabs/pireporter/issues/8
    assert scope("rds.DescribeDBInstances") == Arns(("arn:aws:rds:*:*:db:*",), ("--account", "--region"))


def test_action_by_http_method_is_on_the_path_of_the_request() -> None:
    def needed(operation: str, parameters: dict[str, object]) -> list[tuple[str, tuple[str, ...]]]:
        requirements = authorize([call(operation, parameters)], Deployment()).requirements
        return [(one.action, one.scope.patterns) for one in requirements if isinstance(one.scope, Arns)]

    # https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-iam-policy-examples.html
    assert needed("apigateway.GetStage", {"restApiId": "a1", "stageName": environment("STAGE")}) == [
        ("apigateway:GET", ("arn:aws:apigateway:*::/restapis/a1/stages/*",))
    ]
    assert needed("apigatewayv2.CreateApi", {"Name": "n"}) == [("apigateway:POST", ("arn:aws:apigateway:*::/apis",))]
    assert needed("apigateway.ImportRestApi", {"body": b""}) == [
        ("apigateway:POST", ("arn:aws:apigateway:*::/restapis",))
    ]


def test_no_calls_need_nothing() -> None:
    assert authorize([], Deployment()).requirements == ()
