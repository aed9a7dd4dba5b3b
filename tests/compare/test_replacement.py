"""What a comparison says to do, done: nothing is left to say, and nothing that was allowed is missing.

The policies and needs are random, over few names, so that they meet in many ways.
"""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest

from analyzer.compare import compare
from analyzer.model.calls import ApiCall, Via
from analyzer.model.location import Location
from analyzer.model.policy import Comparison, Policy, Statement
from analyzer.model.requirements import BASE_RULE, AnyResource, Arns, Condition, Reason, Requirement
from analyzer.model.values import Mapping

REASON = Reason(ApiCall("s3", "GetObject", Mapping(()), Via.DIRECT, Location("app.py", 1, 1, 1, 9)), BASE_RULE)
TABLE = "arn:aws:dynamodb:{}:{}:table/{}"
TABLES = [
    TABLE.format(region, account, name)
    for region in ("*", "eu-west-1", "us-east-1")
    for account in ("*", "123456789012")
    for name in ("*", "a", "ab", "a*")
]
OBJECTS = [f"arn:aws:s3:::{name}" for name in ("b/*", "b/x/*", "b/x/y", "b/*.csv", "c/*", "*", "b*")]
PREFIXES = [Condition("StringLike", "s3:prefix", values) for values in (("x/*",), ("x/*", "y/*"), ("*",), ("y/*",))]
UNSEEN = Condition("StringEquals", "aws:SourceVpce", ("vpce-1",))
SERVICES = [
    Condition("StringEquals", "iam:PassedToService", values)
    for values in (("ec2.amazonaws.com",), ("lambda.amazonaws.com",), ("ec2.amazonaws.com", "lambda.amazonaws.com"))
]
ROLES = ["arn:aws:iam::123456789012:role/a", "arn:aws:iam::123456789012:role/*"]


def requirement(source: random.Random) -> Requirement:
    flags = tuple(name for name in ("--account", "--region") if source.random() < 0.5)
    match source.randrange(5):
        case 0:
            action, resources, met, is_optional = "dynamodb:GetItem", TABLES, [], False
        case 1:
            action, resources, met, is_optional = "s3:GetObject", OBJECTS[:5], [], False
        case 2:
            action, resources, met, is_optional = "s3:ListBucket", ["arn:aws:s3:::b", "arn:aws:s3:::c"], PREFIXES, True
        case 3:
            action, resources, met, is_optional = "iam:PassRole", ROLES, SERVICES[:2], False
        case _:
            return Requirement("s3:ListAllMyBuckets", AnyResource("so it is"), (), (REASON,))
    resource = source.choice(resources)
    unpinned = tuple(flag for flag, place in zip(("--account", "--region"), (4, 3), strict=True) if flag in flags)
    conditions = (source.choice(met),) if met else ()
    return Requirement(action, Arns((resource,), unpinned), conditions, (REASON,), conditions if is_optional else ())


def statement(source: random.Random) -> Statement:
    match source.randrange(4):
        case 0:
            actions, resources, tests = ["dynamodb:GetItem", "dynamodb:Get*", "dynamodb:PutItem", "*"], TABLES, [UNSEEN]
        case 1:
            actions, resources, tests = ["s3:GetObject", "s3:Get*", "s3:PutObject", "s3:*"], OBJECTS, [UNSEEN]
        case 2:
            actions, resources = ["s3:ListBucket", "s3:List*", "s3:ListAllMyBuckets"], ["arn:aws:s3:::b", "*"]
            tests = [*PREFIXES, UNSEEN]
        case _:
            actions, resources, tests = ["iam:PassRole", "iam:*"], [*ROLES, "*"], SERVICES
    effect = "Deny" if source.random() < 0.15 else "Allow"
    conditions = (source.choice(tests),) if source.random() < 0.4 else ()
    return Statement(effect, some(source, actions), some(source, resources), conditions)


def some(source: random.Random, values: list[str]) -> tuple[str, ...]:
    return tuple(sorted(source.sample(values, source.randint(1, 2))))


def improved(granted: Policy, comparison: Comparison) -> Policy:
    """Return `granted` with each grant removed or replaced as the comparison says."""
    unused = {(id(one.statement), one.action) for one in comparison.unused}
    replacement = {(id(one.statement), one.action): one.replacement for one in comparison.too_broad}
    statements: list[Statement] = []
    for one in granted.statements:
        if one.effect == "Deny":
            statements.append(one)
            continue
        for action in one.actions:
            grant = (id(one), action)
            if grant not in unused:
                kept = Statement("Allow", (action,), one.resources, one.conditions)
                statements += replacement.get(grant, (kept,))
    return Policy(tuple(dict.fromkeys(statements)))


def covered(comparison: Comparison) -> list[Requirement]:
    return [one.requirement for one in comparison.covered]


def in_words(statements: Iterable[Statement]) -> str:
    return "\n".join(f"{one.effect} {one.actions} {one.resources} {one.conditions}" for one in statements)


@pytest.mark.parametrize("asked", [True, False])
@pytest.mark.parametrize("seed", range(100))
def test_what_is_said_can_be_done(seed: int, asked: bool) -> None:
    source = random.Random(seed)
    needs = [requirement(source) for _ in range(source.randint(1, 5))]
    granted = Policy(tuple(statement(source) for _ in range(source.randint(1, 5))))
    before = compare(needs, granted, conditions=asked)
    better = improved(granted, before)
    after = compare(needs, better, conditions=asked)
    story = f"{needs}\n{in_words(granted.statements)}\n->\n{in_words(better.statements)}"
    assert [one for one in covered(before) if one not in covered(after)] == [], story
    assert after.unused == (), story
    assert after.too_broad == (), story
