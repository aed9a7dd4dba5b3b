"""The files of a git revision, put into a folder of their own; the user's work tree and index are only read.

The objects are read as they are stored: no filter, hook or attribute of the repository applies, nothing is fetched.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Final

from analyzer.errors import InputError
from analyzer.reading import LARGEST_DOCUMENT

_FILE, _PROGRAM, _LINK = "100644", "100755", "120000"
# What is larger is no source and no template (see `collect`).
_LARGEST: Final = LARGEST_DOCUMENT


@dataclass(frozen=True, slots=True)
class _Entry:
    path: str
    mode: str
    object: str


@contextmanager
def checked_out(revision: str, folder: str) -> Iterator[str]:
    """Give a temporary folder that stands for `folder` as it was in `revision` of its repository; it goes afterwards.

    Raises InputError if there is no git, no repository, or no such revision in it.
    """
    top = _git(["rev-parse", "--show-toplevel"], folder, "not a clone").rstrip("\n")
    commit = _commit(revision, folder)
    temporary = os.path.realpath(tempfile.mkdtemp(prefix="lpa-"))
    try:
        _write(_entries(commit, folder), folder, temporary)
        inside = os.path.join(temporary, os.path.relpath(os.path.realpath(folder), os.path.realpath(top)))
        os.makedirs(inside, exist_ok=True)
        yield os.path.normpath(inside)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _commit(revision: str, folder: str) -> str:
    arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"]
    done = _run(arguments, folder)
    if done.returncode == 0 and done.stdout.strip():
        return done.stdout.decode().strip()
    is_shallow = _run(["rev-parse", "--is-shallow-repository"], folder).stdout.strip() == b"true"
    hint = "the clone is shallow: fetch the revision (git fetch --unshallow, or fetch-depth: 0)"
    raise InputError(f"--base {revision}: no such revision here", hint if is_shallow else "name a commit or branch")


def _entries(commit: str, folder: str) -> list[_Entry]:
    listed = _git(["ls-tree", "-r", "-z", "--long", "--full-tree", commit], folder, f"{commit} cannot be read")
    entries = []
    for line in filter(None, listed.split("\0")):
        about, _, path = line.partition("\t")
        mode, _, name, size = about.split()
        if mode in (_FILE, _PROGRAM, _LINK) and _is_inside(path) and size.isdigit() and int(size) <= _LARGEST:
            entries.append(_Entry(path, mode, name))
    # Links come last, so that no file is written through one.
    return sorted(entries, key=lambda one: (one.mode == _LINK, one.path))


def _is_inside(path: str) -> bool:
    parts = path.split("/")
    return not os.path.isabs(path) and ".." not in parts and ".git" not in [part.lower() for part in parts]


def _write(entries: Sequence[_Entry], folder: str, top: str) -> None:
    command = ["git", "cat-file", "--batch"]
    with subprocess.Popen(
        command,
        cwd=folder,
        env=_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        if process.stdin is None or process.stdout is None:
            return
        for entry in entries:
            process.stdin.write(f"{entry.object}\n".encode())
            process.stdin.flush()
            data = _object(process.stdout, entry.path)
            place = os.path.join(top, *entry.path.split("/"))
            os.makedirs(os.path.dirname(place), exist_ok=True)
            if entry.mode == _LINK:
                _link(os.fsdecode(data), place, top)
            else:
                with open(place, "xb") as file:
                    file.write(data)
        process.stdin.close()


def _object(output: IO[bytes], path: str) -> bytes:
    header = output.readline().split()
    if len(header) != 3:
        raise InputError(f"{path}: its content is not in the repository", "fetch it: the clone is partial or damaged")
    size = int(header[2])
    data = output.read(size + 1)
    return data[:size]


def _link(target: str, place: str, top: str) -> None:
    """Make a link, unless it leads out of the folder."""
    real = os.path.realpath(os.path.join(os.path.dirname(place), target))
    if not os.path.isabs(target) and (real == top or real.startswith(top + os.sep)):
        os.symlink(target, place)


def _git(arguments: Sequence[str], folder: str, what: str) -> str:
    done = _run(arguments, folder)
    if done.returncode != 0:
        why = " ".join(done.stderr.decode(errors="replace").split()).removeprefix("fatal: ")
        raise InputError(f"{what}: {why}" if why else what, "run lpa diff --base in a clone of the repository")
    return done.stdout.decode(errors="surrogateescape")


def _run(arguments: Sequence[str], folder: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["git", *arguments], cwd=folder, env=_environment(), capture_output=True, check=False)
    except FileNotFoundError as error:
        raise InputError("git is not installed", "install it, or compare two files with lpa diff OLD NEW") from error


def _environment() -> dict[str, str]:
    # What a partial clone lacks would be fetched from the network otherwise.
    return {
        **os.environ,
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
    }
