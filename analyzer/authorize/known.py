"""What is known of an operation before a call of it is looked at: by a rule, by the base rule, by AWS's reference."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from analyzer.authorize.defaults import default_binding
from analyzer.authorize.naming import Nearness
from analyzer.catalog import find_action, reference_actions
from analyzer.model.requirements import BASE_RULE, Condition, RuleReference
from analyzer.rules import ActionEntry, Advice, Guard, service_rules
from analyzer.sdk import Operation, load_service

_PASS_ROLE: Final = "iam:PassRole"
_ROLE: Final = "RoleNameWithPath"

REFERENCE: Final = "AWS Service Reference"
"""What reasons call the data of `lpa catalog update`."""


class Kind(StrEnum):
    """Where the needs of an operation are known from."""

    BASE = "base"
    RULE = "rule"
    REFERENCE = "reference"
    NO_PERMISSION = "no-permission"
    NOT_IAM = "not-iam"
    UNKNOWN = "unknown"


class Known(NamedTuple):
    """What an operation may need: `entries`, each under its own conditions; `rule` is what says so."""

    kind: Kind
    rule: RuleReference | None = None
    entries: tuple[ActionEntry, ...] = ()
    advice: tuple[Advice, ...] = ()


def known(service: str, operation: str) -> Known:
    """Return what is known of the needs of an operation of the boto3 client `service`.

    Raises RuleError if the rule file of the service is wrong, InputError if the fetched reference data is damaged.
    """
    rules = service_rules(service)
    rule = rules.operations.get(operation)
    if rule is not None and (rule.actions or rule.permission):
        kind = Kind.NO_PERMISSION if rule.permission == "none" else Kind.NOT_IAM if rule.permission else Kind.RULE
        return Known(kind, RuleReference(rules.file, operation), rule.actions, rule.advice)
    action = find_action(f"{rules.prefix}:{operation}")
    if action is not None:
        return Known(Kind.BASE, BASE_RULE, (ActionEntry(action.name),))
    return _by_reference(service, operation)


def _by_reference(service: str, operation: str) -> Known:
    client = load_service(service)
    shape = client.operations.get(operation) if client else None
    authorized = reference_actions(client.name, shape.method) if client and shape else ()
    found = [(find_action(one.action), one.context) for one in authorized]
    if not found or any(action is None for action, _ in found):
        return Known(Kind.UNKNOWN)
    entries: list[ActionEntry] = []
    advice: list[Advice] = []
    for action, context in found:
        assert action is not None, "that was looked at above"
        conditions = tuple(Condition("StringEquals", key, values) for key, values in sorted(context))
        entry = ActionEntry(action.name, conditions=conditions)
        if action.name != _PASS_ROLE:
            entries.append(entry)
        elif shape is not None and (roles := _roles(shape)):
            entries.append(entry._replace(guards=(tuple(Guard(role, "present") for role in roles),)))
        else:
            advice.append(Advice(action.name, "the operation may pass a role on that no parameter names"))
    return Known(Kind.REFERENCE, RuleReference(REFERENCE, f"{service}.{operation}"), tuple(entries), tuple(advice))


def _roles(operation: Operation) -> tuple[str, ...]:
    """Return the parameters whose names say that they name a role."""
    names = [member for member in operation.members if member not in operation.structures]
    found = default_binding("role", (_ROLE,), operation.name, names)
    if found.arns and found.nearness is not Nearness.GENERIC:
        return found.arns
    nearness, named = found.variables.get(_ROLE, (Nearness.GENERIC, ()))
    return named if nearness is not Nearness.GENERIC else ()
