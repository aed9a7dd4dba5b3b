"""boto3 resources: sub-resources, actions, collections, lazily loaded attributes."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import TYPE_CHECKING

from analyzer import sdk
from analyzer.flow.calling import Arguments
from analyzer.flow.strings import below
from analyzer.flow.values import (
    REST,
    TRUE,
    BatchWriter,
    BuiltinMethod,
    Client,
    CollectionValue,
    Foreign,
    ListObject,
    Resource,
    SdkResult,
    Value,
    join_all,
    unknown,
)
from analyzer.model import ir
from analyzer.model.calls import Identity, UnresolvedReason, Via
from analyzer.model.values import Known

if TYPE_CHECKING:
    from analyzer.flow.machine import Machine

_REFINING = frozenset({"all", "filter", "limit", "page_size"})


class Resources:
    """What boto3 resource objects do."""

    def __init__(self, machine: Machine) -> None:
        """Take the machine whose state is worked on."""
        self._machine = machine

    def service_resource(self, service: str, region: str | None, owner: Identity | None = None) -> Value | None:
        """Return what `boto3.resource(service)` gives, None if there is no such resource."""
        model = sdk.load_resources(service)
        return None if model is None else self._make(service, model.service_resource.type_name, (), region, owner)

    def resource_of_type(self, service: str, type_name: str) -> Value | None:
        """Return a resource of a type with unknown identifiers, None if there is no such type."""
        model = sdk.load_resources(service)
        if model is None or type_name not in model.types:
            return None
        identifiers = tuple(
            (name, unknown(f"the {name} of a {type_name}")) for name in model.types[type_name].identifiers
        )
        return self._make(service, type_name, identifiers, None)

    def _make(
        self,
        service: str,
        type_name: str,
        identifiers: tuple[tuple[str, Value], ...],
        region: str | None,
        owner: Identity | None = None,
    ) -> Resource:
        return Resource(service, type_name, identifiers, region, self._machine.state.new_cells(), owner)

    def _made_by(self, parent: Resource, type_name: str, identifiers: list[tuple[str, Value]]) -> Resource:
        return self._make(parent.service, type_name, tuple(identifiers), parent.region, parent.identity)

    def _type(self, resource: Resource) -> sdk.ResourceType:
        model = sdk.load_resources(resource.service)
        if model is None:
            raise LookupError(resource.service)
        return model.types.get(resource.type_name, model.service_resource)

    # Attributes

    def resource_attribute(self, resource: Resource, name: str, span: ir.Span) -> Value:
        """Return an attribute of a resource; reading a lazy one loads it."""
        kind = self._type(resource)
        own = dict(resource.identifiers)
        if name in own:
            return own[name]
        if name in kind.aliases:
            return own.get(kind.aliases[name], unknown(name))
        if name in kind.attributes:
            return self._loaded_attribute(resource, kind, name, span)
        if name in kind.collections:
            return CollectionValue(resource, kind.collections[name], ())
        if name in kind.references:
            return self._yielded(resource, kind.references[name], None, (), span)
        if name == "meta" or name in kind.subresources or name in kind.actions or name in kind.waiters:
            return BuiltinMethod(resource, name)
        if name in ("load", "reload", "get_available_subresources") or name in self._transfers(resource):
            return BuiltinMethod(resource, name)
        if name.startswith("__") or (name == "batch_writer" and resource.type_name == "Table"):
            return BuiltinMethod(resource, name)
        self._machine.record_unresolved(
            UnresolvedReason.UNKNOWN_METHOD,
            span,
            f"boto3's {resource.service} resource {resource.type_name} has no {name!r}",
        )
        return Foreign(f"{resource.service}.{resource.type_name}.{name}")

    def _transfers(self, resource: Resource) -> dict[str, sdk.TransferMethod]:
        return sdk.transfer_methods(resource.service, resource.type_name)

    def _loaded_attribute(self, resource: Resource, kind: sdk.ResourceType, name: str, span: ir.Span) -> Value:
        if kind.load is None:
            return unknown(f"attribute {name}")
        state = self._machine.state
        if state.read(resource.cells, "loaded") != TRUE:
            state.write(resource.cells, "loaded", TRUE)
            self._perform(resource, kind.load, Arguments(), Via.RESOURCE, span)
        return SdkResult(resource.service, kind.load.operation, name)

    # Calls

    def call_on_resource(self, resource: Resource, name: str, arguments: Arguments, span: ir.Span) -> Value:
        """Return the outcome of calling a member of a resource."""
        kind = self._type(resource)
        if name in kind.subresources:
            return self._subresource(resource, kind.subresources[name], arguments)
        if name in kind.actions:
            return self._perform(resource, kind.actions[name], arguments, Via.RESOURCE, span)
        if name in kind.waiters:
            return self._perform(resource, kind.waiters[name], arguments, Via.WAITER, span)
        if name in ("load", "reload") and kind.load is not None:
            self._machine.state.write(resource.cells, "loaded", TRUE)
            return self._perform(resource, kind.load, Arguments(), Via.RESOURCE, span)
        transfers = self._transfers(resource)
        if name in transfers:
            return self._machine.sdk.transfer(
                transfers[name], client_of(resource), resource.identifiers, arguments, span
            )
        if name == "batch_writer":
            return BatchWriter(resource)
        return unknown(f"{resource.service}.{name}()")

    def _subresource(self, resource: Resource, reference: sdk.ResourceReference, arguments: Arguments) -> Value:
        own = dict(resource.identifiers)
        identifiers: list[tuple[str, Value]] = []
        position = 0
        for source in reference.identifiers:
            if source.kind == "identifier":
                value = own.get(str(source.value), unknown(source.target))
            else:
                value = arguments.take(position, source.target) or unknown(source.target)
                position += 1
            identifiers.append((source.target, value))
        return self._made_by(resource, reference.type_name, identifiers)

    def _perform(
        self, resource: Resource, action: sdk.ResourceAction, arguments: Arguments, via: Via, span: ir.Span
    ) -> Value:
        """Record the request of an action and return the response or the resources it yields."""
        entries = self._filled_in(resource, action)
        given = [(name, value) for name, value in arguments.keywords.items() if name != "WaiterConfig"]
        entries.extend(given)
        if arguments.open:
            entries.append((REST, unknown("further parameters")))
        sent = list(dict(entries).items())
        response = self._machine.sdk.request(client_of(resource), action.operation, sent, via, span)
        if action.resource is None:
            return response
        return self._yielded(resource, action.resource, response, tuple(entries), span)

    def _filled_in(self, resource: Resource, action: sdk.ResourceAction) -> list[tuple[Hashable, Value]]:
        own = dict(resource.identifiers)
        nested: dict[str, Value] = {}
        objects = self._machine.objects
        for source in action.parameters:
            if source.kind == "identifier":
                value = own.get(str(source.value), unknown(f"the {source.value} of a {resource.type_name}"))
            elif source.kind in ("string", "integer", "boolean"):
                value = Known(source.value)
            else:
                value = unknown(f"the {source.value} of a {resource.type_name}")
            head, _, rest = source.target.partition(".")
            name, is_list = head.removesuffix("[]"), head.endswith("[]")
            if rest:
                # `Delete.Objects[].Key`: rebuilt as nested containers around the one value.
                for step in reversed(rest.split(".")):
                    if step.endswith("[]"):
                        value = objects.new_list("list", [], value)
                    value = objects.new_dict({step.removesuffix("[]"): value})
            nested[name] = objects.new_list("list", [value], None) if is_list else value
        return list(nested.items())

    def _yielded(
        self,
        resource: Resource,
        reference: sdk.ResourceReference,
        response: Value | None,
        request: tuple[tuple[Hashable, Value], ...],
        span: ir.Span,
    ) -> Value:
        """Return the resource (or list of them) that a response or a loaded attribute identifies."""
        own, sent = dict(resource.identifiers), dict(request)
        identifiers: list[tuple[str, Value]] = []
        for source in reference.identifiers:
            path = str(source.value)
            value: Value | None = None
            if source.kind == "identifier":
                value = own.get(path)
            elif source.kind == "requestParameter":
                value = sent.get(path.split(".")[0].removesuffix("[]"))
                items = self._machine.objects.fixed_items(value) if value is not None else None
                if items:
                    value = join_all(items)
            elif source.kind == "response" and response is not None:
                value = below(response, f".{path}")
            elif source.kind == "data":
                value = self._loaded_attribute(resource, self._type(resource), path, span)
            identifiers.append((source.target, value or unknown(source.target)))
        made = self._made_by(resource, reference.type_name, identifiers)
        if reference.loaded:
            made.cells["loaded"] = TRUE
        return self._machine.objects.new_list("list", [], made) if reference.many else made

    # Collections

    def collection_attribute(self, collection: CollectionValue, name: str) -> Value:
        """Return a method of a collection."""
        return BuiltinMethod(collection, name)

    def call_on_collection(self, collection: CollectionValue, name: str, arguments: Arguments, span: ir.Span) -> Value:
        """Return the outcome of a collection's method; only batch actions send anything."""
        if name in _REFINING:
            return replace(collection, parameters=(*collection.parameters, *arguments.keywords.items()))
        if name == "pages":
            return replace(collection, paged=True)
        action = collection.collection.batch_actions.get(name)
        if action is not None:
            member = self.iterate_collection(collection, span)
            if isinstance(member, Resource):
                return self._perform(member, action, arguments, Via.RESOURCE, span)
        return unknown(f"a collection's {name}")

    def iterate_collection(self, collection: CollectionValue, span: ir.Span) -> Value:
        """Record the request that iterating over a collection makes and return one of its resources, or a page."""
        arguments = Arguments(keywords={str(name): value for name, value in collection.parameters})
        yielded = self._perform(collection.resource, collection.collection.request, arguments, Via.RESOURCE, span)
        if isinstance(yielded, ListObject) and not collection.paged:
            return self._machine.objects.element(yielded, span)
        return yielded

    def resource_handed_on(self, resource: Resource, name: str, span: ir.Span) -> None:
        """Record the call that may be made when a bound method of a resource is handed to somebody unknown."""
        kind = self._type(resource)
        action = kind.actions.get(name) or kind.waiters.get(name)
        if action is not None:
            entries = [*self._filled_in(resource, action), (REST, unknown("parameters"))]
            client = client_of(resource)
            self._machine.sdk.request(client, action.operation, entries, Via.RESOURCE, span, possible=True)

    # Batch writers

    def enter_batch_writer(self, writer: BatchWriter, span: ir.Span) -> None:
        """Record what a `batch_writer` sends; leaving its `with` block always flushes it."""
        objects = self._machine.objects
        requests = objects.new_dict()
        items = objects.new_list("list", [], unknown("a put or delete request"))
        objects.set_item(requests, dict(writer.table.identifiers).get("name", unknown("a table")), items)
        client = client_of(writer.table)
        self._machine.sdk.request(client, "BatchWriteItem", [("RequestItems", requests)], Via.RESOURCE, span)


def client_of(resource: Resource) -> Client:
    """Return the client that a resource sends its requests with."""
    return Client(resource.service, resource.region, resource.identity)
