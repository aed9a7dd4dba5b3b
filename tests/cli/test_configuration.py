"""A configured repository: what is found, what is refused, and what counts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Command

ORDERS = """\
import os
import boto3
from shared import archive

s3 = boto3.client("s3")


def handler(event, context):
    archive(s3)
    return s3.get_object(Bucket=os.environ["BUCKET"], Key="today.csv")
"""
QUEUE = """\
import os
import boto3


def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody="x")
"""
SHARED = 'def archive(s3):\n    s3.put_object(Bucket="archive", Key="x")\n'
CONFIG = """\
account = "123456789012"
region = "eu-west-1"
platform = "none"
source = ["src"]
env = { BUCKET = "orders" }

[[functions]]
name = "orders"
handler = "orders.handler"
policy = "policies/orders.json"

[[functions]]
name = "queue"
handler = "queue_sender.handler"
policy = "policies/queue.json"
env = { QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/q" }
"""


def policy(**actions: str) -> str:
    statements = [
        {"Effect": "Allow", "Action": name.replace("_", ":"), "Resource": resource}
        for name, resource in actions.items()
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)


# Worked out by hand: what the calls above need.
ORDERS_POLICY = policy(s3_GetObject="arn:aws:s3:::orders/today.csv", s3_PutObject="arn:aws:s3:::archive/x")
QUEUE_POLICY = policy(sqs_SendMessage="arn:aws:sqs:eu-west-1:123456789012:q")


@pytest.fixture
def repository(lpa: Command) -> Command:
    (lpa.cwd / ".git").mkdir()
    lpa.write("lpa.toml", CONFIG)
    lpa.write("src/orders.py", ORDERS)
    lpa.write("src/queue_sender.py", QUEUE)
    lpa.write("src/shared.py", SHARED)
    lpa.write("src/unrelated.py", "x = 1\n")
    lpa.write("policies/orders.json", ORDERS_POLICY)
    lpa.write("policies/queue.json", QUEUE_POLICY)
    return lpa


def findings(lpa: Command, *arguments: str) -> list[tuple[str, str]]:
    done = lpa("check", *arguments, "--format", "json")
    assert done.returncode in (0, 1), done.stderr
    return [(finding["file"], finding["check"]) for finding in json.loads(done.stdout)["findings"]]


def test_all_is_clean_where_every_policy_fits(repository: Command) -> None:
    for arguments in ((), ("--all",)):
        done = repository("check", *arguments)
        assert (done.returncode, done.stdout, done.stderr) == (0, "0 findings\n", "")


def test_each_function_is_held_against_its_own_policy(repository: Command) -> None:
    repository.write("policies/orders.json", QUEUE_POLICY)
    assert findings(repository) == [
        ("policies/orders.json", "unused-permission"),
        ("src/orders.py", "missing-permission"),
        ("src/shared.py", "missing-permission"),
    ]
    assert findings(repository, "--function", "queue") == []
    assert findings(repository, "policies/queue.json") == []
    assert len(findings(repository, "policies/orders.json")) == 3


def test_functions_that_share_a_policy_are_judged_together(repository: Command) -> None:
    repository.write("lpa.toml", CONFIG.replace("policies/queue.json", "./policies/orders.json"))
    both = json.loads(ORDERS_POLICY)
    both["Statement"] += json.loads(QUEUE_POLICY)["Statement"]
    repository.write("policies/orders.json", json.dumps(both))
    assert findings(repository) == []
    assert findings(repository, "--function", "queue") == [], "what the other function uses is not unused"
    repository.write("policies/orders.json", QUEUE_POLICY)
    done = repository("check")
    assert "(reached through orders > handler > archive)" in done.stdout


def test_from_below_the_repository_is_the_same(repository: Command) -> None:
    repository.write("policies/queue.json", ORDERS_POLICY)
    above = repository("check")
    repository.cwd = repository.cwd / "src"
    below = repository("check")
    assert (below.returncode, below.stdout) == (above.returncode, above.stdout) == (1, above.stdout)
    assert repository("check", "../policies/orders.json").returncode == 0
    assert repository("scan", "queue_sender.py").stdout.splitlines()[1] == (
        "    sqs:SendMessage on arn:aws:sqs:eu-west-1:123456789012:*"
    ), "account and region of the configuration count for source that is named as well; env of a function does not"


def test_generate_and_scan(repository: Command) -> None:
    (repository.cwd / "policies/orders.json").unlink()
    done = repository("check")
    assert done.returncode == 3
    assert done.stderr.startswith("lpa: error: policies/orders.json: no such file; write it with lpa generate --all")
    assert repository("generate", "--all").returncode == 0
    assert findings(repository) == []
    written = json.loads(repository.read("policies/orders.json"))["Statement"]
    assert sorted(action for one in written for action in one["Action"]) == ["s3:GetObject", "s3:PutObject"]
    printed = repository("generate", "-", "--function", "queue")
    assert [one["Action"] for one in json.loads(printed.stdout)["Statement"]] == [["sqs:SendMessage"]]
    scanned = json.loads(repository("scan", "--all", "--format", "json").stdout)
    assert [(one["function"], one["file"], one["line"], len(one["calls"])) for one in scanned["functions"]] == [
        ("orders", "lpa.toml", 7, 2),
        ("queue", "lpa.toml", 12, 1),
    ]


def test_flags_go_before_the_configuration(repository: Command) -> None:
    assert findings(repository, "--env", "BUCKET=other") == [
        ("policies/orders.json", "unused-permission"),
        ("src/orders.py", "missing-permission"),
    ]
    assert ("src/queue_sender.py", "missing-permission") in findings(
        repository, "--env", "QUEUE=https://sqs.eu-west-1.amazonaws.com/123456789012/other"
    )


def test_severity_select_ignore_and_strict(repository: Command) -> None:
    repository.write("policies/queue.json", policy(sqs_SendMessage="arn:aws:sqs:eu-west-1:123456789012:*"))
    assert repository("check").returncode == 1
    assert repository("check", "--severity", "error").returncode == 0
    assert findings(repository, "--select", "missing-permission") == []
    repository.write("lpa.toml", 'severity = "error"\n' + CONFIG)
    assert repository("check").returncode == 0
    assert repository("check", "--severity", "warning").returncode == 1
    repository.write("src/queue_sender.py", QUEUE + '    boto3.client(event["x"]).y()\n')
    assert repository("check").returncode == 0
    assert repository("check", "--strict").returncode == 1
    repository.write("lpa.toml", "strict = true\n" + CONFIG)
    assert '"severity": "error"' in repository("check", "--select", "incomplete-analysis", "--format", "json").stdout
    assert repository("check", "--no-strict", "--ignore", "broad-permission").returncode == 0


def test_a_baseline_serves_all_of_them(repository: Command) -> None:
    repository.write("policies/orders.json", QUEUE_POLICY)
    repository.write("policies/queue.json", ORDERS_POLICY)
    number = len(findings(repository))
    done = repository("check", "--write-baseline", "lpa-baseline.json")
    assert done.stderr.startswith(f"lpa: lpa-baseline.json: {number} findings of policies/orders.json, policies/queue")
    assert findings(repository) == []
    repository.write("src/shared.py", SHARED + '    s3.delete_object(Bucket="archive", Key="x")\n')
    assert findings(repository) == [("src/shared.py", "missing-permission")]
    repository.write("src/shared.py", SHARED)
    repository.write("policies/queue.json", QUEUE_POLICY)
    done = repository("check")
    assert done.returncode == 0
    assert "gone: src/queue_sender.py" in done.stderr


def test_comments_ignore_and_unused_ones_are_told_once_all_is_looked_at(repository: Command) -> None:
    repository.write("src/shared.py", SHARED.replace('Key="x")', 'Key="x")  # lpa: ignore[missing-permission] why'))
    assert findings(repository) == [("src/shared.py", "unused-ignore")]
    assert findings(repository, "--function", "orders") == []
    repository.write("policies/orders.json", policy(s3_GetObject="arn:aws:s3:::orders/today.csv"))
    assert findings(repository) == []


CHANGES = [
    (["src/orders.py"], True),
    (["src/shared.py"], True),
    (["src/unrelated.py"], False),
    (["policies/orders.json"], True),
    (["lpa.toml"], True),
    (["src/unrelated.py", "src/shared.py"], True),
    (["src/gone.py"], True),
]


@pytest.mark.parametrize(("files", "affected"), CHANGES, ids=str)
def test_only_what_rests_on_changed_files_is_checked(repository: Command, files: list[str], affected: bool) -> None:
    repository.write("policies/orders.json", policy(s3_GetObject="arn:aws:s3:::orders/today.csv"))
    assert (("src/shared.py", "missing-permission") in findings(repository, "--changed", *files)) is affected


def test_a_helper_behind_a_link_is_a_changed_file(repository: Command) -> None:
    repository.write("policies/orders.json", policy(s3_GetObject="arn:aws:s3:::orders/today.csv"))
    (repository.cwd / "src/shared.py").unlink()
    repository.write("lib/shared/__init__.py", SHARED)
    (repository.cwd / "src/shared").symlink_to("../lib/shared")
    assert findings(repository, "--changed", "lib/shared/__init__.py") == [
        ("src/shared/__init__.py", "missing-permission")
    ]


TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Parameters:
  Name: {Type: String}
Resources:
  First:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.12
      Handler: orders.handler
      CodeUri: src
      Environment: {Variables: {BUCKET: !Ref Name}}
  Second:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.12
      Handler: queue_sender.handler
      CodeUri: src
      Environment: {Variables: {QUEUE: "https://sqs.eu-west-1.amazonaws.com/123456789012/q"}}
"""
TEMPLATE_CONFIG = """
[[templates]]
file = "infra/template.yaml"
parameters = { Name = "orders" }
"""


def test_templates_are_checked_too(repository: Command) -> None:
    repository.write("lpa.toml", CONFIG + TEMPLATE_CONFIG)
    repository.write("infra/template.yaml", TEMPLATE.replace("CodeUri: src", "CodeUri: ../src"))
    in_orders = {("src/orders.py", "missing-permission"), ("src/shared.py", "missing-permission")}
    in_queue = {("src/queue_sender.py", "missing-permission")}
    assert set(findings(repository)) == in_orders | in_queue
    assert set(findings(repository, "--function", "Second")) == in_queue
    assert set(findings(repository, "--changed", "src/shared.py")) == in_orders
    assert set(findings(repository, "--changed", "infra/template.yaml")) == in_orders | in_queue
    assert findings(repository, "--changed", "src/unrelated.py") == []
    repository.write("lpa.toml", TEMPLATE_CONFIG + 'functions = ["Second"]\n')
    done = repository("check")
    assert done.stdout.startswith("src/queue_sender.py:6:5: error: sqs:SendMessage on ")
    assert "(reached through Second > handler)" in done.stdout


def test_excluded_files_are_entry_points_no_more_but_read_where_imported(repository: Command) -> None:
    repository.write("lpa.toml", 'source = ["src"]\nexclude = ["queue_*", "src/shared.py"]\n')
    scanned = json.loads(repository("scan", "--format", "json").stdout)
    assert {(one["file"], one["operation"]) for one in scanned["calls"]} == {
        ("src/orders.py", "GetObject"), ("src/shared.py", "PutObject"),
    }  # fmt: skip
    repository.write("lpa.toml", 'source = ["src"]\nexclude = ["src"]\n')
    assert repository("scan").returncode == 3


def test_what_is_wrong_is_told_in_one_line(lpa: Command) -> None:
    lpa.write("lpa.toml", 'acount = "1"\n')
    done = lpa("check")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "lpa: error: lpa.toml:1: unknown key acount; did you mean account?\n"


def test_a_function_needs_a_policy_to_be_checked(repository: Command) -> None:
    repository.write("lpa.toml", CONFIG.replace('policy = "policies/queue.json"\n', ""))
    done = repository("check")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == 'lpa: error: lpa.toml:12: the function queue has no policy; add policy = "file.json"\n'
    assert repository("check", "--function", "orders").returncode == 0
    assert repository("scan").returncode == 0


def test_where_a_configuration_is_looked_for(lpa: Command) -> None:
    lpa.write("src/app.py", QUEUE)
    lpa.write("pyproject.toml", '[project]\nname = "x"\n[tool.lpa]\nregion = "us-east-1"\n')
    scan = ("scan", "src", "--env", "QUEUE=q", "--format", "json")
    assert ":us-east-1:" in lpa(*scan).stdout
    lpa.cwd /= "src"
    assert ":us-east-1:" not in lpa("scan", ".", "--format", "json").stdout, "not above what is no repository"
    (lpa.cwd.parent / ".git").mkdir()
    assert ":us-east-1:" in lpa("scan", ".", "--format", "json").stdout
    lpa.write("lpa.toml", 'region = "us-west-2"\n')
    assert ":us-west-2:" in lpa("scan", ".", "--format", "json").stdout, "the nearest counts, alone"
    assert ":us-east-1:" in lpa("scan", ".", "--config", "../pyproject.toml", "--format", "json").stdout
    assert ":us-east-1:" not in lpa("scan", ".", "--region", "eu-west-1", "--format", "json").stdout
    lpa.cwd = lpa.cwd.parent
    lpa.write("lpa.toml", "")
    done = lpa("scan", "src")
    assert (
        done.stderr == "lpa: error: lpa.toml and [tool.lpa] in pyproject.toml: two configurations; keep one of them\n"
    )
    assert lpa("scan", "src", "--config", "none.toml").returncode == 3


def test_show(repository: Command) -> None:
    done = repository("config", "--region", "us-east-1", "--env", "BUCKET=b")
    lines = {line.split(" = ")[0]: line.split()[-1] for line in done.stdout.splitlines()}
    assert lines["account"] == "lpa.toml:1"
    assert (lines["region"], lines["partition"], lines["env.BUCKET"]) == ("--region", "--region", "--env")
    assert (lines["severity"], lines["functions[2].policy"]) == ("default", "lpa.toml:15")
    assert (lines["functions[1].source"], lines["functions[2].env.QUEUE"]) == ("lpa.toml:4", "lpa.toml:16")
    document = json.loads(repository("config", "--format", "json").stdout)
    values = {one["key"]: (one["value"], one["origin"], one["line"]) for one in document["values"]}
    assert values["account"] == ("123456789012", "file", 1)
    assert values["severity"] == ("warning", "default", None)
    assert values["functions[2].handler"] == ("queue_sender.handler", "file", 14)


def test_all_without_a_configuration(lpa: Command) -> None:
    done = lpa("check", "--all")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith("no function and no template; lpa init writes a configuration\n")
    assert lpa("check", "--all", "role.json").returncode == 2
