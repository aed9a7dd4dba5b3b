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
class Branch:
    """A part of the program that may not be executed: where the journal stood when it began, and what it saves."""

    index: int
    threshold: int


@dataclass(slots=True)
class Activation:
    """One run of a function body: what it read and wrote of what was there before it began."""

    start: int
    reads: dict[Place, tuple[Cells, Hashable, Value | int]] = field(default_factory=dict)
    writes: dict[Place, tuple[Cells, Hashable]] = field(default_factory=dict)


class State:
    """Reads and writes cells, with a journal for branches and a record of effects for memoisation.

    Only changes to cells that are older than the innermost branch are journaled: what a branch made itself is not seen
    outside of it before the branch is joined with the others.
    """

    def __init__(self) -> None:
        self._journal: list[tuple[Cells, Hashable, Value]] = []
        self._clock = 0
        self._threshold = -1
        self.depth = 0
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
        if cells.birth <= self._threshold:
            self._journal.append((cells, key, old))
        cells.version += 1
        if value is ABSENT:
            cells.pop(key, None)
        else:
            cells[key] = value

    def add(self, cells: Cells, key: Hashable, value: Value) -> None:
        """Store what is there under a key joined with a further value."""
        old = self.read(cells, key)
        self.write(cells, key, value if old is ABSENT else join(old, value))

    # Branches

    def begin(self) -> Branch:
        """Begin a branch."""
        branch = Branch(len(self._journal), self._threshold)
        self._threshold = self._clock
        self.depth += 1
        return branch

    def end(self, branch: Branch) -> None:
        """End a branch; what it changed stays unless it was undone."""
        self._threshold = branch.threshold
        self.depth -= 1

    def diverge(self) -> None:
        """Treat what follows as a branch, since a path has left before it: all that there is counts as older."""
        self._threshold = self._clock

    def point(self) -> Branch:
        """Return the present as the beginning of something that `changes`, `undo` and `rewind` refer to."""
        return Branch(len(self._journal), self._threshold)

    def rewind(self, point: Branch) -> Changes:
        """Undo all changes since a point that is no branch, and return what their outcome was."""
        result = self.undo(point)
        self._threshold = point.threshold
        return result

    def changes(self, since: Branch) -> Changes:
        """Return the outcome of all journaled changes since a branch began."""
        result: Changes = {}
        for cells, key, _ in self._journal[since.index :]:
            place = (id(cells), key)
            if place not in result:
                result[place] = (cells, key, cells.get(key, ABSENT))
        return result

    def undo(self, branch: Branch) -> Changes:
        """Undo all changes since a branch began, for another way through it; return what their outcome was."""
        result = self.changes(branch)
        journal = self._journal
        while len(journal) > branch.index:
            cells, key, old = journal.pop()
            _put(cells, key, old)
        return result

    def merge(self, outcomes: list[Changes]) -> list[tuple[Cells, Hashable]]:
        """Apply the join of alternative outcomes to the state they all started from; return the changed places."""
        changed: list[tuple[Cells, Hashable]] = []
        if len(outcomes) == 1:
            for cells, key, value in outcomes[0].values():
                if cells.get(key, ABSENT) is not value:
                    self.write(cells, key, value)
                    changed.append((cells, key))
            return changed
        places: Changes = {}
        for outcome in outcomes:
            places.update(outcome)
        for place, (cells, key, _) in places.items():
            base = cells.get(key, ABSENT)
            merged: Value | None = None
            for outcome in outcomes:
                value = outcome[place][2] if place in outcome else base
                merged = value if merged is None else join(merged, value)
            if merged is not None and merged is not base and merged != base:
                self.write(cells, key, merged)
                changed.append((cells, key))
        return changed

    def set_aside(self) -> tuple[list[tuple[Cells, Hashable, Value]], int, int]:
        """Begin changes that stay whatever becomes of the branch being executed; return what `restore` takes."""
        saved = (self._journal, self._threshold, self.depth)
        self._journal, self._threshold, self.depth = [], -1, 0
        return saved

    def restore(self, saved: tuple[list[tuple[Cells, Hashable, Value]], int, int]) -> None:
        """End what `set_aside` began."""
        self._journal, self._threshold, self.depth = saved

    # Activations

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
