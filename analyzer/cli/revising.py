"""`lpa diff --base REV`: what the working tree needs and grants that a revision did not, and the other way round."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analyzer.checks.ignores import without_ignored
from analyzer.cli.explaining import FailOn
from analyzer.cli.output import print_text, tell
from analyzer.cli.reporting import judged
from analyzer.cli.role_file import read_policy_file
from analyzer.cli.talk import look
from analyzer.config.choosing import Chosen, Overrides, choose
from analyzer.config.reading import settings_in
from analyzer.errors import EXIT_CLEAN, EXIT_FINDINGS, InputError, UsageError
from analyzer.report import ChangeFormat, change_reporter
from analyzer.revision import checked_out
from analyzer.states import AccessChange, State, compare_states, state_of

if TYPE_CHECKING:
    from analyzer.config.settings import Gate, Settings
    from analyzer.model.findings import Finding


@dataclass(frozen=True, slots=True)
class Since:
    """With which `revision` the functions of the configuration are compared, all or the named ones.

    Unless `configured`, the revision's own configuration does not count.
    """

    revision: str
    settings: Settings
    overrides: Overrides
    names: tuple[str, ...]
    gate: Gate
    configured: bool = True


def diff_base(since: Since, fail_on: FailOn | None, output_format: ChangeFormat) -> int:
    """Print how the access of the functions differs from what it was in the revision; exit 1 as `fail_on` says.

    Raises InputError if there is no such revision, and what `check` raises for the working tree. What of the revision
    cannot be analysed is told, and counts as not there.
    """
    settings = since.settings
    with checked_out(since.revision, settings.folder) as folder:
        new = _state(since, choose(settings, since.overrides, since.names), lenient=False)
        old = _old_state(since, folder)
        tell(f"{since.revision}: {problem}" for problem in old.problems)
        found = compare_states(old, new)
    shown = look(settings.folder)
    print_text(change_reporter(output_format, shown).access(found, since.revision))
    return EXIT_FINDINGS if _fails(found, fail_on) else EXIT_CLEAN


def _old_state(since: Since, folder: str) -> State:
    try:
        own = settings_in(folder) if since.configured else None
    except (InputError, UsageError) as error:
        tell([f"{since.revision}: {error.message}; the configuration of the working tree is used"])
        own = None
    settings = replace(since.settings, folder=folder) if own is None else own
    try:
        chosen = choose(settings, since.overrides, ())
    except UsageError:
        return State({}, (), folder, ())
    return _state(replace(since, settings=settings), _named(chosen, since.names), lenient=True)


def _named(chosen: Chosen, names: Sequence[str]) -> Chosen:
    """Return what of `chosen` has one of `names`, all if there are none."""
    if not names:
        return chosen
    functions = tuple(one for one in chosen.functions if one.name in names)
    others = tuple(name for name in names if name not in {one.name for one in functions})
    templates = tuple(
        replace(one, selection=replace(one.selection, functions=others)) for one in chosen.templates if others
    )
    return replace(chosen, functions=functions, templates=templates, whole=False)


def _state(since: Since, chosen: Chosen, *, lenient: bool) -> State:
    def judge(findings: Iterable[Finding], root: str) -> Sequence[Finding]:
        return without_ignored(judged(findings, since.gate), (), root, ())

    with contextlib.chdir(since.settings.folder):
        return state_of(chosen, since.settings.folder, read_policy_file, judge, lenient=lenient)


def _fails(found: AccessChange, fail_on: FailOn | None) -> bool:
    added = any(one.added or one.grants.added for one in found.functions)
    removed = any(one.removed or one.grants.removed for one in found.functions)
    undecided = any(one.grants.undecided for one in found.functions)
    match fail_on:
        case FailOn.ADDED:
            return added
        case FailOn.REMOVED:
            return removed
        case FailOn.ANY:
            return added or removed or undecided
        case None:
            return False
