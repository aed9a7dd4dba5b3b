"""A store for derived data that is costly to build: one file per entry in the user's cache directory.

An entry is a line with the checksum of the next, and that one, JSON.

An entry's key holds everything its content depends on (versions, content hashes), so entries are never stale, only
superseded. A missing, damaged or unwritable cache costs time and nothing else. `LPA_CACHE_DIR` overrides the place.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Final, TypeVar

Data = TypeVar("Data")

_FORMAT = 2


class Use:
    """Whether the store is used at all, for the whole of the run."""

    def __init__(self) -> None:
        self.wanted = True


use: Final = Use()


def directory() -> str:
    """Return the cache directory: `$LPA_CACHE_DIR`, else `$XDG_CACHE_HOME/lpa`, else `~/.cache/lpa`."""
    override = os.environ.get("LPA_CACHE_DIR")
    if override:
        return override
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "lpa")


def cached(kind: str, key: str, build: Callable[[], Data]) -> Data:
    """Return the JSON-like data stored under `kind` and `key`, building and storing it if it is not there.

    `key` must be usable as a file name. `build` returns data that JSON keeps as it is (no tuples, string keys). Where
    the store is not to be used, it is neither read nor written.
    """
    if not use.wanted:
        return build()
    path = os.path.join(directory(), kind, f"{key}.{_FORMAT}.json")
    try:
        with open(path, "rb") as file:
            checksum, _, content = file.read().partition(b"\n")
        if checksum == _checksum(path, content):
            stored: Data = json.loads(content)
            return stored
    except (OSError, ValueError, RecursionError, MemoryError):
        pass
    data = build()
    content = json.dumps(data, separators=(",", ":")).encode()
    _store(path, _checksum(path, content) + b"\n" + content)
    return data


def _checksum(path: str, content: bytes) -> bytes:
    """Return what an entry begins with, which differs for the same content in another place."""
    # hashlib takes the function from there too, but loads OpenSSL first, which takes milliseconds.
    from _blake2 import blake2b

    place = os.sep.join(path.split(os.sep)[-2:]).encode("utf-8", "surrogateescape")
    return blake2b(content, key=place[:64], digest_size=12).hexdigest().encode()


def _store(path: str, content: bytes) -> None:
    # A rename makes the entry appear whole or not at all, also under parallel runs.
    temporary = f"{path}.{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(temporary, "wb") as file:
            file.write(content)
        os.replace(temporary, path)
    except OSError:
        return
