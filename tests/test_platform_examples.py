"""The examples in rules/platform/, each a function of a template, run as `lpa scan` runs on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from textwrap import indent

import pytest
from ruamel.yaml import YAML

from analyzer.config import Options, Selection
from analyzer.deployed import scan
from analyzer.model.deployment import Deployment
from analyzer.model.requirements import Arns, Requirement
from analyzer.model.workload import Workload
from analyzer.platform import platform_needs
from analyzer.templates import read_workloads

RULES = Path(__file__).parent.parent / "rules/platform"
SYMBOLS = Deployment(symbols=True)
FUNCTION = """\
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.12
      Handler: index.handler
      Role: arn:aws:iam::123456789012:role/shop
"""
HANDLER = "def handler(event, context): pass"


def template(function: str = "", resources: str = "", code: str = HANDLER, parameters: tuple[str, ...] = ()) -> str:
    declared = "".join(f"  {name}: {{Type: String}}\n" for name in parameters)
    code = f"Code:\n  ZipFile: |\n{indent(code, '    ')}\n"
    own = indent(code + function.rstrip("\n") + "\n", " " * 6)
    return (f"Parameters:\n{declared}" if declared else "") + f"Resources:\n{FUNCTION}{own}{indent(resources, '  ')}\n"


def workload_of(text: str, folder: Path) -> Workload:
    (folder / "template.yaml").write_text(text)
    found = read_workloads(["template.yaml"], str(folder), Deployment(), {})
    assert not found.problems
    return next(one for one in found.workloads if one.id == "Function")


def line(need: Requirement) -> str:
    resources = ", ".join(need.scope.patterns) if isinstance(need.scope, Arns) else "*"
    under = " and ".join(f"{one.key} {', '.join(one.values)}" for one in need.conditions)
    return f"{need.action} on {resources}" + (f" under {under}" if under else "")


def lines(needs: tuple[Requirement, ...], rule: str) -> list[str]:
    return sorted(line(need) for need in needs if any(str(reason.rule) == rule for reason in need.reasons))


def examples(name: str, section: str) -> Iterator[object]:
    for key, entry in YAML(typ="safe").load(RULES / name)[section].items():
        given = entry["example"]
        for number, example in enumerate(given if isinstance(given, list) else [given]):
            yield pytest.param(key, example, id=f"{key}-{number}")


@pytest.mark.parametrize(("key", "example"), [*examples("lambda.yaml", "permissions")])
def test_a_function_needs_what_the_example_says(key: str, example: dict[str, object], tmp_path: Path) -> None:
    text = template(str(example.get("function", "")), str(example.get("resources", "")))
    needs = platform_needs(workload_of(text, tmp_path), SYMBOLS, narrow=True)
    assert lines(needs.requirements, f"rules/platform/lambda.yaml#{key}") == example["needs"]
    assert needs.unresolved == ()
    assert {need.action for need in needs.requirements} <= {need.action for need in needs.tolerated}


def options(folder: Path, *, symbols: bool = False) -> Options:
    return Options((), str(folder), None, Deployment(symbols=symbols), None, None)


@pytest.mark.parametrize(("resource_type", "example"), [*examples("keys.yaml", "resources")])
def test_a_call_needs_of_the_key_what_the_example_says(
    resource_type: str, example: dict[str, object], tmp_path: Path
) -> None:
    code = f"import boto3, os\ndef handler(event, context):\n    {example['code']}"
    text = template(
        "Environment: {Variables: {THING: !Ref Thing}}",
        str(example["resources"]),
        code,
        tuple(example.get("parameters", ())),  # type: ignore[arg-type]
    )
    (tmp_path / "template.yaml").write_text(text)
    found = scan(options(tmp_path), Selection(("template.yaml",)), symbols=True)
    ((_, analysis),) = found.functions
    assert lines(analysis.requirements, f"rules/platform/keys.yaml#{resource_type}") == example["needs"]
    ((call, of_call),) = analysis.needs
    assert lines(of_call, f"rules/platform/keys.yaml#{resource_type}") == example["needs"]
    for need in of_call:
        assert {reason.call for reason in need.reasons} == {call}
