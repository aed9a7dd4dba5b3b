"""Builds what `resources` stores, from boto3's resource models and by boto3's own naming rules.

Everything here is slow (boto3 is imported, whole models are parsed) and runs once per version of boto3 and botocore.
"""

from __future__ import annotations

from typing import Any

from boto3.resources.model import ResourceModel
from botocore import xform_name
from botocore.loaders import Loader
from botocore.model import ServiceModel

from analyzer.sdk.installation import data_folder
from analyzer.sdk.models import read_model
from analyzer.sdk.records import ResourceAction, ResourceCollection, ResourceReference, ResourceType, Source

# What boto3 adds to resource classes by hand where it calls the API, by (service, type name); the service resource's
# type name is the service's. Source: boto3/session.py (_register_default_handlers), boto3/s3/inject.py,
# boto3/ec2/createtags.py, boto3/ec2/deletetags.py. The transfer methods of S3 are in `transfer`.
_ADDED_LOADS = {
    ("s3", "Bucket"): ResourceAction("ListBuckets", (), None),
    ("s3", "ObjectSummary"): ResourceAction(
        "HeadObject", (Source("identifier", "Bucket", "bucket_name"), Source("identifier", "Key", "key")), None
    ),
}
_ADDED_ACTIONS = {
    ("ec2", "ec2"): {
        "create_tags": ResourceAction(
            "CreateTags",
            (),
            ResourceReference(
                "Tag",
                (
                    Source("requestParameter", "resource_id", "Resources[]"),
                    Source("requestParameter", "key", "Tags[].Key"),
                    Source("requestParameter", "value", "Tags[].Value"),
                ),
                many=True,
            ),
        )
    },
    ("ec2", "Instance"): {
        "delete_tags": ResourceAction("DeleteTags", (Source("identifier", "Resources[0]", "id"),), None)
    },
}


def build_resource_types(service: str) -> list[ResourceType]:
    """Return all resource types of `service`, which must have a resource model; the service resource comes first."""
    loader = Loader(extra_search_paths=[data_folder("boto3")], include_default_search_paths=False)
    api_version = loader.determine_latest_version(service, "resources-1")
    resources = loader.load_service_model(service, "resources-1", api_version)
    types = _Types(service, api_version, resources["resources"])
    return [
        types.read(name, definition)
        for name, definition in [(service, resources["service"]), *resources["resources"].items()]
    ]


class _Types:
    """Turns the resource definitions of one service into records."""

    def __init__(self, service: str, api_version: str, definitions: Any) -> None:
        self._service = service
        self._definitions = definitions
        self._service_model = ServiceModel(read_model(service, api_version, "service-2"), service)
        self._waiters = (read_model(service, api_version, "waiters-2") or {"waiters": {}})["waiters"]

    def read(self, name: str, definition: Any) -> ResourceType:
        # Any: whether boto3's classes have types depends on which stubs are installed, and those miss some members.
        model: Any = ResourceModel(name, definition, self._definitions)
        shape = self._service_model.shape_for(model.shape) if model.shape else None
        model.load_rename_map(shape)
        attributes = model.get_attributes(shape) if shape else {}
        aliases = {
            identifier.member_name: identifier.name
            for identifier in model.identifiers
            if identifier.member_name in attributes
        }
        return ResourceType(
            type_name=name,
            identifiers=tuple(identifier.name for identifier in model.identifiers),
            attributes=frozenset(attributes).difference(aliases),
            load=_action(model.load) if model.load else _ADDED_LOADS.get((self._service, name)),
            actions={action.name: _action(action) for action in model.actions}
            | _ADDED_ACTIONS.get((self._service, name), {}),
            collections={collection.name: _collection(collection) for collection in model.collections},
            references={reference.name: _reference(reference.resource) for reference in model.references},
            subresources={subresource.name: _reference(subresource.resource) for subresource in model.subresources},
            waiters={waiter.name: self._waiter(waiter) for waiter in model.waiters},
            aliases=aliases,
        )

    def _waiter(self, waiter: Any) -> ResourceAction:
        return ResourceAction(self._waiters[waiter.waiter_name]["operation"], _parameters(waiter.params), None)


def _action(action: Any) -> ResourceAction:
    reference = _reference(action.resource) if action.resource else None
    return ResourceAction(action.request.operation, _parameters(action.request.params), reference)


def _collection(collection: Any) -> ResourceCollection:
    return ResourceCollection(
        _action(collection), {action.name: _action(action) for action in collection.batch_actions}
    )


def _reference(resource: Any) -> ResourceReference:
    identifiers = tuple(
        Source(identifier.source, xform_name(identifier.target), _value(identifier))
        for identifier in resource.identifiers
    )
    # boto3 itself looks whether the response holds a list; its documentation generator (boto3/docs/method.py) looks
    # at the path, as here.
    many = any("[]" in identifier.path for identifier in resource.identifiers if identifier.path)
    return ResourceReference(resource.type, identifiers, many, loaded=resource.path is not None)


def _parameters(parameters: Any) -> tuple[Source, ...]:
    return tuple(Source(parameter.source, parameter.target, _value(parameter)) for parameter in parameters)


def _value(parameter: Any) -> str | int | bool:
    value: str | int | bool
    match parameter.source:
        case "identifier":
            value = xform_name(parameter.name)
        case "input":
            value = ""
        case "string" | "integer" | "boolean":
            value = parameter.value
        case _:
            value = parameter.path
    return value
