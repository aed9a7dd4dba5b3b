"""What a task calls: the integrations that Step Functions has with services, and AWS's SDK.

Sources: https://docs.aws.amazon.com/step-functions/latest/dg/integrate-services.html and, for each integration, the
file in rules/states/.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, NamedTuple

from analyzer.machines.lookups import looked_up
from analyzer.machines.made import call_with, filled, made_call
from analyzer.machines.marks import Marks, has_marks
from analyzer.machines.parameters import find
from analyzer.model.calls import ApiCall, Unresolved, UnresolvedReason
from analyzer.model.location import Location
from analyzer.model.values import Known, Mapping, Opaque, Value, alternatives
from analyzer.model.workload import StackResource
from analyzer.rules.integrations import Integration, Lookup, Made, integrations
from analyzer.sdk.service_ids import client_of_service_id, operation_in_any_case

_INTEGRATION: Final = re.compile(r"arn:[^:]*:states:::(?P<what>.*)")
_FUNCTION: Final = re.compile(r"arn:[^:]*:lambda:")
_ACTIVITY: Final = re.compile(r"arn:[^:]*:states:[^:]*:[^:]*:activity:")
_SDK: Final = "aws-sdk"
_MACHINE: Final = "machine"
# How the rules name the state machine itself, beside the arguments of a task.
_OWN: Final = "Machine"


class _Pattern(Enum):
    """How a task waits for what it starts, by the end of its resource."""

    RESPONSE = ""
    SYNC = "sync"
    SYNC_AS_JSON = "sync:2"
    CALLBACK = "waitForTaskToken"


class _Named(NamedTuple):
    """What a resource names: `service` and `operation` as Step Functions spells them."""

    service: str
    operation: str
    pattern: str


@dataclass(slots=True)
class Found:
    """What was found of a state machine: its calls, those that are of no matter, and what could not be resolved.

    `arn` is its own, and `resources` are those of its template.
    """

    arn: Value
    resources: tuple[StackResource, ...]
    calls: list[ApiCall] = field(default_factory=list)
    tolerated: list[ApiCall] = field(default_factory=list)
    unresolved: list[Unresolved] = field(default_factory=list)

    def unknown(self, reason: UnresolvedReason, location: Location, detail: str, *candidates: str) -> None:
        """Add something that could not be resolved."""
        self.unresolved.append(Unresolved(reason, location, detail, candidates))


def add_task(resource: Value, arguments: Mapping, location: Location, chain: tuple[str, ...], found: Found) -> None:
    """Add to `found` what the task with this resource needs; `location` is where the resource stands."""
    for one in alternatives(resource):
        marks = Marks()
        text = marks.flat(one) or ""
        named = _INTEGRATION.fullmatch(text)
        if named is not None and not has_marks(named["what"]):
            _add_integration(_read(named["what"]), arguments, location, chain, found)
        elif _FUNCTION.match(text):
            function = Mapping(((Known("FunctionName"), one),))
            found.calls.append(call_with("lambda", "Invoke", function, location, chain))
        elif not _ACTIVITY.match(text):
            # An activity is asked for work by its own workers, and needs nothing of the state machine's role.
            detail = f"the task {chain[-1]} may call any service: its resource is not known"
            found.unknown(UnresolvedReason.DYNAMIC_SERVICE, location, detail, "lambda.Invoke")


def add_own(part: str, arguments: Mapping, location: Location, chain: tuple[str, ...], found: Found) -> None:
    """Add what a state machine needs besides its tasks: `part` is an entry of rules/states/machine.yaml."""
    known = integrations(_MACHINE)
    assert known is not None, "the file is part of lpa"
    _add(_Named(_MACHINE, part, ""), known[part], arguments, location, chain, found)


def _read(what: str) -> _Named:
    """Return the parts of `batch:submitJob.sync:2` or `aws-sdk:s3:getObject.waitForTaskToken`."""
    service, _, rest = what.removeprefix(f"{_SDK}:").partition(":")
    operation, _, pattern = rest.partition(".")
    return _Named(f"{_SDK}:{service}" if what.startswith(f"{_SDK}:") else service, operation, pattern)


def _add_integration(
    named: _Named, arguments: Mapping, location: Location, chain: tuple[str, ...], found: Found
) -> None:
    if named.service.startswith(f"{_SDK}:"):
        _add_sdk_call(named, arguments, location, chain, found)
        return
    known = integrations(named.service) if named.service != _MACHINE else None
    integration = None if known is None else known.get(named.operation)
    if integration is None:
        reason = UnresolvedReason.UNKNOWN_SERVICE if known is None else UnresolvedReason.UNKNOWN_METHOD
        found.unknown(reason, location, f"no integration of Step Functions is known as {_shown(named)}")
        return
    _add(named, integration, arguments, location, chain, found)


def _add_sdk_call(named: _Named, arguments: Mapping, location: Location, chain: tuple[str, ...], found: Found) -> None:
    name = named.service.removeprefix(f"{_SDK}:")
    client = client_of_service_id(name)
    if client is None:
        found.unknown(UnresolvedReason.UNKNOWN_SERVICE, location, f"no service of AWS's SDK is known as {name}")
        return
    operation = operation_in_any_case(client, named.operation)
    if operation is None:
        detail = f"{client} has no operation {named.operation}"
        found.unknown(UnresolvedReason.UNKNOWN_METHOD, location, detail)
        return
    if named.pattern not in ("", _Pattern.CALLBACK.value):
        _doubt_pattern(named, location, found)
    found.calls.append(call_with(client, operation, arguments, location, chain))


def _add(
    named: _Named,
    integration: Integration,
    arguments: Mapping,
    location: Location,
    chain: tuple[str, ...],
    found: Found,
) -> None:
    if integration.lookup is not None:
        arguments = _looked_up(named, integration.lookup, arguments, location, chain, found)
    if integration.call is not None:
        made = integration.call
        call = call_with(made.service, made.operation, arguments, location, chain)
        own = filled(made, arguments)
        if own:
            names = [name for name, _ in own]
            kept = tuple((name, value) for name, value in call.parameters.entries if name not in names)
            parameters = Mapping((*kept, *own), call.parameters.complete)
            call = ApiCall(call.service, call.operation, parameters, call.via, location, chain)
        found.calls.append(call)
    besides = list(integration.also)
    if named.pattern in (_Pattern.SYNC.value, _Pattern.SYNC_AS_JSON.value) and integration.sync is not None:
        besides += integration.sync
    elif named.pattern and not (named.pattern == _Pattern.CALLBACK.value and integration.callback):
        _doubt_pattern(named, location, found)
    because = (*chain, f"rules/states/{named.service}.yaml#{named.operation}")
    found.calls += _all_made(besides, named, arguments, location, because, found)
    found.tolerated += _all_made(integration.tolerated, named, arguments, location, because, found)
    for doubt in integration.unsure:
        if find(arguments, doubt.when) is not None:
            detail = f"{_shown(named)} may also need {doubt.needs}"
            found.unknown(UnresolvedReason.UNKNOWN_PARAMETERS, location, detail)


def _looked_up(
    named: _Named, lookup: Lookup, arguments: Mapping, location: Location, chain: tuple[str, ...], found: Found
) -> Mapping:
    known = looked_up(lookup, arguments, found.resources)
    if known is not None:
        return known
    found.unknown(UnresolvedReason.UNKNOWN_PARAMETERS, location, f"{_shown(named)} may also need {lookup.needs}")
    found.tolerated += (made_call(made, arguments, location, chain) for made in lookup.tolerated)
    return arguments


def _all_made(
    all_made: Iterable[Made],
    named: _Named,
    arguments: Mapping,
    location: Location,
    chain: tuple[str, ...],
    found: Found,
) -> list[ApiCall]:
    calls: list[ApiCall] = []
    own = (Known(_OWN), Mapping(((Known("Arn"), found.arn),)))
    arguments = Mapping((*arguments.entries, own), arguments.complete)
    for made in all_made:
        value = find(arguments, made.when) if made.when else None
        if isinstance(value, Opaque) and (made.equals or not arguments.complete):
            detail = f"{_shown(named)} may also call {made.service}.{made.operation}, depending on {made.when}"
            found.unknown(UnresolvedReason.UNKNOWN_PARAMETERS, location, detail)
        elif not made.when or (value is not None and made.equals in ("", _constant(value))):
            calls.append(made_call(made, arguments, location, chain))
    return calls


def _constant(value: Value) -> str | None:
    return value.value if isinstance(value, Known) and isinstance(value.value, str) else None


def _doubt_pattern(named: _Named, location: Location, found: Found) -> None:
    detail = f"it is not known what {_shown(named)} needs to wait for what it starts"
    found.unknown(UnresolvedReason.UNKNOWN_METHOD, location, detail)


def _shown(named: _Named) -> str:
    return f"{named.service}:{named.operation}" + (f".{named.pattern}" if named.pattern else "")
