"""YAML that remembers where each value stands, as the same records that `positioned_json` gives.

Plain values only, as JSON has them: no tags of templates (`!Sub`), no merge keys, and a key that occurs twice is an
error. A date stays the text that it is written as: `Version: 2012-10-17` means the same with and without quotes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from analyzer.errors import InputError
from analyzer.iam.positioned_json import Array, Json, Object, Scalar
from analyzer.model.location import Location

if TYPE_CHECKING:
    from ruamel.yaml.nodes import CollectionNode, MappingNode, Node

_MAX_DEPTH: Final = 100
_REMEDY: Final = "write plain YAML: the same keys and values as in the JSON of the policy"
_CORE: Final = "tag:yaml.org,2002:"
# Kinds of plain scalars that are text in a policy, whatever YAML takes them for.
_TEXTS: Final = ("str", "timestamp")
_NUMBERS: Final = ("int", "float")


def parse_yaml(text: str, path: str) -> Json:
    """Return the value that `text`, the content of the file `path`, spells out.

    Raises InputError, with the place, if `text` is not one YAML document of plain values or has a key twice.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        place = f"{path}:{error.problem_mark.line + 1}:{error.problem_mark.column + 1}" if error.problem_mark else path
        raise InputError(f"{place}: not YAML: {error.problem or error.context}", _REMEDY) from error
    except (YAMLError, RecursionError) as error:
        raise InputError(f"{path}: not YAML: {' '.join(str(error).split())}", _REMEDY) from error
    if root is None:
        raise InputError(f"{path}:1:1: the file is empty", "name a file with a policy document or a role")
    return _value(root, path, 0)


def _value(node: Node, path: str, depth: int) -> Json:
    from ruamel.yaml.nodes import MappingNode, SequenceNode

    if depth > _MAX_DEPTH:
        raise InputError(f"{_start(node, path)}: nested more than {_MAX_DEPTH} deep", _REMEDY)
    kind = str(node.tag or "").removeprefix(_CORE)
    if isinstance(node, MappingNode) and kind == "map":
        return _object(node, path, depth)
    if isinstance(node, SequenceNode) and kind == "seq":
        items = tuple(_value(item, path, depth + 1) for item in node.value)
        return Array(items, _span_of_parts(node, path, items))
    location = _span(node, path)
    if kind in _TEXTS:
        return Scalar(str(node.value), False, location)
    if kind in _NUMBERS:
        return Scalar(str(node.value), True, location)
    if kind == "bool":
        return Scalar(node.value.lower() == "true", False, location)
    if kind == "null":
        return Scalar(None, False, location)
    raise InputError(f"{location}: a value of the kind {kind}", _REMEDY)


def _object(node: MappingNode, path: str, depth: int) -> Object:
    members: dict[str, Json] = {}
    key_locations: dict[str, Location] = {}
    for key_node, value_node in node.value:
        key = _value(key_node, path, depth + 1)
        if not isinstance(key, Scalar) or not isinstance(key.value, str):
            raise InputError(f"{key.location}: a key that is not a string", _REMEDY)
        if key.value in members:
            raise InputError(
                f'{key.location}: the key "{key.value}" occurs twice, first on line'
                f" {key_locations[key.value].start_line}",
                "keep one of the two; YAML readers drop the other without a word",
            )
        key_locations[key.value] = key.location
        members[key.value] = _value(value_node, path, depth + 1)
    return Object(members, key_locations, _span_of_parts(node, path, tuple(members.values())))


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
