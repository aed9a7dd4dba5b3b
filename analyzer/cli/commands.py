"""What each command does once its arguments are parsed: analyse, report, say how it went."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from enum import StrEnum

from analyzer import pipeline
from analyzer.cli import role_file
from analyzer.config import Options
from analyzer.errors import EXIT_CLEAN, EXIT_FINDINGS, InputError, UsageError
from analyzer.model.findings import Severity
from analyzer.model.policy import Policy
from analyzer.report import Format, reporter

_STANDARD_OUTPUT = "-"
# The name of a role whose function's name is not known.
_ROLE = "execution-role"


class Shape(StrEnum):
    """What `lpa generate` writes."""

    POLICY = "policy"
    ROLE = "role"


def scan(options: Options, output_format: Format) -> int:
    """Print the calls of the program and what could not be resolved."""
    _print(reporter(output_format).scan(pipeline.scan(options)))
    return EXIT_CLEAN


def check(options: Options, role: str, output_format: Format) -> int:
    """Print how the policy in the file `role` differs from what the program needs; exit 1 on any warning or error."""
    text = role_file.read_text(role)
    if text is None:
        raise InputError(f"{role}: no such file", "name the policy or role to check")
    findings = pipeline.check(options, _policy(text, role))
    _print(reporter(output_format).check(findings))
    return EXIT_FINDINGS if any(finding.severity is not Severity.NOTE for finding in findings) else EXIT_CLEAN


def generate(options: Options, role: str, shape: Shape, *, check: bool, strict: bool) -> int:
    """Write what the program needs to the file `role`, or show the difference; exit 1 if there is one, or on `strict`.

    A file that is there already is replaced only if it holds a policy, so that a wrong name costs nothing.
    """
    if role == _STANDARD_OUTPUT and check:
        raise UsageError("--check has nothing to compare standard output with", "name the policy file")
    previous = None if role == _STANDARD_OUTPUT else role_file.read_text(role)
    if previous is not None:
        _policy(previous, role)
    policy, analysis = pipeline.generate(options)
    text = _rendered(policy, shape, options)
    _tell(_remarks(policy, analysis))
    if role == _STANDARD_OUTPUT:
        _print(text)
    elif previous == text:
        _tell([f"{role} is up to date"])
    elif check:
        _print(_difference(previous or "", text, role))
        return EXIT_FINDINGS
    else:
        role_file.replace(role, text)
        _tell([f"{role} is written"])
    return EXIT_FINDINGS if strict and analysis.unresolved else EXIT_CLEAN


def _policy(text: str, path: str) -> Policy:
    from analyzer.iam.role import read_policy

    return read_policy(text, path)


def _rendered(policy: Policy, shape: Shape, options: Options) -> str:
    from analyzer.generate import render, render_role

    return render(policy) if shape is Shape.POLICY else render_role(policy, options.function_name or _ROLE)


def _remarks(policy: Policy, analysis: pipeline.Analysis) -> list[str]:
    from analyzer.generate import notes
    from analyzer.report.notes import pin_notes
    from analyzer.report.text import unresolved_line

    about_policy = [f"note: {note}" for note in notes(policy)]
    return [*about_policy, *pin_notes(analysis.requirements), *map(unresolved_line, analysis.unresolved)]


def _difference(old: str, new: str, path: str) -> str:
    from difflib import unified_diff

    lines = unified_diff(old.splitlines(True), new.splitlines(True), path, f"{path} (as the source needs it)")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _print(text: str) -> None:
    # As UTF-8 whatever the locale, so that the same input gives the same bytes.
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))


def _tell(lines: Iterable[str]) -> None:
    for line in lines:
        print(f"lpa: {line}", file=sys.stderr)
