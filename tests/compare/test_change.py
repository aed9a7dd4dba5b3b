"""What a change of policy gives and takes away; every expected access is worked out by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from analyzer.compare.change import Access, change
from analyzer.iam.role import read_policy
from analyzer.model.policy import Policy

TABLE = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"


def policy(*statements: dict[str, Any]) -> Policy:
    blocks = [{"Effect": "Allow", "Resource": "*"} | statement for statement in statements]
    return read_policy(json.dumps({"Version": "2012-10-17", "Statement": blocks}), "policy.json")


def shown(access: Access) -> str:
    conditions = "".join(f" if {one.operator} {one.key} {','.join(one.values)}" for one in access.conditions)
    other = f" ({'; '.join(access.other)})" if access.other else ""
    return f"{' '.join(access.actions)} on {access.resource}{conditions}{other}"


READ = {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
PREFIX = {"StringEquals": {"s3:prefix": "in/"}}
LIST = {"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b"}


@pytest.mark.parametrize(
    ("old", "new", "added", "removed"),
    [
        ([READ], [READ], [], []),
        # The same access written otherwise is no change.
        ([READ], [{"Action": ["S3:getobject"], "Resource": ["arn:aws:s3:::b/*", "arn:aws:s3:::b/x"]}], [], []),
        ([{"Action": ["sqs:SendMessage", "sqs:ReceiveMessage"]}], [{"Action": "sqs:SendMessage"}], [],
         ["sqs:ReceiveMessage on *"]),
        ([], [READ], ["s3:GetObject on arn:aws:s3:::b/*"], []),
        # What a wildcard gave and no statement gives any more, action by action.
        ([{"Action": "rds-data:Execute*"}], [{"Action": "rds-data:ExecuteStatement"}], [],
         ["rds-data:ExecuteSql on *"]),
        # Wider and narrower resources.
        ([{**READ, "Resource": "arn:aws:s3:::b/x/*"}], [READ],
         ["s3:GetObject on arn:aws:s3:::b/* (arn:aws:s3:::b/x/*)"], []),
        ([READ], [{**READ, "Resource": "arn:aws:s3:::b/x/*"}], [],
         ["s3:GetObject on arn:aws:s3:::b/* (arn:aws:s3:::b/x/*)"]),
        # A condition taken away adds access, one put in removes it.
        ([{**LIST, "Condition": PREFIX}], [LIST],
         ["s3:ListBucket on arn:aws:s3:::b (arn:aws:s3:::b if StringEquals s3:prefix in/)"], []),
        ([LIST], [{**LIST, "Condition": PREFIX}], [],
         ["s3:ListBucket on arn:aws:s3:::b (arn:aws:s3:::b if StringEquals s3:prefix in/)"]),
        ([{**LIST, "Condition": PREFIX}], [{**LIST, "Condition": PREFIX}], [], []),
        # A Deny removes what it denies, and its end gives it back.
        ([READ], [READ, {**READ, "Effect": "Deny"}], [], ["s3:GetObject on arn:aws:s3:::b/*"]),
        ([READ, {**READ, "Effect": "Deny"}], [READ], ["s3:GetObject on arn:aws:s3:::b/*"], []),
        ([READ], [READ, {"Effect": "Deny", "Action": "sqs:*"}], [], []),
        # `*` covers actions that the catalogue does not know, too.
        ([{"Action": "nosuch:Thing"}], [{"Action": "*"}], None, []),
        # Objects are no buckets: of four pairs of action and resource only two are access.
        ([], [{"Action": ["s3:GetObject", "s3:ListBucket"], "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]}],
         ["s3:ListBucket on arn:aws:s3:::b", "s3:GetObject on arn:aws:s3:::b/*"], []),
    ],
)  # fmt: skip
def test_access_added_and_removed(
    old: list[dict[str, Any]], new: list[dict[str, Any]], added: list[str] | None, removed: list[str]
) -> None:
    found = change(policy(*old), policy(*new))

    if added is not None:
        assert [shown(access) for access in found.added] == added
    assert [shown(access) for access in found.removed] == removed
    assert found.undecided == ()


def test_place_is_that_of_the_statement() -> None:
    (access,) = change(policy(), policy(LIST)).added
    assert str(access.location) == "policy.json:1:41"


def test_all_but_something_cannot_be_listed() -> None:
    everything_but = {"NotAction": "iam:*"}
    found = change(policy(), policy(everything_but))

    assert (found.added, found.removed) == ((), ())
    assert found.undecided == (
        "the statement at policy.json:1:41 allows all but what its NotAction names; what is added cannot be listed",
    )
    assert change(policy(everything_but), policy(everything_but)).undecided == ()


def test_policies_that_are_not_seen_are_undecided() -> None:
    role = {
        "RolePolicyList": [],
        "AttachedManagedPolicies": [{"PolicyName": "p", "PolicyArn": "arn:aws:iam::123456789012:policy/p"}],
    }
    attached = read_policy(json.dumps(role), "role.json")
    none = read_policy(json.dumps(role | {"AttachedManagedPolicies": []}), "role.json")

    assert change(none, attached).undecided == (
        "the managed policy arn:aws:iam::123456789012:policy/p is not seen, so what it allows may be added",
    )
    assert change(attached, attached).undecided == ()
