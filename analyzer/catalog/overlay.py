"""The user's own copy of the AWS Service Reference, which adds to the catalogue that is installed with lpa.

`lpa catalog update` writes it. The file `current` names a folder with an index; the index holds the digest of every
other file, and `current` that of the index, so that whatever is damaged is noticed and an update is seen whole or not
at all.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

from analyzer.errors import InputError

FORMAT: Final = 1
"""Raised when the files change their form."""

POINTER: Final = "current"
INDEX: Final = "_index.json"
OPERATIONS: Final = "_operations"
"""The file about operations; the others are named after IAM prefixes, which begin otherwise."""

_FOLDER: Final = r"[0-9a-f]{24}-\w{1,32}"


class Overlay(NamedTuple):
    """Which data the overlay holds: `version` differs for different content, `fetched` is a date (`2026-10-27`).

    `files` are the names of its files, without `.json`, with their digests: IAM prefixes, and `_operations`.
    """

    version: str
    url: str
    fetched: str
    folder: str
    files: Mapping[str, str]

    @property
    def prefixes(self) -> frozenset[str]:
        """The IAM prefixes that the overlay describes."""
        return frozenset(self.files).difference((OPERATIONS,))

    def read(self, name: str) -> Any:
        """Return what the file `name`, one of `files`, holds. Raises InputError if it is damaged."""
        content = _read(os.path.join(self.folder, f"{name}.json"))
        if digest(content) != self.files[name]:
            raise _damaged(f"{name}.json has changed")
        return json.loads(content)


def data_directory() -> str:
    """Return where the user's data is: `$LPA_DATA_DIR`, else `$XDG_DATA_HOME/lpa`, else `~/.local/share/lpa`."""
    override = os.environ.get("LPA_DATA_DIR")
    if override:
        return override
    base = os.environ.get("XDG_DATA_HOME") or os.path.join(os.path.expanduser("~"), ".local", "share")
    return os.path.join(base, "lpa")


@cache
def overlay() -> Overlay | None:
    """Return the overlay, or None if there is none. Raises InputError if it is damaged."""
    try:
        with open(os.path.join(root(), POINTER), "rb") as file:
            pointer = file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _damaged(f"{POINTER}: {error.strerror}") from error
    found = re.fullmatch(rf"{FORMAT} ({_FOLDER})\n", pointer.decode("latin-1"))
    if found is None:
        raise _damaged(f"{POINTER} names no data of this version of lpa")
    folder = os.path.join(root(), found[1])
    content = _read(os.path.join(folder, INDEX))
    version = digest(content)
    if not found[1].startswith(version):
        raise _damaged(f"{INDEX} has changed")
    index = json.loads(content)
    return Overlay(version, index["url"], index["fetched"], folder, index["files"])


class AuthorizedAction(NamedTuple):
    """An action that an operation may be authorized by, `s3:GetObject`, and the values of condition keys with it."""

    action: str
    context: tuple[tuple[str, tuple[str, ...]], ...]


def reference_actions(client: str, method: str) -> tuple[AuthorizedAction, ...]:
    """Return the actions that the AWS Service Reference names for a method of a boto3 client; none without an overlay.

    Raises InputError if the overlay is damaged.
    """
    return tuple(
        AuthorizedAction(action, tuple((key, tuple(values)) for key, values in sorted(context.items())))
        for action, context in _operations().get(client, {}).get(method, ())
    )


def methods_authorized_by(action: str) -> Iterator[tuple[str, str]]:
    """Yield the clients and methods for which the AWS Service Reference names `action`; none without an overlay.

    Raises InputError if the overlay is damaged.
    """
    for client, methods in _operations().items():
        for method, actions in methods.items():
            if any(authorized == action for authorized, _ in actions):
                yield client, method


def root() -> str:
    """Return the folder that holds the overlay."""
    return os.path.join(data_directory(), "service-reference")


@cache
def _operations() -> Mapping[str, Mapping[str, Sequence[Any]]]:
    found = overlay()
    operations: dict[str, dict[str, list[Any]]] = {} if found is None else found.read(OPERATIONS)
    return operations


def forget() -> None:
    """Have the overlay read again when it is asked for."""
    overlay.cache_clear()
    _operations.cache_clear()


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise _damaged(f"{os.path.basename(path)}: {error.strerror}") from error


def digest(content: bytes) -> str:
    """Return a short text that differs for different contents."""
    # hashlib takes the function from there too, but loads OpenSSL first, which takes milliseconds.
    from _blake2 import blake2b

    return blake2b(content, digest_size=12).hexdigest()


def _damaged(what: str) -> InputError:
    return InputError(
        f"the service reference in {root()} is damaged ({what})",
        "run lpa catalog update again, or lpa catalog update --remove",
    )
