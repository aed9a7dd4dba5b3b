"""The examples of rules/states/: a task with this resource and these parameters needs this."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analyzer.authorize import authorize
from analyzer.errors import RuleError
from analyzer.iam.positioned_json import Array, Json, Object, parse_json
from analyzer.machines import machine_calls
from analyzer.model.definition import Fields, Items, Leaf, Node, StateMachine
from analyzer.model.deployment import Deployment
from analyzer.model.location import Location
from analyzer.model.requirements import Arns
from analyzer.model.values import Known
from analyzer.rules import integrations as rules
from analyzer.rules.integrations import IntegrationExample, integration_examples, integrations
from analyzer.templates.plain import to_plain

STATES = Path(__file__).parent.parent.parent / "rules" / "states"
# The file about what is no task.
SERVICES = sorted(path.stem for path in STATES.glob("*.yaml") if path.stem != "machine")
EXAMPLES = [example for service in SERVICES for example in integration_examples(service)]


def _node(value: Json) -> Node:
    if isinstance(value, Object):
        members = {name: _node(member) for name, member in value.members.items()}
        return Fields(members, value.key_locations, value.location)
    if isinstance(value, Array):
        return Items(tuple(map(_node, value.items)), value.location)
    plain = to_plain(value)
    assert not isinstance(plain, dict | list)
    return Leaf(Known(plain), value.location)


def _machine(example: IntegrationExample) -> StateMachine:
    task = {"Type": "Task", "Resource": example.resource, "Parameters": example.parameters}
    text = json.dumps({"StartAt": "Go", "States": {"Go": task}})
    place = Location("m.json", 1, 1, 1, 1)
    return StateMachine(
        _node(parse_json(text, "m.json")),
        Known("m"),
        Known("arn:aws:states:eu-west-1:123456789012:stateMachine:m"),
        place,
    )


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: f"{Path(one.file).stem}-{one.line}")
def test_example(example: IntegrationExample) -> None:
    found = machine_calls(_machine(example))
    needed = authorize(found.calls, Deployment())
    needs = {
        f"{one.action} on {pattern}"
        for one in needed.requirements
        for pattern in (one.scope.patterns if isinstance(one.scope, Arns) else ("*",))
    }
    assert (*found.unresolved, *needed.unresolved) == ()
    if example.is_part:
        assert set(example.needs) <= needs
    else:
        assert needs == set(example.needs)


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_has_an_example(service: str) -> None:
    shown = {
        one.resource.partition(":::")[2].partition(":")[2].partition(".")[0] for one in integration_examples(service)
    }
    known = integrations(service)
    assert known is not None
    assert shown == set(known)


def test_an_integration_that_there_is_not() -> None:
    assert integrations("shop") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("operations: {}", "`source` is missing"),
        ("source: a page\noperations: {}", "not the address of a page"),
        ("source: https://a\noperations: {getItem: {call: dynamodb.BuyItem}}", "neither an operation nor an action"),
        ("source: https://a\noperations: {getItem: {also: [dynamodb.BuyItem]}}", "neither an operation nor an action"),
        ("source: https://a\noperations: {getItem: {asynk: {}}}", "unknown key `asynk`"),
    ],
)
def test_a_wrong_file_names_the_line(text: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "states").mkdir()
    (tmp_path / "states" / "dynamodb.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(rules, "rules_folder", lambda: str(tmp_path))
    rules._load.cache_clear()
    with pytest.raises(RuleError, match=r"rules/states/dynamodb\.yaml:\d+: ") as error:
        integrations("dynamodb")
    assert message in str(error.value)
    rules._load.cache_clear()
