"""Lists and members of a template's objects: changed, added and taken out in its text."""

from __future__ import annotations

from analyzer.iam.positioned_json import Array, Object
from analyzer.model.location import Location
from analyzer.templates.editing import Edits
from analyzer.templates.emitting import Emitter
from analyzer.templates.nodes import items_of
from analyzer.templates.plain import Plain, to_plain


class Rewriter:
    """Turns changes of values into changes of the text that they are written in."""

    def __init__(self, edits: Edits, emitter: Emitter) -> None:
        """Take where to put the changes, and how to write what is new."""
        self._edits = edits
        self._emitter = emitter

    def edit_list(self, owner: Object, key: str, dead: set[int], new: list[Plain]) -> None:
        """Delete items of the list `key`, put `new` behind the rest, and leave out the key if nothing is left."""
        value = owner.members.get(key)
        if not dead and not new:
            return
        items = items_of(value) if value is not None else ()
        if value is None or len(dead) == len(items):
            if new:
                self.put(owner, key, new)
            else:
                self.take_out(owner, key)
            return
        if not isinstance(value, Array):
            self.put(owner, key, [to_plain(value), *new])
            return
        if dead:
            self._edits.delete_items(value, dead)
        if new:
            self._append(value, new, without=dead)

    def _append(self, array: Array, new: list[Plain], without: set[int]) -> None:
        last = array.items[-1]
        if not self._edits.is_flow(array):
            line = self._edits.last_line(last.location)
            self._edits.insert_lines(line, self._emitter.block(new, array.location.start_column - 1))
            return
        end = self._edits.end(last.location)
        indent = self._own_line(last.location)
        if indent is None:
            self._edits.replace(end, end, "".join(f", {self._emitter.flow(one)}" for one in new))
            return
        separator = ",\n" + " " * indent
        texts = (
            self._emitter.json(one, indent) if self._emitter.style.is_json else self._emitter.flow(one) for one in new
        )
        self._edits.replace(end, end, "".join(f"{separator}{text}" for text in texts))

    def put(self, owner: Object, key: str, value: Plain) -> None:
        """Make `value` the value of `key`, which may not be there yet."""
        if key in owner.members:
            place = owner.key_locations[key]
            start, end = self._edits.start(place), self._edits.end(owner.members[key].location)
            self._edits.replace(start, end, self._member(owner, key, value, place))
            return
        last = max(self._own(owner), key=lambda name: _order(owner.key_locations[name]))
        place = owner.key_locations[last]
        if not self._edits.is_flow(owner):
            indent = place.start_column - 1
            line = max(self._edits.last_line(owner.members[last].location), place.start_line)
            self._edits.insert_lines(line, self._emitter.member(key, value, indent))
            return
        end = self._edits.end(owner.members[last].location)
        own_line = self._own_line(place)
        separator = ", " if own_line is None else ",\n" + " " * own_line
        self._edits.replace(end, end, separator + self._member(owner, key, value, place))

    def _member(self, owner: Object, key: str, value: Plain, place: Location) -> str:
        indent = place.start_column - 1
        if not self._edits.is_flow(owner):
            return "\n".join(self._emitter.member(key, value, indent))[indent:]
        own_line = self._own_line(place)
        if self._emitter.style.is_json:
            text = self._emitter.flow(value) if own_line is None else self._emitter.json(value, own_line)
            return f'"{key}": {text}'
        return f"{key}: {self._emitter.flow(value)}"

    def take_out(self, owner: Object, key: str) -> None:
        """Leave out `key`, if it is there."""
        if key not in owner.members:
            return
        place, value = owner.key_locations[key], owner.members[key].location
        if not self._edits.is_flow(owner):
            self._edits.delete_lines(place.start_line, self._edits.last_line(value))
            return
        names = list(owner.members)
        at = names.index(key)
        if at + 1 < len(names):
            self._edits.replace(self._edits.start(place), self._edits.start(owner.key_locations[names[at + 1]]), "")
        else:
            before = self._edits.end(owner.members[names[at - 1]].location) if at else self._edits.start(place)
            self._edits.replace(before, self._edits.end(value), "")

    def _own(self, owner: Object) -> list[str]:
        """Return the keys of `owner` that stand in it, and not where a merge key takes them from."""
        first, last = owner.location.start_line, self._edits.last_line(owner.location)
        return [name for name, place in owner.key_locations.items() if first <= place.start_line <= last]

    def _own_line(self, place: Location) -> int | None:
        """Return the indentation of what begins a line of its own, None if something else stands before it there."""
        before = self._edits.line(place.start_line)[: place.start_column - 1]
        return len(before) if not before.strip() else None


def _order(place: Location) -> tuple[int, int]:
    return place.start_line, place.start_column
