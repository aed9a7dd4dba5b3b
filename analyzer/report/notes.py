"""What `lpa generate` says beside the policy: what would make it narrower, and what it does not cover."""

from __future__ import annotations

from collections.abc import Sequence

from analyzer.model.requirements import Arns, Requirement

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


def _note(name: str, actions: list[str]) -> str:
    where = ", ".join(actions[:_NAMED])
    if len(actions) > _NAMED:
        where += f" and {len(actions) - _NAMED} more"
    if name.startswith("--"):
        return f"note: {name} would replace * in the resources of {where}"
    return f"note: * stands for {name} in the resources of {where}"
