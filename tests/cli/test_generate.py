from __future__ import annotations

import json
import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Command

HANDLER = """\
import os

import boto3

table = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])


def handler(event, context):
    table.put_item(Item={"id": event["id"]})
    return table.get_item(Key={"id": event["id"]})
"""

PINNED = ["--account", "123456789012", "--region", "eu-west-1", "--env", "ORDERS_TABLE=orders"]

# Worked out by hand from HANDLER and PINNED.
POLICY = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "DynamodbTableOrders",
      "Effect": "Allow",
      "Action": [
        "dynamodb:GetItem",
        "dynamodb:PutItem"
      ],
      "Resource": [
        "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"
      ]
    }
  ]
}
"""

PROVED = "lpa: proved: 2 permissions needed and allowed, nothing else granted\n"

UNPINNED_NOTES = """\
lpa: note: --account would replace * in the resources of dynamodb:GetItem, dynamodb:PutItem
lpa: note: --env ORDERS_TABLE would replace * in the resources of dynamodb:GetItem, dynamodb:PutItem
lpa: note: --region would replace * in the resources of dynamodb:GetItem, dynamodb:PutItem
"""


def test_the_policy_of_a_handler(lpa: Command) -> None:
    lpa.write("app.py", HANDLER)
    done = lpa("generate", "role.json", "--source", "app.py", *PINNED)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", f"{PROVED}lpa: role.json is written\n")
    assert lpa.read("role.json") == POLICY
    assert sorted(os.listdir(lpa.cwd)) == ["app.py", "role.json"]


def test_standard_output(lpa: Command) -> None:
    lpa.write("app.py", HANDLER)
    done = lpa("generate", "-", "--source", "app.py", *PINNED)
    assert (done.returncode, done.stdout, done.stderr) == (0, POLICY, PROVED)
    assert os.listdir(lpa.cwd) == ["app.py"]


def test_notes_say_which_flag_pins_what(lpa: Command) -> None:
    lpa.write("app.py", HANDLER)
    done = lpa("generate", "-", "--source", "app.py")
    assert (done.returncode, done.stderr) == (0, UNPINNED_NOTES + PROVED)
    (statement,) = json.loads(done.stdout)["Statement"]
    assert statement["Resource"] == ["arn:aws:dynamodb:*:*:table/*"]


def test_the_region_says_the_partition(lpa: Command) -> None:
    lpa.write("app.py", HANDLER)
    done = lpa("generate", "-", "--source", "app.py", "--region", "cn-north-1")
    (statement,) = json.loads(done.stdout)["Statement"]
    assert statement["Resource"] == ["arn:aws-cn:dynamodb:cn-north-1:*:table/*"]


def test_a_handler_brings_the_log_group_as_a_statement_of_its_own(lpa: Command) -> None:
    lpa.write("app.py", HANDLER)
    done = lpa("generate", "-", "--source", ".", "--handler", "app.handler", *PINNED)
    assert done.stderr == (
        "lpa: note: --function-name would replace * in the resources of "
        "logs:CreateLogGroup, logs:CreateLogStream, logs:PutLogEvents\n"
        "lpa: proved: 5 permissions needed and allowed, nothing else granted\n"
    )
    code, logs = json.loads(done.stdout)["Statement"]
    assert code == json.loads(POLICY)["Statement"][0]
    assert logs == {
        "Sid": "LogsLogGroupAwsLambda",
        "Effect": "Allow",
        "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": ["arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/*"],
    }


def test_platform_none_leaves_the_log_group_out(lpa: Command) -> None:
    lpa.write("app.py", HANDLER)
    done = lpa("generate", "-", "--source", ".", "--handler", "app.handler", "--platform", "none", *PINNED)
    assert (done.returncode, done.stdout, done.stderr) == (0, POLICY, PROVED)


def test_only_what_the_handler_reaches_counts(lpa: Command) -> None:
    lpa.write("app.py", HANDLER + '\n\ndef unused():\n    boto3.client("s3").list_buckets()\n')
    reached = lpa("generate", "-", "--source", ".", "--handler", "app.handler", "--platform", "none", *PINNED)
    assert reached.stdout == POLICY
    everything = lpa("generate", "-", "--source", ".", *PINNED)
    assert "s3:ListAllMyBuckets" in everything.stdout


def test_the_role_around_the_policy(lpa: Command) -> None:
    lpa.write("app.py", HANDLER)
    flags = ["--handler", "app.handler", "--function-name", "orders-api", "--platform", "lambda", *PINNED]
    done = lpa("generate", "role.json", "--as", "role", "--source", ".", *flags)
    proved = "lpa: proved: 5 permissions needed and allowed, nothing else granted\n"
    assert (done.returncode, done.stderr) == (0, f"{proved}lpa: role.json is written\n")
    role = json.loads(lpa.read("role.json"))
    assert role["RoleName"] == "orders-api"
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": ["lambda.amazonaws.com"]}
    (inline,) = role["RolePolicyList"]
    assert inline["PolicyDocument"]["Statement"][0] == json.loads(POLICY)["Statement"][0]
    assert lpa("check", "role.json", "--source", ".", *flags).returncode == 0


def test_several_paths_after_one_source(lpa: Command) -> None:
    lpa.write("app.py", HANDLER)
    lpa.write("lib/files.py", 'import boto3\n\n\ndef names():\n    return boto3.client("s3").list_buckets()\n')
    together = lpa("generate", "-", "--source", "app.py", "lib", *PINNED)
    repeated = lpa("generate", "-", "--source", "app.py", "--source", "lib", *PINNED)
    assert together.returncode == 0
    assert together.stdout == repeated.stdout
    assert "s3:ListAllMyBuckets" in together.stdout
    assert "dynamodb:GetItem" in together.stdout


def test_a_source_is_not_taken_for_the_role(lpa: Command) -> None:
    lpa.write("app.py", HANDLER)
    done = lpa("generate", "--source", "app.py", "lib.py", "role.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "lpa: error: lib.py is not a .json file; name ROLE.json before --source, or repeat --source for each path\n"
    )
    assert os.listdir(lpa.cwd) == ["app.py"]


def test_the_same_input_gives_the_same_bytes(lpa: Command) -> None:
    lpa.write("app.py", HANDLER)
    first = lpa("generate", "-", "--source", "app.py", PYTHONHASHSEED="1")
    second = lpa("generate", "-", "--source", "app.py", PYTHONHASHSEED="2", LC_ALL="C", LPA_CACHE_DIR="/nonexistent")
    assert first.stdout == second.stdout


def test_a_file_that_is_right_is_not_touched(lpa: Command) -> None:
    lpa.write("app.py", HANDLER)
    role = lpa.write("role.json", POLICY)
    os.utime(role, (1, 1))
    before = role.stat()
    done = lpa("generate", "role.json", "--source", "app.py", *PINNED)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", f"{PROVED}lpa: role.json is up to date\n")
    assert (role.stat().st_mtime, role.stat().st_ino) == (1, before.st_ino)


def test_check_shows_the_difference_and_writes_nothing(lpa: Command) -> None:
    lpa.write("app.py", HANDLER)
    old = POLICY.replace("dynamodb:GetItem", "dynamodb:GetRecords")
    lpa.write("role.json", old)
    done = lpa("generate", "role.json", "--check", "--source", "app.py", *PINNED)
    assert done.returncode == 1
    assert done.stdout == (
        "--- role.json\n"
        "+++ role.json (as the source needs it)\n"
        "@@ -5,7 +5,7 @@\n"
        '       "Sid": "DynamodbTableOrders",\n'
        '       "Effect": "Allow",\n'
        '       "Action": [\n'
        '-        "dynamodb:GetRecords",\n'
        '+        "dynamodb:GetItem",\n'
        '         "dynamodb:PutItem"\n'
        "       ],\n"
        '       "Resource": [\n'
    )
    assert lpa.read("role.json") == old


def test_check_of_a_file_that_is_not_there(lpa: Command) -> None:
    lpa.write("app.py", HANDLER)
    done = lpa("generate", "role.json", "--check", "--source", "app.py", *PINNED)
    assert done.returncode == 1
    assert done.stdout.endswith("".join(f"+{line}\n" for line in POLICY.splitlines()))
    assert os.listdir(lpa.cwd) == ["app.py"]


def test_check_of_a_file_that_is_right(lpa: Command) -> None:
    lpa.write("app.py", HANDLER)
    lpa.write("role.json", POLICY)
    done = lpa("generate", "role.json", "--check", "--source", "app.py", *PINNED)
    assert (done.returncode, done.stdout) == (0, "")


def test_strict_counts_what_could_not_be_resolved(lpa: Command) -> None:
    lpa.write("app.py", HANDLER + "\n\ndef other(name):\n    boto3.client(name)\n")
    lenient = lpa("generate", "role.json", "--source", "app.py", *PINNED)
    assert lenient.returncode == 0
    assert "app.py:14:5: unresolved: " in lenient.stderr
    assert lpa.read("role.json") == POLICY
    strict = lpa("generate", "role.json", "--strict", "--source", "app.py", *PINNED)
    assert strict.returncode == 1
    assert "app.py:14:5: unresolved: " in strict.stderr


def test_a_program_without_calls(lpa: Command) -> None:
    lpa.write("app.py", "def handler(event, context):\n    return event\n")
    done = lpa("generate", "-", "--source", "app.py")
    assert (done.returncode, json.loads(done.stdout)) == (0, {"Version": "2012-10-17", "Statement": []})
    assert done.stderr.startswith("lpa: note: the program needs no permissions")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "role.json:1:1: "),
        (b"import boto3\n", "role.json:1:1: "),
        (b'{"Version": "2012-10-17"', "role.json:1:"),
        (b"[]\n", "role.json:1:1: neither a policy nor a role"),
        (b'{"name": "orders"}\n', "role.json:1:1: neither a policy nor a role"),
        (b'{"Version": "2012-10-17", "Statement": [{"Effect": "allow"}]}', "role.json:1:52: "),
        (b'{"Statement": "\xff"}', "role.json: not UTF-8 (byte 16)"),
    ],
)
@pytest.mark.parametrize("flags", [[], ["--check"]])
def test_a_file_that_is_something_else_is_never_replaced(
    lpa: Command, content: bytes, message: str, flags: list[str]
) -> None:
    lpa.write("app.py", HANDLER)
    role = lpa.write("role.json", content)
    done = lpa("generate", "role.json", "--source", "app.py", *flags)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith(f"lpa: error: {message}")
    assert done.stderr.count("\n") == 1
    assert role.read_bytes() == content


def test_a_policy_written_by_hand_is_replaced(lpa: Command) -> None:
    lpa.write("app.py", HANDLER)
    lpa.write("role.json", '{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}')
    assert lpa("generate", "role.json", "--source", "app.py", *PINNED).returncode == 0
    assert lpa.read("role.json") == POLICY


@pytest.mark.parametrize(
    ("role", "message"),
    [
        ("folder", "folder: not a regular file"),
        ("missing/role.json", "missing/role.json: cannot be written: No such file or directory"),
        ("/dev/null", "/dev/null: not a regular file"),
        ("/proc/role.json", "/proc/role.json: cannot be written: "),
    ],
)
def test_places_that_cannot_be_written(lpa: Command, role: str, message: str) -> None:
    lpa.write("app.py", HANDLER)
    lpa.write("folder/keep", "")
    done = lpa("generate", role, "--source", "app.py", *PINNED)
    assert (done.returncode, done.stdout) == (3, "")
    assert f"lpa: error: {message}" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_read_only_file_is_left_alone(lpa: Command) -> None:
    lpa.write("app.py", HANDLER)
    role = lpa.write("role.json", '{"Statement": []}')
    role.chmod(0o444)
    done = lpa("generate", "role.json", "--source", "app.py", *PINNED)
    assert (done.returncode, done.stdout) == (3, "")
    assert "role.json: is read-only" in done.stderr
    assert lpa.read("role.json") == '{"Statement": []}'


def test_a_killed_run_leaves_the_old_file_or_the_new_one(lpa: Command) -> None:
    """Kill the command at many moments around the write: whatever is there then is whole."""
    lpa.write("app.py", HANDLER)
    old = '{"Version": "2012-10-17", "Statement": []}\n'
    arguments = ["generate", "role.json", "--source", "app.py", *PINNED]
    started = time.monotonic()
    assert lpa(*arguments).returncode == 0
    duration = time.monotonic() - started
    outcomes = set()
    for step in range(20):
        lpa.write("role.json", old)
        process = lpa.start(*arguments)
        time.sleep(duration * (0.5 + step / 40))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        outcomes.add(lpa.read("role.json"))
    assert outcomes <= {old, POLICY}


HAND_WRITTEN = """\
{"Version": "2012-10-17", "Statement": {"Sid": "Read", "Effect": "Allow", "Action": "dynamodb:Get*", "Resource": "*"}}
"""


def test_a_hand_written_policy_is_extended(lpa: Command) -> None:
    lpa.write("app.py", HANDLER)
    lpa.write("base.json", HAND_WRITTEN)
    done = lpa("generate", "role.json", "--extend", "base.json", "--source", "app.py", *PINNED)
    assert (done.returncode, done.stderr) == (
        0,
        "lpa: proved: 2 permissions needed and allowed, nothing else added\nlpa: role.json is written\n",
    )
    read, added = json.loads(lpa.read("role.json"))["Statement"]
    assert read == json.loads(HAND_WRITTEN)["Statement"]
    assert added["Action"] == ["dynamodb:PutItem"]
    again = lpa("generate", "role.json", "--extend", "role.json", "--check", "--source", "app.py", *PINNED)
    assert (again.returncode, again.stdout) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["role.json", "--extend", "none.json"], 3, "none.json: no such file"),
        (["role.json", "--extend", "app.py"], 3, "app.py:1:1: "),
        (["role.json", "--extend", "base.json", "--as", "role"], 2, "--extend with --as role"),
    ],
)
def test_wrong_base(lpa: Command, arguments: list[str], code: int, message: str) -> None:
    lpa.write("app.py", HANDLER)
    lpa.write("base.json", HAND_WRITTEN)
    done = lpa("generate", *arguments, "--source", "app.py")
    assert done.returncode == code
    assert done.stderr.startswith(f"lpa: error: {message}")
    assert done.stderr.count("\n") == 1
    assert sorted(os.listdir(lpa.cwd)) == ["app.py", "base.json"]


def test_what_the_base_denies_is_told(lpa: Command) -> None:
    lpa.write("app.py", HANDLER)
    lpa.write("base.json", HAND_WRITTEN.replace("Allow", "Deny"))
    done = lpa("generate", "-", "--extend", "base.json", "--strict", "--source", "app.py", *PINNED)
    assert done.returncode == 1
    assert done.stderr == (
        "lpa: note: dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:123456789012:table/orders is denied by "
        'statement "Read", so it is not added\n'
        "lpa: proved: 1 permission needed and allowed, nothing else added\n"
    )


def test_conditions_only_when_asked_for(lpa: Command) -> None:
    lpa.write("app.py", "import boto3\nboto3.client('s3').list_objects_v2(Bucket='b', Prefix='in/')\n")
    listing = {"Sid": "S3ListBucket", "Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": ["arn:aws:s3:::b"]}

    plain = json.loads(lpa("generate", "-", "--source", "app.py").stdout)["Statement"]
    asked = json.loads(lpa("generate", "-", "--conditions", "--source", "app.py").stdout)["Statement"]

    assert plain == [listing]
    assert asked == [{**listing, "Condition": {"StringEquals": {"s3:prefix": ["in/"]}}}]


def test_wildcards_only_when_asked_for(lpa: Command) -> None:
    lpa.write(
        "app.py",
        "import boto3\n"
        "kinesis = boto3.client('kinesis')\n"
        "kinesis.put_record(StreamName='s', Data=b'', PartitionKey='p')\n"
        "kinesis.put_records(StreamName='s', Records=[])\n",
    )
    (plain,) = json.loads(lpa("generate", "-", "--source", "app.py").stdout)["Statement"]
    (asked,) = json.loads(lpa("generate", "-", "--wildcards", "--source", "app.py").stdout)["Statement"]

    # kinesis:PutRecord and kinesis:PutRecords are all that the pattern matches; PutResourcePolicy is another word.
    assert (plain["Action"], asked["Action"]) == (["kinesis:PutRecord", "kinesis:PutRecords"], ["kinesis:PutRecord*"])
    assert plain["Resource"] == asked["Resource"]


def test_a_policy_too_large_for_a_role_becomes_managed_policies(lpa: Command) -> None:
    buckets = [f"a-bucket-with-a-long-name-{number:04}" for number in range(300)]
    lpa.write(
        "app.py",
        "import boto3\n"
        "s3 = boto3.client('s3')\n" + "".join(f"s3.get_object(Bucket='{bucket}', Key='k')\n" for bucket in buckets),
    )
    done = lpa("generate", "role.json", "--source", "app.py")
    files = sorted(os.listdir(lpa.cwd))
    assert files == ["app.py", "role-2.json", "role-3.json", "role.json"]
    assert "attach these 3 files (role.json, role-2.json, role-3.json) as managed policies" in done.stderr
    documents = [json.loads(lpa.read(name)) for name in files[1:]]
    assert all(len(json.dumps(document, separators=(",", ":"))) <= 6144 for document in documents)
    granted = {arn for document in documents for statement in document["Statement"] for arn in statement["Resource"]}
    assert granted == {f"arn:aws:s3:::{bucket}/k" for bucket in buckets}
    check = lpa("generate", "role.json", "--check", "--source", "app.py")
    assert (check.returncode, check.stdout) == (0, "")


def test_managed_policies_on_request(lpa: Command) -> None:
    lpa.write("app.py", HANDLER)
    done = lpa("generate", "-", "--as", "managed", "--source", "app.py", *PINNED)
    assert (done.returncode, done.stdout) == (0, POLICY)
