from __future__ import annotations

from analyzer.authorize import authorize
from analyzer.model.calls import ApiCall, UnresolvedReason, Via
from analyzer.model.deployment import Deployment
from analyzer.model.location import Location
from analyzer.model.requirements import BASE_RULE, AnyResource, Arns, Reason, RuleReference
from tests.authorize.calls import HERE, call

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
    # The Service Authorization Reference has no kinesis:DescribeQueue.
    authorization = authorize([call("kinesis.DescribeQueue", {"QueueARN": "arn:aws:kinesis:::q"})], Deployment())

    assert authorization.requirements == ()
    (unresolved,) = authorization.unresolved
    assert unresolved.reason is UnresolvedReason.UNKNOWN_ACTION
    assert unresolved.location == HERE
    assert "kinesis.DescribeQueue" in unresolved.detail


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


def test_no_calls_need_nothing() -> None:
    assert authorize([], Deployment()).requirements == ()
