"""`lpa scan`, `check` and `generate` for the state machines of templates."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Command

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Orders: {Type: "AWS::Serverless::SimpleTable"}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: machine.asl.json
      DefinitionSubstitutions: {Table: !Ref Orders}
      Policies:
        - Statement: {Effect: Allow, Action: "dynamodb:GetItem", Resource: !GetAtt Orders.Arn}
"""
DEFINITION = """\
{
  "StartAt": "Save",
  "States": {
    "Save": {
      "Type": "Task",
      "Resource": "arn:aws:states:::dynamodb:putItem",
      "Parameters": {"TableName": "${Table}", "Item": {"id": {"S.$": "$.id"}}},
      "End": true
    }
  }
}
"""


@pytest.fixture
def app(lpa: Command) -> Command:
    lpa.write("template.yaml", TEMPLATE)
    lpa.write("machine.asl.json", DEFINITION)
    return lpa


def test_scan_names_the_state_machine_and_the_place_of_the_task(app: Command) -> None:
    done = app("scan")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "template.yaml:4:3: Machine (state-machine)\n"
        "machine.asl.json:6:19: dynamodb.PutItem (state machine, certain)\n"
        "    dynamodb:PutItem on arn:aws:dynamodb:*:*:table/${Orders}\n"
        "1 call, 0 unresolved\n"
    )


def test_scan_as_json(app: Command) -> None:
    done = app("scan", "--format", "json")
    (machine,) = json.loads(done.stdout)["functions"]
    assert (machine["function"], machine["handler"], machine["line"]) == ("Machine", "", 4)
    (call,) = machine["calls"]
    assert (call["operation"], call["via"], call["line"]) == ("PutItem", "state machine", 6)


def test_check_holds_its_policies_against_what_it_needs(app: Command) -> None:
    done = app("check", "--function", "Machine", "--format", "json")
    assert done.returncode == 1
    found = [(one["check"], one["file"], one["line"]) for one in json.loads(done.stdout)["findings"]]
    assert found == [("missing-permission", "machine.asl.json", 6), ("unused-permission", "template.yaml", 10)]


def test_generate_writes_what_it_needs(app: Command) -> None:
    done = app("generate", "-", "--account", "123456789012", "--region", "eu-west-1")
    assert done.returncode == 0
    (statement,) = json.loads(done.stdout)["Statement"]
    assert statement["Action"] == ["dynamodb:PutItem"]
    assert statement["Resource"] == ["arn:aws:dynamodb:eu-west-1:123456789012:table/*"]


def test_a_damaged_definition_is_a_finding_at_its_line(app: Command) -> None:
    app.write("machine.asl.json", DEFINITION.replace('"Type": "Task",', '"Type": "Task"'))
    done = app("check")
    assert done.returncode == 1
    assert done.stdout.startswith("machine.asl.json:6:7: warning: bad template: not JSON: expected")
