from __future__ import annotations

import itertools
import json
from pathlib import Path

import botocore
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.iam.arn import (
    PARTITIONS,
    Arn,
    Unpinned,
    arn_contains,
    arn_intersects,
    arn_matches,
    parse_arn,
    pin_like,
    widest,
)

PARSED = {
    "arn:aws:s3:::bucket/a/b.txt": Arn("aws", "s3", "", "", "bucket/a/b.txt"),
    "arn:aws-cn:dynamodb:cn-north-1:123456789012:table/orders": Arn(
        "aws-cn", "dynamodb", "cn-north-1", "123456789012", "table/orders"
    ),
    "arn:aws:lambda:*:*:function:f:$LATEST": Arn("aws", "lambda", "*", "*", "function:f:$LATEST"),
    "arn:aws:s3:::${aws:username}/${aws:PrincipalTag/team}/*": Arn(
        "aws", "s3", "", "", "${aws:username}/${aws:PrincipalTag/team}/*"
    ),
    "arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:jobs": Arn(
        "aws", "sqs", "${AWS::Region}", "${AWS::AccountId}", "jobs"
    ),
}


@pytest.mark.parametrize("text", PARSED)
def test_an_arn_is_split_and_joined(text: str) -> None:
    assert parse_arn(text) == PARSED[text]
    assert str(PARSED[text]) == text


@pytest.mark.parametrize(
    "text", ["*", "arn:*", "arn:aws:s3:*", "arn:aws:sqs:eu-west-1:1", "bucket", "", "urn:a:b:c:d:e"]
)
def test_a_pattern_without_segments_is_none(text: str) -> None:
    assert parse_arn(text) is None


def test_partitions_are_those_of_botocore() -> None:
    data = json.loads((Path(botocore.__file__).parent / "data" / "partitions.json").read_text())
    assert set(PARTITIONS) == {partition["id"] for partition in data["partitions"]}


SECRET = "arn:aws:secretsmanager:eu-west-1:1:secret:"
ORDERS = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        ("*", ORDERS, True),
        ("arn:*", ORDERS, True),
        ("arn:aws:dynamodb:*", ORDERS, True),
        ("arn:aws:dynamodb:*:*:table/orders", ORDERS, True),
        ("arn:aws:dynamodb:*:123456789012:table/*", ORDERS, True),
        (ORDERS, "arn:aws:dynamodb:*:*:table/orders", False),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/x/*", True),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b", False),
        ("arn:aws:s3:::b*", "arn:aws:s3:::b/*", True),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/2024-01-01T00:00:00", True),
        ("arn:aws:s3:::B/*", "arn:aws:s3:::b/x", False),
        # A star inside a segment stays in it; one at its end does not.
        ("arn:aws:logs:*:*:log-group:/x/*/y", "arn:aws:logs:r:1:log-group:/x/a:b/y", False),
        ("arn:aws:logs:*:*:log-group:/x/*/y", "arn:aws:logs:r:1:log-group:/x/a/b/y", True),
        ("arn:aws:logs:*:*:log-group:/x/*", "arn:aws:logs:r:1:log-group:/x/a:log-stream:b", True),
        ("arn:aws:logs:*:*:log-group:*:*", "arn:aws:logs:*:*:log-group:/x:log-stream:y", True),
        ("arn:aws:sns:eu-*-1:1:t", "arn:aws:sns:eu-west-1:1:t", True),
        ("arn:aws:sns:eu-*t:1:t", "arn:aws:sns:eu-west-1:2:t", False),
        ("arn:aws:sns:*:1:t", "arn:aws:sns:eu-west-1:2:1:t", False),
        # What an ARN lacks of its six segments is completed with stars.
        ("arn:aws:sns:*:t", "arn:aws:sns:eu-west-1:2:t", False),
        ("arn:aws:sns:*:2", "arn:aws:sns:eu-west-1:2:t", True),
        ("arn:aws:sqs", "arn:aws:sqs:eu-west-1:1:jobs", True),
        ("arn:aws:sqs:*:*:*", "arn:aws:sqs", True),
        ("arn:aws:sqs:eu-west-1", "arn:aws:sqs:eu-central-1:1:jobs", False),
        ("arn:aws:sqs", "arn:aws:sqsx:eu-west-1:1:jobs", False),
        ("arn:aws:sqs:*:*:jobs", "arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:jobs", True),
        ("arn:aws:s3:::*/x", "arn:aws:s3:::${aws:userid}/x", False),
        ("arn:aws:secretsmanager:*:*:secret:db-??????", "arn:aws:secretsmanager:r:1:secret:db-AbCdEf", True),
        ("arn:aws:secretsmanager:*:*:secret:db-*", "arn:aws:secretsmanager:*:*:secret:db-??????", True),
        ("arn:aws:secretsmanager:*:*:secret:db-??????", "arn:aws:secretsmanager:*:*:secret:db-*", False),
        ("arn:aws:secretsmanager:*:*:secret:db-??????", "arn:aws:secretsmanager:*:*:secret:db-prod-??????", False),
    ],
)
def test_arn_contains(outer: str, inner: str, expected: bool) -> None:
    assert arn_contains(outer, inner) is expected
    if expected:
        assert arn_intersects(outer, inner)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("arn:aws:dynamodb:*:*:table/*", ORDERS, True),
        ("arn:aws:dynamodb:*:*:table/o*", "arn:aws:dynamodb:eu-*:*:table/*s", True),
        ("arn:aws:dynamodb:*:*:table/o*", "arn:aws:dynamodb:*:*:table/p*", False),
        ("arn:aws:s3:::*", ORDERS, False),
        ("arn:aws:s3:::${aws:username}/*", "arn:aws:s3:::jo/x", True),
    ],
)
def test_arn_intersects(first: str, second: str, expected: bool) -> None:
    assert arn_intersects(first, second) is expected


