"""Where botocore and boto3 are installed and which versions they are, found without importing them.

Importing either takes longer than everything else the tool does.
"""

from __future__ import annotations

import importlib.util
import os
from functools import cache

from analyzer.errors import LpaError


@cache
def version(package: str) -> str:
    """Return the version of `package` (`botocore` or `boto3`), which both state in their `__init__.py`.

    Reading that is several milliseconds cheaper than asking for the distribution's metadata. Raises LpaError if the
    package is not installed.
    """
    with open(_source(package), encoding="utf-8") as file:
        return file.read().partition("\n__version__ = ")[2].partition("\n")[0].strip("'\"")


def data_folder(package: str) -> str:
    """Return the folder with the model files of `package`. Raises LpaError if the package is not installed."""
    return os.path.join(os.path.dirname(_source(package)), "data")


@cache
def _source(package: str) -> str:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise LpaError(f"{package} is not installed", "reinstall lpa with its dependencies")
    return spec.origin


def versions() -> tuple[str, str]:
    """Return the versions of botocore and boto3, for the keys of what is derived from both."""
    return version("botocore"), version("boto3")
