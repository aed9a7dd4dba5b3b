"""Which file a module name means, for code that is laid out as Lambda code is.

The interpreter's path is not known, so the folders it usually holds are tried in turn: the importing file's package
root (the first folder upwards without `__init__.py`), its own folder, the folders above it up to the named one, and
last the nearest place below the named folders where the module's path fits (layers' `python/`, `src/` and the like).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from analyzer.archive import is_file, is_folder, located
from analyzer.model.program import Found, SourceFile

# A stray folder of one of these names must never shadow the SDK or the standard library.
_NEVER_BY_SUFFIX = frozenset({"boto3", "botocore", "aioboto3", "aiobotocore", "s3transfer"})


class ImportFinder:
    """Resolves module names within the named folders and the folders of the named files."""

    def __init__(
        self, files: Sequence[SourceFile], roots: Sequence[str], shown: Callable[[str], str], top: str
    ) -> None:
        """Take the program's files, the absolute folders that were named, how a path is shown, and the working folder.

        Links are followed within `top` and within what was named.
        """
        self._top = top
        self._files = {file.absolute: file for file in files}
        self._shown = shown
        self._roots = sorted({*roots, *(_package_root(file.absolute) for file in files if file.named)})
        self._memo: dict[tuple[str, str, int], Found | None] = {}
        self._by_suffix: dict[str, list[str]] | None = None

    def find(self, name: str, level: int, importer: SourceFile) -> Found | None:
        """Return what `import name` (with `level` leading dots) means in `importer`, or None if no file here."""
        folder = os.path.dirname(importer.absolute)
        key = (folder, name, level)
        if key not in self._memo:
            self._memo[key] = self._resolve(name, level, importer.absolute)
        return self._memo[key]

    def find_in(self, folder: str, name: str) -> Found | None:
        """Return the submodule `name` of the package in `folder`, or None."""
        return self._at(os.path.join(folder, name))

    def _resolve(self, name: str, level: int, importer: str) -> Found | None:
        parts = name.split(".") if name else []
        if level:
            folder = os.path.dirname(importer)
            for _ in range(level - 1):
                folder = os.path.dirname(folder)
            return self._at(os.path.join(folder, *parts))
        namespace: Found | None = None
        is_standard = parts[0] in sys.stdlib_module_names
        for folder in self._search_path(importer):
            if is_standard and is_file(os.path.join(folder, "__init__.py")):
                # Inside a package, `typing` is not the package's own `typing`; beside a script it would be.
                continue
            found = self._at(os.path.join(folder, *parts))
            if found is not None and found.file is not None:
                return found
            if found is not None and namespace is None and (len(parts) > 1 or _holds_python(found.folder)):
                namespace = found
        if is_standard or parts[0] in _NEVER_BY_SUFFIX:
            return namespace
        # As in Python, a module anywhere on the path goes before a folder without `__init__.py`.
        return self._by_suffix_of(parts, importer) or namespace

    def _search_path(self, importer: str) -> Iterator[str]:
        own = os.path.dirname(importer)
        package_root = _package_root(importer)
        yield package_root
        # A stray `__init__.py` next to the handler makes a package of what is the root of the deployed code.
        folder = own
        while folder != package_root:
            yield folder
            folder = os.path.dirname(folder)
        root = next((root for root in self._roots if _inside(own, root)), None)
        folder = package_root
        while root is not None and folder != root and _inside(folder, root):
            folder = os.path.dirname(folder)
            yield folder

    def _at(self, path: str) -> Found | None:
        if not any(_inside(path, root) for root in self._roots):
            return None
        module = f"{path}.py"
        initializer = os.path.join(path, "__init__.py")
        if is_file(initializer):
            return Found(self._file(initializer), path)
        if is_file(module):
            return Found(self._file(module), None)
        if is_folder(path):
            return Found(None, path)
        return None

    def _file(self, absolute: str) -> SourceFile:
        if absolute not in self._files:
            self._files[absolute] = self.judged(SourceFile(self._shown(absolute), absolute))
        return self._files[absolute]

    def judged(self, file: SourceFile) -> SourceFile:
        """Return a file with whether a link leads there from where code is read."""
        real = os.path.realpath(file.absolute)
        is_outside = real != file.absolute and not any(_inside(real, root) for root in (self._top, *self._roots))
        judged = self._files[file.absolute] = replace(file, outside=is_outside)
        return judged

    def _by_suffix_of(self, parts: list[str], importer: str) -> Found | None:
        """Return the place below the named folders that a module's path fits; of several, the importer's nearest."""
        if self._by_suffix is None:
            self._by_suffix = {}
            for absolute in sorted(self._files):
                stem = absolute.removesuffix(".py").removesuffix(f"{os.sep}__init__")
                self._by_suffix.setdefault(os.path.basename(stem), []).append(stem)
        tail = os.sep + os.path.join(*parts)
        stems = [stem for stem in self._by_suffix.get(parts[-1], []) if stem.endswith(tail)]
        shared = [len(os.path.commonpath([stem, importer])) for stem in stems]
        nearest = [stem for stem, length in zip(stems, shared, strict=True) if length == max(shared)]
        return self._at(nearest[0]) if len(nearest) == 1 else None


def _package_root(file: str) -> str:
    folder = os.path.dirname(file)
    while is_file(os.path.join(folder, "__init__.py")) and os.path.dirname(folder) != folder:
        folder = os.path.dirname(folder)
    return folder


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _holds_python(folder: str | None) -> bool:
    # A folder without `__init__.py` is a namespace package only if there is something in it to import.
    if folder is None:
        return False
    inside = located(folder)
    if inside is not None:
        return bool(inside[0].below(inside[1]))
    with os.scandir(folder) as entries:
        return any(entry.name.endswith(".py") or entry.is_dir() for entry in entries)
