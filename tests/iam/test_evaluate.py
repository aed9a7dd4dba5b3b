from __future__ import annotations

import pytest

from analyzer.iam.arn import Unpinned
from analyzer.iam.evaluate import Allowed, Denied, Request, Unknown, Verdict, evaluate
from analyzer.model.policy import Statement
from analyzer.model.requirements import Condition

ORDERS = "arn:aws:dynamodb:eu-west-1:1:table/orders"
ANY_ORDERS = "arn:aws:dynamodb:*:*:table/orders"
UNPINNED = frozenset(Unpinned)


def condition(operator: str, key: str, *values: str) -> Condition:
    return Condition(operator, key, values)


def allow(actions: str, resources: str, *conditions: Condition) -> Statement:
    return Statement("Allow", tuple(actions.split()), tuple(resources.split()), conditions)


def deny(actions: str, resources: str, *conditions: Condition) -> Statement:
    return Statement("Deny", tuple(actions.split()), tuple(resources.split()), conditions)


GET = Request("dynamodb:GetItem", ORDERS)
LAMBDA = ("lambda.amazonaws.com",)
TO_LAMBDA = condition("StringEquals", "iam:PassedToService", *LAMBDA)
SECURE = condition("Bool", "aws:SecureTransport", "true")
PASS = Request("iam:PassRole", "arn:aws:iam::1:role/r", (TO_LAMBDA,))

