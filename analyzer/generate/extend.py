"""What a policy that somebody wrote by hand lacks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from analyzer.iam.evaluate import Allowed, Denied, Request, evaluate, name_of
from analyzer.model.policy import Statement
from analyzer.model.requirements import Arns, Requirement


def lacking(
    requirements: Iterable[Requirement], base: Sequence[Statement]
) -> tuple[tuple[Requirement, ...], tuple[str, ...]]:
    """Return what of `requirements` the statements of `base` do not allow for sure, and what they deny.

    What they deny is no part of the former, since no further statement could allow it; it is said in words.
    """
    open_requirements: list[Requirement] = []
    denied: list[str] = []
    for requirement in requirements:
        patterns = requirement.scope.patterns if isinstance(requirement.scope, Arns) else (None,)
        left: list[str] = []
        any_resource = False
        for pattern in patterns:
            match evaluate(Request(requirement.action, pattern, requirement.conditions), base):
                case Allowed():
                    pass
                case Denied(Statement() as statement):
                    denied.append(f"{requirement.action} on {pattern or '*'} is denied by {name_of(statement)}")
                case _ if pattern is None:
                    any_resource = True
                case _:
                    left.append(pattern)
        if left and isinstance(requirement.scope, Arns):
            open_requirements.append(replace(requirement, scope=Arns(tuple(left), requirement.scope.unpinned)))
        elif any_resource:
            open_requirements.append(requirement)
    return tuple(open_requirements), tuple(dict.fromkeys(denied))
