"""Which resources a call uses an action on."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from analyzer.authorize.arns import Naming
from analyzer.authorize.resolve import CallReader, Named
from analyzer.authorize.targets import Target
from analyzer.authorize.texts import Texts
from analyzer.catalog import Action, ActionResource, resource_type
from analyzer.model.calls import ApiCall
from analyzer.model.requirements import AnyResource
from analyzer.rules import ANY_RESOURCE, ActionEntry, ServiceRules
from analyzer.sdk import load_service


class _Candidate(NamedTuple):
    """A resource type that an action takes, and what the call says of it."""

    is_required: bool
    named: Named


def resources(
    call: ApiCall, entry: ActionEntry, action: Action, rules: ServiceRules, texts: Texts
) -> tuple[str, ...] | AnyResource:
    """Return the ARNs, written with `texts`, on which `call` uses the action of a rule's `entry`.

    Which of the action's resource types count is said in docs/rules.md, "Which resource types".
    """
    if entry.resources == (ANY_RESOURCE,):
        return AnyResource(f"{action.name} takes no resource in {call.service}.{call.operation}")
    service = load_service(call.service)
    operation = service.operations.get(call.operation) if service else None
    reader = CallReader(call, operation, texts, entry.guards)
    if entry.resources and entry.resources[0].startswith("arn:"):
        return reader.written(entry.resources[0])
    if not action.resource_types:
        return AnyResource(f"{action.name} takes no resource")
    wanted = [one for one in action.resource_types if not entry.resources or one.name in entry.resources]
    found = [_Candidate(one.required, named) for one, named in _named(reader, entry, action, rules, wanted)]
    if not entry.resources and not rules.unnamed_is_type and _names_none(found):
        return AnyResource(f"{call.service}.{call.operation} names none of the resources that {action.name} may be on")
    chosen = [one.named for one in found] if entry.resources else _chosen(found)
    return tuple(dict.fromkeys(arn for named in chosen for arn in named.arns))


def _named(
    reader: CallReader, entry: ActionEntry, action: Action, rules: ServiceRules, wanted: Collection[ActionResource]
) -> Iterable[tuple[ActionResource, Named]]:
    prefix = action.name.partition(":")[0]
    types = {one.name: known for one in action.resource_types if (known := resource_type(prefix, one.name))}
    own = dict(entry.bindings)
    names = [one.name for one in wanted]
    for one in wanted:
        if one.name not in types:
            continue
        siblings = tuple(other for name, other in types.items() if name != one.name and name in names)
        shared = rules.bindings.get(one.name) if prefix == rules.prefix else None
        target = Target(prefix, types[one.name], siblings, rules.prefix)
        yield one, reader.named(target, own.get(one.name), shared)


def _names_none(candidates: list[_Candidate]) -> bool:
    """Say whether none of `candidates` is named or required; the only resource of one type may be among others."""
    namings = {one.named.naming for one in candidates}
    return Naming.NOT in namings <= {Naming.NOT, Naming.SOLE} and not any(one.is_required for one in candidates)


def _chosen(candidates: list[_Candidate]) -> list[Named]:
    required = [one.named for one in candidates if one.is_required]
    if not required:
        return _nearest([one.named for one in candidates])
    # Of several types that one parameter may name, the ARN in it says which one it is.
    told = frozenset[str]().union(*(named.parameters for named in required if named.naming is Naming.FULL))
    chosen = [named for named in required if named.naming is not Naming.OTHER or not named.parameters & told]
    read = frozenset[str]().union(*(named.parameters for named in required))
    optional = [one.named for one in candidates if not one.is_required and one.named.naming is Naming.FULL]
    return chosen + [named for named in optional if named.parameters - read]


def _nearest(named: list[Named]) -> list[Named]:
    best = min(one.naming for one in named)
    if best is Naming.NOT:
        # An ARN of none of the types is still what the call names.
        others = [one for one in named if one.naming is Naming.OTHER]
        return others or named
    nearest = [one for one in named if one.naming is best]
    fewest = min(one.missing for one in nearest)
    return [one for one in nearest if one.missing == fewest]
