"""The story of a fix: from a template to the same template with roles that allow what the functions need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from analyzer import deployed
from analyzer.config import Options, Selection
from analyzer.deployed import RoleComparison
from analyzer.errors import LpaError
from analyzer.iam.fewest import fewest_statements
from analyzer.model.location import Location
from analyzer.planned import How, Plan
from analyzer.templates import Resolver
from analyzer.templates.editing import Edits
from analyzer.templates.emitting import Emitter, style_of
from analyzer.templates.holders import Holder, find_holder, is_repeated
from analyzer.templates.members import Rewriter
from analyzer.templates.plain import Plain
from analyzer.templates.spelling import NotSpellableError
from analyzer.templates.writing import PolicyWriter, add_policy_resource, same_elsewhere, statement_plain

_ROUNDS: Final = 6
_HINT: Final = "this is a defect of lpa: please report it with the template; it is as it was"


@dataclass(frozen=True, slots=True)
class Fixed:
    """The texts of templates as they are to be, those that change, and what has to be seen to by hand.

    `originals` are the texts of all templates as they were read.
    """

    originals: dict[str, str]
    texts: dict[str, str]
    left: tuple[str, ...]


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
        stacks = list(deployed.all_stacks(scanned.stacks))
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
                if own and is_repeated(own[0], workload.location):
                    why = "its policies may be those of others too (Fn::ForEach makes it, or it is included)"
                self._leave(workload.location, f"{workload.id}: {why}, so it is left as it is")
            return
        planned = Plan(role, holder, own[0], self._how, self._leave)
        change = planned.change()
        edits = Edits(self._edits[path].text)
        rewriter = Rewriter(edits, Emitter(style_of(own[0].stack.document)))
        touched = {holder.resource, *(one.resource for one in holder.policies)}
        try:
            PolicyWriter(holder, own[0], planned.spellers.own, rewriter).write(change)
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
        self, planned: Plan, role: RoleComparison, holder: Holder, resolver: Resolver, rewriter: Rewriter
    ) -> str:
        """Write what the role itself cannot name into a policy that is made after both."""
        plain: list[Plain] = [statement_plain(one, planned.spellers.free) for one in fewest_statements(planned.apart)]
        role_id = (role.functions[0][0].grants.role or "").removeprefix(resolver.stack.prefix)
        return add_policy_resource(resolver, f"{holder.resource}Policy", role_id, plain, rewriter)

    def _leave(self, place: Location, what: str) -> None:
        self._left.setdefault(f"{place}: {what}")


def _differs(role: RoleComparison) -> bool:
    compared = role.compared
    return bool(compared.missing or compared.unused or compared.too_broad or compared.managed or compared.undecided)
