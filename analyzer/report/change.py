"""What a change of policy adds and removes, as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from analyzer.catalog import expand, find_action
from analyzer.catalog.effect import takes
from analyzer.compare.change import Access, Change
from analyzer.generate import abbreviated

if TYPE_CHECKING:
    from analyzer.states import AccessChange

# From what is most to what is least dangerous to grant.
_LEVELS: Final = ("Permissions management", "Write", "Tagging", "Read", "List")


def change_lines(change: Change) -> Iterator[str]:
    """Yield a line for each access that is added or removed, with what stays, and at last how many there are."""
    yield from _access_lines("+", "was allowed on", change.added)
    yield from _access_lines("-", "is still allowed on", change.removed)
    yield from (f"? {reason}" for reason in change.undecided)
    yield f"{len(change.added)} added, {len(change.removed)} removed, {len(change.undecided)} undecided"


def access_lines(change: AccessChange, base: str) -> Iterator[str]:
    """Yield what each function needs and is granted that it was not in `base`, and the other way round."""
    for function in change.functions:
        yield f"{function.name}{'' if function.state == 'changed' else f' ({function.state})'}"
        for sign, needs in (("+", function.added), ("-", function.removed)):
            for need in needs:
                yield f"  {sign} needs {need.action} on {need.resource}"
                if need.location is not None:
                    yield f"      {need.location}"
        grants = function.grants
        for line in (
            *_access_lines("+ granted", "was allowed on", grants.added),
            *_access_lines("- granted", "is still allowed on", grants.removed),
            *(f"? {reason}" for reason in grants.undecided),
        ):
            yield f"  {line}"
    for title, findings in (("new", change.new), ("gone", change.gone)):
        yield from (f"{title}: {one.location}: {one.severity}: {one.message} [{one.check}]" for _, one in findings)
    yield access_title(change, base)


def access_title(change: AccessChange, base: str) -> str:
    """Return how much has changed, in a line."""
    parts = (
        (sum(len(one.added) for one in change.functions), "need added"),
        (sum(len(one.removed) for one in change.functions), "need removed"),
        (sum(len(one.grants.added) for one in change.functions), "grant added"),
        (sum(len(one.grants.removed) for one in change.functions), "grant removed"),
        (sum(len(one.grants.undecided) for one in change.functions), "undecided"),
        (len(change.new), "new finding"),
        (len(change.gone), "finding gone"),
    )
    told = ", ".join(_counted(number, what) for number, what in parts if number)
    return f"{told or 'the access of no function has changed'} since {base}"


def _counted(number: int, what: str) -> str:
    if number == 1 or what == "undecided":
        return f"{number} {what}"
    noun, _, rest = what.partition(" ")
    return f"{number} {what}s" if noun == "new" else f"{number} {noun}s {rest}"


def levels_of(access: Access) -> tuple[str, ...]:
    """Return the access levels of the actions, the most dangerous first; an action that is not known has none."""
    found = {known.access_level for action in access.actions if (known := find_action(action)) is not None}
    return tuple(level for level in _LEVELS if level in found)


def _access_lines(sign: str, rest: str, accesses: Iterable[Access]) -> Iterator[str]:
    for access in accesses:
        levels = f" ({', '.join(levels_of(access))})" if levels_of(access) else ""
        yield f"{sign} {actions_of(access)} on {access.resource}{levels}"
        for condition in access.conditions:
            yield f"    if {condition.operator} {condition.key} {', '.join(condition.values)}"
        if access.other:
            yield f"    {rest} {', '.join(access.other)}"
        if access.location is not None:
            yield f"    {access.location}"


def actions_of(access: Access) -> str:
    """Return the actions as briefly as can be: listed, or as what the statement says but for some."""
    listed = abbreviated(access.actions)
    written = (action for pattern in access.patterns for action in expand(pattern))
    matched = {action for action in written if takes(action, access.resource)}
    left_out = abbreviated(matched - set(access.actions))
    if len(access.patterns) + len(left_out) >= len(listed):
        return ", ".join(listed)
    patterns = ", ".join(access.patterns)
    return f"{patterns} except {', '.join(left_out)}" if left_out else patterns
