"""Every example of every rule file: what its call needs, found as in any program, is exactly what it says."""

from __future__ import annotations

from functools import cache
from keyword import iskeyword
from pathlib import Path

import pytest

from analyzer.authorize import authorize
from analyzer.collect import collect
from analyzer.flow import interpret
from analyzer.model.calls import ApiCall
from analyzer.model.deployment import Deployment
from analyzer.model.requirements import AnyResource
from analyzer.rules import Example, rule_files, service_examples
from analyzer.sdk import load_service
from analyzer.sources import FileSources

SERVICES = tuple(path.stem for path, _ in rule_files("services"))
EXAMPLES = [
    (service, number, example)
    for service in SERVICES
    for number, example in enumerate(service_examples(service), start=1)
]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("examples")


@pytest.mark.parametrize(
    ("service", "number", "example"),
    EXAMPLES,
    ids=[f"{service}.{example.operation}:{example.line}" for service, _, example in EXAMPLES],
)
def test_example_needs_what_it_says(service: str, number: int, example: Example, folder: Path) -> None:
    (call,) = calls_in(service, folder)[number]
    authorization = authorize([call], Deployment())

    needs = [
        f"{requirement.action} on {pattern}"
        for requirement in authorization.requirements
        for pattern in (["*"] if isinstance(requirement.scope, AnyResource) else requirement.scope.patterns)
    ]
    assert (call.service, call.operation) == (service, example.operation)
    assert sorted(needs) == list(example.needs)
    assert authorization.unresolved == ()


def test_every_rule_file_is_named_like_its_client() -> None:
    assert [name for name in SERVICES if load_service(name) is None] == []
    assert {path.suffix for path, _ in rule_files("services")} <= {".yaml"}
    assert not list(Path(rule_files("services")[0][0].parent).glob("*.yml"))


@cache
def calls_in(service: str, folder: Path) -> dict[int, list[ApiCall]]:
    """Return the calls of each example of a service, by its number; all are one program, an example a line."""
    client = service.replace("-", "_")
    client = f"{client}_" if iskeyword(client) else client
    examples = [example.code.strip() for example in service_examples(service)]
    assert not [code for code in examples if "\n" in code]
    path = folder / f"{client}_examples.py"
    path.write_text("\n".join((f"import boto3; {client} = boto3.client('{service}')", *examples)), encoding="utf-8")
    found = interpret(collect([str(path)], str(folder)), FileSources())
    assert found.unresolved == ()
    calls: dict[int, list[ApiCall]] = {number: [] for number in range(1, len(examples) + 1)}
    for call in found.calls:
        calls[call.location.start_line - 1].append(call)
    return calls
