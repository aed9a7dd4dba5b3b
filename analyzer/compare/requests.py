"""Requirements as the requests that the evaluator judges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from analyzer.iam.arn import Unpinned, arn_contains, arn_intersects, pin_like
from analyzer.iam.evaluate import Reach, Request, action_matches, reach_of
from analyzer.model.requirements import Arns, Condition, Requirement

# How `Arns.unpinned` names what nobody said.
_FLAGS: Final = {"--region": Unpinned.REGION, "--account": Unpinned.ACCOUNT}

# What is known of every request of an SDK's client: "By default, SSL is used"
# (https://boto3.amazonaws.com/v1/documentation/api/latest/reference/core/session.html, `use_ssl`), and policies deny
# whatever is sent without it.
_CONTEXT: Final = {"aws:SecureTransport": ("true",)}


@dataclass(frozen=True, slots=True)
class Use:
    """A request that the program makes, and the conditions that a grant for it has to have."""

    request: Request
    asked: tuple[Condition, ...]


class Uses:
    """All requests of `requirements`, to be looked up by action. `with_optional` conditions count as asked for."""

    def __init__(self, requirements: Iterable[Requirement], *, with_optional: bool = False) -> None:
        self._by_action: dict[str, list[Use]] = {}
        for requirement in requirements:
            asked = requirement.conditions if with_optional else requirement.asked()
            uses = self._by_action.setdefault(requirement.action.lower(), [])
            uses += [Use(request, asked) for request in requests_of(requirement)]

    def matching(self, action: str) -> Iterator[Use]:
        """Yield the uses of the actions that the action pattern `action` of a statement matches."""
        for name, uses in self._by_action.items():
            if action_matches(action, name):
                yield from uses


def requests_of(requirement: Requirement) -> tuple[Request, ...]:
    """Return one request for each resource pattern of `requirement`."""
    if not isinstance(requirement.scope, Arns):
        return (Request(requirement.action, None, requirement.conditions, context=_CONTEXT),)
    unpinned = {_FLAGS[name] for name in requirement.scope.unpinned if name in _FLAGS} | {Unpinned.CHARACTERS}
    return tuple(
        Request(requirement.action, pattern, requirement.conditions, frozenset(unpinned), _CONTEXT)
        for pattern in requirement.scope.patterns
    )


def open_parts(requirement: Requirement) -> tuple[str, ...]:
    """Return what would make the patterns of `requirement` narrower, region and account left out."""
    if not isinstance(requirement.scope, Arns):
        return ()
    return tuple(name for name in requirement.scope.unpinned if name not in _FLAGS)


def resource_under(request: Request, granted: str) -> str | None:
    """Return the request's resource as far as a grant on `granted` may concern it, or None if it does not.

    That is the pattern itself, with what nobody said taken from `granted`, or `granted` if that is only a part of it.
    """
    if request.resource is None:
        return None if reach_of(granted, request) is Reach.NONE else "*"
    resource = pin_like(request.resource, granted, request.unpinned)
    if arn_contains(resource, granted):
        return granted
    return resource if arn_intersects(resource, granted) else None
