"""Completion in the real shells, as far as they are installed: bash always is where these tests run."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Command

TEMPLATE = """\
Resources:
  PlaceOrder:
    Type: AWS::Serverless::Function
    Properties: {Handler: a.b}
  Plain:
    Type: AWS::Lambda::Function
  Pile:
    Type: AWS::S3::Bucket
  Flow:
    Type: AWS::StepFunctions::StateMachine
"""
LINES = [
    ("lpa dif", {"diff"}),
    ("lpa catalog s", {"show", "status"}),
    ("lpa completion ", {"bash", "zsh", "fish"}),
    ("lpa lint --select service-w", {"service-wildcard"}),
    ("lpa check --format gi", {"github", "gitlab"}),
    ("lpa scan --format f", {"full"}),
    ("lpa check --write-b", {"--write-baseline"}),
    ("lpa check --color a", {"auto", "always"}),
    ("lpa check --function P", {"PlaceOrder", "Plain"}),
    ("lpa check --template other.yaml --function ", {"Other"}),
    ("lpa check --template missing.yaml --function ", set[str]()),
    ("lpa check --template broken.yaml --function ", set[str]()),
]


@pytest.fixture
def folder(lpa: Command) -> Command:
    lpa.write("template.yaml", TEMPLATE)
    lpa.write("other.yaml", "Resources:\n  Other:\n    Type: AWS::Lambda::Function\n")
    lpa.write("broken.yaml", "Resources: [")
    return lpa


def run(lpa: Command, shell: str, script: str, *arguments: str) -> str:
    done = subprocess.run(
        [shell, *arguments, "-c", script],
        cwd=lpa.cwd,
        env=lpa.environment | {"PATH": f"{lpa.executable.parent}:/usr/bin:/bin", "TERM": "dumb"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout


def test_bash(folder: Command) -> None:
    """As bash itself calls the function: with the words of the line, and the number of the one that is completed."""
    script = ['eval "$(lpa completion bash)"', "complete -p lpa"]
    for line, _ in LINES:
        words = line.split(" ")
        quoted = " ".join(f"'{word}'" for word in words)
        script += [
            f"COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; COMP_LINE='{line}'; COMP_POINT={len(line)}",
            'COMPREPLY=(); _lpa_completion lpa; echo "${COMPREPLY[*]}"',
        ]
    registered, *answers = run(folder, "bash", "\n".join(script), "--norc").splitlines()
    assert registered.endswith(" -F _lpa_completion lpa")
    assert [(line, set(answer.split())) for (line, _), answer in zip(LINES, answers, strict=True)] == LINES


@pytest.mark.skipif(shutil.which("fish") is None, reason="no fish here")
def test_fish(folder: Command) -> None:
    script = ["lpa completion fish | source"]
    for line, _ in LINES:
        script += [f"complete --do-complete '{line}'", "echo END"]
    answers = run(folder, "fish", "\n".join(script), "--no-config").split("END\n")[:-1]
    for (line, expected), answer in zip(LINES, answers, strict=True):
        found = {one.split("\t")[0] for one in answer.splitlines()}
        # Without an answer fish offers files.
        assert found == expected or (not expected and "template.yaml" in found), line


@pytest.mark.skipif(shutil.which("zsh") is None, reason="no zsh here")
def test_zsh(folder: Command) -> None:
    """What zsh offers, in place of its own menu: `_arguments` is told what there is."""
    script = [
        "autoload -Uz compinit && compinit -D",
        'eval "$(lpa completion zsh)"',
        "print -r -- ${_comps[lpa]}",
        "_arguments() { print -r -- $* }",
        "_files() { print files }",
    ]
    for line, _ in LINES:
        words = line.split(" ")
        quoted = " ".join(f"'{word}'" for word in words)
        script += [f"words=({quoted}); CURRENT={len(words)}; _lpa_completion; print -- --"]
    registered, _, rest = run(folder, "zsh", "\n".join(script), "-f").partition("\n")
    assert registered == "_lpa_completion"
    for (line, expected), answer in zip(LINES, rest.split("--\n")[:-1], strict=True):
        if expected:
            assert all(name in answer for name in expected), line
        else:
            assert answer == "files\n"


def test_an_unknown_shell_is_a_usage_error(lpa: Command) -> None:
    done = lpa("completion", "tcsh")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "'tcsh' is not one of 'bash', 'zsh', 'fish'" in done.stderr
