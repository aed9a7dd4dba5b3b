"""For each grant: is it used, and as wide as it is?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from analyzer.catalog import expand
from analyzer.catalog.effect import takes
from analyzer.compare.breadth import Effects, concerns, lacking_conditions, narrowest, needs_all_of, open_conditions
from analyzer.compare.requests import Use, Uses
from analyzer.iam.pattern import has_wildcard
from analyzer.model.policy import BroadManaged, Policy, PolicyReference, Statement, TooBroad, Undecided, Unused
from analyzer.model.requirements import Condition, Requirement


@dataclass(slots=True)
class Grants:
    """The grants that are unused, too broad or not to be judged, in the file's order."""

    unused: list[Unused] = field(default_factory=list)
    too_broad: list[TooBroad] = field(default_factory=list)
    undecided: list[Undecided] = field(default_factory=list)
    managed: list[BroadManaged] = field(default_factory=list)


def judge_grants(
    requirements: Sequence[Requirement], granted: Policy, platform: Sequence[Requirement], *, conditions: bool
) -> Grants:
    """Return what is to be said of the grants of `granted`. A grant is one action, as written, of an Allow statement.

    With `conditions`, one that lacks conditions which all calls are sure to meet is too broad, even where no rule asks
    for these. What a Deny takes away, or a limit, is no grant. An AWS managed policy is judged as a whole.
    """
    judge = _Judge(Uses(requirements, with_optional=conditions), Uses(platform), Effects(granted))
    found = Grants()
    of_policy: dict[PolicyReference, list[Statement]] = {}
    for statement in granted.statements:
        if statement.effect != "Allow":
            continue
        if statement.attachment is not None:
            of_policy.setdefault(statement.attachment, []).append(statement)
            continue
        for judgement in judge.judge(statement):
            match judgement:
                case Unused():
                    found.unused.append(judgement)
                case TooBroad():
                    found.too_broad.append(judgement)
                case Undecided():
                    found.undecided.append(judgement)
    for reference, statements in of_policy.items():
        match judge.judge_managed(reference, statements):
            case BroadManaged() as broad:
                found.managed.append(broad)
            case Undecided() as undecided:
                found.undecided.append(undecided)
    return found


class _Judge:
    def __init__(self, uses: Uses, tolerated: Uses, effects: Effects) -> None:
        self._uses = uses
        self._tolerated = tolerated
        self._effects = effects

    def judge(self, statement: Statement) -> Iterator[Unused | TooBroad | Undecided]:
        """Yield what is to be said of the grants of `statement`, which is not of an AWS managed policy."""
        unlisted = _unlisted(statement)
        if unlisted:
            yield Undecided(statement, f"it allows all but what {unlisted} names; list what is needed instead")
            return
        for action in statement.actions:
            judgement = self._judge_grant(statement, action)
            if judgement is not None:
                yield judgement

    def judge_managed(
        self, reference: PolicyReference, statements: Sequence[Statement]
    ) -> BroadManaged | Undecided | None:
        """Return what is to be said of an AWS managed policy with these Allow statements; nobody can change a part.

        Where it is attached for what the platform needs, it does that on whatever resource.
        """
        for statement in statements:
            unlisted = _unlisted(statement)
            if unlisted:
                return Undecided(reference, f"it allows all but what {unlisted} names; list what is needed instead")
        grants = [(statement, action) for statement in statements for action in statement.actions]
        doubts: dict[str, None] = {}
        for statement, action in grants:
            match self._judge_grant(statement, action, of_aws=True):
                case Unused() | TooBroad():
                    break
                case Undecided(why=why):
                    doubts[why] = None
        else:
            return Undecided(reference, "; ".join(doubts)) if doubts else None
        return BroadManaged(
            reference,
            narrowest(
                (statement, [*self._used(statement, action), *self._tolerated_by(action)])
                for statement, action in grants
            ),
        )

    def _judge_grant(
        self, statement: Statement, action: str, *, of_aws: bool = False
    ) -> Unused | TooBroad | Undecided | None:
        tolerated = self._tolerated_by(action)
        used = self._used(statement, action)
        if of_aws:
            platform = {use.request.action for use in tolerated}
            used = [use for use in used if use.request.action not in platform]
        if not used and not tolerated:
            return None if self._is_taken_away(statement, action) else Unused(statement, action)
        # Where the platform alone uses a grant, its resources are not for the program to judge.
        wide, lacking = self._excess(statement, used)
        open_keys = {condition.key for condition in open_conditions(statement, used)} if wide else set()
        doubt = None
        if open_keys:
            why = f"{action} is allowed on {', '.join(wide)} under conditions on {', '.join(sorted(open_keys))}"
            doubt = Undecided(statement, why, action)
            wide = ()
        if wide or lacking or self._stands_for_more(statement, action, (*used, *tolerated)):
            # Of an action that is used, what the platform might do besides is nothing to keep.
            names = {use.request.action for use in used}
            besides = [use for use in tolerated if use.request.action not in names]
            return TooBroad(statement, action, wide, narrowest([(statement, (*used, *besides))]), lacking)
        return doubt

    def _tolerated_by(self, action: str) -> list[Use]:
        return list(self._tolerated.matching(action))

    def _used(self, statement: Statement, action: str) -> list[Use]:
        return [use for use in self._uses.matching(action) if concerns(statement, use)]

    def _is_taken_away(self, statement: Statement, action: str) -> bool:
        """Say whether all that `statement` would allow by `action` is denied to the role, so that it grants nothing."""
        names = expand(action) if has_wildcard(action) else (action,)
        grants = ((name, resource) for name in names for resource in statement.resources if takes(name, resource))
        first = next(grants, None)
        return first is not None and not any(self._effects.left(statement, *grant) for grant in chain([first], grants))

    def _excess(self, statement: Statement, used: Sequence[Use]) -> tuple[tuple[str, ...], tuple[Condition, ...]]:
        """Return the resources that no use of an action needs as a whole, though it can reach them; missing conditions.

        An action that the statement's action pattern stands for is judged by its own uses alone.
        """
        wide: dict[str, None] = {}
        lacking: set[Condition] = set()
        by_action: dict[str, list[Use]] = {}
        for use in used:
            by_action.setdefault(use.request.action, []).append(use)
        for action, uses in by_action.items():
            for resource in statement.resources:
                for left in self._effects.left(statement, action, resource):
                    whole = [use for use in uses if needs_all_of(use, left)]
                    if not whole:
                        wide[resource] = None
                    lacking.update(lacking_conditions(statement, whole))
        return tuple(resource for resource in statement.resources if resource in wide), tuple(sorted(lacking))

    def _stands_for_more(self, statement: Statement, action: str, uses: Sequence[Use]) -> bool:
        if not has_wildcard(action):
            return False
        needed = {use.request.action.lower() for use in uses}
        return any(
            self._effects.left(statement, name, resource)
            for name in expand(action)
            if name.lower() not in needed
            for resource in statement.resources
        )


def _unlisted(statement: Statement) -> str:
    """Return the element by which `statement` allows what it does not name, or nothing."""
    return "NotAction" if statement.not_actions else "NotResource" if statement.not_resources else ""
