"""What is to become of a role: what goes, what is narrowed, and what comes, with where it can be written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from analyzer.catalog.effect import takes
from analyzer.compare.requests import Use, requests_of, resource_under
from analyzer.deployed import RoleComparison
from analyzer.iam.arn import arn_contains, parse_arn
from analyzer.iam.evaluate import Allowed, Denied, Unknown, Verdict, applies_to_action, evaluate
from analyzer.iam.fewest import fewest_statements
from analyzer.model.location import Location
from analyzer.model.policy import PolicyKind, ReferenceKind, Statement, TooBroad, Unused
from analyzer.model.requirements import Arns, Condition, Requirement
from analyzer.templates import Resolver
from analyzer.templates.holders import Holder, HolderKind
from analyzer.templates.nodes import find, references
from analyzer.templates.policy_templates import fitting
from analyzer.templates.spelling import NotSpellableError, Speller, dependents
from analyzer.templates.workloads import FUNCTION
from analyzer.templates.writing import RoleChange

Wanted = tuple[str, str, tuple[Condition, ...]]
"""An action, on a resource pattern, under conditions."""

Leave = Callable[[Location, str], None]
"""Told of what is left as it is, with its place."""


@dataclass(frozen=True, slots=True)
class How:
    """How to fix: `force` removes grants even where calls could not be resolved; SAM's policy templates if asked."""

    force: bool = False
    policy_templates: bool = False


class Spellers:
    """Spells what the functions of one role need: beside the role, or `free` of that, in a policy of its own."""

    def __init__(self, resolver: Resolver, role: str, functions: Iterable[str]) -> None:
        """Take the stack, the logical id of the role in it, and the ids of the functions as workloads have them."""
        stack = resolver.stack
        resources = [stack.resources.get(name.removeprefix(stack.prefix)) for name in functions]
        settings = [find(one.written, "Properties", "Environment") for one in resources if one is not None]
        near = [one for one in (*settings, find(stack.document.root, "Globals", "Function")) if one is not None]
        own = [one.id for one in resources if one is not None]
        self.own = Speller(resolver, dependents(stack, [role, *own]), near)
        self.free = Speller(resolver, frozenset(), near)

    def sort(self, wanted: Iterable[Wanted]) -> tuple[list[Wanted], list[Wanted], list[tuple[Wanted, str]]]:
        """Return what can be written beside the role, what would be circular there, and what cannot be, with why."""
        found: list[Wanted] = []
        apart: list[Wanted] = []
        impossible: list[tuple[Wanted, str]] = []
        for one in wanted:
            try:
                self.own.spell(one[1])
                found.append(one)
            except NotSpellableError as error:
                try:
                    self.free.spell(one[1])
                    apart.append(one)
                except NotSpellableError:
                    impossible.append((one, str(error)))
        return found, apart, impossible


