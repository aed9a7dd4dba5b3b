"""How commands print: results to standard output, everything else to standard error."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from typing import Final

from analyzer.cli.talk import has_color, talk
from analyzer.errors import InputError

# All but tabulators and line ends. They come from analysed code and its names; JSON and XML have their own escapes.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# The colours of what is shown in full hide nothing, whoever wrote them.
_COLOR: Final = r"\x1b\[(?:0|[12](?:;3[1-6])?|3[1-6])m"
_CONTROL_BESIDE_COLORS: Final = re.compile(rf"(?!{_COLOR}){_CONTROL.pattern}")


def print_text(text: str) -> None:
    """Print a result, as UTF-8 whatever the locale, so that the same input gives the same bytes.

    Control characters, which could change what a terminal shows, are printed as escapes. So is what is no text, such as
    a byte in the name of a file; in JSON that stands for the same.
    """
    talk.before_printing()
    control = _CONTROL_BESIDE_COLORS if has_color() else _CONTROL
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(control.sub(_escaped, text).encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise _failure(error) from error


def flush() -> None:
    """Let go of what is printed. Raises BrokenPipeError if nobody reads on, InputError if it cannot be written."""
    try:
        sys.stdout.flush()
    except OSError as error:
        raise _failure(error) from error


def abandon() -> None:
    """Give up on what is not printed yet, so that it does not fail once more when the interpreter shuts down."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _failure(error: OSError) -> Exception:
    if isinstance(error, BrokenPipeError):
        return error
    abandon()
    return InputError(f"standard output cannot be written: {error.strerror}", "make room, or print to somewhere else")


def escaped(text: str) -> str:
    """Return `text` without control characters."""
    return _CONTROL.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    return f"\\x{ord(found[0]):02x}"


def tell(lines: Iterable[str]) -> None:
    """Tell the user something about the result, unless nothing is to be told."""
    talk.before_printing()
    for line in () if talk.quiet else lines:
        print(f"lpa: {escaped(line)}", file=sys.stderr)
