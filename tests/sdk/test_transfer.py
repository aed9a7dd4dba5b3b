"""The table of transfer methods is held against boto3 at work on moto's S3, and against s3transfer's own lists."""

from __future__ import annotations

import inspect
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from boto3.s3 import inject
from boto3.s3.transfer import S3Transfer, TransferConfig
from moto import mock_aws
from s3transfer.copies import CopySubmissionTask
from s3transfer.upload import UploadSubmissionTask

from analyzer.sdk import TransferMethod, TransferOperation, load_service, transfer_methods

METHODS = ["copy", "download_file", "download_fileobj", "upload_file", "upload_fileobj"]
OWNERS = [(None, ""), ("Bucket", "bucket_"), ("Object", "object_")]
SOURCE = {"Bucket": "source", "Key": "from"}
READ_FROM_SOURCE = {"Tagging", "AnnotationName", "AnnotationPayload"}
MULTIPART = {"CreateMultipartUpload", "UploadPartCopy", "CompleteMultipartUpload"}


class Recorder:
    def __init__(self) -> None:
        self.client = boto3.client("s3", region_name="us-east-1")
        for bucket in ("source", "target"):
            self.client.create_bucket(Bucket=bucket)
        for bucket, key in (("source", "from"), ("target", "to")):
            self.client.put_object(Bucket=bucket, Key=key, Body=b"content", Tagging="team=red")
        self.requests: dict[str, dict[str, Any]] = {}
        self.resource = boto3.resource("s3", region_name="us-east-1")
        for client in (self.client, self.resource.meta.client):
            client.meta.events.register_first("provide-client-params.s3", self._record)

    def _record(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        self.requests[model.name] = dict(params)


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with mock_aws():
        yield Recorder()


def operations(name: str) -> dict[str, TransferOperation]:
    return {operation.operation: operation for operation in transfer_methods("s3")[name].operations}


def test_all_three_owners_have_the_same_methods() -> None:
    assert [sorted(transfer_methods("s3", owner)) for owner, _ in OWNERS] == [METHODS] * 3


@pytest.mark.parametrize(("service", "type_name"), [("s3", "ObjectSummary"), ("s3control", None), ("", None)])
def test_nothing_else_has_them(service: str, type_name: str | None) -> None:
    assert transfer_methods(service, type_name) == {}


@pytest.mark.parametrize(("owner", "prefix"), OWNERS)
@pytest.mark.parametrize("name", METHODS)
def test_arguments_stand_in_boto3s_order(owner: str | None, prefix: str, name: str) -> None:
    real = inspect.signature(getattr(inject, prefix + name)).parameters
    assert ("self", *transfer_methods("s3", owner)[name].parameters) == tuple(real)


@pytest.mark.parametrize("name", METHODS)
def test_parameters_are_those_of_the_operations(name: str) -> None:
    service = load_service("s3")
    assert service is not None
    method = transfer_methods("s3")[name]
    for operation in method.operations:
        targets = [target for target, _ in (*operation.parameters, *operation.optional)]
        assert set(targets) <= set(service.operations[operation.operation].members)
        assert set(service.operations[operation.operation].required) <= {*targets, *READ_FROM_SOURCE}
        sources = [source for _, source in (*operation.parameters, *operation.optional)]
        sources += [operation.when[0]] if operation.when else []
        sources += [operation.client] if operation.client else []
        assert {source.split(".")[0] for source in sources} <= set(method.parameters)


@pytest.mark.parametrize(
    ("method", "operation", "allowed", "blocked"),
    [
        ("upload_file", "PutObject", S3Transfer.ALLOWED_UPLOAD_ARGS, UploadSubmissionTask.PUT_OBJECT_BLOCKLIST),
        ("download_file", "HeadObject", S3Transfer.ALLOWED_DOWNLOAD_ARGS, []),
        ("download_file", "GetObject", S3Transfer.ALLOWED_DOWNLOAD_ARGS, []),
        ("copy", "CopyObject", S3Transfer.ALLOWED_COPY_ARGS, []),
    ],
)
def test_extra_arguments_are_those_s3transfer_allows(
    method: str, operation: str, allowed: list[str], blocked: list[str]
) -> None:
    expected = {(name, f"ExtraArgs.{name}") for name in set(allowed) - set(blocked)}
    assert set(operations(method)[operation].optional) == expected


def test_extra_arguments_of_a_copy_reach_the_head_of_its_source() -> None:
    renamed = CopySubmissionTask.EXTRA_ARGS_TO_HEAD_ARGS_MAPPING
    expected = {(target, f"ExtraArgs.{source}") for source, target in renamed.items()}
    assert set(operations("copy")["HeadObject"].optional) == expected | {("VersionId", "CopySource.VersionId")}


@pytest.mark.parametrize("owner", [owner for owner, _ in OWNERS])
@pytest.mark.parametrize("name", METHODS)
def test_boto3_sends_what_the_table_says(recorder: Recorder, tmp_path: Path, owner: str | None, name: str) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"content")
    arguments = {
        "Filename": str(file),
        "Fileobj": io.BytesIO(b"content"),
        "Bucket": "target",
        "Key": "to",
        "CopySource": SOURCE,
        "ExtraArgs": {"RequestPayer": "requester"},
    }
    receiver = {
        None: recorder.client,
        "Bucket": recorder.resource.Bucket("target"),
        "Object": recorder.resource.Object("target", "to"),
    }[owner]
    method = transfer_methods("s3", owner)[name]
    positional = [arguments[parameter] for parameter in method.parameters if parameter in arguments]
    recorder.requests.clear()
    getattr(receiver, name)(*positional)

    identifiers = {argument: getattr(receiver, identifier) for argument, identifier in method.identifiers}
    given = dict(zip(method.parameters, positional, strict=False)) | identifiers
    assert_performed(recorder, method, given)


