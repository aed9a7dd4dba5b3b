"""Builds what `services` stores: the few fields of botocore's models that the analysis needs.

Everything here is slow (botocore is imported, whole models are parsed) and runs once per botocore version.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypedDict

from botocore import xform_name

from analyzer.sdk.models import latest_api_version, read_model, services_with_models


class StoredNames(TypedDict):
    """The clients that have a model, and other names that `boto3.client` takes for some of them."""

    services: list[str]
    aliases: dict[str, str]


class StoredService(TypedDict):
    """One client: `operations` maps a name to method, HTTP method, URI, members, required members and structures.

    The members are in one string, separated by spaces: a thousand lists take longer to read than to split.
    """

    signing_name: str
    operations: dict[str, list[str]]
    paginators: list[str]
    waiters: dict[str, str]


def build_names() -> StoredNames:
    """Return the client names and aliases; the latter are from `botocore.handlers`."""
    from botocore.handlers import SERVICE_NAME_ALIASES

    return {"services": services_with_models(), "aliases": dict(SERVICE_NAME_ALIASES)}


def build_service(name: str) -> StoredService:
    """Return the index of the client `name`, one of `services_with_models()`."""
    version = latest_api_version(name)
    model = read_model(name, version, "service-2")
    paginators = read_model(name, version, "paginators-1") or {"pagination": {}}
    waiters = read_model(name, version, "waiters-2") or {"waiters": {}}
    operations = {}
    for operation, definition in model["operations"].items():
        shape = model["shapes"][definition["input"]["shape"]] if "input" in definition else {}
        operations[operation] = [
            xform_name(operation),
            definition["http"]["method"],
            definition["http"]["requestUri"],
            " ".join(shape.get("members", ())),
            " ".join(shape.get("required", ())),
            " ".join(_structures(shape, model["shapes"])),
        ]
    return {
        # As botocore.model.ServiceModel.signing_name.
        "signing_name": model["metadata"].get("signingName", model["metadata"]["endpointPrefix"]),
        "operations": operations,
        "paginators": sorted(paginators["pagination"]),
        "waiters": {xform_name(waiter): definition["operation"] for waiter, definition in waiters["waiters"].items()},
    }


def _structures(shape: Mapping[str, Any], shapes: Mapping[str, Any]) -> Iterator[str]:
    """Yield the members of `shape` that are structures, mappings, or lists of them."""
    for name, member in shape.get("members", {}).items():
        target = shapes[member["shape"]]
        while target["type"] == "list":
            target = shapes[target["member"]["shape"]]
        if target["type"] in ("structure", "map"):
            yield name


def build_services_by_method() -> dict[str, str]:
    """Return, for every client method, the names of the clients that have it, sorted and separated by spaces."""
    services: dict[str, list[str]] = {}
    for name in services_with_models():
        for operation in read_model(name, latest_api_version(name), "service-2")["operations"]:
            services.setdefault(xform_name(operation), []).append(name)
    return {method: " ".join(names) for method, names in services.items()}
