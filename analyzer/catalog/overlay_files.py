"""Writes and removes what `analyzer.catalog.overlay` reads: whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from typing import Any, Final

from analyzer.catalog.overlay import FORMAT, INDEX, OPERATIONS, POINTER, digest, forget, root
from analyzer.errors import InputError

# An update that runs at the same time is not older, and neither is what other processes may still read.
_OLD_SECONDS: Final = 3600


def write_overlay(url: str, fetched: str, services: Mapping[str, Any], operations: Mapping[str, Any]) -> None:
    """Make `services`, by IAM prefix, and `operations` the overlay, in one step. Raises InputError if that fails.

    The previous one stays in place until then, and its files for processes that read them.
    """
    texts = {prefix: _dump(service) for prefix, service in services.items()}
    texts[OPERATIONS] = _dump(operations)
    files = {name: digest(text) for name, text in sorted(texts.items())}
    index = _dump({"url": url, "fetched": fetched, "files": files})
    try:
        os.makedirs(root(), exist_ok=True)
        folder = tempfile.mkdtemp(prefix=f"{digest(index)}-", dir=root())
        is_complete = False
        try:
            for name, text in (*((f"{name}.json", text) for name, text in texts.items()), (INDEX, index)):
                _write(os.path.join(folder, name), text)
            _point_to(os.path.basename(folder))
            is_complete = True
        finally:
            if not is_complete:
                shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        raise InputError(
            f"{error.filename or root()}: cannot be written: {error.strerror}", "set LPA_DATA_DIR to another folder"
        ) from error
    _remove_old(os.path.basename(folder))
    forget()


def remove_overlay() -> bool:
    """Take the overlay away, damaged or not, and return whether there was one. Raises InputError if that fails."""
    existed = os.path.lexists(root())
    try:
        if os.path.lexists(os.path.join(root(), POINTER)):
            os.unlink(os.path.join(root(), POINTER))
        if existed:
            shutil.rmtree(root())
    except OSError as error:
        raise InputError(f"{error.filename}: cannot be removed: {error.strerror}", "remove it yourself") from error
    forget()
    return existed


def _write(path: str, content: bytes) -> None:
    with open(path, "wb") as file:
        file.write(content)


def _point_to(folder: str) -> None:
    temporary = os.path.join(root(), f"{folder}.new")
    _write(temporary, f"{FORMAT} {folder}\n".encode())
    os.replace(temporary, os.path.join(root(), POINTER))


def _remove_old(current: str) -> None:
    with os.scandir(root()) as entries:
        for entry in entries:
            if entry.is_dir() and entry.name != current and entry.stat().st_mtime < time.time() - _OLD_SECONDS:
                shutil.rmtree(entry.path, ignore_errors=True)


def _dump(data: object) -> bytes:
    return json.dumps(data, separators=(",", ":"), sort_keys=True).encode()
