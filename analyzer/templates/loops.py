"""`Fn::ForEach`: parts of a template that stand for several, written out before anything else is read.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from analyzer.iam.positioned_json import Array, Json, Object, Scalar
from analyzer.model.calls import Unresolved
from analyzer.model.location import Location
from analyzer.templates.nodes import SUBSTITUTED, argument_of, find, items_of, text_of
from analyzer.templates.pieces import Pieces, literal
from analyzer.templates.read import Document, bad_template

EXTENSIONS: Final = "AWS::LanguageExtensions"
_LOOP: Final = "Fn::ForEach::"
_FORM: Final = "it has to be a list of an identifier, a collection and one object with the outcome"
_SECTIONS: Final = ("Resources", "Outputs", "Conditions")
# CloudFormation takes 500 resources: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
_MOST: Final = 5_000


def has_loops(document: Document) -> bool:
    """Say whether `Fn::ForEach` stands anywhere in a template."""
    return _LOOP in document.text


def expand(document: Document, given: Mapping[str, tuple[Pieces, ...]], problems: list[Unresolved]) -> Document:
    """Return a template with its loops written out; all that comes of one stands at the place of the loop's outcome.

    `given` are values of the template's parameters. A loop that cannot be written out is added to `problems` and left
    out.
    """
    transforms = items_of(document.root.members.get("Transform"))
    if not any(text_of(one) == EXTENSIONS for one in transforms):
        problems += [
            bad_template(place, f"Fn::ForEach without Transform: {EXTENSIONS}") for place in _loops(document.root)
        ]
    loops = _Loops(document.root.members.get("Parameters"), given, problems)
    members = dict(document.root.members)
    for name in _SECTIONS:
        if name in members:
            members[name] = loops.expanded(members[name], {})
    root = replace(document.root, members=members)
    return replace(document, root=root, repeated=tuple(loops.places))


def _loops(node: Json) -> Iterator[Location]:
    if isinstance(node, Array):
        for item in node.items:
            yield from _loops(item)
    elif isinstance(node, Object):
        for name, member in node.members.items():
            if name.startswith(_LOOP):
                yield node.key_locations[name]
            else:
                yield from _loops(member)


class _Loops:
    def __init__(
        self, parameters: Json | None, given: Mapping[str, tuple[Pieces, ...]], problems: list[Unresolved]
    ) -> None:
        self._parameters = parameters
        self._given = given
        self._problems = problems
        self._left = _MOST
        self.places: dict[Location, None] = {}

    def expanded(self, node: Json, values: Mapping[str, str]) -> Json:
        """Return a part of the template as it is where the identifiers of the loops around it have these values."""
        if isinstance(node, Array):
            return replace(node, items=tuple(self.expanded(item, values) for item in node.items))
        if isinstance(node, Scalar):
            return replace(node, value=_filled(node.value, values)) if isinstance(node.value, str) else node
        name = text_of(argument_of(node, "Ref"))
        if name is not None and name in values:
            return Scalar(values[name], False, node.location)
        text = argument_of(node, "Fn::Sub")
        if values and isinstance(text, Scalar) and isinstance(text.value, str):
            filled = _filled(text.value, values)
            # What nothing is left to be replaced in may stand where only names may: `Ref: {"Fn::Sub": "${Name}Table"}`.
            if not SUBSTITUTED.search(filled):
                return Scalar(filled, False, text.location)
        members: dict[str, Json] = {}
        places: dict[str, Location] = {}
        for key, member, place in self._members(node, values):
            if key in members:
                self._problems.append(bad_template(place, f"the loop makes {key} twice"))
            else:
                members[key], places[key] = member, place
        return Object(members, places, node.location)

    def _members(self, node: Object, values: Mapping[str, str]) -> Iterator[tuple[str, Json, Location]]:
        for name, member in node.members.items():
            place = node.key_locations[name]
            if not name.startswith(_LOOP):
                yield _filled(name, values, is_key=True), self.expanded(member, values), place
                continue
            loop = self._loop(name, member, place, values)
            if loop is None:
                continue
            identifier, collection, outcome = loop
            self.places[outcome.location] = None
            for value in collection:
                self._left -= 1
                if self._left < 0:
                    self._problems.append(bad_template(place, f"{name} makes more than a template may hold"))
                    return
                yield from self._members(outcome, {**values, identifier: value})

    def _loop(
        self, name: str, node: Json, place: Location, values: Mapping[str, str]
    ) -> tuple[str, tuple[str, ...], Object] | None:
        """Return the identifier, the collection and the outcome of a loop; None if it cannot be written out."""
        items = node.items if isinstance(node, Array) else ()
        identifier = text_of(items[0]) if items else None
        if len(items) != 3 or not identifier or not isinstance(outcome := items[2], Object):
            self._problems.append(bad_template(node.location, f"{name} is not written as it has to be: {_FORM}"))
            return None
        if identifier in values:
            self._problems.append(bad_template(items[0].location, f"{name}: a loop around it has {identifier} as well"))
            return None
        collection = self._collection(self.expanded(items[1], values))
        if collection is None:
            detail = f"the collection of {name} is not known: it has to be a list, or a list parameter with a value"
            self._problems.append(bad_template(items[1].location, detail))
            return None
        return identifier, collection, outcome

    def _collection(self, node: Json) -> tuple[str, ...] | None:
        if isinstance(node, Array):
            found = [self._collection(item) if isinstance(item, Object) else _text(item) for item in node.items]
            return None if None in found else tuple(text for texts in found if texts is not None for text in texts)
        name = text_of(argument_of(node, "Ref")) if isinstance(node, Object) else None
        declared = find(self._parameters, name or "")
        if name is None or declared is None:
            return None
        value = literal(self._given[name]) if name in self._given else None
        default = find(declared, "Default")
        if value is None and name not in self._given and isinstance(default, Scalar) and default.value is not None:
            value = str(default.value)
        if value is None or (text_of(find(declared, "Type")) or "").startswith("AWS::SSM::"):
            return None
        return tuple(part.strip() for part in value.split(","))


def _text(node: Json) -> tuple[str, ...] | None:
    return (node.value,) if isinstance(node, Scalar) and isinstance(node.value, str) else None


def _filled(text: str, values: Mapping[str, str], *, is_key: bool = False) -> str:
    """Return a text with the values in the place of `${Identifier}`, in keys their letters and digits for `&{...}`."""
    for identifier, value in values.items():
        text = text.replace(f"${{{identifier}}}", value)
        if is_key:
            text = text.replace(f"&{{{identifier}}}", re.sub(r"[^A-Za-z0-9]", "", value))
    return text
