"""How commands print: results to standard output, everything else to standard error."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from typing import Final

from analyzer.cli.talk import talk
from analyzer.errors import InputError

# All but tabulators, line ends and the colours of what is shown in full, which hide nothing whoever wrote them. They
# come from analysed code and its names; JSON and XML have their own escapes.
_COLOR: Final = r"\x1b\[(?:0|[12](?:;3[1-6])?|3[1-6])m"
_CONTROL: Final = re.compile(rf"(?!{_COLOR})[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def print_text(text: str) -> None:
    """Print a result, as UTF-8 whatever the locale, so that the same input gives the same bytes.

    Control characters, which could change what a terminal shows, are printed as escapes. So is what is no text, such as
    a byte in the name of a file; in JSON that stands for the same.
    """
    if sys.stdout is None:
        raise InputError("standard output is closed", "leave it open, there is something to print")
    talk.before_printing()
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(_CONTROL.sub(_escaped, text).encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise _failure(error) from error


def flush() -> None:
    """Let go of what is printed. Raises BrokenPipeError if nobody reads on, InputError if it cannot be written."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        raise _failure(error) from error


def abandon() -> None:
    """Give up on what is not printed yet, so that it does not fail once more when the interpreter shuts down."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _failure(error: OSError) -> Exception:
    if isinstance(error, BrokenPipeError):
        return error
    abandon()
    return InputError(f"standard output cannot be written: {error.strerror}", "make room, or print to somewhere else")


def _escaped(found: re.Match[str]) -> str:
    return f"\\x{ord(found[0]):02x}"


def tell(lines: Iterable[str]) -> None:
    """Tell the user something about the result, unless nothing is to be told."""
    talk.before_printing()
    for line in () if talk.quiet else lines:
        print(f"lpa: {_CONTROL.sub(_escaped, line)}", file=sys.stderr)
