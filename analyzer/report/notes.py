"""What `lpa generate` says beside the policy: what would make it narrower, and what it does not cover."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from analyzer.model.calls import ApiCall
from analyzer.model.requirements import Arns, Requirement
from analyzer.report.sites import shown_identity

_NAMED = 3


def pin_notes(requirements: Sequence[Requirement]) -> tuple[str, ...]:
    """Return a line for everything that `*` stands for in the resources of `requirements`, sorted.

    A flag that would pin it is named as the command line takes it; a part that no flag pins is named by its origin.
    """
    actions: dict[str, set[str]] = {}
    for requirement in requirements:
        if isinstance(requirement.scope, Arns):
            for name in requirement.scope.unpinned:
                actions.setdefault(name, set()).add(requirement.action)
    return tuple(_note(name, sorted(actions[name])) for name in sorted(actions))


def identity_notes(needs: Iterable[tuple[ApiCall, tuple[Requirement, ...]]]) -> tuple[str, ...]:
    """Return a line for each identity other than the execution role that calls are made with, sorted."""
    made: dict[str, set[str]] = {}
    for call, _ in needs:
        if call.identity is not None:
            made.setdefault(shown_identity(call), set()).add(f"{call.service}.{call.operation}")
    return tuple(
        f"note: {_listed(sorted(made[identity]))}: called with {identity}, so not part of this policy"
        for identity in sorted(made)
    )


def _note(name: str, actions: list[str]) -> str:
    where = _listed(actions)
    if name.startswith("--"):
        return f"note: {name} would replace * in the resources of {where}"
    return f"note: * stands for {name} in the resources of {where}"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    return f"{shown} and {len(names) - _NAMED} more" if len(names) > _NAMED else shown
