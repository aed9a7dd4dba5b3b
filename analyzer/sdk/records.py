"""What is kept of botocore's and boto3's models: only the fields that the analysis needs."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Operation:
    """One API operation: its botocore name, client method, top-level input members and HTTP binding.

    `http_method` and `request_uri` are those of the model (`GET`, `/restapis/{restapi_id}`). `structures` are the
    members that are structures, mappings, or lists of them: whatever they are called, they hold no name.
    """

    name: str
    method: str
    members: tuple[str, ...]
    required: tuple[str, ...]
    http_method: str
    request_uri: str
    structures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """One boto3 client: `operations` by operation name, `methods` from client method to operation name.

    `paginators` are the operation names that can paginate; `waiters` maps the name `get_waiter` takes to the
    operation that the waiter polls. `signing_name` is botocore's (the IAM prefix unless a rule says otherwise).
    """

    name: str
    signing_name: str
    operations: dict[str, Operation]
    methods: dict[str, str]
    paginators: frozenset[str]
    waiters: dict[str, str]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a parameter or identifier of a resource call comes from.

    `kind` is boto3's: `identifier` (of the resource it is called on), `input` (an argument that the caller gives),
    `requestParameter` (a parameter of the request that was sent), `response` (JMESPath in the response), `data`
    (JMESPath in the resource's loaded attributes), `string`, `integer`, `boolean`. `target` is the request parameter
    (a botocore path such as `Delete.Objects[].Key`) or the identifier's name; `value` is the identifier name, path or
    constant.
    """

    kind: str
    target: str
    value: str | int | bool


@dataclass(frozen=True, slots=True)
class ResourceReference:
    """A resource handle that an action, a sub-resource or a collection yields; `many` when it is a list of them.

    `loaded` says that the response fills in the attributes too, so that reading one calls no `load`.
    """

    type_name: str
    identifiers: tuple[Source, ...]
    many: bool
    loaded: bool = False


@dataclass(frozen=True, slots=True)
class ResourceAction:
    """An action, a load, or a collection's request: the operation it calls and what it fills in by itself."""

    operation: str
    parameters: tuple[Source, ...]
    resource: ResourceReference | None


@dataclass(frozen=True, slots=True)
class ResourceCollection:
    """A collection: iterating it calls `request`; `batch_actions` are what the collection itself can be told to do.

    A batch action calls `request` first; the identifiers and data it takes are those of the items found.
    """

    request: ResourceAction
    batch_actions: dict[str, ResourceAction]


@dataclass(frozen=True, slots=True)
class ResourceType:
    """A boto3 resource type, or a service resource (`type_name` is then the service's client name).

    Everything is keyed by the Python attribute name boto3 gives it. `identifiers` are those names in constructor
    order. `attributes` are the lazily loaded ones, which call `load` on first use; `references` are related
    resources reached as an attribute (`bucket` of an `Object`), `subresources` are made by calling (`s3.Bucket("b")`).
    `waiters` maps `wait_until_exists` to the polled operation and its parameters. `aliases` maps an attribute that
    only repeats an identifier (`instance_id` of an `Instance`) to that identifier.
    """

    type_name: str
    identifiers: tuple[str, ...]
    attributes: frozenset[str]
    load: ResourceAction | None
    actions: dict[str, ResourceAction]
    collections: dict[str, ResourceCollection]
    references: dict[str, ResourceReference]
    subresources: dict[str, ResourceReference]
    waiters: dict[str, ResourceAction]
    aliases: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ResourceModel:
    """All resource types of one service; `service_resource` is what `boto3.resource(name)` returns."""

    service: str
    service_resource: ResourceType
    types: dict[str, ResourceType]