class Plan:
    """What is to become of one role."""

    def __init__(self, role: RoleComparison, holder: Holder, resolver: Resolver, how: How, leave: Leave) -> None:
        self._role = role
        self._holder = holder
        self._how = how
        self._leave = leave
        self._policy = role.functions[0][0].grants.policy
        self._place = role.functions[0][0].location
        stack = resolver.stack
        role_id = (role.functions[0][0].grants.role or "").removeprefix(stack.prefix)
        # Functions that have the role and could not be analysed.
        self._unknown = {one.id for one in stack.resources.values()
                         if one.type == FUNCTION and role_id in references(one.get("Role"))}  # fmt: skip
        self._unknown -= {one.id.removeprefix(stack.prefix) for one, _ in role.functions}
        self._partition = resolver.deployment.partition
        self.spellers = Spellers(resolver, role_id, [one.id for one, _ in role.functions])
        self.apart: list[Wanted] = []
        self._pins = {pattern: pinned for need in role.requirements for _, pattern, pinned in pins(need)}
        documents = [entry.document for entry in holder.entries if entry.document is not None]
        self._written = {one.location for document in (*documents, *holder.policies) for one in document.statements}

    def change(self) -> RoleChange:
        """Return the change; what stays although it should not is told of."""
        statements: dict[Location, tuple[Statement, ...]] = {}
        removed: set[Location] = set()
        if self._may_remove():
            self._narrow(statements, removed)
        self._tell_of_doubts()
        added = self._spellable(self._lacking(statements, removed))
        new = fewest_statements(added)
        templates, new = fitting(new, self.spellers.own, self._partition) if self._prefers_templates() else ((), new)
        return RoleChange(statements, frozenset(removed), new, templates)

    def _prefers_templates(self) -> bool:
        return self._how.policy_templates and self._holder.kind is HolderKind.FUNCTION

    def _may_remove(self) -> bool:
        unresolved = [one for _, analysis in self._role.functions for one in analysis.unresolved]
        compared = self._role.compared
        if (
            not (unresolved or self._unknown)
            or self._how.force
            or not (compared.unused or compared.too_broad or compared.managed)
        ):
            return True
        place = unresolved[0].location if unresolved else self._role.functions[0][0].location
        names = ", ".join(sorted({*self._unknown, *(workload.id for workload, _ in self._role.functions)}))
        self._leave(place, f"what {names} needs is not all known, so nothing is taken from the role (--force does)")
        return False

    def _narrow(self, statements: dict[Location, tuple[Statement, ...]], removed: set[Location]) -> None:
        compared = self._role.compared
        places = {entry.node.location for entry in self._holder.entries if entry.document is None}
        places |= {one.location for one in self._holder.managed}
        judged: dict[Location, list[Unused | TooBroad]] = {}
        grants: tuple[Unused | TooBroad, ...] = (*compared.unused, *compared.too_broad)
        for one in grants:
            judged.setdefault(one.statement.location or compared.location, []).append(one)
        for place, judgements in judged.items():
            if place in self._written:
                narrowed = self._narrowed(judgements)
                if narrowed is not None:
                    statements[place] = narrowed
            elif place in places:
                removed.add(place)
            else:
                actions = ", ".join(sorted({one.action for one in judgements}))
                self._leave(place, f"{actions}: allowed where lpa does not change anything, so it is left as it is")
        for broad in compared.managed:
            if broad.reference.location in places:
                removed.add(broad.reference.location)
            else:
                self._leave(broad.reference.location, f"{broad.reference.arn} is not attached here by itself")
        for document in self._holder.policies:
            if document.statements and all(statements.get(one.location) == () for one in document.statements):
                # CloudFormation takes no policy without statements.
                for node in document.statements:
                    del statements[node.location]
                self._leave(document.node.location, "no call uses this policy: delete the resource")

    def _narrowed(self, judgements: list[Unused | TooBroad]) -> tuple[Statement, ...] | None:
        """Return what stands for a statement; None if that cannot be written."""
        statement = judgements[0].statement
        wanted: list[Wanted] = []
        taken: set[str] = set()
        for one in judgements:
            if isinstance(one, TooBroad):
                narrower = [grant for other in one.replacement for grant in _grants_of(other)]
                if not all(_is_within(resource, statement) for _, resource, _ in narrower):
                    # What is needed may be only partly allowed, and a fix must not allow more.
                    self._leave(statement.location or self._place, f"{one.action}: what of it is needed is not certain")
                    continue
                wanted += ((action, self._pins.get(resource, resource), tests) for action, resource, tests in narrower)
            taken.add(one.action)
        if not taken:
            return None
        fine = tuple(action for action in statement.actions if action not in taken)
        try:
            spellable = self._spellable(wanted, whole=True)
        except NotSpellableError:
            return None
        rest = (replace(statement, actions=fine),) if fine else ()
        return (*rest, *fewest_statements(spellable))

    def _spellable(self, wanted: Iterable[Wanted], *, whole: bool = False) -> list[Wanted]:
        """Return what can be written beside the role; what would be circular goes into a policy apart.

        Raises NotSpellableError if something can be written nowhere and the `whole` is wanted.
        """
        found, apart, impossible = self.spellers.sort(wanted)
        for one, why in impossible:
            self._leave(self._place, f"{one[0]} on {one[1]} cannot be written into the template: {why}")
        if impossible and whole:
            raise NotSpellableError(impossible[0][1])
        self.apart += apart
        return found

    def _lacking(
        self, statements: Mapping[Location, tuple[Statement, ...]], removed: set[Location]
    ) -> Iterator[Wanted]:
        """Yield what is needed and not allowed once the changes are made, but for what was in doubt before."""
        kept = [
            one for one in self._policy.statements if one.location not in statements and one.location not in removed
        ]
        kept += (new for changed in statements.values() for new in changed)
        kept += fewest_statements(self.apart)
        gone = [one for one in self._policy.statements if one.location in removed]
        unseen = any(one.kind is ReferenceKind.MANAGED_POLICY for one in self._policy.unseen)
        for requirement in self._role.requirements:
            for request in requests_of(requirement):
                before = evaluate(request, self._policy.statements, self._policy.boundary)
                after = evaluate(request, kept, self._policy.boundary)
                if isinstance(after, Allowed):
                    continue
                pattern = request.resource or "*"
                if isinstance(before, Allowed) or (_is_ungranted(before) and not unseen):
                    yield requirement.action, pinned(pattern, requirement), requirement.asked()
                elif isinstance(before, Unknown):
                    yield from _remainder(Use(request, requirement.asked()), gone)

    def _tell_of_doubts(self) -> None:
        compared = self._role.compared
        for missing in compared.missing:
            if missing.denied_by is not None or missing.kinds != (PolicyKind.IDENTITY,):
                place = (missing.denied_by and missing.denied_by.location) or compared.location
                what = f"{missing.requirement.action} on {', '.join(missing.patterns)}"
                self._leave(place, f"{what} is denied, which no further grant changes")
        for one in compared.undecided:
            subject = None if isinstance(one.subject, Requirement) else one.subject.location
            self._leave(subject or compared.location, f"left as it is: {one.why}")


