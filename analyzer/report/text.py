"""Results as text: one line for each finding, call or unresolved place, details indented below it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from analyzer.model.calls import Unresolved
from analyzer.pipeline import Analysis
from analyzer.report.sites import CallSite, call_sites
from analyzer.sdk import load_service

if TYPE_CHECKING:
    from analyzer.compare.change import Change
    from analyzer.compare.denied import Explanation
    from analyzer.model.findings import Finding
    from analyzer.model.policy import Policy
    from analyzer.model.requirements import Requirement
    from analyzer.states import AccessChange


class TextReporter:
    """Prints for people."""

    def title(self, text: str) -> str:
        """Return `text` as a line of its own."""
        return f"{text}\n"

    def scan(self, analysis: Analysis) -> str:
        """Return the calls by place, each with its actions and resources, then what could not be resolved."""
        sites = call_sites(analysis.needs)
        lines = [line for site in sites for line in _site_lines(site, with_chain=analysis.entry is not None)]
        lines += [unresolved_line(unresolved) for unresolved in analysis.unresolved]
        counts = [_count(len(sites), "call"), f"{len(analysis.unresolved)} unresolved"]
        if analysis.unreachable is not None:
            left_out = call_sites(analysis.unreachable)
            lines += [
                f"{site.location}: unreachable: {site.service}.{site.operation} ({site.via})" for site in left_out
            ]
            counts.append(f"{len(left_out)} unreachable from {analysis.entry}")
        lines.append(", ".join(counts))
        return _joined(lines)

    def check(self, findings: Sequence[Finding]) -> str:
        """Return the findings, each with its related places and remedy, and how many there are."""
        lines = [line for finding in findings for line in _finding_lines(finding)]
        lines.append(_count(len(findings), "finding"))
        return _joined(lines)

    def change(self, change: Change) -> str:
        """Return a line for each access added or removed, and how many there are."""
        from analyzer.report.change import change_lines

        return _joined(list(change_lines(change)))

    def access(self, change: AccessChange, base: str) -> str:
        """Return a line for each need, grant and finding that is new or gone, by function, and how many there are."""
        from analyzer.report.change import access_lines

        return _joined(list(access_lines(change, base)))

    def explain(self, requirements: Sequence[Requirement]) -> str:
        """Return each requirement with its call sites and rules."""
        from analyzer.report.explanation import need_lines

        return _joined(list(need_lines(requirements)))

    def denial(self, explanation: Explanation, addition: str | None, granted: Policy | None) -> str:
        """Return what was denied, by what, who needs it and what to do."""
        from analyzer.report.explanation import denial_lines

        return _joined(list(denial_lines(explanation, addition, granted)))


def unresolved_line(unresolved: Unresolved) -> str:
    """Return one line that says what could not be resolved, where and why."""
    candidates = f" (may be {', '.join(unresolved.candidates)})" if unresolved.candidates else ""
    return f"{unresolved.location}: unresolved: {unresolved.detail} [{unresolved.reason}]{candidates}"


def _site_lines(site: CallSite, *, with_chain: bool) -> Iterator[str]:
    certainty = "certain" if site.certain else "possible"
    owner = f", with {site.identity}" if site.identity else ""
    yield f"{site.location}: {site.service}.{site.operation} ({site.via}, {certainty}{owner})"
    if with_chain:
        yield f"    {' → '.join((*site.chain, _method(site)))}"
    if not site.actions:
        yield "    needs no permission"
    for action, resources in site.actions:
        for resource in resources:
            yield f"    {action} on {resource}"


def _method(site: CallSite) -> str:
    """Return the operation by the name of its client method; an action of a library has none."""
    service = load_service(site.service)
    operation = service.operations.get(site.operation) if service is not None else None
    return site.operation if operation is None else operation.method


def _finding_lines(finding: Finding) -> Iterator[str]:
    yield f"{finding.location}: {finding.severity}: {finding.message} [{finding.check}]"
    for related in finding.related:
        yield f"    {related.location}: {related.message}"
    if finding.remedy:
        yield f"    {finding.remedy}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _joined(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
