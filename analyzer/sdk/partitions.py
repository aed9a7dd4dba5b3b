"""The partitions of AWS and the regions they hold, from botocore's `partitions.json`."""

from __future__ import annotations

import json
import os
import re
from functools import cache

from analyzer.sdk.installation import data_folder


def partition_names() -> tuple[str, ...]:
    """Return the names of all partitions (`aws`, `aws-cn` …), sorted."""
    return tuple(sorted(_region_patterns()))


def partition_of_region(region: str) -> str | None:
    """Return the partition that `region` is in, judged by the form of its name, or None if it fits no partition."""
    for partition, pattern in _region_patterns().items():
        if re.match(pattern, region):
            return partition
    return None


@cache
def _region_patterns() -> dict[str, str]:
    with open(os.path.join(data_folder("botocore"), "partitions.json"), encoding="utf-8") as file:
        content = json.load(file)
    return {partition["id"]: partition["regionRegex"] for partition in content["partitions"]}
