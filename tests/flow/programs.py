"""Writes random programs that make AWS calls, and runs them on a stand-in for boto3 to learn which calls they make.

What a program does never depends on luck that the interpreter could foresee: every choice it makes at run time asks
`coin.flip()`, of which the interpreter knows nothing, and a program is run once for every outcome of all its flips.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import ModuleType
from typing import Any, TypeVar

from hypothesis import strategies as st

SERVICES = ("cloudwatch", "ecs", "events", "kinesis", "logs", "sns")
"""Services that all have the operation ListTagsForResource, so that any client can stand in for any other."""

_WORDS = ("alpha", "beta", "gamma", "delta")
_MOST_STATEMENTS = 24
_DEEPEST = 3
_MOST_RUNS = 64
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Site:
    """A call that a program makes: `name` is what it gave as `ResourceArn`."""

    path: str
    line: int
    service: str
    name: str


@dataclass(frozen=True, slots=True)
class Program:
    """The text of a program's modules by file name."""

    files: dict[str, str]

    def __str__(self) -> str:
        numbered = []
        for path, text in self.files.items():
            numbered.append(f"# {path}")
            numbered.extend(f"{number:3} {line}" for number, line in enumerate(text.splitlines(), 1))
        return "\n".join(numbered)


@dataclass(frozen=True, slots=True)
class _Function:
    """A function of the program: its parameters are (name, kind, style), style one of "plain", "default", "named"."""

    name: str
    parameters: tuple[tuple[str, str, str], ...]
    returns: str
    spread: str = ""


@dataclass(slots=True)
class _Scope:
    """The variables that surely exist, by what they hold, and the functions and classes that can be used."""

    variables: dict[str, list[str]] = field(default_factory=dict)
    functions: list[_Function] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    own: set[str] = field(default_factory=set)
    in_function: bool = False

    def copy(self) -> _Scope:
        return _Scope(
            {kind: list(names) for kind, names in self.variables.items()},
            list(self.functions),
            list(self.classes),
            set(self.own),
            self.in_function,
        )

    def inner(self) -> _Scope:
        """Return the scope of a function defined here: it sees everything and owns nothing."""
        result = self.copy()
        result.own = set()
        result.in_function = True
        return result

    def add(self, kind: str, name: str) -> None:
        for names in self.variables.values():
            if name in names:
                names.remove(name)
        self.variables.setdefault(kind, []).append(name)
        self.own.add(name)

    def names(self, kind: str) -> list[str]:
        return self.variables.get(kind, [])


