"""`lpa lint` on every AWS managed policy that ships with the rules: none fails, and AWS's actions are known.

unknown_actions.json lists those that are not, by the reason why: it is to shrink, and to grow only with a reason.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from analyzer.checks.linting import LINT_CHECKS, lint
from analyzer.iam.inventory import read_inventory
from analyzer.iam.positioned_json import parse_json

FOLDER = Path(__file__).resolve().parent.parent.parent / "rules/managed_policies"
POLICIES = sorted(path for path in FOLDER.rglob("*.json") if path.name != "ORIGIN.json")
LISTED: dict[str, dict[str, list[str]]] = json.loads(Path(__file__).with_name("unknown_actions.json").read_bytes())
SERVICES = {service for reason in LISTED.values() for service in reason.get("services", ())}
ACTIONS = {action for reason in LISTED.values() for action in reason.get("actions", ())}
PARTS = 8


def said(path: Path, *checks: str) -> list[Any]:
    shown = str(path.relative_to(FOLDER))
    return list(lint(read_inventory(parse_json(path.read_text(encoding="utf-8"), shown)), chosen=checks or LINT_CHECKS))


def unknown_actions() -> set[str]:
    return {
        action
        for path in POLICIES
        for finding in said(path, "unknown-action")
        for action in re.findall(r"[\w-]+:[\w*]+", finding.message)[:1]
    }


def test_there_are_as_many_as_moto_has() -> None:
    assert len(POLICIES) == json.loads((FOLDER / "ORIGIN.json").read_bytes())["policies"]


def test_actions_that_are_unknown_are_listed_with_a_reason() -> None:
    found = unknown_actions()
    assert {action for action in found if action.partition(":")[0] not in SERVICES} == ACTIONS
    assert {action.partition(":")[0] for action in found} >= SERVICES


@pytest.mark.parametrize("part", range(PARTS))
def test_no_check_fails_on_any_policy_and_each_finding_has_its_place(part: int) -> None:
    for path in POLICIES[part::PARTS]:
        lines = path.read_text(encoding="utf-8").split("\n")
        for finding in said(path):
            assert finding.location.path == str(path.relative_to(FOLDER))
            assert 1 <= finding.location.start_line <= len(lines)
            assert "\n" not in finding.message


# What AWS's own policies must not be told, as AWS cannot have got it wrong.
NEVER = ("unknown-condition-operator", "never-matching-statement", "variable-in-old-version", "foreign-partition")


def test_what_is_never_wrong_with_policies_of_aws() -> None:
    assert [finding for path in POLICIES for finding in said(path, *NEVER)] == []
