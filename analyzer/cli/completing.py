"""Completion of command lines by the shell: the scripts, and the values that some options can have."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import Final

import typer

from analyzer.errors import EXIT_CLEAN

VARIABLE: Final = "_LPA_COMPLETE"
"""The environment variable by which the shell asks what a command line could go on with."""


_WORKLOADS: Final = (
    "AWS::Lambda::Function",
    "AWS::Serverless::Function",
    "AWS::StepFunctions::StateMachine",
    "AWS::Serverless::StateMachine",
)


class Shell(StrEnum):
    """The shells that command lines can be completed in."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def print_script(shell: Shell) -> int:
    """Print what makes `shell` complete the command lines of `lpa`."""
    from typer.completion import shell_complete
    from typer.main import get_command

    from analyzer.cli.arguments import app

    os.environ[VARIABLE] = f"source_{shell}"
    be_ready()
    shell_complete(get_command(app), {}, "lpa", VARIABLE, os.environ[VARIABLE])
    return EXIT_CLEAN


def be_ready() -> None:
    """Make Typer know the shells, if one asks: they are not known to an application without `--install-completion`."""
    if VARIABLE in os.environ:
        from typer.completion import get_completion_inspect_parameters

        get_completion_inspect_parameters()


def checks(incomplete: str) -> list[str]:
    """Return the ids of checks on policies that begin with `incomplete`."""
    from analyzer.checks.ignores import UNUSED_IGNORE
    from analyzer.checks.linting import LINT_CHECKS

    return sorted(name for name in (*LINT_CHECKS, UNUSED_IGNORE) if name.startswith(incomplete))


def functions(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the functions that begin with `incomplete` of the templates that are named, or that lie here.

    SAM's translator is not asked: that would take longer than anybody waits for a completion.
    """
    from analyzer.cli.role_file import read_text
    from analyzer.config import read_selection
    from analyzer.errors import InputError, UsageError
    from analyzer.iam.positioned_json import Object
    from analyzer.templates.nodes import find, text_of
    from analyzer.templates.read import read_template

    names: set[str] = set()
    try:
        for path in read_selection(ctx.params.get("template") or (), (), (), os.getcwd()).templates:
            template = read_template(read_text(path) or "", path, [])
            resources = find(template.root, "Resources") if template else None
            if isinstance(resources, Object):
                names.update(
                    name for name, one in resources.members.items() if text_of(find(one, "Type")) in _WORKLOADS
                )
    except (InputError, UsageError):
        # Whoever runs the command will be told.
        pass
    return sorted(name for name in names if name.startswith(incomplete))
