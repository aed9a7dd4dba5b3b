"""Parts of a template that stand in other files: `Fn::Transform` with `AWS::Include`.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-include.html.
CloudFormation takes such files from S3 alone; `aws cloudformation package` and `sam package` put local ones there.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from analyzer.errors import InputError
from analyzer.iam.positioned_json import Array, Json, Object
from analyzer.model.calls import Unresolved
from analyzer.model.location import Location
from analyzer.templates.nodes import find, text_of
from analyzer.templates.read import Document, bad_template, parse_part, problem_of

_TRANSFORM: Final = "Fn::Transform"
_INCLUDE: Final = "AWS::Include"


def include(document: Document, read: Callable[[str], str], problems: list[Unresolved]) -> Document:
    """Return a template with what it includes from local files in its place, which keeps the places in these files.

    `read` returns the text of a file by its path. What cannot be included is added to `problems` and left out.
    """
    if _INCLUDE not in document.text:
        return document
    includer = _Includer(document, read, problems)
    root = includer.included(includer.with_sections(document.root))
    return replace(document, root=root) if isinstance(root, Object) else document


class _Includer:
    def __init__(self, document: Document, read: Callable[[str], str], problems: list[Unresolved]) -> None:
        self._folder = os.path.dirname(document.path)
        self._read = read
        self._problems = problems

    def with_sections(self, root: Object) -> Object:
        """Return the template with the sections that its own `Transform` includes, as `Fn::Transform` of the whole."""
        given = root.members.get("Transform")
        transforms = given.items if isinstance(given, Array) else () if given is None else (given,)
        own = [one for one in transforms if text_of(find(one, "Name")) == _INCLUDE]
        if not own:
            return root
        found = self._content(own[0], own[0].location)
        sections = found if isinstance(found, Object) else Object({}, {}, root.location)
        twice = [name for name in sections.members if name in root.members]
        self._problems += (
            bad_template(sections.key_locations[name], f"{name} stands beside what is included") for name in twice
        )
        return Object(
            {**sections.members, **root.members}, {**sections.key_locations, **root.key_locations}, root.location
        )

    def included(self, node: Json) -> Json:
        if isinstance(node, Array):
            return replace(node, items=tuple(map(self.included, node.items)))
        if not isinstance(node, Object):
            return node
        members: dict[str, Json] = {}
        places: dict[str, Location] = {}
        for name, member in node.members.items():
            found: Json = Object({name: member}, {name: node.key_locations[name]}, node.location)
            if name == _TRANSFORM and text_of(find(member, "Name")) == _INCLUDE:
                found = self._content(member, node.key_locations[name])
                if len(node.members) == 1 and not isinstance(found, Object):
                    return found
            if not isinstance(found, Object):
                self._problems.append(bad_template(node.key_locations[name], "what is included here is no object"))
                continue
            for key, part in found.members.items():
                if key in members:
                    self._problems.append(
                        bad_template(found.key_locations[key], f"{key} stands beside what is included")
                    )
                    continue
                members[key] = part if found.location != node.location else self.included(part)
                places[key] = found.key_locations[key]
        return Object(members, places, node.location)

    def _content(self, transform: Json, place: Location) -> Json:
        """Return what a file holds, an empty object if it cannot be read."""
        nothing = Object({}, {}, place)
        given = find(transform, "Parameters", "Location")
        path = text_of(given)
        if given is None or path is None or "://" in path:
            what = path or "somewhere that is not known"
            self._problems.append(bad_template(place, f"what is included here is in {what}, and not in a local file"))
            return nothing
        shown = os.path.normpath(os.path.join(self._folder, path)).replace(os.sep, "/")
        try:
            text = self._read(shown)
        except InputError as error:
            detail = f"what is included here cannot be read: {error.message}"
            self._problems.append(bad_template(given.location, detail))
            return nothing
        try:
            return parse_part(text, shown, self._problems)
        except InputError as error:
            self._problems.append(problem_of(error, shown))
            return nothing
