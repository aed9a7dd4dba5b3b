"""The requests that calls of known libraries send: their parameters, filled in from the arguments."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

from analyzer.flow import strings
from analyzer.flow.library_arguments import Bound, LibraryArguments
from analyzer.flow.s3_urls import part_of
from analyzer.flow.values import (
    ABSENT,
    MOST_ALTERNATIVES,
    NONE,
    REST,
    Client,
    DictObject,
    ListObject,
    Resource,
    Session,
    Value,
    alternatives,
    join_all,
    unknown,
)
from analyzer.model.values import Hole, Known, Text, Unseen
from analyzer.rules import ITEMS, KEYS, parse_path
from analyzer.rules.library_records import FORWARDED, Filling, LibraryCall

if TYPE_CHECKING:
    from analyzer.flow.machine import Machine

_ANYTHING = Text((Hole(Unseen("what of it is meant")),))
# Private characters, that no name has.
_FIRST_MARK = 0x100000
_Tree = dict[str, "Value | _Tree"]


class LibraryRequests:
    """Makes requests of arguments."""

    def __init__(self, machine: Machine, arguments: LibraryArguments) -> None:
        """Take the machine whose values they are, and what reads arguments."""
        self._machine = machine
        self._arguments = arguments

    def expanded(self, call: LibraryCall, bound: Bound) -> Iterator[Bound]:
        """Yield the arguments once for each URL that they may hold, so that its parts stay together."""
        names = sorted({path for _, filling in call.parameters if filling.part for path in filling.paths})
        choices: list[list[tuple[Value, bool]]] = []
        for name in names:
            value = bound.values.get(name)
            choices.append([(ABSENT, False)] if value is None else list(self._urls(value)))
        count = 1
        for choice in choices:
            count *= len(choice)
        if not names or count > MOST_ALTERNATIVES**2:
            yield bound
            return
        for chosen in product(*choices):
            values = dict(bound.values)
            exact = set()
            for name, (value, is_exact) in zip(names, chosen, strict=True):
                if value is not ABSENT:
                    values[name] = value
                if is_exact:
                    exact.add(name)
            yield replace(bound, values=values, exact=frozenset(exact))

    def _urls(self, value: Value) -> Iterator[tuple[Value, bool]]:
        for member in alternatives(value):
            if isinstance(member, ListObject):
                items = self._arguments.items(member, ITEMS)
                yield from ((item, True) for item in (alternatives(items) if items is not None else ()))
            else:
                yield member, False

    def parameters(self, call: LibraryCall, bound: Bound) -> list[tuple[Hashable, Value]]:
        """Return the parameters of the request, or the method, that a call makes."""
        tree: _Tree = {}
        forwarded: list[tuple[Hashable, Value]] = []
        for path, filling in call.parameters:
            value = self.filled(filling, bound)
            if value is None:
                continue
            if path == FORWARDED:
                forwarded += self._forwarded(value)
            elif call.kind in ("method", "function"):
                tree[path] = value
            else:
                _plant(tree, parse_path(path) or (), value)
        if any(bound.hides(path) for _, filling in call.parameters for path in filling.paths):
            forwarded.append((REST, unknown("further parameters")))
        own: list[tuple[Hashable, Value]] = [(name, self._grown(branch)) for name, branch in tree.items()]
        return [*(one for one in forwarded if one[0] not in tree), *own]

    def _forwarded(self, value: Value) -> list[tuple[Hashable, Value]]:
        found: list[tuple[Hashable, Value]] = []
        for member in alternatives(value):
            if isinstance(member, DictObject):
                found += self._machine.state.items(member.cells)
            else:
                found.append((REST, unknown("further parameters")))
        return found

    def _grown(self, branch: Value | _Tree) -> Value:
        if not isinstance(branch, dict):
            return branch
        objects = self._machine.objects
        if ITEMS in branch:
            return objects.new_list("list", [self._grown(branch[ITEMS])], None)
        result = objects.new_dict()
        if KEYS in branch:
            objects.set_item(result, self._grown(branch[KEYS]), unknown("what is sent"))
            return result
        for name, inner in branch.items():
            objects.set_item(result, Known(name), self._grown(inner))
        return result

    def filled(self, filling: Filling, bound: Bound) -> Value | None:
        """Return the value of a parameter, None if the call gives none."""
        if not filling.paths:
            return _appended(Known(filling.constant), filling.append)
        for path in filling.paths:
            value = self._arguments.value(bound, path)
            members = [] if value is None else [member for member in alternatives(value) if member != NONE]
            if filling.part:
                parts = [part_of(member, filling.part, exact=path in bound.exact) for member in members]
                members = [part for part in parts if part is not None]
            if filling.extract:
                members = [found for member in members if (found := _extracted(member, filling.extract)) is not None]
            if members:
                return join_all([_appended(member, filling.append) for member in members])
        return None

    def region(self, call: LibraryCall, bound: Bound) -> str | None:
        """Return the region of a call: where the rules say, else that of a client or session among the arguments."""
        named = None if call.region is None else self.filled(call.region, bound)
        if isinstance(named, Known) and isinstance(named.value, str):
            return named.value
        for value in bound.values.values():
            if isinstance(value, Client | Session | Resource) and value.region is not None:
                return value.region
        return None


def _plant(tree: _Tree, steps: tuple[str, ...], value: Value) -> None:
    for step in steps[:-1]:
        inner = tree.setdefault(step, {})
        if not isinstance(inner, dict):
            return
        tree = inner
    tree[steps[-1]] = value


def _appended(value: Value, suffix: str) -> Value:
    pieces = [piece for text in suffix.split("*") for piece in (Known(text), _ANYTHING)][:-1]
    return strings.concatenate([value, *pieces]) if suffix else value


def _extracted(value: Value, pattern: str) -> Value | None:
    """Return the first group of a pattern found in a text, where each part that is not known is one character."""
    if not isinstance(value, Known | Text):
        return value
    parts = strings.parts_of(value)
    marked = "".join(part if isinstance(part, str) else chr(_FIRST_MARK + place) for place, part in enumerate(parts))
    found = re.search(pattern, marked)
    if not (found and found[1]):
        return None if isinstance(value, Known) else unknown("a part of a text")
    return strings.text([parts[ord(one) - _FIRST_MARK] if ord(one) >= _FIRST_MARK else one for one in found[1]])
