"""Paths into a call's parameters, as the files under rules/ write them.

`Bucket` is a parameter, `A.B` a member of a structure or what a mapping has under a key, `Items[].Key` that member of
every item of a list, `Roles.*` every value of a mapping, and `keys(RequestItems)` every key of it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

ITEMS: Final = "[]"
"""The step from a list to its items."""

KEYS: Final = "keys()"
"""The step from a mapping to its keys."""

VALUES: Final = "*"
"""The step from a mapping to its values."""

_PATH: Final = re.compile(r"[A-Za-z0-9_-]+(\[\])*(\.([A-Za-z0-9_-]+|\*)(\[\])*)*")


@lru_cache(maxsize=1024)
def parse_path(path: str) -> tuple[str, ...] | None:
    """Return the steps of `path`, each a name, `ITEMS`, `VALUES` or `KEYS`, or None if it is not written as a path."""
    if path.startswith("keys(") and path.endswith(")"):
        inner = parse_path(path[len("keys(") : -1])
        return None if inner is None or KEYS in inner else (*inner, KEYS)
    if not _PATH.fullmatch(path):
        return None
    steps: list[str] = []
    for member in path.split("."):
        name = member.rstrip(ITEMS)
        steps.append(name)
        steps.extend([ITEMS] * ((len(member) - len(name)) // len(ITEMS)))
    return tuple(steps)
