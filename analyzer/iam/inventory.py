"""Every policy of a file: a policy document, a role, or all that an account has.

Sources: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html and the details of
users, groups, roles and policies there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from analyzer.errors import InputError
from analyzer.iam.arn import parse_arn
from analyzer.iam.document import has_principals, read_document, version_of
from analyzer.iam.evaluate import action_matches
from analyzer.iam.positioned_json import Array, Json, Object, Scalar
from analyzer.iam.role import POLICY_SHAPES, Documents, document_in, objects_in, text_in
from analyzer.model.location import Location
from analyzer.model.policy import PolicyReference, ReferenceKind, Statement

# What a trust policy can allow: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html and
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html.
_TRUST_ACTIONS: Final = ("sts:AssumeRole*", "sts:TagSession", "sts:SetSourceIdentity", "sts:SetContext", "sts:*")


class DocumentKind(StrEnum):
    """What a policy document is attached to: an identity, a role that others may assume, or another resource."""

    IDENTITY = "identity-based policy"
    TRUST = "trust policy"
    RESOURCE = "resource-based policy"


class IdentityKind(StrEnum):
    """Who holds policies; a policy that stands alone holds itself."""

    ROLE = "role"
    USER = "user"
    GROUP = "group"
    POLICY = "policy"


@dataclass(frozen=True, slots=True)
class Document:
    """A policy document: its statements in its order, the version of the policy language, its size as IAM counts it.

    `account` is the account that it belongs to, where the file says so. `managed` says that it is a managed policy.
    """

    kind: DocumentKind
    statements: tuple[Statement, ...]
    version: str
    size: int
    location: Location
    account: str | None = None
    managed: bool = False


@dataclass(frozen=True, slots=True)
class Identity:
    """A role, user or group with the policies that it holds.

    `inline` are the documents inside it, `attached` the policies that it names. `grants` are the statements of all of
    them, and of a user's groups; those of a policy that is not in the file stand where it is attached, and what is in
    one whose document is not at hand nobody knows. `boundary` are the statements of its permissions boundary, None if
    it has none.
    """

    kind: IdentityKind
    inline: tuple[Document, ...]
    attached: tuple[PolicyReference, ...]
    grants: tuple[Statement, ...]
    boundary: tuple[Statement, ...] | None
    location: Location


@dataclass(frozen=True, slots=True)
class Inventory:
    """The policy documents of a file, each once, and the identities that hold policies.

    An identity-based policy that is not inside an identity is one of its own.
    """

    documents: tuple[Document, ...]
    identities: tuple[Identity, ...]


_LISTS: Final = {
    "RoleDetailList": (IdentityKind.ROLE, "RolePolicyList"),
    "UserDetailList": (IdentityKind.USER, "UserPolicyList"),
    "GroupDetailList": (IdentityKind.GROUP, "GroupPolicyList"),
}


_ACCOUNT: Final = (*_LISTS, "Policies")
_ROLE: Final = ("RolePolicyList", "AttachedManagedPolicies", "AssumeRolePolicyDocument")
_POLICY: Final = ("Statement", "Version")


def read_inventory(root: Json, documents: Documents | None = None) -> Inventory:
    """Return the policies in `root`, the content of a file.

    That is a policy document, a role, or the output of `aws iam get-account-authorization-details`. `documents` is
    asked for managed policies whose documents are not in the file. Raises InputError, with the place, for anything
    else.
    """
    if not isinstance(root, Object) or not holds_policies(root):
        raise InputError(f"{root.location}: neither a policy nor a role", POLICY_SHAPES)
    if not root.members.keys().isdisjoint(_ACCOUNT):
        return _read_account(root, documents)
    if not root.members.keys().isdisjoint(_ROLE):
        return _joined([_read_identity(root, IdentityKind.ROLE, "RolePolicyList", {}, documents)])
    return _alone(_read(root, None, _kind_of(root)))


def holds_policies(root: Json) -> bool:
    """Say whether `root`, the content of a file, has a key of what `read_inventory` reads."""
    return isinstance(root, Object) and not root.members.keys().isdisjoint((*_ACCOUNT, *_ROLE, *_POLICY))


def _read_account(details: Object, documents: Documents | None) -> Inventory:
    managed: dict[str, Document] = {}
    for policy in objects_in(details, "Policies"):
        arn = text_in(policy, "Arn")
        for version in objects_in(policy, "PolicyVersionList"):
            default = version.members.get("IsDefaultVersion")
            if isinstance(default, Scalar) and default.value is True:
                document = _read(document_in(version, "Document"), _account(arn))
                managed[arn] = replace(document, managed=True)
    parts: dict[IdentityKind, list[Inventory]] = {}
    for key, (kind, inline) in _LISTS.items():
        entries = objects_in(details, key)
        parts[kind] = [_read_identity(entry, kind, inline, managed, documents) for entry in entries]
    groups = zip(objects_in(details, "GroupDetailList"), parts[IdentityKind.GROUP], strict=True)
    granted = {text_in(entry, "GroupName"): group.identities[0].grants for entry, group in groups}
    users = zip(objects_in(details, "UserDetailList"), parts[IdentityKind.USER], strict=True)
    parts[IdentityKind.USER] = [_with_groups(entry, user, granted) for entry, user in users]
    # What AWS manages is not for the account's owner to change.
    own = [document for arn, document in managed.items() if not arn.partition(":iam::")[2].startswith("aws:")]
    return _joined([*(part for listed in parts.values() for part in listed), *map(_alone, own)])


def _with_groups(entry: Object, user: Inventory, granted: dict[str, tuple[Statement, ...]]) -> Inventory:
    """Return `user` with what the groups named in `entry` are granted."""
    listed = entry.members.get("GroupList")
    names = listed.items if isinstance(listed, Array) else ()
    inherited = [
        statement for name in names if isinstance(name, Scalar) for statement in granted.get(str(name.value), ())
    ]
    (identity,) = user.identities
    return replace(user, identities=(replace(identity, grants=(*identity.grants, *inherited)),))


def _alone(document: Document) -> Inventory:
    if document.kind is not DocumentKind.IDENTITY:
        return Inventory((document,), ())
    identity = Identity(
        kind=IdentityKind.POLICY,
        inline=(document,),
        attached=(),
        grants=document.statements,
        boundary=None,
        location=document.location,
    )
    return Inventory((document,), (identity,))


def _joined(parts: Iterable[Inventory]) -> Inventory:
    listed = list(parts)
    return Inventory(
        tuple(document for part in listed for document in part.documents),
        tuple(identity for part in listed for identity in part.identities),
    )


def _read_identity(
    entry: Object,
    kind: IdentityKind,
    inline_key: str,
    managed: dict[str, Document],
    documents: Documents | None,
) -> Inventory:
    account = _account(text_in(entry, "Arn")) if "Arn" in entry.members else None
    inline = tuple(_read(document_in(policy, "PolicyDocument"), account) for policy in objects_in(entry, inline_key))
    trust: tuple[Document, ...] = ()
    if "AssumeRolePolicyDocument" in entry.members:
        document = document_in(entry, "AssumeRolePolicyDocument")
        trust = (_read(document, account, DocumentKind.TRUST),)
    attached = tuple(_references(entry))
    boundary = _boundary(entry)
    found = [_look_up(reference, managed, documents) for reference in attached]
    limits = None if boundary is None else _look_up(boundary, managed, documents)
    grants = [statement for document in inline for statement in document.statements]
    for statements in found:
        grants += statements or ()
    identity = Identity(
        kind=kind,
        inline=inline,
        attached=attached,
        grants=tuple(grants),
        boundary=None if boundary is None else limits or (),
        location=entry.location,
    )
    return Inventory((*trust, *inline), (identity,))


def _references(entry: Object) -> Iterator[PolicyReference]:
    for policy in objects_in(entry, "AttachedManagedPolicies"):
        arn = text_in(policy, "PolicyArn")
        yield PolicyReference(arn, ReferenceKind.MANAGED_POLICY, policy.members["PolicyArn"].location)


def _boundary(entry: Object) -> PolicyReference | None:
    limit = entry.members.get("PermissionsBoundary")
    if not isinstance(limit, Object):
        return None
    arn = text_in(limit, "PermissionsBoundaryArn")
    return PolicyReference(arn, ReferenceKind.BOUNDARY, limit.members["PermissionsBoundaryArn"].location)


def _look_up(
    reference: PolicyReference, managed: dict[str, Document], documents: Documents | None
) -> tuple[Statement, ...] | None:
    """Return the statements of the policy `reference`, placed where it is attached; None if they are not to be had."""
    if reference.arn in managed:
        return managed[reference.arn].statements
    policy = documents(reference.arn) if documents is not None else None
    if policy is None:
        return None
    return tuple(replace(statement, location=reference.location, places={}) for statement in policy.statements)


def _read(document: Json, account: str | None, kind: DocumentKind = DocumentKind.IDENTITY) -> Document:
    """Return a document of the given kind. Raises InputError if an identity-based one names principals."""
    return Document(
        kind=kind,
        statements=read_document(document, with_principals=kind is not DocumentKind.IDENTITY),
        version=version_of(document),
        size=len(_compact(document)),
        location=document.location,
        account=account,
    )


def _kind_of(document: Json) -> DocumentKind:
    if not has_principals(document):
        return DocumentKind.IDENTITY
    actions = [
        action
        for statement in read_document(document, with_principals=True)
        for action in (*statement.actions, *statement.not_actions)
    ]
    trusts = all(any(action_matches(pattern, action) for pattern in _TRUST_ACTIONS) for action in actions)
    return DocumentKind.TRUST if trusts else DocumentKind.RESOURCE


def _account(arn: str) -> str | None:
    parsed = parse_arn(arn)
    return parsed.account if parsed is not None and parsed.account.isdigit() else None


def _compact(value: Json) -> str:
    """Return the JSON of `value` without white space between its parts, which is what IAM counts."""
    if isinstance(value, Object):
        return "{" + ",".join(f"{json.dumps(key)}:{_compact(part)}" for key, part in value.members.items()) + "}"
    if isinstance(value, Array):
        return "[" + ",".join(map(_compact, value.items)) + "]"
    if value.is_number:
        return str(value.value)
    return json.dumps(value.value)
