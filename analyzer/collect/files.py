"""Finding and reading the Python files of a program."""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Callable, Iterator, Sequence

from analyzer.archive import Archive, located
from analyzer.collect.imports import ImportFinder
from analyzer.errors import InputError
from analyzer.model.program import Program, SourceFile
from analyzer.reading import LARGEST_SOURCE, read_bytes

# Copies, environments and caches: never the program's own source. Hidden folders are left out as well.
_NOT_SOURCE = frozenset({"__pycache__", "node_modules", "site-packages", "cdk.out", "venv"})
_CODING = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")


def collect(paths: Sequence[str], root: str, left_out: Callable[[str], bool] | None = None) -> Program:
    """Return the program made of the named files and of all Python files below the named folders and in zip archives.

    `root` is the folder that shown paths are relative to. Files in the folders for whose absolute path `left_out` is
    True are no part of it unless another imports them. Folders that hold no source of the program (hidden ones,
    virtual environments, caches, build copies) are passed over, symbolic links to folders are not followed, and links
    to files that lead out of them and of `root` are `outside`: they are never read. Raises InputError when a path does
    not exist, or when no Python file is found.
    """
    files: dict[str, SourceFile] = {}
    roots: list[str] = []
    for path in paths:
        absolute = os.path.realpath(os.path.join(root, path))
        inside = located(absolute)
        if inside is not None:
            roots.append(absolute)
            for file in _packed_files(absolute, *inside):
                files.setdefault(file, SourceFile(_shown(file, root), file))
        elif os.path.isdir(absolute):
            roots.append(absolute)
            for file in _python_files(absolute):
                if left_out is not None and left_out(file):
                    continue
                files.setdefault(file, SourceFile(_shown(file, root), file))
        elif os.path.exists(absolute):
            files[absolute] = SourceFile(_shown(absolute, root), absolute, named=True)
        else:
            raise InputError(f"{path}: no such file or folder", "name Python files or folders that hold them")
    if not files:
        raise InputError(f"{', '.join(paths)}: no Python file there", "name a folder that holds the program's source")
    finder = ImportFinder(tuple(files.values()), roots, lambda file: _shown(file, root), os.path.realpath(root))
    ordered = tuple(sorted(map(finder.judged, files.values()), key=lambda file: file.path))
    return Program(ordered, finder.find, finder.find_in)


def _packed_files(folder: str, archive: Archive, name: str) -> Iterator[str]:
    """Yield the files below a folder in an archive as those below a folder on disk are."""
    for file in archive.below(name):
        below = file[len(name) :].lstrip("/")
        if not any(part in _NOT_SOURCE or part.startswith(".") for part in below.split("/")[:-1]):
            yield os.path.join(folder, *below.split("/"))


def _shown(file: str, root: str) -> str:
    return os.path.relpath(file, os.path.realpath(root)).replace(os.sep, "/")


def _python_files(folder: str) -> Iterator[str]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise InputError(f"{folder}: {error.strerror}", "make the folder readable or name another") from error
    if any(entry.name == "pyvenv.cfg" for entry in entries):
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in _NOT_SOURCE and not entry.name.startswith("."):
                yield from _python_files(entry.path)
        elif entry.name.endswith(".py") and _may_be_file(entry):
            yield entry.path


def _may_be_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:
        # A loop of links: whoever reads it tells.
        return True


def read_source(file: SourceFile) -> str:
    """Return the text of a file, decoded as Python does (byte order mark, coding comment, else UTF-8).

    Raises InputError when the file cannot be read or decoded, or is larger than 4 MiB, or is a link that leads out of
    the program's folders.
    """
    data = _bytes_of(file)
    encoding = _encoding_of(data)
    try:
        text = data.decode(encoding)
        if not encoding.startswith("utf-8"):
            text.encode("utf-8")
        return text.replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{file.path}:{line}: not {encoding} text (byte 0x{data[error.start]:02x})",
            "save it as UTF-8 or declare its coding in the first line",
        ) from error
    except UnicodeError as error:
        # `unicode_escape` and the like can give what no text is made of.
        raise InputError(f"{file.path}: no text in {encoding}", "save it as UTF-8") from error
    except LookupError as error:
        raise InputError(f"{file.path}:1: unknown coding {encoding!r}", "declare one that Python knows") from error


def _bytes_of(file: SourceFile) -> bytes:
    inside = located(file.absolute)
    data = None if inside is None else inside[0].files.get(inside[1])
    if file.outside:
        raise InputError(
            f"{file.path}: a link that leads out of the working directory", "name the folder that it leads to as well"
        )
    if data is None:
        try:
            return read_bytes(file.absolute, file.path, LARGEST_SOURCE)
        except FileNotFoundError as error:
            raise InputError(f"{file.path}: cannot be read: no such file", "make it readable") from error
    if len(data) > LARGEST_SOURCE:
        raise InputError(f"{file.path}: larger than {LARGEST_SOURCE // 1024 // 1024} MiB", "leave generated data out")
    return data


def _encoding_of(data: bytes) -> str:
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    for line in data.split(b"\n", 2)[:2]:
        match = _CODING.match(line)
        if match:
            return match.group(1).decode("ascii", "replace")
    return "utf-8"
