"""What the fetched reference adds: operations that neither a rule nor the base rule knows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from analyzer.authorize.known import Kind, known
from analyzer.authorize.mapping import OPERATIONS_PAGE, operation_mapping
from analyzer.catalog.overlay import forget
from analyzer.catalog.overlay_files import write_overlay
from analyzer.model.requirements import BASE_RULE, Condition
from analyzer.rules import ActionEntry, Guard
from analyzer.sdk import load_service
from tests.authorize.coverage import unknown_operation, unknown_operations

PASS_ROLE = ["iam:PassRole", {"iam:PassedToService": ["x.amazonaws.com"]}]
CONDITIONS = (Condition("StringEquals", "iam:PassedToService", ("x.amazonaws.com",)),)


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("LPA_DATA_DIR", str(tmp_path))
    forget()
    yield
    forget()


def fetched(client: str, method: str, *actions: list[object]) -> None:
    write_overlay("http://x/", "2026-10-28", {}, {client: {method: list(actions)}})


def test_operation_that_nothing_else_knows_is_known_by_the_reference() -> None:
    unknown = unknown_operation()
    fetched(unknown.service, unknown.method, ["s3:ListAllMyBuckets", {}], ["sqs:SendMessage", {}])

    found = known(unknown.service, unknown.operation)

    assert found.kind is Kind.REFERENCE
    assert found.entries == (ActionEntry("s3:ListAllMyBuckets"), ActionEntry("sqs:SendMessage"))
    assert str(found.rule) == f"AWS Service Reference#{unknown.service}.{unknown.operation}"
    shown = operation_mapping(unknown.service, unknown.operation)
    assert shown is not None
    assert (shown.kind, shown.sources) == (Kind.REFERENCE, (OPERATIONS_PAGE,))
    assert [one.action for one in shown.actions] == ["s3:ListAllMyBuckets", "sqs:SendMessage"]


def test_operation_with_an_action_that_is_not_known_stays_unknown() -> None:
    unknown = unknown_operation()
    fetched(unknown.service, unknown.method, ["s3:ListAllMyBuckets", {}], ["s3:NoSuchAction", {}])
    assert known(unknown.service, unknown.operation).kind is Kind.UNKNOWN


def test_rules_and_the_base_rule_come_first() -> None:
    write_overlay(
        "http://x/",
        "2026-10-28",
        {},
        {
            "sqs": {"send_message_batch": [["s3:ListAllMyBuckets", {}]]},
            "dynamodb": {"describe_table": [["s3:ListAllMyBuckets", {}]]},
            "sts": {"get_caller_identity": [["s3:ListAllMyBuckets", {}]]},
        },
    )
    assert known("sqs", "SendMessageBatch").kind is Kind.RULE
    assert known("dynamodb", "DescribeTable").rule == BASE_RULE
    assert known("sts", "GetCallerIdentity").kind is Kind.NO_PERMISSION


def test_role_is_passed_only_where_a_parameter_names_one() -> None:
    def members(service: str, operation: str) -> tuple[str, ...]:
        client = load_service(service)
        assert client is not None
        return client.operations[operation].members

    def role(service: str, operation: str) -> list[str]:
        return [name for name in members(service, operation) if name.lower().endswith(("role", "rolearn"))]

    unknown = list(unknown_operations())
    with_role = next(one for one in unknown if role(one.service, one.operation))
    # The name does not say of what the ARN is.
    general = next(one for one in unknown if "resourcearn" in map(str.lower, members(one.service, one.operation)))
    without = next(one for one in unknown if not members(one.service, one.operation))
    pass_role = ActionEntry("iam:PassRole", conditions=CONDITIONS)

    fetched(with_role.service, with_role.method, PASS_ROLE)
    (name,) = role(with_role.service, with_role.operation)
    guards = ((Guard(name, "present"),),)
    assert known(with_role.service, with_role.operation).entries == (pass_role._replace(guards=guards),)

    for one in (general, without):
        fetched(one.service, one.method, ["s3:ListAllMyBuckets", {}], PASS_ROLE)
        found = known(one.service, one.operation)
        assert found.entries == (ActionEntry("s3:ListAllMyBuckets"),)
        assert [advice.action for advice in found.advice] == ["iam:PassRole"]
