"""The stored form of resource types: the fields of each record in order, as JSON lists."""

from __future__ import annotations

from typing import Any

from analyzer.sdk.records import ResourceAction, ResourceCollection, ResourceReference, ResourceType, Source


def encode_type(resource_type: ResourceType) -> list[Any]:
    """Return the JSON form of `resource_type`."""
    return [
        resource_type.type_name,
        list(resource_type.identifiers),
        " ".join(sorted(resource_type.attributes)),
        resource_type.load and _encode_action(resource_type.load),
        {name: _encode_action(action) for name, action in resource_type.actions.items()},
        {name: _encode_collection(collection) for name, collection in resource_type.collections.items()},
        {name: _encode_reference(reference) for name, reference in resource_type.references.items()},
        {name: _encode_reference(reference) for name, reference in resource_type.subresources.items()},
        {name: _encode_action(waiter) for name, waiter in resource_type.waiters.items()},
        resource_type.aliases,
    ]


def decode_type(stored: list[Any]) -> ResourceType:
    """Return the resource type that `encode_type` gave `stored` for."""
    (name, identifiers, attributes, load, actions, collections, references, subresources, waiters, aliases) = stored
    return ResourceType(
        name,
        tuple(identifiers),
        frozenset(attributes.split()),
        load and _decode_action(load),
        {name: _decode_action(action) for name, action in actions.items()},
        {name: _decode_collection(collection) for name, collection in collections.items()},
        {name: _decode_reference(reference) for name, reference in references.items()},
        {name: _decode_reference(reference) for name, reference in subresources.items()},
        {name: _decode_action(waiter) for name, waiter in waiters.items()},
        aliases,
    )


def _encode_action(action: ResourceAction) -> list[Any]:
    reference = action.resource and _encode_reference(action.resource)
    return [action.operation, _encode_sources(action.parameters), reference]


def _decode_action(stored: list[Any]) -> ResourceAction:
    operation, parameters, reference = stored
    return ResourceAction(operation, _decode_sources(parameters), reference and _decode_reference(reference))


def _encode_collection(collection: ResourceCollection) -> list[Any]:
    batch_actions = {name: _encode_action(action) for name, action in collection.batch_actions.items()}
    return [_encode_action(collection.request), batch_actions]


def _decode_collection(stored: list[Any]) -> ResourceCollection:
    request, batch_actions = stored
    return ResourceCollection(
        _decode_action(request), {name: _decode_action(action) for name, action in batch_actions.items()}
    )


def _encode_reference(reference: ResourceReference) -> list[Any]:
    return [reference.type_name, _encode_sources(reference.identifiers), reference.many, reference.loaded]


def _decode_reference(stored: list[Any]) -> ResourceReference:
    type_name, identifiers, many, loaded = stored
    return ResourceReference(type_name, _decode_sources(identifiers), many, loaded)


def _encode_sources(sources: tuple[Source, ...]) -> list[Any]:
    return [[source.kind, source.target, source.value] for source in sources]


def _decode_sources(stored: list[Any]) -> tuple[Source, ...]:
    return tuple([Source(*fields) for fields in stored])
