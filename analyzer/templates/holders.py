"""Where in a template the policies of a role are written, so that they can be changed there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from analyzer.iam.positioned_json import Array, Json, Object, Scalar
from analyzer.model.location import Location
from analyzer.model.workload import Workload
from analyzer.templates.grants import ROLE
from analyzer.templates.intrinsics import Resolver
from analyzer.templates.nodes import find, items_of, text_of
from analyzer.templates.stack import Resource

_OF_SAM: Final = ("AWS::Serverless::Function", "AWS::Serverless::StateMachine")
_ATTACHED: Final = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")
_PLAIN_ELEMENTS: Final = frozenset({"Sid", "Effect", "Action", "Resource", "Condition"})


class HolderKind(Enum):
    """What the policies are written in."""

    FUNCTION = "the Policies of a function of SAM"
    ROLE = "a role"


@dataclass(frozen=True, slots=True)
class Document:
    """A policy document in a template, with its statements as far as they stand there one by one.

    `resource` is the logical id of the resource that it is a part of.
    """

    node: Object
    statements: tuple[Object, ...]
    resource: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A policy of a role: a `document` that is written there, or else what names or makes one."""

    node: Json
    document: Document | None


@dataclass(frozen=True, slots=True)
class Holder:
    """What the policies of a role are a property of.

    `resource` is its logical id in the template and `properties` are where `entries`, those of `Policies`, and the
    managed policies, those of `managed`, stand. `policies` are the documents of resources that are attached to this
    role alone.
    """

    kind: HolderKind
    resource: str
    properties: Object
    entries: tuple[Entry, ...]
    managed: tuple[Json, ...] = ()
    policies: tuple[Document, ...] = field(default=())


def find_holder(workload: Workload, resolver: Resolver) -> Holder | None:
    """Return where the policies of the workload's role can be written; None if that is not in its template."""
    stack = resolver.stack
    role = stack.resources.get((workload.grants.role or "").removeprefix(stack.prefix))
    if role is None or role.type != ROLE or role.written is None:
        return None
    properties = find(role.written, "Properties")
    if not isinstance(properties, Object) or not _is_own(properties, role.written.location):
        return None
    if is_repeated(resolver, properties.location):
        return None
    kind = text_of(find(role.written, "Type"))
    if role.id != role.origin:
        if kind not in _OF_SAM:
            return None
        entries = tuple(_entries(properties, role.origin, is_sam=True))
        return Holder(HolderKind.FUNCTION, role.origin, properties, entries, policies=tuple(_attached(role, resolver)))
    if kind != ROLE:
        return None
    managed = items_of(properties.members.get("ManagedPolicyArns"))
    attached = tuple(_attached(role, resolver))
    entries = tuple(_entries(properties, role.id, is_sam=False))
    return Holder(HolderKind.ROLE, role.id, properties, entries, managed, attached)


def is_repeated(resolver: Resolver, place: Location) -> bool:
    """Say whether what stands at `place` is there for several resources, or in a file that others may include."""
    if place.path != resolver.stack.document.path:
        return True
    return any(_is_within(place, one) for one in resolver.stack.document.repeated)


def _is_own(node: Json, around: Location) -> bool:
    """Say whether `node` stands within `around`, and not where an alias or a merge key takes it from."""
    return _is_within(node.location, around)


def _is_within(place: Location, around: Location) -> bool:
    start, end = (place.start_line, place.start_column), (place.end_line,)
    return (around.start_line, around.start_column) <= start and end <= (around.end_line,)


def _entries(properties: Object, resource: str, *, is_sam: bool) -> Iterator[Entry]:
    for item in items_of(properties.members.get("Policies")):
        inner = item if is_sam else find(item, "PolicyDocument")
        yield Entry(item, _document(inner, resource))


def _document(node: Json | None, resource: str) -> Document | None:
    """Return the policy document that `node` is, None if it is none that is written out."""
    if not isinstance(node, Object) or "Statement" not in node.members:
        return None
    statements = tuple(one for one in items_of(node.members["Statement"]) if _is_editable(one))
    return Document(node, tuple(one for one in statements if isinstance(one, Object)), resource)


def _is_editable(statement: Json) -> bool:
    """Say whether a statement is written out, but for what names its resources and conditions."""
    if not isinstance(statement, Object) or not statement.members.keys() <= _PLAIN_ELEMENTS:
        return False
    actions = statement.members.get("Action")
    return actions is not None and all(
        isinstance(action, Scalar) for action in (actions.items if isinstance(actions, Array) else (actions,))
    )


def _attached(role: Resource, resolver: Resolver) -> Iterator[Document]:
    for resource in resolver.stack.resources.values():
        if resource.type not in _ATTACHED or resource.written is None or resource.id != resource.origin:
            continue
        given = items_of(resource.get("Roles") or resource.get("RoleName"))
        if len(given) != 1 or resource.get("Users") is not None or resource.get("Groups") is not None:
            continue
        if is_repeated(resolver, resource.written.location):
            continue
        is_this = isinstance(given[0], Object) and text_of(given[0].members.get("Ref")) == role.id
        document = _document(resource.get("PolicyDocument"), resource.id)
        if is_this and document is not None:
            yield document
