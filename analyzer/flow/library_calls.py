"""Carries out what the rules of libraries say: records the calls, and returns what a library's function returns."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from analyzer.flow import export
from analyzer.flow.calling import Arguments
from analyzer.flow.identities import sole_identity
from analyzer.flow.library_arguments import Bound, LibraryArguments, Outcome
from analyzer.flow.library_object import LibraryObject, kept
from analyzer.flow.library_requests import LibraryRequests
from analyzer.flow.values import Client, Foreign, Instance, Value, unknown
from analyzer.model import ir
from analyzer.model.calls import UnresolvedReason, Via
from analyzer.model.values import Opaque
from analyzer.rules.library_records import SAME, LibraryCall, LibraryEntry

if TYPE_CHECKING:
    from analyzer.flow.library_rules import KnownName, LibraryNames
    from analyzer.flow.machine import Machine

_LONGEST_PATH = 120
_CONSTRUCTOR = ".__init__"


class LibraryCalls:
    """Calls names of known libraries."""

    def __init__(self, machine: Machine, names: LibraryNames) -> None:
        """Take the machine that calls are recorded on, and what knows the names."""
        self._machine = machine
        self._names = names
        self._arguments = LibraryArguments(machine)
        self._requests = LibraryRequests(machine, self._arguments)

    def call(self, known: KnownName, function: Foreign, arguments: Arguments, span: ir.Span) -> Value | None:
        """Record what calling a name does and return its result; None if the rules do not describe it."""
        if known.name.endswith(_CONSTRUCTOR):
            return self._construct(known, function, arguments)
        entry = known.entry
        if entry is None:
            return self._call_undescribed(known, function, arguments, span)
        bound = self._arguments.bind(entry, function, arguments)
        unseen: dict[str, dict[str, None]] = {}
        for call in entry.calls:
            for path in self._perform(call, bound, span):
                named = unseen.setdefault(path, {})
                if call.kind in ("operation", "action"):
                    named[f"{call.owner}.{call.name}"] = None
        for path, candidates in unseen.items():
            detail = f"what {known.name}() does depends on its `{path}`, which cannot be seen"
            self._machine.record_unresolved(
                UnresolvedReason.UNKNOWN_PARAMETERS, span, detail, tuple(sorted(candidates))
            )
        self._machine.calling.call_back_all(self._left(entry, bound, arguments), span)
        return self._result(known, entry, function, arguments, bound)

    def _left(self, entry: LibraryEntry, bound: Bound, arguments: Arguments) -> Arguments:
        """Return the arguments without the functions that the rules say the calls of."""
        called = [self._arguments.value(bound, call.owner) for call in entry.calls if call.kind == "function"]
        if not called:
            return arguments
        return replace(
            arguments,
            positional=[value for value in arguments.positional if value not in called],
            keywords={name: value for name, value in arguments.keywords.items() if value not in called},
        )

    def _call_undescribed(
        self, known: KnownName, function: Foreign, arguments: Arguments, span: ir.Span
    ) -> Value | None:
        data = arguments.positional[0] if arguments.positional else None
        if isinstance(data, Opaque) and known.is_below(known.rules.views):
            return data
        if known.is_below(known.rules.no_calls):
            self._machine.calling.call_back_all(arguments, span)
            return Foreign(_called(function.path))
        # What a function of the library returned is data as far as the rules do not say otherwise.
        if "()" not in function.path and known.is_below(known.rules.reported):
            detail = f"{known.rules.file} does not say what {known.name}() calls"
            self._machine.record_unresolved(UnresolvedReason.UNKNOWN_METHOD, span, detail)
        return None

    def _construct(self, known: KnownName, function: Foreign, arguments: Arguments) -> Value | None:
        """Keep what `super().__init__(...)` of a library's class is given as attributes of the instance."""
        entry = known.rules.entries.get(known.name.removesuffix(_CONSTRUCTOR))
        receiver = function.receiver if isinstance(function, LibraryObject) else None
        if entry is None or not isinstance(receiver, Instance):
            return None
        for name, value in self._arguments.bind(entry, function, arguments).values.items():
            self._machine.objects.set_attribute(receiver, name, value)
        return unknown("a constructor's result")

    def _result(
        self, known: KnownName, entry: LibraryEntry, function: Foreign, arguments: Arguments, bound: Bound
    ) -> Value:
        called = _called(function.path)
        receiver = function.receiver if isinstance(function, LibraryObject) else None
        if entry.returns == SAME:
            return LibraryObject(f"{known.name.rpartition('.')[0]}()", receiver=receiver)
        if entry.returns and self._arguments.judge(entry.returns_guards, bound)[0] is Outcome.HOLDS:
            cls = self._names.known(entry.returns)
            constructor = None if cls is None else cls.entry
            named = Arguments(keywords=arguments.keywords, open=arguments.open)
            made = bound if constructor is None else self._arguments.bind(constructor, Foreign(entry.returns), named)
            return LibraryObject(f"{entry.returns}()", given=made.kept(), receiver=receiver)
        if self._names.is_used(known):
            renamed = {name: bound.values[path] for name, path in entry.attributes if path in bound.values}
            return LibraryObject(called, function.local, (*bound.kept(), *kept(renamed)), receiver)
        return Foreign(called, function.local)

    def _perform(self, call: LibraryCall, bound: Bound, span: ir.Span) -> tuple[str, ...]:
        """Record a call for each resource that the arguments name; return the arguments it depends on unseen."""
        unseen: dict[str, None] = {}
        for one in self._requests.expanded(call, bound):
            outcome, paths = self._arguments.judge(call.guards, one, bound)
            if outcome is Outcome.HOLDS:
                self._record(call, one, span)
            elif outcome is Outcome.UNSEEN:
                unseen.update(dict.fromkeys(paths))
        return tuple(unseen)

    def _record(self, call: LibraryCall, bound: Bound, span: ir.Span) -> None:
        machine = self._machine
        parameters = self._requests.parameters(call, bound)
        if call.kind == "unknown":
            if sole_identity(machine, list(bound.values.values())) is None:
                machine.record_unresolved(UnresolvedReason.UNKNOWN_ACTION, span, call.name)
            return
        if call.kind == "method":
            target = self._arguments.value(bound, call.owner)
            if target is not None:
                named = {str(name): value for name, value in parameters}
                machine.calling.call_method(target, call.name, Arguments(keywords=named, open=True), span)
            return
        if call.kind == "function":
            function = self._arguments.value(bound, call.owner)
            if function is not None:
                # They are in the order of the positions.
                machine.calling.call(function, Arguments([value for _, value in parameters]), span)
            return
        owner = sole_identity(machine, list(bound.values.values()))
        client = Client(call.owner, self._requests.region(call, bound), owner)
        if call.kind == "operation":
            machine.sdk.request(client, call.name, parameters, Via.LIBRARY, span)
        else:
            machine.record_call(client, call.name, export.mapping(parameters, machine.state), Via.LIBRARY, span)


def _called(path: str) -> str:
    return f"{path}()" if len(path) < _LONGEST_PATH else path
