"""The indexes as a process of its own sees them: built, stored, read back, damaged."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import json, sys
from analyzer.sdk import *
lambda_, ec2 = load_service("lambda"), load_resources("ec2")
print(json.dumps({
    "names": len(service_names()),
    "operation": repr(lambda_.operations["Invoke"]),
    "operations": len(lambda_.operations),
    "instance": repr(ec2.types["Instance"].actions["create_image"]),
    "attributes": sorted(ec2.types["Instance"].attributes),
    "services": services_with_method("get_caller_identity"),
    "types": resource_types_with_action("send_message"),
    "transfer": sorted(transfer_methods("s3", "Bucket")),
    "heavy": sorted(name for name in sys.modules if name.split(".")[0] in ("boto3", "botocore")),
}))
"""


def run(cache: Path) -> dict[str, object]:
    process = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=os.environ | {"LPA_CACHE_DIR": str(cache)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert process.stderr == ""
    result: dict[str, object] = json.loads(process.stdout)
    return result


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("index")


@pytest.fixture(scope="module")
def built(cache: Path) -> dict[str, object]:
    return run(cache)


def test_building_gives_what_boto3_says(built: dict[str, object]) -> None:
    assert built["services"] == ["sts"]
    assert built["types"] == [["sqs", "Queue"]]
    assert "ResourceAction(operation='CreateImage'" in str(built["instance"])
    assert "/2015-03-31/functions/{FunctionName}/invocations" in str(built["operation"])


def test_stored_indexes_give_the_same_without_boto3(built: dict[str, object], cache: Path) -> None:
    assert built["heavy"] != []
    assert run(cache) == built | {"heavy": []}


def test_damaged_entries_are_built_again(built: dict[str, object], cache: Path) -> None:
    entries = sorted(path for path in cache.rglob("*") if path.is_file())
    damages = [b"", b"{", b"\xff\xfe\x00", b"[[[["]
    assert len(entries) > len(damages)
    for path, damage in zip(entries, itertools.cycle(damages)):
        path.write_bytes(damage)
    assert run(cache) == built


def test_a_cache_that_cannot_be_written_costs_time_only(built: dict[str, object], tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a directory")
    assert run(blocked) == built
