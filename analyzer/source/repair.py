"""What to leave out of a file that does not parse, so that the rest of it can still be analysed."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable

from analyzer.model import ir

_MOST_PROBLEMS = 25
_DEFINITION = re.compile(r"(?:async\s+)?(?:def|class)\b")


def blank_what_does_not_parse(text: str, parses: Callable[[str], bool]) -> tuple[str, list[ir.SyntaxProblem]]:
    """Return the text with what does not parse replaced by `pass`, line numbers kept, and what was replaced.

    The smallest of these that helps is left out, at each place that CPython's parser points at: the line, the function
    or class around it, the top-level statement around it. What is still wrong after that stays in the text.
    """
    lines = text.split("\n")
    problems: list[ir.SyntaxProblem] = []
    for _ in range(_MOST_PROBLEMS):
        error = _first_error("\n".join(lines))
        if error is None:
            break
        line, message = error
        chosen = _blank_at(lines, line)
        if chosen is None:
            break
        start, end, lines = chosen
        problems.append(
            ir.SyntaxProblem((start, 1, end, len(text.split("\n")[end - 1]) + 1), f"line {line}: {message}")
        )
        if parses("\n".join(lines)):
            break
    return "\n".join(lines), problems


def _first_error(text: str) -> tuple[int, str] | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return max(error.lineno or 1, 1), error.msg
    except (ValueError, RecursionError, MemoryError) as error:
        return 1, str(error)
    return None


def _blank_at(lines: list[str], line: int) -> tuple[int, int, list[str]] | None:
    """Return (first line, last line, lines with that range blanked), or None when nothing helps.

    A range helps when CPython's next complaint lies behind it.
    """
    line = min(line, len(lines))
    for start, end in _ranges_around(lines, line):
        indentation = lines[start - 1][: len(lines[start - 1]) - len(lines[start - 1].lstrip())]
        blanked = [*lines[: start - 1], f"{indentation}pass", *[""] * (end - start), *lines[end:]]
        error = _first_error("\n".join(blanked))
        if error is None or error[0] > end:
            return start, end, blanked
    return None


def _ranges_around(lines: list[str], line: int) -> list[tuple[int, int]]:
    """Return ranges around a line from small to large: the line, each definition that holds it, the top-level block."""
    ranges = [(line, line)]
    indentation = _indentation(lines[line - 1]) if lines[line - 1].strip() else 10**9
    for number in range(line, 0, -1):
        candidate = lines[number - 1]
        if not candidate.strip():
            continue
        depth = _indentation(candidate)
        opens = _DEFINITION.match(candidate.lstrip()) is not None
        if opens and (depth < indentation or number == line):
            ranges.append((number, _end_of_block(lines, number, depth)))
            indentation = depth
        elif depth == 0 and number < line and not candidate.startswith((")", "]", "}", "#")):
            ranges.append((number, _end_of_block(lines, number, 0)))
            break
        if depth == 0 and opens:
            break
    return ranges


def _end_of_block(lines: list[str], start: int, depth: int) -> int:
    end = start
    for number in range(start + 1, len(lines) + 1):
        candidate = lines[number - 1]
        if (
            candidate.strip()
            and _indentation(candidate) <= depth
            and not candidate.lstrip().startswith((")", "]", "}"))
        ):
            break
        if candidate.strip():
            end = number
    return end


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())
