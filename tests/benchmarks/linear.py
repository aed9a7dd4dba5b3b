"""How the time of an analysis grows with the program: generated programs of 250, 500 and 1,000 reachable files.

Processor time of whole processes of `lpa scan --handler`, the best of a few rounds. Every module
of the program is imported and called by another, and makes calls of its own with what it is handed. The exponent is
the slope of the logarithm of the time over that of the number of files, by least squares: 1 is linear. Goal: at most
1.1.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from statistics import linear_regression

SIZES = (250, 500, 1000)
ROUNDS = 3
_CALLS_EACH = 3

_APP = """\
import os
import boto3
from parts import part_0

dynamodb = boto3.resource("dynamodb")


def handler(event, context):
    orders = dynamodb.Table(os.environ["TABLE_NAME"])
    return part_0.run(orders, boto3.client("s3"), event["id"])
"""
# A tree of modules: calls nest as deep as its height, as the calls of large programs do, and not as deep as its size.
_PART = """\
import json
from dataclasses import dataclass
{imports}

PREFIX = "part-{number}"


@dataclass
class Settings:
    prefix: str = PREFIX
    retries: int = {number}


class Repository:
    def __init__(self, table, settings):
        self.table = table
        self.settings = settings

    def find(self, key):
        response = self.table.get_item(Key={{"pk": f"{{self.settings.prefix}}#{{key}}"}})
        return response.get("Item")

    def save(self, key, value):
        item = {{"pk": key, "body": json.dumps(value)}}
        for name in ("created", "updated"):
            item[name] = value.get(name)
        self.table.put_item(Item=item)


def archive(s3, key, value):
    if not value:
        return None
    s3.put_object(Bucket="archive-{number}", Key=f"{{PREFIX}}/{{key}}.json", Body=json.dumps(value))
    return key


def run(table, s3, key):
    repository = Repository(table, Settings())
    found = repository.find(key)
    if found is None:
        repository.save(key, {{"created": key}})
    done = [archive(s3, key, found)]
{calls}
    return done
"""


def write_program(folder: Path, size: int) -> None:
    """Write a program of `size` files below a folder."""
    parts = folder / "parts"
    parts.mkdir(parents=True)
    (folder / "app.py").write_text(_APP, encoding="utf-8")
    (parts / "__init__.py").write_text("", encoding="utf-8")
    count = size - 2
    for number in range(count):
        below = [child for child in (2 * number + 1, 2 * number + 2) if child < count]
        imports = "\n".join(f"from parts import part_{child}" for child in below)
        calls = "\n".join(f"    done.append(part_{child}.run(table, s3, key))" for child in below)
        text = _PART.format(number=number, imports=imports, calls=calls)
        (parts / f"part_{number}.py").write_text(text, encoding="utf-8")


def main() -> None:
    """Print the time of every size and the exponent."""
    times = {}
    with tempfile.TemporaryDirectory() as work:
        # What is known of the SDK is stored once; the program itself is new in every round.
        write_program(Path(work, "first"), 3)
        _run(Path(work, "first"), Path(work, "cache"), 3)
        for size in SIZES:
            folder = Path(work, str(size))
            write_program(folder, size)
            rounds = []
            for number in range(ROUNDS):
                cache = Path(work, f"cache-{size}-{number}")
                shutil.copytree(Path(work, "cache"), cache)
                rounds.append(_run(folder, cache, size))
            times[size] = min(rounds)
            print(f"{size:6} files {times[size]:8.2f} s {times[size] / size * 1000:8.2f} ms a file", flush=True)
    for (small, first), (large, second) in pairwise(times.items()):
        print(f"{small} to {large}: exponent {math.log(second / first) / math.log(large / small):5.2f}")
    print(f"all: exponent {_slope(times):5.2f}  (goal: at most 1.1)")


def _run(folder: Path, cache: Path, size: int) -> float:
    lpa = str(Path(sys.executable).with_name("lpa"))
    command = [lpa, "scan", "--handler", "app.handler", "--format", "json", "."]
    before = os.times()
    finished = subprocess.run(
        command, cwd=folder, env=os.environ | {"LPA_CACHE_DIR": str(cache)}, capture_output=True, check=True
    )
    after = os.times()
    seconds = after.children_user + after.children_system - before.children_user - before.children_system
    report = json.loads(finished.stdout)
    found = len({(call["file"], call["line"]) for call in report["calls"]})
    if found != (size - 2) * _CALLS_EACH or report["unresolved"]:
        sys.exit(f"{size} files: {found} call sites found and {len(report['unresolved'])} unresolved")
    return seconds


def _slope(times: dict[int, float]) -> float:
    return linear_regression(list(map(math.log, times)), list(map(math.log, times.values()))).slope


if __name__ == "__main__":
    main()
