"""The checked rules of a service in the form the cache keeps: nested lists in the order of the records' fields."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any, TypedDict

from analyzer.model.requirements import Condition
from analyzer.rules.records import (
    ActionEntry,
    Advice,
    Binding,
    Guard,
    OperationRule,
    ServiceRules,
    Spelling,
    TypeBinding,
)


class StoredRules(TypedDict):
    """`ServiceRules` without the names that are known before they are read."""

    prefix: str
    bindings: dict[str, Any]
    operations: dict[str, Any]
    results: dict[str, dict[str, str]]
    unnamed_is_type: bool


def store(rules: ServiceRules) -> StoredRules:
    """Return `rules` as the cache keeps them."""
    return {
        "prefix": rules.prefix,
        "bindings": dict(rules.bindings),
        "operations": {name: _plain(operation) for name, operation in rules.operations.items()},
        "results": {name: dict(paths) for name, paths in rules.results.items()},
        "unnamed_is_type": rules.unnamed_is_type,
    }


def restore(service: str, file: str, stored: StoredRules) -> ServiceRules:
    """Return the rules that `store` was given."""
    return ServiceRules(
        service,
        file,
        stored["prefix"],
        {name: _type_binding(binding) for name, binding in stored["bindings"].items()},
        {name: _operation(*operation) for name, operation in stored["operations"].items()},
        stored["results"],
        stored["unnamed_is_type"],
    )


def _plain(operation: OperationRule) -> list[Any]:
    # The records are tuples, which JSON writes as lists; only conditions are not.
    return [
        operation.permission,
        [[*entry[:-1], [astuple(condition) for condition in entry.conditions]] for entry in operation.actions],
        operation.advice,
    ]


def _operation(permission: str, actions: list[list[Any]], advice: list[list[str]]) -> OperationRule:
    return OperationRule(
        permission, tuple(_action(*action) for action in actions), tuple(Advice(*one) for one in advice)
    )


def _action(
    action: str,
    resources: list[str],
    bindings: list[list[Any]],
    guards: list[list[list[Any]]],
    conditions: list[list[Any]],
) -> ActionEntry:
    return ActionEntry(
        action,
        tuple(resources),
        tuple((name, _type_binding(binding)) for name, binding in bindings),
        tuple(tuple(_guard(*guard) for guard in clause) for clause in guards),
        tuple(Condition(operator, key, tuple(values)) for operator, key, values in conditions),
    )


def _type_binding(stored: list[Any]) -> TypeBinding:
    whole, variables = stored
    return TypeBinding(
        tuple(_binding(*binding) for binding in whole), tuple((name, _binding(*binding)) for name, binding in variables)
    )


def _guard(path: str, test: str, values: list[str | int | float | bool], certain: bool) -> Guard:
    return Guard(path, test, tuple(values), certain)


def _binding(
    paths: list[str], spelling: str, extract: str, template: str | None, choices: list[tuple[str, str]]
) -> Binding:
    return Binding(tuple(paths), Spelling(spelling), extract, template, tuple((value, text) for value, text in choices))
