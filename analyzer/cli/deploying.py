"""The commands on templates: the same as on source, for each function of the templates."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from analyzer import deployed, pipeline
from analyzer.cli import generating
from analyzer.cli.generating import Target
from analyzer.cli.output import print_text, tell
from analyzer.cli.role_file import read_policy_file
from analyzer.cli.talk import look
from analyzer.config import Options, Selection
from analyzer.errors import EXIT_CLEAN, EXIT_FINDINGS, InputError, UsageError
from analyzer.model.location import Location
from analyzer.report import FindingsFormat, Format, reporter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from analyzer.additions import Additions
    from analyzer.cli.reporting import BaselineFile
    from analyzer.config.settings import Gate
    from analyzer.model.calls import Unresolved
    from analyzer.model.findings import Addition, Finding
    from analyzer.model.workload import OtherFunction, Workload


def scan(options: Options, selection: Selection, output_format: Format) -> int:
    """Print the calls of each function, and what of the templates could not be read."""
    found = deployed.scan(options, selection, symbols=True)
    print_scanned(map(scanned_of, found.functions), found.problems, found.others, output_format, options.root)
    return EXIT_CLEAN


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a function, called `name` at `location` and entered by `handler`, calls and needs."""

    name: str
    handler: str
    kind: str
    location: Location
    analysis: pipeline.Analysis


def scanned_of(found: tuple[Workload, pipeline.Analysis]) -> Scanned:
    """Return what there is to print of a function of a template."""
    workload, analysis = found
    return Scanned(workload.id, workload.handler, workload.kind, workload.location, analysis)


def print_scanned(
    functions: Iterable[Scanned],
    problems: Sequence[Unresolved],
    others: Sequence[OtherFunction],
    output_format: Format,
    root: str,
) -> None:
    """Print the calls of each function, what is wrong with the templates, and which functions are no Python."""
    report = reporter(output_format, look(root))
    if output_format is Format.JSON:
        listed = [
            {"function": one.name, "handler": one.handler, "file": one.location.path}
            | {"line": one.location.start_line}
            | json.loads(report.scan(one.analysis))
            for one in functions
        ]
        document = json.loads(report.scan(pipeline.Analysis((), (), tuple(problems))))
        document = {
            "version": document["version"],
            "functions": listed,
            "unresolved": document["unresolved"],
            "other_functions": [
                {"function": one.id, "runtime": one.runtime, "file": one.location.path, "line": one.location.start_line}
                for one in others
            ],
        }
        print_text(json.dumps(document, indent=2) + "\n")
        return
    for one in functions:
        title = report.title(f"{one.location}: {one.name} ({one.handler or one.kind})")
        print_text(f"{title}{report.scan(one.analysis)}")
    lines = _notes(others)
    if output_format is not Format.FULL:
        lines = [*_problem_lines(problems), *lines]
    elif problems:
        print_text(report.title("the templates") + report.scan(pipeline.Analysis((), (), tuple(problems))))
    print_text("".join(f"{line}\n" for line in lines))


def check(
    options: Options,
    selection: Selection,
    role: str | None,
    managed: Mapping[str, str],
    baseline: BaselineFile,
    gate: Gate,
    output_format: FindingsFormat,
) -> int:
    """Print how the functions' roles, or the policy in the file `role`, differ from what the functions need.

    Exits 1 as the `gate` says. What the `baseline` records is passed over.
    """
    from analyzer.cli.reporting import Checked, relative_path, report

    addition = None
    if role is None:
        found = deployed.judge(options, selection)
        findings, addition = found.findings, additions(found)
    else:
        findings = deployed.check_policy(options, selection, read_policy_file(role, managed))
    whole = not selection.functions
    policy = ", ".join(selection.templates) if role is None else relative_path(role, options.root)
    checked = Checked(policy, findings, selection.templates if whole else (), whole)
    return report([checked], options.root, baseline, gate, output_format, addition)


def additions(found: deployed.Judged) -> Callable[[Finding], Addition | None]:
    """Return what writes the permission that a finding is about as the templates of `found` would have it."""

    def addition(finding: Finding) -> Addition | None:
        return writer().addition(finding)

    @cache
    def writer() -> Additions:
        # Slow to import, and only wanted where findings are shown in full.
        from analyzer.additions import Additions

        return Additions(found)

    return addition


def generate(options: Options, selection: Selection, target: Target) -> int:
    """Write what each function needs, those of several functions to a file each: `role-Function.json`."""
    if target.shape in generating.PARTS:
        return _print_parts(options, selection, target)
    found = deployed.scan(options, selection)
    tell(_problem_lines(found.problems))
    tell(_notes(found.others))
    if not found.functions:
        raise InputError("no Python function in the templates can be analysed", "see what is said of the templates")
    if len(found.functions) > 1 and (generating.is_standard_output(target.path) or target.extend is not None):
        listed = ", ".join(workload.id for workload, _ in found.functions)
        raise UsageError(f"one policy for several functions: {listed}", "choose one with --function")
    code = EXIT_FINDINGS if target.strict and found.problems else EXIT_CLEAN
    names = _names([workload for workload, _ in found.functions])
    for (workload, analysis), name in zip(found.functions, names, strict=True):
        own = target if len(found.functions) == 1 else replace(target, path=_path(target.path, name))
        named = replace(options, function_name=None if "${" in workload.name else workload.name)
        code = max(code, generating.write(analysis, named, own))
    return code


def _names(workloads: Sequence[Workload]) -> list[str]:
    """Return what tells each function from the others: its id, behind its template where several have that id."""
    ids = [workload.id for workload in workloads]
    return [
        one.id if ids.count(one.id) == 1 else f"{os.path.splitext(one.location.path)[0]}-{one.id}" for one in workloads
    ]


def _print_parts(options: Options, selection: Selection, target: Target) -> int:
    """Print what the functions need as parts of their templates."""
    from analyzer import written
    from analyzer.report.notes import identity_notes, pin_notes

    if not generating.is_standard_output(target.path):
        raise UsageError(f"--as {target.shape} is printed only", "write - for standard output, or use lpa fix")
    if target.check or target.extend is not None or target.wildcards:
        raise UsageError(f"--check, --extend or --wildcards with --as {target.shape}", "leave them out, or use lpa fix")
    found = written.write(
        options, selection, written.Form(target.shape.value), policy_templates=target.policy_templates
    )
    tell(pin_notes(found.requirements))
    tell(identity_notes(found.needs))
    tell(_problem_lines(found.unresolved))
    tell(f"cannot be written into the template: {one}" for one in found.impossible)
    if not found.texts:
        tell(["nothing is needed beside what SAM adds"])
    print_text("".join(found.texts))
    return EXIT_FINDINGS if target.strict and (found.unresolved or found.impossible) else EXIT_CLEAN


def _path(path: str, function: str) -> str:
    stem, extension = os.path.splitext(path)
    return f"{stem}-{function.replace('/', '-')}{extension}"


def _notes(others: Iterable[OtherFunction]) -> list[str]:
    """Return a line for each template that says which of its functions are in other languages."""
    from analyzer.checks.functions import unanalysed_functions

    return [f"{seen.location}: {seen.message}" for seen in unanalysed_functions(tuple(others))]


def _problem_lines(problems: Iterable[Unresolved]) -> list[str]:
    from analyzer.report.text import unresolved_line

    return [unresolved_line(one) for one in problems]
