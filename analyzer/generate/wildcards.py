"""Action wildcards that stand for exactly the actions they replace, as far as the catalogue knows them.

They are written on request only: an action that AWS adds later may begin with the same words.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final

from analyzer.catalog import expand

# Where the words of an action's name begin: a wildcard ends after whole words, `Get*` or `GetBucket*`.
_WORD: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_FEWEST: Final = 2


def abbreviated(actions: Collection[str]) -> tuple[str, ...]:
    """Return action patterns, sorted, that match exactly `actions`; as few of them as whole words allow.

    A pattern takes the place of two actions or more. What it matches is looked up in the catalogue.
    """
    left = set(actions)
    patterns: list[str] = []
    for pattern, matched in sorted(_candidates(left), key=lambda one: (-len(one[1]), len(one[0]), one[0])):
        if len(matched & left) >= _FEWEST:
            patterns.append(pattern)
            left -= matched
    return tuple(sorted([*patterns, *left]))


def _candidates(actions: set[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the patterns that match some of `actions` and nothing else, each with what it matches."""
    patterns = {
        f"{prefix}:{name[:end]}*"
        for prefix, _, name in (action.partition(":") for action in actions)
        for end in (0, *(found.start() for found in _WORD.finditer(name)), len(name))
    }
    for pattern in sorted(patterns):
        matched = frozenset(expand(pattern))
        if matched and matched <= actions:
            yield pattern, matched
