"""Runs the checks and gives what they say its severity and remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from analyzer.checks import comparison
from analyzer.checks.observed import by_place, findings_of
from analyzer.checks.subject import Observation, Subject
from analyzer.model.calls import Unresolved
from analyzer.model.findings import Finding
from analyzer.model.policy import Comparison, Policy

CHECKS: Final[dict[str, Callable[[Subject], Iterator[Observation]]]] = {
    "broad-managed-policy": comparison.broad_managed_policies,
    "broad-permission": comparison.broad_permissions,
    "incomplete-analysis": comparison.incomplete_analysis,
    "missing-permission": comparison.missing_permissions,
    "undecided-permission": comparison.undecided_permissions,
    "unused-permission": comparison.unused_permissions,
}
"""What each check looks for, by its id, which is also the name of its file in rules/checks/."""


def check(
    compared: Comparison, unresolved: Sequence[Unresolved] = (), granted: Policy | None = None
) -> tuple[Finding, ...]:
    """Return what every check says of a comparison and of what the analysis could not resolve, sorted by place.

    With them stands what is broken in the policy `granted` itself, whatever the program. Raises RuleError if the file
    of a check that says something is missing or wrong.
    """
    subject = Subject(compared, tuple(unresolved))
    findings = {finding for name, look in CHECKS.items() for finding in findings_of(name, look(subject))}
    if granted is not None:
        from analyzer.checks.linting import broken

        mistakes = broken(granted)
        # That no call uses an action which does not exist goes without saying.
        nonexistent = {mistake.location for mistake in mistakes if mistake.check == "unknown-action"}
        findings = {
            one for one in findings if one.check != "unused-permission" or one.location not in nonexistent
        }.union(mistakes)
    return by_place(findings)