class _Writer:
    """Writes one program. Kinds of values: client, name, list, table, pair, box (an object), maker (a function)."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any], *, branches: bool, loops: bool) -> None:
        self._draw = draw
        self._branches = branches
        self._loops = loops
        self._statements = 0
        self._count = 0
        self.lines: list[str] = []

    @property
    def _keeps_order(self) -> bool:
        # Whoever iterates over one container or another no longer knows which item came first, or under which key.
        return self._loops or not self._branches

    # Choosing

    def _one(self, items: Sequence[T]) -> T:
        chosen: T = self._draw(st.sampled_from(items))
        return chosen

    def _number(self, low: int, high: int) -> int:
        result: int = self._draw(st.integers(low, high))
        return result

    def _fresh(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count}"

    def _emit(self, level: int, line: str) -> None:
        self.lines.append("    " * level + line)

    # Expressions

    def expression(self, kind: str, scope: _Scope, depth: int = 0) -> str:
        choices: list[Callable[[], str]] = []
        variables = scope.names(kind)
        if variables:
            choices += [lambda: self._one(variables)] * 3
        choices += self._literals(kind, scope, depth)
        if depth < _DEEPEST:
            choices += self._compound(kind, scope, depth + 1)
        return self._one(choices)()

    def _literals(self, kind: str, scope: _Scope, depth: int) -> list[Callable[[], str]]:
        if kind == "client":
            return [lambda: f'boto3.client("{self._one(SERVICES)}")']
        if kind == "name":
            return [lambda: f'"{self._one(_WORDS)}"']
        deeper = max(depth + 1, _DEEPEST - 1)

        def client() -> str:
            return self.expression("client", scope, deeper)

        def name() -> str:
            return self.expression("name", scope, deeper)

        if kind == "list":
            return [lambda: f"[{client()}, {client()}]", lambda: f"list(({client()}, {client()}))"]
        if kind == "table":
            return [
                lambda: f'{{"a": {client()}, "b": {client()}}}',
                lambda: f"dict(a={client()}, b={client()})",
                lambda: f'{{**{{"a": {client()}}}, "b": {client()}}}',
            ]
        if kind == "pair":
            return [lambda: f"({client()}, {name()})"]
        if kind == "maker":
            return [lambda: f"(lambda: {client()})", lambda: f'partial(boto3.client, "{self._one(SERVICES)}")']
        if kind == "box":
            return [lambda: f"{self._one(scope.classes)}({client()}, {name()})"]
        raise AssertionError(kind)

    def _compound(self, kind: str, scope: _Scope, depth: int) -> list[Callable[[], str]]:
        def of(wanted: str) -> str:
            return self.expression(wanted, scope, depth)

        choices: list[Callable[[], str]] = [
            lambda: f"(lambda v: v)({of(kind)})",
            lambda: f"[{of(kind)}, {of(kind)}][{self._number(0, 1)}]",
            lambda: f'{{"x": {of(kind)}, "y": {of(kind)}}}["{self._one("xy")}"]',
            lambda: f'{{"x": {of(kind)}}}.get("{self._one("xz")}", {of(kind)})',
            lambda: f"({of(kind)} if {self._one(['True', 'False', '1 < 2'])} else {of(kind)})",
        ]
        if kind in ("client", "box", "name", "list", "table", "pair"):
            choices.append(lambda: f"({of(kind)} or {of(kind)})")
        if self._branches:
            choices.append(lambda: f"({of(kind)} if flip() else {of(kind)})")
        choices += [
            partial(self.call, function, scope, depth) for function in scope.functions if function.returns == kind
        ]
        if kind == "client":
            choices += [
                lambda: f"{of('list')}[{self._number(0, 1)}]",
                lambda: f'{of("table")}["{self._one("ab")}"]',
                lambda: f"{of('pair')}[0]",
                lambda: f"{of('maker')}()",
            ]
            if scope.classes:
                choices += [lambda: f"{of('box')}.client", lambda: f"{of('box')}.current"]
        if kind == "name":
            choices += [
                lambda: f"{of('pair')}[1]",
                lambda: f'f"{{{self._variable_or_literal(scope)}}}-{self._one(_WORDS)}"',
                lambda: f'({of("name")} + "-{self._one(_WORDS)}")',
                lambda: f'("%s-x" % ({of("name")},))',
                lambda: f'"{{}}/{{y}}".format({of("name")}, y={of("name")})',
                lambda: f'"-".join([{of("name")}, {of("name")}])',
                lambda: f"{of('name')}.upper()",
            ]
            if scope.classes:
                choices += [lambda: f"{of('box')}.name", lambda: f'getattr({of("box")}, "name")']
        if kind == "list":
            choices += [
                lambda: f"{of('list')}[::-1]",
            ]
            if self._keeps_order:
                choices += [lambda: f"list({of('table')}.values())", lambda: f"[v for v in {of('list')}]"]
        if kind == "table":
            choices += [
                lambda: f"{{**{of('table')}, **{of('table')}}}",
            ]
            if self._keeps_order:
                choices += [
                    lambda: f"{{k: v for k, v in {of('table')}.items()}}",
                    lambda: f'dict(zip(["a", "b"], {of("list")}))',
                ]
        return choices

    def _variable_or_literal(self, scope: _Scope) -> str:
        names = scope.names("name")
        return self._one(names) if names else f"'{self._one(_WORDS)}'"

    def call(self, function: _Function, scope: _Scope, depth: int) -> str:
        """Return a call of a function of the program, its arguments given in one of the ways that Python has."""
        positional: list[str] = []
        keywords: list[str] = []
        by_name = False
        for name, kind, style in function.parameters:
            if style == "default" and self._number(0, 1):
                by_name = True
                continue
            value = self.expression(kind, scope, depth)
            by_name = by_name or style == "named" or self._number(0, 2) == 0
            if by_name:
                keywords.append(f"{name}={value}")
            else:
                positional.append(value)
        if function.spread == "args":
            # All parameters are in `*args`: by position, all of them.
            given = [self.expression(kind, scope, depth) for _, kind, _ in function.parameters]
            return f"{function.name}({', '.join(given)})"
        if function.spread == "kwargs":
            given = [f"{name}={self.expression(kind, scope, depth)}" for name, kind, _ in function.parameters]
            return f"{function.name}({', '.join(given)})"
        if positional and self._number(0, 4) == 0:
            positional = [f"*[{', '.join(positional)}]"]
        if keywords and self._number(0, 4) == 0:
            entries = ", ".join('"{}": {}'.format(*keyword.split("=", 1)) for keyword in keywords)
            keywords = [f"**{{{entries}}}"]
        return f"{function.name}({', '.join([*positional, *keywords])})"

    # Statements

    def block(self, scope: _Scope, level: int, *, least: int = 1, most: int = 5) -> None:
        """Write some statements; what they define stays in `scope`."""
        for _ in range(self._number(least, most)):
            if self._statements >= _MOST_STATEMENTS:
                break
            self._statements += 1
            self._one(self._statement_kinds(scope, level))(scope, level)
        self._emit(level, "pass")

    def _statement_kinds(self, scope: _Scope, level: int) -> list[Callable[[_Scope, int], None]]:
        kinds: list[Callable[[_Scope, int], None]] = [self._unpack, self._mutate]
        for _ in range(4):
            kinds += (self._assign, self._request)
        if level < 3:
            kinds += [self._function, self._function, self._class, self._for_items, self._with, self._try]
        if self._branches and level < 3:
            kinds += [self._if, self._if]
        if self._loops and level < 3:
            kinds += [self._while, self._for_generated]
        return kinds

    def _kind(self, scope: _Scope) -> str:
        kinds = ["client", "client", "name", "name", "list", "table", "pair", "maker"]
        return self._one(kinds + ["box"] * bool(scope.classes))

    def _assign(self, scope: _Scope, level: int) -> None:
        kind = self._kind(scope)
        value = self.expression(kind, scope)
        reusable = [name for name in scope.names(kind) if name in scope.own]
        name = self._one(reusable) if reusable and self._number(0, 1) else self._fresh("v")
        self._emit(level, f"{name} = {value}")
        scope.add(kind, name)

    def _request(self, scope: _Scope, level: int) -> None:
        client = self.expression("client", scope, _DEEPEST - 1)
        name = self.expression("name", scope, _DEEPEST - 1)
        boxes = scope.names("box")
        forms = [
            f"{client}.list_tags_for_resource(ResourceArn={name})",
            f'getattr({client}, "list_tags_for_resource")(ResourceArn={name})',
            f"partial({client}.list_tags_for_resource, ResourceArn={name})()",
            f'{client}.list_tags_for_resource(**{{"ResourceArn": {name}}})',
        ]
        if boxes:
            forms += [f"{self._one(boxes)}.send()", f"{self._one(boxes)}.send({name})"]
        self._emit(level, self._one(forms))

    def _unpack(self, scope: _Scope, level: int) -> None:
        first, second = self._fresh("v"), self._fresh("v")
        if self._number(0, 1):
            self._emit(level, f"{first}, {second} = {self.expression('pair', scope)}")
            scope.add("client", first)
            scope.add("name", second)
            return
        clients = [name for name in scope.names("client") if name in scope.own]
        if len(clients) > 1:
            one, other = clients[0], clients[-1]
            self._emit(level, f"{one}, {other} = {other}, {one}")
        else:
            self._emit(level, f"{first}, {second}, *_ = {self.expression('list', scope)}")
            scope.add("client", first)
            scope.add("client", second)

    def _mutate(self, scope: _Scope, level: int) -> None:
        client = self.expression("client", scope, _DEEPEST - 1)
        forms: list[str] = []
        for name in scope.names("list"):
            forms += [f"{name}[{self._number(0, 1)}] = {client}", f"{name}.append({client})"]
        for name in scope.names("table"):
            forms += [f'{name}["{self._one("ab")}"] = {client}', f"{name}.update({self._one('ab')}={client})"]
        for name in scope.names("box"):
            forms += [f"{name}.client = {client}", f'setattr({name}, "client", {client})']
            forms += [f"{name}.name = {self.expression('name', scope, _DEEPEST - 1)}"]
        own = [name for name in scope.names("name") if name in scope.own]
        forms += [f'{name} += "-{self._one(_WORDS)}"' for name in own]
        self._emit(level, self._one(forms) if forms else "pass")

    def _function(self, scope: _Scope, level: int) -> None:
        name, spread = self._fresh("f"), self._one(["", "", "", "args", "kwargs"])
        returns = self._kind(scope)
        parameters = [
            (self._fresh("p"), self._one(["client", "name", "pair"]), "plain") for _ in range(self._number(0, 3))
        ]
        inner = scope.inner()
        if spread:
            self._emit(level, f"def {name}({'*args' if spread == 'args' else '**kwargs'}):")
            for position, (parameter, kind, _) in enumerate(parameters):
                source = f"args[{position}]" if spread == "args" else f'kwargs["{parameter}"]'
                self._emit(level + 1, f"{parameter} = {source}")
                inner.add(kind, parameter)
        else:
            shown: list[str] = []
            for position, (parameter, kind, _) in enumerate(parameters):
                style = self._one(["plain", "default", "named"])
                if style == "plain" and any(style != "plain" for _, _, style in parameters[:position]):
                    style = "named"
                if style == "default" and any(style == "named" for _, _, style in parameters[:position]):
                    style = "named"
                parameters[position] = (parameter, kind, style)
                if style == "named" and "*" not in shown:
                    shown.append("*")
                default = f"={self.expression(kind, scope, _DEEPEST - 1)}" if style == "default" else ""
                shown.append(parameter + default)
                inner.add(kind, parameter)
            self._emit(level, f"def {name}({', '.join(shown)}):")
        rebound = [one for one in scope.names("client") if one in scope.own]
        if rebound and self._number(0, 2) == 0:
            captured = self._one(rebound)
            self._emit(level + 1, f"{'nonlocal' if scope.in_function else 'global'} {captured}")
            self._emit(level + 1, f"{captured} = {self.expression('client', inner, _DEEPEST - 1)}")
        self.block(inner, level + 1, least=0, most=4)
        self._emit(level + 1, f"return {self.expression(returns, inner)}")
        scope.functions.append(_Function(name, tuple(parameters), returns, spread))

    def _class(self, scope: _Scope, level: int) -> None:
        name = self._fresh("C")
        base = self._one(scope.classes) if scope.classes and self._number(0, 1) else ""
        self._emit(level, f"class {name}({base}):" if base else f"class {name}:")
        inner = scope.inner()
        if not base or self._number(0, 1):
            self._emit(level + 1, "def __init__(self, client, name):")
            if base and self._number(0, 1):
                self._emit(level + 2, f'super().__init__(client, name + "-{name}")')
            else:
                self._emit(level + 2, "self.client = client")
                self._emit(level + 2, "self.name = name")
        methods = inner.inner()
        methods.add("client", "self.client")
        methods.add("name", "self.name")
        methods.own = set()
        if not base or self._number(0, 1):
            self._emit(level + 1, "@property")
            self._emit(level + 1, "def current(self):")
            self._emit(level + 2, f"return {self.expression('client', methods, _DEEPEST - 1)}")
        if not base or self._number(0, 1):
            self._emit(level + 1, "def send(self, name=None):")
            self._emit(level + 2, "self.client.list_tags_for_resource(ResourceArn=name or self.name)")
            self.block(methods, level + 2, least=0, most=2)
        self._emit(level + 1, "kind = None")
        scope.classes.append(name)

    def _for_items(self, scope: _Scope, level: int) -> None:
        item = self._fresh("i")
        inner = scope.copy()
        form = self._number(0, 2)
        if form == 0:
            items = ", ".join(self.expression("client", scope, _DEEPEST - 1) for _ in range(self._number(1, 3)))
            self._emit(level, f"for {item} in [{items}]:")
            inner.add("client", item)
        elif form == 1:
            # Of a copy: the body may append to the list.
            self._emit(level, f"for {item} in list({self.expression('list', scope, _DEEPEST - 1)}):")
            inner.add("client", item)
        else:
            other = self._fresh("i")
            self._emit(level, f"for {item}, {other} in [{self.expression('pair', scope, _DEEPEST - 1)}]:")
            inner.add("client", item)
            inner.add("name", other)
        self.block(inner, level + 1, most=3)

    def _with(self, scope: _Scope, level: int) -> None:
        manager, target = self._fresh("m"), self._fresh("w")
        self._emit(level, "@contextmanager")
        self._emit(level, f"def {manager}(v):")
        inner = scope.inner()
        inner.add("client", "v")
        self.block(inner, level + 1, least=0, most=2)
        self._emit(level + 1, f"yield {self.expression('client', inner, _DEEPEST - 1)}")
        # Nothing behind the yield yet: the interpreter runs that before the body of the `with` statement.
        self._emit(level, f"with {manager}({self.expression('client', scope, _DEEPEST - 1)}) as {target}:")
        body = scope.copy()
        body.add("client", target)
        self.block(body, level + 1, most=3)

    def _try(self, scope: _Scope, level: int) -> None:
        self._emit(level, "try:")
        self.block(scope.copy(), level + 1, most=2)
        if self._loops:
            # The interpreter rightly lets any statement raise, so not all that it then sees happens in these programs.
            self._emit(level + 1, "if flip():")
            self._emit(level + 2, "raise KeyError")
            self._emit(level, "except KeyError:")
            self.block(scope.copy(), level + 1, most=2)
        self._emit(level, "finally:")
        self.block(scope.copy(), level + 1, most=2)

    def _if(self, scope: _Scope, level: int) -> None:
        self._emit(level, "if flip():")
        self.block(scope.copy(), level + 1, most=3)
        if self._number(0, 1):
            self._emit(level, "elif flip():")
            self.block(scope.copy(), level + 1, most=2)
        if self._number(0, 1):
            self._emit(level, "else:")
            self.block(scope.copy(), level + 1, most=3)

    def _while(self, scope: _Scope, level: int) -> None:
        counter = self._fresh("n")
        self._emit(level, f"{counter} = 0")
        self._emit(level, f"while {counter} < 2:")
        self._emit(level + 1, f"{counter} += 1")
        inner = scope.copy()
        self.block(inner, level + 1, most=3)
        if self._branches:
            self._emit(level + 1, f"if flip(): {self._one(['break', 'continue'])}")
            self.block(inner, level + 1, least=0, most=1)

    def _for_generated(self, scope: _Scope, level: int) -> None:
        generator, item = self._fresh("g"), self._fresh("i")
        # It only sees what it is given: the interpreter runs it before the loop that may change other things.
        inner = _Scope({"client": ["v"]}, in_function=True)
        self._emit(level, f"def {generator}(v):")
        self._emit(level + 1, f"yield {self.expression('client', inner, _DEEPEST - 1)}")
        self.block(inner, level + 1, least=0, most=2)
        self._emit(level + 1, f"yield {self.expression('client', inner, _DEEPEST - 1)}")
        self._emit(level, f"for {item} in {generator}({self.expression('client', scope, _DEEPEST - 1)}):")
        body = scope.copy()
        body.add("client", item)
        self.block(body, level + 1, most=3)


_HEADER = [
    "import boto3",
    "from contextlib import contextmanager",
    "from functools import partial",
    "from coin import flip",
]


@st.composite
def programs(draw: Callable[[st.SearchStrategy[Any]], Any], *, branches: bool = False, loops: bool = False) -> Program:
    """Programs of a library and a module with the handler; with choices at run time and loops if wanted."""
    writer = _Writer(draw, branches=branches, loops=loops)
    scope = _Scope()
    writer.lines = list(_HEADER)
    writer.block(scope, 0, least=0, most=4)
    library = writer.lines
    shared = [*(name for names in scope.variables.values() for name in names), *scope.classes]
    shared += [function.name for function in scope.functions]
    writer.lines = [*_HEADER, *(f"from lib import {name}" for name in shared)]
    scope.own.clear()
    writer.block(scope, 0, least=0, most=3)
    writer.lines.append("def handler(event, context):")
    writer.block(scope.inner(), 1, least=2, most=7)
    return Program({"lib.py": "\n".join(library) + "\n", "app.py": "\n".join(writer.lines) + "\n"})


# Running


class _Client:
    def __init__(self, service: str, run: _Run) -> None:
        self._service = service
        self._run = run

    def list_tags_for_resource(self, *, ResourceArn: str) -> None:  # noqa: N803
        self._run.record(self._service, ResourceArn)


class _Run:
    """One execution: `decisions` are the outcomes of the first flips; further ones come out False."""

    def __init__(self, program: Program, decisions: tuple[bool, ...]) -> None:
        self._program = program
        self._decisions = decisions
        self._modules: dict[str, ModuleType] = {}
        self.flips = 0
        self.sites: set[Site] = set()

    def record(self, service: str, name: str) -> None:
        frame = sys._getframe(2)
        while frame.f_code.co_filename not in self._program.files and frame.f_back is not None:
            frame = frame.f_back
        self.sites.add(Site(frame.f_code.co_filename, frame.f_lineno, service, name))

    def flip(self) -> bool:
        self.flips += 1
        return self.flips <= len(self._decisions) and self._decisions[self.flips - 1]

    def execute(self) -> None:
        self._import("app").handler({}, None)

    def _import(self, name: str, *args: Any) -> Any:
        if name == "boto3":
            stand_in = ModuleType("boto3")
            stand_in.client = lambda service: _Client(service, self)  # type: ignore[attr-defined]
            return stand_in
        if name == "coin":
            coin = ModuleType("coin")
            coin.flip = self.flip  # type: ignore[attr-defined]
            return coin
        path = f"{name}.py"
        if path not in self._program.files:
            return builtins.__import__(name, *args)
        if name not in self._modules:
            module = self._modules[name] = ModuleType(name)
            module.__dict__["__builtins__"] = {**vars(builtins), "__import__": self._import}
            exec(compile(self._program.files[path], path, "exec"), module.__dict__)
        return self._modules[name]


def sites_of(program: Program) -> set[Site] | None:
    """Return the calls that a program makes in any of its executions; None if it has too many of them."""
    sites: set[Site] = set()
    pending: list[tuple[bool, ...]] = [()]
    runs = 0
    while pending:
        decisions = pending.pop()
        runs += 1
        if runs > _MOST_RUNS:
            return None
        run = _Run(program, decisions)
        run.execute()
        sites |= run.sites
        pending += [(*decisions, *([False] * later), True) for later in range(run.flips - len(decisions))]
    return sites
