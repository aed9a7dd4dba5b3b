"""Every example of every rule file: what its call needs is exactly what it says."""

from __future__ import annotations

import ast
from keyword import iskeyword
from pathlib import Path

import pytest

from analyzer.authorize import authorize
from analyzer.model.calls import ApiCall, Via
from analyzer.model.deployment import Deployment
from analyzer.model.location import Location
from analyzer.model.requirements import AnyResource
from analyzer.model.values import Known, Mapping, Sequence, Value
from analyzer.rules import Example, rule_files, service_examples
from analyzer.sdk import load_service

SERVICES = tuple(path.stem for path, _ in rule_files("services"))
EXAMPLES = [(service, example) for service in SERVICES for example in service_examples(service)]


@pytest.mark.parametrize(
    ("service", "example"), EXAMPLES, ids=[f"{service}.{one.operation}:{one.line}" for service, one in EXAMPLES]
)
def test_example_needs_what_it_says(service: str, example: Example) -> None:
    call = call_in(service, example.code)
    authorization = authorize([call], Deployment())

    needs = [
        f"{requirement.action} on {pattern}"
        for requirement in authorization.requirements
        for pattern in (["*"] if isinstance(requirement.scope, AnyResource) else requirement.scope.patterns)
    ]
    assert call.operation == example.operation
    assert sorted(needs) == list(example.needs)
    assert authorization.unresolved == ()


def test_every_rule_file_is_named_like_its_client() -> None:
    assert [name for name in SERVICES if load_service(name) is None] == []
    assert {path.suffix for path, _ in rule_files("services")} <= {".yaml"}
    assert not list(Path(rule_files("services")[0][0].parent).glob("*.yml"))


def call_in(service: str, code: str) -> ApiCall:
    """Return the call in an example; it is written with constants only."""
    expression = ast.parse(code.strip(), mode="eval").body
    assert isinstance(expression, ast.Call)
    assert isinstance(expression.func, ast.Attribute)
    assert isinstance(expression.func.value, ast.Name)
    client = service.replace("-", "_")
    assert expression.func.value.id == (f"{client}_" if iskeyword(client) else client)
    known = load_service(service)
    assert known is not None
    parameters: dict[str, object] = {}
    for keyword in expression.keywords:
        constant = ast.literal_eval(keyword.value)
        # Only `**{"from": 0}` can give a parameter whose name is a word of Python.
        parameters |= constant if keyword.arg is None else {keyword.arg: constant}
    value = value_of(parameters)
    assert isinstance(value, Mapping)
    location = Location("example.py", 1, 1, 1, 2)
    return ApiCall(service, known.methods[expression.func.attr], value, Via.DIRECT, location)


def value_of(constant: object) -> Value:
    if isinstance(constant, dict):
        return Mapping(tuple((value_of(key), value_of(value)) for key, value in constant.items()))
    if isinstance(constant, list | tuple | set):
        return Sequence(tuple(value_of(item) for item in constant))
    assert constant is None or isinstance(constant, str | int | float | bool | bytes)
    return Known(constant)
