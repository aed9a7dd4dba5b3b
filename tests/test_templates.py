"""Every case of fixtures/templates/, and application of fixtures/apps/ with a template, held against expected.json.

expected.json may hold `templates` (by default the template in the folder), `functions` and `parameters` as the command
line takes them, and what is compared: `needs` (what the calls of each function need, `action on resource`),
`environment` (the variables of each function), `events` (what is known of its event), `findings` of `lpa check`
(`file:line check - words of the message`) and `problems` of the template (`file:line - words`).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from analyzer import deployed
from analyzer.config import Options, Selection
from analyzer.model.deployment import Deployment
from analyzer.model.requirements import Arns, Requirement
from analyzer.model.values import Ambient, Hole, Known, Text, Value, alternatives
from analyzer.model.workload import WorkloadKind
from analyzer.templates import Templates, read_workloads

FIXTURES = Path(__file__).parent.parent / "fixtures"
NAMES = sorted(
    f"{kind}/{file.parent.name}" for kind in ("apps", "templates") for file in (FIXTURES / kind).glob("*/expected.json")
)


@pytest.mark.parametrize("name", NAMES)
def test_template(name: str) -> None:
    folder = FIXTURES / name
    expected: dict[str, Any] = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    paths = expected.get("templates") or [_template(folder)]
    selection = Selection(
        tuple(paths), tuple(expected.get("functions", ())), tuple(sorted(expected.get("parameters", {}).items()))
    )
    options = Options((), str(folder), None, Deployment(), None, None)
    found = deployed.scan(options, selection, symbols=True)
    known = read_workloads(paths, str(folder), Deployment(), dict(selection.parameters))
    compared = {"needs", "lambda", "environment", "events", "findings", "problems"} & expected.keys()
    assert compared, "nothing is expected"
    if "needs" in expected:
        assert _needs(found) == {name: sorted(needs) for name, needs in expected["needs"].items()}
    if "lambda" in expected:
        assert _needs_of_lambda(found) == {name: sorted(needs) for name, needs in expected["lambda"].items()}
    if "environment" in expected:
        assert _environments(known) == expected["environment"]
    if "events" in expected:
        assert {one.id: {path: _shown(value) for path, value in one.event} for one in known.workloads} == expected[
            "events"
        ]
    if "problems" in expected:
        _hold(
            [f"{one.location.path}:{one.location.start_line} {one.detail}" for one in found.problems],
            expected["problems"],
        )
    if "findings" in expected:
        findings = deployed.check(options, selection)
        _hold(
            [f"{one.location.path}:{one.location.start_line} {one.check} {one.message}" for one in findings],
            expected["findings"],
        )


def _template(folder: Path) -> str:
    (template,) = (path.name for path in folder.glob("template.*"))
    return template


def _needs(found: deployed.Deployed) -> dict[str, list[str]]:
    return {
        workload.id: sorted({text for _, needed in analysis.needs for one in needed for text in _needed(one)})
        for workload, analysis in found.functions
    }


def _needs_of_lambda(found: deployed.Deployed) -> dict[str, list[str]]:
    return {
        workload.id: sorted(
            text
            for one in analysis.requirements
            if any(reason.call is None for reason in one.reasons)
            for text in _needed(one)
            if ":log-group:/aws/lambda/" not in text
        )
        for workload, analysis in found.functions
        if workload.kind is WorkloadKind.FUNCTION
    }


def _needed(requirement: Requirement) -> list[str]:
    scope = requirement.scope
    return [f"{requirement.action} on {one}" for one in (scope.patterns if isinstance(scope, Arns) else ("*",))]


def _environments(known: Templates) -> dict[str, dict[str, str | list[str]]]:
    return {
        one.id: {name: _shown(value) for name, value in one.environment if name != "AWS_LAMBDA_FUNCTION_NAME"}
        for one in known.workloads
    }


def _shown(value: Value) -> str | list[str]:
    texts = [_text(one) for one in alternatives(value)]
    return texts[0] if len(texts) == 1 else texts


def _text(value: Value) -> str:
    match value:
        case Known(text):
            return str(text)
        case Text(parts):
            return "".join(part if isinstance(part, str) else _symbol(part) for part in parts)
    raise AssertionError(value)


def _symbol(hole: Hole) -> str:
    origin = hole.origin
    return f"<{origin.name}>" if isinstance(origin, Ambient) else f"${{{getattr(origin, 'text', origin)}}}"


def _hold(found: list[str], expected: list[str]) -> None:
    """Hold what was said against what is expected: each line once, by how it begins (`file:line check`) and its words.

    The words stand behind a dash.
    """
    left = list(found)
    for wanted in expected:
        beginning, _, words = wanted.partition(" - ")
        matching = [line for line in left if line.startswith(f"{beginning} ") and words in line]
        assert matching, f"{wanted} is not in:\n" + "\n".join(left)
        left.remove(matching[0])
    assert not left, "not expected:\n" + "\n".join(left)
