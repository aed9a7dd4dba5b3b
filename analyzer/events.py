"""What happens while `lpa` works, told to whoever listens: how far it is, what it reads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Listener(Protocol):
    """Somebody who wants to know."""

    def step(self, what: str, done: int, total: int) -> None:
        """Hear that `done` of `total` are done, of what `what` names (`functions`)."""

    def note(self, what: str) -> None:
        """Hear what is done next, in a few words: `read src/app.py`."""


_listeners: list[Listener] = []


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Tell `listener` what happens until the end of the block."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def step(what: str, done: int, total: int) -> None:
    """Say that `done` of `total` are done."""
    for listener in _listeners:
        listener.step(what, done, total)


def note(what: str) -> None:
    """Say what is done next."""
    for listener in _listeners:
        listener.note(what)
