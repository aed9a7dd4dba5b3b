"""Keeping templates that were parsed: YAML takes as long to read as all the rest together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from analyzer.cache import cached
from analyzer.errors import InputError
from analyzer.iam.positioned_json import Array, Json, Object, Scalar
from analyzer.model.location import Location
from analyzer.rules import content_key

# Raised when what is stored, or how YAML is read, changes.
_FORMAT: Final = 1

Parser = Callable[[Callable[[InputError], None]], Json]
"""Parses a text; what it is given is told of the errors that it goes on after."""


def kept(text: str, path: str, parse: Parser, report: Callable[[InputError], None]) -> Json:
    """Return what `parse` makes of `text`, the content of the file `path`, without parsing it a second time.

    Raises InputError if `parse` does, and what it reports is reported, each time.
    """

    def build() -> list[Any]:
        errors: list[InputError] = []
        root = parse(errors.append)
        return [_encoded(root), [[error.message, error.hint] for error in errors]]

    root, errors = cached("parsed", content_key(f"{_FORMAT}\0{path}\0{text}".encode("utf-8", "surrogatepass")), build)
    for message, hint in errors:
        report(InputError(message, hint))
    return _decoded(root, path)


def _encoded(value: Json) -> list[Any]:
    if isinstance(value, Scalar):
        return [*_span(value.location), value.value, value.is_number]
    if isinstance(value, Array):
        return [*_span(value.location), [_encoded(item) for item in value.items]]
    members = {key: [*_span(value.key_locations[key]), _encoded(member)] for key, member in value.members.items()}
    return [*_span(value.location), members]


def _decoded(data: list[Any], path: str) -> Json:
    location = Location(path, *data[:4])
    content = data[4]
    if len(data) > 5:
        return Scalar(content, data[5], location)
    if isinstance(content, list):
        return Array(tuple(_decoded(item, path) for item in content), location)
    return Object(
        {key: _decoded(member[4], path) for key, member in content.items()},
        {key: Location(path, *member[:4]) for key, member in content.items()},
        location,
    )


def _span(location: Location) -> tuple[int, int, int, int]:
    return location.start_line, location.start_column, location.end_line, location.end_column
