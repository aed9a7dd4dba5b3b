"""Reading what users name: regular files alone, up to a size that can be dealt with, and without waiting for anybody.

A pipe that nobody writes to, or a device that never ends, would otherwise keep `lpa` for ever.
"""

from __future__ import annotations

import os
import stat
from typing import Final

from analyzer.errors import InputError

_MIB: Final = 1024 * 1024
LARGEST_SOURCE: Final = 4 * _MIB
"""The most bytes of a Python file: analysing takes about 10 seconds and half a GiB for each MiB."""
LARGEST_DOCUMENT: Final = 32 * _MIB
"""The most bytes of a policy, a template, a baseline: what an account's whole IAM inventory has."""
LARGEST_CONFIGURATION: Final = _MIB


def read_bytes(place: str, shown: str, largest: int = LARGEST_DOCUMENT) -> bytes:
    """Return what the file at `place`, which messages call `shown`, holds.

    Raises FileNotFoundError if there is none, InputError if it is no regular file, holds more than `largest` bytes, or
    cannot be read.
    """
    try:
        _refuse(os.stat(place), shown, largest)
        # What was a file a moment ago may be a pipe by now.
        with open(os.open(place, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
            _refuse(os.fstat(file.fileno()), shown, largest)
            content = file.read(largest + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise InputError(f"{shown}: cannot be read: {error.strerror}", "name a file that you may read") from error
    except ValueError as error:
        raise InputError(f"{shown!r}: no path of a file: {error}", "name a file that can be read") from error
    if len(content) > largest:
        raise _too_large(shown, largest)
    return content


def read_text(place: str, shown: str, largest: int = LARGEST_DOCUMENT) -> str:
    """Return what the file at `place` holds, which is UTF-8, with its line ends and its byte order mark.

    Raises what `read_bytes` does, and InputError if it is not UTF-8.
    """
    try:
        return read_bytes(place, shown, largest).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{shown}: not UTF-8 (byte {error.start + 1})", "save it as UTF-8") from error


def _refuse(status: os.stat_result, shown: str, largest: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"{shown}: not a regular file", "name a file; save first what comes from a pipe or a device")
    if status.st_size > largest:
        raise _too_large(shown, largest)


def _too_large(shown: str, largest: int) -> InputError:
    return InputError(f"{shown}: larger than {largest // _MIB} MiB", "leave generated data out")