@pytest.mark.parametrize("directive", ["COPY", "REPLACE"])
def test_a_multipart_copy_handles_tags_where_asked_to(recorder: Recorder, directive: str) -> None:
    given = {
        "CopySource": SOURCE,
        "Bucket": "target",
        "Key": "other",
        "ExtraArgs": {"TaggingDirective": directive, "Tagging": "team=blue"},
    }
    recorder.requests.clear()
    recorder.client.copy(**given, Config=TransferConfig(multipart_threshold=1))

    assert recorder.requests.keys() >= MULTIPART
    recorder.requests["CopyObject"] = recorder.requests["UploadPartCopy"] | given["ExtraArgs"]
    recorder.requests = {name: request for name, request in recorder.requests.items() if name not in MULTIPART}
    assert_performed(recorder, transfer_methods("s3")["copy"], given)


def test_the_source_client_reads_the_source(recorder: Recorder) -> None:
    other = boto3.client("s3", region_name="us-east-1")
    seen: list[str] = []
    register: Callable[..., None] = other.meta.events.register_first
    register("provide-client-params.s3", lambda model, **_: seen.append(model.name))
    recorder.client.copy(SOURCE, "target", "to", SourceClient=other)
    assert seen == [name for name, operation in operations("copy").items() if operation.client and not operation.when]


def assert_performed(recorder: Recorder, method: TransferMethod, given: dict[str, Any]) -> None:
    """Assert that exactly the operations the table gives for these arguments were sent, with the values it gives."""

    def value(source: str) -> Any:
        argument, _, item = source.partition(".")
        return given.get(argument, {}).get(item) if item else given[argument]

    performed = {
        operation.operation: operation
        for operation in method.operations
        if operation.when is None or value(operation.when[0]) in operation.when[1]
    }
    assert recorder.requests.keys() == performed.keys()
    for name, operation in performed.items():
        for target, source in (*operation.parameters, *operation.optional):
            # s3transfer adds a few of its own, such as ChecksumAlgorithm.
            if value(source) is not None:
                assert recorder.requests[name][target] == value(source), (name, target)
