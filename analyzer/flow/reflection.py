"""Models of the functions of Python's own library that reach attributes, names and classes by their names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from analyzer.flow.calling import Arguments
from analyzer.flow.values import (
    ABSENT,
    NONE,
    BoundMethod,
    BuiltinMethod,
    ClassObject,
    Client,
    ClientMethod,
    DictObject,
    Foreign,
    Function,
    Instance,
    ListObject,
    ModuleObject,
    Partial,
    Resource,
    Value,
    alternatives,
    join_all,
    unknown,
)
from analyzer.model import ir
from analyzer.model.values import Known, Opaque, Text

if TYPE_CHECKING:
    from analyzer.flow.machine import Machine

Model = Callable[["Machine", Arguments, ir.Span], Value]
_ALWAYS_CALLABLE = (Function, BoundMethod, Partial, ClassObject, ClientMethod)
_NEVER_CALLABLE = (Known, Text, ListObject, DictObject, Client)


# Attributes


def _get_attribute(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    receiver = arguments.take(0) or unknown("an object")
    outcomes: list[Value] = []
    for name in alternatives(arguments.take(1) or unknown("a name")):
        if isinstance(name, Known) and isinstance(name.value, str):
            outcomes.append(machine.objects.attribute(receiver, name.value, span))
            continue
        for member in alternatives(receiver):
            if isinstance(member, Client | Resource):
                machine.sdk.dynamic_method(member, span)
            outcomes.append(_attributes_like(machine, member, name, span) or Foreign("getattr()"))
    default = arguments.take(2)
    if default is not None and any(isinstance(outcome, Opaque | Foreign) for outcome in outcomes):
        outcomes.append(default)
    return join_all(outcomes) or unknown("an attribute")


def _attributes_like(machine: Machine, receiver: Value, name: Value, span: ir.Span) -> Value | None:
    """Return what `getattr(receiver, name)` may give: of a name quite unknown, any method that is not private."""
    if not isinstance(receiver, Instance | ClassObject | ModuleObject):
        return None
    from analyzer.iam import pattern

    parts = name.parts if isinstance(name, Text) else ()
    wanted = "".join(pattern.escape(part) if isinstance(part, str) else "*" for part in parts)
    found: list[Value] = []
    for attribute in _names_of(machine, receiver):
        if wanted.strip("*"):
            if not pattern.matches(wanted, attribute):
                continue
        else:
            stored = _stored(machine, receiver, attribute)
            is_method = isinstance(stored, Function) and stored.kind in ("plain", "static", "class")
            if attribute.startswith("_") or not is_method:
                continue
        found.append(machine.objects.attribute(receiver, attribute, span))
    return join_all(found)


def _stored(machine: Machine, receiver: Instance | ClassObject | ModuleObject, name: str) -> Value | None:
    own = machine.state.read(receiver.cells, name)
    if own is not ABSENT or isinstance(receiver, ModuleObject):
        return own
    return machine.classes.find(receiver.cls if isinstance(receiver, Instance) else receiver, name)


def _names_of(machine: Machine, receiver: Value) -> Iterator[str]:
    """Yield the names of the attributes of an object, its own first."""
    if not isinstance(receiver, Instance | ClassObject | ModuleObject):
        return
    holders = [receiver.cells]
    if not isinstance(receiver, ModuleObject):
        cls = receiver.cls if isinstance(receiver, Instance) else receiver
        holders += [item.cells for item in machine.classes.order(cls) if isinstance(item, ClassObject)]
    seen: set[str] = set()
    for cells in holders:
        for name, _ in machine.state.items(cells):
            if isinstance(name, str) and name.isidentifier() and name not in seen:
                seen.add(name)
                yield name


def _set_attribute(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    receiver, name, value = (arguments.take(position) for position in range(3))
    if receiver is not None and value is not None and isinstance(name, Known) and isinstance(name.value, str):
        machine.objects.set_attribute(receiver, name.value, value)
    return NONE


def _has_attribute(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    value, name = arguments.take(0), arguments.take(1)
    if isinstance(value, Instance) and isinstance(name, Known) and isinstance(name.value, str):
        if machine.state.read(value.cells, name.value) is not ABSENT:
            return Known(True)
        if machine.classes.find(value.cls, name.value) is not None:
            return Known(True)
    return unknown("a truth value")


def _directory(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    names: list[Value] = [Known(name) for name in _names_of(machine, arguments.take(0) or NONE)]
    return machine.objects.new_list("list", names, None if names else unknown("a name"))


def _members(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    """Return the pairs that `inspect.getmembers(value)` gives."""
    receiver, objects = arguments.take(0) or NONE, machine.objects
    pairs: list[Value] = [
        objects.new_list("tuple", [Known(name), objects.attribute(receiver, name, span)], None)
        for name in _names_of(machine, receiver)
        if not name.startswith("__")
    ]
    return objects.new_list("list", pairs, None if pairs else unknown("a member"))


def _is_callable(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    value = arguments.take(0)
    if isinstance(value, _ALWAYS_CALLABLE):
        return Known(True)
    if isinstance(value, BuiltinMethod) and isinstance(value.receiver, Client | Resource):
        return Known(True)
    if isinstance(value, Instance):
        return Known(machine.classes.find(value.cls, "__call__") is not None)
    return Known(False) if isinstance(value, _NEVER_CALLABLE) else unknown("a truth value")


# Names


def _attributes(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    """Return `vars(value)`, or the names of the frame being executed."""
    value = arguments.take(0)
    if value is None:
        return DictObject(machine.frame.scope.cells)
    if isinstance(value, Instance | ClassObject | ModuleObject):
        return DictObject(value.cells)
    return unknown("the attributes of an object")


def _globals(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    return DictObject(machine.frame.scope.module.cells)


def _import_top(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    """Return what `__import__("a.b")` gives: it imports `a.b`, and returns `a`."""
    name = arguments.take(0, "name")
    if isinstance(name, Known) and isinstance(name.value, str):
        machine.modules.by_name(name.value)
        return machine.modules.by_name(name.value.partition(".")[0])
    return Foreign("importlib.import_module()")


def _import_by_name(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    name = arguments.take(0, "name")
    if isinstance(name, Known) and isinstance(name.value, str):
        return machine.modules.by_name(name.value)
    return Foreign("importlib.import_module()")


# Classes and their objects


def _type_of(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    value, bases, namespace = (arguments.take(position) for position in range(3))
    if isinstance(value, Known) and isinstance(namespace, DictObject):
        items = machine.objects.fixed_items(bases) if bases is not None else None
        return machine.classes.made_by_call(
            str(value.value), tuple(items or ()), machine.objects.copy_dict(namespace), span
        )
    return value.cls if isinstance(value, Instance) else Foreign("type()")


def _new_object(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    """Return what `object.__new__(cls)` or, in a metaclass, `type.__new__(mcs, name, bases, namespace)` makes."""
    cls = arguments.take(0)
    if not isinstance(cls, ClassObject):
        return Foreign("object()")
    return machine.classes.being_defined(cls) or machine.classes.allocate(cls)


def _named_tuple(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    name, given = arguments.take(0, "typename"), arguments.take(1, "field_names")
    if isinstance(given, Known) and isinstance(given.value, str):
        names: list[object] = [*given.value.replace(",", " ").split()]
    else:
        items = machine.objects.fixed_items(given) if given is not None else None
        names = [item.value if isinstance(item, Known) else None for item in items or [NONE]]
    fields = tuple(field for field in names if isinstance(field, str))
    if len(fields) < len(names):
        return Foreign("collections.namedtuple()")
    return machine.classes.named_tuple(str(name.value) if isinstance(name, Known) else "a tuple", fields, span)


def _bag(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    """Return an object that only holds attributes: `SimpleNamespace(a=1)`, `threading.local()`."""
    cls = machine.classes.made_by_call("an object", (), machine.objects.new_dict(), span)
    bag = machine.classes.allocate(cls)
    for name, value in arguments.keywords.items():
        machine.objects.set_attribute(bag, name, value)
    return bag


# Functions that are told names now and get the object later


def _applied_later(path: str) -> Model:
    return lambda machine, arguments, span: Partial(
        Foreign(path), tuple(arguments.positional), tuple(arguments.keywords.items())
    )


def _called_method(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    if len(arguments.positional) < 2:
        return unknown("the result of a method")
    name, *given, receiver = arguments.positional
    if isinstance(name, Known) and isinstance(name.value, str):
        return machine.calling.call_method(receiver, name.value, Arguments(given, arguments.keywords), span)
    return unknown("the result of a method")


def _got_attributes(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    *names, receiver = arguments.positional or [unknown("an object")]
    found: list[Value] = []
    for name in names:
        value = receiver
        for step in str(name.value).split(".") if isinstance(name, Known) else ():
            value = machine.objects.attribute(value, step, span)
        found.append(value)
    return found[0] if len(found) == 1 else machine.objects.new_list("tuple", found, None)


def _got_items(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    *keys, receiver = arguments.positional or [unknown("an object")]
    found = [machine.objects.item(receiver, key, span) for key in keys]
    return found[0] if len(found) == 1 else machine.objects.new_list("tuple", found, None)


def _partial(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    function = arguments.take(0)
    if function is None or arguments.open or arguments.rest is not None:
        return Foreign("functools.partial()")
    return Partial(function, tuple(arguments.positional[1:]), tuple(arguments.keywords.items()))


def _partial_method(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    return BuiltinMethod(_partial(machine, arguments, span), "partialmethod")


MODELS: dict[str, Model] = {
    "argparse.Namespace": _bag,
    "builtins.__import__": _import_top,
    "builtins.callable": _is_callable,
    "builtins.dir": _directory,
    "builtins.getattr": _get_attribute,
    "builtins.globals": _globals,
    "builtins.hasattr": _has_attribute,
    "builtins.locals": _attributes,
    "builtins.object.__new__": _new_object,
    "builtins.setattr": _set_attribute,
    "builtins.type": _type_of,
    "builtins.type.__new__": _new_object,
    "builtins.vars": _attributes,
    "collections.namedtuple": _named_tuple,
    "functools.partial": _partial,
    "functools.partialmethod": _partial_method,
    "importlib.import_module": _import_by_name,
    "inspect.getmembers": _members,
    "operator.attrgetter": _applied_later("operator.attrgetter()"),
    "operator.attrgetter()": _got_attributes,
    "operator.itemgetter": _applied_later("operator.itemgetter()"),
    "operator.itemgetter()": _got_items,
    "operator.methodcaller": _applied_later("operator.methodcaller()"),
    "operator.methodcaller()": _called_method,
    "super().__new__": _new_object,
    "threading.local": _bag,
    "types.SimpleNamespace": _bag,
}
