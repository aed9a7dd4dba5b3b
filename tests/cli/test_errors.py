from __future__ import annotations

import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Command

APP = """\
import boto3


def handler(event, context):
    return boto3.client("s3").list_buckets()
"""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Missing command; see lpa --help"),
        (["scna", "app.py"], "No such command 'scna'."),
        (["scan", ""], "a path is empty"),
        (["scan"], "nothing to analyse: no source, no --template, and no template here"),
        (["scan", "app.py", "--frmt", "json"], "No such option: --frmt"),
        (["scan", "app.py", "--format", "yaml"], "'yaml' is not one of 'text', 'json'"),
        (["generate", "--source", "app.py"], "no ROLE.json to write; name it, or --all for the configured functions"),
        (["generate", "role.json"], "nothing to analyse: no source, no --template, and no template here"),
        (["check", "--source", "app.py"], "no ROLE.json to compare the source with"),
        (["check", "--source", "app.py", "--template", "t.yaml"], "source and a template at once"),
        (["check", "--template", "t.yaml", "--handler", "a.b"], "--handler and --function-name are for source"),
        (["check", "--template", "t.yaml", "--parameter-overrides", "x"], "--parameter-overrides x does not name"),
        (["generate", "-", "--check", "--source", "app.py"], "--check has nothing to compare standard output with"),
        (["generate", "-", "--source", "app.py", "--as", "user"], "'user' is not one of 'policy', 'managed', 'role'"),
        (["generate", "-", "--source", "app.py", "--account", "1"], "--account 1 is not an AWS account id"),
        (["generate", "-", "--source", "app.py", "--env", "A"], "--env A does not name a variable and its value"),
        (["generate", "-", "--source", ".", "--handler", "app.main"], "app.main"),
        (["generate", "-", "--source", ".", "--handler", "missing.handler"], "missing.handler"),
        (["generate", "-", "--source", ".", "--handler", "handler"], "handler"),
        (["check", "role.json", "--source", "app.py", "--platform", "ec2"], "'ec2' is not one of 'lambda', 'none'"),
    ],
)
def test_usage_errors(lpa: Command, arguments: list[str], message: str) -> None:
    lpa.write("app.py", APP)
    done = lpa(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("lpa: error: ")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1, "one line"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["scan", "missing.py"], "missing.py: no such file"),
        (["scan", "app.py", "missing"], "missing: no such file"),
        (["scan", "empty"], "empty: no Python file"),
        (["generate", "role.json", "--source", "missing"], "missing: no such file"),
        (["scan", "latin.py"], "latin.py:2: not utf-8 text"),
        (["scan", "latin.py", "app.py"], "latin.py:2: not utf-8 text"),
    ],
)
def test_input_errors(lpa: Command, arguments: list[str], message: str) -> None:
    lpa.write("app.py", APP)
    lpa.write("latin.py", b"# caf\xc3\xa9\nname = '\xe9'\n")
    lpa.write("empty/readme.txt", "")
    done = lpa(*arguments)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith(f"lpa: error: {message}")
    assert done.stderr.count("\n") == 1, "one line"
    assert not (lpa.cwd / "role.json").exists()


def test_an_unknown_service_is_reported_with_its_place(lpa: Command) -> None:
    lpa.write("app.py", 'import boto3\n\nboto3.client("s4").get_object(Bucket="b", Key="k")\n')
    done = lpa("scan", "app.py")
    assert done.returncode == 0
    assert done.stdout.startswith("app.py:3:1: unresolved: ")
    assert "[unknown-service]" in done.stdout
    assert "s4" in done.stdout


def test_version(lpa: Command) -> None:
    done = lpa("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, "lpa 0.1.0\n", "")


@pytest.mark.parametrize("command", [[], ["generate"], ["check"], ["scan"]])
def test_help(lpa: Command, command: list[str]) -> None:
    done = lpa(*command, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.lstrip().startswith(" ".join(["Usage: lpa", *command]))


def test_an_unusable_cache_costs_nothing_but_time(lpa: Command) -> None:
    lpa.write("app.py", APP)
    lpa.write("file", "")
    expected = lpa("scan", "app.py").stdout
    assert lpa("scan", "app.py", LPA_CACHE_DIR=str(lpa.cwd / "file")).stdout == expected


def test_a_closed_pipe_is_not_an_error_to_talk_about(lpa: Command) -> None:
    lpa.write("app.py", APP + "".join(f"\n\ndef f{n}():\n    boto3.client('s3').list_buckets()\n" for n in range(2000)))
    done = subprocess.run(
        ["bash", "-c", f'"{lpa.executable}" scan app.py | head -n 1; echo "${{PIPESTATUS[0]}}"'],
        cwd=lpa.cwd,
        env=lpa.environment,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout == "app.py:5:12: s3.ListBuckets (direct, certain)\n141\n"
    assert done.stderr == ""


def test_an_interrupt_ends_it_with_130(lpa: Command) -> None:
    # Some ten seconds of work, of which the first is over when the signal comes.
    lpa.write("app.py", "x = 1\n" * 400_000)
    process = lpa.start("scan", "app.py")
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (130, b"lpa: error: interrupted\n")
