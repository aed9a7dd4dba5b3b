"""Policies put together at random: no check fails on any, and each finding has a place in the file."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.checks.linting import lint
from analyzer.iam.inventory import read_inventory
from analyzer.iam.positioned_json import parse_json

# Two blanks make an empty name, which nobody thinks of.
ACTIONS = st.sampled_from(
    [
        "*",
        "*:*",
        "s3:*",
        "s3:Get*",
        "s3:GetObject",
        "S3:putobject",
        "s3:?etObject",
        "iam:PassRole",
        "iam:*",
        "ec2:RunInstances",
        "x",
        "x:y",
        "${a}",
        "s3:",
        ":",
        "",
        "sts:AssumeRole",
        "kms:Decrypt",
        "logs:*Log*",
        "lambda:UpdateFunctionCode",
    ]
)
RESOURCES = st.sampled_from(
    [
        "*",
        "**",
        "arn:aws:s3:::b",
        "arn:aws:s3:::b/*",
        "arn:aws:s3:::*",
        "arn:*",
        "arn:aws:s3",
        "b",
        "${a}",
        "arn:::::",
        "arn:aws-cn:s3:::c",
        "arn:aws:iam::123456789012:role/r",
        "arn:aws:iam::*:role/*",
        "arn:aws:s3:::b/${aws:username}/*",
        "arn:aws:ec2:*:*:*/*",
        "",
        "arn:aws:sqs:eu-west-1:1:q",
        "arn:${p}:sqs:${r}:${a}:q",
        "arn:aws:logs:*:*:log-group:x:*",
    ]
)
KEYS = st.sampled_from(
    [
        "aws:SourceArn",
        "AWS:sourcearn",
        "iam:PassedToService",
        "s3:prefix",
        "aws:PrincipalTag/x",
        "x",
        "x:y",
        "s3:ExistingObjectTag/a",
        "",
        "kms:EncryptionContext:a",
        "accounts.google.com:aud",
        "aws:TagKeys",
    ]
)
OPERATORS = st.sampled_from(
    [
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "ArnLike",
        "Null",
        "Bool",
        "IpAddress",
        "NotIpAddress",
        "NumericLessThan",
        "DateGreaterThan",
        "",
        "Foo",
        "ForAllValues:StringEquals",
        "ForAnyValue:StringNotLikeIfExists",
    ]
)
VALUES = st.sampled_from(
    ["*", "a", "a*", "true", "1", "10.0.0.1/8", "2020-01-01", "", "${aws:username}", "arn:aws:s3:::b"]
)
PRINCIPALS = st.sampled_from(
    [
        "*",
        {"AWS": "*"},
        {"AWS": ["123456789012", "arn:aws:iam::1:root"]},
        {"Service": "lambda.amazonaws.com"},
        {"Service": ["sns.amazonaws.com", "x"]},
        {"Federated": "accounts.google.com"},
        {"X": "y"},
    ]
)


def one_or_more(values: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    return values | st.lists(values, max_size=3)


CONDITIONS = st.dictionaries(OPERATORS, st.dictionaries(KEYS, one_or_more(VALUES), max_size=2), max_size=2)


@st.composite
def statements(draw: st.DrawFn) -> dict[str, Any]:
    made: dict[str, Any] = {"Effect": draw(st.sampled_from(["Allow", "Deny"]))}
    action, resource = draw(st.booleans()), draw(st.booleans())
    made["Action" if action else "NotAction"] = draw(one_or_more(ACTIONS) if action else ACTIONS)
    made["Resource" if resource else "NotResource"] = draw(one_or_more(RESOURCES) if resource else RESOURCES)
    if draw(st.booleans()):
        made["Condition"] = draw(CONDITIONS)
    return made


@st.composite
def policies(draw: st.DrawFn) -> dict[str, Any]:
    made = draw(st.lists(statements(), min_size=1, max_size=4))
    if draw(st.booleans()):
        made = [{**statement, "Principal": draw(PRINCIPALS)} for statement in made]
    return {"Version": draw(st.sampled_from(["2012-10-17", "2008-10-17"])), "Statement": made}


@settings(max_examples=300, deadline=None)
@given(policies())
def test_every_finding_has_a_place(policy: dict[str, Any]) -> None:
    text = json.dumps(policy, indent=1)
    lines = text.split("\n")
    for finding in lint(read_inventory(parse_json(text, "p.json"))):
        place = finding.location
        assert 1 <= place.start_line <= place.end_line <= len(lines)
        assert 1 <= place.start_column <= len(lines[place.start_line - 1])
        assert finding.message
        assert "\n" not in finding.message


@settings(max_examples=100, deadline=None)
@given(policies())
def test_the_same_policy_gives_the_same_findings(policy: dict[str, Any]) -> None:
    first, second = (lint(read_inventory(parse_json(json.dumps(policy), "p.json"))) for _ in range(2))
    assert first == second
