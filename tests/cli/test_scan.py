from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Command

APP = """\
import boto3

s3 = boto3.client("s3")


def handler(event, context):
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket="data"):
        for item in page["Contents"]:
            s3.copy_object(
                Bucket="archive",
                Key=f"{event['day']}/copy",
                CopySource={"Bucket": "data", "Key": item["Key"]},
            )
    boto3.client("sts").get_caller_identity()
    return boto3.client(event["service"]).describe()
"""

# Worked out by hand from APP: the paginator where it is iterated, CopyObject on its whole span.
TEXT = """\
src/app.py:7:17: s3.ListObjectsV2 (paginator, certain)
    s3:ListBucket on arn:aws:s3:::data
src/app.py:9:13: s3.CopyObject (direct, certain)
    s3:GetObject on arn:aws:s3:::data/*
    s3:PutObject on arn:aws:s3:::archive/*/copy
src/app.py:14:5: sts.GetCallerIdentity (direct, certain)
    needs no permission
"""


def test_text(lpa: Command) -> None:
    lpa.write("src/app.py", APP)
    done = lpa("scan", "src")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(TEXT)
    rest = done.stdout.removeprefix(TEXT).splitlines()
    assert rest[0].startswith("src/app.py:15:12: unresolved: ")
    assert rest[1:] == ["3 calls, 1 unresolved"]


def test_json(lpa: Command) -> None:
    lpa.write("src/app.py", APP)
    done = lpa("scan", "--format", "json", "src/app.py")
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    assert set(document) == {"version", "calls", "unresolved"}
    listing, copy, identity = document["calls"]
    assert copy == {
        "file": "src/app.py",
        "line": 9,
        "column": 13,
        "end_line": 13,
        "end_column": 14,
        "service": "s3",
        "operation": "CopyObject",
        "via": "direct",
        "certain": True,
        "actions": [
            {"action": "s3:GetObject", "resources": ["arn:aws:s3:::data/*"]},
            {"action": "s3:PutObject", "resources": ["arn:aws:s3:::archive/*/copy"]},
        ],
        "chain": copy["chain"],
        "identity": None,
    }
    assert (listing["line"], listing["end_line"], listing["via"]) == (7, 7, "paginator")
    assert (identity["operation"], identity["actions"]) == ("GetCallerIdentity", [])
    (unresolved,) = document["unresolved"]
    assert (unresolved["file"], unresolved["line"], unresolved["reason"]) == ("src/app.py", 15, "dynamic-service")
    assert unresolved["candidates"] == []


def test_a_call_reached_with_several_arguments_is_one_entry(lpa: Command) -> None:
    lpa.write(
        "app.py",
        "import boto3\n"
        's3 = boto3.client("s3")\n'
        "def read(bucket):\n"
        '    return s3.get_object(Bucket=bucket, Key="k")\n'
        "def handler(event, context):\n"
        '    return read("b"), read("a")\n',
    )
    done = lpa("scan", "--format", "json", "--handler", "app.handler", ".")
    (call,) = json.loads(done.stdout)["calls"]
    assert call["actions"] == [
        {"action": "s3:GetObject", "resources": ["arn:aws:s3:::a/k", "arn:aws:s3:::b/k"]},
    ]


def test_paths_are_relative_to_the_working_directory(lpa: Command) -> None:
    lpa.write("src/app.py", APP)
    absolute = lpa("scan", lpa.cwd / "src")
    assert absolute.stdout == lpa("scan", "src").stdout
    (lpa.cwd / "elsewhere").mkdir()
    lpa.cwd /= "elsewhere"
    assert lpa("scan", "../src").stdout.startswith("../src/app.py:7:17: ")


def test_the_other_functions_of_a_file_with_a_syntax_error_still_count(lpa: Command) -> None:
    lpa.write(
        "app.py",
        "import boto3\n"
        "def broken():\n"
        "    x = = 1\n"
        "def handler(event, context):\n"
        '    boto3.client("sqs").list_queues()\n',
    )
    done = lpa("scan", "--format", "json", ".")
    assert done.returncode == 0
    document = json.loads(done.stdout)
    assert [(call["line"], call["operation"]) for call in document["calls"]] == [(5, "ListQueues")]
    assert [(entry["line"], entry["reason"]) for entry in document["unresolved"]] == [(3, "syntax-error")]


def test_unreadable_files_in_a_folder_are_listed(lpa: Command) -> None:
    lpa.write("src/app.py", APP)
    lpa.write("src/latin.py", b"name = '\xe9'\n")
    done = lpa("scan", "src", "--format", "json")
    assert done.returncode == 0
    unresolved = {entry["file"]: entry for entry in json.loads(done.stdout)["unresolved"]}
    assert unresolved["src/latin.py"]["reason"] == "unreadable-file"
    assert unresolved["src/latin.py"]["line"] == 1


def test_no_calls(lpa: Command) -> None:
    lpa.write("app.py", "print('hello')\n")
    assert lpa("scan", "app.py").stdout == "0 calls, 0 unresolved\n"
    assert json.loads(lpa("scan", "app.py", "--format", "json").stdout) == {"version": 1, "calls": [], "unresolved": []}


PLACING = """\
import boto3


class Repository:
    def __init__(self):
        self.table = boto3.resource("dynamodb").Table("orders")

    def save(self, item):
        self.table.put_item(Item=item)

    def remove(self, key):
        self.table.delete_item(Key=key)


class OrderService:
    def __init__(self, repository):
        self.repository = repository

    def place(self, order):
        self.repository.save(order)


def handler(event, context):
    OrderService(Repository()).place(event["order"])
"""

PLACED = """\
app.py:9:9: dynamodb.PutItem (resource, certain)
    handler → OrderService.place → Repository.save → put_item
    dynamodb:PutItem on arn:aws:dynamodb:*:*:table/orders
"""


def test_a_handler_shows_the_chain_to_each_call(lpa: Command) -> None:
    lpa.write("app.py", PLACING)
    done = lpa("scan", ".", "--handler", "app.handler")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{PLACED}1 call, 0 unresolved\n"


def test_what_a_handler_does_not_reach_is_listed_on_request(lpa: Command) -> None:
    lpa.write("app.py", PLACING)
    done = lpa("scan", ".", "--handler", "app.handler", "--unreachable")
    assert done.stdout == (
        f"{PLACED}app.py:12:9: unreachable: dynamodb.DeleteItem (resource)\n"
        "1 call, 0 unresolved, 1 unreachable from app.handler\n"
    )
    document = json.loads(lpa("scan", ".", "--handler", "app.handler", "--unreachable", "--format", "json").stdout)
    assert [call["operation"] for call in document["calls"]] == ["PutItem"]
    assert [(call["line"], call["operation"]) for call in document["unreachable"]] == [(12, "DeleteItem")]


def test_without_a_handler_everything_is_reachable(lpa: Command) -> None:
    lpa.write("app.py", PLACING)
    done = lpa("scan", ".", "--unreachable")
    assert (done.returncode, done.stdout) == (2, "")
    assert "add --handler" in done.stderr
