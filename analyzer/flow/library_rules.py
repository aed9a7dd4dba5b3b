"""Which names from outside the program have rules in rules/libraries/, and what they say of them.

What carries out the rules is only loaded for programs that use such a name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from analyzer.flow import strings
from analyzer.flow.identities import sole_identity
from analyzer.flow.library_object import LibraryObject
from analyzer.flow.values import Foreign, Value, alternatives, unknown
from analyzer.model import ir
from analyzer.model.calls import UnresolvedReason
from analyzer.model.values import Known, Text
from analyzer.rules.folder import rule_names

if TYPE_CHECKING:
    from analyzer.flow.calling import Arguments
    from analyzer.flow.library_calls import LibraryCalls
    from analyzer.flow.machine import Machine
    from analyzer.rules.library_records import LibraryEntry, LibraryRules

# The owner of a method that every object made by a library has, as the rules write it.
_ANY_OBJECT = "*"


class KnownName(NamedTuple):
    """A name of a known library as its rules write it."""

    name: str
    rules: LibraryRules

    @property
    def entry(self) -> LibraryEntry | None:
        """What calling the name does, None if the rules do not say."""
        return self.rules.entries.get(self.name)

    def is_below(self, prefixes: tuple[str, ...]) -> bool:
        """Tell whether the name is one of `prefixes` or below one."""
        return any(self.name == prefix or self.name.startswith(f"{prefix}.") for prefix in prefixes)


class LibraryNames:
    """Looks up names from outside the program in the rules of libraries."""

    def __init__(self, machine: Machine) -> None:
        """Take the machine that calls are recorded on."""
        self._machine = machine
        self._calls: LibraryCalls | None = None
        self._found: dict[str, KnownName | None] = {}
        self._owners: dict[str, frozenset[str]] = {}

    def describes(self, path: str) -> bool:
        """Tell whether the rules say what calling a name does."""
        known = self.known(path)
        return known is not None and known.entry is not None

    def wraps(self, path: str) -> bool:
        """Tell whether the decorators of an object call what they decorate, and register it nowhere."""
        known = self.known(path)
        return known is not None and known.name in known.rules.wraps

    def instance_of(self, path: str) -> Value | None:
        """Return an object of a library's class that nothing more is known of, None if no rules describe its use."""
        known = self.known(path)
        if known is None or not (self.is_used(known) or _ANY_OBJECT in self._owners_in(known.rules)):
            return None
        given = () if known.entry is None else tuple((one.name, unknown(one.name)) for one in known.entry.arguments)
        return LibraryObject(f"{path}()", given=given)

    def inherited(self, base: str, name: str, receiver: Value) -> LibraryObject | None:
        """Return what a class or instance of the program inherits from a known library's class, None from others."""
        path = f"{base}.{name}"
        return None if self.known(path) is None else LibraryObject(path, receiver=receiver)

    def call(self, function: Foreign, arguments: Arguments, span: ir.Span) -> Value | None:
        """Record what calling a name does and return its result; None if no rules describe it."""
        known = self.known(function.path)
        if known is None:
            return None
        called = f"{known.name}.__call__"
        if function.path.endswith("()") and called in known.rules.entries:
            known = KnownName(called, known.rules)
        if self._calls is None:
            from analyzer.flow.library_calls import LibraryCalls

            self._calls = LibraryCalls(self._machine, self)
        return self._calls.call(known, function, arguments, span)

    def report_signers(self, values: list[Value], owner: str, span: ir.Span) -> None:
        """Report signers of requests among values that go to `owner`, of which no rules say what it sends."""
        for value in (member for given in values for member in alternatives(given)):
            if not isinstance(value, LibraryObject) or value.path.removesuffix("()").endswith(")"):
                continue
            known = self.known(value.path)
            if (
                known is None
                or known.name not in known.rules.signers
                or sole_identity(self._machine, [value]) is not None
            ):
                continue
            service = dict(value.given).get("service")
            named = f" for {service.value}" if isinstance(service, Known) and isinstance(service.value, str) else ""
            detail = f"{owner} may send requests that are signed{named} with the role's credentials"
            self._machine.record_unresolved(UnresolvedReason.UNKNOWN_ACTION, span, detail)

    def report_unknown(self, name: str, arguments: Arguments, span: ir.Span) -> bool:
        """Report a method call on an unknown object that goes to S3 if a library made the object; tell whether it may.

        Only what is given an S3 URL is, as `frame.to_csv("s3://bucket/key")`.
        """
        if not any(_is_url(value) for given in arguments.values() for value in alternatives(given)):
            return False
        entries = [
            entry
            for package in sorted(rule_names("libraries"))
            if (rules := _rules_for(package)) is not None
            and (entry := rules.entries.get(f"{_ANY_OBJECT}.{name}")) is not None
        ]
        candidates = sorted({f"{call.owner}.{call.name}" for entry in entries for call in entry.calls})
        if candidates:
            detail = f"{name}() with an S3 URL, on an object that is not known"
            self._machine.record_unresolved(UnresolvedReason.UNKNOWN_RECEIVER, span, detail, tuple(candidates))
        return bool(candidates)

    def known(self, path: str) -> KnownName | None:
        """Return a name as the rules of its library write it, None if there are no rules of that library."""
        if path not in self._found:
            self._found[path] = self._look_up(path)
        return self._found[path]

    def _look_up(self, path: str) -> KnownName | None:
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
        known = KnownName(name, rules)
        method = f"{_ANY_OBJECT}.{name.rpartition('.')[2]}"
        is_method = known.entry is None and "()" in path and method in rules.entries
        return KnownName(method, rules) if is_method else known

    def is_used(self, known: KnownName) -> bool:
        """Tell whether objects of a class have methods that are described, or are only handed on."""
        return known.name in self._owners_in(known.rules)

    def _owners_in(self, rules: LibraryRules) -> frozenset[str]:
        """Return the names that have methods described, and classes that are only handed on."""
        if rules.name not in self._owners:
            owners = {name.rpartition(".")[0] for name in rules.entries}
            owners.update(name for name, entry in rules.entries.items() if not entry.calls)
            self._owners[rules.name] = frozenset(owners)
        return self._owners[rules.name]


def _is_url(value: Value) -> bool:
    if not isinstance(value, Known | Text):
        return False
    first = strings.parts_of(value)[0]
    return isinstance(first, str) and first.startswith("s3://")


def _rules_for(name: str) -> LibraryRules | None:
    package = name.partition(".")[0]
    if package not in rule_names("libraries"):
        return None
    from analyzer.rules.libraries import library_rules

    return library_rules(package)
