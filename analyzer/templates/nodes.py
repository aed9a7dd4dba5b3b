"""Finding one's way in the content of a template."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from analyzer.iam.positioned_json import Array, Json, Object, Scalar

SUBSTITUTED: Final = re.compile(r"\$\{([^}]*)\}")
"""What `Fn::Sub` replaces in a text."""
_FUNCTION: Final = re.compile(r"Ref|Condition|Fn::\w+")


def find(value: Json | None, *path: str) -> Json | None:
    """Return what lies at `path` in `value`, None if it is not there."""
    for name in path:
        if not isinstance(value, Object):
            return None
        value = value.members.get(name)
    return value


def text_of(value: Json | None) -> str | None:
    """Return a text that is written as it is; None if `value` is anything else."""
    return value.value if isinstance(value, Scalar) and isinstance(value.value, str) else None


def items_of(value: Json | None) -> tuple[Json, ...]:
    """Return the items of a list, or `value` itself as the only one."""
    if value is None:
        return ()
    return value.items if isinstance(value, Array) else (value,)


def argument_of(value: Json, function: str) -> Json | None:
    """Return what `function` is called with, None if `value` is no call of it."""
    return value.members.get(function) if isinstance(value, Object) and len(value.members) == 1 else None


def is_call(value: Json) -> bool:
    """Say whether `value` is a call of an intrinsic function: `{"Ref": "Orders"}`."""
    return (
        isinstance(value, Object) and len(value.members) == 1 and bool(_FUNCTION.fullmatch(next(iter(value.members))))
    )


def references(value: Json | None) -> Iterator[str]:
    """Yield the logical ids and parameters that `value` refers to."""
    for one in items_of(value):
        if isinstance(one, Array):
            yield from references(one)
        elif isinstance(one, Object):
            for name, member in one.members.items():
                target = text_of(member)
                if name == "Ref" and target is not None:
                    yield target
                elif name == "Fn::GetAtt":
                    yield from (text for item in items_of(member)[:1] if (text := text_of(item)) is not None)
                elif name == "Fn::Sub":
                    text = text_of(items_of(member)[0]) if items_of(member) else None
                    yield from (found[1].partition(".")[0] for found in SUBSTITUTED.finditer(text or ""))
                    yield from references(Array(items_of(member)[1:], one.location))
                else:
                    yield from references(member)
