"""What checks saw as findings, with the severity and remedy of the check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from analyzer.checks.rule import check_rule
from analyzer.checks.subject import Observation
from analyzer.model.findings import Finding


def findings_of(check: str, observations: Iterable[Observation]) -> Iterator[Finding]:
    """Yield what the check with the id `check` saw. Raises RuleError if its file is missing or wrong."""
    for seen in observations:
        rule = check_rule(check)
        yield Finding(check, rule.severity, seen.message, seen.location, seen.related, rule.remedy, seen.missing)


def by_place(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings in their order, each once."""
    return tuple(sorted(set(findings), key=lambda one: (one.location, one.check, one.message)))
