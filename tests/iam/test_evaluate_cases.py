"""The case tables of fixtures/evaluate: what is expected there is worked out by hand from AWS's documentation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from analyzer.iam.document import read_document
from analyzer.iam.evaluate import Allowed, Denied, Request, Unknown, evaluate
from analyzer.iam.positioned_json import parse_json
from analyzer.model.policy import Statement

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "evaluate"
VERSION = "2012-10-17"
DEFAULTS = {"action": "s3:GetObject", "resource": "arn:aws:s3:::b/x", "context": {}}
VERDICTS = {"allowed": Allowed, "denied": Denied, "unknown": Unknown}
GROUP_KEYS = {"about", "source", "version", "condition", "policy", "policies", "boundary", "session", "cases"}
CASE_KEYS = {"action", "resource", "context", "expected", "by", "kinds", "within"}


def cases() -> Iterator[Any]:
    for path in sorted(FOLDER.glob("*.json")):
        for group in json.loads(path.read_text(encoding="utf-8")):
            for number, case in enumerate(group["cases"], start=1):
                yield pytest.param(group, case, id=f"{path.stem}: {group['about']} {number}")


CASES = list(cases())


def statements(document: object) -> tuple[Statement, ...]:
    return read_document(parse_json(json.dumps(document), "policy.json"))


def identity_based(group: dict[str, Any]) -> tuple[Statement, ...]:
    documents = group.get("policies")
    if documents is None:
        allow_all = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        policy = group.get("policy") or [allow_all | {"Condition": group["condition"]}]
        documents = [{"Version": group.get("version", VERSION), "Statement": policy}]
    return tuple(statement for document in documents for statement in statements(document))


def limit(group: dict[str, Any], kind: str) -> tuple[Statement, ...] | None:
    return statements({"Version": VERSION, "Statement": group[kind]}) if kind in group else None


@pytest.mark.parametrize(("group", "case"), CASES)
def test_case(group: dict[str, Any], case: dict[str, Any]) -> None:
    assert set(group) <= GROUP_KEYS
    assert set(case) <= CASE_KEYS
    asked = DEFAULTS | case
    context = {key: tuple(values or ()) for key, values in asked["context"].items()}
    verdict = evaluate(
        Request(asked["action"], asked["resource"], context=context),
        identity_based(group),
        limit(group, "boundary"),
        limit(group, "session"),
    )
    assert type(verdict) is VERDICTS[case["expected"]]
    if "by" in case:
        assert (verdict.statement.sid if verdict.statement else None) == case["by"]
    if "kinds" in case:
        kinds = verdict.kinds if isinstance(verdict, Denied) else (verdict.kind,)
        assert list(kinds) == case["kinds"]
    if "within" in case:
        assert [statement.sid for statement in verdict.within] == case["within"]


def test_there_are_cases() -> None:
    assert len(CASES) > 200
