"""Clients: what botocore's models say of their operations, methods, paginators and waiters."""

from __future__ import annotations

from analyzer.sdk.records import Service


def service_names() -> frozenset[str]:
    """Return the client names that the installed botocore knows."""
    raise NotImplementedError


def load_service(name: str) -> Service | None:
    """Return what botocore knows of the client `name`, or None if there is no such client."""
    raise NotImplementedError


def services_with_method(method: str) -> tuple[str, ...]:
    """Return the client names, sorted, whose client has the operation method `method`."""
    raise NotImplementedError
