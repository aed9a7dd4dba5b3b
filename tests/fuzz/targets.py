"""What is fuzzed: for each kind of input, the command that reads it, run in this process, and what has to hold of it.

Whatever the input, the command ends with an exit code of DESIGN.md that is not the one for defects, says what is wrong
in one line, and soon.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from analyzer import cli

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
LONGEST_SECONDS = 20.0
_APP = b"""\
import boto3

def handler(event, context):
    boto3.client("s3").get_object(Bucket="data", Key="a")
"""
_POLICY = b"""\
{"Version": "2012-10-17",
 "Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::data/a"}]}
"""
_CONFIGURATION = b"""\
account = "123456789012"
region = "eu-west-1"
exclude = ["tests", "src/vendor/*"]
select = ["missing-permission"]
strict = true
env = { STAGE = "prod" }

[[functions]]
name = "app"
handler = "app.handler"
source = ["."]
policy = "policy.json"
env = { A = "b" }

[[templates]]
file = "template.yaml"
functions = ["Get"]
parameters = { Name = "x" }
"""
_MACHINE = b"""\
{"StartAt": "Put", "States": {
  "Put": {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:putItem",
          "Parameters": {"TableName": "${Table}", "Item": {"id": {"S.$": "$.id"}}}, "Next": "Each"},
  "Each": {"Type": "Map", "ItemsPath": "$.all", "End": true,
           "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, "StartAt": "Do", "States": {
             "Do": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true,
                    "Arguments": {"FunctionName": "{% $f %}"}}}}}}}
"""
_TEMPLATE = b"""\
Transform: AWS::Serverless-2016-10-31
Resources:
  Get:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: ., Handler: app.handler, Runtime: python3.12}
"""
_MACHINE_TEMPLATE = b"""\
Transform: AWS::Serverless-2016-10-31
Resources:
  Table: {Type: "AWS::DynamoDB::Table"}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties: {DefinitionUri: machine.json, DefinitionSubstitutions: {Table: !Ref Table}}
