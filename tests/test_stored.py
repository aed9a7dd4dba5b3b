"""The outcome of an interpretation is taken from the cache exactly as long as nothing it depends on has changed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from analyzer.collect import collect
from analyzer.flow import interpret
from analyzer.model.calls import Interpretation
from analyzer.model.values import Known
from analyzer.sources import FileSources
from analyzer.stored import interpreted

APP = """
import os, boto3
s3 = boto3.client("s3", region_name="eu-west-1")
table = boto3.resource("dynamodb").Table(os.environ["TABLE"])

def handler(event, context):
    s3.put_object(Bucket=os.environ.get("BUCKET", "b"), Key=f"in/{event['id']}", Body=b"\\xff", Metadata={"n": 1.5})
    table.query(**event)
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket="a" if event else "b"):
        print(page)

def other(client):
    client.put_item(TableName="t", Item={})
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    folder = tmp_path / "program"
    folder.mkdir()
    # The key knows no absolute paths: a program of a test's own needs a text of its own.
    (folder / "app.py").write_text(f"# {tmp_path.name}\n{APP}")
    return folder


def run(folder: Path, handler: str | None = None, environment: Mapping[str, str] | None = None) -> Interpretation:
    return interpreted(collect(["."], str(folder)), FileSources(), handler, environment or {})


def entries(cache_directory: Path) -> set[Path]:
    return set((cache_directory / "interpretation").glob("*"))


def test_the_stored_outcome_is_the_outcome(program: Path) -> None:
    expected = interpret(collect(["."], str(program)), FileSources())
    assert len(expected.calls) == 3
    assert [unresolved.reason for unresolved in expected.unresolved] == ["unknown-receiver"]
    assert run(program) == expected
    assert run(program) == expected


def test_every_input_is_part_of_the_key(program: Path, cache_directory: Path) -> None:
    before = entries(cache_directory)
    run(program)
    assert len(entries(cache_directory) - before) == 1
    run(program, handler="app.handler")
    run(program, environment={"TABLE": Known("orders")})
    assert len(entries(cache_directory) - before) == 3
    (program / "app.py").write_text((program / "app.py").read_text().replace("in/", "out/"))
    (call,) = [call for call in run(program).calls if call.operation == "PutObject"]
    assert "out/" in repr(call.parameters)
    (program / "more.py").write_text("import boto3\nboto3.client('sts').get_caller_identity()\n")
    assert "GetCallerIdentity" in {call.operation for call in run(program).calls}
    assert len(entries(cache_directory) - before) == 5


@pytest.mark.parametrize("damage", ["", "[]", "[null]", '["Interpretation", 1]', '["Nothing", [null], [null]]', '"x"'])
def test_a_damaged_entry_costs_time_only(program: Path, cache_directory: Path, damage: str) -> None:
    before = entries(cache_directory)
    expected = run(program)
    (entry,) = entries(cache_directory) - before
    entry.write_text(damage)
    assert run(program) == expected


def test_a_file_reached_by_a_link_that_leads_out_is_read_anew(program: Path, tmp_path: Path) -> None:
    outside = tmp_path / "lib" / "names.py"
    outside.parent.mkdir()
    outside.write_text("BUCKET = 'first'\n")
    (program / "shared").symlink_to(outside.parent, target_is_directory=True)
    (program / "app.py").write_text(
        "import boto3\nfrom shared import names\nboto3.client('s3').get_object(Bucket=names.BUCKET, Key='k')\n"
    )

    def calls() -> str:
        return repr(interpreted(collect(["program"], str(tmp_path)), FileSources(), None, {}).calls)

    assert "first" in calls()
    outside.write_text("BUCKET = 'second'\n")
    assert "second" in calls()


def test_without_the_cache_nothing_is_kept(program: Path, tmp_path: Path) -> None:
    lpa = Path(sys.executable).with_name("lpa")
    environment = os.environ | {"LPA_CACHE_DIR": str(tmp_path / "own")}

    def scanned(*flags: str) -> str:
        command = [str(lpa), "scan", ".", *flags]
        return subprocess.run(command, cwd=program, env=environment, capture_output=True, check=True, text=True).stdout

    without = scanned("--no-cache")
    assert not (tmp_path / "own").exists()
    assert scanned() == without
    assert (tmp_path / "own" / "interpretation").exists()


def test_a_second_run_interprets_nothing(program: Path, cache_directory: Path) -> None:
    code = (
        "import sys; from analyzer.collect import collect; from analyzer.sources import FileSources; "
        "from analyzer.stored import interpreted; interpreted(collect(['.'], '.'), FileSources(), None, {}); "
        "print('analyzer.flow' in sys.modules)"
    )
    environment = {**os.environ, "LPA_CACHE_DIR": str(cache_directory)}
    shown = [
        subprocess.run(
            [sys.executable, "-c", code], cwd=program, env=environment, capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    ]
    assert shown == ["True\n", "False\n"]
