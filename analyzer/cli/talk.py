"""How much `lpa` talks beside its results, and how: `--quiet`, `--verbose`, `--color`, and what a terminal can show."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from analyzer.report import ChangeFormat, FindingsFormat, Format, Look

if TYPE_CHECKING:
    from analyzer.model.findings import Addition, Finding

# Where nothing says how wide the output is.
_WIDTH: Final = 100


class Color(StrEnum):
    """Whether what is shown in full has colours."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


def _nothing() -> None:
    pass


class Talk:
    """What the flags ask for, for the whole of the run: no talk at all, more of it, and colours.

    `before_printing` clears the terminal of what is only there while something is done.
    """

    def __init__(self) -> None:
        self.be_as_usual()

    def be_as_usual(self) -> None:
        """Forget what the flags of an earlier run in this process have asked for."""
        self.quiet = False
        self.verbose = False
        self.color = Color.AUTO
        self.before_printing: Callable[[], None] = _nothing


talk: Final = Talk()


def format_of(asked: Format | None) -> Format:
    """Return the format that is asked for; if none is, what suits a terminal, and plain text for anything else."""
    return asked or (Format.FULL if sys.stdout.isatty() else Format.TEXT)


def change_format(asked: ChangeFormat | None) -> ChangeFormat:
    """Return the format that is asked for; if none is, what suits a terminal, and plain text for anything else."""
    return asked or (ChangeFormat.FULL if sys.stdout.isatty() else ChangeFormat.TEXT)


def findings_format(asked: FindingsFormat | None) -> FindingsFormat:
    """Return the format that is asked for; if none is, what suits a terminal, and plain text for anything else."""
    return asked or (FindingsFormat.FULL if sys.stdout.isatty() else FindingsFormat.TEXT)


def look(root: str, addition: Callable[[Finding], Addition | None] | None = None) -> Look:
    """Return how results are shown in full on standard output; `root` is the folder that their paths are relative to.

    `addition` is as `Look` has it.
    """
    # It asks COLUMNS first, then the terminal. https://docs.python.org/3/library/shutil.html#shutil.get_terminal_size
    from shutil import get_terminal_size

    shown = Look(root, get_terminal_size((_WIDTH, 24)).columns, has_color())
    return shown if addition is None else Look(root, shown.width, shown.color, addition)


def has_color() -> bool:
    """Say whether standard output gets colours.

    `--color` counts, then NO_COLOR, FORCE_COLOR and TERM as in Python's own output, then whether it is a terminal.
    Sources: https://no-color.org, https://force-color.org,
    https://docs.python.org/3/using/cmdline.html#controlling-color.
    """
    if talk.color is not Color.AUTO:
        return talk.color is Color.ALWAYS
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return os.environ.get("TERM") != "dumb" and sys.stdout.isatty()