"""


class BrokenError(AssertionError):
    """A command did with an input what it must not do with any."""


@dataclass(frozen=True)
class Target:
    """A kind of input: where it is put among the `around` files, the commands that read it, and real examples."""

    name: str
    file: str
    commands: tuple[tuple[str, ...], ...]
    seeds: Callable[[], list[bytes]]
    around: dict[str, bytes]

    def run(self, data: bytes) -> None:
        """Run the commands on an input. Raises BrokenError, or what got out of them."""
        with _folder({**self.around, self.file: data}) as folder:
            for command in self.commands:
                _run(command, folder / "cache")


def _read(pattern: str) -> Callable[[], list[bytes]]:
    return lambda: [path.read_bytes() for path in sorted(FIXTURES.glob(pattern)) if path.stat().st_size < 20_000]


def _zipped() -> list[bytes]:
    made = []
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", method) as archive:
            archive.writestr("app.py", _APP)
            archive.writestr("pkg/__init__.py", "import app\n")
        made.append(stream.getvalue())
    return made


def _baselines() -> list[bytes]:
    with _folder({"app.py": _APP, "policy.json": _POLICY}) as folder:
        _run(("check", "policy.json", "--source", "app.py", "--write-baseline", "b.json"), folder / "cache")
        return [(folder / "b.json").read_bytes()]


_CHECK = ("check", "policy.json", "--source", "app.py")
_FILES = {"app.py": _APP, "policy.json": _POLICY, "template.yaml": _TEMPLATE}

TARGETS = {
    target.name: target
    for target in (
        Target(
            "policy", "input.json",
            (("lint", "input.json"), ("check", "input.json", "--source", "."), ("diff", "policy.json", "input.json")),
            _read("**/*granted*.json"), _FILES,
        ),
        Target("policy-yaml", "input.yaml", (("lint", "input.yaml"),), _read("**/template.yaml"), _FILES),
        Target(
            "template", "template.yaml", (("check", "--template", "template.yaml"), ("fix", "--dry-run")),
            _read("apps/*/template.yaml"), _FILES,
        ),
        Target(
            "machine", "machine.json", (("check", "--template", "template.yaml"),), lambda: [_MACHINE],
            {**_FILES, "template.yaml": _MACHINE_TEMPLATE},
        ),
        Target(
            "source", "app.py", (("check", "policy.json", "--source", "."), ("report", *_CHECK[1:], "--html", "-")),
            _read("apps/*/src/**/*.py"), _FILES,
        ),
        Target(
            "configuration", "lpa.toml", (("config",), ("check",), ("generate", "--all")), lambda: [_CONFIGURATION],
            _FILES,
        ),
        Target("baseline", "b.json", ((*_CHECK, "--baseline", "b.json"),), _baselines, _FILES),
        Target("archive", "fn.zip", (("scan", "fn.zip"),), _zipped, {}),
        Target(
            "hook", ".pre-commit-config.yaml", (("init",),), lambda: [b"repos:\n- repo: a\n  hooks:\n  - id: b\n"],
            _FILES,
        ),
    )
}  # fmt: skip


class CacheTarget(Target):
    """Damaged entries of the cache: the outcome is the one without a cache."""

    def run(self, data: bytes) -> None:
        """Put `data` in the place of one entry after the other."""
        with _folder(self.around) as folder:
            (command,) = self.commands
            expected = _run(command, folder / "cache")
            entries = sorted(path for path in (folder / "cache").rglob("*") if path.is_file())
            for entry in entries:
                if entry.parent.name in _READ_EACH_TIME:
                    entry.write_bytes(data)
                    if _run(command, folder / "cache") != expected:
                        raise BrokenError(f"{entry.parent.name} changes the outcome")


# Other entries are kept in memory as well, so that this process would not read them again.
_READ_EACH_TIME = ("interpretation", "parsed", "sam")


def _entries() -> list[bytes]:
    with _folder(_FILES) as folder:
        _run(("check",), folder / "cache")
        return [p.read_bytes() for p in sorted((folder / "cache").rglob("*")) if p.parent.name in _READ_EACH_TIME]


TARGETS["cache"] = CacheTarget("cache", "", (("check",),), _entries, _FILES)


@contextlib.contextmanager
def _folder(files: dict[str, bytes]) -> Iterator[Path]:
    before, folder = os.getcwd(), Path(tempfile.mkdtemp(dir="/dev/shm" if os.path.isdir("/dev/shm") else None))
    try:
        for name, content in files.items():
            (folder / name).write_bytes(content)
        os.chdir(folder)
        yield folder
    finally:
        os.chdir(before)
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: tuple[str, ...], cache: Path) -> str:
    """Run a command; return what it prints."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="backslashreplace") for _ in range(2)]
    kept = sys.stdout, sys.stderr, os.environ.get("LPA_CACHE_DIR"), os.environ.get("LPA_DEBUG")
    sys.stdout, sys.stderr = streams
    os.environ |= {"LPA_CACHE_DIR": str(cache), "LPA_DEBUG": "1"}
    begin = time.monotonic()
    try:
        code = cli.run([*command])
    finally:
        seconds = time.monotonic() - begin
        sys.stdout, sys.stderr = kept[:2]
        for name, value in zip(("LPA_CACHE_DIR", "LPA_DEBUG"), kept[2:], strict=True):
            os.environ.pop(name) if value is None else os.environ.update({name: value})
        for stream in streams:
            stream.flush()
    printed, told = (stream.buffer.getvalue().decode("utf-8") for stream in streams)  # type: ignore[attr-defined]
    what = json.dumps([command, code, told[-500:]])
    if code not in (0, 1, 2, 3):
        raise BrokenError(f"exit code: {what}")
    lines = told.split("\n")[:-1]
    errors = [line.startswith("lpa: error: ") for line in lines]
    if errors != [False] * (len(lines) - 1) + [True] if code in (2, 3) else any(errors):
        raise BrokenError(f"not one line at the end: {what}")
    if seconds > LONGEST_SECONDS:
        raise BrokenError(f"took {seconds:.0f} seconds: {what}")
    return str(printed)
