"""boto3's own resource objects are asked what they send: the request is caught before it is built."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from boto3.exceptions import ResourceLoadException
from boto3.resources.base import ServiceResource
from boto3.resources.params import build_param_structure

from analyzer.sdk import (
    ResourceAction,
    ResourceReference,
    ResourceType,
    Source,
    load_resources,
    load_service,
    resource_types_with_action,
    transfer_methods,
)

SERVICES = ["cloudformation", "cloudwatch", "dynamodb", "ec2", "glacier", "iam", "s3", "sns", "sqs"]
# boto3.dynamodb.table adds it; what it sends depends on what is done with its result.
BATCH_WRITER = {("dynamodb", "Table"): {"batch_writer"}}


class SentError(Exception):
    """What boto3 was about to send."""


def catch(params: dict[str, Any], model: Any, **_: Any) -> None:
    raise SentError(model.name, params)


def service_resource(service: str) -> Any:
    session = boto3.session.Session("key", "secret", region_name="eu-west-1")
    resource = session.resource(service)
    resource.meta.client.meta.events.register_first(f"provide-client-params.{service}", catch)
    return resource


def identifiers(type_: ResourceType) -> dict[str, str]:
    return {name: f"the-{name}" for name in type_.identifiers}


def every_type() -> list[tuple[str, str]]:
    """All types but those that cannot be made by hand: `ec2.KeyPair("k")` gives a KeyPairInfo."""
    models = [load_resources(service) for service in SERVICES]
    types = [(model.service, name) for model in models if model for name in (model.service, *model.types)]
    return [type_ for type_ in types if type_ != ("ec2", "KeyPair")]


@pytest.fixture(scope="session")
def resources() -> dict[str, Any]:
    return {service: service_resource(service) for service in SERVICES}


@pytest.fixture(scope="session", params=every_type(), ids=".".join)
def pair(request: pytest.FixtureRequest, resources: dict[str, Any]) -> tuple[str, ResourceType, Any]:
    """A resource type as the index has it, with an instance of boto3's class for it."""
    service, name = request.param
    model = load_resources(service)
    assert model is not None
    if name == service:
        return service, model.service_resource, resources[service]
    type_ = model.types[name]
    create = next(
        subresource
        for subresource, reference in model.service_resource.subresources.items()
        if reference.type_name == name
    )
    return service, type_, getattr(resources[service], create)(**identifiers(type_))


def sent(call: Callable[[], object]) -> tuple[str, dict[str, Any]]:
    with pytest.raises(SentError) as caught:
        call()
    operation, params = caught.value.args
    return operation, params


def filled_in(type_: ResourceType, sources: tuple[Source, ...]) -> dict[str, Any]:
    params: dict[str, Any] = {}
    for source in sources:
        assert source.kind in ("identifier", "string", "integer", "boolean")
        value = identifiers(type_)[str(source.value)] if source.kind == "identifier" else source.value
        build_param_structure(params, source.target, value)
    return params


def expected(type_: ResourceType, action: ResourceAction) -> tuple[str, dict[str, Any]]:
    if any(source.kind == "data" for source in action.parameters):
        # boto3 has to load the resource before it can call the action.
        assert type_.load is not None
        action = type_.load
    return action.operation, filled_in(type_, action.parameters)


def test_the_services_with_resources_are_those_of_boto3() -> None:
    assert boto3.session.Session().get_available_resources() == SERVICES


def test_every_type_of_a_service_is_known(resources: dict[str, Any]) -> None:
    for service, resource in resources.items():
        model = load_resources(service)
        assert model is not None
        assert set(model.service_resource.subresources) == set(resource.get_available_subresources())
    assert [(service, name) for service in SERVICES for name in types_made_by(service)] == every_type()


def types_made_by(service: str) -> list[str]:
    model = load_resources(service)
    assert model is not None
    made = {reference.type_name for reference in model.service_resource.subresources.values()}
    return [service, *(name for name in model.types if name in made)]


def test_the_attributes_of_the_class_are_all_known(pair: tuple[str, ResourceType, Any]) -> None:
    service, type_, instance = pair
    known = {
        *type_.identifiers,
        *type_.attributes,
        *type_.aliases,
        *type_.actions,
        *type_.collections,
        *type_.references,
        *type_.subresources,
        *type_.waiters,
        *(["load"] if type_.load else []),
        *transfer_methods(service, type_.type_name),
        *BATCH_WRITER.get((service, type_.type_name), set()),
    }
    real = set(dir(type(instance))) - set(dir(ServiceResource)) - {"meta", "reload", "get_available_subresources"}
    assert known == {name for name in real if not name.startswith("_")}


def test_identifiers_are_in_constructor_order(pair: tuple[str, ResourceType, Any]) -> None:
    _, type_, instance = pair
    assert list(type_.identifiers) == instance.meta.identifiers
    for name, value in identifiers(type_).items():
        assert getattr(instance, name) == value
    for alias, name in type_.aliases.items():
        assert getattr(instance, alias) == f"the-{name}"


def test_actions_send_what_the_index_says(pair: tuple[str, ResourceType, Any]) -> None:
    _, type_, instance = pair
    for name, action in type_.actions.items():
        assert sent(getattr(instance, name)) == expected(type_, action), name


def test_loading_sends_what_the_index_says(pair: tuple[str, ResourceType, Any]) -> None:
    _, type_, instance = pair
    if type_.load:
        assert sent(instance.load) == expected(type_, type_.load)
    for attribute in type_.attributes:
        instance.meta.data = None
        if type_.load:
            assert sent(lambda name=attribute: getattr(instance, name)) == expected(type_, type_.load)
        else:
            with pytest.raises(ResourceLoadException):
                getattr(instance, attribute)


