"""boto3's resources: types, identifiers, actions, collections and how they become operations."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from analyzer.cache import cached
from analyzer.sdk.installation import data_folder, version
from analyzer.sdk.records import ResourceModel
from analyzer.sdk.resource_codec import decode_type, encode_type

# Raised when what is stored changes its form.
_FORMAT = 1


@cache
def load_resources(name: str) -> ResourceModel | None:
    """Return the resource types of the service `name`, or None if boto3 has no resource for it."""
    if name not in _services():
        return None
    service_resource, *types = map(decode_type, _stored_types(name))
    return ResourceModel(name, service_resource, {type_.type_name: type_ for type_ in types})


def resource_types_with_action(name: str) -> tuple[tuple[str, str], ...]:
    """Return (service, type name) pairs, sorted, of the types that have an action, waiter or collection `name`.

    The type name of a service resource is the service's. `load` and `reload`, which most types have, are left out, as
    are the methods in `transfer`.
    """
    return tuple((service, type_name) for service, type_name in _types_by_action().get(name, ()))


@cache
def _services() -> frozenset[str]:
    return frozenset(os.listdir(data_folder("boto3")))


def _stored_types(service: str) -> list[Any]:
    def build() -> list[Any]:
        from analyzer.sdk.resource_index import build_resource_types

        return [encode_type(type_) for type_ in build_resource_types(service)]

    return cached("sdk", _key(f"resources.{service}"), build)


@cache
def _types_by_action() -> dict[str, list[list[str]]]:
    def build() -> dict[str, list[list[str]]]:
        owners: dict[str, list[list[str]]] = {}
        for service in sorted(_services()):
            model = load_resources(service)
            if model is None:
                continue
            for type_ in sorted([model.service_resource, *model.types.values()], key=lambda type_: type_.type_name):
                for name in (*type_.actions, *type_.waiters, *type_.collections):
                    owners.setdefault(name, []).append([service, type_.type_name])
        return owners

    return cached("sdk", _key("types-by-action"), build)


def _key(entry: str) -> str:
    # Attributes come from botocore's shapes, everything else from boto3's models.
    return f"{entry}-{version('boto3')}-{version('botocore')}-{_FORMAT}"
