"""What is left of the findings of a check, printed: without those that comments ignore and a baseline records."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from analyzer.checks import CHECKS
from analyzer.checks.ignores import UNUSED_IGNORE, without_ignored
from analyzer.cli.output import print_text, tell
from analyzer.cli.role_file import replace
from analyzer.cli.talk import look
from analyzer.errors import EXIT_CLEAN, EXIT_FINDINGS, InputError, UsageError
from analyzer.model.findings import Addition, Finding, Severity
from analyzer.report import FindingsFormat, findings_reporter

DEFAULT_BASELINE: Final = "lpa-baseline.json"
"""Where a baseline is looked for when none is named."""


@dataclass(frozen=True, slots=True)
class BaselineFile:
    """The baseline at `path`: to be written, or to be read; to be read only if it is there, unless it is `named`."""

    path: str
    named: bool = False
    write: bool = False


def read_baseline_flags(read: str | None, write: str | None) -> BaselineFile:
    """Return the baseline that the flags describe.

    Raises UsageError if they ask to read one and to write one, or name no file.
    """
    if read is not None and write is not None:
        raise UsageError(
            "--baseline and --write-baseline at once", "leave one out: all findings are written, known or not"
        )
    path = read if write is None else write
    if path is None:
        return BaselineFile(DEFAULT_BASELINE)
    if not path:
        raise UsageError("the path of the baseline is empty", f"name a file, such as {DEFAULT_BASELINE}")
    return BaselineFile(path, named=True, write=write is not None)


@dataclass(frozen=True, slots=True)
class Checked:
    """What the findings are about.

    `policy` names the file with the policies, or the templates. `files` are those in which a comment that ignores
    nothing is unused, and not there for another run. `whole` is False if only some of the functions were looked at.
    """

    policy: str
    files: tuple[str, ...]
    whole: bool = True


def relative_path(path: str, root: str) -> str:
    """Return `path`, however it is written, as output and baselines name it."""
    return os.path.relpath(path, root).replace(os.sep, "/")


def report(
    findings: Sequence[Finding],
    checked: Checked,
    root: str,
    baseline: BaselineFile,
    output_format: FindingsFormat,
    addition: Callable[[Finding], Addition | None] | None = None,
) -> int:
    """Print the findings that nobody has agreed to; exit 1 if one is a warning or an error.

    `addition` is as `Look` has it. Writes all of them to the baseline instead, if that is asked for. Raises InputError
    if the baseline is damaged, is named and not there, or cannot be written, UsageError if it is to be written with
    only a part of the findings.
    """
    findings = without_ignored(findings, checked.files, root, {*CHECKS, UNUSED_IGNORE})
    if baseline.write:
        return _write(findings, checked, root, baseline.path)
    if baseline.named or os.path.exists(baseline.path):
        findings = _unrecorded(findings, checked, root, baseline.path)
    print_text(findings_reporter(output_format, look(root, addition)).check(findings))
    return EXIT_FINDINGS if any(finding.severity is not Severity.NOTE for finding in findings) else EXIT_CLEAN


def _write(findings: Sequence[Finding], checked: Checked, root: str, path: str) -> int:
    from analyzer.baseline import entries_of, read_entries, written

    if not checked.whole:
        raise UsageError("--write-baseline with --function would forget the other functions", "leave --function out")
    entries = entries_of(findings, checked.policy, root)
    replace(path, written(entries, checked.policy, read_entries(path) or ()))
    tell([f"{path}: {_count(len(entries), 'finding')} of {checked.policy} recorded"])
    return EXIT_CLEAN


def _unrecorded(findings: Sequence[Finding], checked: Checked, root: str, path: str) -> tuple[Finding, ...]:
    from analyzer.baseline import read_entries, remainder

    entries = read_entries(path)
    if entries is None:
        raise InputError(f"{path}: no such file", f"write it with lpa check --write-baseline {path}")
    left = remainder(findings, entries, checked.policy, root)
    if len(left.new) < len(findings):
        tell([f"{path}: {_count(len(findings) - len(left.new), 'finding')} recorded there, not reported"])
    if left.gone and checked.whole:
        tell(f"{path}: gone: {entry.file}: {entry.message} [{entry.check}]" for entry in left.gone)
        tell([f"{path}: write it anew with --write-baseline {path}"])
    return left.new


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
