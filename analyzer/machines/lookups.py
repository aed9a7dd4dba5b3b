"""What a task's arguments leave to another resource, such as the roles of a task definition."""

from __future__ import annotations

from collections.abc import Iterable

from analyzer.machines.parameters import find
from analyzer.model.values import Known, Mapping, Value, alternatives
from analyzer.model.workload import StackResource
from analyzer.rules.integrations import Lookup


def looked_up(lookup: Lookup, arguments: Mapping, resources: Iterable[StackResource]) -> Mapping | None:
    """Return the arguments with what the resource that they name says beside them.

    None if they leave something to it, and it is not among `resources`.
    """
    if all(find(arguments, path) is not None for path, _ in lookup.passes):
        return arguments
    named = find(arguments, lookup.parameter)
    wanted = set() if named is None else set(alternatives(named))
    resource = next((one for one in resources if one.type == lookup.type and wanted & set(one.names)), None)
    if resource is None:
        return None
    for path, name in lookup.passes:
        value = resource.properties.get(name)
        if value is not None and find(arguments, path) is None:
            arguments = _with(arguments, path.split("."), value)
    return arguments


def _with(mapping: Mapping, path: list[str], value: Value) -> Mapping:
    name, *rest = path
    own = mapping.get(name)
    inner = _with(own if isinstance(own, Mapping) else Mapping(()), rest, value) if rest else value
    others = tuple((key, one) for key, one in mapping.entries if key != Known(name))
    return Mapping((*others, (Known(name), inner)), mapping.complete)
