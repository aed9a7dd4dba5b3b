"""What to add to a template for a permission that one of its roles is missing."""

from __future__ import annotations

from typing import Final

from analyzer.deployed import Judged, RoleComparison, all_stacks, is_in
from analyzer.iam.fewest import fewest_statements
from analyzer.model.findings import Addition, Finding
from analyzer.planned import Spellers, Wanted, pinned
from analyzer.templates import Resolver
from analyzer.templates.emitting import Emitter, style_of
from analyzer.templates.plain import Plain
from analyzer.templates.writing import policy_resource, statement_plain

_STATEMENTS: Final = "the statements of a policy of the role"
_RESOURCES: Final = "the resources of the template (the role itself cannot name what is made after it)"


class Additions:
    """Writes statements as the templates of a check would have them."""

    def __init__(self, checked: Judged) -> None:
        """Take what was checked."""
        self._checked = checked
        # To find out what a template has names for takes longer than all else.
        self._spellers: dict[int, Spellers] = {}

    def addition(self, finding: Finding) -> Addition | None:
        """Return what grants the permission that `finding` is about; None if no function of its template gives it.

        A statement that the role's own policies cannot hold, since what it names is made after the role, is put into
        a policy of its own.
        """
        missing = finding.missing
        role = next(
            (one for one in self._checked.roles if any(missing is other for other in one.compared.missing)), None
        )
        if missing is None or role is None:
            return None
        resolver = next((one for one in all_stacks(self._checked.stacks) if is_in(role, one)), None)
        if resolver is None:
            return None
        needed = missing.requirement
        wanted: list[Wanted] = [
            (needed.action, pinned(pattern, needed), needed.asked()) for pattern in missing.patterns
        ]
        spellers = self._spellers_of(role, resolver)
        found, apart, impossible = spellers.sort(wanted)
        if impossible:
            return None
        emitter = Emitter(style_of(resolver.stack.document))
        if not apart:
            return Addition(
                _STATEMENTS,
                _list_items([statement_plain(one, spellers.own) for one in fewest_statements(found)], emitter),
            )
        statements: list[Plain] = [statement_plain(one, spellers.free) for one in fewest_statements([*found, *apart])]
        name = _role_of(role, resolver)
        resource: dict[str, Plain] = {f"{name}Policy": policy_resource(f"{name}Policy", name, statements)}
        text = emitter.json(resource, 0) if emitter.style.is_json else "\n".join(emitter.block(resource, 0))
        return Addition(_RESOURCES, text)

    def _spellers_of(self, role: RoleComparison, resolver: Resolver) -> Spellers:
        if id(role) not in self._spellers:
            functions = [workload.id for workload, _ in role.functions]
            self._spellers[id(role)] = Spellers(resolver, _role_of(role, resolver), functions)
        return self._spellers[id(role)]


def _list_items(statements: list[dict[str, Plain]], emitter: Emitter) -> str:
    if emitter.style.is_json:
        return ",\n".join(emitter.json(one, 0) for one in statements)
    return "\n".join(emitter.block([*statements], 0))


def _role_of(role: RoleComparison, resolver: Resolver) -> str:
    return (role.functions[0][0].grants.role or "").removeprefix(resolver.stack.prefix)