def test_collections_send_what_the_index_says(pair: tuple[str, ResourceType, Any]) -> None:
    _, type_, instance = pair
    for name, collection in type_.collections.items():
        real = getattr(instance, name)
        request = expected(type_, collection.request)
        assert sent(lambda real=real: list(real.all())) == request, name
        assert sent(lambda real=real: list(real.limit(1))) == request, name
        methods = {*dir(type(real))} - {"all", "filter", "iterator", "limit", "page_size", "pages"}
        assert set(collection.batch_actions) == {method for method in methods if not method.startswith("_")}
        for action in collection.batch_actions:
            assert sent(getattr(real, action)) == request, "a batch action finds its items first"


def test_waiters_poll_what_the_index_says(pair: tuple[str, ResourceType, Any]) -> None:
    _, type_, instance = pair
    for name, action in type_.waiters.items():
        assert sent(getattr(instance, name)) == expected(type_, action), name


def test_subresources_share_what_the_index_says(pair: tuple[str, ResourceType, Any]) -> None:
    service, type_, instance = pair
    model = load_resources(service)
    assert model is not None
    for name, reference in type_.subresources.items():
        target = model.types[reference.type_name]
        shared = [source for source in reference.identifiers if source.kind == "identifier"]
        made = getattr(instance, name)(*target.identifiers[len(shared) :])
        assert type(made).__name__ == f"{service}.{reference.type_name}"
        # boto3 passes them on by position, which for StackResourceSummary.Resource swaps the two.
        for identifier, source in zip(target.identifiers, shared, strict=False):
            assert getattr(made, identifier) == identifiers(type_)[str(source.value)]


def test_references_load_their_owner_first(pair: tuple[str, ResourceType, Any]) -> None:
    _, type_, instance = pair
    for name in type_.references:
        if type_.load:
            assert sent(lambda name=name: getattr(instance, name)) == expected(type_, type_.load), name
        else:
            with pytest.raises(ResourceLoadException):
                getattr(instance, name)


def test_operations_are_those_of_the_client(pair: tuple[str, ResourceType, Any]) -> None:
    service, type_, _ = pair
    client = load_service(service)
    assert client is not None
    batch = [action for collection in type_.collections.values() for action in collection.batch_actions.values()]
    for action in [*type_.actions.values(), *type_.waiters.values(), *batch]:
        operation = client.operations[action.operation]
        assert {source.target.split(".")[0].split("[")[0] for source in action.parameters} <= set(operation.members)


OBJECT_SUMMARY = ResourceReference(
    "ObjectSummary",
    (Source("identifier", "bucket_name", "name"), Source("response", "key", "Contents[].Key")),
    many=True,
    loaded=True,
)
INSTANCE = ResourceReference("Instance", (Source("response", "id", "Instances[].InstanceId"),), many=True, loaded=True)
QUEUE = ResourceReference("Queue", (Source("response", "url", "QueueUrl"),), many=False)
TAG = ResourceReference(
    "Tag",
    (
        Source("identifier", "resource_id", "id"),
        Source("requestParameter", "key", "Tags[].Key"),
        Source("requestParameter", "value", "Tags[].Value"),
    ),
    many=True,
)


@pytest.mark.parametrize(
    ("service", "type_name", "name", "reference"),
    [
        ("ec2", "ec2", "create_instances", INSTANCE),
        ("ec2", "Subnet", "create_instances", INSTANCE),
        ("ec2", "Instance", "create_tags", TAG),
        ("sqs", "sqs", "get_queue_by_name", QUEUE),
        ("sqs", "Queue", "send_message", None),
        ("dynamodb", "Table", "get_item", None),
    ],
)
def test_what_an_action_yields(service: str, type_name: str, name: str, reference: ResourceReference | None) -> None:
    model = load_resources(service)
    assert model is not None
    type_ = model.service_resource if type_name == service else model.types[type_name]
    assert type_.actions[name].resource == reference


def test_what_a_collection_yields() -> None:
    model = load_resources("s3")
    assert model is not None
    objects = model.types["Bucket"].collections["objects"]
    assert objects.request.resource == OBJECT_SUMMARY
    assert objects.batch_actions["delete"] == ResourceAction(
        "DeleteObjects",
        (Source("identifier", "Bucket", "bucket_name"), Source("identifier", "Delete.Objects[].Key", "key")),
        None,
    )


@pytest.mark.parametrize("name", ["", "lambda", "S3", "..", "nope"])
def test_no_resources_for_a_name_that_has_none(name: str) -> None:
    assert load_resources(name) is None


@pytest.mark.parametrize(
    ("name", "types"),
    [
        ("get_item", (("dynamodb", "Table"),)),
        ("get_queue_by_name", (("sqs", "sqs"),)),
        ("object_versions", (("s3", "Bucket"),)),
        ("wait_until_running", (("ec2", "Instance"),)),
        ("create_tags", tuple(("ec2", name) for name in (
            "DhcpOptions", "Image", "Instance", "InternetGateway", "NetworkAcl", "NetworkInterface", "RouteTable",
            "SecurityGroup", "Snapshot", "Subnet", "Volume", "Vpc", "ec2",
        ))),
        ("load", ()),
        ("nope", ()),
    ],
)  # fmt: skip
def test_resource_types_with_an_action(name: str, types: tuple[tuple[str, str], ...]) -> None:
    assert resource_types_with_action(name) == types
