"""Clients: operations, paginators, waiters, S3 transfers and presigned URLs."""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import TYPE_CHECKING

from analyzer import sdk
from analyzer.flow import export, identities, strings
from analyzer.flow.calling import Arguments
from analyzer.flow.library_object import LibraryObject
from analyzer.flow.resources import Resources, client_of
from analyzer.flow.values import (
    ABSENT,
    REST,
    BuiltinMethod,
    Client,
    ClientMethod,
    CollectionValue,
    Credentials,
    DictObject,
    Foreign,
    PageIterator,
    Paginator,
    Resource,
    SdkResult,
    Session,
    Value,
    Waiter,
    alternatives,
    join_all,
    unknown,
)
from analyzer.model import ir
from analyzer.model.calls import Identity, UnresolvedReason, Via
from analyzer.model.values import Ambient, Hole, Known, Text

if TYPE_CHECKING:
    from analyzer.flow.machine import Machine

_HELPERS = frozenset(
    {
        "get_paginator",
        "get_waiter",
        "can_paginate",
        "generate_presigned_url",
        "generate_presigned_post",
        "close",
        "meta",
    }
)
_CLIENT_LIKE = frozenset({"boto3.client", "botocore.client.BaseClient", "boto3.resources.base.ServiceResource"})
_STUB = re.compile(r"(?:mypy_boto3|types_boto3|types_aiobotocore|types_aioboto3)_(\w+?)(?:\.(\w+))?\.(\w+)$")
_TEMPLATE_FIELD = re.compile(r"\{(\w+)!?\}")
# A parameter that holds a name, or an ARN or URL that takes the place of all that stands before it too.
_WHOLE_FIELD = re.compile(r"\{(\w+)!\}")
_WHOLE = ("arn:", "https://")
_AMBIENT = ("partition", "region", "account")
REGION = Text((Hole(Ambient("region")),))
# Of the access key among the arguments of `client` and `resource`.
_KEY_POSITION = 6


