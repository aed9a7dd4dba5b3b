"""Requirements as the requests that the evaluator judges."""

from __future__ import annotations

from typing import Final

from analyzer.iam.arn import Unpinned, pin_like
from analyzer.iam.evaluate import Reach, Request, reach_of
from analyzer.model.requirements import Arns, Requirement

# How `Arns.unpinned` names what nobody said.
_FLAGS: Final = {"--region": Unpinned.REGION, "--account": Unpinned.ACCOUNT}


def requests_of(requirement: Requirement) -> tuple[Request, ...]:
    """Return one request for each resource pattern of `requirement`."""
    if not isinstance(requirement.scope, Arns):
        return (Request(requirement.action, None, requirement.conditions),)
    unpinned = {_FLAGS[name] for name in requirement.scope.unpinned if name in _FLAGS} | {Unpinned.CHARACTERS}
    return tuple(
        Request(requirement.action, pattern, requirement.conditions, frozenset(unpinned))
        for pattern in requirement.scope.patterns
    )


def open_parts(requirement: Requirement) -> tuple[str, ...]:
    """Return what would make the patterns of `requirement` narrower, region and account left out."""
    if not isinstance(requirement.scope, Arns):
        return ()
    return tuple(name for name in requirement.scope.unpinned if name not in _FLAGS)


def resource_under(request: Request, granted: str) -> str | None:
    """Return the request's resource as far as a grant on `granted` may concern it, or None if it does not.

    That is the pattern itself, with what nobody said taken from `granted`.
    """
    if request.resource is None:
        return None if reach_of(granted, request) is Reach.NONE else "*"
    resource = pin_like(request.resource, granted, request.unpinned)
    pinned = Request(request.action, resource, request.conditions)
    return None if reach_of(granted, pinned) is Reach.NONE else resource
