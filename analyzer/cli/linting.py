"""`lpa lint`: what is wrong with policies, whatever program they are for."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Final

from analyzer.checks.ignores import UNUSED_IGNORE, without_ignored
from analyzer.checks.linting import LINT_CHECKS, lint
from analyzer.cli.output import print_text
from analyzer.cli.reporting import chosen_checks, fails
from analyzer.cli.role_file import managed_policy_of, read_text
from analyzer.cli.talk import look
from analyzer.config.settings import Gate
from analyzer.config.tables import nearest
from analyzer.errors import EXIT_CLEAN, EXIT_FINDINGS, InputError, UsageError
from analyzer.iam.inventory import holds_policies, read_inventory
from analyzer.iam.positioned_json import parse_json
from analyzer.model.findings import Finding
from analyzer.report import FindingsFormat, findings_reporter

if TYPE_CHECKING:
    from analyzer.iam.positioned_json import Json

_YAML = (".yaml", ".yml")
# Whatever holds a policy has one of these words in it.
_MARKS: Final = re.compile(r"\bStatement\b|PolicyDocument\b")


@dataclass(frozen=True, slots=True)
class Lint:
    """How policies are looked at: the checks of the `gate` run, those named by flags have to be some of lint's.

    All ARNs have to be in `partition`, if that is said. `managed` are the files of customer managed policies that roles
    name, by ARN. With `only_policies`, files that hold no policy are passed over.
    """

    gate: Gate
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    partition: str | None
    managed: Mapping[str, str]
    only_policies: bool = False


def lint_files(paths: Sequence[str], how: Lint, output_format: FindingsFormat) -> int:
    """Print what the checks say of the policies in the files `paths`; exit 1 as the gate says.

    Raises UsageError for a check that does not exist, InputError for a file that is missing or holds no policy.
    """
    chosen = _chosen(how)
    # The roles of an account name the same policies.
    documents = cache(partial(managed_policy_of, how.managed))
    findings: list[Finding] = []
    for path in dict.fromkeys(paths):
        if how.only_policies and not _may_be_policy(path):
            continue
        found = lint(read_inventory(_parse(path), documents), how.partition, chosen)
        findings += without_ignored(found, [path], os.getcwd(), chosen)
    print_text(findings_reporter(output_format, look(os.getcwd())).check(findings))
    return EXIT_FINDINGS if fails(findings, how.gate) else EXIT_CLEAN


def _may_be_policy(path: str) -> bool:
    """Say whether there are policies in the file, as far as can be seen."""
    text = read_text(path) or ""
    if not _MARKS.search(text):
        return False
    try:
        return holds_policies(_parse(path))
    except InputError:
        # What looks like a policy and cannot be read is worth an error.
        return True


def _parse(path: str) -> Json:
    text = read_text(path)
    if text is None:
        raise InputError(f"{path}: no such file", "name a policy document, or a role that holds one")
    if path.endswith(_YAML):
        from analyzer.iam.positioned_yaml import parse_yaml

        return parse_yaml(text, path)
    return parse_json(text, path)


def _chosen(how: Lint) -> tuple[str, ...]:
    known = (*LINT_CHECKS, UNUSED_IGNORE)
    for name in (*how.select, *how.ignore):
        if name not in known:
            near = nearest(name, known)
            hint = f"did you mean {near}?" if near else f"the checks are {', '.join(known)}"
            raise UsageError(f"there is no check {name}", hint)
    return tuple(name for name in known if name in chosen_checks(how.gate, known))
