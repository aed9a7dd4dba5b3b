"""YAML read strictly, with the line of everything, so that an error in a rule names its place and its remedy."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from analyzer.errors import RuleError

if TYPE_CHECKING:
    from pathlib import Path

    from ruamel.yaml.nodes import Node

Scalar = str | int | float | bool | None


class YamlNode(NamedTuple):
    """A value in a YAML file: a scalar, a list of nodes, or a mapping from names to nodes.

    `line` is 1-based: that of the key where the node is the value of one. `file` is how messages name the file.
    """

    file: str
    line: int
    value: Scalar | tuple[YamlNode, ...] | dict[str, YamlNode]

    def error(self, what: str, remedy: str) -> RuleError:
        """Return the error that says `what` is wrong at this node."""
        return RuleError(f"{self.file}:{self.line}: {what}", remedy)

    @property
    def is_mapping(self) -> bool:
        """Whether the node is a mapping."""
        return isinstance(self.value, dict)

    @property
    def is_list(self) -> bool:
        """Whether the node is a list."""
        return isinstance(self.value, tuple)

    def mapping(self) -> dict[str, YamlNode]:
        """Return the node's entries. Raises RuleError if it is not a mapping."""
        if not isinstance(self.value, dict):
            raise self.error("not a mapping", "write `key: value` pairs here")
        return self.value

    def record(self, required: Collection[str], optional: Collection[str] = ()) -> dict[str, YamlNode]:
        """Return the node's entries. Raises RuleError if a required key is missing or a key is of neither kind."""
        entries = self.mapping()
        for key, node in entries.items():
            if key not in required and key not in optional:
                raise node.error(f"unknown key `{key}`", f"use one of {_listed([*required, *optional])}")
        for key in required:
            if key not in entries:
                raise self.error(f"`{key}` is missing", f"add `{key}:`")
        return entries

    def items(self) -> tuple[YamlNode, ...]:
        """Return the items of a list. Raises RuleError if the node is not a list."""
        if not isinstance(self.value, tuple):
            raise self.error("not a list", "write a list: `[a, b]`, or lines that begin with `-`")
        return self.value

    def one_or_more(self) -> tuple[YamlNode, ...]:
        """Return the items of a list that is not empty, or the node itself if it is not a list.

        Raises RuleError if the list is empty.
        """
        if not isinstance(self.value, tuple):
            return (self,)
        if not self.value:
            raise self.error("an empty list", "name at least one")
        return self.value

    def text(self) -> str:
        """Return a string that is not empty. Raises RuleError if the node is anything else."""
        if not isinstance(self.value, str) or not self.value:
            raise self.error("not a string", "write a string, in quotes if it looks like a number or a boolean")
        return self.value

    def constant(self) -> str | int | float | bool:
        """Return a string, number or boolean. Raises RuleError if the node is anything else."""
        if self.value is None or isinstance(self.value, tuple | dict):
            raise self.error("not a constant", "write a string, a number, true or false")
        return self.value

    def choice(self, allowed: Collection[str]) -> str:
        """Return a string that is one of `allowed`. Raises RuleError if the node is anything else."""
        text = self.text()
        if text not in allowed:
            raise self.error(f"unknown value `{text}`", f"use one of {_listed(allowed)}")
        return text


def read_yaml(path: Path, shown: str) -> YamlNode:
    """Return the document in `path`; messages call the file `shown`.

    Raises RuleError if the file cannot be read, is not one YAML document of plain values, or repeats a key.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        root = YAML(typ="safe", pure=True).compose(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeError) as error:
        raise RuleError(f"{shown}: cannot be read: {error}", "reinstall lpa, or mend the file") from error
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark is not None else 1
        raise RuleError(f"{shown}:{line}: not YAML: {error.problem}", "mend the file's syntax") from error
    except YAMLError as error:
        raise RuleError(f"{shown}: not YAML: {error}", "mend the file's syntax") from error
    if root is None:
        raise RuleError(f"{shown}:1: the file is empty", "write the record, or delete the file")
    return _node(root, shown, root.start_mark.line + 1)


def _node(node: Node, file: str, line: int) -> YamlNode:
    from ruamel.yaml.nodes import MappingNode, SequenceNode

    if isinstance(node, SequenceNode):
        items = tuple(_node(item, file, item.start_mark.line + 1) for item in node.value)
        return YamlNode(file, line, items)
    if isinstance(node, MappingNode):
        return YamlNode(file, line, dict(_entries(node, file)))
    return YamlNode(file, line, _scalar(node, file, line))


def _entries(mapping: Node, file: str) -> Iterator[tuple[str, YamlNode]]:
    seen: set[str] = set()
    for key, value in mapping.value:
        line = key.start_mark.line + 1
        name = key.value
        if not isinstance(name, str):
            raise RuleError(f"{file}:{line}: a key that is not a string", "write a plain word as the key")
        if name in seen:
            raise RuleError(f"{file}:{line}: `{name}` stands twice in one mapping", "keep one of them")
        seen.add(name)
        yield name, _node(value, file, line)


def _scalar(node: Node, file: str, line: int) -> Scalar:
    text: str = node.value
    kind = (node.tag or "").rpartition(":")[2]
    if kind == "str":
        return text
    if kind == "bool":
        return text.lower() == "true"
    if kind == "null":
        return None
    with suppress(ValueError):
        return int(text) if kind == "int" else float(text)
    raise RuleError(f"{file}:{line}: a value of the kind {node.tag}", "write it as a string, in quotes")


def _listed(names: Collection[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))
