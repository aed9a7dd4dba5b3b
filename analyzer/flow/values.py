"""The abstract values of the interpreter.

Constants, strings with holes and unknown values are those of `analyzer.model.values` (`Known`, `Text`, `Opaque`); they
and the SDK values compare by content. What can be changed after it was made (lists, dicts, instances, scopes) lives in
`Cells` and compares by identity.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from analyzer.model import ir
from analyzer.model.calls import Identity
from analyzer.model.values import Known, Opaque, Text, Unseen

if TYPE_CHECKING:
    from analyzer.model.program import SourceFile
    from analyzer.sdk import ResourceAction, ResourceCollection


class Mark(Enum):
    """Values that stand for the lack of one, and keys that stand for many."""

    ABSENT = "absent"
    """The name or entry may not be there."""
    REST = "rest"
    """The key under which a container keeps what may stand at any position or under any unknown key."""


ABSENT = Mark.ABSENT
REST = Mark.REST


class Cells(dict[Hashable, "Value"]):
    """Mutable places: the variables of a scope, the attributes of an instance, the items of a container.

    `birth` is the time it was made on the interpreter's clock, `version` counts the changes. All changes go through
    `State`, which undoes and joins them.
    """

    __slots__ = ("birth", "version")

    def __init__(self, birth: int) -> None:
        super().__init__()
        self.birth = birth
        self.version = 0


@dataclass(slots=True, eq=False)
class ListObject:
    """A list, tuple, set or iterator. Positions 0, 1, ... are keys of `cells`; REST holds items of unknown position.

    `resumes` is set for what a generator function returns: the function and its scope. A `@contextmanager` goes on
    behind its `yield` when the `with` block is left; another generator sees what has changed when it is iterated.
    """

    kind: str
    cells: Cells
    resumes: tuple[Function, Scope] | None = None


@dataclass(slots=True, eq=False)
class DictObject:
    """A dict. Constant keys are keys of `cells`, unknown strings are keyed by their value; REST holds the others."""

    cells: Cells


@dataclass(slots=True, eq=False)
class Scope:
    """A namespace: of a module, a class body or one activation of a function; `parent` is the enclosing one.

    `cls` is the class whose body it is; `declared` holds the names of `global` and `nonlocal` statements.
    """

    cells: Cells
    module: ModuleObject
    parent: Scope | None
    cls: ClassObject | None = None
    declared: dict[str, str] | None = None


@dataclass(slots=True, eq=False)
class ModuleObject:
    """A module of the program; `folder` is set for packages. `executed` is set when its body was run or is running."""

    name: str
    file: SourceFile | None
    folder: str | None
    cells: Cells
    executed: bool = False


@dataclass(slots=True, eq=False)
class Function:
    """A function of the program with the scope it closes over.

    `owner` is the class it was defined in; `kind` says how it binds: `plain`, `static`, `class`, `property`,
    `cached_property`; `defaults` are the evaluated defaults by parameter name; `attributes` are those set on it.
    """

    node: ir.FunctionDef
    scope: Scope
    defaults: dict[str, Value]
    owner: ClassObject | None = None
    kind: str = "plain"
    is_context_manager: bool = False


@dataclass(slots=True, eq=False)
class BoundMethod:
    """A function together with its first argument."""

    function: Value
    receiver: Value


@dataclass(slots=True, eq=False)
class Partial:
    """`functools.partial(function, *positional, **keywords)`."""

    function: Value
    positional: tuple[Value, ...]
    keywords: tuple[tuple[str, Value], ...]


@dataclass(slots=True, eq=False)
class ClassObject:
    """A class of the program. `fields` are the annotated names of a dataclass-like class, in order.

    `flavor` is `plain`, `dataclass`, `model` (pydantic), `settings` (pydantic-settings), `enum` or `namedtuple`.
    """

    node: ir.ClassDef
    scope: Scope
    bases: tuple[Value, ...]
    cells: Cells
    flavor: str = "plain"
    fields: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class Instance:
    """An object made from a class of the program; a `shared` one stands for many, so what is set on it is added."""

    cls: ClassObject
    cells: Cells
    shared: bool = False


@dataclass(slots=True, eq=False)
class Super:
    """`super()` in a method: attribute look-up behind `cls` in the order of the receiver's class."""

    cls: ClassObject
    receiver: Value


@dataclass(frozen=True, slots=True)
class Foreign:
    """Something from outside the program, named by how it is reached: `os.environ`, `requests.get()`.

    It is not an SDK object as far as can be seen. `local` is set when it stems from a module that looks like the
    program's own but was not found.
    """

    path: str
    local: bool = False


@dataclass(frozen=True, slots=True)
class BuiltinMethod:
    """A method of a value that has no code here: a string's `format`, a dict's `get`."""

    receiver: Value
    name: str


@dataclass(frozen=True, slots=True)
class Session:
    """A boto3, aioboto3 or botocore session; `identity` is whose credentials it has, if not the execution role's."""

    region: str | None = None
    identity: Identity | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """A client; `service` is None when it is a client of an unknown service. `identity` is that of its session."""

    service: str | None
    region: str | None = None
    identity: Identity | None = None


@dataclass(frozen=True, slots=True)
class Credentials:
    """Credentials, or a part of them: those of the execution role, or of another identity."""

    identity: Identity | None = None


