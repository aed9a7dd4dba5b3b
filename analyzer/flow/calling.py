"""Functions: making them, binding arguments, and running their bodies once per distinct abstract arguments."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from analyzer.flow.generators import behind_yield
from analyzer.flow.machine import Frame
from analyzer.flow.state import Activation, Changes
from analyzer.flow.values import (
    ABSENT,
    CONTEXT,
    NONE,
    REST,
    BoundMethod,
    BuiltinMethod,
    Choice,
    ClassObject,
    Client,
    ClientMethod,
    Credentials,
    DictObject,
    Foreign,
    Function,
    Instance,
    ListObject,
    Partial,
    Resource,
    Scope,
    Value,
    alternatives,
    join,
    join_all,
    may_lack,
    unknown,
)
from analyzer.model import ir
from analyzer.model.calls import UnresolvedReason
from analyzer.model.values import EventPart, Known, Opaque, Text

if TYPE_CHECKING:
    from analyzer.flow.machine import Machine

_RECURSIVE = unknown("the result of a recursive call")
# Activations of one function on top of each other, and runs of it with distinct data, before data counts as unknown.
_MOST_NESTED = 2
_MOST_CONTEXTS = 80
# Values of one parameter that are told apart once there were that many runs.
_MOST_VALUES = 40
# Runs of a function with arguments that differ in nothing but which containers they are, before those are unknown.
_MOST_ALIKE = 12
_MOST_OUTCOMES = 3
# Runs in a row with the same arguments, each in another state, that find nothing and return the same, before the
# function is taken not to depend on what has changed, until the next entry point.
_MOST_QUIET = 12


_EVENT_NAMES = frozenset({"event", "_event", "evt", "lambda_event"})
_CONTEXT_NAMES = frozenset({"context", "_context", "ctx", "lambda_context", "_", "__"})
_CONTAINERS = (DictObject, ListObject)


@dataclass(slots=True)
class Arguments:
    """The arguments of a call. `rest` may stand at any further position; `open`: there may be other keywords."""

    positional: list[Value] = field(default_factory=list)
    keywords: dict[str, Value] = field(default_factory=dict)
    rest: Value | None = None
    open: bool = False

    def take(self, position: int | None, name: str | None = None) -> Value | None:
        """Return the argument at a position or with a name, None if it is not given."""
        if position is not None and position < len(self.positional):
            return self.positional[position]
        if name is not None and name in self.keywords:
            return self.keywords[name]
        return self.rest

    def after(self, *first: Value) -> Arguments:
        """Return these arguments behind further positional ones."""
        return replace(self, positional=[*first, *self.positional])

    def without_first(self, count: int = 1) -> Arguments:
        """Return these arguments without the first positional ones."""
        return replace(self, positional=self.positional[count:])

    def values(self) -> list[Value]:
        """Return all values among the arguments."""
        return [*self.positional, *self.keywords.values(), *([] if self.rest is None else [self.rest])]


@dataclass(slots=True)
class _Outcome:
    function: Function
    activation: Activation
    changes: Changes
    result: Value


class Calling:
    """Calls abstract values."""

    def __init__(self, machine: Machine) -> None:
        """Take the machine whose state is worked on."""
        self._machine = machine
        self._state = machine.state
        self._outcomes: dict[Hashable, list[_Outcome]] = {}
        self._contexts: dict[int, int] = {}
        self._active: list[Hashable] = []
        self._nested: dict[int, int] = {}
        self._passed: dict[tuple[int, int | str], set[Value]] = {}
        self._alike: dict[Hashable, set[tuple[int, ...]]] = {}
        self._runs: dict[int, tuple[ListObject, Activation]] = {}
        self.made: dict[int, tuple[Function, str]] = {}
        self.interpreted: set[int] = set()

    # Making functions

    def define(self, node: ir.FunctionDef) -> Value:
        """Return the function that a definition or lambda makes, wrapped by its decorators."""
        frame = self._machine.frame
        expressions = self._machine.expressions
        decorators = [expressions.evaluate(decorator) for decorator in node.decorators]
        defaults = {
            parameter.name: expressions.evaluate(parameter.default)
            for parameter in node.parameters
            if parameter.default is not None
        }
        function = Function(node, frame.scope, defaults, frame.scope.cls)
        self.made[id(node)] = (function, frame.file.path)
        value: Value = function
        for decorator_node, decorator in zip(reversed(node.decorators), reversed(decorators), strict=True):
            span = decorator_node.span if isinstance(decorator_node, ir.Call | ir.Name | ir.Attribute) else node.span
            value = self._machine.library.decorate(decorator, value, function, span)
        return value

    # Calls

    def call_method(self, receiver: Value, name: str, arguments: Arguments, span: ir.Span) -> Value:
        """Return the outcome of `receiver.name(arguments)`."""
        outcomes: list[Value] = []
        members = alternatives(receiver)
        objects = self._machine.objects
        for member in members:
            if member == NONE and len(members) > 1:
                continue
            if isinstance(member, Opaque | Foreign):
                value = self._machine.library.call_on_unknown(member, name, arguments, span)
                if value is not None:
                    outcomes.append(value)
                    continue
            function = objects.method(member, name, span, alone=len(members) == 1)
            outcomes.append(self.call(function, arguments, span))
        return join_all(outcomes) or unknown("a method of nothing")

    def call(self, function: Value, arguments: Arguments, span: ir.Span) -> Value:
        """Return the outcome of calling a value."""
        outcomes = [self._call_one(member, arguments, span) for member in alternatives(function)]
        return join_all(outcomes) or unknown("a call of nothing")

    def _call_one(self, function: Value, arguments: Arguments, span: ir.Span) -> Value:
        machine = self._machine
        if isinstance(function, Function):
            return self.call_function(function, arguments, span)
        if isinstance(function, BoundMethod):
            return self._call_one(function.function, arguments.after(function.receiver), span)
        if isinstance(function, Partial):
            combined = replace(
                arguments.after(*function.positional), keywords={**dict(function.keywords), **arguments.keywords}
            )
            return self.call(function.function, combined, span)
        if isinstance(function, ClassObject):
            return machine.classes.instantiate(function, arguments, span)
        if isinstance(function, Instance):
            method = machine.objects.own_method(function, "__call__")
            return unknown("a call of an instance") if method is None else self.call(method, arguments, span)
        if isinstance(function, ClientMethod):
            return machine.sdk.call_operation(function, arguments, span)
        if isinstance(function, BuiltinMethod):
            return machine.library.call_builtin_method(function.receiver, function.name, arguments, span)
        if isinstance(function, Foreign):
            return machine.library.call(function, arguments, span)
        if isinstance(function, Credentials):
            return function
        self.call_back_all(arguments, span)
        return unknown("the result of an unknown call")

    def call_back_all(self, arguments: Arguments, span: ir.Span) -> None:
        """Call every function among the arguments with unknown arguments: whoever takes them may do so."""
        for value in arguments.values():
            for member in alternatives(value):
                self._call_back(member, span)

    def _call_back(self, value: Value, span: ir.Span) -> None:
        if isinstance(value, Partial) and isinstance(value.function, ClientMethod | BuiltinMethod):
            self._machine.sdk.handed_on(value.function, span, value.keywords)
        elif isinstance(value, Function | BoundMethod | Partial):
            self.call(value, self.unknown_arguments(value), span)
        elif isinstance(value, ClientMethod | BuiltinMethod):
            self._machine.sdk.handed_on(value, span)
        elif isinstance(value, ListObject | DictObject):
            for _, item in self._state.items(value.cells):
                for member in alternatives(item):
                    if isinstance(member, Function | BoundMethod | Partial | ClientMethod):
                        self._call_back(member, span)

    def unknown_arguments(self, value: Value) -> Arguments:
        """Return arguments that let a function run when nobody says with what it is called."""
        taken = 0
        while not isinstance(value, Function):
            if isinstance(value, BoundMethod):
                taken += 1
            elif isinstance(value, Partial):
                return Arguments(rest=unknown("an argument"), open=True)
            else:
                return Arguments()
            value = value.function
        count = sum(1 for p in value.node.parameters if p.kind in ("normal", "positional") and p.default is None)
        return Arguments(positional=[unknown("an argument") for _ in range(max(count - taken, 0))])

    def entry_arguments(self, function: Function) -> Arguments:
        """Return what a function is called with when it is called from outside the program, its receiver left out.

        A parameter holds its default or anything; a default that is an SDK object or one of the program's says what
        kind of object is expected.
        """
        parameters = [parameter for parameter in function.node.parameters if parameter.kind not in ("args", "kwargs")]
        if function.owner is not None and function.kind != "static":
            parameters = parameters[1:]
        names = [parameter.name for parameter in parameters]
        is_handler = len(names) >= 2 and names[0] in _EVENT_NAMES and names[1] in _CONTEXT_NAMES
        result = Arguments(open=any(parameter.kind == "kwargs" for parameter in function.node.parameters))
        for position, parameter in enumerate(parameters):
            value: Value = unknown(f"parameter {parameter.name}")
            if is_handler and position < 2:
                value = Opaque(EventPart("")) if position == 0 else CONTEXT
            default = function.defaults.get(parameter.name)
            if default is not None:
                value = default if _settles(default) else join(default, value)
            if parameter.kind == "keyword":
                result.keywords[parameter.name] = value
            else:
                result.positional.append(value)
        return result

    def call_function(self, function: Function, arguments: Arguments, span: ir.Span) -> Value:
        """Return the outcome of running a function of the program."""
        node_id = id(function.node)
        if self._machine.too_deep():
            self._machine.record_unresolved(
                UnresolvedReason.BUDGET_EXHAUSTED, span, "not fully analysed: calls nested too deeply"
            )
            return unknown("the result of deeply nested calls")
        nested = self._nested.get(node_id, 0)
        contexts = self._contexts.get(node_id, 0)
        if nested >= _MOST_NESTED or contexts >= _MOST_CONTEXTS * 5:
            arguments = _without_data(arguments)
        elif contexts >= _MOST_CONTEXTS:
            arguments = self._without_varied_data(node_id, arguments)
        arguments = self._bounded(function, arguments)
        key = (
            id(function),
            tuple(arguments.positional),
            tuple(sorted(arguments.keywords.items(), key=lambda item: item[0])),
            arguments.rest,
            arguments.open,
        )
        for outcome in self._outcomes.get(key, ()):
            if self._state.still_holds(outcome.activation):
                self._state.replay(outcome.activation, outcome.changes)
                return outcome.result
        if key in self._active or nested > _MOST_NESTED * 3:
            return _RECURSIVE
        if self._machine.quiet.get(key, 0) >= _MOST_QUIET:
            outcome = self._outcomes[key][0]
            self._state.replay(outcome.activation, outcome.changes)
            return outcome.result
        found = self._machine.found
        self._machine.step()
        self._contexts[node_id] = self._contexts.get(node_id, 0) + 1
        self._active.append(key)
        self._nested[node_id] = nested + 1
        self._state.enter()
        try:
            result = self._run(function, arguments)
        finally:
            self._nested[node_id] = nested
            self._active.pop()
            activation = self._state.leave()
        changes: Changes = {
            place: (cells, name, cells.get(name, ABSENT)) for place, (cells, name) in activation.writes.items()
        }
        if isinstance(result, ListObject) and result.resumes is not None:
            self._runs[id(result)] = (result, activation)
        kept = self._outcomes.setdefault(key, [])
        is_quiet = bool(kept) and kept[0].result == result and self._machine.found == found
        self._machine.quiet[key] = self._machine.quiet.get(key, 0) + 1 if is_quiet else 0
        kept.insert(0, _Outcome(function, activation, changes, result))
        del kept[_MOST_OUTCOMES:]
        return result

    def _without_varied_data(self, node_id: int, arguments: Arguments) -> Arguments:
        """Return the arguments of a much-used function, without the data of parameters that take ever new values.

        What is passed to the one factory of a large program has few values (a service's name), whatever else varies.
        """

        def widened(parameter: int | str, value: Value) -> Value:
            seen = self._passed.setdefault((node_id, parameter), set())
            if value in seen or len(seen) < _MOST_VALUES:
                seen.add(value)
                return value
            return _widened(value)

        return replace(
            arguments,
            positional=[widened(position, value) for position, value in enumerate(arguments.positional)],
            keywords={name: widened(name, value) for name, value in arguments.keywords.items()},
        )

    def _bounded(self, function: Function, arguments: Arguments) -> Arguments:
        """Return the arguments, with containers unknown after many runs with containers alike."""
        values = arguments.values()
        identity = tuple(id(one) for value in values for one in alternatives(value) if isinstance(one, _CONTAINERS))
        if not identity:
            return arguments
        shape = (
            id(function.node),
            tuple(_shape(value) for value in arguments.positional),
            tuple(sorted((name, _shape(value)) for name, value in arguments.keywords.items())),
        )
        seen = self._alike.setdefault(shape, set())
        if identity in seen or len(seen) < _MOST_ALIKE:
            seen.add(identity)
            return arguments
        return Arguments(
            [self._without_containers(value) for value in arguments.positional],
            {name: self._without_containers(value) for name, value in arguments.keywords.items()},
            None if arguments.rest is None else self._without_containers(arguments.rest),
            arguments.open,
        )

    def _without_containers(self, value: Value) -> Value:
        kept: list[Value] = []
        for member in value.values if isinstance(value, Choice) else (value,):
            if isinstance(member, _CONTAINERS):
                # The function may change what it is given, and it will not be seen in this container.
                self._state.add(member.cells, REST, unknown("an item added by a function"))
                kept.append(unknown("one of many containers"))
            else:
                kept.append(member)
        return join_all(kept) or value

    def _run(self, function: Function, arguments: Arguments) -> Value:
        machine, state, node = self._machine, self._state, function.node
        self.interpreted.add(id(node))
        scope = Scope(state.new_cells(), function.scope.module, function.scope)
        file = function.scope.module.file
        if file is None:
            return unknown("a function without source")
        receiver = arguments.positional[0] if function.owner is not None and arguments.positional else None
        frame = Frame(scope, file, _chain_name(function), state.point(), state.depth, function, receiver)
        bound = self._bind(function, arguments)
        machine.frames.append(frame)
        try:
            for parameter in node.parameters:
                value = bound[parameter.name]
                if parameter.annotation is not None and parameter.kind not in ("args", "kwargs"):
                    value = machine.annotations.refine(value, parameter.annotation)
                if parameter.hint is not None:
                    value = machine.sdk.hinted(value, parameter.hint)
                state.write(scope.cells, parameter.name, value)
            goes_on = machine.statements.block(node.body)
            if frame.exits:
                last = state.rewind(frame.start)
                state.merge([*frame.exits, last] if goes_on or frame.returns_here else frame.exits)
            return self._result(function, frame, goes_on=goes_on)
        finally:
            machine.frames.pop()

    def _result(self, function: Function, frame: Frame, *, goes_on: bool) -> Value:
        node = function.node
        if node.is_generator:
            element = join_all(frame.yielded)
            generator = self._machine.objects.new_list("iterator", [], element)
            generator.resumes = (function, frame.scope)
            if function.is_context_manager:
                generator.kind = "context"
            return generator
        returned = [*frame.returned, *([NONE] if goes_on and frame.returned else [])]
        known = [value for value in returned if value is not _RECURSIVE]
        if not frame.returned:
            result: Value = NONE if goes_on else unknown("a function that only raises")
        else:
            result = join_all(known) or _RECURSIVE
        if node.returns is not None:
            result = self._machine.annotations.refine(result, node.returns)
        return result

    def resume(self, function: Function, scope: Scope) -> None:
        """Run what stands behind the `yield` of a context manager's function, in the scope of its activation."""
        self._run_again(function, scope, behind_yield(function.node.body))

    def refresh(self, generator: ListObject) -> None:
        """Run a generator again if what its body read when it was made has changed before it is iterated."""
        run = self._runs.get(id(generator))
        if run is None or generator.resumes is None or self._state.still_holds(run[1]):
            return
        # While it runs there is nothing to refresh: its own body may iterate it.
        del self._runs[id(generator)]
        self._state.enter()
        try:
            yielded = self._run_again(*generator.resumes, generator.resumes[0].node.body)
        finally:
            activation = self._state.leave()
        for value in yielded:
            self._state.add(generator.cells, REST, value)
        self._runs[id(generator)] = (generator, activation)

    def _run_again(self, function: Function, scope: Scope, body: Sequence[ir.Statement]) -> list[Value]:
        """Run statements in the scope of an earlier activation and return what they yield."""
        file = function.scope.module.file
        if file is None or self._machine.too_deep():
            return []
        state = self._state
        frame = Frame(scope, file, _chain_name(function), state.point(), state.depth, function)
        self._machine.frames.append(frame)
        try:
            self._machine.statements.block(body)
        finally:
            self._machine.frames.pop()
        return frame.yielded

    def _bind(self, function: Function, arguments: Arguments) -> dict[str, Value]:
        """Return the value of every parameter."""
        bound: dict[str, Value] = {}
        positional = list(arguments.positional)
        keywords = dict(arguments.keywords)
        objects = self._machine.objects
        for parameter in function.node.parameters:
            name, kind = parameter.name, parameter.kind
            if kind == "args":
                bound[name] = objects.new_list("tuple", positional, arguments.rest)
                positional = []
            elif kind == "kwargs":
                bound[name] = objects.new_dict(keywords, rest=unknown("a further keyword") if arguments.open else None)
                keywords = {}
            elif positional and kind in ("normal", "positional"):
                bound[name] = positional.pop(0)
            elif name in keywords and kind != "positional":
                bound[name] = self._given_or_default(function, name, keywords.pop(name))
            elif arguments.rest is not None and kind != "keyword":
                bound[name] = self._or_default(function, name, arguments.rest)
            elif arguments.open and kind != "positional":
                bound[name] = self._or_default(function, name, unknown(f"parameter {name}"))
            else:
                bound[name] = function.defaults.get(name, unknown(f"parameter {name}"))
        return bound

    def _given_or_default(self, function: Function, name: str, value: Value) -> Value:
        members = alternatives(value)
        given = join_all(list(members)) or unknown(f"parameter {name}")
        return self._or_default(function, name, given) if may_lack(value) else given

    def _or_default(self, function: Function, name: str, value: Value) -> Value:
        default = function.defaults.get(name)
        return value if default is None else join(default, value)


def _settles(default: Value) -> bool:
    """Tell whether a default says what kind of object a parameter takes."""
    return all(isinstance(one, Client | Resource | Instance | Function | ClassObject) for one in alternatives(default))


def _chain_name(function: Function) -> str:
    return function.node.qualified_name


def _shape(value: Value) -> tuple[Hashable, ...]:
    """Return what a value is, up to which container of its kind."""
    return tuple(
        type(member).__name__ if isinstance(member, _CONTAINERS) else hash(member) for member in alternatives(value)
    )


def _widened(value: Value) -> Value:
    if all(isinstance(one, Known | Text | Opaque | Foreign | ListObject | DictObject) for one in alternatives(value)):
        return unknown("an argument of a recursive call")
    return value


def _without_data(arguments: Arguments) -> Arguments:
    """Return the arguments with plain data unknown, so that ever-changing data ends in the same arguments."""
    return Arguments(
        [_widened(value) for value in arguments.positional],
        {name: _widened(value) for name, value in arguments.keywords.items()},
        None if arguments.rest is None else _widened(arguments.rest),
        arguments.open,
    )
