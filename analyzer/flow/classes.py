"""Classes of the program: definition, inheritance and instances."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from analyzer.flow.calling import Arguments
from analyzer.flow.machine import Frame
from analyzer.flow.values import (
    ABSENT,
    BoundMethod,
    BuiltinMethod,
    ClassObject,
    DictObject,
    Foreign,
    Function,
    Instance,
    Partial,
    Scope,
    Super,
    Value,
    alternatives,
    join,
    join_all,
    may_lack,
    unknown,
)
from analyzer.model import ir
from analyzer.model.values import Environment, Hole, Known, Opaque, Text

if TYPE_CHECKING:
    from analyzer.flow.machine import Machine

_FLAVORS = {
    "enum.Enum": "enum",
    "enum.StrEnum": "enum",
    "enum.IntEnum": "enum",
    "enum.Flag": "enum",
    "pydantic.BaseModel": "model",
    "pydantic.BaseSettings": "settings",
    "pydantic_settings.BaseSettings": "settings",
    "typing.NamedTuple": "namedtuple",
    "typing.TypedDict": "plain",
}
_DATACLASS_DECORATORS = ("dataclass", "define", "attrs", "frozen", "attr.s")
_OWN_CALLABLES = (Function, BoundMethod, Partial, ClassObject, Instance)
_MOST_KNOWN_INSTANCES = 4
# Instances of a class that are told apart; further ones are taken for one.
_MOST_INSTANCES = 16


class Classes:
    """Makes classes and instances, and looks names up in them."""

    def __init__(self, machine: Machine) -> None:
        """Take the machine whose state is worked on."""
        self._machine = machine
        self._state = machine.state
        self._orders: dict[int, list[Value]] = {}
        self._instances: dict[int, list[Instance]] = {}
        self._entry_instances: dict[int, Instance] = {}
        self._count: dict[int, int] = {}
        self._shared: dict[int, Instance] = {}
        self._metaclasses: dict[int, ClassObject] = {}
        self._defining: list[ClassObject] = []
        self.made: list[ClassObject] = []

    # Definition

    def define(self, node: ir.ClassDef) -> Value:
        """Run a class body and return the class, as its decorators leave it."""
        machine, frame = self._machine, self._machine.frame
        bases = tuple(machine.expressions.evaluate(base) for base in node.bases)
        keywords = {keyword.name: machine.expressions.evaluate(keyword.value) for keyword in node.keywords}
        decorators = [machine.expressions.evaluate(decorator) for decorator in node.decorators]
        scope = Scope(self._state.new_cells(), frame.scope.module, frame.scope)
        cls = scope.cls = ClassObject(node, scope, bases, scope.cells)
        cls.flavor = self._flavor(cls, decorators)
        machine.frames.append(Frame(scope, frame.file, node.qualified_name, self._state.point()))
        try:
            machine.statements.block(node.body)
        finally:
            machine.frames.pop()
        cls.fields = tuple(
            statement.targets[0].id
            for statement in node.body
            if isinstance(statement, ir.Assign)
            and statement.annotation is not None
            and isinstance(statement.targets[0], ir.Name)
        )
        if cls.flavor == "enum":
            self._make_members(cls)
        self.made.append(cls)
        self._call_hooks(cls, keywords)
        return self._decorated(cls, decorators)

    def _decorated(self, cls: ClassObject, decorators: list[Value]) -> Value:
        """Return what the program's own decorators make of a class; others leave it as it is."""
        value: Value = cls
        for decorator in reversed(decorators):
            if all(isinstance(member, _OWN_CALLABLES) for member in alternatives(decorator)):
                made = self._machine.calling.call(decorator, Arguments([value]), cls.node.span)
                value = made if any(isinstance(member, _OWN_CALLABLES) for member in alternatives(made)) else value
        return value

    def _call_hooks(self, cls: ClassObject, keywords: dict[str | None, Value]) -> None:
        """Call what the program wants to be told of a new class: descriptors, the metaclass, and the bases."""
        calling, objects = self._machine.calling, self._machine.objects
        for name, value in self._state.items(cls.cells):
            setter = objects.own_method(value, "__set_name__") if isinstance(value, Instance) else None
            if setter is not None and isinstance(name, str):
                calling.call(setter, Arguments([cls, Known(name)]), cls.node.span)
        metaclass = keywords.pop("metaclass", None) or self._inherited_metaclass(cls)
        if isinstance(metaclass, ClassObject):
            self._metaclasses[id(cls)] = metaclass
            given: list[Value] = [
                Known(cls.node.name),
                objects.new_list("tuple", cls.bases, None),
                DictObject(cls.cells),
            ]
            self._defining.append(cls)
            for name, first in (("__new__", metaclass), ("__init__", cls)):
                hook = self.find(metaclass, name)
                if hook is not None:
                    calling.call(hook, Arguments([first, *given]), cls.node.span)
            self._defining.pop()
        hook = self._find_in(self.order(cls)[1:], "__init_subclass__")
        if hook is not None:
            named = {name: value for name, value in keywords.items() if name is not None}
            calling.call(BoundMethod(hook, cls), Arguments(keywords=named), cls.node.span)

    def _inherited_metaclass(self, cls: ClassObject) -> ClassObject | None:
        for item in self.order(cls):
            if id(item) in self._metaclasses:
                return self._metaclasses[id(item)]
        return None

    def being_defined(self, metaclass: ClassObject) -> ClassObject | None:
        """Return the class that a metaclass is making, None if it makes none."""
        if self._defining and self._metaclasses[id(self._defining[-1])] is metaclass:
            return self._defining[-1]
        return None

    def named_tuple(self, name: str, fields: tuple[str, ...], span: ir.Span) -> ClassObject:
        """Return the class that `collections.namedtuple(name, fields)` makes."""
        cls = self.made_by_call(name, (), self._machine.objects.new_dict(), span)
        cls.flavor, cls.fields = "namedtuple", fields
        return cls

    def made_by_call(self, name: str, bases: tuple[Value, ...], namespace: DictObject, span: ir.Span) -> ClassObject:
        """Return the class that `type(name, bases, namespace)` makes."""
        frame = self._machine.frame
        scope = Scope(namespace.cells, frame.scope.module, frame.scope)
        cls = scope.cls = ClassObject(ir.ClassDef(name, name, [], [], [], [], span), scope, bases, scope.cells)
        cls.flavor = self._flavor(cls, [])
        self._call_hooks(cls, {})
        return cls

    def fields(self, cls: ClassObject) -> list[str]:
        """Return the fields of a dataclass-like class, those of its bases first."""
        classes = [item for item in self.order(cls) if isinstance(item, ClassObject)]
        return list(dict.fromkeys(name for item in reversed(classes) for name in item.fields))

    def _flavor(self, cls: ClassObject, decorators: list[Value]) -> str:
        for decorator in decorators:
            if isinstance(decorator, Foreign) and any(
                decorator.path.removesuffix("()").endswith(name) for name in _DATACLASS_DECORATORS
            ):
                return "dataclass"
        for base in cls.bases:
            for member in alternatives(base):
                if isinstance(member, ClassObject) and member.flavor != "plain":
                    return member.flavor
                if isinstance(member, Foreign) and member.path in _FLAVORS:
                    return _FLAVORS[member.path]
        return "plain"

    def _make_members(self, cls: ClassObject) -> None:
        for key, value in list(cls.cells.items()):
            if not isinstance(key, str) or key.startswith("__"):
                continue
            if any(isinstance(member, Function | ClassObject) for member in alternatives(value)):
                continue
            cells = self._state.new_cells()
            cells["value"] = value
            cells["_value_"] = value
            cells["name"] = Known(key)
            cls.cells[key] = Instance(cls, cells)

    def enum_members(self, cls: ClassObject) -> list[Value]:
        """Return the members of an enum, in the order of definition."""
        return [value for value in cls.cells.values() if isinstance(value, Instance) and value.cls is cls]

    # Look-up

    def order(self, cls: ClassObject) -> list[Value]:
        """Return the classes that attributes are looked up in: the class itself, then its bases."""
        known = self._orders.get(id(cls))
        if known is not None:
            return known
        self._orders[id(cls)] = [cls]
        walked: list[Value] = [cls]
        for base in cls.bases:
            for member in alternatives(base):
                walked.extend(self.order(member) if isinstance(member, ClassObject) else [member])
        # The last mention of a shared base counts, as in Python's own linearisation of a diamond.
        result = [item for position, item in enumerate(walked) if item not in walked[position + 1 :]]
        self._orders[id(cls)] = result
        return result

    def find(self, cls: ClassObject, name: str) -> Value | None:
        """Return a class attribute, looked up through the bases; None if no class of the program has it."""
        return self._find_in(self.order(cls), name)

    def find_behind(self, receiver: Value, cls: ClassObject, name: str) -> Value | None:
        """Return what `super()` finds in a method of `cls` on a receiver; None if nothing."""
        start = receiver.cls if isinstance(receiver, Instance) else receiver
        order = self.order(start) if isinstance(start, ClassObject) else self.order(cls)
        position = order.index(cls) + 1 if cls in order else 1
        return self._find_in(order[position:], name)

    def _find_in(self, order: list[Value], name: str) -> Value | None:
        for item in order:
            if isinstance(item, ClassObject):
                value = self._state.read(item.cells, name)
                if value is not ABSENT:
                    return value
        return None

    def setter(self, cls: ClassObject, name: str) -> Function | None:
        """Return the setter of a property, None if the name has none."""
        found = self.find(cls, f"{name}.setter")
        return found if isinstance(found, Function) else None

    def foreign_base(self, cls: ClassObject) -> str | None:
        """Return the name of a base from outside the program, None if there is none."""
        for item in self.order(cls):
            if isinstance(item, Foreign) and item.path not in ("object", "abc.ABC", *_FLAVORS):
                return item.path
            if isinstance(item, Opaque):
                return "an unknown base class"
        return None

    def class_attribute(self, cls: ClassObject, name: str) -> Value:
        """Return an attribute read on a class itself."""
        found = self.find(cls, name)
        if found is None:
            if name in ("__name__", "__qualname__"):
                return Known(cls.node.name)
            if cls.flavor == "enum" and name == "__members__":
                return self._machine.objects.new_dict(
                    {str(key): value for key, value in cls.cells.items() if isinstance(value, Instance)}
                )
            if name in ("model_validate", "parse_obj", "construct", "from_orm", "model_validate_json", "parse_raw"):
                return BuiltinMethod(cls, name)
            metaclass = self._inherited_metaclass(cls)
            of_metaclass = None if metaclass is None else self.find(metaclass, name)
            if of_metaclass is not None:
                return BoundMethod(of_metaclass, cls) if isinstance(of_metaclass, Function) else of_metaclass
            foreign = self.foreign_base(cls)
            return Foreign(f"{foreign}.{name}") if foreign else unknown(f"attribute {name} of {cls.node.name}")
        return self._machine.objects.read_on_class(found, cls)

    def class_item(self, cls: ClassObject, key: Value) -> Value:
        """Return `cls[key]`: a member of an enum, or the class itself for a generic one."""
        if cls.flavor != "enum":
            return cls
        if isinstance(key, Known) and isinstance(key.value, str):
            found = self._state.read(cls.cells, key.value)
            if found is not ABSENT:
                return found
        return join_all(self.enum_members(cls)) or unknown("an enum member")

    def super_of_frame(self) -> Value:
        """Return `super()` as the innermost method being executed sees it."""
        for frame in reversed(self._machine.frames):
            function = frame.function
            if function is not None and function.owner is not None and frame.receiver is not None:
                receivers = [Super(function.owner, member) for member in alternatives(frame.receiver)]
                return join_all(list(receivers)) or unknown("super() of nothing")
        return Foreign("super()")

    # Instances

    def instantiate(self, cls: ClassObject, arguments: Arguments, span: ir.Span) -> Value:
        """Return what calling a class gives."""
        if cls.flavor == "enum":
            return self._enum_of(cls, arguments)
        maker = self.find(cls, "__new__")
        made: list[Instance] = []
        if isinstance(maker, Function):
            value = self._machine.calling.call(maker, arguments.after(cls), span)
            made = [member for member in alternatives(value) if isinstance(member, Instance)]
        instances = made or [self.allocate(cls)]
        known = self._instances.setdefault(id(cls), [])
        for instance in instances:
            if len(known) < _MOST_KNOWN_INSTANCES and instance not in known:
                known.append(instance)
            self._initialize(cls, instance, arguments, span)
        return join_all(list(instances)) or instances[0]

    def _initialize(self, cls: ClassObject, instance: Instance, arguments: Arguments, span: ir.Span) -> None:
        initializer = self.find(cls, "__init__")
        if initializer is not None:
            for member in alternatives(initializer):
                self._machine.calling.call(BoundMethod(member, instance), arguments, span)
        elif cls.flavor in ("dataclass", "model", "settings", "namedtuple"):
            self._fill_fields(instance, arguments)
            self._call_hook(instance, "__post_init__", span)
            self._call_hook(instance, "model_post_init", span)
        else:
            self._construct_base(instance, arguments, span)

    def _construct_base(self, instance: Instance, arguments: Arguments, span: ir.Span) -> None:
        """Do what the constructor of a base from outside the program does with its arguments."""
        foreign = self.foreign_base(instance.cls)
        if foreign is None:
            return
        constructor = self._machine.library.described.inherited(foreign, "__init__", instance)
        if constructor is not None:
            self._machine.calling.call(constructor, arguments, span)
        else:
            self._machine.calling.call_back_all(arguments, span)

    def allocate(self, cls: ClassObject) -> Instance:
        """Return a new instance, as `object.__new__` makes it."""
        made = self._count[id(cls)] = self._count.get(id(cls), 0) + 1
        if made <= _MOST_INSTANCES:
            return Instance(cls, self._state.new_cells())
        if id(cls) not in self._shared:
            self._shared[id(cls)] = Instance(cls, self._state.new_cells(), shared=True)
        return self._shared[id(cls)]

    def _call_hook(self, instance: Instance, name: str, span: ir.Span) -> None:
        hook = self._machine.objects.own_method(instance, name)
        if hook is not None:
            self._machine.calling.call(hook, self._machine.calling.unknown_arguments(hook), span)

    def _enum_of(self, cls: ClassObject, arguments: Arguments) -> Value:
        wanted = arguments.take(0)
        members = self.enum_members(cls)
        if isinstance(wanted, Known):
            for member in members:
                if isinstance(member, Instance) and self._state.read(member.cells, "value") == wanted:
                    return member
        return join_all(members) or unknown("an enum member")

    def _fill_fields(self, instance: Instance, arguments: Arguments) -> None:
        """Set the fields of a dataclass-like instance from arguments, defaults and, for settings, the environment."""
        position = 0
        for cls in reversed([item for item in self.order(instance.cls) if isinstance(item, ClassObject)]):
            for name in cls.fields:
                given = arguments.take(position, name)
                position += 1
                default = self._field_default(cls, name)
                if cls.flavor == "settings":
                    default = self._setting(cls, name, default)
                unseen = self._typed_field(cls, name) or unknown(f"field {name}")
                if given is None and arguments.open:
                    # `Request(**event)`: what is not seen may be given.
                    given = join(unseen, ABSENT)
                if given is None or may_lack(given):
                    given = join_all([*alternatives(given or ABSENT), default or unseen])
                self._machine.objects.set_attribute(instance, name, given or unseen)

    def _field_default(self, cls: ClassObject, name: str) -> Value | None:
        default = self._state.read(cls.cells, name)
        if default is ABSENT:
            return None
        if isinstance(default, BuiltinMethod) and default.name == "field":
            arguments = default.receiver
            return None if isinstance(arguments, Known) else arguments
        return default

    def _typed_field(self, cls: ClassObject, name: str) -> Value | None:
        annotation = self._annotation_of(cls, name)
        if annotation is None:
            return None
        return self._in_class(cls, lambda: self._machine.annotations.instance_of_annotation(annotation))

    def _annotation_of(self, cls: ClassObject, name: str) -> ir.Expr | None:
        for statement in cls.node.body:
            if isinstance(statement, ir.Assign) and statement.annotation is not None:
                target = statement.targets[0]
                if isinstance(target, ir.Name) and target.id == name:
                    return statement.annotation
        return None

    def _in_class(self, cls: ClassObject, evaluate: Callable[[], Value | None]) -> Value | None:
        frames = self._machine.frames
        file = cls.scope.module.file
        if file is None:
            return None
        frames.append(Frame(cls.scope, file, cls.node.qualified_name, self._state.point()))
        try:
            return evaluate()
        finally:
            frames.pop()

    def _setting(self, cls: ClassObject, name: str, default: Value | None) -> Value:
        variable = self._variable_name(cls, name)
        pinned = self._machine.pinned_variable(variable)
        if pinned is not None:
            return pinned
        fallback = default.value if isinstance(default, Known) and isinstance(default.value, str) else None
        return Text((Hole(Environment(variable, fallback)),))

    def _variable_name(self, cls: ClassObject, name: str) -> str:
        """Return the environment variable of a settings field: `Field(env=...)`, an alias, or prefix and field name."""
        for statement in cls.node.body:
            if not (isinstance(statement, ir.Assign) and isinstance(statement.value, ir.Call)):
                continue
            target = statement.targets[0]
            if isinstance(target, ir.Name) and target.id == name:
                for keyword in statement.value.keywords:
                    if keyword.name in ("env", "alias", "validation_alias") and isinstance(keyword.value, ir.Constant):
                        return str(keyword.value.value)
        return f"{self._settings_prefix(cls)}{name}".upper()

    def _settings_prefix(self, cls: ClassObject) -> str:
        for statement in cls.node.body:
            if isinstance(statement, ir.Assign) and isinstance(statement.value, ir.Call):
                for keyword in statement.value.keywords:
                    if keyword.name == "env_prefix" and isinstance(keyword.value, ir.Constant):
                        return str(keyword.value.value)
            if isinstance(statement, ir.ClassDef) and statement.name == "Config":
                for inner in statement.body:
                    if isinstance(inner, ir.Assign) and isinstance(inner.value, ir.Constant):
                        target = inner.targets[0]
                        if isinstance(target, ir.Name) and target.id == "env_prefix":
                            return str(inner.value.value)
        return ""

    def instance_for_entry(self, cls: ClassObject) -> Value:
        """Return what stands for `self` when a method is run on its own: known instances, else one made of unknowns."""
        known = [item for item in self._instances.get(id(cls), []) if item.cells]
        if known:
            return join_all(list(known)) or known[0]
        made = self._entry_instances.get(id(cls))
        if made is None:
            initializer = self.find(cls, "__init__")
            arguments = Arguments()
            if isinstance(initializer, Function):
                arguments = self._machine.calling.entry_arguments(initializer)
            value = self.instantiate(cls, arguments, (1, 1, 1, 1))
            made = value if isinstance(value, Instance) else Instance(cls, self._state.new_cells())
            self._entry_instances[id(cls)] = made
        return made

    def declared_attribute(self, cls: ClassObject, name: str) -> Value | None:
        """Return a value of the type that a bare annotation in a class body gives an attribute, None if none does."""
        for item in self.order(cls):
            typed = self._typed_field(item, name) if isinstance(item, ClassObject) and name in item.fields else None
            if typed is not None:
                return typed
        return None
