from __future__ import annotations

import json
from typing import Any

import pytest

from analyzer.errors import InputError
from analyzer.iam.inventory import DocumentKind, IdentityKind, Inventory, read_inventory
from analyzer.iam.positioned_json import parse_json
from analyzer.iam.role import read_policy
from analyzer.model.policy import Policy, PolicyReference, ReferenceKind

ALLOW: dict[str, Any] = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
DOCUMENT: dict[str, Any] = {"Version": "2012-10-17", "Statement": [ALLOW]}
TRUST: dict[str, Any] = {
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]
}
MANAGED = "arn:aws:iam::123456789012:policy/p"


def read(value: Any, documents: Any = None) -> Inventory:
    return read_inventory(parse_json(json.dumps(value, indent=1), "a.json"), documents)


def managed(arn: str, *, default: bool = True) -> dict[str, Any]:
    version = {"Document": DOCUMENT, "VersionId": "v1", "IsDefaultVersion": default}
    return {"Arn": arn, "PolicyVersionList": [version]}


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        (ALLOW, DocumentKind.IDENTITY),
        (TRUST["Statement"][0], DocumentKind.TRUST),
        ({**TRUST["Statement"][0], "Action": ["sts:AssumeRole", "sts:TagSession"]}, DocumentKind.TRUST),
        ({**TRUST["Statement"][0], "Action": "sts:AssumeRoleWithWebIdentity"}, DocumentKind.TRUST),
        ({**ALLOW, "Principal": "*"}, DocumentKind.RESOURCE),
        ({**TRUST["Statement"][0], "Action": ["sts:AssumeRole", "sqs:SendMessage"]}, DocumentKind.RESOURCE),
        ({"Effect": "Deny", "NotPrincipal": {"AWS": "1"}, "Action": "s3:*", "Resource": "*"}, DocumentKind.RESOURCE),
    ],
)
def test_kinds_are_told_apart_by_principals_and_actions(statement: dict[str, Any], kind: DocumentKind) -> None:
    (document,) = read({"Version": "2012-10-17", "Statement": statement}).documents
    assert document.kind is kind


def test_a_policy_that_stands_alone_is_an_identity_of_its_own() -> None:
    inventory = read(DOCUMENT)
    (document,), (identity,) = inventory.documents, inventory.identities
    assert (identity.kind, identity.inline, identity.grants) == (IdentityKind.POLICY, (document,), document.statements)
    assert read(TRUST).identities == ()


def test_a_role_has_what_its_policies_say() -> None:
    granted = {"arn:aws:iam::aws:policy/A": DOCUMENT}

    def documents(arn: str) -> Policy | None:
        return read_policy(json.dumps(granted[arn]), arn) if arn in granted else None

    role = {
        "RoleName": "r",
        "Arn": "arn:aws:iam::123456789012:role/r",
        "AssumeRolePolicyDocument": TRUST,
        "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": DOCUMENT}],
        "AttachedManagedPolicies": [{"PolicyArn": "arn:aws:iam::aws:policy/A"}, {"PolicyArn": MANAGED}],
        "PermissionsBoundary": {"PermissionsBoundaryArn": "arn:aws:iam::aws:policy/A"},
    }
    inventory = read(role, documents)
    trust, inline = inventory.documents
    assert (trust.kind, inline.kind) == (DocumentKind.TRUST, DocumentKind.IDENTITY)
    assert (trust.account, inline.account) == ("123456789012", "123456789012")
    (identity,) = inventory.identities
    assert (identity.kind, identity.inline) == (IdentityKind.ROLE, (inline,))
    assert [(one.arn, one.kind) for one in identity.attached] == [
        ("arn:aws:iam::aws:policy/A", ReferenceKind.MANAGED_POLICY),
        (MANAGED, ReferenceKind.MANAGED_POLICY),
    ]
    assert len(identity.grants) == 2
    # What AWS's policy says stands where it is attached.
    assert identity.grants[1].location == identity.attached[0].location
    assert identity.boundary is not None
    assert len(identity.boundary) == 1


def test_a_boundary_that_is_not_known_allows_nothing() -> None:
    role = {"RolePolicyList": [], "PermissionsBoundary": {"PermissionsBoundaryArn": MANAGED}}
    (identity,) = read(role).identities
    assert identity.boundary == ()


