from __future__ import annotations

import json
from typing import Any

from analyzer.compare.denied import explain_denial, lacks_a_statement
from analyzer.iam.denial import Denial
from analyzer.iam.evaluate import Allowed, Denied
from analyzer.iam.role import read_policy
from analyzer.model.calls import ApiCall, Via
from analyzer.model.location import Location
from analyzer.model.policy import Policy
from analyzer.model.requirements import BASE_RULE, Arns, Reason, Requirement
from analyzer.model.values import Mapping

GET = ApiCall("s3", "GetObject", Mapping(()), Via.DIRECT, Location("app.py", 1, 1, 1, 9))
SEND = ApiCall("sqs", "SendMessage", Mapping(()), Via.DIRECT, Location("app.py", 2, 1, 2, 9))


def need(action: str, call: ApiCall, *patterns: str) -> Requirement:
    return Requirement(action, Arns(patterns), (), (Reason(call, BASE_RULE),))


READ = need("s3:GetObject", GET, "arn:aws:s3:::a/*", "arn:aws:s3:::b/*")
QUEUE = need("sqs:SendMessage", SEND, "arn:aws:sqs:eu-west-1:123456789012:q")


def granted(**statement: Any) -> Policy:
    return read_policy(json.dumps({"Version": "2012-10-17", "Statement": statement}), "role.json")


def test_the_need_is_narrowed_to_the_resource_of_the_message() -> None:
    found = explain_denial(Denial(action="S3:getobject", resource="arn:aws:s3:::b/k"), [READ, QUEUE])

    assert found.needs == (need("s3:GetObject", GET, "arn:aws:s3:::b/*"),)
    assert (found.elsewhere, found.verdict) == ((), None)
    assert lacks_a_statement(found)


def test_a_message_without_an_arn_is_about_all_of_them() -> None:
    assert explain_denial(Denial(action="s3:GetObject", resource="bucket b"), [READ, QUEUE]).needs == (READ,)


def test_a_message_with_the_operation_alone() -> None:
    assert explain_denial(Denial(operation="SendMessage"), [READ, QUEUE]).needs == (QUEUE,)
    assert explain_denial(Denial(operation="SendMessage", service="SQS"), [READ, QUEUE]).needs == (QUEUE,)
    assert explain_denial(Denial(operation="SendMessage", service="SNS"), [READ, QUEUE]).needs == ()


def test_another_resource_than_the_code_names() -> None:
    found = explain_denial(Denial(action="s3:GetObject", resource="arn:aws:s3:::c/k"), [READ])

    assert (found.needs, found.elsewhere) == ((), (READ,))
    assert not lacks_a_statement(found)


def test_what_the_role_says_of_it() -> None:
    denial = Denial(action="s3:GetObject", resource="arn:aws:s3:::b/k")
    allowing = granted(Effect="Allow", Action="s3:*", Resource="*")
    denying = granted(Effect="Deny", Action="s3:*", Resource="*")

    assert isinstance(explain_denial(denial, [READ], allowing).verdict, Allowed)
    by_statement = explain_denial(denial, [READ], denying)
    assert isinstance(by_statement.verdict, Denied)
    assert by_statement.verdict.statement == denying.statements[0]
    # No Allow helps against it.
    assert not lacks_a_statement(by_statement)


def test_what_no_statement_of_the_role_can_allow() -> None:
    denial = Denial(action="s3:GetObject", resource="arn:aws:s3:::b/k")
    for kind in ("service control", "resource control", "resource-based", "VPC endpoint"):
        missing = Denial("", denial.action, denial.resource, explicit=False, kind=kind)
        assert not lacks_a_statement(explain_denial(missing, [READ]))
    boundary = Denial("", denial.action, denial.resource, explicit=False, kind="permissions boundary")
    assert lacks_a_statement(explain_denial(boundary, [READ]))
    explicit = Denial("", denial.action, denial.resource, explicit=True, kind="identity-based")
    assert not lacks_a_statement(explain_denial(explicit, [READ]))
