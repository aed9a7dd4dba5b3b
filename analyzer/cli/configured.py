"""The commands on all that the configuration names, run in the folder of the configuration."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from analyzer import configured
from analyzer.cli import deploying, generating
from analyzer.cli.deploying import Scanned, print_scanned, scanned_of
from analyzer.cli.generating import Target
from analyzer.cli.reporting import BaselineFile, Checked, read_baseline_flags, report
from analyzer.cli.role_file import read_policy_file
from analyzer.cli.wanted import Wanted, from_folder
from analyzer.errors import EXIT_CLEAN, EXIT_FINDINGS, InputError, UsageError
from analyzer.reading import read_bytes
from analyzer.report import FindingsFormat, Format

if TYPE_CHECKING:
    from analyzer.config.settings import Gate, Settings
    from analyzer.model.findings import Addition, Finding
    from analyzer.model.policy import Policy

# What a function without a handler is called by.
_KIND: Final = "every function"


def check(
    wanted: Wanted, managed: Mapping[str, str], baseline: BaselineFile, gate: Gate, output_format: FindingsFormat
) -> int:
    """Print how the policies and roles differ from what the functions need; exit 1 as the `gate` says.

    The path of the `baseline` is relative to the folder of the configuration.
    """
    folder = wanted.settings.folder
    given = {arn: os.path.abspath(file) for arn, file in managed.items()}
    chosen, changed = wanted.choose(), wanted.affected(baseline.path)
    if wanted.role is not None and chosen.templates:
        raise UsageError(f"{wanted.role} and a function of a configured template", "name the template with --template")

    def read(policy: str, files: Mapping[str, str]) -> Policy:
        if not os.path.exists(policy):
            raise InputError(f"{policy}: no such file", "write it with lpa generate --all, or name another policy")
        return read_policy_file(policy, {**files, **given})

    with contextlib.chdir(folder):
        parts = configured.check(chosen, read, changed)
        # A comment may be for what a function that is not looked at reaches.
        whole = chosen.whole and changed is None
        checked = [Checked(one.policy, one.findings, one.files if whole else (), one.whole) for one in parts]
        return report(checked, folder, baseline, gate, output_format, _additions(parts))


def _additions(parts: Iterable[configured.Part]) -> Callable[[Finding], Addition | None]:
    of_templates = [deploying.additions(part.judged) for part in parts if part.judged is not None]

    def addition(finding: Finding) -> Addition | None:
        return next((found for one in of_templates if (found := one(finding)) is not None), None)

    return addition


def scan(wanted: Wanted, output_format: Format) -> int:
    """Print the calls of each function, and what of the templates could not be read."""
    chosen = wanted.choose()
    with contextlib.chdir(wanted.settings.folder):
        functions, templates = configured.scan(chosen)
        scanned = [
            *(
                Scanned(one.name, one.options.handler or "", "function", one.location, found)
                for one, found in functions
            ),
            *(scanned_of(function) for template in templates for function in template.functions),
        ]
        problems = [problem for template in templates for problem in template.problems]
        others = [other for template in templates for other in template.others]
        print_scanned(scanned, problems, others, output_format, wanted.settings.folder)
    return EXIT_CLEAN


def generate(wanted: Wanted, target: Target) -> int:
    """Write the policy file of each function; exit 1 as `generating.write` does, and if `changed` files changed one."""
    chosen, changed = wanted.choose(), wanted.affected()
    if not chosen.functions and len(chosen.templates) == 1 and target.path:
        (template,) = chosen.templates
        return deploying.generate(template.options, template.selection, target)
    if target.extend is not None or target.shape in generating.PARTS:
        flag = f"--as {target.shape}" if target.extend is None else "--extend"
        raise UsageError(f"{flag} with configured functions", "name the source, or the template with --template")
    if not chosen.functions:
        raise UsageError("no policy file to write, only templates", "lpa fix writes into templates")
    code = EXIT_CLEAN
    with contextlib.chdir(wanted.settings.folder):
        for policy, function, analysis in configured.needs(chosen, changed):
            before = _content(policy)
            code = max(code, generating.write(analysis, function.options, replace(target, path=policy)))
            if wanted.changed is not None and _content(policy) != before:
                code = EXIT_FINDINGS
    return code


def policies(settings: Settings) -> list[str]:
    """Return the policy files of the configured functions, sorted, relative to the working directory."""
    return sorted({settings.path(one.policy) for one in settings.functions if one.policy is not None})


def _content(path: str) -> bytes | None:
    try:
        return read_bytes(path, path)
    except (FileNotFoundError, InputError):
        return None


def baseline_of(settings: Settings, read: str | None, write: str | None) -> BaselineFile:
    """Return the baseline that the flags or the configuration name, relative to the folder of the configuration."""
    place = partial(from_folder, settings)
    return read_baseline_flags(read and place(read), write and place(write), settings.baseline)
