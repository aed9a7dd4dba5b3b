"""What is told on standard error while `lpa` works: a bar on a terminal, or with `--verbose` everything it does."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from analyzer import events
from analyzer.cli.talk import talk

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

# Whoever waits less than that need not know why.
_PATIENCE: Final = 1.0


@contextmanager
def listening() -> Iterator[None]:
    """Tell on standard error, until the end of the block, what happens: as much of it as the flags ask for."""
    if talk.verbose:
        with events.heard_by(_Everything()):
            yield
    elif not talk.quiet and sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        bar = _Bar()
        # What is printed on the same terminal would be mixed up with it.
        talk.before_printing = bar.remove
        try:
            with events.heard_by(bar):
                yield
        finally:
            bar.remove()
    else:
        yield


class _Everything:
    """Tells all of it, each with the seconds since the start."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def step(self, what: str, done: int, total: int) -> None:
        if done == 0:
            self.note(f"{total} {what}")

    def note(self, what: str) -> None:
        print(f"lpa: {time.monotonic() - self._start:7.3f} s: {what}", file=sys.stderr)


class _Bar:
    """Shows how far it is, once that takes a while."""

    def __init__(self) -> None:
        import threading

        self._process = os.getpid()
        self._lock = threading.Lock()
        self._shown: tuple[Progress, TaskID] | None = None
        self._removed = False
        # Nothing may happen for long that anybody hears of.
        self._timer = threading.Timer(_PATIENCE, self._show)
        self._timer.daemon = True
        self._timer.start()

    def step(self, what: str, done: int, total: int) -> None:
        # Processes that were started for a part of the work have a copy of this one.
        if self._shown is not None and os.getpid() == self._process:
            bar, task = self._shown
            bar.update(task, description=what, completed=done, total=total)

    def note(self, what: str) -> None:
        pass

    def remove(self) -> None:
        """Take the bar away for good, so that nothing of it stays on the terminal."""
        self._timer.cancel()
        with self._lock:
            self._removed = True
            if self._shown is not None:
                self._shown[0].stop()
                self._shown = None

    def _show(self) -> None:
        # Also while it imports: it must not be about it when the process ends.
        with self._lock:
            if not self._removed:
                from rich.console import Console
                from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

                columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
                bar = Progress(*columns, console=Console(stderr=True), transient=True)
                task = bar.add_task("working", total=None)
                bar.start()
                self._shown = bar, task
