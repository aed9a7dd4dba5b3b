"""Results as JSON: the same content as the text, for programs. Keys are only ever added."""

from __future__ import annotations

import json
from collections.abc import Sequence

from analyzer.model.calls import Unresolved
from analyzer.model.findings import Finding
from analyzer.model.location import Location
from analyzer.pipeline import Analysis
from analyzer.report.sites import CallSite, call_sites


class JsonReporter:
    """Prints for programs."""

    def scan(self, analysis: Analysis) -> str:
        """Return `{"calls": [...], "unresolved": [...]}`, sorted by place; with "unreachable" if that was asked for."""
        document: dict[str, object] = {
            "calls": [_call(site) for site in call_sites(analysis.needs)],
            "unresolved": [_unresolved(unresolved) for unresolved in analysis.unresolved],
        }
        if analysis.unreachable is not None:
            document["unreachable"] = [_call(site) for site in call_sites(analysis.unreachable)]
        return _dump(document)

    def check(self, findings: Sequence[Finding]) -> str:
        """Return `{"findings": [...]}`."""
        return _dump({"findings": [_finding(finding) for finding in findings]})


def _call(site: CallSite) -> dict[str, object]:
    return _place(site.location) | {
        "service": site.service,
        "operation": site.operation,
        "via": site.via,
        "certain": site.certain,
        "actions": [{"action": action, "resources": resources} for action, resources in site.actions],
        "chain": site.chain,
    }


def _unresolved(unresolved: Unresolved) -> dict[str, object]:
    return _place(unresolved.location) | {
        "reason": unresolved.reason,
        "detail": unresolved.detail,
        "candidates": unresolved.candidates,
    }


def _finding(finding: Finding) -> dict[str, object]:
    return _place(finding.location) | {
        "check": finding.check,
        "severity": finding.severity,
        "message": finding.message,
        "remedy": finding.remedy,
        "related": [_place(related.location) | {"message": related.message} for related in finding.related],
    }


def _place(location: Location) -> dict[str, object]:
    return {
        "file": location.path,
        "line": location.start_line,
        "column": location.start_column,
        "end_line": location.end_line,
        "end_column": location.end_column,
    }


def _dump(document: dict[str, object]) -> str:
    return json.dumps(document, indent=2) + "\n"
