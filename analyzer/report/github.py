"""Findings as workflow commands of GitHub Actions, which show them beside the changed lines of a pull request.

Sources: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands for the commands,
https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts for what has to be escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from analyzer.model.findings import Finding, Severity

_COMMANDS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_DATA: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY: Final = {**_DATA, **str.maketrans({":": "%3A", ",": "%2C"})}


class GithubReporter:
    """Prints findings as annotations."""

    def check(self, findings: Sequence[Finding]) -> str:
        """Return a line for each finding; nothing if there is none."""
        return "".join(f"{_command(finding)}\n" for finding in findings)


def _command(finding: Finding) -> str:
    place = finding.location
    # Columns belong to one line: GitHub takes none where the lines differ.
    # https://docs.github.com/en/rest/checks/runs#create-a-check-run
    columns = {"col": place.start_column, "endColumn": place.end_column} if place.start_line == place.end_line else {}
    lines = {"line": place.start_line, "endLine": place.end_line}
    properties = {"file": place.path, **lines, **columns, "title": finding.check}
    told = ",".join(f"{name}={str(value).translate(_PROPERTY)}" for name, value in properties.items())
    return f"::{_COMMANDS[finding.severity]} {told}::{_message(finding).translate(_DATA)}"


def _message(finding: Finding) -> str:
    related = (f"{related.location}: {related.message}" for related in finding.related)
    return "\n".join((finding.message, *related, *([finding.remedy] if finding.remedy else [])))
