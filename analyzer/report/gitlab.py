"""Findings as a code quality report of GitLab.

Source: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from analyzer.checks.fingerprint import fingerprints
from analyzer.model.findings import Finding, Severity

# GitLab's own are info, minor, major, critical and blocker.
_SEVERITIES: Final = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.NOTE: "info"}


class GitlabReporter:
    """Prints findings for a merge request; `root` is the folder that their paths are relative to."""

    def __init__(self, root: str) -> None:
        self._root = root

    def check(self, findings: Sequence[Finding]) -> str:
        """Return a list with an entry for each finding."""
        marked = zip(findings, fingerprints(findings, self._root), strict=True)
        return json.dumps([_entry(finding, fingerprint) for finding, fingerprint in marked], indent=2) + "\n"


def _entry(finding: Finding, fingerprint: str) -> dict[str, object]:
    return {
        "description": finding.message,
        "check_name": finding.check,
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[finding.severity],
        "location": {"path": finding.location.path, "lines": {"begin": finding.location.start_line}},
    }
