"""A pseudo-terminal of a given width for the command `lpa` to run at, with what it shows there."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Command


@dataclass
class Shown:
    """What was written to the terminal, and the exit code."""

    text: str
    code: int


class Terminal:
    """The process `arguments`, with standard input, output and error at a terminal, or only some of them."""

    def __init__(
        self, lpa: Command, *arguments: str, columns: int = 80, streams: str = "012", **environment: str
    ) -> None:
        self._controller, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

        def stream(number: str) -> int:
            return terminal if number in streams else subprocess.DEVNULL

        self.process = subprocess.Popen(
            [lpa.executable, *arguments],
            cwd=lpa.cwd,
            env=lpa.environment | {"TERM": "xterm-256color"} | environment,
            stdin=stream("0"),
            stdout=stream("1"),
            stderr=stream("2"),
            start_new_session=True,
        )
        os.close(terminal)
        self._parts: list[bytes] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                part = os.read(self._controller, 65536)
            except OSError:
                # How Linux says that nobody has the terminal open any more.
                return
            if not part:
                return
            self._parts.append(part)

    def so_far(self) -> str:
        """What has been written up to now."""
        return b"".join(self._parts).decode().replace("\r\n", "\n")

    def end(self) -> Shown:
        """What was written when the process has ended."""
        code = self.process.wait(timeout=60)
        self._reader.join(timeout=10)
        os.close(self._controller)
        return Shown(self.so_far(), code)


def shown(lpa: Command, *arguments: str, columns: int = 80, streams: str = "012", **environment: str) -> Shown:
    """What the command shows."""
    return Terminal(lpa, *arguments, columns=columns, streams=streams, **environment).end()
