"""Requirements held against the policy that is granted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from analyzer.compare.grants import judge_grants
from analyzer.compare.needs import judge_needs
from analyzer.model.location import Location
from analyzer.model.policy import Comparison, Policy, ReferenceKind, Undecided
from analyzer.model.requirements import Requirement

__all__ = ["compare"]

# Where a policy stands that was not read from a file.
_NO_FILE: Final = Location("<policy>", 1, 1, 1, 1)

_WHY_UNSEEN: Final = {
    ReferenceKind.MANAGED_POLICY: "its document is not in the file, so what it grants and denies is not known",
    ReferenceKind.BOUNDARY: "its document is not in the file, so it may deny what the role's policies allow",
}


def compare(
    requirements: Sequence[Requirement],
    granted: Policy,
    platform: Sequence[Requirement] = (),
    *,
    conditions: bool = False,
) -> Comparison:
    """Return how far `granted` covers `requirements`, and how far it goes beyond them.

    A requirement is judged pattern by pattern. A region or account that nobody said counts as the one that is granted.
    What else is open in a pattern (a table's name that is not known) may stand for anything: the pattern is covered if
    all of that is granted, missing if none of it is, and undecided otherwise. A managed policy that is not seen may
    grant whatever is missing, so nothing is called missing then unless a statement denies it.

    `platform` is what the program's platform needs, whether or not the caller counts that among `requirements`: a grant
    of such an action is never called unused, on whatever resource, as where the platform writes to is configured
    outside the program (https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html).

    The conditions of a requirement are known to hold. A grant that lacks them is too broad, but for the optional ones,
    which are asked for with `conditions` only.
    """
    covered, missing, undecided_needs = judge_needs(requirements, granted)
    grants = judge_grants(requirements, granted, platform, conditions=conditions)
    unseen = [Undecided(reference, _WHY_UNSEEN[reference.kind]) for reference in granted.unseen]
    return Comparison(
        covered=covered,
        missing=missing,
        unused=tuple(grants.unused),
        too_broad=tuple(grants.too_broad),
        undecided=(*undecided_needs, *grants.undecided, *unseen),
        location=granted.location or _NO_FILE,
        managed=tuple(grants.managed),
    )
