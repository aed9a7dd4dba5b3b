"""What the interpreter knows of code that is not the program's: how names from outside behave."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from analyzer.flow import strings
from analyzer.flow.builtin_methods import BuiltinMethods
from analyzer.flow.calling import Arguments
from analyzer.flow.library_object import LibraryObject
from analyzer.flow.library_rules import LibraryNames
from analyzer.flow.receivers import Receivers
from analyzer.flow.standard_library import FUNCTIONS, environment_variable
from analyzer.flow.values import (
    BatchWriter,
    BoundMethod,
    BuiltinMethod,
    Choice,
    Client,
    ClientMethod,
    CollectionValue,
    Credentials,
    DictObject,
    Foreign,
    Function,
    PageIterator,
    Paginator,
    Partial,
    Resource,
    SdkResult,
    Session,
    Value,
    Waiter,
    unknown,
)
from analyzer.model import ir
from analyzer.model.values import EventPart, Known, Opaque

if TYPE_CHECKING:
    from analyzer.flow.machine import Machine

_LONGEST_PATH = 120
_SDK_MODULES = frozenset({"boto3", "aioboto3", "aiobotocore", "botocore", "boto3.session", "aioboto3.session"})
_MAKERS = {
    "boto3.client": "client",
    "boto3.resource": "resource",
    "boto3.session.client": "client",
    "aioboto3.client": "client",
    "aioboto3.resource": "resource",
}
_SESSIONS = frozenset(
    {
        "boto3.Session",
        "boto3.session.Session",
        "boto3._get_default_session",
        "aioboto3.Session",
        "aioboto3.session.Session",
        "aiobotocore.session.get_session",
        "aiobotocore.session.AioSession",
        "aiobotocore.get_session",
        "botocore.session.get_session",
        "botocore.session.Session",
    }
)
_SESSION_METHODS = {"client": "client", "resource": "resource", "create_client": "client"}
# Methods that call what they are given, with the position of the function among their arguments.
_CALLING_METHODS = {
    "submit": 0,
    "run_in_executor": 1,
    "call_soon": 0,
    "call_soon_threadsafe": 0,
    "apply": 0,
    "apply_async": 0,
    "callback": 0,
}
_THREADS = frozenset({"Thread", "Process", "Timer"})
_APPLYING_METHODS = frozenset({"apply", "apply_async"})
# Of an ARN in an event; whatever else is asked of it keeps where it came from.
_TEXT_METHODS = frozenset({"split", "rsplit", "partition", "rpartition", "replace", "removeprefix", "removesuffix"})
_MAPPING_METHODS = frozenset({"map", "imap", "imap_unordered", "map_async"})


class Library:
    """Names from outside the program, built-in functions, and methods of built-in values."""

    def __init__(self, machine: Machine) -> None:
        """Take the machine whose state is worked on."""
        self._machine = machine
        self.receivers = Receivers(machine)
        self.described = LibraryNames(machine)
        self._methods = BuiltinMethods(machine)

    # Names

    def builtin(self, name: str) -> Value:
        """Return a name that no scope of the program binds."""
        return Foreign(f"builtins.{name}") if f"builtins.{name}" in FUNCTIONS else Foreign(name)

    def foreign_attribute(self, receiver: Foreign, name: str) -> Value:
        """Return an attribute of something from outside."""
        path = f"{receiver.path}.{name}"
        if path == "boto3.DEFAULT_SESSION":
            return Session()
        if isinstance(receiver, LibraryObject):
            return receiver.attribute(name)
        return Foreign(path if len(path) <= _LONGEST_PATH else receiver.path, receiver.local)

    def foreign_method(self, receiver: Foreign, name: str) -> Foreign:
        """Return a method of something from outside."""
        if isinstance(receiver, LibraryObject):
            return receiver.attribute(name)
        return Foreign(f"{receiver.path}.{name}", receiver.local)

    def foreign_item(self, receiver: Foreign, key: Value) -> Value:
        """Return an item of something from outside."""
        if receiver.path == "os.environ":
            return environment_variable(self._machine, key, None)
        if isinstance(receiver, LibraryObject):
            return receiver
        return Foreign(receiver.path if receiver.path.endswith("[]") else f"{receiver.path}[]", receiver.local)

    def joined_path(self, left: Value, right: Value) -> Value | None:
        """Return `left / right` where the left side is a path object, else None."""
        if isinstance(left, Foreign) and "Path" in left.path:
            return left
        if isinstance(right, Foreign) and "Path" in right.path:
            return right
        return None

    # Calls

    def call(self, function: Foreign, arguments: Arguments, span: ir.Span) -> Value:
        """Return the outcome of calling something from outside."""
        path = function.path
        known = FUNCTIONS.get(path)
        if known is not None:
            return known(self._machine, arguments, span)
        if path in _MAKERS:
            return self._machine.sdk.make(_MAKERS[path], arguments, span)
        if path in _SESSIONS:
            return self._machine.sdk.session(arguments)
        described = self.described.call(function, arguments, span)
        if described is not None:
            return described
        typed = self._machine.sdk.value_of_sdk_type(path)
        if typed is not None:
            return typed
        self.described.report_signers(arguments.values(), f"{path}()", span)
        self._call_threads(path, arguments, span)
        called = f"{path}()" if len(path) < _LONGEST_PATH else path
        return Foreign(called, function.local)

    def _call_threads(self, path: str, arguments: Arguments, span: ir.Span) -> None:
        """Run what is given to be run: `Thread(target=f, args=(a,))` with its arguments, others with unknown ones."""
        kind = path.rpartition(".")[2]
        target = arguments.take(1, "function") if kind == "Timer" else arguments.keywords.get("target")
        if kind in _THREADS and target is not None:
            given = arguments.keywords.get("args"), arguments.keywords.get("kwargs")
            self._machine.calling.call(target, self._packed_arguments(*given), span)
            return
        self._machine.calling.call_back_all(arguments, span)

    def _packed_arguments(self, given: Value | None, named: Value | None) -> Arguments:
        """Return what `Thread(target=f, args=..., kwargs=...)` and `pool.apply(f, args, kwds)` call `f` with."""
        objects = self._machine.objects
        items = objects.fixed_items(given) if given is not None else []
        passed = Arguments(rest=unknown("an argument")) if items is None else Arguments(items)
        if named is not None:
            passed.open = not isinstance(named, DictObject)
            for key, value in self._machine.state.items(named.cells) if isinstance(named, DictObject) else []:
                if isinstance(key, str):
                    passed.keywords[key] = value
                else:
                    passed.open = True
        return passed

    def call_on_unknown(
        self, receiver: Opaque | Foreign, name: str, arguments: Arguments, span: ir.Span
    ) -> Value | None:
        """Return the outcome of a method call on an unknown object; None where its attribute is better called."""
        machine = self._machine
        if isinstance(receiver, Opaque) and isinstance(receiver.origin, EventPart) and name in _TEXT_METHODS:
            known = machine.event_part(receiver.origin.path)
            if known is not None and not isinstance(known, Opaque):
                return machine.calling.call_method(known, name, arguments, span)
        if isinstance(receiver, Foreign):
            path = f"{receiver.path}.{name}"
            if path in FUNCTIONS or path in _MAKERS or path in _SESSIONS or receiver.path in _SDK_MODULES:
                return None
            if receiver.path == "os.environ":
                return machine.library.call(Foreign(path), arguments, span)
            if name in _THREADS:
                return None
        function = self._handed_function(name, arguments)
        if function is not None:
            return function(span)
        if name in _SESSION_METHODS and machine.sdk.names_service(_SESSION_METHODS[name], arguments):
            # Whatever has a `client` method that takes a service's name is a session, seen or not.
            return machine.sdk.make(_SESSION_METHODS[name], arguments, span)
        if name in ("enter_context", "enter_async_context") and arguments.positional:
            return self._enter_for_later(arguments.positional[0], span)
        if isinstance(receiver, Foreign):
            described = self.described.call(self.foreign_method(receiver, name), arguments, span)
            if described is not None:
                return described
        elif self.described.report_unknown(name, arguments, span):
            return unknown(f"the result of {name}()")
        self.receivers.judge(receiver, name, arguments, span)
        self.described.report_signers(arguments.values(), f"{name}()", span)
        machine.calling.call_back_all(arguments, span)
        if isinstance(receiver, Foreign):
            path = f"{receiver.path}.{name}()"
            return Foreign(path if len(path) <= _LONGEST_PATH else receiver.path, receiver.local)
        if name in ("get", "pop", "setdefault") and arguments.positional:
            return self._methods.entry_of_unknown(receiver, arguments)
        return strings.below(receiver, f".{name}()") if name in ("items", "values") else _same_origin(receiver, name)

    def _enter_for_later(self, manager: Value, span: ir.Span) -> Value:
        """Return what `ExitStack.enter_context` gives; of leaving the manager, only the calls are seen."""
        objects, state = self._machine.objects, self._machine.state
        entered = objects.enter(manager, span)
        branch = state.begin()
        objects.leave(manager)
        state.undo(branch)
        state.end(branch)
        return entered

    def _handed_function(self, name: str, arguments: Arguments) -> Callable[[ir.Span], Value] | None:
        """Return how to run `executor.submit(f, *arguments)` and its like, None if this is no such call."""
        calling, objects = self._machine.calling, self._machine.objects
        if name in _MAPPING_METHODS and arguments.positional and self._is_callable(arguments.positional[0]):
            function, *iterables = arguments.positional

            def run_each(span: ir.Span) -> Value:
                elements = [objects.element(iterable, span) for iterable in iterables]
                return objects.new_list("iterator", [], calling.call(function, Arguments(elements), span))

            return run_each
        position = _CALLING_METHODS.get(name)
        if position is None or len(arguments.positional) <= position:
            return None
        handed = arguments.positional[position]
        if not self._is_callable(handed):
            return None
        passed = arguments.without_first(position + 1)
        if name in _APPLYING_METHODS:
            passed = self._packed_arguments(arguments.take(1, "args"), arguments.take(2, "kwds"))
        return lambda span: BuiltinMethod(calling.call(handed, passed, span), "future")

    def _is_callable(self, value: Value) -> bool:
        if isinstance(value, BuiltinMethod):
            return isinstance(value.receiver, Client | Resource)
        if isinstance(value, Foreign):
            return self.described.describes(value.path)
        return isinstance(value, Function | Partial | BoundMethod | ClientMethod | Choice)

    def call_builtin_method(self, receiver: Value, name: str, arguments: Arguments, span: ir.Span) -> Value:
        """Return the outcome of a method of a value that has no code of its own here."""
        sdk = self._machine.sdk
        if name in ("__enter__", "__aenter__"):
            return self._machine.objects.enter(receiver, span)
        if isinstance(receiver, Client):
            return sdk.call_helper(receiver, name, arguments, span)
        if isinstance(receiver, Session):
            if name in _SESSION_METHODS:
                return sdk.make(_SESSION_METHODS[name], arguments, span, receiver)
            return Credentials(receiver.identity) if name == "get_credentials" else unknown(f"session.{name}()")
        if isinstance(receiver, Credentials):
            return receiver
        if isinstance(receiver, Resource):
            return sdk.call_on_resource(receiver, name, arguments, span)
        if isinstance(receiver, CollectionValue):
            return sdk.call_on_collection(receiver, name, arguments, span)
        if isinstance(receiver, Paginator):
            return sdk.paginate(receiver, arguments) if name == "paginate" else unknown(f"paginator.{name}()")
        if isinstance(receiver, PageIterator):
            if name == "search":
                # Nothing is sent before somebody iterates over what was searched for.
                return receiver
            page = sdk.iterate(receiver, span)
            return page if name == "build_full_result" else self._machine.objects.new_list("iterator", [], page)
        if isinstance(receiver, Waiter):
            return sdk.wait(receiver, arguments, span) if name == "wait" else unknown(f"waiter.{name}()")
        if isinstance(receiver, BatchWriter):
            return Known(None)
        return self._methods.call(receiver, name, arguments, span)

    # Decorators

    def decorate(self, decorator: Value, value: Value, function: Function, span: ir.Span) -> Value:
        """Return what a decorator makes of a function; one from outside passes it through."""
        if isinstance(decorator, Foreign):
            if self._registers(decorator.path):
                self._machine.registered.append((value, function))
            elif not decorator.path.endswith("()") and self.described.describes(decorator.path):
                self.described.call(decorator, Arguments([value]), span)
            return self._decorated_by_foreign(decorator.path, value, function)
        if isinstance(decorator, BuiltinMethod):
            if isinstance(decorator.receiver, Function) and decorator.name in ("setter", "deleter", "getter"):
                if decorator.name != "getter":
                    cells = self._machine.frame.scope.cells
                    self._machine.state.write(cells, f"{function.node.name}.{decorator.name}", function)
                return decorator.receiver
            return value
        if isinstance(decorator, Opaque | SdkResult):
            return value
        return self._machine.calling.call(decorator, Arguments([value]), span)

    def _registers(self, path: str) -> bool:
        """Tell whether a decorator from outside may register the function: a method of an object made there.

        `@app.get("/orders")` does; `@tracer.capture_method` is known not to, and a plain `@retry` only wraps.
        """
        owner, _, _ = path.removesuffix("()").rpartition(".")
        return owner.endswith("()") and not self.described.wraps(owner)

    def _decorated_by_foreign(self, path: str, value: Value, function: Function) -> Value:
        kind = {
            "builtins.staticmethod": "static",
            "builtins.classmethod": "class",
            "builtins.property": "property",
            "abc.abstractproperty": "property",
            "functools.cached_property": "cached_property",
        }.get(path)
        if kind is None and path.rpartition(".")[2] in ("cached_property", "hybrid_property"):
            kind = "cached_property"
        if kind is not None:
            function.kind = kind
        if path in ("contextlib.contextmanager", "contextlib.asynccontextmanager"):
            function.is_context_manager = True
        return value


def _same_origin(receiver: Opaque, name: str) -> Value:
    """Return the result of a method of an unknown object: text methods keep where the text came from."""
    if strings.keeps_origin(name):
        return receiver
    return strings.below(receiver, f".{name}()") or receiver
