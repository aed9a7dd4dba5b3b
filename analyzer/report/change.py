"""What a change of policy adds and removes, as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from analyzer.catalog import expand, find_action
from analyzer.catalog.effect import takes
from analyzer.compare.change import Access, Change
from analyzer.generate import abbreviated

# From what is most to what is least dangerous to grant.
_LEVELS: Final = ("Permissions management", "Write", "Tagging", "Read", "List")


def change_lines(change: Change) -> Iterator[str]:
    """Yield a line for each access that is added or removed, with what stays, and at last how many there are."""
    yield from _access_lines("+", "was allowed on", change.added)
    yield from _access_lines("-", "is still allowed on", change.removed)
    yield from (f"? {reason}" for reason in change.undecided)
    yield f"{len(change.added)} added, {len(change.removed)} removed, {len(change.undecided)} undecided"


def levels_of(access: Access) -> tuple[str, ...]:
    """Return the access levels of the actions, the most dangerous first; an action that is not known has none."""
    found = {known.access_level for action in access.actions if (known := find_action(action)) is not None}
    return tuple(level for level in _LEVELS if level in found)


def _access_lines(sign: str, rest: str, accesses: Iterable[Access]) -> Iterator[str]:
    for access in accesses:
        levels = f" ({', '.join(levels_of(access))})" if levels_of(access) else ""
        yield f"{sign} {_actions(access)} on {access.resource}{levels}"
        for condition in access.conditions:
            yield f"    if {condition.operator} {condition.key} {', '.join(condition.values)}"
        if access.other:
            yield f"    {rest} {', '.join(access.other)}"
        if access.location is not None:
            yield f"    {access.location}"


def _actions(access: Access) -> str:
    """Return the actions as briefly as can be: listed, or as what the statement says but for some."""
    listed = abbreviated(access.actions)
    written = (action for pattern in access.patterns for action in expand(pattern))
    matched = {action for action in written if takes(action, access.resource)}
    left_out = abbreviated(matched - set(access.actions))
    if len(access.patterns) + len(left_out) >= len(listed):
        return ", ".join(listed)
    patterns = ", ".join(access.patterns)
    return f"{patterns} except {', '.join(left_out)}" if left_out else patterns
