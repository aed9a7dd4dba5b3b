"""The arguments of a task as the parameters of a call, and what is found in them."""

from __future__ import annotations

from typing import Final

from analyzer.machines.expressions import Expressions
from analyzer.model.definition import Items, Leaf, Node
from analyzer.model.values import Known, Mapping, OneOf, Opaque, Sequence, Unseen, Value, alternatives
from analyzer.sdk.service_ids import Spellings

_PATH: Final = ".$"
INPUT: Final = Unseen("the input of a state")
"""Where the parameters of a task come from that names none: they are the whole input."""


def read_arguments(node: Node | None, expressions: Expressions) -> Mapping:
    """Return the arguments of a task, named as it names them; those of a task without any are its input."""
    value = Opaque(INPUT) if node is None else _value(node, expressions)
    return value if isinstance(value, Mapping) else Mapping((), complete=False)


def _value(node: Node, expressions: Expressions) -> Value:
    match node:
        case Leaf(value):
            return expressions.text(value)
        case Items(items):
            return Sequence(tuple(_value(item, expressions) for item in items))
    entries: list[tuple[Value, Value]] = []
    for name, member in node.members.items():
        if name.endswith(_PATH) and isinstance(member, Leaf):
            entries.append((Known(name.removesuffix(_PATH)), expressions.path(member.value)))
        else:
            entries.append((Known(name), _value(member, expressions)))
    return Mapping(tuple(entries))


def find(parameters: Mapping, path: str) -> Value | None:
    """Return what `parameters` hold at `path`, None if nothing, `Opaque` where that is not visible."""
    value: Value = parameters
    for name in path.split("."):
        if isinstance(value, Opaque):
            return value
        if not isinstance(value, Mapping):
            return None
        found = value.get(name)
        if found is None:
            return None if value.complete else Opaque(INPUT)
        value = found
    return value


def spelled(value: Value, spellings: Spellings) -> Value:
    """Return a value with the names in it as botocore spells them; what it has no name for is left out."""
    if spellings is None:
        return value
    match value:
        case OneOf():
            return OneOf(tuple(spelled(one, spellings) for one in alternatives(value)))
        case Sequence(items, complete):
            inner = spellings.get("items")
            return Sequence(tuple(spelled(item, inner) for item in items), complete)
        case Mapping(entries, complete):
            if "members" not in spellings:
                return Mapping(tuple((key, spelled(one, spellings.get("values"))) for key, one in entries), complete)
            members = spellings["members"]
            return Mapping(
                tuple(
                    (Known(members[name][0]), spelled(one, members[name][1]))
                    for key, one in entries
                    if isinstance(key, Known) and (name := str(key.value).lower()) in members
                ),
                complete,
            )
    return value
