"""Entry points: what is run, and in which order, when a program is interpreted."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

from analyzer import events, sdk
from analyzer.errors import InputError, UsageError
from analyzer.flow.annotations import Annotations
from analyzer.flow.calling import Arguments, Calling
from analyzer.flow.classes import Classes
from analyzer.flow.expressions import Expressions
from analyzer.flow.library import Library
from analyzer.flow.machine import BudgetExhaustedError, Frame, Machine, Sources
from analyzer.flow.modules import Modules
from analyzer.flow.objects import Objects
from analyzer.flow.sdk_calls import SdkCalls
from analyzer.flow.statements import Statements
from analyzer.flow.values import (
    CONTEXT,
    BoundMethod,
    Function,
    ModuleObject,
    Scope,
    Value,
    alternatives,
)
from analyzer.model import ir
from analyzer.model.calls import ApiCall, Interpretation, Unresolved, UnresolvedReason
from analyzer.model.location import Location
from analyzer.model.program import Program, SourceFile
from analyzer.model.values import EventPart, Opaque
from analyzer.model.values import Value as ModelValue
from analyzer.rules.folder import rule_names

Result = TypeVar("Result")

# Deep nesting is cut by budgets of the interpreter's own; Python's limit only has to lie behind them.
_PYTHON_FRAMES = 20_000
# Kinds of functions, run in this order: those of a later one are mostly called, with arguments, by earlier ones.
_TIERS = 4
_SDK_WORDS = re.compile(r"boto|\baws\b|_lambda_powertools", re.IGNORECASE)
_IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t].*$", re.MULTILINE)
_WORD = re.compile(r"\w+")
_CALLED_METHOD = re.compile(r"\.\s*([a-z]\w*)\s*\(")


def interpret(
    program: Program,
    sources: Sources,
    *,
    handler: str | None = None,
    environment: Mapping[str, ModelValue] | None = None,
    event: Mapping[str, ModelValue] | None = None,
    entry: str | None = None,
) -> Interpretation:
    """Return every API call that a program can make, and what could not be resolved.

    `handler` names the entry point as Lambda does (`module.function`, `package/module.function`); without one every
    function of the program's files is an entry, run with unknown arguments unless another one calls it. `entry` is the
    absolute path of the handler's file, where that is known. `environment` holds the values of environment variables
    that are known, `event` those of parts of the handler's event, by path. Raises UsageError when there is no such
    handler, and InputError when a file that the user named cannot be read.
    """
    machine = _assemble(Machine(program, sources, environment or {}, event or {}))
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, _PYTHON_FRAMES))
    try:
        entries = _Entries(machine)
        if handler is None:
            entries.run_all()
        else:
            entries.run_handler(handler, entry)
    finally:
        sys.setrecursionlimit(limit)
    outdone = machine.library.receivers.outdone()
    unresolved = [record for record in machine.unresolved if record not in outdone]
    lowered = machine.modules.lowered_files
    return Interpretation(
        tuple(sorted(machine.calls, key=_call_order)),
        tuple(sorted(unresolved, key=_unresolved_order)),
        tuple(sorted(file.path for file in (lowered if handler is not None else lowered.union(program.files)))),
    )


def _call_order(call: ApiCall) -> tuple[Location, str, str, str, str]:
    return call.location, call.service, call.operation, call.via, repr(call.parameters)


def _unresolved_order(unresolved: Unresolved) -> tuple[Location, str, str]:
    return unresolved.location, unresolved.reason, unresolved.detail


def _assemble(machine: Machine) -> Machine:
    machine.objects = Objects(machine)
    machine.statements = Statements(machine)
    machine.expressions = Expressions(machine)
    machine.calling = Calling(machine)
    machine.classes = Classes(machine)
    machine.annotations = Annotations(machine)
    machine.modules = Modules(machine)
    machine.library = Library(machine)
    machine.sdk = SdkCalls(machine)
    return machine


class _Entries:
    """Runs the entry points of a program."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    # With a handler

    def run_handler(self, handler: str, entry: str | None) -> None:
        machine = self._machine
        module_name, _, function_name = handler.rpartition(".")
        if not module_name or not function_name.isidentifier():
            raise UsageError(
                f"--handler {handler}: not of the form module.function", "name it as Lambda's Handler does"
            )
        file = self._handler_file(handler, module_name, entry)
        machine.in_handler_mode = True
        module = self._run_module(file)
        if module is None:
            return
        value = machine.state.read(module.cells, function_name)
        functions = [member for member in alternatives(value) if not isinstance(member, Opaque)]
        if not functions:
            raise UsageError(
                f"--handler {handler}: {file.path} has no {function_name!r}",
                f"functions there: {_functions_of(module)}",
            )
        event, context = Opaque(EventPart("")), CONTEXT
        for function in functions:
            self._guarded(file, (1, 1, 1, 1), partial(self._call, file, function, Arguments([event, context])))
        self._run_registered()

    def _call(self, file: SourceFile, function: Value, arguments: Arguments) -> None:
        machine = self._machine
        module = machine.modules.module_of(file)
        machine.frames.append(Frame(Scope(module.cells, module, None), file, "<entry>", machine.state.point()))
        try:
            machine.calling.call(function, arguments, (1, 1, 1, 1))
        finally:
            machine.frames.pop()

    def _handler_file(self, handler: str, module_name: str, entry: str | None) -> SourceFile:
        named = [file for file in self._machine.program.files if file.absolute == entry]
        if named:
            return named[0]
        tail = "/" + module_name.replace(".", "/") + ".py"
        package = "/" + module_name.replace(".", "/") + "/__init__.py"
        matching = [file for file in self._machine.program.files if f"/{file.path}".endswith((tail, package))]
        if not matching:
            matching = [file for file in self._machine.program.files if file.absolute.endswith((tail, package))]
        if not matching:
            raise UsageError(
                f"--handler {handler}: no file {tail.removeprefix('/')} among the named paths",
                "name the folder that holds it with --source",
            )
        shortest = min(len(file.path) for file in matching)
        nearest = [file for file in matching if len(file.path) == shortest]
        if len(nearest) > 1:
            shown = ", ".join(file.path for file in nearest)
            raise UsageError(f"--handler {handler}: meant by {shown}", "name only the one's folder with --source")
        return nearest[0]

    def _run_registered(self) -> None:
        """Run the functions that a framework was told to call (`@app.get("/orders")`)."""
        machine = self._machine
        done = 0
        while done < len(machine.registered):
            value, function = machine.registered[done]
            done += 1
            if id(function.node) not in machine.calling.interpreted:
                self._run_function(value, function)

    # Without a handler

    def run_all(self) -> None:
        machine = self._machine
        relevant = self._relevant_files()
        for file in events.steps("modules", relevant):
            self._run_module(file)
        paths = {file.path for file in relevant}
        mentioned: set[str] = set()
        for module in machine.modules.lowered.values():
            mentioned |= module.mentioned
        # Functions that nobody mentions are called from outside; the rest mostly is run by them, with arguments. A name
        # like `handler` may be mentioned in other files without being meant.
        for tier in range(_TIERS):
            while True:
                waiting = [
                    function
                    for function, path in list(machine.calling.made.values())
                    if path in paths
                    and id(function.node) not in machine.calling.interpreted
                    and self._tier(function, mentioned) <= tier
                ]
                if not waiting:
                    break
                for function in events.steps("entry points", waiting):
                    if id(function.node) not in machine.calling.interpreted:
                        self._run_function(function, function)

    def _tier(self, function: Function, mentioned: set[str]) -> int:
        """Return how sure it is that a function is called from outside: 0 if nobody mentions it, then less and less."""
        if function.node.name not in mentioned:
            return 0
        if function.owner is None:
            return 1 if function.node.name not in self._lowered(function).mentioned else 2
        return 3

    def _lowered(self, function: Function) -> ir.Module:
        file = function.scope.module.file
        return ir.Module([]) if file is None else self._machine.modules.lowered[file.absolute]

    def _relevant_files(self) -> list[SourceFile]:
        """Return the files that can hold AWS calls of their own, or hand something to one that can by importing it.

        Others are only run where they are imported; what of them does not parse is reported all the same.
        """
        machine = self._machine
        waiting: dict[SourceFile, set[str]] = {}
        relevant: set[SourceFile] = set()
        for file in machine.program.files:
            text = self._text(file)
            if text is None:
                continue
            if file.named or _may_call(text):
                relevant.add(file)
            else:
                waiting[file] = _imported_words(text)
        names = {_module_stem(file) for file in relevant}
        while names:
            reached = [file for file, imported in waiting.items() if not names.isdisjoint(imported)]
            names = {_module_stem(file) for file in reached}
            relevant.update(reached)
            for file in reached:
                del waiting[file]
        for file in waiting:
            machine.modules.report_problems(file, machine.sources.problems(file))
        return [file for file in machine.program.files if file in relevant]

    def _text(self, file: SourceFile) -> str | None:
        try:
            return self._machine.sources.read(file)
        except InputError as error:
            if file.named:
                raise
            self._machine.modules.report_unreadable(file, error)
            return None

    def _run_module(self, file: SourceFile) -> ModuleObject | None:
        return self._guarded(file, (1, 1, 1, 1), lambda: self._machine.modules.module_of(file))

    def _run_function(self, value: Value, function: Function) -> None:
        machine = self._machine
        file = function.scope.module.file
        # A body that is cut short must not be taken up again.
        machine.calling.interpreted.add(id(function.node))
        if file is None:
            return

        def run() -> None:
            machine.frames.append(Frame(function.scope, file, "<entry>", machine.state.point()))
            try:
                target, arguments = self._bound(value, function), self._machine.calling.entry_arguments(function)
                machine.calling.call(target, arguments, function.node.span)
            finally:
                machine.frames.pop()

        self._guarded(file, function.node.span, run)

    def _bound(self, value: Value, function: Function) -> Value:
        owner = function.owner
        if owner is None or function.kind == "static":
            return value
        if function.kind == "class":
            return BoundMethod(value, owner)
        return BoundMethod(value, self._machine.classes.instance_for_entry(owner))

    def _guarded(self, file: SourceFile, span: ir.Span, run: Callable[[], Result]) -> Result | None:
        """Run an entry point within its budget; what is cut short is reported."""
        machine = self._machine
        machine.begin_entry()
        try:
            return run()
        except (BudgetExhaustedError, RecursionError) as error:
            why = (
                "nested too deeply" if isinstance(error, RecursionError) else "more steps than one entry point may take"
            )
            machine.record_unresolved_at(
                Unresolved(UnresolvedReason.BUDGET_EXHAUSTED, Location(file.path, *span), f"not fully analysed: {why}")
            )
            return None


def _may_call(text: str) -> bool:
    """Tell whether a file can hold AWS calls: by the name of the SDK or of a known library, or by SDK method names."""
    if _SDK_WORDS.search(text) or not rule_names("libraries").isdisjoint(_imported_words(text)):
        return True
    methods = set(_CALLED_METHOD.findall(text))
    return any(sdk.services_with_method(method) or sdk.resource_types_with_action(method) for method in methods)


def _imported_words(text: str) -> set[str]:
    return {word for line in _IMPORT.findall(text) for word in _WORD.findall(line)}


def _module_stem(file: SourceFile) -> str:
    """Return the last part of the name that a file is imported by."""
    return file.absolute.removesuffix("/__init__.py").removesuffix(".py").rpartition("/")[2]


def _functions_of(module: ModuleObject) -> str:
    names = [
        str(name) for name, value in module.cells.items() if any(isinstance(m, Function) for m in alternatives(value))
    ]
    return ", ".join(names) or "none"
