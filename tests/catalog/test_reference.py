"""Documents of the AWS Service Reference: what is kept of them, and what is refused."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from analyzer.catalog.reference import Link, read_document, read_list
from analyzer.errors import InputError
from tests.catalog.service_reference import action, document, operation

# The page's own example, shortened:
# https://docs.aws.amazon.com/service-authorization/latest/reference/service-reference.html
S3: dict[str, Any] = document(
    "s3",
    action("GetObject", "object", keys=("s3:TlsVersion", "s3:authType")),
    action("ListBucket", "bucket", keys=("s3:prefix",), IsList=True),
    action("PutBucketPolicy", "bucket", IsPermissionManagement=True, IsWrite=True),
    action("PutObjectTagging", "object", IsTaggingOnly=True, IsWrite=True),
    action("PutObject", "object", IsWrite=True),
    ConditionKeys=[{"Name": "s3:authType", "Types": ["String"]}, {"Name": "s3:TlsVersion", "Types": ["Numeric"]}],
    Resources=[
        {"Name": "bucket", "ARNFormats": ["arn:${Partition}:s3:::${BucketName}"]},
        {
            "Name": "object",
            "ARNFormats": ["arn:${Partition}:s3:::${BucketName}/${ObjectName}"],
            "ConditionKeys": ["aws:ResourceTag/${TagKey}"],
        },
    ],
    Operations=[
        operation(
            "GetObject",
            "s3",
            "get_object",
            {"Name": "GetObject", "Service": "s3"},
            {"Name": "PassRole", "Service": "iam", "Context": {"iam:PassedToService": ["b.amazonaws.com", "a"]}},
        ),
        {"Name": "NotMapped", "SDK": [{"Name": "s3", "Method": "not_mapped", "Package": "Boto3"}]},
    ],
)


def read(content: object) -> Any:
    return read_document(json.dumps(content).encode(), "s3")


def test_a_document_is_read() -> None:
    service, operations = read(S3)

    assert service == {
        "actions": {
            "getobject": {
                "name": "GetObject", "level": "Read", "types": ["object"], "keys": "s3:TlsVersion s3:authType",
            },
            "listbucket": {"name": "ListBucket", "level": "List", "types": ["bucket"], "keys": "s3:prefix"},
            "putbucketpolicy": {
                "name": "PutBucketPolicy", "level": "Permissions management", "types": ["bucket"], "keys": "",
            },
            "putobjecttagging": {"name": "PutObjectTagging", "level": "Tagging", "types": ["object"], "keys": ""},
            "putobject": {"name": "PutObject", "level": "Write", "types": ["object"], "keys": ""},
        },
        "types": {
            "bucket": ["arn:${Partition}:s3:::${BucketName}", ""],
            "object": ["arn:${Partition}:s3:::${BucketName}/${ObjectName}", "aws:ResourceTag/${TagKey}"],
        },
        "keys": "s3:TlsVersion s3:authType",
    }  # fmt: skip
    context = {"iam:PassedToService": ["a", "b.amazonaws.com"]}
    assert operations == [("s3", "get_object", [("s3:GetObject", {}), ("iam:PassRole", context)])]


def test_what_a_service_does_not_have_may_be_left_out() -> None:
    service, operations = read({"Name": "s3", "Actions": [{"Name": "GetObject"}, {"Name": "Put", "Resources": None}]})

    assert [(one["name"], one["level"], one["types"], one["keys"]) for one in service["actions"].values()] == [
        ("GetObject", "", [], ""),
        ("Put", "", [], ""),
    ]
    assert (service["types"], service["keys"], operations) == ({}, "", [])


def test_other_sdks_and_fields_that_are_not_known_do_not_matter() -> None:
    changed = copy.deepcopy(S3)
    changed["Actions"][0]["New"] = {"x": [1]}
    changed["Operations"][0]["SDK"].append({"Name": "s3", "Method": "GetObject", "Package": "AWS SDK for Go v2"})
    assert read(changed) == read(S3)


def test_equal_entries_count_once() -> None:
    changed = copy.deepcopy(S3)
    changed["Actions"].append(changed["Actions"][0])
    changed["Actions"][1]["Resources"] *= 2
    changed["Resources"] *= 2
    assert read(changed).service == read(S3).service


def put(*path: str | int, value: object) -> Callable[[Any], None]:
    def change(content: Any) -> None:
        for step in path[:-1]:
            content = content[step]
        content[path[-1]] = value

    return change


def add(*path: str | int, value: object) -> Callable[[Any], None]:
    def change(content: Any) -> None:
        for step in path:
            content = content[step]
        content.append(value)

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (put("Name", value=None), "s3: `Name` is missing"),
        (put("Name", value="sqs"), "s3: Name: is about another service: 'sqs'"),
        (put("Name", value="../s3"), "s3: Name: not the name of a service: '../s3'"),
        (put("Version", value="v2.0"), "s3: Version: not version 1 of the documents: 'v2.0'"),
        (put("Actions", value={}), "s3: Actions: not a list"),
        (put("Actions", value="GetObject"), "s3: Actions: not a list"),
        (put("Actions", 0, value=7), "s3: Actions[0]: not an object"),
        (put("Actions", value=[{"Name": "X"}] * 20_001), "s3: Actions: 20001 items, which is more than 20000"),
        (put("Actions", 1, "Name", value="Get Object"), "s3: Actions[1].Name: not the name of an action: 'Get Object'"),
        (put("Actions", 1, "Name", value="a/../b"), "s3: Actions[1].Name: not the name of an action: 'a/../b'"),
        (put("Actions", 1, "Name", value="X\x1b[2J"), r"s3: Actions[1].Name: not the name of an action: 'X\x1b[2J'"),
        (put("Actions", 1, "Name", value="Get\n"), r"s3: Actions[1].Name: not the name of an action: 'Get\n'"),
        (put("Actions", 1, "Name", value="Gét"), r"s3: Actions[1].Name: not the name of an action: 'G\xe9t'"),
        (put("Actions", 1, "Name", value=["X"]), "s3: Actions[1].Name: not the name of an action: a list"),
        (put("Actions", 1, "Name", value="X" * 10**6), f"not the name of an action: '{'X' * 60}...'"),
        (put("Actions", 1, "Name", value="GETOBJECT"), "s3: Actions[1]: `getobject` stands twice, with different"),
        (put("Actions", 0, "Annotations", "Properties", "IsList", value="no"), "IsList: not true or false: 'no'"),
        (put("Actions", 0, "Annotations", value=[]), "s3: Actions[0].Annotations: not an object"),
        (put("Actions", 0, "Resources", 0, "Name", value="\x00"), r"s3: Actions[0].Resources[0].Name: not the name of"),
        (put("Actions", 0, "ActionConditionKeys", 0, value="a b:c"), "Keys[0]: not a condition key: 'a b:c'"),
        (put("Actions", 0, "ActionConditionKeys", 0, value=None), "ActionConditionKeys[0]: not a condition key: null"),
        (put("Resources", 0, "ARNFormats", 0, value="*"), "s3: Resources[0].ARNFormats[0]: not an ARN: '*'"),
        (put("Resources", 0, "ARNFormats", 0, value="arn:a:s3:::x y"), "ARNFormats[0]: not an ARN: 'arn:a:s3:::x y'"),
        (put("Resources", 0, "ARNFormats", value="arn:aws:s3:::b"), "s3: Resources[0].ARNFormats: not a list"),
        (put("Resources", 1, "Name", value="bucket"), "s3: Resources[1]: `bucket` stands twice, with different"),
        (put("ConditionKeys", 0, value="s3:authType"), "s3: ConditionKeys[0]: not an object"),
        (put("Operations", 0, "AuthorizedActions", 0, "Service", value="..\\x"), "Service: not the name of a service"),
        (put("Operations", 0, "AuthorizedActions", 1, "Context", value=[]), "Actions[1].Context: not an object"),
        (put("Operations", 0, "AuthorizedActions", 1, "Context", value={"k": []}), "Context: not a condition key: 'k'"),
        (put("Operations", 0, "SDK", 0, "Method", value=None), "s3: Operations[0].SDK[0]: `Method` is missing"),
        (add("Operations", value={}), "s3: Operations[2]: `Name` is missing"),
    ],
)  # fmt: skip
def test_what_is_not_in_the_form_is_refused(change: Callable[[Any], None], message: str) -> None:
    changed = copy.deepcopy(S3)
    change(changed)
    with pytest.raises(InputError) as raised:
        read(changed)
    assert message in raised.value.message
    assert raised.value.message.startswith("s3: ")
    assert raised.value.message.isprintable()
    assert len(raised.value.message) < 200


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "s3: not JSON: "),
        (json.dumps(S3).encode()[:-40], "s3: not JSON: "),
        (b"\xff\xfe\x00", "s3: not JSON: "),
        (b"null", "s3: not an object"),
        (b"[]", "s3: not an object"),
        (b'{"Name": "s3", "Name": "s3"}', "s3: not JSON: a name stands twice in one object"),
        (b"[" * 100_000 + b"]" * 100_000, "s3: is nested too deeply"),
        (b'{"Name": ' * 100_000 + b"1" + b"}" * 100_000, "s3: is nested too deeply"),
        (b'{"Name": ' + b"[" * 300 + b"]" * 300 + b"}", "s3: Name: not the name of a service: a list"),
        (b'{"Name": ' + b"9" * 5000 + b"}", "s3: not JSON: "),
        (b"<html>moved</html>", "s3: not JSON: "),
    ],
    ids=range(11),
)
def test_what_is_no_document_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(InputError) as raised:
        read_document(content, "s3")
    assert raised.value.message.startswith(message)


def test_a_list_of_services_is_read() -> None:
    entries = [
        {"service": "s3", "url": "https://servicereference.us-east-1.amazonaws.com/v1/s3/s3.json", "modified": 1},
        {"service": "a4b", "url": "http://x/"},
        {"service": "a4b", "url": "http://x/"},
    ]
    assert read_list(json.dumps(entries).encode(), "list") == (
        Link("s3", "https://servicereference.us-east-1.amazonaws.com/v1/s3/s3.json"),
        Link("a4b", "http://x/"),
    )


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([], "list: lists no service"),
        ({}, "list: not a list"),
        (["s3"], "list: [0]: not an object"),
        ([{"service": "s3"}], "list: [0]: `url` is missing"),
        ([{"service": "../../etc", "url": "http://x/"}], "list: [0].service: not the name of a service: '../../etc'"),
        ([{"service": "..", "url": "http://x/"}], "list: [0].service: not the name of a service: '..'"),
        ([{"service": "s3/x", "url": "http://x/"}], "list: [0].service: not the name of a service: 's3/x'"),
        ([{"service": "", "url": "http://x/"}], "list: [0].service: not the name of a service: ''"),
        ([{"service": "s" * 64, "url": "http://x/"}], "list: [0].service: not the name of a service: 's"),
        ([{"service": "s3", "url": "file:///etc/passwd"}], "list: [0].url: not an http address: 'file:///etc/passwd'"),
        ([{"service": "s3", "url": "http://x/\r\nHost: y"}], "list: [0].url: not an http address: "),
        ([{"service": "s3", "url": "http://x/"}, {"service": "S3", "url": "http://y/"}], "list: [1]: `s3` has another"),
    ],
)
def test_what_is_no_list_of_services_is_refused(entries: object, message: str) -> None:
    with pytest.raises(InputError) as raised:
        read_list(json.dumps(entries).encode(), "list")
    assert raised.value.message.startswith(message)
