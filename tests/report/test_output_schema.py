"""The published schema of the JSON output. That the output is as it says, every test of the command line sees to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

SCHEMA = json.loads((Path(__file__).parent.parent.parent / "docs/output.schema.json").read_text(encoding="utf-8"))

PLACE = {"file": "app.py", "line": 1, "column": 1, "end_line": 1, "end_column": 2}
FINDING = {**PLACE, "check": "a-check", "severity": "note", "message": "m", "remedy": "", "related": []}
NEED = {"action": "s3:GetObject", "resources": ["*"], "conditions": [], "reasons": [{"rule": "base rule"}]}


@pytest.mark.parametrize(
    "document",
    [
        {"version": 1, "findings": [FINDING]},
        {"version": 1, "findings": [FINDING], "later": "releases add keys"},
        {"version": 1, "needs": [NEED]},
        {"version": 1, "calls": [], "unresolved": []},
        {"version": 1, "functions": [], "unresolved": []},
        {"version": 1, "added": [], "removed": [], "undecided": []},
    ],
)
def test_accepted(document: dict[str, Any]) -> None:
    assert Draft202012Validator(SCHEMA).is_valid(document)


@pytest.mark.parametrize(
    "document",
    [
        {"findings": []},
        {"version": 2, "findings": []},
        {"version": 1},
        {"version": 1, "findings": [{**FINDING, "severity": "fatal"}]},
        {"version": 1, "findings": [{**FINDING, "line": 0}]},
        {"version": 1, "findings": [{name: value for name, value in FINDING.items() if name != "end_column"}]},
        {"version": 1, "needs": [{**NEED, "reasons": [{**PLACE, "rule": "base rule"}]}]},
        {"version": 1, "calls": []},
        {"version": 1, "findings": [], "added": [], "removed": [], "undecided": []},
    ],
)
def test_refused(document: dict[str, Any]) -> None:
    assert not Draft202012Validator(SCHEMA).is_valid(document)


def test_it_is_a_schema() -> None:
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(SCHEMA)
