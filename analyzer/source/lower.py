"""Lowering: one tree-sitter parse of a file, turned once into the IR."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from ast_grep_py import SgRoot

from analyzer.model import ir
from analyzer.source.expressions import ExpressionLowering, meaningful, span_of
from analyzer.source.repair import blank_what_does_not_parse

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_CALL_OF_TYPE = re.compile(r"type\s*\(")
_HINT = re.compile(r"#\s*lpa:\s*service=([\w-]+)")


def lower(text: str) -> ir.Module:
    """Return the IR of a module.

    Source that does not parse is reported as `problems`: the statement or function it stands in is left out, the rest
    is lowered. Never raises for any text.
    """
    root = SgRoot(text, "python").root()
    problems: list[ir.SyntaxProblem] = []
    if _has_errors(root):
        text, problems = blank_what_does_not_parse(text, _parses)
        root = SgRoot(text, "python").root()
    lowering = _Lowering(_hints(text))
    try:
        body = lowering.statements(root.named_children())
    except RecursionError:
        extent = span_of(root)
        return ir.Module([], [*problems, ir.SyntaxProblem(extent, "nested too deeply")])
    problems.extend(lowering.problems)
    return ir.Module(body, problems, lowering.expressions.mentioned, lowering.expressions.called)


def find_problems(text: str) -> list[ir.SyntaxProblem]:
    """Return what of a module does not parse, without lowering it."""
    return lower(text).problems if _has_errors(SgRoot(text, "python").root()) else []


def _has_errors(root: SgNode) -> bool:
    if root.kind() == "ERROR":
        return True
    # A token that the parser put in because it is missing has no text; an empty file has none either.
    found = root.find(any=[{"kind": "ERROR"}, {"regex": "^$"}])
    return found is not None and found.kind() != "module"


def _parses(text: str) -> bool:
    return not _has_errors(SgRoot(text, "python").root())


def _hints(text: str) -> dict[int, str]:
    if "lpa:" not in text:
        return {}
    found = ((number, _HINT.search(line)) for number, line in enumerate(text.splitlines(), 1))
    return {number: match.group(1) for number, match in found if match}


class _Lowering:
    """Lowers statements; expressions are lowered by its `expressions`."""

    def __init__(self, hints: dict[int, str]) -> None:
        self.expressions = ExpressionLowering()
        self.problems: list[ir.SyntaxProblem] = []
        self._hints = hints
        self._qualifiers: list[str] = []
        self._by_kind: dict[str, Callable[[SgNode], ir.Statement | None]] = {
            "expression_statement": self._expression_statement,
            "if_statement": self._if,
            "return_statement": lambda node: ir.Return(self._first(node)),
            "function_definition": lambda node: self._function(node, []),
            "class_definition": lambda node: self._class(node, []),
            "decorated_definition": self._decorated,
            "for_statement": self._for,
            "while_statement": self._while,
            "try_statement": self._try,
            "with_statement": self._with,
            "match_statement": self._match,
            "raise_statement": lambda node: ir.Raise(self._first(node)),
            "assert_statement": lambda node: ir.Assert(self._first(node) or ir.Constant(True)),
            "delete_statement": self._delete,
            "global_statement": lambda node: self._scope_declaration("global", node),
            "nonlocal_statement": lambda node: self._scope_declaration("nonlocal", node),
            "break_statement": lambda _: ir.Jump("break"),
            "continue_statement": lambda _: ir.Jump("continue"),
            "print_statement": self._print,
        }

    def statements(self, nodes: list[SgNode]) -> list[ir.Statement]:
        result: list[ir.Statement] = []
        for node in nodes:
            kind = node.kind()
            handler = self._by_kind.get(kind)
            if handler is not None:
                statement = handler(node)
                if statement is not None:
                    result.append(statement)
            elif kind == "import_statement":
                self._import(node, result)
            elif kind == "import_from_statement":
                result.append(self._import_from(node))
            elif kind == "type_alias_statement":
                result.extend(self._not_a_type_alias(node))
            elif kind == "ERROR":
                # What could not be blanked: report it, and keep the statements the parser recovered inside.
                self.problems.append(ir.SyntaxProblem(span_of(node), node.text()[:60]))
                result.extend(self.statements(node.named_children()))
        return result

    def _not_a_type_alias(self, node: SgNode) -> list[ir.Statement]:
        """Return the assignment that `type(x).y = z` is, which tree-sitter takes for `type X = Y`; else nothing."""
        text = node.text()
        if not _CALL_OF_TYPE.match(text):
            return []
        line, column, _, _ = span_of(node)
        # Another spelling of the same name, which the grammar knows no statement for.
        again = "\n" * (line - 1) + " " * (column - 1) + "\uff54\uff59\uff50\uff45" + text[len("type") :]
        return self.statements(SgRoot(again, "python").root().named_children())

    def _first(self, node: SgNode) -> ir.Expr | None:
        children = meaningful(node)
        return self.expressions.lower(children[0]) if children else None

    def _block(self, node: SgNode, name: str) -> list[ir.Statement]:
        block = node.field(name)
        return self.statements(block.named_children()) if block is not None else []

    def _inner_block(self, node: SgNode) -> list[ir.Statement]:
        for child in node.named_children():
            if child.kind() == "block":
                return self.statements(child.named_children())
        return []

    def _expression_statement(self, node: SgNode) -> ir.Statement | None:
        children = meaningful(node)
        if not children:
            return None
        child = children[0]
        kind = child.kind()
        if kind == "assignment":
            return self._assignment(child)
        if kind == "augmented_assignment":
            operator = child.field("operator")
            return ir.AugmentedAssign(
                self.expressions.field(child, "left"),
                operator.text().removesuffix("=") if operator is not None else "",
                self.expressions.field(child, "right"),
            )
        if len(children) == 1 and kind in ("string", "integer", "ellipsis"):
            return None
        if len(children) > 1:
            return ir.ExpressionStatement(ir.Display("tuple", [self.expressions.lower(item) for item in children]))
        return ir.ExpressionStatement(self.expressions.lower(child))

    def _assignment(self, node: SgNode) -> ir.Statement:
        targets: list[ir.Expr] = []
        annotation: ir.Expr | None = None
        hint = None
        if self._hints:
            start, _, end, _ = span_of(node)
            hint = self._hints.get(end) or self._hints.get(start)
        while True:
            targets.append(self.expressions.field(node, "left"))
            annotation = self.expressions.optional_field(node, "type") or annotation
            right = node.field("right")
            if right is None:
                return ir.Assign(targets, None, annotation, hint)
            if right.kind() != "assignment":
                return ir.Assign(targets, self.expressions.lower(right), annotation, hint)
            node = right

    def _print(self, node: SgNode) -> ir.Statement:
        return ir.ExpressionStatement(
            ir.Display("tuple", [self.expressions.lower(child) for child in meaningful(node)])
        )

    def _if(self, node: SgNode) -> ir.Statement:
        # `elif` clauses are siblings in the tree; a chain of thousands must not become a nesting of thousands.
        statement = ir.If(self.expressions.field(node, "condition"), self._block(node, "consequence"), [])
        last = statement
        for clause in node.field_children("alternative"):
            if clause.kind() == "elif_clause":
                nested = ir.If(self.expressions.field(clause, "condition"), self._block(clause, "consequence"), [])
                last.orelse = [nested]
                last = nested
            else:
                last.orelse = self._block(clause, "body")
        return statement

    def _orelse(self, node: SgNode) -> list[ir.Statement]:
        clause = node.field("alternative")
        return self._block(clause, "body") if clause is not None else []

    def _for(self, node: SgNode) -> ir.Statement:
        iterable = node.field("right")
        return ir.For(
            target=self.expressions.field(node, "left"),
            iterable=self.expressions.field(node, "right"),
            iterable_span=span_of(iterable if iterable is not None else node),
            body=self._block(node, "body"),
            orelse=self._orelse(node),
        )

    def _while(self, node: SgNode) -> ir.Statement:
        return ir.While(self.expressions.field(node, "condition"), self._block(node, "body"), self._orelse(node))

    def _try(self, node: SgNode) -> ir.Statement:
        statement = ir.Try(self._block(node, "body"), [], [], [])
        for clause in node.named_children():
            kind = clause.kind()
            if kind in ("except_clause", "except_group_clause"):
                statement.handlers.append(self._handler(clause))
            elif kind == "else_clause":
                statement.orelse = self._block(clause, "body")
            elif kind == "finally_clause":
                statement.final = self._inner_block(clause)
        return statement

    def _handler(self, clause: SgNode) -> ir.Handler:
        caught: ir.Expr | None = None
        name: str | None = None
        for child in clause.named_children():
            kind = child.kind()
            if kind == "as_pattern":
                parts = meaningful(child)
                caught = self.expressions.lower(parts[0])
                name = parts[-1].text() if len(parts) > 1 else None
            elif kind not in ("block", "comment", "line_continuation"):
                caught = self.expressions.lower(child)
        return ir.Handler(caught, name, self._inner_block(clause))

    def _with(self, node: SgNode) -> ir.Statement:
        items: list[tuple[ir.Expr, ir.Expr | None]] = []
        for clause in node.named_children():
            if clause.kind() != "with_clause":
                continue
            for item in meaningful(clause):
                for value in meaningful(item):
                    self._with_item(value, items)
        return ir.With(items, self._block(node, "body"))

    def _with_item(self, value: SgNode, items: list[tuple[ir.Expr, ir.Expr | None]]) -> None:
        kind = value.kind()
        if kind == "as_pattern":
            context, *target = meaningful(value)
            items.append((self.expressions.lower(context), self.expressions.lower(target[0]) if target else None))
        elif kind == "tuple":
            # `with (open(a) as f, open(b) as g):` parses as a tuple of patterns.
            for inner in meaningful(value):
                self._with_item(inner, items)
        else:
            items.append((self.expressions.lower(value), None))

    def _match(self, node: SgNode) -> ir.Statement:
        subjects = [self.expressions.lower(child) for child in node.field_children("subject")]
        subject = subjects[0] if len(subjects) == 1 else ir.Display("tuple", subjects)
        statement = ir.Match(subject, [])
        block = node.field("body")
        for clause in block.named_children() if block is not None else []:
            if clause.kind() == "case_clause":
                statement.cases.append(self._case(clause))
        return statement

    def _case(self, clause: SgNode) -> ir.Case:
        captures: list[str] = []
        literals: list[ir.Expr] = []
        guard: ir.Expr | None = None
        patterns: list[SgNode] = []
        for child in meaningful(clause):
            kind = child.kind()
            if kind == "if_clause":
                guard = self._first(child)
            elif kind == "case_pattern":
                patterns.append(child)
                self._pattern(child, captures)
        text = patterns[0].text() if len(patterns) == 1 else ""
        irrefutable = guard is None and text.isidentifier()
        if len(patterns) == 1 and not irrefutable:
            literals = self._pattern_literals(patterns[0])
        whole = self._whole_captures(patterns[0]) if len(patterns) == 1 else []
        return ir.Case(literals, captures, guard, irrefutable, self._block(clause, "consequence"), whole)

    def _whole_captures(self, pattern: SgNode) -> list[str]:
        """Return the names that a pattern binds to the subject itself: `name`, `P as name`."""
        inner = meaningful(pattern)
        if len(inner) == 1 and inner[0].kind() == "as_pattern":
            parts = meaningful(inner[0])
            return [parts[-1].text(), *self._whole_captures(parts[0])]
        return [pattern.text()] if pattern.text().isidentifier() else []

    def _pattern(self, node: SgNode, captures: list[str]) -> None:
        kind = node.kind()
        if kind == "identifier":
            captures.append(node.text())
        elif kind == "dotted_name":
            if "." not in node.text():
                captures.append(node.text())
        elif kind in ("class_pattern", "keyword_pattern"):
            for child in meaningful(node)[1:]:
                self._pattern(child, captures)
        elif kind not in ("string", "integer", "float"):
            for child in meaningful(node):
                self._pattern(child, captures)

    def _pattern_literals(self, node: SgNode) -> list[ir.Expr]:
        """Return the values a pattern compares with, when it is nothing but such values joined by `|`; else []."""
        kind = node.kind()
        if kind in ("case_pattern", "union_pattern"):
            found = [self._pattern_literals(child) for child in meaningful(node)]
            return [literal for literals in found for literal in literals] if all(found) else []
        if kind in ("string", "concatenated_string", "integer", "float", "true", "false", "none"):
            return [self.expressions.lower(node)]
        if kind == "dotted_name" and "." in node.text():
            return [self.expressions.lower(node)]
        return []

    def _delete(self, node: SgNode) -> ir.Statement:
        children = meaningful(node)
        if len(children) == 1 and children[0].kind() == "expression_list":
            children = meaningful(children[0])
        return ir.Delete([self.expressions.lower(child) for child in children])

    def _scope_declaration(self, kind: str, node: SgNode) -> ir.Statement:
        return ir.ScopeDeclaration(kind, [child.text() for child in meaningful(node)])

    def _import(self, node: SgNode, result: list[ir.Statement]) -> None:
        for child in meaningful(node):
            if child.kind() == "aliased_import":
                module, name = (part.text() for part in meaningful(child))
                result.append(ir.Import(module, name, span_of(node)))
            else:
                result.append(ir.Import(child.text(), None, span_of(node)))

    def _import_from(self, node: SgNode) -> ir.Statement:
        origin = node.field("module_name")
        text = origin.text().replace(" ", "") if origin is not None else ""
        module = text.lstrip(".")
        names: list[tuple[str, str]] = []
        for child in node.field_children("name"):
            if child.kind() == "aliased_import":
                name, alias = (part.text() for part in meaningful(child))
            else:
                name = alias = child.text()
            self.expressions.mentioned.add(name)
            names.append((name, alias))
        if any(child.kind() == "wildcard_import" for child in node.named_children()):
            names.append(("*", "*"))
        return ir.ImportFrom(module, len(text) - len(module), names, span_of(node))

    def _decorated(self, node: SgNode) -> ir.Statement | None:
        decorators: list[ir.Expr] = []
        for child in node.named_children():
            kind = child.kind()
            if kind == "decorator":
                decorator = self._first(child)
                if decorator is not None:
                    decorators.append(decorator)
            elif kind == "function_definition":
                return self._function(child, decorators)
            elif kind == "class_definition":
                return self._class(child, decorators)
        return None

    def _qualified(self, name: str) -> str:
        return ".".join([*self._qualifiers, name])

    def _function(self, node: SgNode, decorators: list[ir.Expr]) -> ir.Statement:
        name_node = node.field("name")
        name = name_node.text() if name_node is not None else ""
        qualified_name = self._qualified(name)
        parameters = node.field("parameters")
        lowered = self.expressions.parameters(parameters) if parameters is not None else []
        if self._hints:
            self._hint_parameters(parameters, lowered)
        returns = self.expressions.optional_field(node, "return_type")
        self._qualifiers.append(name)
        self.expressions.generators.append(False)
        body = self._block(node, "body")
        is_generator = self.expressions.generators.pop()
        self._qualifiers.pop()
        return ir.FunctionDef(
            name=name,
            qualified_name=qualified_name,
            parameters=lowered,
            body=body,
            decorators=decorators,
            returns=returns,
            is_generator=is_generator,
            span=span_of(node),
        )

    def _hint_parameters(self, parameters: SgNode | None, lowered: list[ir.Parameter]) -> None:
        nodes = [] if parameters is None else meaningful(parameters)
        by_line: dict[int, list[ir.Parameter]] = {}
        named = [node for node in nodes if not node.kind().endswith("separator")]
        for node, parameter in zip(named, lowered, strict=False):
            by_line.setdefault(span_of(node)[2], []).append(parameter)
        for line, candidates in by_line.items():
            hint = self._hints.get(line)
            # A comment on a line of several parameters would be a guess at which one is meant.
            usable = [parameter for parameter in candidates if parameter.name not in ("self", "cls")]
            if hint and len(usable) == 1:
                usable[0].hint = hint

    def _class(self, node: SgNode, decorators: list[ir.Expr]) -> ir.Statement:
        name_node = node.field("name")
        name = name_node.text() if name_node is not None else ""
        superclasses = node.field("superclasses")
        bases, keywords = self.expressions.arguments(superclasses) if superclasses is not None else ([], [])
        qualified_name = self._qualified(name)
        self._qualifiers.append(name)
        body = self._block(node, "body")
        self._qualifiers.pop()
        return ir.ClassDef(name, qualified_name, bases, keywords, body, decorators, span_of(node))
