"""The arguments of a call to a known library: bound to its signature, and tested by the conditions of its rules."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

from analyzer.flow import strings
from analyzer.flow.calling import Arguments
from analyzer.flow.library_object import LibraryObject, kept
from analyzer.flow.values import (
    ABSENT,
    NONE,
    ClassObject,
    DictObject,
    Foreign,
    Instance,
    ListObject,
    Value,
    alternatives,
    join,
    join_all,
    unknown,
)
from analyzer.model.values import EventPart, Known, Opaque, Text
from analyzer.rules import ITEMS, KEYS, Guard, parse_path
from analyzer.rules.library_records import EVENT, OWNER, RECEIVER, LibraryEntry

if TYPE_CHECKING:
    from analyzer.flow.machine import Machine

# What the unknown parts of a text are taken for when it is matched: a word, a path, and a name with an extension.
_SAMPLES = ("x", "x/y", "x.y")
_NOWHERE = (1, 1, 1, 1)


class Outcome(Enum):
    """Whether conditions on arguments hold; `UNSEEN`: it depends on what cannot be seen."""

    HOLDS = "holds"
    FAILS = "fails"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class Bound:
    """Arguments by the names of the signature.

    `hidden` are the names that may have been given where it cannot be seen; their value is the default. `exact` are
    the names whose value is one item of a list that was given.
    """

    values: dict[str, Value]
    hidden: frozenset[str] = field(default_factory=frozenset)
    receiver: Value | None = None
    exact: frozenset[str] = field(default_factory=frozenset)

    def kept(self) -> tuple[tuple[str, Value], ...]:
        """Return the arguments as an object made with them keeps them."""
        return kept(self.values)

    def hides(self, path: str) -> bool:
        """Tell whether a path leads into an argument that may have been given where it cannot be seen."""
        return (parse_path(path) or ("",))[0] in self.hidden


class LibraryArguments:
    """Reads the arguments of calls to known libraries."""

    def __init__(self, machine: Machine) -> None:
        """Take the machine whose values they are."""
        self._machine = machine

    def bind(self, entry: LibraryEntry, function: Foreign, arguments: Arguments) -> Bound:
        """Return the arguments of a call, and those that the object it is made on was made with."""
        origin = function if isinstance(function, LibraryObject) else LibraryObject(function.path)
        values = dict(origin.given)
        positional, keywords = list(arguments.positional), dict(arguments.keywords)
        objects = self._machine.objects
        hidden = set()
        for argument in entry.arguments:
            values.pop(argument.name, None)
            value: Value | None = None
            if argument.kind == "args":
                value, positional = objects.new_list("tuple", positional, arguments.rest), []
            elif argument.kind == "kwargs":
                value = objects.new_dict(keywords, rest=unknown("a further keyword") if arguments.open else None)
            elif argument.kind == "normal" and positional:
                value = positional.pop(0)
            elif argument.name in keywords:
                value = keywords.pop(argument.name)
            elif argument.kind == "normal":
                value = arguments.rest
            if value is None and arguments.open:
                hidden.add(argument.name)
            if value is None and argument.default is not None:
                value = Known(argument.default)
            if value is not None:
                values[argument.name] = value
        return Bound(values, frozenset(hidden), origin.receiver or replace(origin, path=origin.path.rpartition(".")[0]))

    # Paths

    def value(self, bound: Bound, path: str) -> Value | None:
        """Return what a path leads to, None if nothing is there."""
        root, *steps = parse_path(path) or ("",)
        value = self._root(bound, root)
        for step in steps:
            value = None if value is None else self._below(value, step)
        return value

    def _root(self, bound: Bound, name: str) -> Value | None:
        if name == RECEIVER:
            return bound.receiver
        if name == EVENT:
            return Opaque(EventPart(""))
        if name == OWNER:
            return None if bound.receiver is None else self._owner(bound.receiver)
        if name in bound.values:
            return bound.values[name]
        if isinstance(bound.receiver, Instance):
            found = self._machine.state.read(bound.receiver.cells, name)
            return None if found is ABSENT else found
        return None

    def _owner(self, receiver: Value) -> Value | None:
        for cls in self._machine.classes.made:
            if any(receiver in alternatives(value) for value in cls.cells.values()):
                return cls
        return None

    def _below(self, value: Value, step: str) -> Value | None:
        found = [self._below_one(member, step) for member in alternatives(value) if member != NONE]
        return join_all([one for one in found if one is not None])

    def _below_one(self, value: Value, step: str) -> Value | None:
        machine = self._machine
        if isinstance(value, Opaque) and isinstance(value.origin, EventPart) and step != KEYS:
            return strings.below(value, step if step == ITEMS else f".{step}")
        if step in (ITEMS, KEYS):
            if isinstance(value, ListObject | DictObject):
                return self.items(value, step)
            return join(unknown("an item"), NONE) if isinstance(value, Opaque | Foreign) else None
        if isinstance(value, LibraryObject):
            return dict(value.given).get(step)
        if isinstance(value, DictObject):
            return machine.objects.entry(value, Known(step))
        if isinstance(value, Instance | ClassObject):
            return machine.objects.attribute(value, step, _NOWHERE)
        # A value of another library's is no object of this one; one that nothing is known of may be.
        return unknown(step) if isinstance(value, Opaque) or (isinstance(value, Foreign) and value.local) else None

    def items(self, value: ListObject | DictObject, step: str) -> Value | None:
        """Return what the items of a list or mapping may be, or a list of the keys of a mapping."""
        stored = self._machine.state.items(value.cells)
        if step == ITEMS:
            return join_all([item for _, item in stored])
        if not isinstance(value, DictObject):
            return value
        keys: list[Value] = [
            key if isinstance(key, Text | Opaque) else Known(key)
            for key, _ in stored
            if isinstance(key, str | Text | Opaque)
        ]
        rest = unknown("a key") if len(keys) < len(stored) else None
        return self._machine.objects.new_list("list", keys, rest)

    # Conditions

    def judge(
        self, guards: tuple[Guard, ...], bound: Bound, whole: Bound | None = None
    ) -> tuple[Outcome, tuple[str, ...]]:
        """Say whether all conditions hold, and which paths it depends on where that cannot be seen.

        `whole` are the arguments before a list among them was taken apart; conditions on its items are for them.
        """
        unseen = []
        for guard in guards:
            outcome = self._judge(guard, whole if whole is not None and guard.path.endswith((ITEMS, ")")) else bound)
            if outcome is Outcome.FAILS:
                return outcome, ()
            if outcome is Outcome.UNSEEN:
                unseen.append(guard.path)
        return (Outcome.UNSEEN if unseen else Outcome.HOLDS), tuple(unseen)

    def _judge(self, guard: Guard, bound: Bound) -> Outcome:
        outcome = self._judge_seen(guard, bound)
        may_differ = outcome is Outcome.FAILS and bound.hides(guard.path)
        return Outcome.UNSEEN if may_differ and guard.test != "absent" else outcome

    def _judge_seen(self, guard: Guard, bound: Bound) -> Outcome:
        value = self.value(bound, guard.path)
        given = [] if value is None else [member for member in alternatives(value) if member != NONE]
        if guard.test == "absent":
            missing = value is None or value is ABSENT or len(given) < len(_members(value))
            return Outcome.HOLDS if missing else Outcome.FAILS
        if not given:
            return Outcome.FAILS
        outcomes = {_passes(guard, member) for member in given}
        if Outcome.HOLDS in outcomes:
            return Outcome.HOLDS
        return Outcome.UNSEEN if Outcome.UNSEEN in outcomes else Outcome.FAILS


def _members(value: Value | None) -> tuple[Value, ...]:
    return () if value is None else getattr(value, "values", (value,))


def _passes(guard: Guard, value: Value) -> Outcome:
    if guard.test in ("surely", "seen"):
        return _begins(guard, value)
    if guard.test == "matches":
        texts = _possible_texts(value)
        holds = texts is None or any(re.match(str(pattern), text) for pattern in guard.values for text in texts)
    elif guard.test == "present" or not isinstance(value, Known):
        return Outcome.HOLDS
    else:
        # A set would not tell 1 from True.
        same = any(value.value == wanted and isinstance(value.value, type(wanted)) for wanted in guard.values)
        holds = same == (guard.test == "equals")
    return Outcome.HOLDS if holds else Outcome.FAILS


def _possible_texts(value: Value) -> list[str] | None:
    """Return texts that stand for all that a value may be, None if it may be anything."""
    if isinstance(value, Known):
        return [str(value.value)]
    if not isinstance(value, Text) or not any(isinstance(part, str) for part in value.parts):
        return None
    return ["".join(part if isinstance(part, str) else sample for part in value.parts) for sample in _SAMPLES]


def _begins(guard: Guard, value: Value) -> Outcome:
    """Judge whether a value is seen to begin with a match; a text that begins with what is not known may."""
    if isinstance(value, Known | Text):
        first = strings.parts_of(value)[0]
        if not isinstance(first, str):
            return Outcome.UNSEEN
        return Outcome.HOLDS if any(re.match(str(pattern), first) for pattern in guard.values) else Outcome.FAILS
    may_be = isinstance(value, Opaque) or (isinstance(value, Foreign) and value.local)
    return Outcome.UNSEEN if may_be and guard.test == "surely" else Outcome.FAILS
