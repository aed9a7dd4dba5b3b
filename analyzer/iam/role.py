"""What a role is granted, from any JSON that says so.

A bare policy document; a role as `aws iam get-account-authorization-details` lists it (which is also what
`lpa generate --as role` writes); or that command's whole output.

Sources: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html,
https://docs.aws.amazon.com/IAM/latest/APIReference/API_RoleDetail.html,
https://docs.aws.amazon.com/IAM/latest/APIReference/API_ManagedPolicyDetail.html.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from analyzer.errors import InputError
from analyzer.iam.arn import parse_arn
from analyzer.iam.document import read_document
from analyzer.iam.positioned_json import Array, Json, Object, Scalar, parse_json
from analyzer.model.policy import Policy, PolicyReference, ReferenceKind, Statement

POLICY_SHAPES: Final = (
    "give a policy document, a role as `aws iam get-account-authorization-details` lists it, or that command's output"
)
"""What to do about a file that is something else."""


Documents = Callable[[str], Policy | None]
"""Returns the managed policy with an ARN, or None if its document is not at hand."""


def read_policy(text: str, path: str, role: str | None = None, documents: Documents | None = None) -> Policy:
    """Return everything that the JSON `text`, the content of the file `path`, grants to a role.

    `role` names the role where the file lists several. `documents` is asked for the managed policies and the
    permissions boundary whose documents are not in the file; what it does not know either is `unseen`. Raises
    InputError, with the place, for anything else than the shapes named above.
    """
    root = parse_json(text, path)
    if not isinstance(root, Object):
        raise _error(root, "neither a policy nor a role", POLICY_SHAPES)
    if "RoleDetailList" in root.members:
        return _read_role(_choose_role(root, role), _managed_policies(root), documents)
    if "RolePolicyList" in root.members or "AttachedManagedPolicies" in root.members:
        return _read_role(root, {}, documents)
    if "Statement" in root.members or "Version" in root.members:
        return Policy(read_document(root), location=root.location)
    raise _error(root, "neither a policy nor a role", POLICY_SHAPES)


def _choose_role(details: Object, name: str | None) -> Object:
    roles = {text_in(role, "RoleName"): role for role in objects_in(details, "RoleDetailList")}
    if name is None and len(roles) == 1:
        return next(iter(roles.values()))
    if name is not None and name in roles:
        return roles[name]
    known = ", ".join(sorted(roles)) if roles else "none"
    raise _error(
        details.members["RoleDetailList"],
        f'no role "{name}" in the list' if name else f"a list of {len(roles)} roles, where one is wanted",
        f"name one of its roles: {known}",
    )


def _read_role(role: Object, in_file: dict[str, Json], documents: Documents | None) -> Policy:
    statements: list[Statement] = []
    unseen: list[PolicyReference] = []
    for inline in objects_in(role, "RolePolicyList"):
        statements += read_document(document_in(inline, "PolicyDocument"))
    for attached in objects_in(role, "AttachedManagedPolicies"):
        arn = text_in(attached, "PolicyArn")
        reference = PolicyReference(arn, ReferenceKind.MANAGED_POLICY, attached.location)
        granted = _look_up(arn, in_file, documents)
        if granted is None:
            unseen.append(reference)
        elif _is_of_aws(arn):
            statements += (replace(statement, attachment=reference) for statement in granted)
        else:
            statements += granted
    boundary = None
    limit = role.members.get("PermissionsBoundary")
    if isinstance(limit, Object):
        arn = text_in(limit, "PermissionsBoundaryArn")
        boundary = _look_up(arn, in_file, documents)
        if boundary is None:
            unseen.append(PolicyReference(arn, ReferenceKind.BOUNDARY, limit.location))
    return Policy(tuple(statements), tuple(unseen), role.location, boundary)


def _is_of_aws(arn: str) -> bool:
    # "The account ID in the ARN of an AWS managed policy is aws":
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
    parsed = parse_arn(arn)
    return parsed is not None and parsed.account == "aws"


def _look_up(arn: str, in_file: dict[str, Json], documents: Documents | None) -> tuple[Statement, ...] | None:
    """Return the statements of the managed policy `arn`, None if they are not to be had. What the file says counts."""
    if arn in in_file:
        return read_document(in_file[arn])
    policy = documents(arn) if documents is not None else None
    return None if policy is None else policy.statements


def _managed_policies(details: Object) -> dict[str, Json]:
    """Return the documents of the managed policies listed in `details`, in their default versions, by ARN."""
    documents: dict[str, Json] = {}
    for managed in objects_in(details, "Policies"):
        for version in objects_in(managed, "PolicyVersionList"):
            default = version.members.get("IsDefaultVersion")
            if isinstance(default, Scalar) and default.value is True:
                documents[text_in(managed, "Arn")] = document_in(version, "Document")
    return documents


def document_in(holder: Object, key: str) -> Json:
    """Return the policy document under `key`, also where it is JSON in a string. Raises InputError if there is none.

    "Policies returned by this operation are URL-encoded compliant with RFC 3986"; the AWS CLI decodes them.
    """
    document = holder.members.get(key)
    if document is None:
        raise _error(holder, f'no "{key}"', "the object has to hold a policy document under this key")
    if not isinstance(document, Scalar) or not isinstance(document.value, str):
        return document
    text = document.value
    if not text.lstrip().startswith("{"):
        from urllib.parse import unquote

        text = unquote(text)
    return parse_json(text, document.location.path, inside=document.location)


def objects_in(holder: Object, key: str) -> tuple[Object, ...]:
    """Return the objects listed under `key`; none, if it is not there. Raises InputError for anything else."""
    value = holder.members.get(key)
    if value is None:
        return ()
    if not isinstance(value, Array):
        raise _error(value, f'"{key}" is not a list', POLICY_SHAPES)
    objects = []
    for item in value.items:
        if not isinstance(item, Object):
            raise _error(item, f'an entry of "{key}" is not an object', POLICY_SHAPES)
        objects.append(item)
    return tuple(objects)


def text_in(holder: Object, key: str) -> str:
    """Return the string under `key`. Raises InputError, with the place, if there is none."""
    value = holder.members.get(key)
    if not isinstance(value, Scalar) or not isinstance(value.value, str):
        raise _error(value or holder, f'no string under "{key}"', POLICY_SHAPES)
    return value.value


def _error(value: Json, what: str, hint: str) -> InputError:
    return InputError(f"{value.location}: {what}", hint)
