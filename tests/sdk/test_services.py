from __future__ import annotations

from typing import Any

import boto3
import pytest

from analyzer.sdk import load_service, service_names, services_with_method

# Every protocol, old and new services, services with waiters and without, names that xform_name treats specially.
SERVICES = [
    "apigateway",
    "apigatewaymanagementapi",
    "athena",
    "bedrock-runtime",
    "cloudformation",
    "cognito-idp",
    "dynamodb",
    "ec2",
    "events",
    "firehose",
    "glue",
    "iam",
    "iot",
    "iot-data",
    "kinesis",
    "lambda",
    "logs",
    "mturk",
    "opensearch",
    "rds",
    "route53",
    "s3",
    "s3control",
    "sagemaker-runtime",
    "sdb",
    "secretsmanager",
    "sesv2",
    "sqs",
    "ssm",
    "stepfunctions",
    "storagegateway",
    "sts",
]


@pytest.fixture(scope="session")
def session() -> boto3.session.Session:
    return boto3.session.Session("key", "secret", region_name="eu-west-1")


@pytest.fixture(scope="session", params=SERVICES)
def pair(request: pytest.FixtureRequest, session: boto3.session.Session) -> tuple[Any, Any]:
    name: Any = request.param
    return load_service(name), session.client(name)


def test_methods_are_those_of_the_client(pair: tuple[Any, Any]) -> None:
    service, client = pair
    assert service.methods == client.meta.method_to_api_mapping
    assert {operation.method: name for name, operation in service.operations.items()} == service.methods


def test_operations_have_the_input_and_binding_of_the_model(pair: tuple[Any, Any]) -> None:
    service, client = pair
    for name, operation in service.operations.items():
        model = client.meta.service_model.operation_model(name)
        shape = model.input_shape
        assert operation.name == name
        assert operation.members == (tuple(shape.members) if shape else ())
        assert set(operation.required) == set(shape.required_members if shape else ())
        assert (operation.http_method, operation.request_uri) == (model.http["method"], model.http["requestUri"])


def test_paginators_are_those_the_client_has(pair: tuple[Any, Any]) -> None:
    service, client = pair
    expected = {operation for method, operation in service.methods.items() if client.can_paginate(method)}
    assert service.paginators == expected


def test_waiters_are_those_the_client_has(pair: tuple[Any, Any]) -> None:
    service, client = pair
    assert sorted(service.waiters) == sorted(client.waiter_names)
    for waiter, operation in service.waiters.items():
        assert client.get_waiter(waiter).config.operation == operation


def test_signing_name_is_botocores(pair: tuple[Any, Any]) -> None:
    service, client = pair
    assert service.signing_name == client.meta.service_model.signing_name


def test_all_names_boto3_has_are_known(session: boto3.session.Session) -> None:
    assert service_names() == {*session.get_available_services(), "runtime.sagemaker"}


def test_an_alias_gives_the_client_it_stands_for(session: boto3.session.Session) -> None:
    service = load_service("runtime.sagemaker")
    assert service is not None
    assert service.name == session.client("runtime.sagemaker").meta.service_model.service_name == "sagemaker-runtime"


@pytest.mark.parametrize("name", ["", "S3", "nope", ".", "..", "../data/s3", "s3/2006-03-01", "partitions.json"])
def test_no_service_for_a_name_that_is_none(name: str) -> None:
    assert name not in service_names()
    assert load_service(name) is None


@pytest.mark.parametrize(
    ("method", "services"),
    [
        ("put_item", ("dynamodb",)),
        ("assume_role", ("sts",)),
        ("send_message_batch", ("sqs",)),
        ("put_parameter", ("ssm",)),
        ("PutItem", ()),
        ("upload_file", ()),
        ("", ()),
    ],
)
def test_services_with_a_method(method: str, services: tuple[str, ...]) -> None:
    assert services_with_method(method) == services


def test_services_with_a_method_that_many_have() -> None:
    services = services_with_method("list_tags_for_resource")
    assert list(services) == sorted(services)
    for name in SERVICES:
        service = load_service(name)
        assert service is not None
        assert (name in services) == ("list_tags_for_resource" in service.methods)
