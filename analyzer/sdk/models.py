"""Reads botocore's model files, in the way of `botocore.loaders.Loader` but without the packages that one imports.

Only the files that botocore ships are read: what lies in `~/.aws/models` or `$AWS_DATA_PATH` differs between machines.
"""

from __future__ import annotations

import gzip
import json
import os
from typing import Any

from analyzer.sdk.installation import data_folder

_SUFFIXES = (".json", ".json.gz")


def services_with_models() -> list[str]:
    """Return the services, sorted, that have a `service-2` model."""
    return [name for name in sorted(os.listdir(data_folder("botocore"))) if _api_versions(name)]


def latest_api_version(service: str) -> str:
    """Return the API version a client of `service` uses; `service` must be one of `services_with_models()`."""
    return _api_versions(service)[-1]


def read_model(service: str, api_version: str, kind: str) -> Any:
    """Return the parsed model file of `kind` (`service-2`, `paginators-1`, `waiters-2`), or None if there is none.

    Where the SDK adds to the model (`<kind>.sdk-extras.json`), the additions are merged in.
    """
    folder = os.path.join(data_folder("botocore"), service, api_version)
    file = _file(folder, kind)
    if file is None:
        return None
    model = _parse(file)
    extras = _file(folder, f"{kind}.sdk-extras")
    if extras is not None:
        _merge(model, _parse(extras).get("merge", {}))
    return model


def _api_versions(service: str) -> list[str]:
    folder = os.path.join(data_folder("botocore"), service)
    if not os.path.isdir(folder):
        return []
    return [version for version in sorted(os.listdir(folder)) if _file(os.path.join(folder, version), "service-2")]


def _file(folder: str, name: str) -> str | None:
    for suffix in _SUFFIXES:
        path = os.path.join(folder, name + suffix)
        if os.path.isfile(path):
            return path
    return None


def _parse(path: str) -> Any:
    with open(path, "rb") as file:
        content = file.read()
    return json.loads(gzip.decompress(content) if path.endswith(".gz") else content)


def _merge(base: dict[str, Any], extra: dict[str, Any]) -> None:
    # As botocore.utils.deep_merge: mappings are merged, anything else is replaced.
    for key, value in extra.items():
        if isinstance(base.get(key), dict) and isinstance(value, dict):
            _merge(base[key], value)
        else:
            base[key] = value
