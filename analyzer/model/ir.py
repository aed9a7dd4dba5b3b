"""The intermediate representation of a Python module: what lowering keeps of the syntax tree.

Plain objects without behaviour. A `Span` is (start line, start column, end line, end column), 1-based, with the end
column after the last character. Lowering knows nothing of AWS and keeps everything an interpreter needs.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Span = tuple[int, int, int, int]


@dataclass(slots=True, eq=False)
class Constant:
    """A literal: None, a bool, a number, a string or bytes; Ellipsis for `...`."""

    value: object


@dataclass(slots=True, eq=False)
class Name:
    """A variable that is read, or bound as an assignment target."""

    id: str
    span: Span


@dataclass(slots=True, eq=False)
class Attribute:
    """`object.name`."""

    object: Expr
    name: str
    span: Span


@dataclass(slots=True, eq=False)
class Subscript:
    """`object[index]`; `index` is a `Slice` for a slice."""

    object: Expr
    index: Expr
    span: Span


@dataclass(slots=True, eq=False)
class Slice:
    """`lower:upper:step` inside a subscript."""

    lower: Expr | None
    upper: Expr | None
    step: Expr | None


@dataclass(slots=True, eq=False)
class Keyword:
    """A keyword argument; `name` is None for `**value`."""

    name: str | None
    value: Expr


@dataclass(slots=True, eq=False)
class Call:
    """A call; positional `args` may hold `Starred`."""

    func: Expr
    args: list[Expr]
    keywords: list[Keyword]
    span: Span


@dataclass(slots=True, eq=False)
class Starred:
    """`*value` in a call, a display or a target."""

    value: Expr
    span: Span


@dataclass(slots=True, eq=False)
class FormattedString:
    """An f-string, or strings concatenated by juxtaposition: the values whose texts are joined."""

    parts: list[Expr]


@dataclass(slots=True, eq=False)
class Formatted:
    """A replacement field of an f-string; `how` is its conversion and format specification as written (`!r:>10`).

    It is empty where there is none, and None where the specification holds fields itself.
    """

    value: Expr
    how: str | None


@dataclass(slots=True, eq=False)
class Binary:
    """`left operator right`, arithmetic or bitwise."""

    operator: str
    left: Expr
    right: Expr


@dataclass(slots=True, eq=False)
class Boolean:
    """`left and right` or `left or right`."""

    operator: str
    left: Expr
    right: Expr


@dataclass(slots=True, eq=False)
class Not:
    """`not value`."""

    value: Expr


@dataclass(slots=True, eq=False)
class Unary:
    """`-value`, `+value`, `~value`."""

    operator: str
    value: Expr


@dataclass(slots=True, eq=False)
class Compare:
    """A comparison chain: `operands[0] operators[0] operands[1] ...`."""

    operands: list[Expr]
    operators: list[str]


@dataclass(slots=True, eq=False)
class Conditional:
    """`body if test else orelse`."""

    test: Expr
    body: Expr
    orelse: Expr


@dataclass(slots=True, eq=False)
class Display:
    """A list, tuple or set display; `kind` is `list`, `tuple` or `set`."""

    kind: str
    items: list[Expr]


@dataclass(slots=True, eq=False)
class DictDisplay:
    """A dict display; a key of None stands for `**value`."""

    entries: list[tuple[Expr | None, Expr]]


@dataclass(slots=True, eq=False)
class Clause:
    """`for target in iterable if conditions` of a comprehension."""

    target: Expr
    iterable: Expr
    iterable_span: Span
    conditions: list[Expr]


@dataclass(slots=True, eq=False)
class Comprehension:
    """`kind` is `list`, `set`, `dict` or `generator`; `key` is only there for `dict`."""

    kind: str
    key: Expr | None
    element: Expr
    clauses: list[Clause]


@dataclass(slots=True, eq=False)
class Lambda:
    """A lambda expression, as the function it makes."""

    function: FunctionDef


@dataclass(slots=True, eq=False)
class Await:
    """`await value`."""

    value: Expr


@dataclass(slots=True, eq=False)
class Yield:
    """`yield value`; `source_span` is the span of the iterable for `yield from`, else None."""

    value: Expr | None
    source_span: Span | None


@dataclass(slots=True, eq=False)
class Walrus:
    """`name := value`."""

    name: str
    value: Expr


Expr = (
    Constant
    | Name
    | Attribute
    | Subscript
    | Slice
    | Call
    | Starred
    | FormattedString
    | Formatted
    | Binary
    | Boolean
    | Not
    | Unary
    | Compare
    | Conditional
    | Display
    | DictDisplay
    | Comprehension
    | Lambda
    | Await
    | Yield
    | Walrus
)


@dataclass(slots=True, eq=False)
class ExpressionStatement:
    """An expression evaluated for its effect."""

    value: Expr


@dataclass(slots=True, eq=False)
class Assign:
    """`target = target = value`, with the annotation of `target: annotation = value`.

    `value` is None for a bare annotation. `hint` is the service that a `# lpa: service=NAME` comment on the line names.
    """

    targets: list[Expr]
    value: Expr | None
    annotation: Expr | None = None
    hint: str | None = None


@dataclass(slots=True, eq=False)
class AugmentedAssign:
    """`target operator= value`."""

    target: Expr
    operator: str
    value: Expr


@dataclass(slots=True, eq=False)
class Import:
    """`import module as name`, one per module; `name` is None without `as`."""

    module: str
    name: str | None
    span: Span


@dataclass(slots=True, eq=False)
class ImportFrom:
    """`from module import names`; `level` counts the leading dots; a name `*` stands for all."""

    module: str
    level: int
    names: list[tuple[str, str]]
    span: Span


@dataclass(slots=True, eq=False)
class Parameter:
    """A parameter; `kind` is `positional` (only), `normal`, `keyword` (only), `args` or `kwargs`."""

    name: str
    kind: str
    default: Expr | None = None
    annotation: Expr | None = None
    hint: str | None = None


@dataclass(slots=True, eq=False)
class FunctionDef:
    """A function or lambda; `qualified_name` is dotted from the module, `<lambda>` for a lambda."""

    name: str
    qualified_name: str
    parameters: list[Parameter]
    body: list[Statement]
    decorators: list[Expr]
    returns: Expr | None
    is_generator: bool
    span: Span


@dataclass(slots=True, eq=False)
class ClassDef:
    """A class."""

    name: str
    qualified_name: str
    bases: list[Expr]
    keywords: list[Keyword]
    body: list[Statement]
    decorators: list[Expr]
    span: Span


@dataclass(slots=True, eq=False)
class Return:
    """`return value`."""

    value: Expr | None


@dataclass(slots=True, eq=False)
class If:
    """`if`; an `elif` is an `If` alone in `orelse`."""

    test: Expr
    body: list[Statement]
    orelse: list[Statement]


@dataclass(slots=True, eq=False)
class For:
    """`for target in iterable`, also `async for`."""

    target: Expr
    iterable: Expr
    iterable_span: Span
    body: list[Statement]
    orelse: list[Statement]


@dataclass(slots=True, eq=False)
class While:
    """`while`."""

    test: Expr
    body: list[Statement]
    orelse: list[Statement]


@dataclass(slots=True, eq=False)
class With:
    """`with context as target, ...`, also `async with`."""

    items: list[tuple[Expr, Expr | None]]
    body: list[Statement]


@dataclass(slots=True, eq=False)
class Handler:
    """An `except` clause."""

    type: Expr | None
    name: str | None
    body: list[Statement]


@dataclass(slots=True, eq=False)
class Try:
    """`try` with its clauses."""

    body: list[Statement]
    handlers: list[Handler]
    orelse: list[Statement]
    final: list[Statement]


@dataclass(slots=True, eq=False)
class Case:
    """A `case`: the names its pattern captures, the values it compares with, its guard.

    `whole` are those of the captured names that stand for the subject itself and not for a part of it.

    `irrefutable` patterns (a bare name or `_`, no guard) match everything.
    """

    literals: list[Expr]
    captures: list[str]
    guard: Expr | None
    irrefutable: bool
    body: list[Statement]
    whole: list[str] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Match:
    """`match subject`."""

    subject: Expr
    cases: list[Case]


@dataclass(slots=True, eq=False)
class Raise:
    """`raise value`."""

    value: Expr | None


@dataclass(slots=True, eq=False)
class Assert:
    """`assert test`."""

    test: Expr


@dataclass(slots=True, eq=False)
class Delete:
    """`del targets`."""

    targets: list[Expr]


@dataclass(slots=True, eq=False)
class ScopeDeclaration:
    """`global names` or `nonlocal names`; `kind` is the keyword."""

    kind: str
    names: list[str]


@dataclass(slots=True, eq=False)
class Jump:
    """`break` or `continue`; `kind` is the keyword."""

    kind: str


Statement = (
    ExpressionStatement
    | Assign
    | AugmentedAssign
    | Import
    | ImportFrom
    | FunctionDef
    | ClassDef
    | Return
    | If
    | For
    | While
    | With
    | Try
    | Match
    | Raise
    | Assert
    | Delete
    | ScopeDeclaration
    | Jump
)


@dataclass(slots=True, eq=False)
class SyntaxProblem:
    """A span that could not be parsed, with the text it begins with."""

    span: Span
    text: str


@dataclass(slots=True, eq=False)
class Module:
    """A lowered module.

    `mentioned` holds every name that is read or accessed as an attribute anywhere in it, `called` every method name
    that is called on something.
    """

    body: list[Statement]
    problems: list[SyntaxProblem] = field(default_factory=list)
    mentioned: set[str] = field(default_factory=set)
    called: set[str] = field(default_factory=set)
