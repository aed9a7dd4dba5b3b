"""What happens while `lpa` works, told to whoever listens: how far it is, what it reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol, TypeVar

Item = TypeVar("Item")


class Listener(Protocol):
    """Somebody who wants to know."""

    def step(self, what: str, done: int, total: int) -> None:
        """Hear that `done` of `total` are done, of what `what` names (`functions`)."""

    def note(self, what: str) -> None:
        """Hear what is done next, in a few words: `read src/app.py`."""


_listeners: list[Listener] = []
_counted: list[str] = []


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Tell `listener` what happens until the end of the block."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def steps(what: str, items: Sequence[Item]) -> Iterator[Item]:
    """Yield `items`, and say how many of them are done; of steps within a step nobody is told."""
    if not _listeners or _counted:
        yield from items
        return
    _counted.append(what)
    try:
        for number, item in enumerate(items):
            step(what, number, len(items))
            yield item
    finally:
        _counted.pop()


def step(what: str, done: int, total: int) -> None:
    """Say that `done` of `total` are done."""
    for listener in _listeners:
        listener.step(what, done, total)


def note(what: str) -> None:
    """Say what is done next."""
    for listener in _listeners:
        listener.note(what)