class SdkCalls(Resources):
    """What SDK objects do; boto3 resources are in `Resources`."""

    def __init__(self, machine: Machine) -> None:
        """Take the machine whose state is worked on."""
        super().__init__(machine)
        self._machine = machine

    # Making clients and sessions

    def make(self, kind: str, arguments: Arguments, span: ir.Span, session: Session | None = None) -> Value:
        """Return what `boto3.client(...)` or `boto3.resource(...)` gives; `kind` is that function's name."""
        session = session or Session()
        service = arguments.take(0, "service_name")
        region = self._region(arguments.take(1, "region_name"), session.region)
        key = arguments.take(_KEY_POSITION, "aws_access_key_id")
        owners = identities.identities(self._machine, key, session.identity)
        outcomes: list[Value] = []
        for member in alternatives(service) if service is not None else ():
            if isinstance(member, Known) and isinstance(member.value, str):
                outcomes += [self._named(kind, member.value, region, owner, span) for owner in owners]
            else:
                self._machine.record_unresolved(
                    UnresolvedReason.DYNAMIC_SERVICE,
                    span,
                    f"the service of this {kind} is not known: {strings.describe(member)}",
                )
                outcomes.append(Client(None, region))
        return join_all(outcomes) or Client(None, region)

    def names_service(self, kind: str, arguments: Arguments) -> bool:
        """Tell whether arguments name only services that `boto3.client` (or `resource`, as `kind` says) knows."""
        service = arguments.take(0, "service_name")
        names = [member.value if isinstance(member, Known) else None for member in alternatives(service or ABSENT)]
        if kind == "resource":
            return bool(names) and all(isinstance(name, str) and sdk.load_resources(name) for name in names)
        return bool(names) and all(name in sdk.service_names() for name in names)

    def _region(self, value: Value | None, default: str | None) -> str | None:
        if isinstance(value, Known) and isinstance(value.value, str):
            return value.value
        return default if value is None or value == Known(None) else None

    def _named(self, kind: str, service: str, region: str | None, owner: Identity | None, span: ir.Span) -> Value:
        if kind == "resource":
            made = self.service_resource(service, region, owner)
            if made is not None:
                return made
        elif service in sdk.service_names():
            return Client(service, region, owner)
        self._machine.record_unresolved(UnresolvedReason.UNKNOWN_SERVICE, span, f"boto3 has no {kind} {service!r}")
        return Foreign(f"boto3.{kind}({service!r})")

    def session(self, arguments: Arguments) -> Value:
        """Return what `boto3.Session(...)` gives."""
        region = self._region(arguments.take(3, "region_name"), None)
        key, inner = arguments.take(0, "aws_access_key_id"), arguments.take(4, "botocore_session")
        owners = identities.identities(self._machine, inner)
        if key is not None:
            owners = tuple(one for owner in owners for one in identities.identities(self._machine, key, owner))
        return join_all([Session(region, owner) for owner in dict.fromkeys(owners)]) or Session(region)

    def hinted(self, value: Value, service: str) -> Value:
        """Return what a `# lpa: service=NAME` comment makes of a value that is not known."""
        if service not in sdk.service_names():
            return value
        settled = [
            Client(service)
            if strings.is_unknown(member) or (isinstance(member, Client) and member.service is None)
            else member
            for member in alternatives(value)
        ]
        return join_all(settled) or Client(service)

    def value_of_type(self, path: str) -> Value | None:
        """Return a value of a type of the SDK or of a library whose rules are known, None if it is none."""
        found = self.value_of_sdk_type(path)
        return self._machine.library.described.instance_of(path) if found is None else found

    def value_of_sdk_type(self, path: str) -> Value | None:
        """Return a value of an SDK type named as type stubs do (`mypy_boto3_s3.S3Client`), None if it is none."""
        if path in _CLIENT_LIKE:
            return Client(None)
        match = _STUB.match(path)
        if match is None:
            return None
        package, _, name = match.groups()
        wanted = package.replace("_", "").replace("-", "")
        service = next((one for one in sorted(sdk.service_names()) if one.replace("-", "") == wanted), None)
        if service is None:
            return None
        if name.endswith("Client"):
            return Client(service)
        if name.endswith("ServiceResource"):
            return self.service_resource(service, None)
        return self._operation_type(service, name) or self.resource_of_type(service, name)

    def _operation_type(self, service: str, name: str) -> Value | None:
        loaded = sdk.load_service(service)
        if loaded is None:
            return None
        client = Client(service)
        if name.endswith("Paginator") and name.removesuffix("Paginator") in loaded.operations:
            return Paginator(client, name.removesuffix("Paginator"))
        if name.endswith("Waiter"):
            wanted = name.removesuffix("Waiter").lower()
            for waiter, operation in loaded.waiters.items():
                if waiter.replace("_", "") == wanted:
                    return Waiter(client, operation)
        return None

    # Attributes

    def attribute(self, receiver: Value, name: str, span: ir.Span) -> Value:
        """Return an attribute of a client, session, resource, collection or `meta`."""
        if isinstance(receiver, Client):
            return self._client_attribute(receiver, name, span)
        if isinstance(receiver, BuiltinMethod):
            return self._meta_attribute(receiver.receiver, name)
        if isinstance(receiver, Session):
            if name == "region_name":
                return REGION if receiver.region is None else Known(receiver.region)
            return Credentials(receiver.identity) if name == "_credentials" else BuiltinMethod(receiver, name)
        if isinstance(receiver, Resource):
            return self.resource_attribute(receiver, name, span)
        if isinstance(receiver, CollectionValue):
            return self.collection_attribute(receiver, name)
        return unknown(f"attribute {name}")

    def _meta_attribute(self, owner: Value, name: str) -> Value:
        if isinstance(owner, Resource):
            if name == "client":
                return client_of(owner)
            if name == "service_name":
                return Known(owner.service)
        if isinstance(owner, Client | Resource) and name == "region_name":
            return REGION if owner.region is None else Known(owner.region)
        if name == "partition":
            return Text((Hole(Ambient("partition")),))
        return Foreign(f"meta.{name}")

    def has_method(self, client: Client, name: str) -> bool:
        """Tell whether a client has a method."""
        if client.service is None or name in _HELPERS:
            return True
        loaded = sdk.load_service(client.service)
        return loaded is None or name in loaded.methods or name in sdk.transfer_methods(client.service)

    def _client_attribute(self, client: Client, name: str, span: ir.Span) -> Value:
        if name in ("exceptions", "waiter_names"):
            return Foreign(f"client.{name}")
        if client.service is None:
            return BuiltinMethod(client, name)
        loaded = sdk.load_service(client.service)
        if loaded is not None:
            operation = loaded.methods.get(name)
            if operation is not None:
                return ClientMethod(client, operation)
            if name in _HELPERS or name in sdk.transfer_methods(client.service) or name.startswith("_"):
                return BuiltinMethod(client, name)
            if self._machine.library.described.describes(_helper_path(client, name)):
                return BuiltinMethod(client, name)
            self._machine.record_unresolved(
                UnresolvedReason.UNKNOWN_METHOD, span, f"the {client.service} client has no method {name!r}"
            )
        return Foreign(f"{client.service}.{name}")

    # Calls

    def call_operation(self, method: ClientMethod, arguments: Arguments, span: ir.Span) -> Value:
        """Record the call of an operation and return its response."""
        return self.request(method.client, method.operation, self._keywords(arguments), Via.DIRECT, span)

    def _keywords(self, arguments: Arguments) -> list[tuple[Hashable, Value]]:
        entries: list[tuple[Hashable, Value]] = list(arguments.keywords.items())
        if arguments.open or arguments.rest is not None:
            entries.append((REST, unknown("further parameters")))
        return entries

    def request(
        self,
        client: Client,
        operation: str,
        entries: list[tuple[Hashable, Value]],
        via: Via,
        span: ir.Span,
        *,
        possible: bool = False,
    ) -> Value:
        """Record a request of an operation with parameters and return its response."""
        service = client.service or ""
        parameters = export.mapping(entries, self._machine.state)
        self._machine.record_call(client, operation, parameters, via, span, possible=possible)
        if not possible:
            self._machine.library.receivers.note_resolved(span, f"{service}.{operation}")
        known = self._determined(service, operation, dict(entries))
        return SdkResult(service, operation, "", (*known, *identities.with_role(dict(entries), service, operation)))

    def _determined(
        self, service: str, operation: str, parameters: dict[Hashable, Value]
    ) -> tuple[tuple[str, Value], ...]:
        """Return the parts of a response that the request determines, by the rules of the service."""
        from analyzer import rules

        templates = rules.result_templates(service).get(operation, {})
        return tuple((path, self._filled(template, parameters)) for path, template in sorted(templates.items()))

    def _filled(self, template: str, parameters: dict[Hashable, Value]) -> Value:
        field = _WHOLE_FIELD.search(template)
        given = parameters.get(field[1]) if field is not None else None
        if field is None or given is None:
            return self._written(template, parameters)
        rest = self._written(template[field.end() :], parameters)
        outcomes = [
            strings.concatenate([one, rest])
            if _is_whole(one)
            else self._written(template, {**parameters, field[1]: one})
            for one in alternatives(given)
        ]
        return join_all(outcomes) or unknown(f"what {field[1]} of a response holds")

    def _written(self, template: str, parameters: dict[Hashable, Value]) -> Value:
        pieces: list[Value] = []
        for position, piece in enumerate(_TEMPLATE_FIELD.split(template)):
            if position % 2 == 0:
                pieces.append(Known(piece))
            elif piece in _AMBIENT:
                pieces.append(Text((Hole(Ambient(piece)),)))
            else:
                pieces.append(parameters.get(piece) or unknown(f"the {piece} of a response"))
        return strings.concatenate(pieces)

    def call_helper(self, client: Client, name: str, arguments: Arguments, span: ir.Span) -> Value:
        """Return the outcome of a client method that is no operation."""
        if client.service is None:
            return self._machine.library.receivers.call_on_client(client, name, arguments, span)
        if name == "get_paginator":
            return self._by_name(client, arguments.take(0, "operation_name"), span, "paginator")
        if name == "get_waiter":
            return self._by_name(client, arguments.take(0, "waiter_name"), span, "waiter")
        if name == "generate_presigned_url":
            return self._presigned(client, arguments, span)
        if name == "generate_presigned_post":
            entries: list[tuple[Hashable, Value]] = []
            for position, parameter in enumerate(("Bucket", "Key")):
                value = arguments.take(position, parameter)
                if value is not None:
                    entries.append((parameter, value))
            self.request(client, "PutObject", entries, Via.PRESIGNED, span)
            return unknown("a presigned post")
        if name == "_make_api_call":
            return self._made_by_name(client, arguments, span)
        if name in sdk.transfer_methods(client.service):
            return self.transfer(sdk.transfer_methods(client.service)[name], client, (), arguments, span)
        helper = LibraryObject(_helper_path(client, name), given=(("client", client),))
        described = self._machine.library.described.call(helper, arguments, span)
        return unknown(f"{client.service}.{name}()") if described is None else described

    def _by_name(self, client: Client, named: Value | None, span: ir.Span, kind: str) -> Value:
        loaded = sdk.load_service(client.service or "")
        outcomes: list[Value] = []
        for member in alternatives(named) if named is not None else ():
            name = member.value if isinstance(member, Known) else None
            if loaded is None or not isinstance(name, str):
                self._machine.record_unresolved(
                    UnresolvedReason.DYNAMIC_METHOD, span, f"which {kind} of {client.service} this is, is not known"
                )
            elif kind == "paginator" and name in loaded.methods:
                self._machine.library.receivers.note_resolved(span, f"{client.service}.{loaded.methods[name]}")
                outcomes.append(Paginator(client, loaded.methods[name]))
            elif kind == "waiter" and name in loaded.waiters:
                self._machine.library.receivers.note_resolved(span, f"{client.service}.{loaded.waiters[name]}")
                outcomes.append(Waiter(client, loaded.waiters[name]))
            else:
                self._machine.record_unresolved(
                    UnresolvedReason.UNKNOWN_METHOD, span, f"the {client.service} client has no {kind} {name!r}"
                )
        return join_all(outcomes) or Foreign(f"a {kind}")

    def _presigned(self, client: Client, arguments: Arguments, span: ir.Span) -> Value:
        loaded = sdk.load_service(client.service or "")
        named = arguments.take(0, "ClientMethod")
        parameters = arguments.take(1, "Params")
        entries: list[tuple[Hashable, Value]] = []
        for member in alternatives(parameters) if parameters is not None else ():
            entries = self._machine.state.items(member.cells) if isinstance(member, DictObject) else [(REST, member)]
        for member in alternatives(named) if named is not None else ():
            name = member.value if isinstance(member, Known) else None
            if loaded is not None and isinstance(name, str) and name in loaded.methods:
                self.request(client, loaded.methods[name], entries, Via.PRESIGNED, span)
            else:
                self._machine.record_unresolved(
                    UnresolvedReason.DYNAMIC_METHOD, span, "which method this presigned URL is for, is not known"
                )
        return unknown("a presigned URL")

    def _made_by_name(self, client: Client, arguments: Arguments, span: ir.Span) -> Value:
        loaded = sdk.load_service(client.service or "")
        named, given = arguments.take(0, "operation_name"), arguments.take(1, "kwarg")
        entries: list[tuple[Hashable, Value]] = [(REST, unknown("data"))]
        if isinstance(given, DictObject):
            entries = self._machine.state.items(given.cells)
        if loaded is not None and isinstance(named, Known) and named.value in loaded.operations:
            return self.request(client, str(named.value), entries, Via.DIRECT, span)
        self._machine.record_unresolved(UnresolvedReason.DYNAMIC_METHOD, span, "the operation is not known")
        return unknown("a response")

    def paginate(self, paginator: Paginator, arguments: Arguments) -> Value:
        """Return the pages of a paginator; nothing is sent yet."""
        parameters = self._machine.objects.new_dict(
            {name: value for name, value in arguments.keywords.items() if name != "PaginationConfig"},
            rest=unknown("further parameters") if arguments.open else None,
        )
        return PageIterator(paginator.client, paginator.operation, parameters)

    def wait(self, waiter: Waiter, arguments: Arguments, span: ir.Span) -> Value:
        """Record the call that a waiter polls with."""
        entries = [entry for entry in self._keywords(arguments) if entry[0] != "WaiterConfig"]
        self.request(waiter.client, waiter.operation, entries, Via.WAITER, span)
        return Known(None)

    def iterate(self, value: Value, span: ir.Span) -> Value:
        """Record the call that iterating over pages or a collection makes; return a page or resource."""
        if isinstance(value, PageIterator):
            entries = self._machine.state.items(value.parameters.cells)
            return self.request(value.client, value.operation, entries, Via.PAGINATOR, span)
        if isinstance(value, CollectionValue):
            return self.iterate_collection(value, span)
        return unknown("an item")

    def transfer(
        self,
        method: sdk.TransferMethod,
        client: Client,
        identifiers: tuple[tuple[str, Value], ...],
        arguments: Arguments,
        span: ir.Span,
    ) -> Value:
        """Record the operations that an S3 transfer method performs."""
        given: dict[str, Value] = {}
        for position, name in enumerate(method.parameters):
            value = arguments.take(position, name)
            if value is not None:
                given[name] = value
        own = dict(identifiers)
        for argument, identifier in method.identifiers:
            given[argument] = own.get(identifier, unknown(identifier))
        for operation in method.operations:
            if operation.when is not None and not self._holds(operation.when, given):
                continue
            entries: list[tuple[Hashable, Value]] = []
            for target, source in (*operation.parameters, *operation.optional):
                value = self._argument(source, given)
                if value is not None:
                    entries.append((target, value))
            used = given.get(operation.client or "")
            through = used if isinstance(used, Client) else client
            self.request(through, operation.operation, entries, Via.TRANSFER, span)
        return Known(None)

    def _argument(self, source: str, given: dict[str, Value]) -> Value | None:
        name, _, item = source.partition(".")
        value = given.get(name)
        if value is None or not item:
            return value
        outcomes: list[Value] = []
        for member in alternatives(value):
            if isinstance(member, DictObject):
                found = self._machine.objects.entry(member, Known(item))
                outcomes.append(ABSENT if found is None else found)
            elif name == "ExtraArgs":
                # A mapping that cannot be seen may hold anything; what it does hold is not guessed.
                return None
            else:
                outcomes.append(unknown(item))
        joined = join_all(outcomes)
        return None if joined is None or joined is ABSENT else joined

    def _holds(self, when: tuple[str, tuple[str, ...]], given: dict[str, Value]) -> bool:
        value = self._argument(when[0], given)
        return any(isinstance(member, Known) and member.value in when[1] for member in alternatives(value or ABSENT))

    def dynamic_method(self, receiver: Client | Resource, span: ir.Span) -> None:
        """Report that a method of an SDK object is chosen by a name that is not known."""
        service = receiver.service or "an unknown service"
        self._machine.record_unresolved(
            UnresolvedReason.DYNAMIC_METHOD, span, f"which method of {service} is meant, is not known"
        )

    def handed_on(
        self, value: ClientMethod | BuiltinMethod, span: ir.Span, keywords: tuple[tuple[str, Value], ...] = ()
    ) -> None:
        """Record the call that may be made when a bound SDK method is handed to somebody unknown.

        `keywords` are arguments that it is handed on with (`functools.partial`).
        """
        rest: list[tuple[Hashable, Value]] = [*keywords, (REST, unknown("parameters"))]
        if isinstance(value, ClientMethod):
            self.request(value.client, value.operation, rest, Via.DIRECT, span, possible=True)
        elif isinstance(value.receiver, Resource):
            self.resource_handed_on(value.receiver, value.name, span)
        elif isinstance(value.receiver, Client) and value.receiver.service is not None:
            method = sdk.transfer_methods(value.receiver.service).get(value.name)
            for operation in method.operations if method is not None else ():
                if operation.when is None:
                    self.request(value.receiver, operation.operation, rest[-1:], Via.TRANSFER, span, possible=True)


def _helper_path(client: Client, name: str) -> str:
    """Return what the rules of boto3 call a method that it adds to a client."""
    return f"boto3.client.{client.service}.{name}"


def _is_whole(value: Value) -> bool:
    first = next(iter(strings.parts_of(value)), "")
    return isinstance(first, str) and first.startswith(_WHOLE)
