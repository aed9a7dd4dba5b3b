"""The story of a fix: from a template to the same template with roles that allow what the functions need."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from analyzer import deployed
from analyzer.compare.requests import requests_of
from analyzer.config import Options, Selection
from analyzer.deployed import RoleComparison
from analyzer.errors import LpaError
from analyzer.iam.arn import parse_arn
from analyzer.iam.evaluate import Allowed, Denied, Verdict, evaluate
from analyzer.iam.fewest import fewest_statements
from analyzer.model.location import Location
from analyzer.model.policy import PolicyKind, ReferenceKind, Statement, TooBroad, Unused
from analyzer.model.requirements import Arns, Condition, Requirement
from analyzer.templates import Resolver
from analyzer.templates.editing import Edits
from analyzer.templates.emitting import Emitter, style_of
from analyzer.templates.holders import Holder, HolderKind, find_holder
from analyzer.templates.members import Rewriter
from analyzer.templates.nodes import find, references
from analyzer.templates.plain import Plain
from analyzer.templates.policy_templates import fitting
from analyzer.templates.spelling import NotSpellableError, Speller, dependents
from analyzer.templates.workloads import FUNCTION
from analyzer.templates.writing import PolicyWriter, RoleChange, add_policy_resource, same_elsewhere, statement_plain

_ROUNDS: Final = 6
_HINT: Final = "this is a defect of lpa: please report it with the template; it is as it was"

Wanted = tuple[str, str, tuple[Condition, ...]]
"""An action, on a resource pattern, under conditions."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """The texts of templates as they are to be, those that change, and what has to be seen to by hand.

    `originals` are the texts of all templates as they were read.
    """

    originals: dict[str, str]
    texts: dict[str, str]
    left: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class How:
    """How to fix: `force` removes grants even where calls could not be resolved; SAM's policy templates if asked."""

    force: bool = False
    policy_templates: bool = False


def fix(options: Options, selection: Selection, read: Callable[[str], str], how: How) -> Fixed:
    """Return the templates with the roles of the selected functions as these need them.

    `read` returns the text of a file by its path, as it is in the file. What is returned was read again and judged:
    each role allows what it allowed before of what is needed, and nothing but its policies has changed. Raises what
    `deployed.scan` does, and LpaError if that proof fails.
    """
    originals = {path: read(path) for path in selection.templates}
    texts = dict(originals)
    options = replace(options, conditions=False)
    before: set[tuple[str, str, str]] | None = None
    left: dict[str, None] = {}
    for _ in range(_ROUNDS):
        normal = {path: _normal(text) for path, text in texts.items()}
        scanned = deployed.scan(replace(options, conditions=True), selection, symbols=True, sharing=True, texts=normal)
        stacks = list(_stacks(scanned.stacks))
        for path in {one.stack.document.path for one in stacks} - originals.keys():
            texts[path] = originals[path] = read(path)
        roles = deployed.compare_roles(scanned, options)
        missing = {(role.functions[0][0].id, one.requirement.action, pattern) for role in roles
                   for one in role.compared.missing for pattern in one.patterns}  # fmt: skip
        if before is not None and not missing <= before:
            raise LpaError("the changed template would allow less than is needed", _HINT)
        before = missing
        left = {}
        changes = _Round(stacks, texts, how, left)
        for role in roles:
            changes.fix(role)
        changed = changes.applied()
        if not changed:
            break
        for path, text in changed.items():
            if not same_elsewhere(_normal(texts[path]), _normal(text), path, changes.touched[path]):
                raise LpaError(f"{path}: the change would reach beyond the policies", _HINT)
        texts |= changed
    else:
        raise LpaError("the templates change with every attempt to fix them", _HINT)
    return Fixed(originals, {path: text for path, text in texts.items() if text != originals[path]}, tuple(left))


