"""Python files in zip archives, read in memory: deployment packages and layers as Lambda takes them.

Nothing is written to disk. An archive is shown and named as a folder: `build/fn.zip/app.py`. Source of the limits:
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from analyzer.errors import InputError

if TYPE_CHECKING:
    from zipfile import ZipFile, ZipInfo

EXTENSION: Final = ".zip"
_MIB: Final = 1024 * 1024
# Lambda takes no package that is larger, unpacked or not.
_LARGEST_ARCHIVE: Final = 250 * _MIB
_MOST_ENTRIES: Final = 100_000
# Of Python alone; code that people wrote is a hundredth of that.
_MOST_SOURCE: Final = 64 * _MIB
_ENCRYPTED: Final = 0x1
_REMEDY: Final = "name the folder that it is packed from, or pack it anew"


@dataclass(frozen=True, slots=True)
class Archive:
    """The Python files of an archive by their names in it, its folders, and which entries were passed over, and why."""

    files: Mapping[str, bytes]
    folders: frozenset[str]
    refused: tuple[str, ...]

    def below(self, folder: str) -> list[str]:
        """Return the names of the Python files below a folder, sorted; `""` is the archive itself."""
        return sorted(name for name in self.files if not folder or name.startswith(f"{folder}/"))


def open_archive(path: str, shown: str) -> Archive:
    """Return the archive at `path`. Raises InputError, which names it as `shown`, if it cannot be read or is too large.

    Entries with names that lead out of it, encrypted ones and links are passed over.
    """
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            raise InputError(f"{shown}: not a regular file", "name an archive")
        if status.st_size > _LARGEST_ARCHIVE:
            raise InputError(f"{shown}: larger than {_LARGEST_ARCHIVE // _MIB} MiB", _REMEDY)
        return _opened(path, status.st_size, status.st_mtime_ns)
    except OSError as error:
        raise InputError(f"{shown}: cannot be read: {error.strerror}", "make it readable") from error
    except _DamagedError as error:
        raise InputError(f"{shown}: {error}", _REMEDY) from error


def located(path: str) -> tuple[Archive, str] | None:
    """Return the archive that a path leads into and the name in it; None for paths that lead into none.

    The name is empty for the archive itself. Raises InputError if there is an archive that cannot be read.
    """
    end = path.find(EXTENSION)
    while end >= 0:
        end += len(EXTENSION)
        if path[end : end + 1] in ("", os.sep) and os.path.isfile(path[:end]):
            return open_archive(path[:end], os.path.basename(path[:end])), path[end + 1 :].replace(os.sep, "/")
        end = path.find(EXTENSION, end)
    return None


def is_file(path: str) -> bool:
    """Say whether there is a file at `path`, on disk or in an archive."""
    if os.path.isfile(path):
        return True
    inside = located(path)
    return inside is not None and inside[1] in inside[0].files


def is_folder(path: str) -> bool:
    """Say whether there is a folder at `path`, on disk or in an archive; an archive is one."""
    if os.path.isdir(path):
        return True
    inside = located(path)
    return inside is not None and inside[1] in inside[0].folders


class _DamagedError(Exception):
    pass


@lru_cache(maxsize=8)
def _opened(path: str, size: int, changed: int) -> Archive:
    """Read an archive; `size` and `changed` tell one content of the file from another."""
    # These take milliseconds to import, and only programs with archives need them.
    import zlib
    from zipfile import BadZipFile, ZipFile

    try:
        with ZipFile(path) as archive:
            return _read(archive)
    except (BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise _DamagedError(f"not a zip archive that can be read: {error}") from error


def _read(archive: ZipFile) -> Archive:
    entries = archive.infolist()
    if len(entries) > _MOST_ENTRIES:
        raise _DamagedError(f"holds more than {_MOST_ENTRIES} entries")
    sources = [entry for entry in entries if entry.filename.endswith(".py")]
    if sum(entry.file_size for entry in sources) > _MOST_SOURCE:
        raise _DamagedError(f"unpacks to more than {_MOST_SOURCE // _MIB} MiB of Python")
    files: dict[str, bytes] = {}
    refused: list[str] = []
    for entry in entries:
        why = _why_not(entry, entry.filename in files)
        if why:
            refused.append(f"{entry.filename!r}, which {why}")
        elif entry.filename.endswith(".py"):
            files[entry.filename] = archive.read(entry)
    folders = {""} | {name[:at] for name in files for at, character in enumerate(name) if character == "/"}
    return Archive(files, frozenset(folders), tuple(dict.fromkeys(refused)))


def _why_not(entry: ZipInfo, is_there: bool) -> str:
    """Return why an entry is passed over, nothing if it is not."""
    parts = entry.filename.split("/")
    if entry.filename.startswith("/") or ".." in parts or "\\" in entry.filename or ":" in parts[0]:
        return "leads out of it"
    is_link = stat.S_ISLNK(entry.external_attr >> 16)
    if is_link and ("." not in parts[-1] or parts[-1].endswith(".py")):
        return "is a link"
    if not parts[-1].endswith(".py"):
        return ""
    return "is encrypted" if entry.flag_bits & _ENCRYPTED else "is there twice" if is_there else ""
