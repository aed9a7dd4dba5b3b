"""Clients: what botocore's models say of their operations, methods, paginators and waiters."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from analyzer.cache import cached
from analyzer.sdk.installation import version
from analyzer.sdk.records import Operation, Service

if TYPE_CHECKING:
    from analyzer.sdk.service_index import StoredNames, StoredService

# Raised when what is stored changes its form.
_FORMAT = 2


@cache
def service_names() -> frozenset[str]:
    """Return the names that `boto3.client` takes with the installed botocore, old aliases included."""
    names = _names()
    return frozenset(names["services"]).union(names["aliases"])


@cache
def load_service(name: str) -> Service | None:
    """Return what botocore knows of the client `name`, or None if there is no such client.

    The name of the result is the client's own where `name` is an alias (`runtime.sagemaker`).
    """
    names = _names()
    client = names["aliases"].get(name, name)
    if client not in names["services"]:
        return None
    stored = _service(client)
    operations: dict[str, Operation] = {}
    methods: dict[str, str] = {}
    for operation, (method, http_method, request_uri, members, required, structures) in stored["operations"].items():
        operations[operation] = Operation(
            operation,
            method,
            tuple(members.split()),
            tuple(required.split()),
            http_method,
            request_uri,
            tuple(structures.split()),
        )
        methods[method] = operation
    return Service(
        client, stored["signing_name"], operations, methods, frozenset(stored["paginators"]), stored["waiters"]
    )


def services_with_method(method: str) -> tuple[str, ...]:
    """Return the client names, sorted, whose client has the operation method `method`."""
    return tuple(_services_by_method().get(method, "").split())


@cache
def _names() -> StoredNames:
    def build() -> StoredNames:
        from analyzer.sdk.service_index import build_names

        return build_names()

    return cached("sdk", _key("services"), build)


def _service(name: str) -> StoredService:
    def build() -> StoredService:
        from analyzer.sdk.service_index import build_service

        return build_service(name)

    return cached("sdk", _key(f"service.{name}"), build)


@cache
def _services_by_method() -> dict[str, str]:
    def build() -> dict[str, str]:
        from analyzer.sdk.service_index import build_services_by_method

        return build_services_by_method()

    return cached("sdk", _key("services-by-method"), build)


def _key(entry: str) -> str:
    return f"{entry}-{version('botocore')}-{_FORMAT}"
