"""What calling known libraries does, by the rules in rules/libraries/."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analyzer.flow import export
from analyzer.flow.calling import Arguments
from analyzer.flow.library_arguments import Bound, LibraryArguments, Outcome
from analyzer.flow.library_object import LibraryObject
from analyzer.flow.library_requests import LibraryRequests
from analyzer.flow.values import Client, Foreign, Instance, Value, unknown
from analyzer.model import ir
from analyzer.model.calls import UnresolvedReason, Via
from analyzer.rules.libraries import library_names, library_rules
from analyzer.rules.library_records import ANY_OBJECT, SAME, LibraryCall, LibraryEntry, LibraryRules

if TYPE_CHECKING:
    from analyzer.flow.machine import Machine

_LONGEST_PATH = 120
_CONSTRUCTOR = ".__init__"


@dataclass(frozen=True, slots=True)
class _Known:
    """A name of a known library as its rules write it."""

    name: str
    rules: LibraryRules

    @property
    def entry(self) -> LibraryEntry | None:
        return self.rules.entries.get(self.name)

    def is_below(self, prefixes: tuple[str, ...]) -> bool:
        return any(self.name == prefix or self.name.startswith(f"{prefix}.") for prefix in prefixes)


class LibraryCalls:
    """Carries out what the rules say of names from outside the program."""

    def __init__(self, machine: Machine) -> None:
        """Take the machine that calls are recorded on."""
        self._machine = machine
        self._arguments = LibraryArguments(machine)
        self._requests = LibraryRequests(machine, self._arguments)
        self._found: dict[str, _Known | None] = {}
        self._owners: dict[str, frozenset[str]] = {}

    # Names

    def describes(self, path: str) -> bool:
        """Tell whether the rules say what calling a name does."""
        known = self._known(path)
        return known is not None and known.entry is not None

    def wraps(self, path: str) -> bool:
        """Tell whether the decorators of an object call what they decorate, and register it nowhere."""
        known = self._known(path)
        return known is not None and known.name in known.rules.wraps

    def instance_of(self, path: str) -> Value | None:
        """Return an object of a library's class that nothing more is known of, None if no rules describe its use."""
        known = self._known(path)
        if known is None or self._owners_in(known.rules).isdisjoint((known.name, ANY_OBJECT)):
            return None
        given = () if known.entry is None else tuple((one.name, unknown(one.name)) for one in known.entry.arguments)
        return LibraryObject(f"{path}()", given=given)

    def inherited(self, base: str, name: str, receiver: Value) -> LibraryObject | None:
        """Return what a class or instance of the program inherits from a known library's class, None from others."""
        path = f"{base}.{name}"
        return None if self._known(path) is None else LibraryObject(path, receiver=receiver)

    def _known(self, path: str) -> _Known | None:
        if path not in self._found:
            self._found[path] = self._look_up(path)
        return self._found[path]

    def _look_up(self, path: str) -> _Known | None:
        name = path.replace("()", "").replace("[]", "")
        rules = _rules_for(name)
        # An alias may lead to another library, which has aliases of its own.
        for _ in range(2):
            aliases = () if rules is None else rules.aliases
            alias = max((one for one in aliases if f"{name}.".startswith(f"{one}.")), key=len, default=None)
            # A function may be called like the module it is in.
            if rules is None or alias is None or name in rules.entries:
                break
            name = rules.aliases[alias] + name[len(alias) :]
            rules = _rules_for(name)
        if rules is None:
            return None
        known = _Known(name, rules)
        method = f"{ANY_OBJECT}.{name.rpartition('.')[2]}"
        is_method = known.entry is None and "()" in path and method in rules.entries
        return _Known(method, rules) if is_method else known

    def _owners_in(self, rules: LibraryRules) -> frozenset[str]:
        """Return the names that have methods described, and classes that are only handed on."""
        if rules.name not in self._owners:
            owners = {name.rpartition(".")[0] for name in rules.entries}
            owners.update(name for name, entry in rules.entries.items() if not entry.calls)
            self._owners[rules.name] = frozenset(owners)
        return self._owners[rules.name]

    # Calls

    def call(self, function: Foreign, arguments: Arguments, span: ir.Span) -> Value | None:
        """Record what calling a name does and return its result; None if no rules describe it."""
        known = self._known(function.path)
        if known is None:
            return None
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
                if call.kind != "method":
                    named[f"{call.owner}.{call.name}"] = None
        for path, candidates in unseen.items():
            detail = f"what {known.name}() does depends on its `{path}`, which cannot be seen"
            self._machine.record_unresolved(
                UnresolvedReason.UNKNOWN_PARAMETERS, span, detail, tuple(sorted(candidates))
            )
        self._machine.calling.call_back_all(arguments, span)
        return self._result(known, entry, function, arguments, bound)

    def _call_undescribed(self, known: _Known, function: Foreign, arguments: Arguments, span: ir.Span) -> Value | None:
        if known.is_below(known.rules.no_calls):
            self._machine.calling.call_back_all(arguments, span)
            return Foreign(_called(function.path))
        # What a function of the library returned is data as far as the rules do not say otherwise.
        if "()" not in function.path and known.is_below(known.rules.reported):
            detail = f"{known.rules.file} does not say what {known.name}() calls"
            self._machine.record_unresolved(UnresolvedReason.UNKNOWN_METHOD, span, detail)
        return None

    def _construct(self, known: _Known, function: Foreign, arguments: Arguments) -> Value | None:
        """Keep what `super().__init__(...)` of a library's class is given as attributes of the instance."""
        entry = known.rules.entries.get(known.name.removesuffix(_CONSTRUCTOR))
        receiver = function.receiver if isinstance(function, LibraryObject) else None
        if entry is None or not isinstance(receiver, Instance):
            return None
        for name, value in self._arguments.bind(entry, function, arguments).values.items():
            self._machine.objects.set_attribute(receiver, name, value)
        return unknown("a constructor's result")

    def _result(
        self, known: _Known, entry: LibraryEntry, function: Foreign, arguments: Arguments, bound: Bound
    ) -> Value:
        called = _called(function.path)
        receiver = function.receiver if isinstance(function, LibraryObject) else None
        if entry.returns == SAME:
            return LibraryObject(f"{known.name.rpartition('.')[0]}()", receiver=receiver)
        if entry.returns and self._arguments.judge(entry.returns_guards, bound)[0] is Outcome.HOLDS:
            cls = self._known(entry.returns)
            constructor = None if cls is None else cls.entry
            named = Arguments(keywords=arguments.keywords, open=arguments.open)
            made = bound if constructor is None else self._arguments.bind(constructor, Foreign(entry.returns), named)
            return LibraryObject(f"{entry.returns}()", given=made.kept(), receiver=receiver)
        if known.name in self._owners_in(known.rules):
            return LibraryObject(called, function.local, bound.kept(), receiver)
        return Foreign(called, function.local)

    def _perform(self, call: LibraryCall, bound: Bound, span: ir.Span) -> tuple[str, ...]:
        """Record a call for each resource that the arguments name; return the arguments it depends on unseen."""
        unseen: dict[str, None] = {}
        performed = False
        for one in self._requests.expanded(call, bound):
            outcome, paths = self._arguments.judge(call.guards, one, bound)
            if outcome is Outcome.HOLDS:
                self._record(call, one, span)
                performed = True
            elif outcome is Outcome.UNSEEN:
                unseen.update(dict.fromkeys(paths))
        return () if performed else tuple(unseen)

    def _record(self, call: LibraryCall, bound: Bound, span: ir.Span) -> None:
        machine = self._machine
        parameters = self._requests.parameters(call, bound)
        if call.kind == "method":
            target = self._arguments.value(bound, call.owner)
            if target is not None:
                named = {str(name): value for name, value in parameters}
                machine.calling.call_method(target, call.name, Arguments(keywords=named, open=True), span)
            return
        region = self._requests.region(call, bound)
        if call.kind == "operation":
            machine.sdk.request(Client(call.owner, region), call.name, parameters, Via.LIBRARY, span)
        else:
            exported = export.mapping(parameters, machine.state)
            machine.record_call(call.owner, call.name, exported, Via.LIBRARY, span, region=region)


def _rules_for(name: str) -> LibraryRules | None:
    package = name.partition(".")[0]
    return library_rules(package) if package in library_names() else None


def _called(path: str) -> str:
    return f"{path}()" if len(path) < _LONGEST_PATH else path
