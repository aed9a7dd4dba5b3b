"""What is left of the findings of a check, printed: without those that comments ignore and a baseline records."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from analyzer.checks import CHECKS
from analyzer.checks.ignores import UNUSED_IGNORE, without_ignored
from analyzer.cli.output import print_text, tell
from analyzer.cli.role_file import replace as replace_file
from analyzer.cli.talk import look
from analyzer.config.settings import Gate
from analyzer.config.tables import nearest
from analyzer.errors import EXIT_CLEAN, EXIT_FINDINGS, InputError, UsageError
from analyzer.model.findings import Addition, Finding, Severity
from analyzer.report import FindingsFormat, findings_reporter
from analyzer.rules.folder import rule_names

DEFAULT_BASELINE: Final = "lpa-baseline.json"
"""Where a baseline is looked for when none is named."""

INCOMPLETE: Final = "incomplete-analysis"
"""The check for what could not be resolved, which is also the name of its file in rules/checks/."""


@dataclass(frozen=True, slots=True)
class BaselineFile:
    """The baseline at `path`: to be written, or to be read; to be read only if it is there, unless it is `named`."""

    path: str
    named: bool = False
    write: bool = False


def read_baseline_flags(read: str | None, write: str | None, configured: str | None = None) -> BaselineFile:
    """Return the baseline that the flags describe, or the `configured` one.

    Raises UsageError if they ask to read one and to write one, or name no file.
    """
    if read is not None and write is not None:
        raise UsageError(
            "--baseline and --write-baseline at once", "leave one out: all findings are written, known or not"
        )
    path = configured if read is None and write is None else read if write is None else write
    if path is None:
        return BaselineFile(DEFAULT_BASELINE)
    if not path:
        raise UsageError("the path of the baseline is empty", f"name a file, such as {DEFAULT_BASELINE}")
    return BaselineFile(path, named=True, write=write is not None)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check has found, and what it was about.

    `policy` names the file with the policies, or the templates. `files` are those in which a comment that ignores
    nothing is unused, and not there for another run. `whole` is False if only some of the functions were looked at.
    """

    policy: str
    findings: Sequence[Finding]
    files: Collection[str]
    whole: bool = True


def relative_path(path: str, root: str) -> str:
    """Return `path`, however it is written, as output and baselines name it."""
    return os.path.relpath(path, root).replace(os.sep, "/")


def report(
    checked: Sequence[Checked],
    root: str,
    baseline: BaselineFile,
    gate: Gate,
    output_format: FindingsFormat,
    addition: Callable[[Finding], Addition | None] | None = None,
) -> int:
    """Print the findings that nobody has agreed to; exit 1 as the `gate` says.

    `addition` is as `Look` has it. Writes all of them to the baseline instead, if that is asked for. Raises InputError
    if the baseline is damaged, is named and not there, or cannot be written, UsageError if it is to be written with
    only a part of the findings.
    """
    kept = _without_ignored(checked, root, gate)
    if baseline.write:
        return _write(kept, root, baseline.path)
    if baseline.named or os.path.exists(baseline.path):
        kept = _unrecorded(kept, root, baseline.path)
    # What several functions share is found several times.
    findings = sorted({one for part in kept for one in part.findings}, key=_place)
    print_text(findings_reporter(output_format, look(root, addition)).check(findings))
    return EXIT_FINDINGS if fails(findings, gate) else EXIT_CLEAN


def fails(findings: Iterable[Finding], gate: Gate) -> bool:
    """Say whether one of the findings counts for the exit code."""
    order = list(Severity)
    return any(order.index(finding.severity) <= order.index(gate.severity) for finding in findings)


def checks_of(names: Sequence[str] | None) -> Sequence[str] | None:
    """Return the `names` of checks of a flag. Raises UsageError for one that does not exist."""
    for name in names or ():
        if name not in rule_names("checks"):
            near = nearest(name, sorted(rule_names("checks")))
            hint = f"did you mean {near}?" if near else "docs/checks.md describes them"
            raise UsageError(f"there is no check {name}", hint)
    return names


def judged(findings: Iterable[Finding], gate: Gate) -> tuple[Finding, ...]:
    """Return the findings of the checks that the `gate` asks for, as severe as it says."""
    chosen = tuple(one for one in findings if one.check in chosen_checks(gate, {one.check}))
    if gate.strict is None:
        return chosen
    severity = Severity.ERROR if gate.strict else Severity.NOTE
    return tuple(replace(one, severity=severity) if one.check == INCOMPLETE else one for one in chosen)


def chosen_checks(gate: Gate, checks: Iterable[str]) -> set[str]:
    """Return those of `checks` that the `gate` asks for."""
    return {check for check in checks if (not gate.select or check in gate.select) and check not in gate.ignore}


def _without_ignored(checked: Sequence[Checked], root: str, gate: Gate) -> tuple[Checked, ...]:
    """Return `checked` without the findings that comments ignore, and with what is wrong with comments."""
    parts = [replace(part, findings=judged(part.findings, gate)) for part in checked]
    every = tuple(sorted({one for part in parts for one in part.findings}, key=_place))
    files = {file for part in parts for file in part.files}
    kept = without_ignored(every, files, root, chosen_checks(gate, {*CHECKS, UNUSED_IGNORE}))
    left = tuple(replace(part, findings=[one for one in part.findings if one in kept]) for part in parts)
    found = {one for part in left for one in part.findings}
    return tuple(
        replace(part, findings=[*part.findings, *(one for one in _new(kept, found) if one.location.path in part.files)])
        for part in left
    )


def _new(findings: Iterable[Finding], known: Collection[Finding]) -> list[Finding]:
    return [one for one in findings if one not in known]


def _place(finding: Finding) -> tuple[object, ...]:
    return (finding.location, finding.check, finding.message, finding.severity, finding.related)


def _write(checked: Sequence[Checked], root: str, path: str) -> int:
    from analyzer.baseline import entries_of, read_entries, written

    if not all(part.whole for part in checked):
        raise UsageError("--write-baseline with --function would forget the other functions", "leave --function out")
    entries = [entry for part in checked for entry in entries_of(part.findings, part.policy, root)]
    policies = [part.policy for part in checked]
    replace_file(path, written(entries, policies, read_entries(path) or ()))
    tell([f"{path}: {_count(len(entries), 'finding')} of {', '.join(policies)} recorded"])
    return EXIT_CLEAN


def _unrecorded(checked: Sequence[Checked], root: str, path: str) -> tuple[Checked, ...]:
    from analyzer.baseline import read_entries, remainder

    entries = read_entries(path)
    if entries is None:
        raise InputError(f"{path}: no such file", f"write it with lpa check --write-baseline {path}")
    left = [(part, remainder(part.findings, entries, part.policy, root)) for part in checked]
    known = sum(len(part.findings) - len(one.new) for part, one in left)
    if known:
        tell([f"{path}: {_count(known, 'finding')} recorded there, not reported"])
    gone = [entry for part, one in left if part.whole for entry in one.gone]
    if gone:
        tell(f"{path}: gone: {entry.file}: {entry.message} [{entry.check}]" for entry in gone)
        tell([f"{path}: write it anew with --write-baseline {path}"])
    return tuple(replace(part, findings=one.new) for part, one in left)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
