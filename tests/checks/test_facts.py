"""The lists in rules/checks/ name what exists, each fact with the page that says so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from analyzer.catalog import find_action
from analyzer.checks import check_rule
from analyzer.checks.linting import LINT_CHECKS

MANAGED = Path(__file__).resolve().parent.parent.parent / "rules/managed_policies"


@pytest.mark.parametrize("name", LINT_CHECKS)
def test_every_check_on_policies_rests_on_pages(name: str) -> None:
    rule = check_rule(name)
    assert rule.sources
    for source in (*rule.sources, *(fact.source for fact in rule.facts)):
        assert re.fullmatch(r"https://\S+", source)


@pytest.mark.parametrize("name", ["privilege-escalation", "unscoped-data-access"])
def test_actions_exist_as_they_are_spelled(name: str) -> None:
    for fact in check_rule(name).facts:
        for action in fact.values:
            known = find_action(action)
            assert known is not None, action
            assert known.name == action


def test_data_is_read_from_resources() -> None:
    for fact in check_rule("unscoped-data-access").facts:
        for action in fact.values:
            known = find_action(action)
            assert known is not None
            assert known.resource_types, action


def test_no_combination_holds_another_one() -> None:
    combinations = [frozenset(fact.values) for fact in check_rule("privilege-escalation").facts]
    assert [
        pair for pair in ((one, other) for one in combinations for other in combinations) if pair[0] < pair[1]
    ] == []
    assert len(set(combinations)) == len(combinations)


def test_a_role_is_passed_to_a_service() -> None:
    for fact in check_rule("privilege-escalation").facts:
        assert bool(fact.to) is ("iam:PassRole" in fact.values)
        assert not fact.to or fact.to.endswith(".amazonaws.com")


def test_withdrawn_policies_are_not_among_those_that_aws_has() -> None:
    known = {path.stem for path in MANAGED.rglob("*.json")}
    facts = check_rule("withdrawn-managed-policy").facts
    withdrawn = [name for fact in facts for name in fact.values]
    assert len(withdrawn) == len(set(withdrawn))
    assert known.isdisjoint(withdrawn)
    assert {fact.to for fact in facts if fact.to} <= known


def test_services_that_say_for_whom_they_come_are_service_principals() -> None:
    facts = check_rule("service-principal-without-source").facts
    assert {fact.to for fact in facts} == {"key", "trust"}
    for fact in facts:
        for value in fact.values:
            assert re.fullmatch(r"[a-z.-]+\.amazonaws\.com" if fact.to == "trust" else r"[a-z]+:[A-Za-z:*]+", value)
