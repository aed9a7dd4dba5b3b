"""The program under analysis: its files, and how its imports find them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A Python file. `path` is what output shows (root-relative, forward slashes), `absolute` where it is read.

    `named` is True when the user named the file itself, and not only a folder that holds it. `outside` is True for a
    link that leads out of the working directory and of all that was named: such a file is not read.
    """

    path: str
    absolute: str
    named: bool = False
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What a dotted module name leads to: a file to execute (None for a namespace package) and its folder, if any.

    `folder` is set for packages: where their submodules are.
    """

    file: SourceFile | None
    folder: str | None


@dataclass(frozen=True, slots=True)
class Program:
    """The files that were named or found in named folders, sorted by path, and the import resolution.

    `find(name, level, importer)` resolves a dotted module name as `importer` sees it (`level` leading dots), or returns
    None when no file of the code roots is meant. `find_in(folder, name)` does so for a submodule of a package.
    """

    files: tuple[SourceFile, ...]
    find: Callable[[str, int, SourceFile], Found | None]
    find_in: Callable[[str, str], Found | None]
