"""Action wildcards that stand for exactly the actions they replace, as far as the catalogue knows them.

They are written on request only: an action that AWS adds later may begin with the same words.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator
from typing import Final

from analyzer.catalog import expand

# Where the words of an action's name begin: a wildcard ends after whole words, `Get*` or `GetBucket*`.
_WORD: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_FEWEST: Final = 2
# Sorts behind every character of an action's name.
_LAST: Final = "\x7f"


def abbreviated(actions: Collection[str]) -> tuple[str, ...]:
    """Return action patterns, sorted, that match exactly `actions`; as few of them as whole words allow.

    A pattern takes the place of two actions or more. What it matches is looked up in the catalogue.
    """
    by_prefix: dict[str, set[str]] = {}
    for action in actions:
        by_prefix.setdefault(action.partition(":")[0], set()).add(action)
    return tuple(sorted(pattern for prefix, some in by_prefix.items() for pattern in _of_service(prefix, some)))


def _of_service(prefix: str, actions: set[str]) -> list[str]:
    left = set(actions)
    patterns: list[str] = []
    for pattern, matched in sorted(_candidates(prefix, left), key=lambda one: (-len(one[1]), len(one[0]), one[0])):
        if len(matched & left) >= _FEWEST:
            patterns.append(pattern)
            left -= matched
    return [*patterns, *left]


def _candidates(prefix: str, actions: set[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the patterns that match some of `actions` and nothing else, each with what it matches."""
    known = sorted((action.lower(), action) for action in expand(f"{prefix}:*"))
    names = [lowered for lowered, _ in known]
    beginnings = {
        f"{prefix}:{name[:end]}"
        for name in (action.partition(":")[2] for action in actions)
        for end in (0, *(found.start() for found in _WORD.finditer(name)), len(name))
    }
    for beginning in sorted(beginnings):
        first = bisect_left(names, beginning.lower())
        last = bisect_left(names, beginning.lower() + _LAST)
        matched = frozenset(action for _, action in known[first:last])
        if matched and matched <= actions:
            yield f"{beginning}*", matched
