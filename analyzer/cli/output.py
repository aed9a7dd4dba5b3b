"""How commands print: results to standard output, everything else to standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from analyzer.cli.talk import talk


def print_text(text: str) -> None:
    """Print a result, as UTF-8 whatever the locale, so that the same input gives the same bytes."""
    talk.before_printing()
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))


def tell(lines: Iterable[str]) -> None:
    """Tell the user something about the result, unless nothing is to be told."""
    talk.before_printing()
    for line in () if talk.quiet else lines:
        print(f"lpa: {line}", file=sys.stderr)
