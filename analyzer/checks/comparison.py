"""The checks on a comparison: each turns one kind of its results into observations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from analyzer.checks.subject import Observation, Subject
from analyzer.iam.evaluate import name_of
from analyzer.model.calls import ApiCall
from analyzer.model.findings import Related
from analyzer.model.policy import Missing, PolicyKind, PolicyReference, Statement, TooBroad
from analyzer.model.requirements import Requirement


def missing_permissions(subject: Subject) -> Iterator[Observation]:
    """Say what the code needs and is not allowed, at the call that needs it."""
    for missing in subject.comparison.missing:
        calls = _calls(missing.requirement)
        what = f"{missing.requirement.action} on {_listed(missing.patterns)}"
        how = _stopped(missing)
        related = list(_other_calls(calls))
        if missing.denied_by and missing.denied_by.location:
            related.append(Related("denied here", missing.denied_by.location))
        if calls:
            message = f"{what} is {how}; {_call_name(calls[0])} needs it{_chain(calls[0])}"
            yield Observation(message, calls[0].location, tuple(related))
        else:
            rules = _listed(sorted({str(reason.rule) for reason in missing.requirement.reasons}))
            message = f"{what} is {how}; it is needed according to {rules}"
            yield Observation(message, subject.comparison.location, tuple(related))


def unused_permissions(subject: Subject) -> Iterator[Observation]:
    """Say what is allowed and not used, at the statement that allows it."""
    for unused in subject.comparison.unused:
        message = f"no call uses {unused.action} on {_listed(unused.statement.resources) or 'no resource'}"
        yield Observation(message, unused.statement.place("Action", unused.action) or subject.comparison.location)


def broad_permissions(subject: Subject) -> Iterator[Observation]:
    """Say what is allowed more broadly than it is used, and what would do, at the statement that allows it."""
    for broad in subject.comparison.too_broad:
        yield Observation(_breadth(broad), broad.statement.place("Action", broad.action) or subject.comparison.location)


def undecided_permissions(subject: Subject) -> Iterator[Observation]:
    """Say what cannot be decided, at the call, the statement or the reference that it is about."""
    for undecided in subject.comparison.undecided:
        match undecided.subject:
            case Requirement() as requirement:
                calls = _calls(requirement)
                place = calls[0].location if calls else subject.comparison.location
                message = f"{requirement.action} may be missing: {undecided.why}"
                yield Observation(message, place, tuple(_other_calls(calls)))
            case Statement() as statement:
                message = f"{name_of(statement)} may be broader than needed: {undecided.why}"
                yield Observation(message, statement.location or subject.comparison.location)
            case PolicyReference() as reference:
                yield Observation(f"the {reference.kind} {reference.arn}: {undecided.why}", reference.location)


def incomplete_analysis(subject: Subject) -> Iterator[Observation]:
    """Say what the analysis could not resolve, where it is."""
    for unresolved in subject.unresolved:
        candidates = f"; it may be {_listed(unresolved.candidates)}" if unresolved.candidates else ""
        reason = unresolved.reason.value.replace("-", " ")
        yield Observation(f"{reason}: {unresolved.detail}{candidates}", unresolved.location)


def _stopped(missing: Missing) -> str:
    """Say what stops what is missing: a statement, or the kinds of policy in which nothing allows it."""
    limits = [str(kind) for kind in missing.kinds if kind is not PolicyKind.IDENTITY]
    if missing.denied_by:
        return f"denied by {name_of(missing.denied_by)}" + (f" of the {limits[0]}" if limits else "")
    reasons = ["not granted"] if PolicyKind.IDENTITY in missing.kinds else []
    return " and ".join([*reasons, *(f"not allowed by the {limit}" for limit in limits)])


def _breadth(broad: TooBroad) -> str:
    what = f"{broad.action} on {_listed(broad.too_wide)}" if broad.too_wide else broad.action
    enough = "; ".join(f"{_listed(made.actions)} on {_listed(made.resources)}" for made in broad.replacement)
    return f"{what} is more than needed, which is {enough}"


def _calls(requirement: Requirement) -> list[ApiCall]:
    calls = [reason.call for reason in requirement.reasons if reason.call is not None]
    return sorted(calls, key=lambda call: (call.location, call.service, call.operation, call.call_chain))


def _other_calls(calls: Iterable[ApiCall]) -> Iterator[Related]:
    """Yield the places of `calls` after the first, each once."""
    places = {call.location: call for call in calls}
    for location, call in list(places.items())[1:]:
        yield Related(f"{_call_name(call)} needs it too", location)


def _call_name(call: ApiCall) -> str:
    return f"{call.service}.{call.operation}"


def _chain(call: ApiCall) -> str:
    return f" (reached through {' > '.join(call.call_chain)})" if call.call_chain else ""


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
