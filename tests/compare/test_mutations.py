"""Change one thing in a generated policy: the comparison names that thing, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analyzer.compare import compare
from analyzer.generate import generate
from analyzer.model.calls import ApiCall, Via
from analyzer.model.location import Location
from analyzer.model.policy import Comparison, Policy, Statement
from analyzer.model.requirements import BASE_RULE, AnyResource, Arns, Reason, Requirement
from analyzer.model.values import Mapping

CALL = ApiCall("s3", "GetObject", Mapping(()), Via.DIRECT, Location("app.py", 1, 1, 1, 9))
NEEDS = [
    Requirement(
        action, Arns(patterns, unpinned) if patterns else AnyResource("so it is"), (), (Reason(CALL, BASE_RULE),)
    )
    for action, patterns, unpinned in (
        ("dynamodb:GetItem", ("arn:aws:dynamodb:*:*:table/orders",), ("--account", "--region")),
        ("dynamodb:PutItem", ("arn:aws:dynamodb:*:*:table/orders",), ("--account", "--region")),
        ("dynamodb:Query", ("arn:aws:dynamodb:*:*:table/orders/index/by-day",), ("--account", "--region")),
        ("s3:GetObject", ("arn:aws:s3:::in/*", "arn:aws:s3:::ref/a.json"), ()),
        ("s3:ListBucket", ("arn:aws:s3:::in",), ()),
        ("sqs:SendMessage", ("arn:aws:sqs:eu-west-1:123456789012:jobs",), ()),
        ("textract:DetectDocumentText", (), ()),
        ("secretsmanager:GetSecretValue", ("arn:aws:secretsmanager:*:*:secret:db-??????",), ("--account", "--region")),
    )
]
GENERATED = generate(NEEDS)


def with_statement(old: Statement, new: Statement | None) -> Policy:
    statements = [new if statement == old else statement for statement in GENERATED.statements]
    return Policy(tuple(statement for statement in statements if statement is not None))


def without(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    return tuple(other for other in values if other != value)


GRANTS = [
    (statement, action, resource)
    for statement in GENERATED.statements
    for action in statement.actions
    for resource in statement.resources
]


def problems(comparison: Comparison) -> list[object]:
    return [
        *(("missing", missing.requirement.action, missing.patterns) for missing in comparison.missing),
        *(("unused", unused.action) for unused in comparison.unused),
        *(("broad", broad.action, broad.too_wide) for broad in comparison.too_broad),
        *(("undecided", undecided.subject) for undecided in comparison.undecided),
    ]


def test_the_policy_as_generated_has_none() -> None:
    assert problems(compare(NEEDS, GENERATED)) == []


@pytest.mark.parametrize(("statement", "action", "resource"), GRANTS)
def test_a_removed_action_is_missing(statement: Statement, action: str, resource: str) -> None:
    fewer = replace(statement, actions=without(statement.actions, action))
    found = problems(compare(NEEDS, with_statement(statement, fewer)))
    assert found == [("missing", action, statement.resources)]


@pytest.mark.parametrize(("statement", "action", "resource"), GRANTS)
def test_a_removed_resource_is_missing_to_each_action(statement: Statement, action: str, resource: str) -> None:
    fewer = replace(statement, resources=without(statement.resources, resource))
    found = problems(compare(NEEDS, with_statement(statement, fewer)))
    unused = [("unused", name) for name in statement.actions] if not fewer.resources else []
    assert found == [*(("missing", name, (resource,)) for name in statement.actions), *unused]


@pytest.mark.parametrize(("statement", "action", "resource"), GRANTS)
def test_a_foreign_action_is_unused(statement: Statement, action: str, resource: str) -> None:
    foreign = f"{action.partition(':')[0]}:TagResource"
    more = replace(statement, actions=(*statement.actions, foreign))
    assert problems(compare(NEEDS, with_statement(statement, more))) == [("unused", foreign)]


@pytest.mark.parametrize(("statement", "action", "resource"), GRANTS)
def test_an_action_wildcard_is_broad(statement: Statement, action: str, resource: str) -> None:
    wide = f"{action.partition(':')[0]}:*"
    wider = replace(statement, actions=tuple(sorted({wide, *without(statement.actions, action)})))
    assert problems(compare(NEEDS, with_statement(statement, wider))) == [("broad", wide, ())]


@pytest.mark.parametrize(("statement", "action", "resource"), [grant for grant in GRANTS if grant[2] != "*"])
def test_a_wider_resource_is_broad(statement: Statement, action: str, resource: str) -> None:
    wide = f"{resource.rpartition(':')[0]}:*"
    wider = replace(statement, resources=tuple(sorted({wide, *without(statement.resources, resource)})))
    found = problems(compare(NEEDS, with_statement(statement, wider)))
    assert found == [("broad", name, (wide,)) for name in statement.actions]


@pytest.mark.parametrize(("statement", "action", "resource"), GRANTS)
def test_a_denied_resource_is_missing(statement: Statement, action: str, resource: str) -> None:
    denial = Statement("Deny", (action,), (resource,))
    found = problems(compare(NEEDS, Policy((*GENERATED.statements, denial))))
    assert found == [("missing", action, (resource,))]
