"""`lpa scan`, `generate` and `check` for the functions of templates: what is found, said and written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Command

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: {Type: String}
Globals: {Function: {Runtime: python3.12, CodeUri: src}}
Resources:
  Orders: {Type: "AWS::Serverless::SimpleTable"}
  Read:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.read
      Environment: {Variables: {TABLE: !Ref Orders}}
      Policies:
        - Statement: {Effect: Allow, Action: "dynamodb:GetItem", Resource: !GetAtt Orders.Arn}
  Write:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: !Sub "write-${Stage}"
      Handler: app.write
      Environment: {Variables: {TABLE: !Ref Orders}}
"""
CODE = """\
import os
import boto3
table = boto3.resource("dynamodb").Table(os.environ["TABLE"])
def read(event, context):
    return table.get_item(Key={"id": "1"})
def write(event, context):
    table.put_item(Item={"id": "1"})
"""
GET = "arn:aws:dynamodb:*:*:table/*"


@pytest.fixture
def app(lpa: Command) -> Command:
    lpa.write("template.yaml", TEMPLATE)
    lpa.write("src/app.py", CODE)
    return lpa


def test_the_template_of_the_folder_is_found(app: Command) -> None:
    done = app("check")
    assert (done.returncode, done.stderr) == (1, "")
    first, *_ = done.stdout.splitlines()
    assert first == (
        "src/app.py:7:5: error: dynamodb:PutItem on arn:aws:dynamodb:*:*:table/${Orders} is not granted; "
        "dynamodb.PutItem needs it (reached through Write > write) [missing-permission]"
    )
    assert done.stdout.endswith("1 finding\n")


@pytest.mark.parametrize(
    "place",
    [
        "cdk.out/A.template.json",
        "cdk.out/assembly-B/BStack.template.json",
        ".aws-sam/build/template.yaml",
        "template.json",
    ],
)
def test_templates_are_found_where_tools_put_them(lpa: Command, place: str) -> None:
    inline = {"ZipFile": "import boto3\ndef handler(event, context):\n    boto3.client('sqs').list_queues()\n"}
    function = {"Code": inline, "Handler": "index.handler", "Runtime": "python3.12"}
    lpa.write(place, json.dumps({"Resources": {"F": {"Type": "AWS::Lambda::Function", "Properties": function}}}))
    # Read with the stack that it is nested in.
    lpa.write("cdk.out/An.nested.template.json", "{")
    done = lpa("scan")
    assert done.returncode == 0
    assert "sqs:ListQueues on *" in done.stdout
    assert done.stdout.startswith(f"{place}:1:")


def test_a_function_alone(app: Command) -> None:
    assert app("check", "--function", "Read").returncode == 0
    assert app("check", "--function", "Write").returncode == 1
    done = app("check", "--function", "Delete")
    assert done.returncode == 2
    assert done.stderr == (
        "lpa: error: --function Delete: no Python function of template.yaml that can be analysed; "
        "there are Read, Write\n"
    )


def test_scan_names_the_functions(app: Command) -> None:
    done = app("scan", "--template", "template.yaml")
    assert done.stdout.splitlines() == [
        "template.yaml:7:3: Read (app.read)",
        "src/app.py:5:12: dynamodb.GetItem (resource, certain)",
        "    read → get_item",
        "    dynamodb:GetItem on arn:aws:dynamodb:*:*:table/${Orders}",
        "1 call, 0 unresolved",
        "template.yaml:14:3: Write (app.write)",
        "src/app.py:7:5: dynamodb.PutItem (resource, certain)",
        "    write → put_item",
        "    dynamodb:PutItem on arn:aws:dynamodb:*:*:table/${Orders}",
        "1 call, 0 unresolved",
    ]


def test_scan_as_json_names_the_functions(app: Command) -> None:
    document = json.loads(app("scan", "--format", "json").stdout)
    assert [(one["function"], one["handler"], one["line"], len(one["calls"])) for one in document["functions"]] == [
        ("Read", "app.read", 7, 1),
        ("Write", "app.write", 14, 1),
    ]
    assert document["unresolved"] == []


def test_each_function_gets_a_policy_of_its_own(app: Command) -> None:
    done = app("generate", "role.json", "--parameter-overrides", "Stage=live", "--account", "123456789012")
    assert done.returncode == 0
    assert not (app.cwd / "role.json").exists()
    read, write = json.loads(app.read("role-Read.json")), json.loads(app.read("role-Write.json"))
    assert read["Statement"][0]["Action"] == ["dynamodb:GetItem"]
    # What the template has no name for is open, and what the parameter names is not.
    assert read["Statement"][0]["Resource"] == ["arn:aws:dynamodb:*:123456789012:table/*"]
    assert write["Statement"][1]["Resource"] == ["arn:aws:logs:*:123456789012:log-group:/aws/lambda/write-live:*"]
    assert "note: * stands for Orders of the template in the resources of dynamodb:GetItem" in done.stderr
    assert "note: * stands for Read of the template in the resources of logs:" in done.stderr


