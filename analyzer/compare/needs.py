"""For each requirement: is it granted?"""

from __future__ import annotations

from collections.abc import Sequence

from analyzer.compare.requests import open_parts, requests_of
from analyzer.iam.evaluate import Denied, Unknown, evaluate
from analyzer.model.policy import Missing, Policy, PolicyKind, ReferenceKind, Undecided
from analyzer.model.requirements import Requirement


def judge_needs(
    requirements: Sequence[Requirement], granted: Policy
) -> tuple[tuple[Requirement, ...], tuple[Missing, ...], tuple[Undecided, ...]]:
    """Return the requirements that `granted` covers, what is missing, and what cannot be decided, in their order.

    A requirement of which one pattern is missing and another one undecided is in both of the latter.
    """
    covered: list[Requirement] = []
    missing: list[Missing] = []
    undecided: list[Undecided] = []
    unseen = [policy.arn for policy in granted.unseen if policy.kind is ReferenceKind.MANAGED_POLICY]
    for requirement in requirements:
        lacking, doubts = _judge(requirement, granted)
        if unseen:
            doubts += [
                f"no statement allows it on {', '.join(found.patterns)}, but {', '.join(unseen)} may"
                for found in lacking
                if _may_be_granted_elsewhere(found)
            ]
            lacking = [found for found in lacking if not _may_be_granted_elsewhere(found)]
        if not lacking and not doubts:
            covered.append(requirement)
        missing += lacking
        undecided += [Undecided(requirement, doubt) for doubt in doubts]
    return tuple(covered), tuple(missing), tuple(undecided)


def _may_be_granted_elsewhere(missing: Missing) -> bool:
    """Say whether another identity-based policy could grant what is missing: not what is denied or beyond a limit."""
    return missing.denied_by is None and missing.kinds == (PolicyKind.IDENTITY,)


def _judge(requirement: Requirement, granted: Policy) -> tuple[list[Missing], list[str]]:
    """Return what is missing of `requirement`, by what stops it, and why the rest is not certain."""
    lacking: dict[Denied, list[str]] = {}
    doubts: dict[str, list[str]] = {}
    for request in requests_of(requirement):
        pattern = request.resource or "*"
        verdict = evaluate(request, granted.statements, granted.boundary, granted.session)
        if isinstance(verdict, Denied):
            lacking.setdefault(verdict, []).append(pattern)
        elif isinstance(verdict, Unknown):
            doubts.setdefault(verdict.why, []).append(pattern)
    missing = [
        Missing(requirement, tuple(patterns), denial.statement, denial.kinds) for denial, patterns in lacking.items()
    ]
    open_ends = open_parts(requirement)
    known_by = f"; what would tell: {', '.join(open_ends)}" if open_ends else ""
    return missing, [f"{', '.join(patterns)}: {why}{known_by}" for why, patterns in doubts.items()]
