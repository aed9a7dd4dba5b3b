"""Where results and messages go."""

from __future__ import annotations

import sys
from collections.abc import Iterable


def write_result(text: str) -> None:
    """Write `text` to standard output as UTF-8 whatever the locale, so that the same input gives the same bytes."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
    sys.stdout.buffer.flush()


def write_messages(lines: Iterable[str]) -> None:
    """Write each of `lines` to standard error, marked as this program's."""
    for line in lines:
        print(f"lpa: {line}", file=sys.stderr)
