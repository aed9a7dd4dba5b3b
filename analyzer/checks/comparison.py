"""The checks on a comparison: each turns one kind of its results into observations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from analyzer.checks.subject import Observation, Subject
from analyzer.iam.evaluate import name_of
from analyzer.model.calls import ApiCall
from analyzer.model.findings import Related
from analyzer.model.location import Location
from analyzer.model.policy import Missing, PolicyKind, PolicyReference, Statement, TooBroad
from analyzer.model.requirements import Condition, Requirement


def missing_permissions(subject: Subject) -> Iterator[Observation]:
    """Say what the code needs and is not allowed, at the call that needs it."""
    for missing in subject.comparison.missing:
        calls = _calls(missing.requirement)
        what = f"{missing.requirement.action} on {_listed(missing.patterns)}{_under(missing.requirement.conditions)}"
        how = _stopped(missing)
        related = list(_other_calls(calls))
        denial = _place_of(missing.denied_by) if missing.denied_by else None
        if denial:
            related.append(Related("denied here", denial))
        if calls:
            message = f"{what} is {how}; {_call_name(calls[0])} needs it{_chain(calls[0])}"
            yield Observation(message, calls[0].location, tuple(related), missing)
        else:
            rules = _listed(sorted({str(reason.rule) for reason in missing.requirement.reasons}))
            message = f"{what} is {how}; it is needed according to {rules}"
            yield Observation(message, subject.comparison.location, tuple(related), missing)


def unused_permissions(subject: Subject) -> Iterator[Observation]:
    """Say what is allowed and not used, at the statement that allows it."""
    for unused in subject.comparison.unused:
        message = f"no call uses {unused.action} on {_listed(unused.statement.resources) or 'no resource'}"
        yield Observation(message, unused.statement.place("Action", unused.action) or subject.comparison.location)


def broad_permissions(subject: Subject) -> Iterator[Observation]:
    """Say what is allowed more broadly than it is used, and what would do, at the statement that allows it."""
    for broad in subject.comparison.too_broad:
        yield Observation(_breadth(broad), broad.statement.place("Action", broad.action) or subject.comparison.location)


def broad_managed_policies(subject: Subject) -> Iterator[Observation]:
    """Say which AWS managed policies allow more than is used, and what would do, where they are attached."""
    for broad in subject.comparison.managed:
        name = broad.reference.arn.rpartition("/")[2]
        if broad.replacement:
            message = f"the AWS managed policy {name} allows more than needed, which is {_enough(broad.replacement)}"
        else:
            message = f"no call uses what the AWS managed policy {name} allows"
        yield Observation(message, broad.reference.location)


def undecided_permissions(subject: Subject) -> Iterator[Observation]:
    """Say what cannot be decided, at the call, the statement or the reference that it is about."""
    for undecided in subject.comparison.undecided:
        match undecided.subject:
            case Requirement() as requirement:
                calls = _calls(requirement)
                at_call = calls[0].location if calls else subject.comparison.location
                message = f"{requirement.action} may be missing: {undecided.why}"
                yield Observation(message, at_call, tuple(_other_calls(calls)))
            case Statement() as statement:
                message = f"{name_of(statement)} may be broader than needed: {undecided.why}"
                place = statement.place("Action", undecided.action) or subject.comparison.location
                yield Observation(message, place)
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
    tested = {test.key.lower() for test in broad.statement.conditions}
    absent = sorted({test.key for test in broad.conditions if test.key.lower() not in tested})
    without = f" without {_listed(absent)}" if absent else ""
    return f"{what}{without} is more than needed, which is {_enough(broad.replacement)}"


def _enough(statements: Iterable[Statement]) -> str:
    return "; ".join(
        f"{_listed(made.actions)} on {_listed(made.resources)}{_under(made.conditions)}" for made in statements
    )


def _under(conditions: Iterable[Condition]) -> str:
    tests = " and ".join(f"{test.operator} {test.key} {_listed(test.values)}" for test in conditions)
    return f" under {tests}" if tests else ""


def _place_of(statement: Statement) -> Location | None:
    """Return where `statement` stands, or the policy that it is part of is attached."""
    return statement.attachment.location if statement.attachment else statement.location


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
