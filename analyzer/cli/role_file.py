"""Policy and role files: read whole, and kept up to date by `lpa generate`, never lost, never half-written."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from analyzer import events, reading
from analyzer.errors import InputError

if TYPE_CHECKING:
    from analyzer.model.policy import Policy


def read_text(path: str, root: str = "") -> str | None:
    """Return what the file at `path`, relative to `root`, holds, or None if there is none.

    Raises InputError, which tells `path` alone, if it cannot be read.
    """
    place = os.path.join(root, path)
    events.note(f"read {path}")
    try:
        return reading.read_text(place, path)
    except FileNotFoundError:
        return None


def read_policy_file(path: str, managed: Mapping[str, str] | None = None) -> Policy:
    """Return the policy in the file at `path`, with the managed policies that it names.

    `managed` are the files of customer managed policies, by ARN; those of AWS are known. Raises InputError if there is
    no file or it holds no policy.
    """
    from analyzer.iam.role import read_policy

    text = read_text(path)
    if text is None:
        raise InputError(f"{path}: no such file", "name a policy document, or a role that holds one")
    return read_policy(text, path, documents=partial(managed_policy_of, managed or {}))


def managed_policy_of(files: Mapping[str, str], arn: str) -> Policy | None:
    """Return the managed policy `arn`: of the file that `files` has for it, or AWS's own; None if it is not known.

    Raises InputError if the file is missing or holds no policy.
    """
    from analyzer.rules.managed import read_managed_policy

    return read_policy_file(files[arn]) if arn in files else read_managed_policy(arn)


def replace(path: str, text: str) -> None:
    """Make the file at `path` hold `text`, in one step: a reader sees the old content or the new, whole.

    Follows symbolic links and keeps the file's mode and owner. Raises InputError, with the old file as it was, if the
    file cannot be written.
    """
    temporary = None
    try:
        target = os.path.realpath(path)
        previous = os.stat(target) if os.path.exists(target) else None
        # By its mode as well, since root may write to everything.
        if previous and not (previous.st_mode & 0o222 and os.access(target, os.W_OK)):
            raise InputError(f"{path}: is read-only", "make it writable, or write to another file")
        # A name of its own each time: what a killed run has left must not stop the next one with the same process id.
        temporary = f"{target}.{os.urandom(6).hex()}.tmp"
        _write(temporary, text, previous)
        os.replace(temporary, target)
    except OSError as error:
        raise InputError(
            f"{path}: cannot be written: {error.strerror}",
            "name one in a folder that exists and that you may write to",
        ) from error
    except ValueError as error:
        raise InputError(f"{path!r}: no path of a file: {error}", "name a file that can be written") from error
    finally:
        if temporary is not None and os.path.exists(temporary):
            os.unlink(temporary)


def _write(path: str, text: str, previous: os.stat_result | None) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    # What a name of a file holds that is no text is written as its escape, which in JSON stands for the same.
    with open(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        file.write(text)
        file.flush()
        if previous:
            if os.fstat(descriptor).st_uid != previous.st_uid or os.fstat(descriptor).st_gid != previous.st_gid:
                os.chown(descriptor, previous.st_uid, previous.st_gid)
            os.fchmod(descriptor, stat.S_IMODE(previous.st_mode))
        os.fsync(descriptor)
