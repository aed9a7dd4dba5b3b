"""`lpa lint`: what is wrong with policies, whatever program they are for."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING

from analyzer.checks.ignores import UNUSED_IGNORE, without_ignored
from analyzer.checks.linting import LINT_CHECKS, lint
from analyzer.cli.output import print_text
from analyzer.cli.role_file import managed_policy_of, read_text
from analyzer.cli.talk import look
from analyzer.errors import EXIT_CLEAN, EXIT_FINDINGS, InputError, UsageError
from analyzer.iam.inventory import read_inventory
from analyzer.iam.positioned_json import parse_json
from analyzer.model.findings import Severity
from analyzer.report import FindingsFormat, findings_reporter

if TYPE_CHECKING:
    from analyzer.iam.positioned_json import Json

_YAML = (".yaml", ".yml")


def lint_files(
    paths: Sequence[str],
    partition: str | None,
    select: Sequence[str],
    ignore: Sequence[str],
    managed: Mapping[str, str],
    output_format: FindingsFormat,
) -> int:
    """Print what the checks say of the policies in the files `paths`; exit 1 on any warning or error.

    `select` and `ignore` name checks: only the selected ones run, all if there are none, and the ignored ones do not.
    `managed` are the files of customer managed policies that roles name, by ARN. Raises UsageError for a check that
    does not exist, InputError for a file that is missing or holds no policy.
    """
    chosen = _chosen(select, ignore)
    # The roles of an account name the same policies.
    documents = cache(partial(managed_policy_of, managed))
    findings = [
        finding
        for path in dict.fromkeys(paths)
        for finding in without_ignored(
            lint(read_inventory(_parse(path), documents), partition, chosen), [path], os.getcwd(), chosen
        )
    ]
    print_text(findings_reporter(output_format, look(os.getcwd())).check(findings))
    return EXIT_FINDINGS if any(finding.severity is not Severity.NOTE for finding in findings) else EXIT_CLEAN


def _parse(path: str) -> Json:
    text = read_text(path)
    if text is None:
        raise InputError(f"{path}: no such file", "name a policy document, or a role that holds one")
    if path.endswith(_YAML):
        from analyzer.iam.positioned_yaml import parse_yaml

        return parse_yaml(text, path)
    return parse_json(text, path)


def _chosen(select: Sequence[str], ignore: Sequence[str]) -> tuple[str, ...]:
    known = (*LINT_CHECKS, UNUSED_IGNORE)
    for name in (*select, *ignore):
        if name not in known:
            from difflib import get_close_matches

            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"the checks are {', '.join(known)}"
            raise UsageError(f"there is no check {name}", hint)
    return tuple(name for name in select or known if name not in ignore)