def test_everything_of_an_account_is_read_once() -> None:
    inline = [{"PolicyName": "p", "PolicyDocument": DOCUMENT}]
    attached = [{"PolicyArn": MANAGED}]
    account = {
        "UserDetailList": [{"UserName": "u", "UserPolicyList": inline, "AttachedManagedPolicies": attached}],
        "GroupDetailList": [{"GroupName": "g", "GroupPolicyList": inline}],
        "RoleDetailList": [{"RoleName": "r", "AssumeRolePolicyDocument": TRUST, "AttachedManagedPolicies": attached}],
        "Policies": [managed(MANAGED), managed("arn:aws:iam::aws:policy/A")],
    }
    inventory = read(account)
    assert [one.kind for one in inventory.identities] == [
        IdentityKind.ROLE,
        IdentityKind.USER,
        IdentityKind.GROUP,
        IdentityKind.POLICY,
    ]
    # One trust policy, two inline ones, and the managed one that is not AWS's.
    assert [(one.kind, one.managed) for one in inventory.documents] == [
        (DocumentKind.TRUST, False),
        (DocumentKind.IDENTITY, False),
        (DocumentKind.IDENTITY, False),
        (DocumentKind.IDENTITY, True),
    ]
    assert [len(one.grants) for one in inventory.identities] == [1, 2, 1, 1]


def test_a_user_has_what_its_groups_have() -> None:
    inline = [{"PolicyName": "p", "PolicyDocument": DOCUMENT}]
    account = {
        "UserDetailList": [{"UserName": "u", "GroupList": ["g", "nowhere"]}, {"UserName": "v", "GroupList": []}],
        "GroupDetailList": [{"GroupName": "g", "GroupPolicyList": inline}],
    }
    inventory = read(account)
    assert [(one.kind, len(one.grants), len(one.inline)) for one in inventory.identities] == [
        (IdentityKind.USER, 1, 0),
        (IdentityKind.USER, 0, 0),
        (IdentityKind.GROUP, 1, 1),
    ]


def test_only_the_default_version_of_a_managed_policy_counts() -> None:
    assert read({"Policies": [managed(MANAGED, default=False)]}) == Inventory((), ())


def test_a_document_in_a_string_stands_where_the_string_does() -> None:
    account = {"Policies": [managed(MANAGED)]}
    account["Policies"][0]["PolicyVersionList"][0]["Document"] = json.dumps(DOCUMENT)
    (document,) = read(account).documents
    assert document.location.start_line == document.location.end_line
    assert document.statements[0].location == document.location


@pytest.mark.parametrize(
    ("text", "characters"),
    [
        ('{"Version": "2012-10-17",\n "Statement": []}', len('{"Version":"2012-10-17","Statement":[]}')),
        # White space in a value is part of it.
        ('{"Id": "a b",  "Statement": []}', len('{"Id":"a b","Statement":[]}')),
        (
            '{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"a": true}}}}',
            len('{"Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"a":true}}}}'),
        ),
    ],
)
def test_size_is_without_white_space_between_parts(text: str, characters: int) -> None:
    (document,) = read_inventory(parse_json(text, "a.json")).documents
    assert document.size == characters


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], "a.json:1:1: neither a policy nor a role"),
        ({"Foo": 1}, "a.json:1:1: neither a policy nor a role"),
        ({"RoleDetailList": {}}, '"RoleDetailList" is not a list'),
        ({"RoleDetailList": [1]}, 'an entry of "RoleDetailList" is not an object'),
        ({"RolePolicyList": [{"PolicyName": "p"}]}, 'no "PolicyDocument"'),
        ({"RolePolicyList": [], "AttachedManagedPolicies": [{}]}, 'no string under "PolicyArn"'),
        ({"Policies": [{"PolicyVersionList": []}]}, 'no string under "Arn"'),
        ({"RolePolicyList": [{"PolicyDocument": TRUST}]}, '"Principal" in a statement'),
        ({"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]}, 'a statement without "Action"'),
    ],
)
def test_anything_else_is_refused_with_its_place(value: Any, message: str) -> None:
    with pytest.raises(InputError) as error:
        read(value)
    assert message in str(error.value)
    assert str(error.value).startswith("a.json:")


def test_references_are_compared_as_records() -> None:
    (identity,) = read({"RolePolicyList": [], "AttachedManagedPolicies": [{"PolicyArn": MANAGED}]}).identities
    (reference,) = identity.attached
    assert reference == PolicyReference(MANAGED, ReferenceKind.MANAGED_POLICY, reference.location)
    assert (reference.location.start_line, reference.location.start_column) == (5, 17)
