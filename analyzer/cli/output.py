"""How commands print: results to standard output, everything else to standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterable


def print_text(text: str) -> None:
    """Print a result, as UTF-8 whatever the locale, so that the same input gives the same bytes.

    What is no text, such as a byte in the name of a file, is printed as its escape, which in JSON stands for the same.
    """
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))


def tell(lines: Iterable[str]) -> None:
    """Tell the user something about the result."""
    for line in lines:
        print(f"lpa: {line}", file=sys.stderr)
