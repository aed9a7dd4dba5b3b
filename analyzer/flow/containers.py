"""Lists, tuples, sets, dicts and everything else that has items or can be iterated."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING

from analyzer.flow import strings
from analyzer.flow.calling import Arguments
from analyzer.flow.library_object import LibraryObject
from analyzer.flow.truth import truth
from analyzer.flow.values import (
    ABSENT,
    NONE,
    REST,
    ClassObject,
    CollectionValue,
    Credentials,
    DictObject,
    Foreign,
    Instance,
    ListObject,
    PageIterator,
    SdkResult,
    Value,
    alternatives,
    join,
    join_all,
    may_lack,
    unknown,
)
from analyzer.model import ir
from analyzer.model.values import Known, Opaque, Text

if TYPE_CHECKING:
    from analyzer.flow.machine import Machine

_MOST_ITEMS = 2_000


class Containers:
    """Makes, reads and changes containers, and iterates over values."""

    def __init__(self, machine: Machine) -> None:
        """Take the machine whose state is worked on."""
        self._machine = machine
        self._state = machine.state

    # Making

    def new_list(self, kind: str, items: Sequence[Value], rest: Value | None) -> ListObject:
        """Return a new list, tuple, set or iterator of known items and, at unknown positions, `rest`."""
        cells = self._state.new_cells()
        if len(items) > _MOST_ITEMS:
            joined = join_all(list(items[_MOST_ITEMS:]))
            rest = joined if rest is None or joined is None else join(rest, joined)
            items = items[:_MOST_ITEMS]
        for position, item in enumerate(items):
            cells[position] = item
        if rest is not None:
            cells[REST] = rest
        return ListObject(kind, cells)

    def new_dict(self, entries: Mapping[str, Value] | None = None, rest: Value | None = None) -> DictObject:
        """Return a new dict with constant keys and, under unknown keys, `rest`."""
        cells = self._state.new_cells()
        for key, value in (entries or {}).items():
            cells[key] = value
        if rest is not None:
            cells[REST] = rest
        return DictObject(cells)

    def copy_list(self, value: Value, kind: str) -> ListObject:
        """Return a new list of the items of any iterable value."""
        items = self.fixed_items(value)
        if items is not None:
            return self.new_list(kind, items, None)
        return self.new_list(kind, [], self.element(value, (1, 1, 1, 1)))

    def copy_dict(self, value: DictObject) -> DictObject:
        """Return a new dict of the same entries."""
        result = self.new_dict()
        for key, item in self._state.items(value.cells):
            result.cells[key] = item
        return result

    # Changing

    def append(self, container: ListObject, value: Value) -> None:
        """Add an item at the end."""
        cells = container.cells
        if self._state.read(cells, REST) is not ABSENT or self._in_loop_around(container):
            self._state.add(cells, REST, value)
        else:
            self._state.write(cells, len(self._state.items(cells)), value)

    def _in_loop_around(self, container: ListObject) -> bool:
        # A loop that runs to a fixpoint appends any number of times to what was made before it.
        for frame in reversed(self._machine.frames):
            for loop in reversed(frame.loops):
                if not loop.unrolled:
                    return container.cells.birth <= loop.born
        return False

    def extend(self, container: ListObject, other: Value) -> None:
        """Add the items of an iterable value at the end."""
        items = self.fixed_items(other)
        if items is None:
            self._state.add(container.cells, REST, self.element(other, (1, 1, 1, 1)))
            return
        for item in items:
            self.append(container, item)

    def update(self, target: DictObject, other: Value) -> None:
        """Carry out `target.update(other)`."""
        members = alternatives(other)
        for member in members:
            if isinstance(member, DictObject):
                for key, value in self._state.items(member.cells):
                    certain = len(members) == 1 and not may_lack(value)
                    if key is REST or not certain:
                        self._state.add(target.cells, key, value if certain or key is REST else join(value, ABSENT))
                    else:
                        self._state.write(target.cells, key, value)
            else:
                self._state.add(target.cells, REST, strings.below(member, "[]") or unknown("an entry"))

    def set_item(self, receiver: Value, index: Value, value: Value) -> None:
        """Carry out `receiver[index] = value`."""
        members = alternatives(receiver)
        for member in members:
            keys = alternatives(index)
            for key in keys:
                certain = len(members) == 1 and len(keys) == 1
                if isinstance(member, DictObject):
                    self._set_entry(member, key, value, certain=certain)
                elif isinstance(member, ListObject):
                    position = key.value if isinstance(key, Known) else None
                    known = isinstance(position, int) and position in member.cells and certain
                    if known:
                        self._state.write(member.cells, position, value)
                    else:
                        self._state.add(member.cells, REST, value)
                elif isinstance(member, Instance):
                    method = self._machine.objects.own_method(member, "__setitem__")
                    if method is not None:
                        self._machine.calling.call(method, Arguments([key, value]), (1, 1, 1, 1))

    def _set_entry(self, target: DictObject, key: Value, value: Value, *, certain: bool) -> None:
        place = _key(key)
        if certain and strings.is_settled(key):
            self._state.write(target.cells, place, value)
        else:
            self._state.add(target.cells, place, value)

    def delete_item(self, receiver: Value, index: Value) -> None:
        """Carry out `del receiver[index]` for a settled key of a dict, and for what defines it."""
        if isinstance(receiver, DictObject) and strings.is_settled(index):
            self._state.write(receiver.cells, _key(index), ABSENT)
        else:
            self._machine.objects.operate("__delitem__", receiver, index)

    # Reading

    def item(self, receiver: Value, index: Value, span: ir.Span) -> Value:
        """Return `receiver[index]`."""
        outcomes = [
            self._item_of(member, key, span)
            for member in alternatives(receiver)
            for key in alternatives(index) or (unknown("an index"),)
        ]
        return join_all(outcomes) or unknown("an item of nothing")

    def _item_of(self, receiver: Value, key: Value, span: ir.Span) -> Value:
        if isinstance(receiver, DictObject):
            # Where the key is missing, nothing goes on.
            return join_all(list(alternatives(self.entry(receiver, key) or ABSENT))) or unknown("an entry")
        if isinstance(receiver, ListObject):
            if isinstance(key, Known) and isinstance(key.value, int):
                return self.unpacked(receiver, key.value)
            return self.element(receiver, span)
        if isinstance(receiver, Opaque | SdkResult):
            return strings.below(receiver, _step(key)) or unknown("an item")
        if isinstance(receiver, Foreign):
            return self._machine.library.foreign_item(receiver, key)
        if isinstance(receiver, ClassObject):
            return self._machine.classes.class_item(receiver, key)
        if isinstance(receiver, Credentials):
            return receiver
        if isinstance(receiver, Instance):
            method = self._machine.objects.own_method(receiver, "__getitem__")
            if method is not None:
                return self._machine.calling.call(method, Arguments([key]), span)
            if receiver.cls.flavor == "namedtuple" and isinstance(key, Known) and isinstance(key.value, int):
                return self.unpacked(receiver, key.value)
        if isinstance(receiver, Known) and isinstance(key, Known):
            try:
                return Known(receiver.value[key.value])  # type: ignore[index]
            except (TypeError, IndexError, KeyError):
                return unknown("an item")
        if isinstance(receiver, CollectionValue):
            return self.element(receiver, span)
        return unknown("an item")

    def entry(self, receiver: DictObject, key: Value) -> Value | None:
        """Return the value under a key of a dict, ABSENT among it where it may lack; None if there is none."""
        found = self._state.read(receiver.cells, _key(key)) if strings.is_settled(key) else ABSENT
        if found is not ABSENT and not may_lack(found):
            return found
        # What is stored under an unknown key may be what this one leads to.
        vague = [value for stored, value in self._state.items(receiver.cells) if _may_be(stored, key)]
        return join_all(vague if found is ABSENT else [found, *vague])

    def has_entry(self, receiver: DictObject, key: Value) -> bool:
        """Tell whether something was put under just this key of a dict."""
        return strings.is_settled(key) and _key(key) in receiver.cells

    def slice(self, receiver: Value, bounds: Sequence[Value | None]) -> Value:
        """Return `receiver[lower:upper:step]`."""
        constants = [
            bound.value if isinstance(bound, Known) and isinstance(bound.value, int) else None for bound in bounds
        ]
        exact = all(
            bound in (None, NONE) or isinstance(bound.value, int) for bound in bounds if isinstance(bound, Known | None)
        ) and not any(bound is not None and not isinstance(bound, Known) for bound in bounds)
        outcomes: list[Value] = []
        for member in alternatives(receiver):
            if isinstance(member, ListObject):
                items = self.fixed_items(member)
                if items is not None and exact:
                    outcomes.append(self.new_list(member.kind, items[slice(*constants)], None))
                else:
                    outcomes.append(self.copy_list(member, member.kind))
            elif isinstance(member, Known) and isinstance(member.value, str | bytes) and exact:
                outcomes.append(Known(member.value[slice(*constants)]))
            elif isinstance(member, Opaque | SdkResult | Foreign):
                outcomes.append(member)
            elif isinstance(member, Text) and exact and constants[2] is None:
                outcomes.append(_text_slice(member, constants[0], constants[1]))
            else:
                outcomes.append(unknown("a slice"))
        return join_all(outcomes) or unknown("a slice")

    def unpacked(self, value: Value, position: int) -> Value:
        """Return the item at a position, as unpacking or indexing gives it; negative positions count from the end."""
        outcomes: list[Value] = []
        for member in alternatives(value):
            if isinstance(member, ListObject):
                items = self.fixed_items(member)
                if items is not None and -len(items) <= position < len(items):
                    outcomes.append(items[position])
                    continue
                found = self._state.read(member.cells, position)
                rest = self._state.read(member.cells, REST)
                if found is ABSENT or position < 0:
                    outcomes.append(self.element(member, (1, 1, 1, 1)))
                else:
                    outcomes.append(found if rest is ABSENT else join(found, rest))
            elif isinstance(member, Opaque | SdkResult):
                outcomes.append(strings.below(member, "[]") or unknown("an item"))
            elif isinstance(member, Instance) and member.cls.flavor == "namedtuple":
                items = self.fixed_items(member) or []
                known = -len(items) <= position < len(items)
                outcomes.append(items[position] if known else unknown("an item"))
            else:
                outcomes.append(self.element(member, (1, 1, 1, 1)))
        return join_all([item for outcome in outcomes for item in alternatives(outcome)]) or unknown("an item")

    def fixed_items(self, value: Value) -> list[Value] | None:
        """Return the items of a value that surely has these items in this order, else None."""
        if isinstance(value, ListObject) and value.resumes is None:
            stored = self._state.items(value.cells)
            items: list[Value] = []
            for position in range(len(stored)):
                item = value.cells.get(position, ABSENT)
                if item is ABSENT or may_lack(item):
                    return None
                items.append(item)
            return items
        if isinstance(value, DictObject):
            stored = self._state.items(value.cells)
            if all(isinstance(key, str | int) and not may_lack(item) for key, item in stored):
                return [Known(key) for key, _ in stored if isinstance(key, str | int)]
        if isinstance(value, ClassObject) and value.flavor == "enum":
            return self._machine.classes.enum_members(value)
        if isinstance(value, Instance) and value.cls.flavor == "namedtuple":
            return [self._state.read(value.cells, name) for name in self._machine.classes.fields(value.cls)]
        return None

    def element(self, value: Value, span: ir.Span) -> Value:
        """Return what iterating over a value at a place yields; iterating some SDK values calls AWS there."""
        members = alternatives(value)
        # `found or []`: an alternative that holds nothing yields nothing.
        filled = [member for member in members if not self._is_empty(member)]
        outcomes = [self._element_of(member, span) for member in filled or members]
        return join_all(outcomes) or unknown("an item of nothing")

    def _is_empty(self, value: Value) -> bool:
        return isinstance(value, ListObject | DictObject) and not self._state.items(value.cells)

    def _element_of(self, value: Value, span: ir.Span) -> Value:
        if isinstance(value, ListObject):
            if value.resumes is not None and value.kind == "iterator":
                self._machine.calling.refresh(value)
            items = [item for _, stored in self._state.items(value.cells) for item in alternatives(stored)]
            return join_all(items) or unknown("an item of an empty list")
        if isinstance(value, DictObject):
            keys = [_key_value(key) for key, _ in self._state.items(value.cells)]
            return join_all(keys) or unknown("a key of an empty dict")
        if isinstance(value, PageIterator | CollectionValue):
            return self._machine.sdk.iterate(value, span)
        if isinstance(value, Opaque | SdkResult):
            return strings.below(value, "[]") or unknown("an item")
        if isinstance(value, LibraryObject):
            return value
        if isinstance(value, Foreign):
            return Foreign(f"{value.path}[]" if len(value.path) < 100 else value.path, value.local)
        if isinstance(value, Instance):
            return self._instance_element(value, span)
        if isinstance(value, ClassObject) and value.flavor == "enum":
            return join_all(self._machine.classes.enum_members(value)) or unknown("an enum member")
        return unknown("an item")

    def _instance_element(self, value: Instance, span: ir.Span) -> Value:
        for name in ("__iter__", "__aiter__"):
            method = self._machine.objects.own_method(value, name)
            if method is not None:
                iterator = self._machine.calling.call(method, Arguments(), span)
                if isinstance(iterator, Instance):
                    advance = self._machine.objects.own_method(iterator, "__next__")
                    return (
                        unknown("an item")
                        if advance is None
                        else self._machine.calling.call(advance, Arguments(), span)
                    )
                return self.element(iterator, span)
        method = self._machine.objects.own_method(value, "__getitem__")
        if method is not None:
            return self._machine.calling.call(method, Arguments([unknown("an index")]), span)
        return unknown("an item")

    def measure(self, value: Value, span: ir.Span) -> None:
        """Do what `len(value)` or `bool(value)` does: nothing, but for instances that define it."""
        for member in alternatives(value):
            method = self._machine.objects.own_method(member, "__len__") if isinstance(member, Instance) else None
            if method is not None:
                self._machine.calling.call(method, Arguments(), span)

    def test(self, value: Value) -> bool | None:
        """Return the truth of a value, doing what instances define to be done for it."""
        for member in alternatives(value):
            if isinstance(member, Instance):
                method = self._machine.objects.own_method(member, "__bool__")
                if method is not None:
                    self._machine.calling.call(method, Arguments(), (1, 1, 1, 1))
                else:
                    self.measure(member, (1, 1, 1, 1))
        return truth(value, self._state)

    def part_of(self, value: Value) -> Value:
        """Return what a pattern may capture out of a value."""
        if isinstance(value, Opaque | SdkResult):
            return strings.below(value, "[]") or unknown("a part")
        if isinstance(value, ListObject | DictObject):
            inner = [item for _, stored in self._state.items(value.cells) for item in alternatives(stored)]
            return join_all(inner) or unknown("a part")
        return unknown("a part of a value")


def _key(key: Value) -> Hashable:
    if isinstance(key, Known):
        return key.value
    return key if isinstance(key, Text | Opaque) else REST


def _may_be(stored: Hashable, key: Value) -> bool:
    """Tell whether what is stored under a key may be what another one leads to."""
    if stored is REST or isinstance(stored, Opaque) or not isinstance(key, Known | Text):
        return True
    if isinstance(stored, Text):
        return strings.is_textual(key) and strings.may_be_equal(stored, key)
    if isinstance(key, Text):
        return isinstance(stored, str) and strings.may_be_equal(Known(stored), key)
    return False


def _key_value(key: Hashable) -> Value:
    if isinstance(key, Text | Opaque):
        return key
    if key is None or isinstance(key, str | int | float | bytes):
        return Known(key)
    return unknown("a key")


def _step(key: Value) -> str:
    return f".{key.value}" if isinstance(key, Known) and isinstance(key.value, str) else "[]"


def _text_slice(value: Text, lower: object, upper: object) -> Value:
    """Return a slice of a text with holes that only cuts known ends."""
    pieces = list(value.parts)
    if isinstance(lower, int) and lower > 0:
        first = pieces[0]
        if not (isinstance(first, str) and len(first) >= lower):
            return unknown("a slice")
        pieces[0] = first[lower:]
    if isinstance(upper, int):
        last = pieces[-1]
        if not (upper < 0 and isinstance(last, str) and len(last) >= -upper):
            return unknown("a slice")
        pieces[-1] = last[:upper]
    return strings.text(pieces)
