"""The README's console blocks hold what their commands print."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent


class Example(NamedTuple):
    command: str
    output: str


def _examples() -> list[Example]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return [
        Example(command, output)
        for block in re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        for command, output in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
    ]


EXAMPLES = _examples()


def test_every_command_has_an_example() -> None:
    commands = {"scan", "generate", "check", "lint", "diff", "explain", "report", "catalog", "init", "config"}
    assert {"--help", *commands} == {example.command.split()[1] for example in EXAMPLES}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.command)
def test_example(example: Example, tmp_path: Path) -> None:
    assert _printed(example.command, tmp_path) == example.output


def _printed(command: str, work: Path) -> str:
    sample = shutil.copytree(ROOT / "fixtures/apps/orders", work / "orders")
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=sample,
        env={
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/bin", "/bin"]),
            "HOME": str(work),
            "LPA_CACHE_DIR": os.environ["LPA_CACHE_DIR"],
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    return done.stdout


def test_the_named_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for target in re.findall(r"^    make (\S+)$", readme, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_links_lead_somewhere() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)]+)\)", readme):
        assert target.startswith("https://") or (ROOT / target).exists(), target
