"""Evaluation of expressions to abstract values."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from analyzer.flow import strings
from analyzer.flow.calling import Arguments
from analyzer.flow.truth import truth
from analyzer.flow.values import (
    ABSENT,
    FALSE,
    NONE,
    TRUE,
    BuiltinMethod,
    Cells,
    Choice,
    Client,
    DictObject,
    Foreign,
    Function,
    Instance,
    ListObject,
    Scope,
    SdkResult,
    Value,
    alternatives,
    join,
    join_all,
    may_lack,
    unknown,
)
from analyzer.model import ir
from analyzer.model.values import Known, Opaque, Text

if TYPE_CHECKING:
    from analyzer.flow.machine import Machine

_LONGEST_UNROLLED = 16
_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
}
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


_METHODS = {
    "+": "__add__", "-": "__sub__", "*": "__mul__", "/": "__truediv__", "//": "__floordiv__", "%": "__mod__",
    "&": "__and__", "|": "__or__", "^": "__xor__", "@": "__matmul__", "<<": "__lshift__", ">>": "__rshift__",
    "==": "__eq__", "!=": "__ne__", "<": "__lt__", "<=": "__le__", ">": "__gt__", ">=": "__ge__",
}  # fmt: skip


class Expressions:
    """Evaluates expressions in the frame being executed."""

    def __init__(self, machine: Machine) -> None:
        """Take the machine whose state is worked on."""
        self._machine = machine
        self._state = machine.state
        self._by_type: dict[type, Callable[[Any], Value]] = {
            ir.Constant: self._constant,
            ir.Name: self._name,
            ir.Attribute: self._attribute,
            ir.Subscript: self._subscript,
            ir.Slice: self._slice,
            ir.Call: self._call,
            ir.Starred: lambda node: self.evaluate(node.value),
            ir.FormattedString: self._formatted_string,
            ir.Formatted: self._formatted,
            ir.Binary: self._binary,
            ir.Boolean: self._boolean,
            ir.Not: self._not,
            ir.Unary: self._unary,
            ir.Compare: self._compare,
            ir.Conditional: self._conditional,
            ir.Display: self._display,
            ir.DictDisplay: self._dict_display,
            ir.Comprehension: self._comprehension,
            ir.Lambda: lambda node: self._machine.calling.define(node.function),
            ir.Await: self._await,
            ir.Yield: self._yield,
            ir.Walrus: self._walrus,
        }

    def evaluate(self, node: ir.Expr) -> Value:
        """Return the value of an expression, doing what it does on the way."""
        return self._by_type[type(node)](node)

    def test(self, node: ir.Expr) -> bool | None:
        """Return the truth of an expression as a condition; None where it is not known."""
        return self._machine.objects.test(self.evaluate(node))

    def evaluate_quietly(self, node: ir.Name | ir.Attribute) -> Value:
        """Return the value of a variable or plain attribute again, without the effects of reading it."""
        if isinstance(node, ir.Name):
            return self._name(node)
        if not isinstance(node.object, ir.Name | ir.Attribute):
            return unknown("an expression")
        receiver = self.evaluate_quietly(node.object)
        if isinstance(receiver, Instance):
            value = self._state.read(receiver.cells, node.name)
            return unknown("an attribute") if value is ABSENT else value
        return unknown("an expression")

    def _constant(self, node: ir.Constant) -> Value:
        value = node.value
        if value is None or isinstance(value, str | int | float | bytes):
            return Known(value)
        return unknown("an ellipsis")

    # Names

    def _name(self, node: ir.Name) -> Value:
        return self.lookup(node.id)

    def lookup(self, name: str) -> Value:
        """Return the value of a name as the frame being executed sees it."""
        scope: Scope | None = self._machine.frame.scope
        first = scope
        while scope is not None:
            if scope is first or scope.cls is None:
                value = self._state.read(scope.cells, name)
                if value is not ABSENT:
                    if may_lack(value):
                        return join_all(list(alternatives(value))) or unknown(name)
                    return value
            scope = scope.parent
        function = self._machine.frame.function
        if name == "__class__" and function is not None and function.owner is not None:
            return function.owner
        return self._machine.library.builtin(name)

    def _attribute(self, node: ir.Attribute) -> Value:
        receiver = self.evaluate(node.object)
        return self._machine.objects.attribute(receiver, node.name, node.span)

    # Calls

    def _call(self, node: ir.Call) -> Value:
        self._machine.step()
        machine = self._machine
        if isinstance(node.func, ir.Attribute):
            receiver = self.evaluate(node.func.object)
            arguments = self.arguments(node.args, node.keywords)
            if node.func.name == "set_credentials":
                key = arguments.take(0, "access_key") or unknown("an access key")
                machine.statements.rebind_session(node.func.object, receiver, key)
            return machine.calling.call_method(receiver, node.func.name, arguments, node.span)
        if isinstance(node.func, ir.Name) and node.func.id == "super" and not node.args:
            return machine.classes.super_of_frame()
        function = self.evaluate(node.func)
        return machine.calling.call(function, self.arguments(node.args, node.keywords), node.span)

    def arguments(self, positional: list[ir.Expr], keywords: list[ir.Keyword]) -> Arguments:
        """Evaluate the arguments of a call."""
        result = Arguments()
        objects = self._machine.objects
        for argument in positional:
            if isinstance(argument, ir.Starred):
                value = self.evaluate(argument.value)
                items = objects.fixed_items(value)
                if items is not None and result.rest is None:
                    result.positional.extend(items)
                else:
                    element = objects.element(value, argument.span)
                    result.rest = element if result.rest is None else join(result.rest, element)
            else:
                result.positional.append(self.evaluate(argument))
        for keyword in keywords:
            value = self.evaluate(keyword.value)
            if keyword.name is not None:
                result.keywords[keyword.name] = value
            else:
                self._spread(value, result)
        return result

    def _spread(self, value: Value, result: Arguments) -> None:
        """Add the entries of `**value` to the arguments."""
        members = alternatives(value)
        mappings = [member for member in members if isinstance(member, DictObject)]
        if len(mappings) < len(members) or not members:
            result.open = True
        for mapping in mappings:
            for key, item in self._state.items(mapping.cells):
                if isinstance(key, str):
                    present = item if len(mappings) == 1 else join(item, ABSENT)
                    result.keywords[key] = join(result.keywords[key], item) if key in result.keywords else present
                else:
                    result.open = True

    # Strings

    def _formatted_string(self, node: ir.FormattedString) -> Value:
        return strings.concatenate([self.evaluate(part) for part in node.parts])

    def _formatted(self, node: ir.Formatted) -> Value:
        value = self.evaluate(node.value)
        if node.how in ("", "!s"):
            return self._machine.objects.as_text(value)
        outcomes = [strings.formatted(member, node.how) for member in alternatives(value)]
        return join_all(outcomes) or unknown("a formatted value")

    # Operators

    def _binary(self, node: ir.Binary) -> Value:
        # A chain of operators nests to the left; walk it instead of recursing.
        chain: list[ir.Binary] = []
        current: ir.Expr = node
        while isinstance(current, ir.Binary):
            chain.append(current)
            current = current.left
        value = self.evaluate(current)
        for step in reversed(chain):
            value = self.binary(step.operator, value, self.evaluate(step.right))
        return value

    def binary(self, symbol: str, left: Value, right: Value) -> Value:
        """Return `left symbol right`."""
        if symbol in _METHODS and any(isinstance(member, Instance) for member in alternatives(left)):
            result = self._machine.objects.operate(_METHODS[symbol], left, right)
            if result is not None:
                return result
        if symbol == "+" and (self._any_textual(left) or self._any_textual(right)):
            return strings.concatenate([left, right])
        if symbol == "%" and self._any_textual(left):
            return self._percent(left, right)
        if symbol == "/" and not (isinstance(left, Known) and isinstance(right, Known)):
            joined = self._machine.library.joined_path(left, right)
            if joined is not None:
                return joined
        if isinstance(left, Known) and isinstance(right, Known):
            return _arithmetic(symbol, left.value, right.value)
        if symbol == "+" and isinstance(left, ListObject):
            combined = self._machine.objects.copy_list(left, left.kind)
            self._machine.objects.extend(combined, right)
            return combined
        if symbol == "|" and isinstance(left, DictObject):
            merged = self._machine.objects.copy_dict(left)
            self._machine.objects.update(merged, right)
            return merged
        return unknown("the result of an operator")

    def _any_textual(self, value: Value) -> bool:
        return any(strings.is_textual(member) for member in alternatives(value))

    def _percent(self, left: Value, right: Value) -> Value:
        outcomes: list[Value] = []
        items = self._machine.objects.fixed_items(right) if isinstance(right, ListObject) else None
        for template in alternatives(left):
            if not (isinstance(template, Known) and isinstance(template.value, str)):
                outcomes.append(unknown("a formatted value"))
            elif isinstance(right, DictObject):
                named = {key: item for key, item in self._state.items(right.cells) if isinstance(key, str)}
                outcomes.append(strings.format_percent(template.value, [], named))
            else:
                values = items if items is not None else [self._machine.objects.as_text(right)]
                outcomes.append(strings.format_percent(template.value, values, {}))
        return join_all(outcomes) or unknown("a formatted value")

    def _boolean(self, node: ir.Boolean) -> Value:
        chain: list[ir.Boolean] = []
        current: ir.Expr = node
        while isinstance(current, ir.Boolean):
            chain.append(current)
            current = current.left
        value = self.evaluate(current)
        for step in reversed(chain):
            value = self._boolean_step(step, value)
        return value

    def _boolean_step(self, node: ir.Boolean, left: Value) -> Value:
        decided = self._machine.objects.test(left)
        stops = node.operator == "or"
        if decided is stops:
            return left
        if decided is not None:
            return self.evaluate(node.right)
        # The right side may or may not run: its changes are joined with the state before.
        branch = self._state.begin()
        right = self.evaluate(node.right)
        changed = self._state.undo(branch)
        self._state.end(branch)
        self._state.merge([{}, changed])
        kept = [member for member in alternatives(left) if truth(member, self._state) in (stops, None)]
        return join_all([*kept, right]) or right

    def _not(self, node: ir.Not) -> Value:
        decided = self.test(node.value)
        return unknown("a truth value") if decided is None else Known(not decided)

    def _unary(self, node: ir.Unary) -> Value:
        value = self.evaluate(node.value)
        if isinstance(value, Known) and isinstance(value.value, int | float):
            if node.operator == "-":
                return Known(-value.value)
            if node.operator == "+":
                return value
        return unknown("a number")

    def _compare(self, node: ir.Compare) -> Value:
        values = [self.evaluate(operand) for operand in node.operands]
        if len(values) != 2:
            return unknown("a truth value")
        left, right = values
        symbol = node.operators[0]
        if symbol in ("is", "is not"):
            decided = _identity(left, right)
        elif symbol in ("in", "not in"):
            self._machine.objects.operate("__contains__", right, left)
            decided = self._contains(left, right)
        else:
            self._machine.objects.operate(_METHODS[symbol], left, right)
            decided = _comparison(symbol, left, right)
        if decided is None:
            return unknown("a truth value")
        return Known(decided if symbol not in ("is not", "not in") else not decided)

    def _contains(self, item: Value, container: Value) -> bool | None:
        if not isinstance(item, Known):
            return None
        if isinstance(container, Known) and isinstance(container.value, str) and isinstance(item.value, str):
            return item.value in container.value
        if isinstance(container, DictObject):
            found = self._state.read(container.cells, item.value)
            if found is not ABSENT:
                return None if may_lack(found) else True
            return False if all(isinstance(key, str | int) for key in container.cells) else None
        items = self._machine.objects.fixed_items(container)
        if items is not None and all(isinstance(member, Known) for member in items):
            return item in items
        return None

    def _conditional(self, node: ir.Conditional) -> Value:
        decided = self.test(node.test)
        if decided is not None:
            return self.evaluate(node.body if decided else node.orelse)
        branch = self._state.begin()
        body = self.evaluate(node.body)
        after_body = self._state.undo(branch)
        orelse = self.evaluate(node.orelse)
        after_orelse = self._state.undo(branch)
        self._state.end(branch)
        self._state.merge([after_body, after_orelse])
        return join(body, orelse)

    # Containers

    def _subscript(self, node: ir.Subscript) -> Value:
        receiver = self.evaluate(node.object)
        if isinstance(node.index, ir.Slice):
            bounds = [None if bound is None else self.evaluate(bound) for bound in _bounds(node.index)]
            return self._machine.objects.slice(receiver, bounds)
        return self._machine.objects.item(receiver, self.evaluate(node.index), node.span)

    def _slice(self, node: ir.Slice) -> Value:
        for bound in _bounds(node):
            if bound is not None:
                self.evaluate(bound)
        return unknown("a slice")

    def _display(self, node: ir.Display) -> Value:
        objects = self._machine.objects
        items: list[Value] = []
        rest: Value | None = None
        for item in node.items:
            if isinstance(item, ir.Starred):
                value = self.evaluate(item.value)
                fixed = objects.fixed_items(value)
                if fixed is not None and rest is None:
                    items.extend(fixed)
                    continue
                element = objects.element(value, item.span)
                rest = element if rest is None else join(rest, element)
            else:
                element = self.evaluate(item)
                if rest is None:
                    items.append(element)
                else:
                    rest = join(rest, element)
        return objects.new_list(node.kind, items, rest)

    def _dict_display(self, node: ir.DictDisplay) -> Value:
        result = self._machine.objects.new_dict()
        for key, value in node.entries:
            if key is None:
                self._machine.objects.update(result, self.evaluate(value))
            else:
                self._machine.objects.set_item(result, self.evaluate(key), self.evaluate(value))
        return result

    def _comprehension(self, node: ir.Comprehension) -> Value:
        frame = self._machine.frame
        outer = frame.scope
        frame.scope = Scope(self._state.new_cells(), outer.module, outer, declared=None)
        try:
            collected: list[_Collected] = []
            self._clauses(node, 0, collected, certain=True)
        finally:
            frame.scope = outer
        return self._collection(node.kind, collected)

    def _clauses(self, node: ir.Comprehension, position: int, collected: list[_Collected], *, certain: bool) -> None:
        """Run the clauses from a position on; what is collected is `certain` if it is just this and surely there."""
        if position == len(node.clauses):
            key = None if node.key is None else self.evaluate(node.key)
            collected.append(_Collected(key, self.evaluate(node.element), certain))
            return
        self._machine.step()
        clause = node.clauses[position]
        iterable = self.evaluate(clause.iterable)
        items = self._machine.objects.fixed_items(iterable)
        exact = items is not None and len(items) <= _LONGEST_UNROLLED and len(collected) <= _LONGEST_UNROLLED**2
        if not exact or items is None:
            items = [self._machine.objects.element(iterable, clause.iterable_span)]
        for item in items:
            self._machine.statements.assign(clause.target, item)
            decided = [self.test(condition) for condition in clause.conditions]
            if False in decided:
                continue
            self._clauses(node, position + 1, collected, certain=certain and exact and None not in decided)

    def _collection(self, kind: str, collected: list[_Collected]) -> Value:
        objects = self._machine.objects
        if kind == "dict":
            result = objects.new_dict()
            for one in collected:
                key = unknown("a key") if one.key is None else one.key
                # What may be left out leaves what an earlier item put there.
                before = objects.entry(result, key) if isinstance(key, Known) else None
                present = one.value if one.certain else join(one.value, ABSENT if before is None else before)
                objects.set_item(result, key, present)
            return result
        list_kind = "iterator" if kind == "generator" else kind
        values = [one.value for one in collected]
        if all(one.certain for one in collected):
            return objects.new_list(list_kind, values, None)
        return objects.new_list(list_kind, [], join_all(values))

    # Coroutines and generators

    def _await(self, node: ir.Await) -> Value:
        return self.evaluate(node.value)

    def _yield(self, node: ir.Yield) -> Value:
        value = NONE if node.value is None else self.evaluate(node.value)
        if node.source_span is not None:
            value = self._machine.objects.element(value, node.source_span)
        self._machine.frame.yielded.append(value)
        return unknown("what was sent to a generator")

    def _walrus(self, node: ir.Walrus) -> Value:
        value = self.evaluate(node.value)
        self._machine.statements.bind(node.name, value)
        return value


class _Collected(NamedTuple):
    """What one round of a comprehension adds, `certain` if it surely does."""

    key: Value | None
    value: Value
    certain: bool


def _bounds(node: ir.Slice) -> tuple[ir.Expr | None, ir.Expr | None, ir.Expr | None]:
    return node.lower, node.upper, node.step


def _arithmetic(symbol: str, left: Any, right: Any) -> Value:
    function = _ARITHMETIC.get(symbol)
    if function is None:
        return unknown("a number")
    if symbol == "*" and isinstance(left, str | bytes | int) and isinstance(right, str | bytes | int):
        # `"a" * 10**9` must not be carried out.
        sizes = [len(side) if isinstance(side, str | bytes) else abs(side) for side in (left, right)]
        if sizes[0] * sizes[1] > 10_000 and not (isinstance(left, int) and isinstance(right, int)):
            return unknown("a long text")
    try:
        result = function(left, right)
    except (TypeError, ValueError, ArithmeticError):
        return unknown("an operation that fails")
    if isinstance(result, int) and result.bit_length() > 256:
        return unknown("a large number")
    return Known(result) if isinstance(result, str | int | float | bytes) else unknown("a number")


def _identity(left: Value, right: Value) -> bool | None:
    if not isinstance(right, Known) or right not in (NONE, TRUE, FALSE):
        return None
    if isinstance(left, Known):
        return left.value is right.value
    if isinstance(left, Choice | Opaque | Foreign | SdkResult | BuiltinMethod):
        return None
    if isinstance(left, Text):
        # An unset variable or a missing key is not a Text, but its reading may be guarded all the same.
        return None if right == NONE and not any(isinstance(part, str) for part in left.parts) else False
    return False if isinstance(left, Client | Instance | Function | ListObject | DictObject | Cells) else None


def _comparison(symbol: str, left: Value, right: Value) -> bool | None:
    function = _COMPARISONS.get(symbol)
    if function is None or not (isinstance(left, Known) and isinstance(right, Known)):
        return None
    try:
        return bool(function(left.value, right.value))
    except TypeError:
        return None
