"""Runs the checks on policies, whatever program they are for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Final

from analyzer.checks import (
    actions,
    arns,
    attachments,
    conditions,
    escalation,
    principals,
    redundancy,
    resources,
    unscoped,
)
from analyzer.checks.observed import by_place, findings_of
from analyzer.checks.subject import Observation
from analyzer.iam.document import CURRENT_VERSION
from analyzer.iam.inventory import Document, DocumentKind, Identity, Inventory
from analyzer.model.findings import Finding
from analyzer.model.location import Location
from analyzer.model.policy import Policy, Statement

_ON_STATEMENTS: Final[dict[str, Callable[[Statement, Document], Iterator[Observation]]]] = {
    "action-without-resource": resources.actions_without_resource,
    "allow-not-action": actions.allowed_but_for,
    "allow-not-resource": resources.allowed_but_for,
    "external-account-without-id": principals.accounts_without_external_id,
    "full-wildcard": actions.full_wildcards,
    "identity-provider-without-subject": principals.identity_providers_for_anyone,
    "invalid-condition-value": conditions.invalid_values,
    "literal-wildcard": conditions.literal_wildcards,
    "malformed-arn": arns.malformed_arns,
    "never-matching-statement": conditions.never_matching,
    "pass-any-role": unscoped.passing_any_role,
    "pass-role-to-any-service": unscoped.passing_to_any_service,
    "public-principal": principals.anyone,
    "redundant-entry": redundancy.redundant_entries,
    "resource-not-taken": resources.resources_not_taken,
    "service-principal-without-source": principals.services_for_anyone,
    "service-wildcard": actions.service_wildcards,
    "star-resource": unscoped.any_resource,
    "unknown-action": actions.unknown_actions,
    "unknown-condition-operator": conditions.unknown_operators,
    "unscoped-data-access": unscoped.data_access,
    "unscoped-permissions-management": unscoped.permissions_management,
    "unsupported-condition-key": conditions.unsupported_keys,
    "variable-in-old-version": conditions.variables_in_old_version,
}
_ON_DOCUMENTS: Final[dict[str, Callable[[Document, str | None], Iterator[Observation]]]] = {
    "foreign-partition": arns.foreign_partitions,
    "oversized-policy": attachments.oversized_documents,
    "redundant-statement": redundancy.redundant_statements,
    "shadowed-action": redundancy.denied_in_document,
}
_ON_IDENTITIES: Final[dict[str, Callable[[Identity], Iterator[Observation]]]] = {
    "oversized-policy": attachments.oversized_identities,
    "privilege-escalation": escalation.escalations,
    "redundant-statement": redundancy.redundant_grants,
    "shadowed-action": redundancy.denied_anyway,
    "unknown-managed-policy": attachments.unknown_policies,
    "withdrawn-managed-policy": attachments.withdrawn_policies,
}

LINT_CHECKS: Final = tuple(sorted({*_ON_STATEMENTS, *_ON_DOCUMENTS, *_ON_IDENTITIES}))
"""The ids of the checks on policies, which are also the names of their files in rules/checks/."""

BROKEN: Final = (
    "invalid-condition-value",
    "never-matching-statement",
    "unknown-action",
    "unknown-condition-operator",
)
"""The checks for what cannot be meant, whatever the policy is for: those that a comparison runs too."""


def lint(
    inventory: Inventory, partition: str | None = None, chosen: Collection[str] = LINT_CHECKS
) -> tuple[Finding, ...]:
    """Return what the checks named in `chosen` say of the policies of a file, sorted by place.

    `partition` is the one that all ARNs have to be in; None leaves it open which one that is. Raises RuleError if the
    file of a check that says something is missing or wrong.
    """
    return by_place(
        finding for name in chosen for finding in findings_of(name, _observations(name, inventory, partition))
    )


def broken(policy: Policy) -> tuple[Finding, ...]:
    """Return what the checks in `BROKEN` say of the statements that a role's own file holds.

    What is wrong with a managed policy of AWS, or of another file, is not for the reader of this one to mend.
    """
    own = tuple(
        statement
        for statement in policy.statements
        if statement.places
        and policy.location
        and statement.location
        and _in_one_file(statement.location, policy.location)
    )
    if not own or policy.location is None:
        return ()
    document = Document(DocumentKind.IDENTITY, own, CURRENT_VERSION, 0, policy.location)
    return lint(Inventory((document,), ()), chosen=BROKEN)


def _in_one_file(one: Location, other: Location) -> bool:
    return one.path == other.path


def _observations(name: str, inventory: Inventory, partition: str | None) -> Iterator[Observation]:
    if name in _ON_STATEMENTS:
        for document in inventory.documents:
            for statement in document.statements:
                yield from _ON_STATEMENTS[name](statement, document)
    if name in _ON_DOCUMENTS:
        for document in inventory.documents:
            yield from _ON_DOCUMENTS[name](document, partition)
    if name in _ON_IDENTITIES:
        for identity in inventory.identities:
            yield from _ON_IDENTITIES[name](identity)
