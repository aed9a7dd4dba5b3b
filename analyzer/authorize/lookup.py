"""Finds actions and operations by the names that people use for them, and the operations that an action is for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from analyzer.authorize.known import Kind, known
from analyzer.authorize.mapping import OperationMapping, operation_mapping
from analyzer.catalog import Action, expand, find_action, methods_authorized_by, nearest_action
from analyzer.errors import UsageError
from analyzer.rules import service_rules
from analyzer.sdk import load_service, service_names, services_with_method

_SUGGESTIONS: Final = 3


def clients() -> tuple[str, ...]:
    """Return the names of all boto3 clients, sorted, each by its own name only."""
    return tuple(sorted({client.name for name in service_names() if (client := load_service(name))}))


def look_up(name: str) -> Action | OperationMapping:
    """Return the IAM action `s3:GetObject`, or the operation that is called `s3.GetObject` or `s3.get_object`.

    Raises UsageError, with the nearest name, if there is none.
    """
    found = find_action(name) if ":" in name else _operation(name)
    if found is None:
        near = " or ".join(_nearest(name)[:_SUGGESTIONS])
        raise UsageError(
            f"no IAM action, operation or boto3 method is called {name}",
            f"did you mean {near}?" if near else "write s3:GetObject, s3.GetObject or s3.get_object",
        )
    return found


def operations_for(action: Action) -> tuple[str, ...]:
    """Return the operations, `s3.GetObject`, that need `action`, with any parameters; sorted."""
    prefix, _, base = action.name.partition(":")
    found: set[str] = set()
    for service in clients():
        rules = service_rules(service)
        by_rule = [
            name for name, rule in rules.operations.items() if any(one.action == action.name for one in rule.actions)
        ]
        by_name = [base] if rules.prefix == prefix else []
        found.update(f"{service}.{name}" for name in _confirmed(service, (*by_rule, *by_name), action))
    for service, method in methods_authorized_by(action.name):
        client = load_service(service)
        names = [client.methods[method]] if client and method in client.methods else []
        found.update(f"{service}.{name}" for name in _confirmed(service, names, action))
    return tuple(sorted(found))


def _confirmed(service: str, operations: Iterable[str], action: Action) -> Iterator[str]:
    client = load_service(service)
    for name in operations:
        if client and name in client.operations:
            of_operation = known(service, name)
            if of_operation.kind is not Kind.UNKNOWN and any(one.action == action.name for one in of_operation.entries):
                yield name


def _operation(name: str) -> OperationMapping | None:
    service, _, rest = name.partition(".")
    client = load_service(service)
    return operation_mapping(client.name, client.methods.get(rest, rest)) if client else None


def _nearest(name: str) -> list[str]:
    if ":" in name:
        action = nearest_action(name)
        return [action] if action else []
    service, dot, rest = name.rpartition(".")
    if not dot:
        found = (*expand(f"*:{name}"), *(f"{client}.{name}" for client in services_with_method(name)))
        return sorted(found, key=len)
    from difflib import get_close_matches

    having = services_with_method(rest)
    for candidate in (service, *get_close_matches(service, clients(), n=3), *get_close_matches(service, having, 1, 0)):
        client = load_service(candidate)
        near = get_close_matches(rest, (*client.methods, *client.operations), n=1) if client else ()
        if near:
            return [f"{candidate}.{near[0]}"]
    return []
