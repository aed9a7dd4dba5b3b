"""Texts of which parts are parameters of a call, as the files under rules/ write them.

In `{Path}{RoleName}` each name in braces is the path of a parameter; what stands in square brackets
(`{FunctionName}[:{Qualifier}]`) is left out where a parameter in it is not given; `*` stands for anything.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from analyzer.rules.paths import parse_path


class Field(NamedTuple):
    """A parameter in a template."""

    path: str


class Option(NamedTuple):
    """A part of a template that is left out where a parameter in it is not given."""

    parts: tuple[str | Field, ...]


Parts = tuple[str | Field | Option, ...]

_OPTION: Final = re.compile(r"\[((?:[^\[\]{}]|\{[^{}]*\})*)\]|((?:[^\[\]{}]|\{[^{}]*\})+)")
_FIELD: Final = re.compile(r"\{([^{}]*)\}|([^{}]+)")


@lru_cache(maxsize=512)
def parse_template(text: str) -> Parts | None:
    """Return the parts of the template `text`, or None if it is not written as one."""
    parts: list[str | Field | Option] = []
    end = 0
    for found in _OPTION.finditer(text):
        if found.start() != end:
            return None
        end = found.end()
        inner = _fields(found[1] or found[2] or "")
        if inner is None or (found[1] is not None and not any(isinstance(part, Field) for part in inner)):
            return None
        parts += inner if found[1] is None else [Option(inner)]
    return tuple(parts) if end == len(text) else None


def template_paths(text: str) -> tuple[str, ...]:
    """Return the paths of the parameters in the template `text`, which is one."""
    parts = parse_template(text) or ()
    inner = (one for part in parts for one in (part.parts if isinstance(part, Option) else (part,)))
    return tuple(dict.fromkeys(one.path for one in inner if isinstance(one, Field)))


def _fields(text: str) -> tuple[str | Field, ...] | None:
    parts = tuple(literal or Field(path) for path, literal in _FIELD.findall(text))
    return None if any(isinstance(part, Field) and parse_path(part.path) is None for part in parts) else parts
