"""What botocore and boto3 know of AWS: operations, inputs, paginators, waiters and resources, built once and cached."""

from __future__ import annotations

from analyzer.sdk.installation import versions
from analyzer.sdk.records import (
    Operation,
    ResourceAction,
    ResourceCollection,
    ResourceModel,
    ResourceReference,
    ResourceType,
    Service,
    Source,
)
from analyzer.sdk.resources import load_resources, resource_types_with_action
from analyzer.sdk.services import load_service, service_names, services_with_method
from analyzer.sdk.transfer import TransferMethod, TransferOperation, transfer_methods

__all__ = [
    "Operation",
    "ResourceAction",
    "ResourceCollection",
    "ResourceModel",
    "ResourceReference",
    "ResourceType",
    "Service",
    "Source",
    "TransferMethod",
    "TransferOperation",
    "load_resources",
    "load_service",
    "resource_types_with_action",
    "service_names",
    "services_with_method",
    "transfer_methods",
    "versions",
]
