"""Which functions and templates rest on files that have changed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

_PYTHON: Final = ".py"
_IMAGE: Final = "Dockerfile"


@dataclass(frozen=True, slots=True)
class Changed:
    """Files that have changed, as paths relative to `root` or absolute ones."""

    files: tuple[str, ...]
    root: str

    def any_of(self, paths: Iterable[str]) -> bool:
        """Say whether one of `paths` has changed, whatever links lead to it."""
        real = {os.path.realpath(os.path.join(self.root, file)) for file in self.files}
        return any(
            place == file or place.startswith(file + os.sep)
            for path in paths
            for place in [os.path.realpath(os.path.join(self.root, path))]
            # What is in an archive changes with it.
            for file in real
        )

    def program(self, files: Iterable[str], sources: Sequence[str]) -> bool:
        """Say whether a program that rests on `files`, out of `sources`, has changed.

        Nobody knows who imported a file that is gone: it counts for all whose source it belonged to.
        """
        return self.any_of(files) or any(
            self._is_below(file, folder) for file in self._gone() for folder in sources if file.endswith(_PYTHON)
        )

    def template(self, texts: Iterable[tuple[str, str]]) -> bool:
        """Say whether a template has changed, of which `texts` are the paths and contents, nested ones among them.

        So it has if a file has that it names, such as the definition of a state machine.
        """
        own = tuple(texts)
        named = [os.path.basename(file) for file in self.files if not file.endswith(_PYTHON)]
        images = [file for file in self.files if os.path.basename(file).startswith(_IMAGE)]
        return (
            self.any_of(path for path, _ in own)
            or any(name in text for name in named for _, text in own)
            or any(self._is_below(file, os.path.dirname(path)) for file in images for path, _ in own)
        )

    def _gone(self) -> list[str]:
        return [file for file in self.files if not os.path.exists(os.path.join(self.root, file))]

    def _is_below(self, file: str, folder: str) -> bool:
        top = os.path.normpath(os.path.join(self.root, folder))
        return os.path.normpath(os.path.join(self.root, file)).startswith(top.rstrip(os.sep) + os.sep)
