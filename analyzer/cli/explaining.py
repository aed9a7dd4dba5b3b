"""`lpa explain` and `lpa diff`: why access is needed or denied, and what a change of policy does to it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from analyzer import pipeline
from analyzer.cli.output import print_text, tell
from analyzer.cli.role_file import read_policy_file
from analyzer.cli.talk import look
from analyzer.config import Options
from analyzer.errors import EXIT_CLEAN, EXIT_FINDINGS, UsageError
from analyzer.report import ChangeFormat, Format, change_reporter, reporter

if TYPE_CHECKING:
    from analyzer.model.policy import Policy

RoleFiles = tuple[str, Mapping[str, str]]
"""The file of a role or policy, and those of the customer managed policies that it names, by ARN."""


class FailOn(StrEnum):
    """Which change of access makes `lpa diff` fail."""

    ADDED = "added"
    REMOVED = "removed"
    ANY = "any"


def explain(
    options: Options, action: str | None, denied: str | None, role: RoleFiles | None, output_format: Format
) -> int:
    """Print why the program needs `action`, or why the request of the message `denied` was; exit 1 if nothing says."""
    if (action is None) == (denied is None):
        raise UsageError(
            "one of ACTION and --denied is wanted", "name an action such as s3:GetObject, or give a message"
        )
    if denied is not None:
        return _explain_denial(options, denied, role, output_format)
    if role is not None:
        raise UsageError("--role without --denied", "leave --role out, or use lpa check to compare a role")
    needed, analysis = pipeline.explain(options, str(action))
    print_text(reporter(output_format, look(options.root)).explain(needed))
    _tell_unresolved(analysis)
    if not needed:
        tell([f"no call in the source needs {action}"])
    return EXIT_CLEAN if needed else EXIT_FINDINGS


def diff(old: str, new: str, managed: Mapping[str, str], fail_on: FailOn | None, output_format: ChangeFormat) -> int:
    """Print what the policy file `new` allows beyond `old` and what no longer; exit 1 as `fail_on` says."""
    from analyzer.compare.change import change

    found = change(read_policy_file(old, managed), read_policy_file(new, managed))
    print_text(change_reporter(output_format, look(os.getcwd())).change(found))
    failing = {
        None: False,
        FailOn.ADDED: bool(found.added),
        FailOn.REMOVED: bool(found.removed),
        FailOn.ANY: bool(found.added or found.removed or found.undecided),
    }
    return EXIT_FINDINGS if failing[fail_on] else EXIT_CLEAN


def _explain_denial(options: Options, message: str, role: RoleFiles | None, output_format: Format) -> int:
    from analyzer.iam.denial import read_denial

    granted = None if role is None else read_policy_file(*role)
    explanation, addition, analysis = pipeline.explain_denial(options, read_denial(message), granted)
    print_text(reporter(output_format, look(options.root)).denial(explanation, _statements(addition), granted))
    _tell_unresolved(analysis)
    return EXIT_CLEAN if explanation.needs else EXIT_FINDINGS


def _statements(addition: Policy | None) -> str | None:
    if addition is None:
        return None
    from analyzer.generate import render_statements

    return render_statements(addition)


def _tell_unresolved(analysis: pipeline.Analysis) -> None:
    from analyzer.report.text import unresolved_line

    tell(map(unresolved_line, analysis.unresolved))
