"""CloudFormation and SAM templates, JSON or YAML, to values that remember where they stand.

The short forms of YAML (`!Sub x`) become what they are short for (`{"Fn::Sub": x}`). Source:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from analyzer import events
from analyzer.errors import InputError
from analyzer.iam.positioned_json import Array, Json, Object, Scalar, parse_json
from analyzer.iam.positioned_yaml import Dialect, parse_yaml
from analyzer.model.calls import Unresolved, UnresolvedReason
from analyzer.model.location import Location
from analyzer.templates.kept import kept

# Without the prefix `Fn::` in the long form.
_UNPREFIXED: Final = ("Ref", "Condition")
_PLACE: Final = re.compile(r"^(?P<path>.*?):(?P<line>\d+):(?P<column>\d+): (?P<what>.*)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Document:
    """A template as it is written: `path` as shown, its `text`, and its content.

    `repeated` are the places of what stands for several things, and is there once for each of them in the content.
    """

    path: str
    text: str
    root: Object
    repeated: tuple[Location, ...] = ()


def read_template(text: str, path: str, problems: list[Unresolved]) -> Document | None:
    """Return the template that `text`, the content of the file `path`, spells out.

    None if it is none; what is wrong with it is added to `problems`, each with its place.
    """
    events.note(f"read {path}")
    try:
        root = _parse(text, path, problems)
    except InputError as error:
        problems.append(problem_of(error, path))
        return None
    if not isinstance(root, Object) or not isinstance(root.members.get("Resources"), Object):
        problems.append(bad_template(root.location, 'no template: it has no object "Resources"'))
        return None
    return Document(path, text, root)


def parse_part(text: str, path: str, problems: list[Unresolved]) -> Json:
    """Return what a file that a template includes holds. Raises InputError, with the place, if it cannot be read."""
    return _parse(text, path, problems)


def bad_template(location: Location, detail: str) -> Unresolved:
    """Return that something at `location` of a template cannot be read."""
    return Unresolved(UnresolvedReason.BAD_TEMPLATE, location, detail)


def problem_of(error: InputError, path: str) -> Unresolved:
    """Return what an error of a reader says, at the place that it names, or at the beginning of `path`."""
    found = _PLACE.match(error.message)
    if found is None or found["path"] != path:
        return bad_template(Location(path, 1, 1, 1, 1), error.message.removeprefix(f"{path}: "))
    line, column = int(found["line"]), int(found["column"])
    return bad_template(Location(path, line, column, line, column), found["what"])


def _parse(text: str, path: str, problems: list[Unresolved]) -> Json:
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        return parse_json(text, path)

    def parse(report: Callable[[InputError], None]) -> Json:
        return _with_attributes(parse_yaml(text, path, Dialect(_long_form, report)))

    return kept(text, path, parse, lambda error: problems.append(problem_of(error, path)))


def _long_form(tag: str) -> str | None:
    name = tag.removeprefix("!")
    if not name.isalnum():
        return None
    return name if name in _UNPREFIXED else f"Fn::{name}"


def _with_attributes(value: Json) -> Json:
    """Return `value` with every `{"Fn::GetAtt": "a.b"}` as `{"Fn::GetAtt": ["a", "b"]}`."""
    if isinstance(value, Array):
        return Array(tuple(map(_with_attributes, value.items)), value.location)
    if not isinstance(value, Object):
        return value
    named = value.members.get("Fn::GetAtt")
    if len(value.members) == 1 and isinstance(named, Scalar) and isinstance(named.value, str):
        parts = tuple(Scalar(part, False, named.location) for part in named.value.split(".", 1))
        return Object({"Fn::GetAtt": Array(parts, named.location)}, value.key_locations, value.location)
    members = {key: _with_attributes(member) for key, member in value.members.items()}
    return Object(members, value.key_locations, value.location)
