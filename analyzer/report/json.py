"""Results as JSON: the same content as the text, for programs, as docs/output.schema.json describes it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from analyzer.model.calls import Unresolved
from analyzer.model.findings import Finding
from analyzer.model.location import Location
from analyzer.model.policy import Policy
from analyzer.model.requirements import Condition, Reason, Requirement
from analyzer.pipeline import Analysis
from analyzer.report.sites import CallSite, call_sites, resource_patterns

if TYPE_CHECKING:
    from analyzer.compare.change import Access, Change
    from analyzer.compare.denied import Explanation
    from analyzer.states import AccessChange, Need

# Raised when a key is taken away or changes its meaning, not when one is added.
_VERSION: Final = 1


class JsonReporter:
    """Prints for programs."""

    def title(self, text: str) -> str:
        """Return nothing: what is printed is one document."""
        return ""

    def scan(self, analysis: Analysis) -> str:
        """Return `{"version": 1, "calls": [...], "unresolved": [...]}`, by place, with "unreachable" if asked."""
        document: dict[str, object] = {
            "calls": [_call(site) for site in call_sites(analysis.needs)],
            "unresolved": [_unresolved(unresolved) for unresolved in analysis.unresolved],
        }
        if analysis.unreachable is not None:
            document["unreachable"] = [_call(site) for site in call_sites(analysis.unreachable)]
        return _dump(document)

    def check(self, findings: Sequence[Finding]) -> str:
        """Return `{"version": 1, "findings": [...]}`."""
        return _dump({"findings": [_finding(finding) for finding in findings]})

    def change(self, change: Change) -> str:
        """Return `{"version": 1, "added": [...], "removed": [...], "undecided": [...]}`."""
        return _dump(_change(change))

    def access(self, change: AccessChange, base: str) -> str:
        """Return `{"version": 1, "base": ..., "functions": [...], "findings": {"new": [...], "gone": [...]}}`."""
        functions = [
            {
                "function": one.name,
                "state": one.state,
                "needs": {"added": list(map(_wanted, one.added)), "removed": list(map(_wanted, one.removed))},
                "grants": _change(one.grants),
            }
            for one in change.functions
        ]
        findings = {
            name: [{"policy": policy, "finding": _finding(finding)} for policy, finding in found]
            for name, found in (("new", change.new), ("gone", change.gone))
        }
        return _dump({"base": base, "functions": functions, "findings": findings})

    def explain(self, requirements: Sequence[Requirement]) -> str:
        """Return `{"version": 1, "needs": [...]}`."""
        return _dump({"needs": [_need(requirement) for requirement in requirements]})

    def denial(self, explanation: Explanation, addition: str | None, granted: Policy | None) -> str:
        """Return what the message says, `needs`, and the `statement` to add, which is null where none would help."""
        from dataclasses import asdict

        verdict = explanation.verdict
        return _dump(
            {
                "denial": asdict(explanation.denial),
                "needs": [_need(requirement) for requirement in explanation.needs],
                "elsewhere": [_need(requirement) for requirement in explanation.elsewhere],
                "granted": None if verdict is None else type(verdict).__name__.lower(),
                "statement": None if addition is None else json.loads(addition),
            }
        )


def _change(change: Change) -> dict[str, object]:
    return {
        "added": [_access(access) for access in change.added],
        "removed": [_access(access) for access in change.removed],
        "undecided": change.undecided,
    }


def _wanted(need: Need) -> dict[str, object]:
    place = _place(need.location) if need.location is not None else {}
    return {"action": need.action, "resource": need.resource} | place


def _need(requirement: Requirement) -> dict[str, object]:
    return {
        "action": requirement.action,
        "resources": resource_patterns(requirement),
        "conditions": _conditions(requirement.conditions),
        "reasons": [_reason(reason) for reason in requirement.reasons],
    }


def _reason(reason: Reason) -> dict[str, object]:
    call = reason.call
    made = {"service": call.service, "operation": call.operation, "chain": call.call_chain} if call is not None else {}
    place = _place(call.location) if call is not None else {}
    return place | made | {"rule": str(reason.rule)}


def _access(access: Access) -> dict[str, object]:
    from analyzer.report.change import levels_of

    return {
        "actions": access.actions,
        "resource": access.resource,
        "conditions": _conditions(access.conditions),
        "access_levels": levels_of(access),
        "other": access.other,
    } | (_place(access.location) if access.location is not None else {})


def _conditions(conditions: Sequence[Condition]) -> list[dict[str, object]]:
    return [{"operator": one.operator, "key": one.key, "values": one.values} for one in conditions]


def _call(site: CallSite) -> dict[str, object]:
    return _place(site.location) | {
        "service": site.service,
        "operation": site.operation,
        "via": site.via,
        "certain": site.certain,
        "actions": [{"action": action, "resources": resources} for action, resources in site.actions],
        "chain": site.chain,
        "identity": site.identity or None,
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
    return json.dumps({"version": _VERSION} | document, indent=2) + "\n"
