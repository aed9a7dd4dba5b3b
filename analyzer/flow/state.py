"""The mutable state of an interpretation: every change is journaled, so that branches can be undone and joined."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

from analyzer.flow.values import ABSENT, Cells, Value, join

Place = tuple[int, Hashable]
Changes = dict[Place, tuple[Cells, Hashable, Value]]
# Stands for "all keys of the container" in what an activation has read; its value is the container's version.
_ALL_KEYS = object()


@dataclass(slots=True)
class Activation:
    """One run of a function body: what it read and wrote of what was there before it began."""

    start: int
    reads: dict[Place, tuple[Cells, Hashable, Value | int]] = field(default_factory=dict)
    writes: dict[Place, tuple[Cells, Hashable]] = field(default_factory=dict)


class State:
    """Reads and writes cells, with a journal for branches and a record of effects for memoisation."""

    def __init__(self) -> None:
        self._journal: list[tuple[Cells, Hashable, Value]] = []
        self._clock = 0
        self._activations: list[Activation] = [Activation(0)]

    def new_cells(self) -> Cells:
        """Return empty cells, born now."""
        self._clock += 1
        return Cells(self._clock)

    @property
    def now(self) -> int:
        """The time on the clock: cells with a later birth do not exist yet."""
        return self._clock

    def read(self, cells: Cells, key: Hashable) -> Value:
        """Return what is stored under a key, ABSENT if nothing is."""
        value = cells.get(key, ABSENT)
        activation = self._activations[-1]
        if cells.birth <= activation.start:
            place = (id(cells), key)
            if place not in activation.reads and place not in activation.writes:
                activation.reads[place] = (cells, key, value)
        return value

    def items(self, cells: Cells) -> list[tuple[Hashable, Value]]:
        """Return everything that is stored in the cells."""
        activation = self._activations[-1]
        if cells.birth <= activation.start:
            activation.reads.setdefault((id(cells), _ALL_KEYS), (cells, _ALL_KEYS, cells.version))
        return list(cells.items())

    def write(self, cells: Cells, key: Hashable, value: Value) -> None:
        """Store a value under a key; ABSENT removes it."""
        old = cells.get(key, ABSENT)
        if old is value:
            return
        activation = self._activations[-1]
        if cells.birth <= activation.start:
            place = (id(cells), key)
            if place not in activation.writes:
                # A join after a branch makes the outcome depend on what was there, so a write counts as a read.
                activation.reads.setdefault(place, (cells, key, old))
                activation.writes[place] = (cells, key)
        self._journal.append((cells, key, old))
        _put(cells, key, value)

    def add(self, cells: Cells, key: Hashable, value: Value) -> None:
        """Store what is there under a key joined with a further value."""
        old = self.read(cells, key)
        self.write(cells, key, value if old is ABSENT else join(old, value))

    def mark(self) -> int:
        """Return a point in the journal, for `take`."""
        return len(self._journal)

    def changes(self, mark: int) -> Changes:
        """Return the outcome of all changes since a mark."""
        result: Changes = {}
        for cells, key, _ in self._journal[mark:]:
            place = (id(cells), key)
            if place not in result:
                result[place] = (cells, key, cells.get(key, ABSENT))
        return result

    def take(self, mark: int) -> Changes:
        """Undo all changes since a mark and return what their outcome was."""
        result = self.changes(mark)
        journal = self._journal
        while len(journal) > mark:
            cells, key, old = journal.pop()
            _put(cells, key, old)
        return result

    def merge(self, outcomes: list[Changes]) -> None:
        """Apply the join of alternative outcomes to the state they all started from."""
        if len(outcomes) == 1:
            for cells, key, value in outcomes[0].values():
                self.write(cells, key, value)
            return
        places: Changes = {}
        for outcome in outcomes:
            places.update(outcome)
        for place, (cells, key, _) in places.items():
            base = cells.get(key, ABSENT)
            merged: Value | None = None
            for outcome in outcomes:
                value = outcome[place][2] if place in outcome else base
                merged = value if merged is None else join(merged, value)
            if merged is not None and merged != base:
                self.write(cells, key, merged)

    def set_aside(self) -> list[tuple[Cells, Hashable, Value]]:
        """Begin changes that stay whatever becomes of the branch being executed; return what `restore` takes."""
        journal = self._journal
        self._journal = []
        return journal

    def restore(self, journal: list[tuple[Cells, Hashable, Value]]) -> None:
        """End what `set_aside` began."""
        self._journal = journal

    def enter(self) -> None:
        """Begin an activation."""
        self._activations.append(Activation(self._clock))

    def leave(self) -> Activation:
        """End the activation begun last and pass its effects on to the one around it."""
        activation = self._activations.pop()
        outer = self._activations[-1]
        for place, read in activation.reads.items():
            if read[0].birth <= outer.start and place not in outer.reads and place not in outer.writes:
                outer.reads[place] = read
        for place, write in activation.writes.items():
            if write[0].birth <= outer.start:
                outer.writes.setdefault(place, write)
        return activation

    def still_holds(self, activation: Activation) -> bool:
        """Tell whether all that an activation read is still as it read it."""
        for cells, key, value in activation.reads.values():
            if key is _ALL_KEYS:
                if cells.version != value:
                    return False
            elif cells.get(key, ABSENT) != value:
                return False
        return True

    def replay(self, activation: Activation, outcome: Changes) -> None:
        """Repeat the effects of an activation whose reads still hold."""
        current = self._activations[-1]
        for place, read in activation.reads.items():
            if read[0].birth <= current.start and place not in current.reads and place not in current.writes:
                current.reads[place] = read
        for cells, key, value in outcome.values():
            self.write(cells, key, value)


def _put(cells: Cells, key: Hashable, value: Value) -> None:
    cells.version += 1
    if value is ABSENT:
        cells.pop(key, None)
    else:
        cells[key] = value
