"""Policies written into a template: statements changed, removed and added where the role has them.

Everything else stays as it is, character by character. Only the values that have to change are written anew, in the
style of the template.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, cast

from analyzer.iam.document import CURRENT_VERSION
from analyzer.iam.positioned_json import Array, Json, Object
from analyzer.model.calls import Unresolved
from analyzer.model.location import Location
from analyzer.model.policy import Statement
from analyzer.templates.holders import Document, Entry, Holder, HolderKind
from analyzer.templates.intrinsics import Resolver
from analyzer.templates.members import Rewriter
from analyzer.templates.nodes import items_of
from analyzer.templates.plain import Plain, to_plain
from analyzer.templates.policies import read_statements, resolved_document
from analyzer.templates.read import read_template
from analyzer.templates.spelling import Speller

_POLICIES: Final = "Policies"
_MANAGED: Final = "ManagedPolicyArns"
_DOCUMENT: Final = "PolicyDocument"
_OF_POLICY: Final = frozenset({"PolicyName", "Roles", _DOCUMENT})


@dataclass(frozen=True, slots=True)
class RoleChange:
    """What is to become of the policies of a role.

    `statements` says for places of statements what stands there then, nothing if the statement goes; `removed` are the
    places of policies that go as a whole, and `added` are new policies, as the template writes them: SAM's own and
    one document at most.
    """

    statements: Mapping[Location, tuple[Statement, ...]]
    removed: frozenset[Location]
    added: tuple[Statement, ...] = ()
    templates: tuple[Plain, ...] = ()


def statement_plain(statement: Statement, speller: Speller) -> dict[str, Plain]:
    """Return a statement as a template has it. Raises NotSpellableError."""
    plain: dict[str, Plain] = {
        "Effect": statement.effect,
        "Action": _one_or_list(list(statement.actions)),
        "Resource": _one_or_list([speller.spell(resource) for resource in statement.resources]),
    }
    if statement.conditions:
        plain["Condition"] = condition_plain(statement, speller)
    return plain


def condition_plain(statement: Statement, speller: Speller) -> Plain:
    """Return the conditions of a statement as a template has them. Raises NotSpellableError."""
    plain: dict[str, dict[str, Plain]] = {}
    for condition in statement.conditions:
        values: list[Plain] = [speller.spell(value) for value in condition.values]
        plain.setdefault(condition.operator, {})[condition.key] = _one_or_list(values)
    return cast("Plain", plain)


def policy_plain(kind: HolderKind, name: str, statements: list[Plain]) -> dict[str, Plain]:
    """Return a policy as the `Policies` of a function of SAM, or of a role, have it."""
    if kind is HolderKind.FUNCTION:
        return {"Statement": statements}
    return {"PolicyName": name, "PolicyDocument": {"Version": CURRENT_VERSION, "Statement": statements}}


class PolicyWriter:
    """Changes the policies of one role in the text of its template."""

    def __init__(self, holder: Holder, resolver: Resolver, speller: Speller, rewriter: Rewriter) -> None:
        """Take where the policies are, how to spell what they name, and what makes the changes."""
        self._holder = holder
        self._resolver = resolver
        self._speller = speller
        self._rewriter = rewriter

    def write(self, change: RoleChange) -> None:
        """Make a change. Raises NotSpellableError if a statement cannot be written; the edits are then of no use."""
        added: list[Plain] = [statement_plain(one, self._speller) for one in change.added]
        for document in self._holder.policies:
            self._edit_statements(document, change.statements, [])
        living = [entry for entry in self._holder.entries if not self._goes(entry, change)]
        if added and all(entry.document is None for entry in living):
            # A policy all of whose statements go stays for the new ones.
            living += [
                entry for entry in self._holder.entries if entry.document and entry.node.location not in change.removed
            ][:1]
        host = self._host([entry.document for entry in living if entry.document is not None], added)
        new: list[Plain] = list(change.templates)
        if added and host is None:
            new.append(policy_plain(self._holder.kind, self._name(), added))
        gone = {at for at, one in enumerate(self._holder.managed) if one.location in change.removed}
        self._rewriter.edit_list(self._holder.properties, _MANAGED, gone, [])
        single = self._holder.properties.members.get(_POLICIES)
        if new and living and isinstance(single, Object) and living[0].document is not None:
            # It becomes the first of a list, and cannot be changed where it stands besides.
            document = living[0].document
            statements = self._statements(document, change.statements, added if document is host else [])
            changed = {**cast("dict[str, Plain]", to_plain(single)), "Statement": statements}
            self._rewriter.put(self._holder.properties, _POLICIES, [changed, *new])
            return
        for entry in living:
            if entry.document is not None:
                self._edit_statements(entry.document, change.statements, added if entry.document is host else [])
        dead = {at for at, entry in enumerate(self._holder.entries) if entry not in living}
        self._rewriter.edit_list(self._holder.properties, _POLICIES, dead, new)

    def _goes(self, entry: Entry, change: RoleChange) -> bool:
        if entry.document is None or entry.node.location in change.removed:
            return entry.node.location in change.removed
        items = items_of(entry.document.node.members["Statement"])
        return all(change.statements.get(one.location) == () for one in items)

    def _host(self, documents: list[Document], added: list[Plain]) -> Document | None:
        """Return the document that new statements go into: the last one with a list of them, or the only policy."""
        lists = [one for one in documents if isinstance(one.node.members["Statement"], Array)]
        if not lists and isinstance(self._holder.properties.members.get(_POLICIES), Object):
            lists = documents
        return lists[-1] if lists and added else None

    def _name(self) -> str:
        taken = {str(to_plain(entry.node.members["PolicyName"])) for entry in self._holder.entries
                 if isinstance(entry.node, Object) and "PolicyName" in entry.node.members}  # fmt: skip
        names = (self._holder.resource, *(f"{self._holder.resource}{number}" for number in range(2, 1000)))
        return next(name for name in names if name not in taken)

    # Statements

    def _edit_statements(
        self, document: Document, changes: Mapping[Location, tuple[Statement, ...]], added: list[Plain]
    ) -> None:
        holding = document.node.members["Statement"]
        items = items_of(holding)
        dead = {at for at, node in enumerate(items) if changes.get(node.location) == ()}
        further = [*self._split_off(items, changes), *added]
        is_whole = not isinstance(holding, Array) or len(dead) == len(items)
        if is_whole and (further or dead):
            self._rewriter.put(document.node, "Statement", self._statements(document, changes, added))
            return
        for node in items:
            wanted = changes.get(node.location)
            if wanted and isinstance(node, Object):
                self._edit_statement(node, wanted[0])
        self._rewriter.edit_list(document.node, "Statement", dead, further)

    def _split_off(self, items: Iterable[Json], changes: Mapping[Location, tuple[Statement, ...]]) -> list[Plain]:
        """Return the statements that come of changed ones besides those that stand in their place."""
        changed = [changes.get(one.location, ()) for one in items]
        return [statement_plain(one, self._speller) for wanted in reversed(changed) for one in wanted[1:]]

    def _statements(
        self, document: Document, changes: Mapping[Location, tuple[Statement, ...]], added: list[Plain]
    ) -> list[Plain]:
        """Return all statements of a document as they are to be."""
        items = items_of(document.node.members["Statement"])
        kept = [to_plain(one) for one in items if one.location not in changes]
        changed = [
            statement_plain(changes[one.location][0], self._speller) for one in items if changes.get(one.location)
        ]
        return [*kept, *changed, *self._split_off(items, changes), *added]

    def _edit_statement(self, node: Object, wanted: Statement) -> None:
        self._edit_values(node, "Action", wanted.actions)
        self._edit_values(node, "Resource", wanted.resources)
        if wanted.conditions and self._conditions_differ(node, wanted):
            self._rewriter.put(node, "Condition", condition_plain(wanted, self._speller))

    def _conditions_differ(self, node: Object, wanted: Statement) -> bool:
        problems: list[Unresolved] = []
        read = read_statements(_as_document(node), self._resolver, problems)
        return read is None or read[0].conditions != wanted.conditions

    def _edit_values(self, node: Object, key: str, wanted: tuple[str, ...]) -> None:
        """Make the values of `key` be `wanted`, those that are among them already as they are written."""
        value = node.members[key]
        items = items_of(value)
        found = [self._patterns(key, item) for item in items]
        kept = {at for at, patterns in enumerate(found) if patterns and patterns <= set(wanted)}
        open_ones = [one for one in wanted if not any(one in found[at] for at in kept)]
        if len(kept) == len(items) and not open_ones:
            return
        new: list[Plain] = [one if key == "Action" else self._speller.spell(one) for one in open_ones]
        if isinstance(value, Array) and kept:
            self._rewriter.edit_list(node, key, set(range(len(items))) - kept, new)
        else:
            self._rewriter.put(node, key, _one_or_list([*(to_plain(items[at]) for at in sorted(kept)), *new]))

    def _patterns(self, key: str, item: Json) -> set[str]:
        if key == "Action":
            return {str(to_plain(item))}
        resolved = resolved_document(Object({key: item}, {key: item.location}, item.location), self._resolver)
        found = to_plain(resolved)
        value = found.get(key) if isinstance(found, dict) else None
        return {str(one) for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)}


def _as_document(statement: Object) -> Object:
    place = statement.location
    return Object({"Statement": statement}, {"Statement": place}, place)


def _one_or_list(values: Iterable[Plain]) -> Plain:
    found = list(values)
    return found[0] if len(found) == 1 else found


def add_policy_resource(resolver: Resolver, beside: str, role: str, statements: list[Plain], rewriter: Rewriter) -> str:
    """Add a policy as a resource of its own, attached to a role of the same stack, and return its logical id.

    It can name what is made after the role, which the role itself cannot.
    """
    resources = cast("Object", resolver.stack.document.root.members["Resources"])
    names = (beside, *(f"{beside}{number}" for number in range(2, 1000)))
    name = next(one for one in names if one not in resolver.stack.resources)
    rewriter.put(resources, name, policy_resource(name, role, statements))
    return name


def policy_resource(name: str, role: str, statements: list[Plain]) -> dict[str, Plain]:
    """Return the resource that is a policy with these statements, attached to a role of the same stack."""
    document: Plain = {"Version": CURRENT_VERSION, "Statement": statements}
    properties: Plain = {"PolicyName": name, "Roles": [{"Ref": role}], _DOCUMENT: document}
    return {"Type": "AWS::IAM::Policy", "Properties": properties}


def role_resource(policies: list[Plain], service: str) -> dict[str, Plain]:
    """Return the resource that is a role with these policies, which `service` can assume."""
    trust: Plain = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    properties: dict[str, Plain] = {
        "AssumeRolePolicyDocument": {"Version": CURRENT_VERSION, "Statement": [trust]},
    }
    if policies:
        properties[_POLICIES] = policies
    return {"Type": "AWS::IAM::Role", "Properties": cast("Plain", properties)}


def same_elsewhere(old: str, new: str, path: str, touched: Collection[str]) -> bool:
    """Say whether two texts of a template differ in nothing but the policies of the resources `touched`."""
    problems: list[Unresolved] = []
    documents = read_template(old, path, problems), read_template(new, path, problems)
    if documents[0] is None or documents[1] is None:
        return False
    plain = [cast("dict[str, Plain]", to_plain(one.root)) for one in documents if one is not None]
    added = set(touched) - cast("dict[str, Plain]", plain[0]["Resources"]).keys()
    first, second = (_without_policies(one, touched, added) for one in plain)
    return first == second


def _without_policies(template: dict[str, Plain], touched: Collection[str], added: Collection[str]) -> dict[str, Plain]:
    resources = cast("dict[str, dict[str, Plain]]", template["Resources"])
    for name in touched:
        resource = resources.get(name, {})
        if name in added:
            properties = resources.pop(name, {}).get("Properties", {})
            assert not isinstance(properties, dict) or properties.keys() <= _OF_POLICY, "a policy and nothing else"
        properties = resource.get("Properties")
        for key in (_POLICIES, _MANAGED, _DOCUMENT):
            if isinstance(properties, dict):
                properties.pop(key, None)
    return template