def _grants_of(statement: Statement) -> Iterator[Wanted]:
    for action in statement.actions:
        for resource in statement.resources:
            yield action, resource, statement.conditions


def _is_within(resource: str, statement: Statement) -> bool:
    return any(arn_contains(granted, resource) for granted in statement.resources)


def _remainder(use: Use, gone: Iterable[Statement]) -> Iterator[Wanted]:
    """Yield what statements that go may allow of a use that nobody can be sure of, and no more than they allow."""
    for statement in gone:
        if statement.effect != "Allow" or not applies_to_action(statement, use.request.action):
            continue
        for granted in statement.resources:
            resource = resource_under(use.request, granted)
            if resource is not None and takes(use.request.action, granted):
                least = resource if arn_contains(granted, resource) else granted
                yield use.request.action, least, statement.conditions


def _is_ungranted(verdict: Verdict) -> bool:
    return isinstance(verdict, Denied) and verdict.statement is None and verdict.kinds == (PolicyKind.IDENTITY,)


def pins(requirement: Requirement) -> Iterator[tuple[str, str, str]]:
    """Yield the action on each resource pattern of `requirement`, and that pattern as `pinned` has it."""
    for pattern in requirement.scope.patterns if isinstance(requirement.scope, Arns) else ("*",):
        yield requirement.action, pattern, pinned(pattern, requirement)


def pinned(pattern: str, requirement: Requirement) -> str:
    """Return `pattern` with the stack's region and account where nobody said another one."""
    arn = parse_arn(pattern)
    if arn is None or not isinstance(requirement.scope, Arns):
        return pattern
    if arn.region == "*" and "--region" in requirement.scope.unpinned:
        arn = replace(arn, region="${AWS::Region}")
    if arn.account == "*" and "--account" in requirement.scope.unpinned:
        arn = replace(arn, account="${AWS::AccountId}")
    return str(arn)
