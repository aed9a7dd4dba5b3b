"""The definitions of state machines: in the template as an object or a text, or in a file beside it.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html
and https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-statemachine.html.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Final

from analyzer.errors import InputError
from analyzer.iam.positioned_json import Array, Json, Object, Scalar, parse_json
from analyzer.iam.positioned_yaml import parse_yaml
from analyzer.model.calls import Unresolved, UnresolvedReason
from analyzer.model.definition import Fields, Items, Leaf, Node, StateMachine
from analyzer.model.location import Location
from analyzer.model.values import Known, Opaque, Unseen, Value
from analyzer.reading import read_text
from analyzer.templates.intrinsics import Resolver
from analyzer.templates.nodes import SUBSTITUTED, argument_of, find, text_of
from analyzer.templates.pieces import literal, value_of, written
from analyzer.templates.plain import to_plain
from analyzer.templates.read import bad_template, problem_of
from analyzer.templates.sam import SAM_PREFIX
from analyzer.templates.stack import Resource

MACHINE: Final = "AWS::StepFunctions::StateMachine"
_ASSET: Final = "aws:asset:path"
_FUNCTION: Final = re.compile(r"Ref|Fn::\w+")
_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
# Stand for the parts of an `Fn::Join` that are not texts.
_FIRST_MARK: Final = 0xE000
_MARK: Final = re.compile("[\ue000-\uf8ff]")
_BARE: Final = re.compile("\\$\\{[^}]*\\}|[\ue000-\uf8ff]")
_UNKNOWN: Final = Opaque(Unseen("what the template does not say"))

_Leaf = Callable[[Scalar], Json]


def read_machine(resource: Resource, resolver: Resolver, root: str, problems: list[Unresolved]) -> StateMachine | None:
    """Return the state machine that a resource makes; None if its definition cannot be read.

    `root` is the folder that shown paths are relative to. What is wrong is added to `problems`.
    """
    definition = _Definition(resource, resolver, root, problems).read()
    if definition is None:
        return None
    return StateMachine(
        definition=definition,
        name=value_of(resolver.name(resource)) or _UNKNOWN,
        arn=value_of(resolver.arns(resource)) or _UNKNOWN,
        location=resource.location,
        logging=_place_of(resource, resolver, ("LoggingConfiguration", "Level"), off="OFF"),
        tracing=_place_of(resource, resolver, ("TracingConfiguration", "Enabled"), off="false"),
        key=_key(resource, resolver),
    )


def _place_of(resource: Resource, resolver: Resolver, path: tuple[str, ...], off: str) -> Location | None:
    value = resource.get(*path)
    is_on = any(written(text) != off for text in resolver.texts(value))
    return value.location if value is not None and is_on else None


def _key(resource: Resource, resolver: Resolver) -> Leaf | None:
    node = resource.get("EncryptionConfiguration", "KmsKeyId")
    value = value_of(resolver.texts(node))
    return None if node is None or value is None else Leaf(value, node.location)


class _Definition:
    def __init__(self, resource: Resource, resolver: Resolver, root: str, problems: list[Unresolved]) -> None:
        self._resource = resource
        self._resolver = resolver
        self._stack = resolver.stack
        self._root = root
        self._problems = problems
        # SAM makes texts and places in S3 of what its own resource says.
        is_sam = (text_of(find(resource.written, "Type")) or "").startswith(SAM_PREFIX)
        properties = find(resource.written, "Properties") if is_sam else resource.properties
        self._properties = properties if isinstance(properties, Object) else resource.properties
        given = self._properties.members.get("DefinitionSubstitutions")
        self._substitutions = given if isinstance(given, Object) else None

    def read(self) -> Node | None:
        members = self._properties.members
        if "Definition" in members:
            return self._node(members["Definition"], self._substituted, has_functions=True)
        if "DefinitionString" in members:
            return self._text(members["DefinitionString"])
        asset = find(self._resource.written, "Metadata", _ASSET)
        place = asset or members.get("DefinitionUri") or members.get("DefinitionS3Location")
        if place is None:
            self._missing(self._resource.location, "says no definition")
            return None
        return self._file(place)

    # Files

    def _file(self, place: Json) -> Node | None:
        name = literal(self._resolver.texts(place))
        if name is None or "://" in name:
            self._missing(
                place.location, "has its definition in S3" if name is None else f"has its definition at {name}"
            )
            return None
        shown = os.path.normpath(os.path.join(self._stack.folder, name)).replace(os.sep, "/")
        try:
            text = read_text(os.path.join(self._root, shown), shown).removeprefix("\ufeff").replace("\r\n", "\n")
        except (FileNotFoundError, InputError):
            self._missing(place.location, f"has no definition that can be read at {shown}")
            return None
        try:
            content = parse_json(_quoted(text), shown) if text.lstrip().startswith("{") else parse_yaml(text, shown)
        except InputError as error:
            self._problems.append(problem_of(error, shown))
            return None
        return self._node(content, self._substituted, has_functions=False)

    def _missing(self, place: Location, what: str) -> None:
        detail = f"the state machine {self._resource.id} {what}"
        self._problems.append(Unresolved(UnresolvedReason.CODE_NOT_FOUND, place, detail))

    # Texts

    def _text(self, value: Json) -> Node | None:
        made = argument_of(value, "Fn::ToJsonString")
        if made is not None:
            return self._node(made, self._substituted, has_functions=True)
        joined = argument_of(value, "Fn::Join")
        if isinstance(joined, Array) and len(joined.items) == 2 and isinstance(joined.items[1], Array):
            return self._joined(text_of(joined.items[0]) or "", joined.items[1], value.location)
        template = argument_of(value, "Fn::Sub")
        if template is None:
            text = value if isinstance(value, Scalar) else None
            known = literal(self._resolver.texts(value))
            if known is None:
                self._problems.append(bad_template(value.location, "the text of the definition is not known"))
                return None
            return self._parsed(text or Scalar(known, False, value.location), self._substituted)
        parts = template.items if isinstance(template, Array) else (template,)
        text = parts[0] if parts and isinstance(parts[0], Scalar) else None
        if text is None:
            self._problems.append(bad_template(value.location, "the text of the definition is not known"))
            return None
        variables = parts[1] if len(parts) > 1 and isinstance(parts[1], Object) else None
        return self._parsed(text, lambda leaf: _sub(leaf, variables))

    def _joined(self, separator: str, parts: Array, place: Location) -> Node | None:
        others: list[Json] = []
        texts: list[str] = []
        for part in parts.items:
            text = text_of(part)
            if text is None:
                text = chr(_FIRST_MARK + len(others))
                others.append(part)
            texts.append(text)

        def leaf(scalar: Scalar) -> Json:
            text = str(scalar.value)
            if _MARK.search(text) is None:
                return self._substituted(scalar)
            pieces: list[Json] = []
            end = 0
            for found in _MARK.finditer(text):
                pieces += [Scalar(text[end : found.start()], False, place), others[ord(found[0]) - _FIRST_MARK]]
                end = found.end()
            pieces.append(Scalar(text[end:], False, place))
            arguments: tuple[Json, ...] = (Scalar("", False, place), Array(tuple(pieces), place))
            return _call("Fn::Join", Array(arguments, place), place)

        return self._parsed(Scalar(separator.join(texts), False, place), leaf)

    def _parsed(self, text: Scalar, leaf: _Leaf) -> Node | None:
        place = text.location
        content = _quoted(str(text.value))
        block = self._block(text)
        try:
            parsed = parse_json(content, place.path, place) if block is None else parse_json(_quoted(block), place.path)
        except InputError as error:
            self._problems.append(problem_of(error, place.path))
            return None
        return self._node(parsed, leaf, has_functions=False)

    def _block(self, text: Scalar) -> str | None:
        """Return a literal block of YAML as it stands in the template, below as many empty lines as are before it.

        So everything in it has the place that it has in the template. None if `text` is no such block.
        """
        lines = self._stack.document.text.split("\n")
        start = text.location
        header = lines[start.start_line - 1][start.start_column - 1 :] if start.start_line <= len(lines) else ""
        if not header.removeprefix("!Sub").lstrip().startswith("|"):
            return None
        content = str(text.value).rstrip("\n").split("\n")
        block = lines[start.start_line : start.start_line + len(content)]
        if [line.strip() for line in block] != [line.strip() for line in content]:
            return None
        return "\n" * start.start_line + "\n".join(block)

    def _substituted(self, scalar: Scalar) -> Json:
        """Return a text with what `DefinitionSubstitutions` puts into it; other names in `${}` stay as they are."""
        if self._substitutions is None or "${" not in str(scalar.value):
            return scalar
        names = self._substitutions.members

        def kept(found: re.Match[str]) -> str:
            return found[0] if found[1] in names else f"${{!{found[1]}}}"

        text = Scalar(SUBSTITUTED.sub(kept, str(scalar.value)), False, scalar.location)
        return _sub(text, self._substitutions)

    # Content

    def _node(self, value: Json, leaf: _Leaf, *, has_functions: bool) -> Node:
        if isinstance(value, Array):
            items = (one for item in value.items for one in (self._arms(item) if has_functions else (item,)))
            return Items(tuple(self._node(item, leaf, has_functions=has_functions) for item in items), value.location)
        if isinstance(value, Scalar):
            return Leaf(self._value(value, leaf), value.location)
        if has_functions and len(value.members) == 1 and _FUNCTION.fullmatch(next(iter(value.members))):
            known = value_of(self._resolver.texts(value))
            arms = () if known is not None else self._arms(value)
            if known is not None or not arms or arms[0] is value:
                return Leaf(known or _UNKNOWN, value.location)
            if len(arms) > 1:
                detail = "only the first of the values that this may be is looked at"
                self._problems.append(bad_template(value.location, detail))
            return self._node(arms[0], leaf, has_functions=True)
        members = {
            name: self._node(member, leaf, has_functions=has_functions)
            for name, member in value.members.items()
            if not has_functions or self._arms(member) or isinstance(member, Array)
        }
        return Fields(members, value.key_locations, value.location)

    def _arms(self, value: Json) -> tuple[Json, ...]:
        return (value,) if isinstance(value, Array) else self._resolver.items(value)

    def _value(self, scalar: Scalar, leaf: _Leaf) -> Value:
        plain = to_plain(scalar)
        if isinstance(plain, str):
            return value_of(self._resolver.texts(leaf(scalar))) or _UNKNOWN
        return Known(plain) if isinstance(plain, int | float | None) else _UNKNOWN


def _quoted(text: str) -> str:
    """Return JSON in which `${Timeout}`, where a value is to stand, is a text."""
    parts: list[str] = []
    end = 0
    for found in _STRING.finditer(text):
        parts += [_BARE.sub(r'"\g<0>"', text[end : found.start()]), found[0]]
        end = found.end()
    return "".join([*parts, _BARE.sub(r'"\g<0>"', text[end:])])


def _sub(text: Scalar, variables: Object | None) -> Json:
    if "${" not in str(text.value):
        return text
    argument: Json = text
    if variables is not None:
        argument = Array((text, variables), text.location)
    return _call("Fn::Sub", argument, text.location)


def _call(function: str, argument: Json, place: Location) -> Object:
    return Object({function: argument}, {function: place}, place)
