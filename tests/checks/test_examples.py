"""The examples in rules/checks/, run as `lpa check` runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.checks import CHECKS, Example, check_rule
from analyzer.cli.role_file import read_policy_file
from analyzer.config import Options
from analyzer.model.deployment import Deployment
from analyzer.pipeline import check


def checks_that_speak(example: Example, folder: Path) -> set[str]:
    (folder / "app.py").write_text(example.code)
    options = Options(
        sources=(str(folder / "app.py"),),
        root=str(folder),
        handler="app.handler",
        deployment=Deployment(),
        platform=None,
        function_name=None,
    )
    (folder / "role.json").write_text(example.policy)
    return {finding.check for finding in check(options, read_policy_file(str(folder / "role.json")))}


@pytest.mark.parametrize("name", CHECKS)
def test_only_the_check_itself_speaks_of_its_bad_example(name: str, tmp_path: Path) -> None:
    assert checks_that_speak(check_rule(name).bad, tmp_path) == {name}


@pytest.mark.parametrize("name", CHECKS)
def test_no_check_speaks_of_the_good_example(name: str, tmp_path: Path) -> None:
    assert checks_that_speak(check_rule(name).good, tmp_path) == set()
