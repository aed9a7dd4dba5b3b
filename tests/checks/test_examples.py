"""The examples in rules/checks/, run as `lpa check` and `lpa lint` run."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from analyzer.checks import CHECKS, Example, check_rule
from analyzer.checks.functions import FUNCTION_CHECKS
from analyzer.checks.invocations import INVOKE_CHECKS
from analyzer.checks.linting import LINT_CHECKS, lint
from analyzer.cli.role_file import managed_policy_of
from analyzer.config import Options, Selection
from analyzer.deployed import check as check_template
from analyzer.iam.inventory import read_inventory
from analyzer.iam.positioned_json import parse_json
from analyzer.iam.role import read_policy
from analyzer.model.deployment import Deployment
from analyzer.pipeline import check

DOCUMENTS = partial(managed_policy_of, {})


def checks_that_speak(example: Example, folder: Path) -> set[str]:
    if example.template:
        (folder / "template.yaml").write_text(example.template)
        options = Options((), str(folder), None, Deployment(), None, None)
        return {finding.check for finding in check_template(options, Selection(("template.yaml",)))}
    if not example.code:
        return {finding.check for finding in lint(read_inventory(parse_json(example.policy, "p.json"), DOCUMENTS))}
    (folder / "app.py").write_text(example.code)
    options = Options(
        sources=(str(folder / "app.py"),),
        root=str(folder),
        handler="app.handler",
        deployment=Deployment(),
        platform=None,
        function_name=None,
    )
    granted = read_policy(example.policy, "role.json", documents=DOCUMENTS)
    return {finding.check for finding in check(options, granted)}


@pytest.mark.parametrize("name", (*CHECKS, *LINT_CHECKS, *INVOKE_CHECKS, *FUNCTION_CHECKS))
def test_only_the_check_itself_speaks_of_its_bad_example(name: str, tmp_path: Path) -> None:
    assert checks_that_speak(check_rule(name).bad, tmp_path) == {name}


@pytest.mark.parametrize("name", (*CHECKS, *LINT_CHECKS, *INVOKE_CHECKS, *FUNCTION_CHECKS))
def test_no_check_speaks_of_the_good_example(name: str, tmp_path: Path) -> None:
    assert checks_that_speak(check_rule(name).good, tmp_path) == set()


@pytest.mark.parametrize("name", (*CHECKS, *LINT_CHECKS))
def test_a_comparison_has_a_program_and_a_policy_alone_has_none(name: str) -> None:
    for example in (check_rule(name).bad, check_rule(name).good):
        assert bool(example.code) is (name in CHECKS)


@pytest.mark.parametrize("name", (*INVOKE_CHECKS, *FUNCTION_CHECKS))
def test_functions_are_a_matter_of_templates(name: str) -> None:
    assert check_rule(name).bad.template
    assert check_rule(name).good.template
