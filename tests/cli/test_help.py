"""What `--help` says: readable in 80 columns, whole, and with examples that run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer
from typer.core import TyperGroup

from analyzer.cli.arguments import app
from analyzer.cli.examples import EXAMPLES, Example

if TYPE_CHECKING:
    from tests.conftest import Command

ROOT = Path(__file__).resolve().parent.parent.parent
# There is next to nothing to say to them.
WITHOUT_EXAMPLES = {"catalog export", "catalog status", "catalog update"}


@cache
def commands() -> dict[str, frozenset[str]]:
    """The options of each command, by its name."""
    found: dict[str, frozenset[str]] = {}

    def add(group: TyperGroup, before: str) -> None:
        for name, command in group.commands.items():
            if isinstance(command, TyperGroup):
                add(command, f"{before}{name} ")
            else:
                found[before + name] = frozenset(opt for one in command.params for opt in one.opts if opt[:2] == "--")

    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    add(group, "")
    return found


def test_every_command_has_examples() -> None:
    assert set(EXAMPLES) == set(commands()) - WITHOUT_EXAMPLES
    main = {name: examples for name, examples in EXAMPLES.items() if " " not in name}
    assert all(2 <= len(examples) <= 5 for examples in main.values())
    for name, examples in EXAMPLES.items():
        assert all(f"lpa {name}" in example.command for example in examples)


@pytest.mark.parametrize("name", ["", "catalog", *commands()])
def test_help_is_whole_and_fits(lpa: Command, name: str) -> None:
    done = lpa(*name.split(), "--help")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert not [line for line in lines if re.search(r"\w\.\.\.$", line)], "cut short"
    for option in commands().get(name, ()):
        assert f" {option}" in done.stdout
    for example in EXAMPLES.get(name, ()):
        assert f"  {example.command}" in lines
        assert f"  # {example.says}" in lines


def test_help_is_the_same_on_a_terminal(lpa: Command) -> None:
    from tests.cli.terminal import shown

    for columns in (80, 200):
        assert shown(lpa, "check", "--help", columns=columns).text == lpa("check", "--help").stdout


@pytest.fixture(scope="module")
def examples_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("examples") / "app"
    shutil.copytree(ROOT / "fixtures/apps/orders", folder)
    shutil.copytree(ROOT / "fixtures/apps/shop", folder, dirs_exist_ok=True)
    for command in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "all"],
    ):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


@pytest.mark.parametrize(
    "example", [one for examples in EXAMPLES.values() for one in examples], ids=lambda one: one.command
)
def test_example(example: Example, examples_folder: Path, lpa: Command, tmp_path: Path) -> None:
    folder = shutil.copytree(examples_folder, tmp_path / "app")
    done = subprocess.run(
        ["bash", "-c", example.command],
        cwd=folder,
        env=lpa.environment | {"PATH": os.pathsep.join([str(lpa.executable.parent), "/usr/bin", "/bin"])},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode in (0, 1)
    assert "lpa: error" not in done.stderr
    assert done.stdout or done.stderr or example.command.startswith("eval")