def _normal(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def _stacks(resolvers: Iterable[Resolver]) -> Iterator[Resolver]:
    for resolver in resolvers:
        yield resolver
        children = [child for name in resolver.stack.children if (child := resolver.child(name)) is not None]
        yield from _stacks(children)


Leave = Callable[[Location, str], None]
"""Told of what is left as it is, with its place."""


class _Round:
    """One look at all roles, and the changes that come of it."""

    def __init__(self, stacks: list[Resolver], texts: Mapping[str, str], how: How, left: dict[str, None]) -> None:
        self._stacks = stacks
        self._edits = {path: Edits(text) for path, text in texts.items()}
        self._how = how
        self._left = left
        self.touched: dict[str, set[str]] = {path: set() for path in texts}

    def applied(self) -> dict[str, str]:
        return {path: edits.applied() for path, edits in self._edits.items() if edits}

    def fix(self, role: RoleComparison) -> None:
        workload = role.functions[0][0]
        path = workload.location.path
        stacks = [one for one in self._stacks if one.stack.document.path == path]
        prefix = workload.id.rpartition("/")[0]
        own = [one for one in stacks if one.stack.prefix.rstrip("/") == prefix]
        holder = find_holder(workload, own[0]) if own else None
        if len(stacks) > 1 or holder is None:
            if _differs(role):
                why = "its template makes several stacks" if len(stacks) > 1 else "its role is not in the template"
                self._leave(workload.location, f"{workload.id}: {why}, so it is left as it is")
            return
        planned = _Plan(role, holder, own[0], self._how, self._leave)
        change = planned.change()
        edits = Edits(self._edits[path].text)
        rewriter = Rewriter(edits, Emitter(style_of(own[0].stack.document)))
        touched = {holder.resource, *(one.resource for one in holder.policies)}
        try:
            PolicyWriter(holder, own[0], planned.speller, rewriter).write(change)
            if planned.apart:
                touched.add(self._write_apart(planned, role, holder, own[0], rewriter))
        except NotSpellableError as error:
            self._leave(
                workload.location, f"the policies of {workload.id} cannot be written into the template: {error}"
            )
            return
        text = self._edits[path].text
        if not edits:
            return
        if not same_elsewhere(_normal(text), _normal(edits.applied()), path, touched):
            self._leave(
                workload.location, f"a change for {workload.id} would change other parts as well, so it is left"
            )
            return
        self.touched[path] |= touched
        self._edits[path].add(edits)

    def _write_apart(
        self, planned: _Plan, role: RoleComparison, holder: Holder, resolver: Resolver, rewriter: Rewriter
    ) -> str:
        """Write what the role itself cannot name into a policy that is made after both."""
        plain: list[Plain] = [statement_plain(one, planned.free_speller) for one in fewest_statements(planned.apart)]
        role_id = (role.functions[0][0].grants.role or "").removeprefix(resolver.stack.prefix)
        return add_policy_resource(resolver, f"{holder.resource}Policy", role_id, plain, rewriter)

    def _leave(self, place: Location, what: str) -> None:
        self._left.setdefault(f"{place}: {what}")


def _differs(role: RoleComparison) -> bool:
    compared = role.compared
    return bool(compared.missing or compared.unused or compared.too_broad or compared.managed or compared.undecided)


class _Plan:
    """What is to become of one role."""

    def __init__(self, role: RoleComparison, holder: Holder, resolver: Resolver, how: How, leave: Leave) -> None:
        self._role = role
        self._holder = holder
        self._how = how
        self._leave = leave
        self._policy = role.functions[0][0].grants.policy
        stack = resolver.stack
        role_id = (role.functions[0][0].grants.role or "").removeprefix(stack.prefix)
        functions = [stack.resources.get(one.id.removeprefix(stack.prefix)) for one, _ in role.functions]
        settings = [find(one.written, "Properties", "Environment") for one in functions if one is not None]
        # Functions that have the role and could not be analysed.
        self._unknown = {one.id for one in stack.resources.values()
                         if one.type == FUNCTION and role_id in references(one.get("Role"))}  # fmt: skip
        self._unknown -= {one.id.removeprefix(stack.prefix) for one, _ in role.functions}
        near = [one for one in (*settings, find(stack.document.root, "Globals", "Function")) if one is not None]
        self._partition = resolver.deployment.partition
        self.speller = Speller(resolver, dependents(stack, [role_id]), near)
        self.free_speller = Speller(resolver, frozenset(), near)
        self.apart: list[Wanted] = []
        self._pins = dict(_pins(role.requirements))
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
        templates, new = fitting(new, self.speller, self._partition) if self._prefers_templates() else ((), new)
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
        taken = {one.action for one in judgements}
        fine = tuple(action for action in statement.actions if action not in taken)
        wanted = [
            (action, self._pins.get(resource, resource), other.conditions)
            for one in judgements
            if isinstance(one, TooBroad)
            for other in one.replacement
            for action in other.actions
            for resource in other.resources
        ]
        apart = len(self.apart)
        try:
            spellable = self._spellable(wanted, whole=True)
        except NotSpellableError:
            del self.apart[apart:]
            return None
        rest = (replace(statement, actions=fine),) if fine else ()
        return (*rest, *fewest_statements(spellable))

    def _spellable(self, wanted: Iterable[Wanted], *, whole: bool = False) -> list[Wanted]:
        """Return what can be written beside the role; what would be circular goes into a policy apart.

        Raises NotSpellableError if something can be written nowhere and the `whole` is wanted.
        """
        found: list[Wanted] = []
        for one in wanted:
            try:
                self.speller.spell(one[1])
                found.append(one)
            except NotSpellableError as error:
                try:
                    self.free_speller.spell(one[1])
                    self.apart.append(one)
                except NotSpellableError:
                    place = self._role.functions[0][0].location
                    self._leave(place, f"{one[0]} on {one[1]} cannot be written into the template: {error}")
                    if whole:
                        raise
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
        unseen = any(one.kind is ReferenceKind.MANAGED_POLICY for one in self._policy.unseen)
        for requirement in self._role.requirements:
            for request in requests_of(requirement):
                before = evaluate(request, self._policy.statements, self._policy.boundary)
                after = evaluate(request, kept, self._policy.boundary)
                if isinstance(after, Allowed):
                    continue
                pattern = request.resource or "*"
                if isinstance(before, Allowed) or (_is_ungranted(before) and not unseen):
                    yield requirement.action, _pinned(pattern, requirement), requirement.asked()

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


def _is_ungranted(verdict: Verdict) -> bool:
    return isinstance(verdict, Denied) and verdict.statement is None and verdict.kinds == (PolicyKind.IDENTITY,)


def _pins(requirements: Iterable[Requirement]) -> Iterator[tuple[str, str]]:
    for requirement in requirements:
        if isinstance(requirement.scope, Arns):
            for pattern in requirement.scope.patterns:
                yield pattern, _pinned(pattern, requirement)


def _pinned(pattern: str, requirement: Requirement) -> str:
    """Return `pattern` with the stack's region and account where nobody said another one."""
    arn = parse_arn(pattern)
    if arn is None or not isinstance(requirement.scope, Arns):
        return pattern
    if arn.region == "*" and "--region" in requirement.scope.unpinned:
        arn = replace(arn, region="${AWS::Region}")
    if arn.account == "*" and "--account" in requirement.scope.unpinned:
        arn = replace(arn, account="${AWS::AccountId}")
    return str(arn)
