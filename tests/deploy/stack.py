"""A template as moto's CloudFormation can deploy it: what the handlers call, and the roles that were generated.

Functions and state machines become ones that do nothing, so that they can be named, invoked and started; roles keep who
may assume them. What no handler calls (APIs, permissions, event source mappings ...) is left out, and so are
notifications, which lead to it. Resources that moto's CloudFormation does not know are made before by a client, and
what refers to them is replaced by what they are called.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.deploy.authorizations import ACCOUNT, REGION

Json = Any

_KEPT = {
    "AWS::DynamoDB::Table",
    "AWS::KMS::Alias",
    "AWS::KMS::Key",
    "AWS::Kinesis::Stream",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::SSM::Parameter",
}
_NOT_DEPLOYED = {"NotificationConfiguration", "Subscription", "Tags", "RedrivePolicy"}
FUNCTIONS = ("AWS::Serverless::Function", "AWS::Lambda::Function")
_MACHINES = ("AWS::Serverless::StateMachine", "AWS::StepFunctions::StateMachine")
_SECTIONS = ("Parameters", "Conditions", "Mappings")
_PASS = {"StartAt": "Pass", "States": {"Pass": {"Type": "Pass", "End": True}}}
_NO_ROLE = f"arn:aws:iam::{ACCOUNT}:role/none"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
"""Who may assume the roles that the tests make; moto wants the role of a function to be there."""


def deployable(template: Json, made: Mapping[str, Mapping[str, str]], roles: Json, names: set[str]) -> Json:
    """Return the template for moto; `made` is what `Ref` and `Fn::GetAtt` give of resources that are there already.

    The outputs are `<Function>X<n>`, the variables of each function of `names` in the order of `variables`.
    """
    resources = {
        name: one
        for name, resource in template["Resources"].items()
        if name not in made and (one := _deployable(name, resource)) is not None
    }
    resources |= roles
    outputs = {
        f"{name}X{number}": {"Value": value}
        for name in sorted(names)
        for number, (_, value) in enumerate(variables(template, name))
    }
    sections = {name: template[name] for name in _SECTIONS if name in template}
    return _replaced({**sections, "Resources": resources, "Outputs": outputs}, made)


def variables(template: Json, function: str) -> list[tuple[str, Json]]:
    """Return the environment of a function as the template has it, with that of `Globals`."""
    properties = template["Resources"][function].get("Properties", {})
    globals_ = template.get("Globals", {}).get("Function", {})
    own, shared = (one.get("Environment", {}).get("Variables", {}) for one in (properties, globals_))
    return sorted({**shared, **own}.items())


def _deployable(name: str, resource: Json) -> Json | None:
    kind, properties = resource["Type"], resource.get("Properties", {})
    kept: Json = {"Condition": resource["Condition"]} if "Condition" in resource else {}
    if kind in FUNCTIONS:
        return kept | {"Type": FUNCTIONS[1], "Properties": _function(name, properties)}
    if kind in _MACHINES:
        text = {"DefinitionString": json.dumps(_PASS), "RoleArn": _NO_ROLE}
        called = {key: properties[key] for key in ("StateMachineName",) if key in properties}
        called |= {"StateMachineName": properties["Name"]} if "Name" in properties else {}
        return kept | {"Type": _MACHINES[1], "Properties": text | called}
    if kind == "AWS::IAM::Role":
        trusted = {"AssumeRolePolicyDocument": properties["AssumeRolePolicyDocument"]}
        return kept | {"Type": kind, "Properties": trusted}
    if kind == "AWS::Serverless::SimpleTable":
        return kept | {"Type": "AWS::DynamoDB::Table", "Properties": _simple_table(properties)}
    if kind not in _KEPT:
        return None
    left = {key: value for key, value in properties.items() if key not in _NOT_DEPLOYED}
    return kept | {"Type": kind, "Properties": left}


def _function(name: str, properties: Json) -> Json:
    return {
        "FunctionName": properties.get("FunctionName", name),
        "Code": {"ZipFile": "def handler(event, context):\n    return None\n"},
        "Handler": "index.handler",
        "Runtime": "python3.12",
        "Role": _NO_ROLE,
    }


def _simple_table(properties: Json) -> Json:
    key = properties.get("PrimaryKey", {"Name": "id", "Type": "String"})
    named = {"TableName": properties["TableName"]} if "TableName" in properties else {}
    return named | {
        "AttributeDefinitions": [{"AttributeName": key["Name"], "AttributeType": key["Type"][0]}],
        "KeySchema": [{"AttributeName": key["Name"], "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    }


def _replaced(value: Json, made: Mapping[str, Mapping[str, str]]) -> Json:
    """Return the value with what `made` resources are called in the place of what refers to them."""
    match value:
        case {"Ref": str(name)} if name in made:
            return made[name]["Ref"]
        case {"Ref": "AWS::Partition"}:
            return "aws"
        case {"Fn::GetAtt": [name, attribute]} if name in made:
            return made[name][attribute]
        case {"Fn::GetAtt": str(text)} if text.split(".")[0] in made:
            name, _, attribute = text.partition(".")
            return made[name][attribute]
        case {"Fn::Sub": str(text)}:
            return {"Fn::Sub": _in_text(text, made)}
        case {"Fn::Sub": [str(text), parts]}:
            return {"Fn::Sub": [_in_text(text, made), _replaced(parts, made)]}
        case dict():
            return {key: _replaced(item, made) for key, item in value.items()}
        case list():
            return [_replaced(item, made) for item in value]
        case _:
            return value


def _in_text(text: str, made: Mapping[str, Mapping[str, str]]) -> str:
    for name, called in made.items():
        for attribute, value in called.items():
            text = text.replace("${" + (name if attribute == "Ref" else f"{name}.{attribute}") + "}", value)
    for name, value in (("Partition", "aws"), ("Region", REGION), ("AccountId", ACCOUNT)):
        text = text.replace("${AWS::" + name + "}", value)
    return text


def filled(value: Json, call: Callable[[str], str | None]) -> Json:
    """Return the value with `${Name}` in its texts replaced by what `call` gives, if it gives something."""
    match value:
        case str():
            for name in dict.fromkeys(_names(value)):
                known = call(name)
                value = value.replace("${" + name + "}", known) if known is not None else value
            return value
        case dict():
            return {filled(key, call): filled(item, call) for key, item in value.items()}
        case list():
            return [filled(item, call) for item in value]
        case _:
            return value


def _names(text: str) -> Iterator[str]:
    for part in text.split("${")[1:]:
        yield part.partition("}")[0]
