"""Call sites: the calls that an analysis found, one entry for each span, operation and way of calling."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from analyzer.model.calls import ApiCall, IdentityKind, Via
from analyzer.model.location import Location
from analyzer.model.requirements import Arns, Requirement
from analyzer.model.values import Known


@dataclass(frozen=True, slots=True, order=True)
class CallSite:
    """An API call as the source writes it, whatever it was reached from.

    `actions` are pairs of an IAM action and the sorted resource patterns it is needed on. `certain` is False where the
    operation is only handed on as a value and it cannot be seen that it is called. `chain` is the shortest way from an
    entry point. `identity` says whose permissions it needs, if not those of the execution role.
    """

    location: Location
    service: str
    operation: str
    via: Via
    certain: bool
    actions: tuple[tuple[str, tuple[str, ...]], ...]
    chain: tuple[str, ...]
    identity: str = ""


def call_sites(needs: Iterable[tuple[ApiCall, tuple[Requirement, ...]]]) -> tuple[CallSite, ...]:
    """Return the call sites of calls and what each of them needs, sorted by place, service and operation.

    A call that is interpreted several times, with other arguments or from elsewhere, is one site with the union of
    what those need.
    """
    merged: dict[tuple[Location, str, str, Via, str], list[tuple[ApiCall, tuple[Requirement, ...]]]] = {}
    for call, requirements in needs:
        key = (call.location, call.service, call.operation, call.via, shown_identity(call))
        merged.setdefault(key, []).append((call, requirements))
    return tuple(sorted(_site(group) for group in merged.values()))


def _site(group: list[tuple[ApiCall, tuple[Requirement, ...]]]) -> CallSite:
    call = group[0][0]
    resources: dict[str, set[str]] = {}
    for _, requirements in group:
        for requirement in requirements:
            resources.setdefault(requirement.action, set()).update(resource_patterns(requirement))
    return CallSite(
        location=call.location,
        service=call.service,
        operation=call.operation,
        via=call.via,
        certain=not all(other.possible for other, _ in group),
        actions=tuple((action, tuple(sorted(patterns))) for action, patterns in sorted(resources.items())),
        chain=min((other.call_chain for other, _ in group), key=lambda chain: (len(chain), chain)),
        identity=shown_identity(call),
    )


def shown_identity(call: ApiCall) -> str:
    """Return whose credentials a call is made with, as people read it; "" for those of the execution role."""
    identity = call.identity
    if identity is None:
        return ""
    if identity.kind is IdentityKind.OTHER:
        return "other credentials"
    role = identity.role.value if isinstance(identity.role, Known) else None
    return f"assumed role {role}" if isinstance(role, str) else "an assumed role"


def resource_patterns(requirement: Requirement) -> tuple[str, ...]:
    """Return what stands in a statement's Resource for `requirement`."""
    return requirement.scope.patterns if isinstance(requirement.scope, Arns) else ("*",)
