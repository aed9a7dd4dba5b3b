"""What is known about the value of one call parameter: the immutable form that leaves the interpreter.

A value is one of: `Known` (a constant), `Text` (a string with holes), `Sequence`, `Mapping`, `OneOf` (any of a
finite set, with `Absent` among them where it may be missing) or `Opaque` (nothing known but where it came from).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Environment:
    """The hole is the value of an environment variable; `default` is the code's own fallback, if it is a constant."""

    name: str
    default: str | None = None


@dataclass(frozen=True, slots=True)
class EventPart:
    """The hole comes from the handler's event; `path` is how it is reached, e.g. `Records[].s3.bucket.name`."""

    path: str


@dataclass(frozen=True, slots=True)
class CallResult:
    """The hole comes out of another API call, e.g. `sqs`, `GetQueueUrl`, `QueueUrl`."""

    service: str
    operation: str
    path: str


@dataclass(frozen=True, slots=True)
class Ambient:
    """The hole is a fact of where the program is deployed: `name` is `partition`, `region` or `account`."""

    name: str


@dataclass(frozen=True, slots=True)
class TemplateSymbol:
    """The hole is what a template names and gives no text for, written as `Fn::Sub` does: `Orders`, `AWS::StackName`.

    `whole` is True where it may be an ARN as a whole, such as the value of a parameter, and False for a mere name.
    """

    text: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Unseen:
    """The hole comes from where the analysis cannot look; `why` says what that is, for people."""

    why: str


Origin = Environment | EventPart | CallResult | Ambient | TemplateSymbol | Unseen


@dataclass(frozen=True, slots=True)
class Hole:
    """The part of a string that is not known."""

    origin: Origin


@dataclass(frozen=True, slots=True)
class Known:
    """A constant."""

    value: str | int | float | bool | bytes | None


@dataclass(frozen=True, slots=True)
class Text:
    """A string of which some parts are known: literal parts and holes, in order, at least one hole.

    An environment variable on its own is a `Text` of one hole.
    """

    parts: tuple[str | Hole, ...]


@dataclass(frozen=True, slots=True)
class Opaque:
    """Nothing is known of the value, which may be of any type."""

    origin: Origin


@dataclass(frozen=True, slots=True)
class Absent:
    """An alternative of a `OneOf` under a key: the key may also not be there."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list, tuple or set; `complete` is False when there may be items in it that are unlike these."""

    items: tuple[Value, ...]
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Mapping:
    """A dict; `complete` is False when it may hold more keys than these.

    Keys are constants or, for `{table_name: ...}`, values of their own, so entries are pairs, sorted by the caller.
    """

    entries: tuple[tuple[Value, Value], ...]
    complete: bool = True

    def get(self, name: str) -> Value | None:
        """Return the value under the constant key `name`, or None if no entry has that key."""
        for key, value in self.entries:
            if isinstance(key, Known) and key.value == name:
                return value
        return None


@dataclass(frozen=True, slots=True)
class OneOf:
    """Any one of two or more alternatives, none of which is itself a `OneOf`."""

    alternatives: tuple[Value, ...]


Value = Known | Text | Opaque | Absent | Sequence | Mapping | OneOf


def alternatives(value: Value) -> Iterator[Value]:
    """Yield what `value` may be, one at a time: the members of a `OneOf`, or the value itself."""
    if isinstance(value, OneOf):
        yield from value.alternatives
    else:
        yield value
