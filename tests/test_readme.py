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


def _examples(text: str) -> list[Example]:
    return [
        Example(command, output)
        for block in re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        for command, output in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
    ]


README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = _examples(README)
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_every_command_has_an_example() -> None:
    commands = {"scan", "generate", "check", "lint", "diff", "explain", "report", "catalog", "init", "config"}
    assert {"--help", *commands} == {example.command.split()[1] for example in EXAMPLES}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.command)
def test_example(example: Example, tmp_path: Path) -> None:
    sample = shutil.copytree(ROOT / "fixtures/apps/orders", tmp_path / "orders")
    assert _printed(example.command, sample) == example.output


def test_getting_started_is_followed_to_the_letter(tmp_path: Path) -> None:
    """The files that the page shows are written, and the commands run, in the page's order and in one folder."""
    page = (ROOT / "docs/getting-started.md").read_text(encoding="utf-8")
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    blocks = re.findall(r"^(?:`([^`\n]+)`:\n\n)?(```\w+\n(.*?)^```\n)", page, re.MULTILINE | re.DOTALL)
    assert [name for name, *_ in blocks if name] == ["src/app.py", "template.yaml"]
    for name, block, content in blocks:
        if name:
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(content, encoding="utf-8")
        for command, output in _examples(block):
            assert _printed(command, tmp_path) == output


def _printed(command: str, folder: Path) -> str:
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/bin", "/bin"]),
            "HOME": str(folder),
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
    for target in re.findall(r"^    make (\S+)$", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        path, _, heading = target.partition("#")
        if not target.startswith(("https://", "#")):
            assert (page.parent / path).exists(), target
        if heading and path.endswith(".md"):
            assert re.search(rf"^#+ {heading}$", (page.parent / path).read_text(encoding="utf-8"), re.MULTILINE), target