def test_functions_of_two_templates_with_one_name_do_not_mix(app: Command) -> None:
    app.write("other.yaml", TEMPLATE.replace("Handler: app.read", "Handler: app.write"))
    both = ("--template", "template.yaml", "--template", "other.yaml", "--function", "Read")
    app("generate", "role.json", *both)
    actions = [json.loads(app.read(f"role-{one}-Read.json"))["Statement"][0]["Action"] for one in ("template", "other")]
    assert actions == [["dynamodb:GetItem"], ["dynamodb:PutItem"]]
    # Each has a role of its own, of one name as well.
    said = app("check", *both).stdout
    assert "(reached through Read > write) [missing-permission]" in said
    assert "other.yaml:13:46: warning: no call uses dynamodb:GetItem" in said
    assert said.endswith("2 findings\n")


def test_one_function_is_printed(app: Command) -> None:
    done = app("generate", "-", "--function", "Write", "--platform", "none")
    assert json.loads(done.stdout)["Statement"][0]["Action"] == ["dynamodb:PutItem"]
    both = app("generate", "-")
    assert (both.returncode, both.stdout) == (2, "")
    assert "one policy for several functions: Read, Write; choose one with --function" in both.stderr


def test_a_policy_is_held_against_a_function(app: Command) -> None:
    app("generate", "write.json", "--function", "Write")
    done = app("check", "write.json", "--template", "template.yaml", "--function", "Write")
    assert (done.returncode, done.stdout) == (0, "0 findings\n")
    assert "dynamodb:GetItem" in app("check", "write.json", "--function", "Read").stdout


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "template.yaml: no such file"),
        ("a: [", "template.yaml:1:5: not YAML"),
        ("\t", "template.yaml:1:1: not YAML"),
        ("", "template.yaml:1:1: the file is empty"),
        ("[]", 'template.yaml:1:1: no template: it has no object "Resources"'),
        ("Resources: []", 'template.yaml:1:1: no template: it has no object "Resources"'),
        ("{", "template.yaml:1:2: not JSON: expected a key in double quotes"),
        (b"\xff", "template.yaml: not UTF-8 (byte 1)"),
    ],
)
def test_what_is_no_template_is_said_in_one_line(lpa: Command, content: str | bytes | None, message: str) -> None:
    if content is not None:
        lpa.write("template.yaml", content)
    for arguments in (["scan"], ["check"], ["generate", "role.json"], ["fix"]):
        done = lpa(*arguments, "--template", "template.yaml")
        assert done.returncode == 3
        assert done.stdout == ""
        assert done.stderr.startswith(f"lpa: error: {message}"), "the path as it was given"
        assert done.stderr.count("\n") == 1


def test_what_of_a_template_cannot_be_read_is_a_finding(app: Command) -> None:
    app.write("template.yaml", TEMPLATE.replace("Handler: app.write", "Handler: missing.write"))
    done = app("check")
    assert done.returncode == 1
    assert (
        "template.yaml:18:16: warning: code not found: there is no module for the handler missing.write" in done.stdout
    )
    assert "template.yaml:18:16: unresolved:" in app("scan").stdout
    generated = app("generate", "role.json", "--strict")
    assert generated.returncode == 1
    assert json.loads(app.read("role.json"))["Statement"][0]["Action"] == ["dynamodb:GetItem"]


def test_what_of_a_template_is_ignored_by_a_comment(app: Command) -> None:
    app.write("src/app.py", CODE.replace('Item={"id": "1"})', 'Item={"id": "1"})  # lpa: ignore[missing-permission] x'))
    assert app("check").stdout == "0 findings\n"


WITH_NODE = """\
  Api:
    Type: AWS::Serverless::Function
    Properties: {Runtime: nodejs22.x, Handler: index.handler}
"""


def test_functions_in_other_languages_are_a_note(app: Command) -> None:
    app.write("template.yaml", TEMPLATE + WITH_NODE)
    note = "template.yaml:20:3: 1 function is not analysed, because only Python is: Api (nodejs22.x)\n"
    assert app("scan").stdout.endswith(note)
    api = {"function": "Api", "runtime": "nodejs22.x", "file": "template.yaml", "line": 20}
    assert json.loads(app("scan", "--format", "json").stdout)["other_functions"] == [api]
    assert note in app("generate", "role.json").stderr
    assert "note: 1 function is not analysed" in app("check").stdout
    assert "Api" not in app("check", "--function", "Read").stdout


def test_a_function_in_another_language_is_no_function_to_ask_for(app: Command) -> None:
    app.write("template.yaml", TEMPLATE + WITH_NODE)
    done = app("check", "--function", "Api")
    assert done.returncode == 2
    assert "--function Api: it runs nodejs22.x, and only Python is analysed; there are Read, Write" in done.stderr


def test_a_template_without_python_is_clean_with_a_note(lpa: Command) -> None:
    lpa.write("template.yaml", f"Transform: AWS::Serverless-2016-10-31\nResources:\n{WITH_NODE}")
    done = lpa("check")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "1 finding")
    assert done.stdout.startswith("template.yaml:3:3: note: 1 function is not analysed")
