"""How long `lpa scan one_handler.py` takes with a warm cache, against `python -c "import boto3"`; goal at most 1.0.

Whole processes, run by turns so that whatever else the machine does hits all of them alike.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 21

HANDLER = """\
import json
import os

import boto3

s3 = boto3.client("s3")
table = boto3.resource("dynamodb").Table(os.environ["TABLE"])


def handler(event, context):
    record = event["Records"][0]["s3"]
    content = s3.get_object(Bucket=record["bucket"]["name"], Key=record["object"]["key"])["Body"].read()
    for item in json.loads(content):
        table.put_item(Item=item)
    return {"statusCode": 200}
"""


def main() -> None:
    """Print the medians in milliseconds and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        handler = Path(folder, "handler.py")
        handler.write_text(HANDLER, encoding="utf-8")
        lpa = Path(sys.executable).with_name("lpa")
        commands = {
            "lpa scan handler.py": [str(lpa), "scan", str(handler)],
            "import boto3": [sys.executable, "-c", "import boto3"],
            "python alone": [sys.executable, "-c", "pass"],
        }
        environment = os.environ | {"LPA_CACHE_DIR": os.path.join(folder, "cache")}
        for command in commands.values():
            _seconds(command, environment)
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(ROUNDS):
            for name, command in commands.items():
                times[name].append(_seconds(command, environment))
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, median in medians.items():
        print(f"{name:<24}{median * 1000:7.1f} ms (median of {ROUNDS})")
    print(
        f"ratio to `import boto3`  {medians['lpa scan handler.py'] / medians['import boto3']:6.2f}  (goal: at most 1.0)"
    )


def _seconds(command: list[str], environment: dict[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
