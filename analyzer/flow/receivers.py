"""Calls on objects of unknown kind: which may be AWS calls, and are reported, never guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer import sdk
from analyzer.flow import strings
from analyzer.flow.calling import Arguments
from analyzer.flow.values import Client, Foreign, Value, unknown
from analyzer.model import ir
from analyzer.model.calls import Unresolved, UnresolvedReason
from analyzer.model.location import Location
from analyzer.model.values import Known

if TYPE_CHECKING:
    from analyzer.flow.machine import Machine

# Candidates beyond these say nothing any more; the list is cut and says so in the detail.
_MOST_CANDIDATES = 12
_PAGINATING = {"get_paginator": "operation_name", "get_waiter": "waiter_name"}
_PRESIGNING = {"generate_presigned_url": "ClientMethod"}


class Receivers:
    """Judges calls on values of which nothing says whether they are SDK objects.

    Client and resource methods take keyword arguments only, named like the operation's input members. A call that does
    so is reported as unresolved with the operations it might be; any other is no AWS call.

    The same place may be reached by other ways or hold other objects of which the call is known. Where it is one of
    the operations that the unknown object might call, there is nothing left to resolve.
    """

    def __init__(self, machine: Machine) -> None:
        """Take the machine that unresolved calls are recorded on."""
        self._machine = machine
        self._reports: dict[Unresolved, tuple[str, ...]] = {}
        self._resolved: dict[Location, set[str]] = {}

    def note_resolved(self, span: ir.Span, operation: str) -> None:
        """Take note of an operation (`service.Operation`) that is known to be meant at a span of the current file."""
        self._resolved.setdefault(self._machine.location(span), set()).add(operation)

    def outdone(self) -> set[Unresolved]:
        """Return the reports of places where a candidate, or without candidates any operation, is known to be meant."""
        return {
            report
            for report, candidates in self._reports.items()
            if (known := self._resolved.get(report.location)) and (not candidates or not known.isdisjoint(candidates))
        }

    def judge(self, receiver: Value, name: str, arguments: Arguments, span: ir.Span) -> None:
        """Report a method call on an unknown object if it may be an AWS call."""
        if arguments.positional and name not in _PAGINATING and name not in _PRESIGNING:
            return
        if not arguments.keywords and not arguments.positional and not self._may_spread(receiver, name, arguments):
            return
        candidates = self._candidates(name, arguments)
        # Only the SDK has methods of these names, so that the operation's need not be known.
        if candidates or name in _PAGINATING:
            self._report(UnresolvedReason.UNKNOWN_RECEIVER, receiver, name, candidates, span)

    def _may_spread(self, receiver: Value, name: str, arguments: Arguments) -> bool:
        """Tell whether `receiver.name(**parameters)` with parameters that are not seen may be an AWS call.

        Of what other libraries give, only a method with a name of several words is taken for one: `queue.publish(**kw)`
        says nothing, `table.update_item(**kw)` does.
        """
        return (
            arguments.open
            and ("_" in name or not isinstance(receiver, Foreign))
            and bool(sdk.services_with_method(name))
        )

    def call_on_client(self, client: Client, name: str, arguments: Arguments, span: ir.Span) -> Value:
        """Report a method call on a client of an unknown service."""
        candidates = self._candidates(name, arguments)
        if candidates or arguments.keywords:
            self._report(UnresolvedReason.UNKNOWN_RECEIVER, client, name, candidates, span)
        return unknown(f"the response of {name}")

    def _report(
        self, reason: UnresolvedReason, receiver: Value, name: str, candidates: tuple[str, ...], span: ir.Span
    ) -> None:
        shown = "a client of an unknown service" if isinstance(receiver, Client) else strings.describe(receiver)
        detail = f"{name}() on {shown}"
        if len(candidates) > _MOST_CANDIDATES:
            detail += f" ({len(candidates)} operations fit)"
        report = Unresolved(reason, self._machine.location(span), detail, candidates[:_MOST_CANDIDATES])
        self._reports[report] = candidates
        self._machine.record_unresolved_at(report)

    def _candidates(self, name: str, arguments: Arguments) -> tuple[str, ...]:
        """Return the `service.Operation` names that a call may be, sorted."""
        argument = _PAGINATING.get(name) or _PRESIGNING.get(name)
        if argument is not None:
            named = arguments.take(0, argument)
            method = named.value if isinstance(named, Known) else None
            if not isinstance(method, str) or name == "get_waiter":
                return ()
            return tuple(
                f"{service}.{operation}"
                for service in sdk.services_with_method(method)
                for operation in [self._operation(service, method)]
                if operation
            )
        found: set[str] = set()
        given = set(arguments.keywords)
        for service in sdk.services_with_method(name):
            loaded = sdk.load_service(service)
            if loaded is None:
                continue
            operation = loaded.operations[loaded.methods[name]]
            complete = arguments.open or set(operation.required) <= given
            if given <= set(operation.members) and complete:
                found.add(f"{service}.{operation.name}")
        if given:
            found.update(self._resource_candidates(name, given, is_open=arguments.open))
        return tuple(sorted(found))

    def _operation(self, service: str, method: str) -> str | None:
        loaded = sdk.load_service(service)
        return None if loaded is None else loaded.methods.get(method)

    def _resource_candidates(self, name: str, given: set[str], *, is_open: bool) -> set[str]:
        found: set[str] = set()
        for service, type_name in sdk.resource_types_with_action(name):
            model, loaded = sdk.load_resources(service), sdk.load_service(service)
            if model is None or loaded is None:
                continue
            kind = model.types.get(type_name, model.service_resource)
            action = kind.actions.get(name)
            if action is None:
                continue
            operation = loaded.operations[action.operation]
            filled = {source.target.split(".")[0].removesuffix("[]") for source in action.parameters}
            complete = is_open or set(operation.required) <= given | filled
            if given <= set(operation.members) - filled and complete:
                found.add(f"{service}.{operation.name}")
        return found
