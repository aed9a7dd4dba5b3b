"""Templates in YAML with short forms, and the same in JSON: whatever calls what, both are read as the same.

The expressions are drawn at random, with a fixed seed. What is compared is all that is known of the function, but for
places, and for the lines that the symbols of calls are named by.
"""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any, Final

import pytest

from analyzer import deployed
from analyzer.config import Options, Selection
from analyzer.model.deployment import Deployment
from analyzer.templates import read_workloads

CODE: Final = """\
import os, boto3
def h(event, context):
    boto3.client('s3').get_object(Bucket=os.environ['V0'], Key=os.environ['V1'])
    boto3.client('sqs').send_message(QueueUrl=os.environ['V2'], MessageBody='x')
    boto3.client('dynamodb').get_item(TableName=os.environ['V3'], Key={})
    boto3.client('sns').publish(TopicArn=os.environ['V4'], Message='x')
"""
TYPES: Final = {
    "Q": "AWS::SQS::Queue",
    "T": "AWS::SNS::Topic",
    "B": "AWS::S3::Bucket",
    "D": "AWS::DynamoDB::Table",
    "K": "AWS::KMS::Key",
}
REFERENCES: Final = (*TYPES, "P", "L", "Open", "AWS::Region", "AWS::Partition")
SUBSTITUTED: Final = (
    "${Q}-${AWS::Region}",
    "arn:${AWS::Partition}:s3:::${B}/*",
    "${D.Arn}/index/*",
    "${!kept}-${P}",
    "plain",
)


def _leaf(draw: random.Random) -> Any:
    return draw.choice(
        [
            {"Ref": draw.choice(REFERENCES)},
            {"Fn::GetAtt": [draw.choice(tuple(TYPES)), "Arn"]},
            "x-y",
            "{{resolve:ssm:/a/b:1}}",
            {"Fn::ImportValue": "exported"},
        ]
    )


def _expression(draw: random.Random, depth: int) -> Any:
    if depth == 0:
        return _leaf(draw)

    def inner() -> Any:
        return _expression(draw, depth - 1)

    match draw.randrange(9):
        case 0:
            return {"Fn::Sub": draw.choice(SUBSTITUTED)}
        case 1:
            return {"Fn::Sub": ["${a}/${b}-${P}", {"a": inner(), "b": inner()}]}
        case 2:
            return {"Fn::Join": [draw.choice(":-"), [inner() for _ in range(draw.randrange(1, 4))]]}
        case 3:
            return {"Fn::If": ["C", inner(), draw.choice([{"Ref": "AWS::NoValue"}, inner()])]}
        case 4:
            return {"Fn::Select": [draw.choice([0, 1, "1"]), [inner(), inner()]]}
        case 5:
            return {"Fn::Select": [draw.choice([0, 1]), {"Fn::Split": [":", inner()]}]}
        case 6:
            return {"Fn::FindInMap": ["M", draw.choice(["one", {"Ref": "P"}, {"Ref": "Open"}]), draw.choice("uv")]}
        case 7:
            return {"Fn::Join": [",", {"Ref": "L"}]}
        case _:
            return {"Fn::Join": ["/", {"Fn::Split": ["-", inner()]}]}


def _template(draw: random.Random) -> dict[str, Any]:
    statements = [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": _expression(draw, 2)},
        {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": [_expression(draw, 2), _expression(draw, 1)]},
    ]
    policy = {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}
    function = {
        "Runtime": "python3.12",
        "Handler": "index.h",
        "Role": {"Fn::GetAtt": ["R", "Arn"]},
        "Environment": {"Variables": {f"V{number}": _expression(draw, draw.randrange(4)) for number in range(5)}},
        "Code": {"ZipFile": CODE},
    }
    return {
        "Parameters": {
            "P": {"Type": "String", "Default": "one"},
            "L": {"Type": "CommaDelimitedList", "Default": "p,q"},
            "Open": {"Type": "String"},
        },
        "Conditions": {"C": {"Fn::Equals": [{"Ref": "P"}, "one"]}},
        "Mappings": {"M": {"one": {"u": "uu", "v": "vv"}, "two": {"u": "u2", "v": "v2"}}},
        "Resources": {
            **{name: {"Type": kind} for name, kind in TYPES.items()},
            "R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {}, "Policies": [policy]}},
            "F": {"Type": "AWS::Lambda::Function", "Properties": function},
        },
    }


def _yaml(value: Any, draw: random.Random) -> str:
    """Return `value` on one line of YAML, most functions in their short form."""
    if isinstance(value, list):
        return f"[{', '.join(_yaml(one, draw) for one in value)}]"
    if not isinstance(value, dict):
        return json.dumps(value)
    name, argument = next(iter(value.items()), ("", None))
    if len(value) == 1 and (name == "Ref" or name.startswith("Fn::")):
        if name == "Fn::GetAtt" and draw.random() < 0.5:
            argument = ".".join(argument)
        if draw.random() < 0.75:
            return f"!{name.removeprefix('Fn::')} {_yaml(argument, draw)}"
        value = {name: argument}
    return "{" + ", ".join(f"{json.dumps(key)}: {_yaml(one, draw)}" for key, one in value.items()) + "}"


def _known(folder: Path, template: str) -> list[Any]:
    selection, options = Selection((template,), (), ()), Options((), str(folder), None, Deployment(), None, None)
    read = read_workloads([template], str(folder), Deployment(), {})
    (workload,) = read.workloads
    found = deployed.scan(options, selection, symbols=True)
    return [
        _without_places(repr(workload.environment)),
        sorted(
            _without_places(f"{one.action} on {one.scope}")
            for _, analysis in found.functions
            for _, needed in analysis.needs
            for one in needed
        ),
        sorted((one.actions, sorted(map(_without_places, one.resources))) for one in workload.grants.policy.statements),
        sorted(_without_places(f"{one.check}: {one.message}") for one in deployed.check(options, selection)),
        sorted(one.detail for one in read.problems),
    ]


def _without_places(text: str) -> str:
    text = re.sub(r"template\.(yaml|json)(:\d+)*", "template", text)
    return re.sub(r"(Fn::(?!ImportValue)\w+) \d+[\d.]*", r"\1 #", text)


@pytest.mark.parametrize("seed", range(4))
def test_yaml_and_json_are_read_as_the_same(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(15):
        template = _template(draw)
        (tmp_path / "template.json").write_text(json.dumps(template, indent=1), encoding="utf-8")
        lines = [
            line
            for section, members in template.items()
            for line in (f"{section}:", *(f"  {name}: {_yaml(member, draw)}" for name, member in members.items()))
        ]
        (tmp_path / "template.yaml").write_text("\n".join(lines), encoding="utf-8")
        assert _known(tmp_path, "template.yaml") == _known(tmp_path, "template.json"), "\n".join(lines)
