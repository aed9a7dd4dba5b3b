"""What annotations say of values: SDK types as type stubs name them, and classes of the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.flow import strings
from analyzer.flow.values import ClassObject, Client, Foreign, ListObject, Value, alternatives, join_all
from analyzer.model import ir
from analyzer.model.values import Known

if TYPE_CHECKING:
    from analyzer.flow.machine import Machine

_TRANSPARENT_GENERICS = frozenset({"Optional", "Annotated", "Final", "ClassVar", "Union"})
# Types inside types: `class Node: parent: Node` has no end.
_DEEPEST = 6


class Annotations:
    """Reads annotations in the frame being executed."""

    def __init__(self, machine: Machine) -> None:
        """Take the machine whose state is worked on."""
        self._machine = machine
        self._resolving = 0

    def refine(self, value: Value, annotation: ir.Expr) -> Value:
        """Return what an annotation makes of a value: an SDK or program type stands in where nothing is known."""
        members = alternatives(value)
        vague = [member for member in members if _is_vague(member)]
        if not vague and members:
            return value
        typed = self.instance_of_annotation(annotation)
        if typed is None:
            return value
        kept = [member for member in members if not _is_vague(member)]
        return join_all([*kept, typed]) or typed

    def cast(self, value: Value, wanted: Value) -> Value:
        """Return what `typing.cast(wanted, value)` gives: the type stands in where nothing is known of the value."""
        found = [
            self.instance_of_annotation(ir.Constant(member.value))
            if isinstance(member, Known)
            else self._value_of_type(member)
            for member in alternatives(wanted)
        ]
        typed = [one for one in found if one is not None]
        kept = [member for member in alternatives(value) if not _is_vague(member)]
        return join_all(kept or typed) or value

    def instance_of_annotation(self, annotation: ir.Expr) -> Value | None:
        """Return a value of the annotated type if it is an SDK type or a class of the program, else None."""
        self._resolving += 1
        try:
            return None if self._resolving > _DEEPEST else self._typed(annotation)
        finally:
            self._resolving -= 1

    def _typed(self, annotation: ir.Expr) -> Value | None:
        if isinstance(annotation, ir.Constant):
            if not isinstance(annotation.value, str):
                return None
            body = self._machine.sources.parse(annotation.value).body
            first = body[0] if len(body) == 1 else None
            return self._typed(first.value) if isinstance(first, ir.ExpressionStatement) else None
        if isinstance(annotation, ir.Binary):
            found = [self._typed(side) for side in (annotation.left, annotation.right)]
            return join_all([value for value in found if value is not None])
        if isinstance(annotation, ir.Subscript):
            return self._typed_generic(annotation)
        if not isinstance(annotation, ir.Name | ir.Attribute):
            return None
        return self._value_of_type(self._machine.expressions.evaluate(annotation))

    def _typed_generic(self, annotation: ir.Subscript) -> Value | None:
        generic = annotation.object
        name = generic.name if isinstance(generic, ir.Attribute) else generic.id if isinstance(generic, ir.Name) else ""
        inner = annotation.index.items if isinstance(annotation.index, ir.Display) else [annotation.index]
        if name in _TRANSPARENT_GENERICS:
            found = [self._typed(item) for item in inner]
            return join_all([value for value in found if value is not None])
        if name in ("type", "Type"):
            named = self._machine.expressions.evaluate(inner[0])
            return named if all(isinstance(member, ClassObject) for member in alternatives(named)) else None
        if name in ("list", "List", "Sequence", "Iterable", "Iterator", "tuple", "Tuple", "set", "AsyncIterator"):
            element = self._typed(inner[0])
            return None if element is None else self._machine.objects.new_list("list", [], element)
        if name in ("dict", "Dict", "Mapping", "MutableMapping") and len(inner) == 2:
            element = self._typed(inner[1])
            return None if element is None else self._machine.objects.new_dict(rest=element)
        return None

    def _value_of_type(self, found: Value) -> Value | None:
        values: list[Value] = []
        for member in alternatives(found):
            if isinstance(member, ClassObject):
                if member.flavor != "enum":
                    values.append(self._machine.classes.instance_for_entry(member))
            elif isinstance(member, Foreign):
                typed = self._machine.sdk.value_of_type(member.path)
                if typed is not None:
                    values.append(typed)
        return join_all(values)


def _is_vague(value: Value) -> bool:
    if isinstance(value, Client):
        return value.service is None
    if isinstance(value, ListObject):
        return not value.cells
    return strings.is_unknown(value) and not (isinstance(value, Foreign) and value.path.startswith("a client"))
