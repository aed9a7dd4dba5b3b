"""Attributes of all kinds of values, and entering context managers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.flow import strings
from analyzer.flow.calling import Arguments
from analyzer.flow.containers import Containers
from analyzer.flow.lambda_context import context_attribute
from analyzer.flow.library_object import LibraryObject
from analyzer.flow.truth import truth
from analyzer.flow.values import (
    ABSENT,
    CONTEXT,
    NONE,
    REST,
    BatchWriter,
    BoundMethod,
    BuiltinMethod,
    Cells,
    Choice,
    ClassObject,
    Client,
    CollectionValue,
    Credentials,
    DictObject,
    Foreign,
    Function,
    Instance,
    ListObject,
    ModuleObject,
    Partial,
    Resource,
    SdkResult,
    Session,
    Super,
    Value,
    alternatives,
    join_all,
    may_lack,
    unknown,
)
from analyzer.model import ir
from analyzer.model.values import Known, Opaque

if TYPE_CHECKING:
    from analyzer.flow.machine import Machine

_RAISED = ("type", "value", "traceback")
# What a class inherits from when its `start` calls its `run`.
_STARTED = ("Thread", "Process", "Timer")
_LONGEST_PATH = 120
_CALLED_BY_PYTHON: ir.Span = (1, 1, 1, 1)


class Objects(Containers):
    """Reads and sets attributes; items and iteration are in `Containers`."""

    def __init__(self, machine: Machine) -> None:
        """Take the machine whose state is worked on."""
        super().__init__(machine)
        self._machine = machine
        self._of_functions: dict[Function, Cells] = {}

    def attribute(self, receiver: Value, name: str, span: ir.Span) -> Value:
        """Return `receiver.name`."""
        members = [member for member in alternatives(receiver) if member != NONE or receiver == NONE]
        outcomes = [self._attribute_of(member, name, span) for member in members]
        return join_all(outcomes) or unknown(f"attribute {name}")

    def _attribute_of(self, receiver: Value, name: str, span: ir.Span) -> Value:
        machine = self._machine
        if isinstance(receiver, Instance):
            return self._instance_attribute(receiver, name, span)
        if isinstance(receiver, ModuleObject):
            return machine.modules.member(receiver, name)
        if isinstance(receiver, ClassObject):
            return self._class_attribute(receiver, name)
        if isinstance(receiver, Foreign):
            return machine.library.foreign_attribute(receiver, name)
        if receiver == CONTEXT:
            return context_attribute(machine, name)
        if isinstance(receiver, Opaque | SdkResult):
            return strings.below(receiver, f".{name}") or unknown(f"attribute {name}")
        if isinstance(receiver, Credentials):
            return receiver
        if isinstance(receiver, Client | Session | Resource | CollectionValue) or (
            isinstance(receiver, BuiltinMethod) and receiver.name == "meta"
        ):
            return machine.sdk.attribute(receiver, name, span)
        if isinstance(receiver, Function) and receiver in self._of_functions:
            own = self._state.read(self._of_functions[receiver], name)
            return BuiltinMethod(receiver, name) if own is ABSENT else own
        if isinstance(receiver, BuiltinMethod) and receiver.name == "bound arguments":
            return self._bound_arguments(receiver.receiver, name)
        if isinstance(receiver, Super):
            found = machine.classes.find_behind(receiver.receiver, receiver.cls, name)
            if found is None:
                foreign = machine.classes.foreign_base(receiver.cls)
                inherited = foreign and machine.library.described.inherited(foreign, name, receiver.receiver)
                return inherited or Foreign(f"super().{name}")
            return self._bind(found, receiver.receiver, span)
        return BuiltinMethod(receiver, name)

    def _bound_arguments(self, bound: Value, name: str) -> Value:
        """Return an attribute of `inspect.BoundArguments`; of its arguments only `self` is taken for positional."""
        function, entries = self.fixed_items(bound) or [unknown("a function"), unknown("arguments")]
        if name == "arguments" or not isinstance(entries, DictObject):
            return entries
        first = function.node.parameters[:1] if isinstance(function, Function) and function.owner is not None else []
        receiver = [self._state.read(entries.cells, parameter.name) for parameter in first]
        if name == "args":
            return self.new_list("tuple", [value for value in receiver if value is not ABSENT], None)
        if name == "kwargs":
            keywords = self.copy_dict(entries)
            for parameter in first:
                self._state.write(keywords.cells, parameter.name, ABSENT)
            return keywords
        return BuiltinMethod(bound, name)

    def _class_attribute(self, receiver: ClassObject, name: str) -> Value:
        machine = self._machine
        if machine.classes.find(receiver, name) is None:
            foreign = machine.classes.foreign_base(receiver)
            inherited = machine.library.described.inherited(foreign, name, receiver) if foreign else None
            if inherited is not None:
                return inherited
        return machine.classes.class_attribute(receiver, name)

    def _instance_attribute(self, receiver: Instance, name: str, span: ir.Span) -> Value:
        machine = self._machine
        own = self._state.read(receiver.cells, name)
        found = machine.classes.find(receiver.cls, name)
        if own is not ABSENT and not may_lack(own):
            return own
        inherited = None if found is None else self._bind(found, receiver, span)
        if own is not ABSENT:
            return join_all([*alternatives(own), *([] if inherited is None else [inherited])]) or own
        if inherited is not None:
            return inherited
        if name in ("__class__",):
            return receiver.cls
        if name == "__dict__":
            return DictObject(receiver.cells)
        anything = self._state.read(receiver.cells, REST)
        if anything is not ABSENT:
            return anything
        fallback = machine.classes.find(receiver.cls, "__getattr__")
        if fallback is not None:
            return machine.calling.call(self._bind(fallback, receiver, span), Arguments([Known(name)]), span)
        foreign = machine.classes.foreign_base(receiver.cls)
        run = machine.classes.find(receiver.cls, "run") if name == "start" else None
        if run is not None and foreign is not None and foreign.endswith(_STARTED):
            return self._bind(run, receiver, span)
        if foreign is not None:
            return machine.library.described.inherited(foreign, name, receiver) or Foreign(f"{foreign}.{name}")
        declared = machine.classes.declared_attribute(receiver.cls, name)
        return declared or unknown(f"attribute {name} of {receiver.cls.node.name}")

    def _bind(self, found: Value, receiver: Value, span: ir.Span) -> Value:
        """Return what a class attribute gives when it is read on an instance."""
        if isinstance(found, Choice):
            return join_all([self._bind(member, receiver, span) for member in alternatives(found)]) or found
        if not isinstance(found, Function):
            return self._bind_object(found, receiver, span)
        if found.kind == "static":
            return found
        if found.kind == "class":
            cls = receiver.cls if isinstance(receiver, Instance) else receiver
            return BoundMethod(found, cls)
        if found.kind in ("property", "cached_property"):
            value = self._machine.calling.call(found, Arguments([receiver]), span)
            if found.kind == "cached_property" and isinstance(receiver, Instance):
                self.set_attribute(receiver, found.node.name, value)
            return value
        return BoundMethod(found, receiver)

    def _bind_object(self, found: Value, receiver: Value, span: ir.Span) -> Value:
        """Return what a class attribute that is no function gives: descriptors and `partialmethod` have their say."""
        if isinstance(found, BuiltinMethod) and found.name == "partialmethod" and isinstance(found.receiver, Partial):
            inner = found.receiver
            return Partial(self._bind(inner.function, receiver, span), inner.positional, inner.keywords)
        if isinstance(found, Instance):
            getter = self.own_method(found, "__get__")
            if getter is not None:
                owner = receiver.cls if isinstance(receiver, Instance) else receiver
                given = receiver if isinstance(receiver, Instance) else NONE
                return self._machine.calling.call(getter, Arguments([given, owner]), span)
        return found

    def read_on_class(self, found: Value, cls: ClassObject, span: ir.Span = _CALLED_BY_PYTHON) -> Value:
        """Return what an attribute of a class gives when it is read on the class itself."""
        outcomes: list[Value] = []
        for member in alternatives(found):
            if isinstance(member, Function):
                outcomes.append(BoundMethod(member, cls) if member.kind == "class" else member)
            else:
                outcomes.append(self._bind_object(member, cls, span))
        return join_all(outcomes) or found

    def operate(self, method: str, left: Value, right: Value) -> Value | None:
        """Return what an operator does that instances on its left side define as a method; None if none does."""
        outcomes: list[Value] = []
        for member in alternatives(left):
            function = self.own_method(member, method) if isinstance(member, Instance) else None
            if function is not None:
                outcomes.append(self._machine.calling.call(function, Arguments([right]), _CALLED_BY_PYTHON))
        return join_all(outcomes)

    def own_method(self, receiver: Instance, name: str) -> Value | None:
        """Return a method that the class of an instance defines, bound to it; None if it defines none."""
        found = self._machine.classes.find(receiver.cls, name)
        return None if found is None else self._bind(found, receiver, _CALLED_BY_PYTHON)

    def method(self, receiver: Value, name: str, span: ir.Span, *, alone: bool) -> Value:
        """Return `receiver.name` for a call of it.

        `alone` is False when other values may be the receiver too: a client without such a method is then none.
        """
        if isinstance(receiver, Client) and not alone and not self._machine.sdk.has_method(receiver, name):
            return Foreign(f"a client without {name}")
        if isinstance(receiver, SdkResult):
            return BuiltinMethod(receiver, name)
        return self._attribute_of(receiver, name, span)

    def set_attribute(self, receiver: Value, name: str, value: Value) -> None:
        """Carry out `receiver.name = value`."""
        members = alternatives(receiver)
        for member in members:
            if isinstance(member, Function):
                self._state.add(self._of_functions.setdefault(member, Cells(0)), name, value)
            elif isinstance(member, Instance):
                self._set_on_instance(member, name, value, alone=len(members) == 1)
            elif isinstance(member, ModuleObject | ClassObject):
                if len(members) == 1:
                    self._state.write(member.cells, name, value)
                else:
                    self._state.add(member.cells, name, value)

    def _set_on_instance(self, receiver: Instance, name: str, value: Value, *, alone: bool) -> None:
        setter = self._machine.classes.setter(receiver.cls, name)
        if strings.is_unknown(value):
            value = self._machine.classes.declared_attribute(receiver.cls, name) or value
        if setter is not None:
            self._machine.calling.call(setter, Arguments([receiver, value]), _CALLED_BY_PYTHON)
        elif alone and not receiver.shared:
            self._state.write(receiver.cells, name, value)
        else:
            self._state.add(receiver.cells, name, value)

    def delete_attribute(self, receiver: Value, name: str) -> None:
        """Carry out `del receiver.name`."""
        members = alternatives(receiver)
        for member in members:
            if not isinstance(member, Instance | ModuleObject | ClassObject):
                continue
            deleter = (
                self._machine.classes.find(member.cls, f"{name}.deleter") if isinstance(member, Instance) else None
            )
            if isinstance(deleter, Function):
                self._machine.calling.call(deleter, Arguments([member]), _CALLED_BY_PYTHON)
            elif len(members) == 1 and not (isinstance(member, Instance) and member.shared):
                self._state.write(member.cells, name, ABSENT)

    def enter(self, manager: Value, span: ir.Span) -> Value:
        """Return what `with manager as target` binds; entering some SDK values calls AWS at the given place."""
        outcomes: list[Value] = []
        for member in alternatives(manager):
            if isinstance(member, Instance):
                for name in ("__enter__", "__aenter__"):
                    method = self.own_method(member, name)
                    if method is not None:
                        outcomes.append(self._machine.calling.call(method, Arguments(), _CALLED_BY_PYTHON))
                        break
                else:
                    outcomes.append(member)
            elif isinstance(member, ListObject) and member.kind == "context":
                outcomes.append(self.element(member, _CALLED_BY_PYTHON))
            elif isinstance(member, Foreign) and not isinstance(member, LibraryObject):
                outcomes.append(Foreign(_shortened(member.path), member.local))
            elif isinstance(member, BuiltinMethod) and member.name == "closing":
                outcomes.append(member.receiver)
            else:
                if isinstance(member, BatchWriter):
                    self._machine.sdk.enter_batch_writer(member, span)
                outcomes.append(member)
        return join_all(outcomes) or unknown("a context manager")

    def leave(self, manager: Value) -> bool:
        """Do what the end of a `with` block does; return whether the manager may swallow an exception."""
        swallows = False
        for member in alternatives(manager):
            if isinstance(member, Instance):
                for name in ("__exit__", "__aexit__"):
                    method = self.own_method(member, name)
                    if method is not None:
                        raised: list[Value] = [Foreign(f"the {part} of an exception") for part in _RAISED]
                        result = self._machine.calling.call(method, Arguments(raised), _CALLED_BY_PYTHON)
                        swallows = swallows or truth(result, self._state) is not False
                        break
            elif isinstance(member, ListObject) and member.resumes is not None:
                self._machine.calling.resume(*member.resumes)
            elif isinstance(member, Foreign):
                swallows = swallows or member.path == "contextlib.suppress()"
        return swallows

    def as_text(self, value: Value) -> Value:
        """Return `str(value)`."""
        outcomes: list[Value] = []
        for member in alternatives(value):
            if isinstance(member, Instance):
                method = self.own_method(member, "__str__")
                text = unknown("an instance as text")
                if method is not None:
                    text_value = self._machine.calling.call(method, Arguments(), _CALLED_BY_PYTHON)
                    outcomes.append(text_value)
                else:
                    outcomes.append(self._enum_text(member) or text)
            else:
                outcomes.append(strings.text(strings.parts_of(member)) if isinstance(member, Known) else member)
        return join_all(outcomes) or unknown("a text")

    def _enum_text(self, member: Instance) -> Value | None:
        # A member of a StrEnum or (str, Enum) class formats as its value, or as the qualified name: the value is meant.
        return self._state.read(member.cells, "value") if member.cls.flavor == "enum" else None


def _shortened(path: str) -> str:
    return path if len(path) <= _LONGEST_PATH else path[:_LONGEST_PATH]
