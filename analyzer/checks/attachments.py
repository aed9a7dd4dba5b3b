"""The checks on what an identity holds: the managed policies that it names, and how much IAM lets it hold."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Final

from analyzer.checks.rule import Fact, check_rule
from analyzer.checks.subject import Observation
from analyzer.iam.arn import parse_arn
from analyzer.iam.inventory import Document, DocumentKind, Identity, IdentityKind
from analyzer.model.policy import PolicyReference
from analyzer.rules import managed_policy

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_INLINE: Final = {IdentityKind.USER: 2_048, IdentityKind.ROLE: 10_240, IdentityKind.GROUP: 5_120}
_MANAGED: Final = 6_144
_TRUST: Final = 2_048
_TRUST_ON_REQUEST: Final = 8_192
_ATTACHED: Final = {IdentityKind.USER: 10, IdentityKind.ROLE: 20, IdentityKind.GROUP: 10}
_ATTACHED_ON_REQUEST: Final = {IdentityKind.USER: 20, IdentityKind.ROLE: 25, IdentityKind.GROUP: 10}
# Where AWS keeps its policies: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
_PATHS: Final = ("", "service-role/", "job-function/", "aws-service-role/")


def withdrawn_policies(identity: Identity) -> Iterator[Observation]:
    """Say which policies of AWS are attached that AWS has withdrawn."""
    for reference in identity.attached:
        fact = _withdrawn().get(_name(reference)) if _is_of_aws(reference) else None
        if fact is not None:
            instead = f"; {fact.to} takes its place" if fact.to else ""
            yield Observation(f"AWS has withdrawn the managed policy {_name(reference)}{instead}", reference.location)


def unknown_policies(identity: Identity) -> Iterator[Observation]:
    """Say which policies of AWS are attached that AWS does not have."""
    for reference in identity.attached:
        name = _name(reference)
        if not _is_of_aws(reference) or name in _withdrawn() or managed_policy(_in_aws(reference)) is not None:
            continue
        paths = [path for path in _PATHS if managed_policy(f"arn:aws:iam::aws:policy/{path}{name}") is not None]
        hint = f"; there is arn:aws:iam::aws:policy/{paths[0]}{name}" if paths else ""
        yield Observation(f"AWS is not known to have a managed policy {reference.arn}{hint}", reference.location)


def oversized_documents(document: Document, partition: str | None) -> Iterator[Observation]:
    """Say which managed policies and trust policies are longer than IAM takes."""
    if document.kind is DocumentKind.TRUST and document.size > _TRUST:
        limit = f"a trust policy may have {_TRUST:,}, and {_TRUST_ON_REQUEST:,} on request"
        yield Observation(f"the trust policy has {document.size:,} characters, and {limit}", document.location)
    if document.managed and document.size > _MANAGED:
        message = f"the managed policy has {document.size:,} characters, and may have {_MANAGED:,}"
        yield Observation(message, document.location)


def oversized_identities(identity: Identity) -> Iterator[Observation]:
    """Say which identities hold more than IAM takes: characters of inline policies, and attached policies."""
    kind = IdentityKind.ROLE if identity.kind is IdentityKind.POLICY else identity.kind
    size = sum(document.size for document in identity.inline)
    if size > _INLINE[kind] and not any(document.managed for document in identity.inline):
        message = f"{size:,} characters of inline policies, and a {kind} may have {_INLINE[kind]:,}"
        yield Observation(message, identity.location)
    count = len(identity.attached)
    if count > _ATTACHED[kind]:
        most = _ATTACHED_ON_REQUEST[kind]
        on_request = f", and {most} on request" if most > _ATTACHED[kind] else ""
        message = f"{count} managed policies are attached, and a {kind} may have {_ATTACHED[kind]}{on_request}"
        yield Observation(message, identity.attached[_ATTACHED[kind]].location)


@cache
def _withdrawn() -> dict[str, Fact]:
    return {name: fact for fact in check_rule("withdrawn-managed-policy").facts for name in fact.values}


def _is_of_aws(reference: PolicyReference) -> bool:
    arn = parse_arn(reference.arn)
    return arn is not None and arn.service == "iam" and arn.account == "aws"


def _name(reference: PolicyReference) -> str:
    return reference.arn.rpartition("/")[2]


def _in_aws(reference: PolicyReference) -> str:
    """Return the ARN of the policy of the same name in the partition `aws`; the others have most of its policies."""
    return "arn:aws:" + reference.arn.split(":", 2)[2]
