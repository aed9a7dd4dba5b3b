"""Finds actions by pattern and by likeness."""

from __future__ import annotations

from functools import cache

from analyzer.cache import cached
from analyzer.catalog.data import data_version, prefixes

# Raised when what is stored changes its form.
_FORMAT = 1


@cache
def expand(pattern: str) -> tuple[str, ...]:
    """Return the actions, sorted, that an action pattern of a policy (`s3:Get*`, `*`) matches; case does not matter."""
    from analyzer.iam.pattern import matches

    if pattern == "*":
        pattern = "*:*"
    prefix_pattern, colon, name_pattern = pattern.lower().partition(":")
    if not colon:
        return ()
    found: list[str] = []
    for prefix, names in _action_names().items():
        if prefix == prefix_pattern or matches(prefix_pattern, prefix):
            found.extend(
                f"{prefix}:{name}"
                for name in names.split()
                if name_pattern == "*" or matches(name_pattern, name.lower())
            )
    return tuple(sorted(found))


def nearest_action(name: str) -> str | None:
    """Return the action whose spelling is nearest to `name`, or None if none is near."""
    import difflib

    prefix, _, action = name.lower().partition(":")
    actions = {
        f"{near}:{known.lower()}": f"{near}:{known}"
        for near in difflib.get_close_matches(prefix, prefixes(), n=3)
        for known in _action_names()[near].split()
    }
    nearest = difflib.get_close_matches(f"{prefix}:{action}", actions, n=1, cutoff=0.75)
    return actions[nearest[0]] if nearest else None


@cache
def _action_names() -> dict[str, str]:
    def build() -> dict[str, str]:
        from analyzer.catalog.index import build_action_names

        return build_action_names()

    return cached("catalog", f"_names-{data_version()}-{_FORMAT}", build)
