from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from analyzer.iam.conditions import holds
from analyzer.iam.context import Context
from analyzer.model.requirements import Condition


def operators(value: Any) -> Iterator[str]:
    """Yield the condition operators in policy documents, wherever they are in `value`."""
    if isinstance(value, list):
        for item in value:
            yield from operators(item)
    elif isinstance(value, dict):
        yield from value.get("Condition", {})
        for item in value.values():
            yield from operators(item)


def test_all_operators_of_aws_own_policies_are_known() -> None:
    used = set(operators(json.loads(aws_managed_policies_data)))
    assert len(used) > 20
    absent = Context({"app:Key": ()})
    assert [name for name in used if holds(Condition(name, "app:Key", ("true",)), absent) is None] == []


def test_a_date_without_zone_is_in_no_zone_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    test = Condition("DateEquals", "aws:CurrentTime", ("2020-01-01",))
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert holds(test, Context({"aws:CurrentTime": ("2020-01-01T00:00:00Z",)})) is True
    finally:
        monkeypatch.undo()
        time.tzset()


LAMBDA_OR_EC2 = Condition("StringEquals", "iam:PassedToService", ("ec2.amazonaws.com", "lambda.amazonaws.com"))


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        (Condition("StringLike", "iam:PassedToService", ("*.amazonaws.com",)), True),
        (Condition("StringLike", "IAM:passedtoservice", ("lambda.*",)), None),
        (Condition("StringEquals", "iam:PassedToService", ("glue.amazonaws.com",)), False),
        (Condition("StringNotEquals", "iam:PassedToService", ("glue.amazonaws.com",)), True),
        (Condition("Null", "iam:PassedToService", ("false",)), True),
        (Condition("StringLike", "iam:AssociatedResourceArn", ("*",)), None),
    ],
)
def test_what_is_known_to_hold_tells_what_a_value_may_be(test: Condition, expected: bool | None) -> None:
    assert holds(test, Context({}, [LAMBDA_OR_EC2])) is expected


def test_a_value_that_is_known_counts_more_than_what_it_may_be() -> None:
    context = Context({"iam:passedToService": ("lambda.amazonaws.com",)}, [LAMBDA_OR_EC2])
    assert holds(Condition("StringLike", "iam:PassedToService", ("lambda.*",)), context) is True


def test_a_condition_that_is_known_to_hold_implies_itself() -> None:
    known = Condition("ForAllValues:StringLike", "aws:TagKeys", ("a*",))
    context = Context({}, [known])
    assert holds(known, context) is True
    assert holds(Condition("forallvalues:stringlike", "AWS:TagKeys", ("a*", "b*")), context) is True
    assert holds(Condition("ForAllValues:StringLike", "aws:TagKeys", ("b*",)), context) is None


@pytest.mark.parametrize(
    ("fact", "test", "expected"),
    [
        ("StringLike a/*", "StringLike a/*", True),
        ("StringLike a/*", "StringLike b/* a*", True),
        ("StringLike a/*", "StringLike a/b/*", None),
        ("StringLike a/*", "StringLike b/*", False),
        ("StringLike a/*", "StringEquals a/b", None),
        ("StringLike a/*", "StringEquals a/*", None),
        ("StringLike a/*", "StringEquals b", False),
        ("StringLike a/*", "StringLike a/${aws:username}/*", None),
        ("StringLike a/*", "StringNotLike a/*", False),
        ("StringLike a/*", "StringNotLike b/*", True),
        ("StringLike a/*", "StringNotEquals a/b", None),
        ("StringLike a/* b/*", "StringLike a/*", None),
        ("StringLike a/* b/*", "StringLike ?/*", True),
        ("StringNotLike a/*", "StringLike a/*", None),
        ("ForAllValues:StringEquals x", "ForAllValues:StringLike x*", True),
        ("ForAllValues:StringEquals x", "ForAllValues:StringEquals y", None),
        ("ForAllValues:StringEquals x", "ForAnyValue:StringEquals x", None),
        ("ForAllValues:StringEquals x", "ForAllValues:StringNotEquals x", None),
        ("ForAllValues:StringEquals x", "ForAllValues:StringNotEquals y", True),
        ("ForAnyValue:StringLike x*", "ForAnyValue:StringLike x* y", True),
        ("ForAnyValue:StringLike x*", "ForAnyValue:StringLike y*", None),
    ],
)
def test_a_pattern_that_is_known_to_match_tells_of_others(fact: str, test: str, expected: bool | None) -> None:
    known, asked = (
        Condition(operator, "s3:prefix", tuple(values)) for operator, *values in (fact.split(), test.split())
    )
    assert holds(asked, Context({}, [known])) is expected
