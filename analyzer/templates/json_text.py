"""`Fn::ToJsonString`: a part of a template as JSON, with what is not known in it as symbols.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-ToJsonString.html.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from analyzer.iam.positioned_json import Array, Json, Object, Scalar
from analyzer.templates.pieces import Pieces, joined, products

if TYPE_CHECKING:
    from analyzer.templates.intrinsics import Resolver


def json_texts(value: Json, resolver: Resolver) -> Iterable[Pieces]:
    """Return what `value` may be as JSON; nothing if it is left out by `AWS::NoValue`."""
    if isinstance(value, Scalar) and (value.is_number or not isinstance(value.value, str)):
        return [(value.value if isinstance(value.value, str) else json.dumps(value.value),)]
    if isinstance(value, Array):
        return products(_separated("[", [tuple(json_texts(item, resolver)) for item in value.items], "]"))
    if isinstance(value, Scalar) or not _is_plain(value):
        return [_quoted(text) for text in resolver.texts(value)]
    members = [
        tuple(joined((f"{json.dumps(name)}:", *one)) for one in json_texts(member, resolver))
        for name, member in value.members.items()
    ]
    return products(_separated("{", members, "}"))


def _is_plain(value: Object) -> bool:
    """Say whether an object is itself, and no call of a function."""
    name = next(iter(value.members), "")
    return len(value.members) != 1 or not (name == "Ref" or name.startswith("Fn::"))


def _quoted(text: Pieces) -> Pieces:
    """Return a text as a string of JSON, as if no symbol held what has to be escaped."""
    return joined(['"', *(json.dumps(one)[1:-1] if isinstance(one, str) else one for one in text), '"'])


def _separated(opening: str, parts: Sequence[tuple[Pieces, ...]], closing: str) -> list[tuple[Pieces, ...]]:
    """Return the choices of a text with the parts between brackets, without those that are left out."""
    choices: list[tuple[Pieces, ...]] = []
    for part in filter(None, parts):
        choices += [((",",),), part] if choices else [part]
    return [((opening,),), *choices, ((closing,),)]