@dataclass(frozen=True, slots=True)
class ClientMethod:
    """A method of a client that calls `operation`."""

    client: Client
    operation: str


@dataclass(frozen=True, slots=True)
class ClientHelper:
    """A method of a client that is no operation: `get_paginator`, `generate_presigned_url`, `upload_file`."""

    client: Client
    name: str


@dataclass(slots=True, eq=False)
class Resource:
    """A boto3 resource: `type_name` is the client name for a service resource.

    `identifiers` are (name, value) pairs. `cells` remembers under "loaded" that the attributes were fetched.
    """

    service: str
    type_name: str
    identifiers: tuple[tuple[str, Value], ...]
    region: str | None
    cells: Cells
    identity: Identity | None = None


@dataclass(frozen=True, slots=True)
class ResourceMember:
    """Something of a resource that is yet to be called: an action, sub-resource, waiter or S3 transfer method."""

    resource: Resource
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class CollectionValue:
    """A resource collection, or its pages; iterating it calls `collection.request` with `parameters`."""

    resource: Resource
    collection: ResourceCollection
    parameters: tuple[tuple[Hashable, Value], ...]
    paged: bool = False


@dataclass(frozen=True, slots=True)
class CollectionMethod:
    """A method of a collection: `all`, `filter`, `limit`, `page_size`, `pages` or a batch action."""

    collection: CollectionValue
    name: str
    action: ResourceAction | None


@dataclass(frozen=True, slots=True)
class Paginator:
    """What `get_paginator` returns."""

    client: Client
    operation: str


@dataclass(frozen=True, slots=True)
class PageIterator:
    """What `paginate` returns: iterating it calls the operation."""

    client: Client
    operation: str
    parameters: DictObject


@dataclass(frozen=True, slots=True)
class Waiter:
    """What `get_waiter` returns."""

    client: Client
    operation: str


@dataclass(frozen=True, slots=True)
class BatchWriter:
    """What `Table.batch_writer()` returns."""

    table: Resource


@dataclass(frozen=True, slots=True)
class SdkResult:
    """A part of an API call's response; `path` leads to it (`Items[].id`), "" is the response itself.

    `known` are parts that the request determines, by path.
    """

    service: str
    operation: str
    path: str = ""
    known: tuple[tuple[str, Value], ...] = ()


class Choice:
    """Any of two or more values, none of which is a Choice; ABSENT among them: or nothing at all.

    Compares by content, whatever the order.
    """

    __slots__ = ("_hash", "members", "values")

    def __init__(self, values: tuple[Value, ...]) -> None:
        self.values = values
        self.members = frozenset(values)
        self._hash = hash(self.members)

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Choice) and self._hash == other._hash and self.members == other.members
        )

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return f"Choice({self.values!r})"


Value = (
    Known
    | Text
    | Opaque
    | Mark
    | ListObject
    | DictObject
    | ModuleObject
    | Function
    | BoundMethod
    | Partial
    | ClassObject
    | Instance
    | Super
    | Foreign
    | BuiltinMethod
    | Session
    | Client
    | Credentials
    | ClientMethod
    | ClientHelper
    | Resource
    | ResourceMember
    | CollectionValue
    | CollectionMethod
    | Paginator
    | PageIterator
    | Waiter
    | BatchWriter
    | SdkResult
    | Choice
)

NONE = Known(None)
CONTEXT = Opaque(Unseen("the Lambda context"))
TRUE = Known(True)
FALSE = Known(False)
_MANY = Opaque(Unseen("one of many values"))
# How many alternatives a value may have before it counts as unknown.
MOST_ALTERNATIVES = 24


def unknown(why: str) -> Opaque:
    """Return an unknown value; `why` is told to people."""
    return Opaque(Unseen(why))


def alternatives(value: Value) -> tuple[Value, ...]:
    """Return the values that `value` may be, without ABSENT."""
    if isinstance(value, Choice):
        return tuple(member for member in value.values if member is not ABSENT)
    return () if value is ABSENT else (value,)


def may_lack(value: Value) -> bool:
    """Tell whether a place that holds a value may also be empty."""
    return value is ABSENT or (isinstance(value, Choice) and ABSENT in value.values)


def join(left: Value, right: Value) -> Value:
    """Return the value that stands for either of two."""
    if left is right:
        return left
    if isinstance(left, Choice):
        if right.members <= left.members if isinstance(right, Choice) else right in left.members:
            return left
    elif left == right:
        return left
    return _chosen((left, right))


def join_all(values: Sequence[Value]) -> Value | None:
    """Return the join of several values, None of none."""
    if not values:
        return None
    return values[0] if len(values) == 1 else _chosen(values)


def _chosen(values: Sequence[Value]) -> Value:
    members: dict[Value, None] = {}
    for value in values:
        if isinstance(value, Choice):
            members.update(dict.fromkeys(value.values))
        else:
            members[value] = None
    if _MANY in members or len(members) > MOST_ALTERNATIVES:
        # Constants and texts are many in data; what can lead to a call is kept as long as possible.
        kept = [member for member in members if not isinstance(member, Known | Text | Opaque)]
        members = dict.fromkeys((*kept[: MOST_ALTERNATIVES - 1], _MANY))
    return Choice(tuple(members)) if len(members) > 1 else next(iter(members))
