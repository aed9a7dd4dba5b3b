"""The lines of the files that results are about, to be shown beside them."""

from __future__ import annotations

import os
import stat
from typing import Final

from analyzer.collect import read_source
from analyzer.errors import InputError
from analyzer.model.program import SourceFile

_LARGEST: Final = 20 * 1024 * 1024


def lines_of(path: str, root: str) -> tuple[str, ...]:
    """Return the lines of the file `path`, which is relative to `root`; none if it cannot be read any more.

    They are counted as those do who found something in them. What is not text is replaced.
    """
    absolute = os.path.join(root, path)
    try:
        status = os.stat(absolute)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
            return ()
        if path.endswith(".py"):
            try:
                return tuple(read_source(SourceFile(path, absolute)).split("\n"))
            except InputError:
                # Not in the encoding that it says: most of it can be shown all the same.
                pass
        with open(absolute, encoding="utf-8-sig", errors="replace", newline="") as file:
            return tuple(line.removesuffix("\r") for line in file.read().split("\n"))
    except (OSError, ValueError):
        return ()