# Every ARN with short segments; `z` and `:z` are in no pattern.
_SHORT = ("", "a", "z", "aa", "az", "za")
_RESOURCES = ["".join(text) for length in range(5) for text in itertools.product("a:z", repeat=length)]
_ARNS = [
    f"arn:aws:s:{region}:{account}:{resource}"
    for region, account, resource in itertools.product(_SHORT, ("", "a", "z"), _RESOURCES)
]
_segments = st.text(alphabet="a*?", max_size=2)
_arn_patterns = st.one_of(
    st.builds(
        "arn:aws:s:{}:{}:{}".format, _segments, st.sampled_from(["", "*", "a", "?"]), st.text("a:*?", max_size=3)
    ),
    st.sampled_from(["*", "arn:*", "arn:aws:s", "arn:aws:s:*", "arn:aws:s:a", "arn:aws:s:*:a", "arn:aws:s:a*"]),
)


@given(_arn_patterns, _arn_patterns)
@settings(max_examples=150, deadline=None)
def test_arn_contains_agrees_with_enumeration(outer: str, inner: str) -> None:
    matched = [arn for arn in _ARNS if arn_matches(inner, arn)]
    if arn_contains(outer, inner):
        assert all(arn_matches(outer, arn) for arn in matched)
        assert not matched or arn_intersects(outer, inner)
    else:
        # `*` also matches what is no ARN, and what no ARN of the list has the room for.
        assert inner in ("*", "arn:*") or not all(arn_matches(outer, arn) for arn in matched)


@given(_arn_patterns, _arn_patterns)
@settings(max_examples=150, deadline=None)
def test_what_two_patterns_match_is_an_intersection(first: str, second: str) -> None:
    if not arn_intersects(first, second):
        assert not any(arn_matches(first, arn) and arn_matches(second, arn) for arn in _ARNS)


def test_a_request_without_resource_is_matched_by_the_star_alone() -> None:
    assert arn_matches("*", "*")
    assert not arn_matches("arn:aws:s3:::*", "*")


@pytest.mark.parametrize(
    ("wanted", "other", "expected"),
    [
        ("arn:aws:dynamodb:*:*:table/orders", ORDERS, ORDERS),
        ("arn:aws:dynamodb:*:9:table/orders", ORDERS, "arn:aws:dynamodb:eu-west-1:9:table/orders"),
        ("arn:aws:dynamodb:*:*:table/orders", "*", "arn:aws:dynamodb:*:*:table/orders"),
        ("*", ORDERS, "*"),
        (SECRET + "db-??????", SECRET + "db-AbCdEf", SECRET + "db-AbCdEf"),
        (SECRET + "db-??????", SECRET + "db-*", SECRET + "db-??????"),
        (SECRET + "*-??????", SECRET + "db-AbCdEf", SECRET + "*-??????"),
    ],
)
def test_pin_like(wanted: str, other: str, expected: str) -> None:
    assert pin_like(wanted, other, Unpinned) == expected
    assert pin_like(wanted, other, ()) == wanted


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        ("", ""),
        ("a b a", "a b"),
        ("b/x b/* b/y/*", "b/*"),
        ("b/* * b", "*"),
        ("?* *? **", "**"),
        ("b/?* b/*", "b/*"),
    ],
)
def test_widest(patterns: str, expected: str) -> None:
    assert widest(patterns.split()) == tuple(expected.split())
