"""For each requirement: is it granted, and by what?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from analyzer.compare.requests import open_parts, requests_of
from analyzer.iam.evaluate import Allowed, Denied, Unknown, evaluate
from analyzer.model.policy import Covered, Missing, Policy, PolicyKind, ReferenceKind, Statement, Undecided
from analyzer.model.requirements import Reason, Requirement


def judge_needs(
    requirements: Sequence[Requirement], granted: Policy
) -> tuple[tuple[Covered, ...], tuple[Missing, ...], tuple[Undecided, ...]]:
    """Return the requirements that `granted` covers, what is missing, and what cannot be decided, in their order.

    A requirement of which one pattern is missing and another one undecided is in both of the latter. Requirements that
    differ in optional conditions alone, and to which the same happens, are one.
    """
    covered: list[Covered] = []
    missing: list[Missing] = []
    undecided: list[Undecided] = []
    unseen = [policy.arn for policy in granted.unseen if policy.kind is ReferenceKind.MANAGED_POLICY]
    for requirement in requirements:
        judged = _Judged(requirement, granted, unseen)
        if not judged.missing and not judged.doubts:
            covered.append(Covered(requirement, tuple(judged.by), tuple(judged.within)))
        missing += judged.missing
        undecided += [Undecided(judged.subject, doubt, patterns=patterns) for doubt, patterns in judged.doubts]
    return tuple(covered), tuple(_joined_missing(missing)), tuple(_joined_undecided(undecided))


class _Judged:
    """What `granted` says of one requirement: who allows it, what is missing of it, why the rest is not certain.

    `subject` is the requirement with the conditions that matter to that: its optional ones only where it would be
    allowed to some calls without them.
    """

    def __init__(self, requirement: Requirement, granted: Policy, unseen: Sequence[str]) -> None:
        self.by: dict[Statement, None] = {}
        self.within: dict[Statement, None] = {}
        lacking: dict[Denied, list[str]] = {}
        doubts: dict[str, list[str]] = {}
        self.subject = replace(requirement, conditions=requirement.asked(), optional=())
        for request in requests_of(requirement):
            verdict = evaluate(request, granted.statements, granted.boundary, granted.session)
            pattern = request.resource or "*"
            match verdict:
                case Allowed(statement, within):
                    self.by[statement] = None
                    self.within |= dict.fromkeys(within)
                    continue
                case Unknown(_, why):
                    doubts.setdefault(why, []).append(pattern)
                case Denied() if unseen and _may_be_granted_elsewhere(verdict):
                    why = f"no statement allows it, but {', '.join(unseen)} may"
                    doubts.setdefault(why, []).append(pattern)
                case Denied():
                    lacking.setdefault(verdict, []).append(pattern)
            if requirement.optional:
                at_large = replace(request, conditions=requirement.asked())
                if evaluate(at_large, granted.statements, granted.boundary, granted.session) != verdict:
                    self.subject = requirement
        self.missing = [
            Missing(self.subject, tuple(patterns), denial.statement, denial.kinds)
            for denial, patterns in lacking.items()
        ]
        open_ends = open_parts(requirement)
        known_by = f"; what would tell: {', '.join(open_ends)}" if open_ends else ""
        self.doubts = [(f"{', '.join(patterns)}: {why}{known_by}", tuple(patterns)) for why, patterns in doubts.items()]


def _may_be_granted_elsewhere(denial: Denied) -> bool:
    """Say whether another identity-based policy could grant what is missing: not what is denied or beyond a limit."""
    return denial.statement is None and denial.kinds == (PolicyKind.IDENTITY,)


def _joined_missing(found: Iterable[Missing]) -> Iterable[Missing]:
    joined: dict[tuple[object, ...], Missing] = {}
    for missing in found:
        need = missing.requirement
        key = (need.action, need.scope, need.conditions, missing.patterns, missing.denied_by, missing.kinds)
        known = joined.get(key)
        joined[key] = missing if known is None else replace(known, requirement=_both(known.requirement, need))
    return joined.values()


def _joined_undecided(found: Iterable[Undecided]) -> Iterable[Undecided]:
    joined: dict[tuple[object, ...], Undecided] = {}
    for undecided in found:
        need = undecided.subject
        assert isinstance(need, Requirement)
        key = (need.action, need.scope, need.conditions, undecided.why)
        known = joined.get(key)
        if known is not None and isinstance(known.subject, Requirement):
            undecided = replace(known, subject=_both(known.subject, need))
        joined[key] = undecided
    return joined.values()


def _both(first: Requirement, second: Requirement) -> Requirement:
    """Return the need that both are, for the reasons of both."""
    reasons: dict[Reason, None] = dict.fromkeys((*first.reasons, *second.reasons))
    return replace(first, reasons=tuple(reasons))
