"""YAML that remembers where each value stands, as the same records that `positioned_json` gives.

Plain values, as JSON has them, and a key that occurs twice is an error. A date stays the text that it is written as:
`Version: 2012-10-17` means the same with and without quotes. The tags of templates (`!Sub`) and merge keys (`<<`) are
read where they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from analyzer.errors import InputError
from analyzer.iam.positioned_json import Array, Json, Object, Scalar, is_text
from analyzer.model.location import Location

if TYPE_CHECKING:
    from ruamel.yaml.nodes import CollectionNode, MappingNode, Node

_MAX_DEPTH: Final = 100
# Reading YAML takes about five seconds for each million characters.
_MOST_CHARACTERS: Final = 4 * 1024 * 1024
# Each use of an alias counts as all that it stands for: ten lines of aliases of aliases can stand for billions.
_MOST_VALUES: Final = 250_000
_REMEDY: Final = "write plain YAML: the same keys and values as in the JSON of the policy"
_CORE: Final = "tag:yaml.org,2002:"
_MERGE: Final = f"{_CORE}merge"
# Kinds of plain scalars that are text in a policy, whatever YAML takes them for.
_TEXTS: Final = ("str", "timestamp")
_NUMBERS: Final = ("int", "float")


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a file may hold beyond plain values.

    `function` returns the key that a tag stands for (`!Sub` for `Fn::Sub`), or None if there is no such tag; a tagged
    value becomes an object with that key alone. `report` is told of a key that occurs twice, whose first value is then
    dropped, as YAML readers do.
    """

    function: Callable[[str], str | None]
    report: Callable[[InputError], None]


def parse_yaml(text: str, path: str, dialect: Dialect | None = None) -> Json:
    """Return the value that `text`, the content of the file `path`, spells out.

    Raises InputError, with the place, if `text` is not one YAML document of plain values, or of those of `dialect`, or
    has a key twice.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    if len(text) > _MOST_CHARACTERS:
        raise InputError(f"{path}: larger than {_MOST_CHARACTERS // 1024 // 1024} MiB", "write it as JSON")
    reader = YAML(typ="safe", pure=True)
    # An anchor that is set anew is YAML; a warning would be printed.
    reader.composer.warn_double_anchors = False
    try:
        root = reader.compose(text)
    except MarkedYAMLError as error:
        place = f"{path}:{error.problem_mark.line + 1}:{error.problem_mark.column + 1}" if error.problem_mark else path
        raise InputError(f"{place}: not YAML: {error.problem or error.context}", _REMEDY) from error
    except (YAMLError, RecursionError) as error:
        raise InputError(f"{path}: not YAML: {' '.join(str(error).split())}", _REMEDY) from error
    if root is None:
        raise InputError(f"{path}:1:1: the file is empty", "name a file with a policy document or a role")
    return _Reader(path, dialect).value(root, 0)


class _Reader:
    def __init__(self, path: str, dialect: Dialect | None) -> None:
        self._path = path
        self._dialect = dialect
        self._left = _MOST_VALUES

    def value(self, node: Node, depth: int) -> Json:
        if depth > _MAX_DEPTH:
            raise InputError(f"{_start(node, self._path)}: nested more than {_MAX_DEPTH} deep", _REMEDY)
        self._left -= 1
        if self._left < 0:
            raise InputError(f"{_start(node, self._path)}: more than {_MOST_VALUES:,} values, with aliases", _REMEDY)
        tag = str(node.tag or "")
        if self._dialect is not None and tag.startswith("!"):
            function = self._dialect.function(tag)
            if function is not None:
                return self._call(function, node, depth)
        return self._plain(node, tag.removeprefix(_CORE), depth)

    def _call(self, function: str, node: Node, depth: int) -> Object:
        from ruamel.yaml.nodes import MappingNode, SequenceNode

        kind = "map" if isinstance(node, MappingNode) else "seq" if isinstance(node, SequenceNode) else "str"
        inner = self._plain(node, kind, depth)
        return Object({function: inner}, {function: inner.location}, inner.location)

    def _plain(self, node: Node, kind: str, depth: int) -> Json:
        from ruamel.yaml.nodes import MappingNode, SequenceNode

        if isinstance(node, MappingNode) and kind == "map":
            return self._object(node, depth)
        if isinstance(node, SequenceNode) and kind == "seq":
            items = tuple(self.value(item, depth + 1) for item in node.value)
            return Array(items, _span_of_parts(node, self._path, items))
        location = _span(node, self._path)
        if kind in _TEXTS:
            if not is_text(str(node.value)):
                raise InputError(f"{location}: half a surrogate pair in a string", _REMEDY)
            return Scalar(str(node.value), False, location)
        if kind in _NUMBERS:
            return Scalar(str(node.value), True, location)
        if kind == "bool":
            return Scalar(node.value.lower() == "true", False, location)
        if kind == "null":
            return Scalar(None, False, location)
        raise InputError(f"{location}: a value of the kind {kind}", _REMEDY)

    def _object(self, node: MappingNode, depth: int) -> Object:
        members: dict[str, Json] = {}
        key_locations: dict[str, Location] = {}
        merged: list[Object] = []
        for key_node, value_node in node.value:
            if self._dialect is not None and key_node.tag == _MERGE:
                merged += _objects(self.value(value_node, depth + 1))
                continue
            key = self.value(key_node, depth + 1)
            if not isinstance(key, Scalar) or not isinstance(key.value, str) or key.is_number:
                raise InputError(f"{key.location}: a key that is not a string", _REMEDY)
            if key.value in members:
                self._twice(key.value, key.location, key_locations[key.value])
            key_locations[key.value] = key.location
            members[key.value] = self.value(value_node, depth + 1)
        location = _span_of_parts(node, self._path, tuple(members.values()))
        for other in merged:
            for name, value in other.members.items():
                if name not in members:
                    members[name], key_locations[name] = value, other.key_locations[name]
        return Object(members, key_locations, location)

    def _twice(self, key: str, location: Location, first: Location) -> None:
        error = InputError(
            f'{location}: the key "{key}" occurs twice, first on line {first.start_line}',
            "keep one of the two; YAML readers drop the other without a word",
        )
        if self._dialect is None:
            raise error
        self._dialect.report(error)


def _objects(value: Json) -> list[Object]:
    """Return what a merge key merges: an object, or several in a list, of which the first one counts most."""
    items = value.items if isinstance(value, Array) else (value,)
    return [item for item in items if isinstance(item, Object)]


def _span(node: Node, path: str) -> Location:
    start, end = node.start_mark, node.end_mark
    return Location(path, start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def _span_of_parts(node: CollectionNode, path: str, parts: tuple[Json, ...]) -> Location:
    """Return where `node` stands; the end mark of one that is written in a block is where the next thing begins."""
    location = _span(node, path)
    if not parts or node.flow_style:
        return location
    end_line, end_column = max((part.location.end_line, part.location.end_column) for part in parts)
    return replace(location, end_line=end_line, end_column=end_column)


def _start(node: Node, path: str) -> str:
    return f"{path}:{node.start_mark.line + 1}:{node.start_mark.column + 1}"