# The request, the statements, the verdict's type and the index of the statement that decides.
CASES: dict[str, tuple[Request, list[Statement], type[Verdict], int | None]] = {
    "nothing allows it": (GET, [], Denied, None),
    "allowed": (GET, [allow("s3:*", "*"), allow("dynamodb:GetItem", ORDERS)], Allowed, 1),
    "the case of an action does not count": (GET, [allow("DynamoDB:getitem", "*")], Allowed, 0),
    "wildcards in an action": (GET, [allow("dynamodb:?et*m", "*")], Allowed, 0),
    "the star": (GET, [allow("*", "*")], Allowed, 0),
    "another action": (GET, [allow("dynamodb:GetItems", "*")], Denied, None),
    "another resource": (GET, [allow("dynamodb:GetItem", ORDERS + "2")], Denied, None),
    "a part of the resource": (
        Request("dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:1:table/*"),
        [allow("dynamodb:GetItem", ORDERS)],
        Unknown,
        0,
    ),
    "deny before allow": (GET, [allow("*", "*"), deny("dynamodb:*", "*")], Denied, 1),
    "deny another action or resource": (
        GET,
        [allow("*", "*"), deny("dynamodb:PutItem", "*"), deny("*", "arn:aws:s3:::*")],
        Allowed,
        0,
    ),
    "deny a part of it": (
        Request("dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:1:table/*"),
        [allow("*", "*"), deny("*", ORDERS)],
        Unknown,
        1,
    ),
    "deny under a condition": (GET, [allow("*", "*"), deny("*", "*", SECURE)], Unknown, 1),
    "deny under a condition what nothing allows": (GET, [deny("*", "*", SECURE)], Denied, None),
    "allow under a condition": (GET, [allow("*", "*", SECURE)], Unknown, 0),
    "allow under a condition, and without": (GET, [allow("*", "*", SECURE), allow("*", "*")], Allowed, 1),
    "a condition that holds": (PASS, [allow("iam:PassRole", "*", TO_LAMBDA)], Allowed, 0),
    "a condition that holds among others": (
        PASS,
        [allow("iam:PassRole", "*", condition("stringequals", "IAM:passedtoservice", "ec2.amazonaws.com", *LAMBDA))],
        Allowed,
        0,
    ),
    "a condition that holds, and one that is open": (PASS, [allow("iam:PassRole", "*", TO_LAMBDA, SECURE)], Unknown, 0),
    "deny under a condition that holds": (PASS, [allow("*", "*"), deny("iam:PassRole", "*", TO_LAMBDA)], Denied, 1),
    "a negated test of more values asks more": (
        Request("s3:GetObject", "arn:aws:s3:::b/x", (condition("StringNotEquals", "aws:x", "a"),)),
        [allow("*", "*", condition("StringNotEquals", "aws:x", "a", "b"))],
        Unknown,
        0,
    ),
    "NotAction": (GET, [Statement("Allow", (), ("*",), not_actions=("iam:*",))], Allowed, 0),
    "NotAction that names it": (GET, [Statement("Allow", (), ("*",), not_actions=("dynamodb:*",))], Denied, None),
    "Deny with NotAction": (GET, [allow("*", "*"), Statement("Deny", (), ("*",), not_actions=("s3:*",))], Denied, 1),
    "NotResource": (GET, [Statement("Allow", ("*",), (), not_resources=("arn:aws:s3:::*",))], Allowed, 0),
    "NotResource that names it": (GET, [Statement("Allow", ("*",), (), not_resources=(ANY_ORDERS,))], Denied, None),
    "NotResource that names a part of it": (
        Request("dynamodb:GetItem", ANY_ORDERS),
        [Statement("Allow", ("*",), (), not_resources=(ORDERS,))],
        Unknown,
        0,
    ),
    "Deny with NotResource": (
        GET,
        [allow("*", "*"), Statement("Deny", ("*",), (), not_resources=(ORDERS + "2",))],
        Denied,
        1,
    ),
    "a request without resource": (Request("s3:ListAllMyBuckets", None), [allow("s3:*", "*")], Allowed, 0),
    "a request without resource, granted on resources": (
        Request("s3:ListAllMyBuckets", None),
        [allow("s3:*", "arn:aws:s3:::*")],
        Denied,
        None,
    ),
    "a policy variable": (
        Request("s3:GetObject", "arn:aws:s3:::b/jo/x"),
        [allow("s3:GetObject", "arn:aws:s3:::b/${aws:username}/*")],
        Unknown,
        0,
    ),
    "a policy variable under a star": (
        Request("s3:GetObject", "arn:aws:s3:::b/${aws:username}/x"),
        [allow("s3:GetObject", "arn:aws:s3:::b/*")],
        Allowed,
        0,
    ),
    "a region that nobody said": (
        Request("dynamodb:GetItem", ANY_ORDERS, (), UNPINNED),
        [allow("dynamodb:GetItem", ORDERS)],
        Allowed,
        0,
    ),
    "the end of a secret's ARN, which AWS chose": (
        Request("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:*:*:secret:db-??????", (), UNPINNED),
        [allow("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:1:secret:db-AbCdEf")],
        Allowed,
        0,
    ),
    "the end of another secret's ARN": (
        Request("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:*:*:secret:db-??????", (), UNPINNED),
        [allow("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:1:secret:db-prod-AbCdEf")],
        Denied,
        None,
    ),
    "a star that means all": (Request("dynamodb:GetItem", ANY_ORDERS), [allow("dynamodb:GetItem", ORDERS)], Unknown, 0),
    "a region that nobody said, another table": (
        Request("dynamodb:GetItem", ANY_ORDERS, (), UNPINNED),
        [allow("dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:1:table/users")],
        Denied,
        None,
    ),
    "a region that nobody said, denied in one": (
        Request("dynamodb:GetItem", ANY_ORDERS, (), UNPINNED),
        [allow("dynamodb:GetItem", "*"), deny("*", ORDERS)],
        Unknown,
        1,
    ),
    "a region that nobody said, denied in all": (
        Request("dynamodb:GetItem", ANY_ORDERS, (), UNPINNED),
        [allow("dynamodb:GetItem", ORDERS), deny("*", "arn:aws:dynamodb:*:*:table/*")],
        Denied,
        1,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_evaluate(case: str) -> None:
    request, statements, kind, decider = CASES[case]
    verdict = evaluate(request, statements)
    assert type(verdict) is kind
    assert verdict.statement is (None if decider is None else statements[decider])


def test_what_is_unknown_is_explained() -> None:
    verdict = evaluate(GET, [Statement("Allow", ("*",), ("*",), (SECURE,), "Reads")])
    assert isinstance(verdict, Unknown)
    assert (
        verdict.why == 'statement "Reads" has it allowed under conditions that cannot be seen: Bool aws:SecureTransport'
    )
