"""Execution of statements on abstract values: branches are joined, loops run to a fixpoint."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any

from analyzer.flow import identities
from analyzer.flow.machine import Loop, Machine
from analyzer.flow.state import Changes
from analyzer.flow.truth import truth
from analyzer.flow.values import (
    ABSENT,
    NONE,
    Cells,
    Choice,
    Client,
    DictObject,
    Foreign,
    Function,
    ListObject,
    Scope,
    Session,
    Value,
    alternatives,
    join,
    join_all,
    unknown,
)
from analyzer.model import ir
from analyzer.model.values import Known, Opaque

if TYPE_CHECKING:
    from collections.abc import Sequence

# Rounds of a loop before what still changes counts as unknown.
_MOST_ROUNDS = 4
# A loop over a display of this many items is executed item by item.
_LONGEST_UNROLLED = 16
_MOST_UNROLLED_ITEMS = 256
_TYPE_CHECKING = frozenset({"typing.TYPE_CHECKING", "typing_extensions.TYPE_CHECKING"})


class Statements:
    """Executes statements. Every method that executes returns whether control goes on to the next statement."""

    def __init__(self, machine: Machine) -> None:
        """Take the machine whose state is worked on."""
        self._machine = machine
        self._state = machine.state
        self._unrolled = 1
        self._by_type: dict[type, Callable[[Any], bool]] = {
            ir.ExpressionStatement: self._expression,
            ir.Assign: self._assign,
            ir.AugmentedAssign: self._augmented_assign,
            ir.Import: self._import,
            ir.ImportFrom: self._import_from,
            ir.FunctionDef: self._function,
            ir.ClassDef: self._class,
            ir.Return: self._return,
            ir.If: self._if,
            ir.For: self._for,
            ir.While: self._while,
            ir.With: self._with,
            ir.Try: self._try,
            ir.Match: self._match,
            ir.Raise: self._raise,
            ir.Assert: self._assert,
            ir.Delete: self._delete,
            ir.ScopeDeclaration: self._scope_declaration,
            ir.Jump: self._jump,
        }

    def block(self, statements: Sequence[ir.Statement]) -> bool:
        """Execute statements in order until one does not go on; what follows it is dead."""
        for statement in statements:
            self._machine.step()
            if not self._by_type[type(statement)](statement):
                return False
        return True

    def _expression(self, node: ir.ExpressionStatement) -> bool:
        value = self._machine.expressions.evaluate(node.value)
        return not (isinstance(value, Foreign) and value.path in ("sys.exit()", "os._exit()", "exit()", "quit()"))

    # Assignment

    def _assign(self, node: ir.Assign) -> bool:
        expressions = self._machine.expressions
        if node.value is None:
            if node.hint is None:
                self._annotated(node)
                return True
            value: Value = unknown("a bare annotation")
        else:
            value = expressions.evaluate(node.value)
        if node.annotation is not None:
            value = self._machine.annotations.refine(value, node.annotation)
        if node.hint is not None:
            value = self._machine.sdk.hinted(value, node.hint)
        for target in node.targets:
            self.assign(target, value)
        return True

    def _annotated(self, node: ir.Assign) -> None:
        """Note a bare annotation of a class body: a field without default."""
        frame = self._machine.frame
        if frame.scope.cls is not None or node.annotation is None:
            return
        typed = self._machine.annotations.instance_of_annotation(node.annotation)
        if typed is not None:
            for target in node.targets:
                if isinstance(target, ir.Name) and self._state.read(frame.scope.cells, target.id) is ABSENT:
                    self.assign(target, typed)

    def assign(self, target: ir.Expr, value: Value) -> None:
        """Bind a target to a value."""
        if isinstance(target, ir.Name):
            self.bind(target.id, value)
        elif isinstance(target, ir.Attribute):
            receiver = self._machine.expressions.evaluate(target.object)
            if target.name == "_credentials":
                # A session is a value like a text: another one takes its place.
                self.rebind_session(target.object, receiver, value)
            self._machine.objects.set_attribute(receiver, target.name, value)
            if any(isinstance(member, Foreign | Opaque) for member in alternatives(receiver)):
                shown = f"what has the attribute {target.name}"
                self._machine.library.described.report_signers([value], shown, target.span)
        elif isinstance(target, ir.Subscript):
            receiver = self._machine.expressions.evaluate(target.object)
            index = self._machine.expressions.evaluate(target.index)
            self._machine.objects.set_item(receiver, index, value)
        elif isinstance(target, ir.Display):
            self._unpack(target.items, value)
        elif isinstance(target, ir.Starred):
            self.assign(target.value, value)

    def rebind_session(self, target: ir.Expr, session: Value, credentials: Value) -> None:
        """Bind a target that holds a session to one with other credentials."""
        if any(isinstance(member, Session) for member in alternatives(session)):
            self.assign(target, identities.with_credentials(self._machine, session, credentials))

    def bind(self, name: str, value: Value) -> None:
        """Bind a name in the current scope, or where `global` or `nonlocal` says."""
        scope = self._machine.frame.scope
        cells = self._declared_cells(scope, name) if scope.declared and name in scope.declared else scope.cells
        self._state.write(cells, name, value)

    def _declared_cells(self, scope: Scope, name: str) -> Any:
        if scope.declared is not None and scope.declared.get(name) == "nonlocal":
            outer = scope.parent
            while outer is not None and outer.parent is not None:
                if outer.cls is None and name in outer.cells:
                    return outer.cells
                outer = outer.parent
        return scope.module.cells

    def _unpack(self, targets: Sequence[ir.Expr], value: Value) -> None:
        objects = self._machine.objects
        starred = next((i for i, item in enumerate(targets) if isinstance(item, ir.Starred)), None)
        for position, target in enumerate(targets):
            if starred is None or position < starred:
                self.assign(target, objects.unpacked(value, position))
            elif position == starred:
                items = objects.fixed_items(value)
                if items is None:
                    rest = objects.new_list("list", [], objects.element(value, (0, 0, 0, 0)))
                else:
                    rest = objects.new_list("list", items[position : len(items) - (len(targets) - position - 1)], None)
                self.assign(target, rest)
            else:
                self.assign(target, objects.unpacked(value, position - len(targets)))

    def _augmented_assign(self, node: ir.AugmentedAssign) -> bool:
        expressions = self._machine.expressions
        old = expressions.evaluate(node.target)
        added = expressions.evaluate(node.value)
        if node.operator == "+" and isinstance(old, ListObject) and old.kind == "list":
            self._machine.objects.extend(old, added)
            return True
        if node.operator == "|" and isinstance(old, DictObject):
            self._machine.objects.update(old, added)
            return True
        self.assign(node.target, expressions.binary(node.operator, old, added))
        return True

    def _delete(self, node: ir.Delete) -> bool:
        for target in node.targets:
            if isinstance(target, ir.Name):
                self.bind(target.id, ABSENT)
            elif isinstance(target, ir.Subscript):
                receiver = self._machine.expressions.evaluate(target.object)
                index = self._machine.expressions.evaluate(target.index)
                self._machine.objects.delete_item(receiver, index)
            elif isinstance(target, ir.Attribute):
                self._machine.objects.delete_attribute(self._machine.expressions.evaluate(target.object), target.name)
        return True

    def _scope_declaration(self, node: ir.ScopeDeclaration) -> bool:
        scope = self._machine.frame.scope
        if scope.declared is None:
            scope.declared = {}
        scope.declared.update(dict.fromkeys(node.names, node.kind))
        return True

    # Imports and definitions

    def _import(self, node: ir.Import) -> bool:
        self._machine.modules.import_module(node, self.bind)
        return True

    def _import_from(self, node: ir.ImportFrom) -> bool:
        self._machine.modules.import_from(node, self.bind)
        return True

    def _function(self, node: ir.FunctionDef) -> bool:
        self.bind(node.name, self._machine.calling.define(node))
        return True

    def _class(self, node: ir.ClassDef) -> bool:
        self.bind(node.name, self._machine.classes.define(node))
        return True

    # Jumps

    def _return(self, node: ir.Return) -> bool:
        frame = self._machine.frame
        value = NONE if node.value is None else self._machine.expressions.evaluate(node.value)
        frame.returned.append(value)
        if self._state.depth == frame.depth:
            frame.returns_here = True
        else:
            frame.exits.append(self._state.changes(frame.start))
            frame.jumps += 1
        return False

    def _raise(self, node: ir.Raise) -> bool:
        if node.value is not None:
            self._machine.expressions.evaluate(node.value)
        return False

    def _jump(self, node: ir.Jump) -> bool:
        frame = self._machine.frame
        if frame.loops:
            loop = frame.loops[-1]
            frame.jumps += 1
            if node.kind == "break":
                loop.breaks.append(self._state.changes(loop.whole))
            else:
                loop.continues.append(self._state.changes(loop.round))
        return False

    def _assert(self, node: ir.Assert) -> bool:
        self._machine.expressions.test(node.test)
        return True

    # Branches

    def _if(self, node: ir.If) -> bool:
        # An `elif` chain is walked here, not by recursion: generated code has thousands of arms.
        state, expressions = self._state, self._machine.expressions
        tested = expressions.evaluate(node.test)
        decided = self._machine.objects.test(tested)
        if decided is not None:
            return self.block(node.body if decided else node.orelse)
        if isinstance(tested, Foreign) and tested.path in _TYPE_CHECKING:
            return self._for_type_checkers(node)
        jumps = self._machine.frame.jumps
        outcomes: list[Changes] = []
        whole = state.begin()
        current: ir.If | None = node
        while current is not None:
            if decided is not False:
                arm = state.begin()
                if decided is None:
                    self._narrow(current.test, holds=True)
                if self.block(current.body):
                    outcomes.append(state.changes(whole))
                state.undo(arm)
                state.end(arm)
                if decided is True:
                    break
                self._narrow(current.test, holds=False)
            orelse = current.orelse
            if len(orelse) == 1 and isinstance(orelse[0], ir.If):
                current = orelse[0]
                self._machine.step()
                decided = expressions.test(current.test)
                continue
            if self.block(orelse):
                outcomes.append(state.changes(whole))
            current = None
        state.undo(whole)
        state.end(whole)
        return self._join(outcomes, jumps)

    def _for_type_checkers(self, node: ir.If) -> bool:
        """Bind what `if TYPE_CHECKING:` imports and defines: it never runs, but annotations name it."""
        whole = self._state.begin()
        outcomes: list[Changes] = []
        for arm in ([one for one in node.body if not isinstance(one, ir.ExpressionStatement)], node.orelse):
            if self.block(arm):
                outcomes.append(self._state.changes(whole))
            self._state.undo(whole)
        self._state.end(whole)
        return self._join(outcomes, self._machine.frame.jumps)

    def _join(self, outcomes: list[Changes], jumps: int) -> bool:
        """Go on with the join of the outcomes of branches, if any; `jumps` is the frame's count before them."""
        if outcomes:
            self._state.merge(outcomes)
        if self._machine.frame.jumps > jumps:
            self._state.diverge()
        return bool(outcomes)

    def _narrow(self, test: ir.Expr, *, holds: bool) -> None:
        """Drop the alternatives of a tested variable or attribute that the outcome of the test rules out."""
        if isinstance(test, ir.Not):
            self._narrow(test.value, holds=not holds)
            return
        if isinstance(test, ir.Boolean) and (test.operator == "and") == holds:
            self._narrow(test.left, holds=holds)
            self._narrow(test.right, holds=holds)
            return
        subject: ir.Expr = test
        none_test = False
        if isinstance(test, ir.Compare) and len(test.operands) == 2 and test.operators[0] in ("is", "is not"):
            right = test.operands[1]
            if not (isinstance(right, ir.Constant) and right.value is None):
                return
            subject, none_test = test.operands[0], True
            holds = holds == (test.operators[0] == "is")
        if not isinstance(subject, ir.Name | ir.Attribute):
            return
        value = self._machine.expressions.evaluate_quietly(subject)
        if not isinstance(value, Choice):
            return
        if none_test:
            kept = [
                member for member in value.values if (member == NONE) == holds or truth(member, self._state) is None
            ]
        else:
            kept = [member for member in value.values if truth(member, self._state) in (holds, None)]
        narrowed = join_all(kept)
        if narrowed is not None and len(kept) < len(value.values):
            if isinstance(subject, ir.Name):
                self.bind(subject.id, narrowed)
            elif isinstance(subject.object, ir.Name | ir.Attribute):
                receiver = self._machine.expressions.evaluate_quietly(subject.object)
                self._machine.objects.set_attribute(receiver, subject.name, narrowed)

    def _match(self, node: ir.Match) -> bool:
        state = self._state
        expressions = self._machine.expressions
        subject = expressions.evaluate(node.subject)
        jumps = self._machine.frame.jumps
        outcomes: list[Changes] = []
        exhaustive = False
        whole = state.begin()
        for case in node.cases:
            literals = [expressions.evaluate(literal) for literal in case.literals]
            decided = self._case_matches(subject, literals)
            if decided is False:
                continue
            arm = state.begin()
            for name in case.captures:
                captured = subject if name in case.whole else self._machine.objects.part_of(subject)
                self.bind(name, captured)
            guard = None if case.guard is None else expressions.test(case.guard)
            if guard is not False and self.block(case.body):
                outcomes.append(state.changes(whole))
            state.undo(arm)
            state.end(arm)
            if case.irrefutable or (decided is True and (case.guard is None or guard is True)):
                exhaustive = True
                break
        if not exhaustive:
            outcomes.append(state.changes(whole))
        state.undo(whole)
        state.end(whole)
        return self._join(outcomes, jumps)

    def _case_matches(self, subject: Value, literals: list[Value]) -> bool | None:
        if not literals or not all(isinstance(value, Known) for value in (*alternatives(subject), *literals)):
            return None
        subjects = alternatives(subject)
        equal = [member in literals for member in subjects]
        if all(equal) and subjects:
            return True
        return None if any(equal) else False

    def _try(self, node: ir.Try) -> bool:
        state = self._state
        jumps = self._machine.frame.jumps
        outcomes: list[Changes] = []
        whole = state.begin()
        goes_on = self.block(node.body)
        body = state.changes(whole)
        if goes_on and self.block(node.orelse):
            outcomes.append(state.changes(whole))
        state.undo(whole)
        for handler in node.handlers:
            # The exception may have come before or after anything the body did.
            state.merge([{}, body])
            if handler.type is not None:
                self._machine.expressions.evaluate(handler.type)
            if handler.name is not None:
                self.bind(handler.name, Foreign("an exception"))
            if self.block(handler.body):
                outcomes.append(state.changes(whole))
            state.undo(whole)
        state.end(whole)
        if self._join(outcomes, jumps):
            return self.block(node.final)
        if node.final:
            state.merge([{}, body])
            self.block(node.final)
        return False

    def _with(self, node: ir.With) -> bool:
        managers: list[Value] = []
        for context, target in node.items:
            manager = self._machine.expressions.evaluate(context)
            span = context.span if isinstance(context, ir.Call | ir.Name | ir.Attribute) else (1, 1, 1, 1)
            entered = self._machine.objects.enter(manager, span)
            if target is not None:
                self.assign(target, entered)
            managers.append(manager)
        frame = self._machine.frame
        left = len(frame.returned), frame.jumps
        goes_on = self.block(node.body)
        raised = not goes_on and left == (len(frame.returned), frame.jumps)
        for manager in reversed(managers):
            if self._machine.objects.leave(manager) and raised:
                goes_on = True
        return goes_on

    # Loops

    def _for(self, node: ir.For) -> bool:
        iterable = self._machine.expressions.evaluate(node.iterable)
        items = self._machine.objects.fixed_items(iterable)
        if items is not None and self._may_unroll(len(items)):
            return self._unrolled_for(node, items)

        def next_item() -> None:
            # In every round anew: a generator of the program sees what the body has changed since.
            self.assign(node.target, self._machine.objects.element(iterable, node.iterable_span))

        return self._loop(node.body, next_item, lambda: self.block(node.orelse))

    def _may_unroll(self, count: int) -> bool:
        return count <= _LONGEST_UNROLLED and self._unrolled * count <= _MOST_UNROLLED_ITEMS

    def _unrolled_for(self, node: ir.For, items: list[Value]) -> bool:
        state, frame = self._state, self._machine.frame
        jumps = frame.jumps
        whole = state.begin()
        loop = Loop(whole, whole, state.now, unrolled=True)
        frame.loops.append(loop)
        self._unrolled *= max(len(items), 1)
        goes_on = True
        try:
            for item in items:
                loop.round = state.begin()
                loop.continues = []
                self.assign(node.target, item)
                goes_on = self.block(node.body)
                if loop.continues:
                    ending = [*loop.continues, *([state.changes(loop.round)] if goes_on else [])]
                    state.undo(loop.round)
                    state.merge(ending)
                    goes_on = True
                state.end(loop.round)
                if not goes_on:
                    break
        finally:
            frame.loops.pop()
            self._unrolled //= max(len(items), 1)
        if goes_on:
            goes_on = self.block(node.orelse)
        return self._after_loop(loop, jumps, goes_on=goes_on)

    def _while(self, node: ir.While) -> bool:
        expressions = self._machine.expressions
        if expressions.test(node.test) is False:
            return self.block(node.orelse)

        def begin_round() -> None:
            expressions.test(node.test)
            self._narrow(node.test, holds=True)

        def finish() -> bool:
            # What is true before the first round (`while not found`) need not be after others.
            if expressions.test(node.test) is True:
                return False
            self._narrow(node.test, holds=False)
            return self.block(node.orelse)

        return self._loop(node.body, begin_round, finish)

    def _loop(self, body: Sequence[ir.Statement], begin_round: Callable[[], None], finish: Callable[[], bool]) -> bool:
        """Execute a loop body until nothing changes any more.

        `finish` does what happens when the loop ends by itself and returns whether control goes on; it is False where
        a loop only ends by `break`.
        """
        state, frame = self._state, self._machine.frame
        jumps = frame.jumps
        whole = state.begin()
        loop = Loop(whole, whole, state.now, unrolled=False)
        frame.loops.append(loop)
        try:
            for round_number in range(_MOST_ROUNDS):
                loop.round = state.begin()
                loop.continues = []
                begin_round()
                goes_on = self.block(body)
                outcomes = [*loop.continues, *([state.changes(loop.round)] if goes_on else [])]
                state.undo(loop.round)
                state.end(loop.round)
                changed = state.merge([{}, *outcomes])
                if not changed:
                    break
                if round_number == _MOST_ROUNDS - 1:
                    self._widen(changed)
        finally:
            frame.loops.pop()
        return self._after_loop(loop, jumps, goes_on=finish())

    def _after_loop(self, loop: Loop, jumps: int, *, goes_on: bool) -> bool:
        ending = [self._state.changes(loop.whole)] if goes_on else []
        if not loop.breaks and goes_on:
            self._state.end(loop.whole)
        else:
            self._state.undo(loop.whole)
            self._state.end(loop.whole)
            ending.extend(loop.breaks)
            if ending:
                self._state.merge(ending)
        if self._machine.frame.jumps > jumps:
            self._state.diverge()
        return bool(ending)

    def _widen(self, changed: list[tuple[Cells, Hashable]]) -> None:
        for cells, key in changed:
            value = cells.get(key, ABSENT)
            if any(isinstance(member, Client | Function) for member in alternatives(value)):
                continue
            self._state.write(cells, key, join(value, unknown("a value that changes in a loop")))
