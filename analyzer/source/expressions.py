"""Lowering of expressions: tree-sitter nodes to `ir.Expr`."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING

from analyzer.model import ir

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_OPAQUE = ir.Constant(...)
_EXTRAS = frozenset({"comment", "line_continuation"})


def span_of(node: SgNode) -> ir.Span:
    """Return the 1-based span of a node."""
    extent = node.range()
    start, end = extent.start, extent.end
    return (start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def meaningful(node: SgNode) -> list[SgNode]:
    """Return the named children of a node without comments and line continuations."""
    return [child for child in node.named_children() if child.kind() not in _EXTRAS]


class ExpressionLowering:
    """Lowers expressions, noting the names that are mentioned and the methods that are called on the way."""

    def __init__(self) -> None:
        self.mentioned: set[str] = set()
        self.called: set[str] = set()
        # One entry per function being lowered: whether a `yield` was met in it.
        self.generators: list[bool] = [False]
        self._by_kind: dict[str, Callable[[SgNode], ir.Expr]] = {
            "identifier": self._identifier,
            "attribute": self._attribute,
            "call": self._call,
            "string": self._string,
            "concatenated_string": self._concatenated_string,
            "integer": self._number,
            "float": self._number,
            "true": lambda _: ir.Constant(True),
            "false": lambda _: ir.Constant(False),
            "none": lambda _: ir.Constant(None),
            "subscript": self._subscript,
            "list": lambda node: self._display("list", node),
            "tuple": lambda node: self._display("tuple", node),
            "set": lambda node: self._display("set", node),
            "expression_list": lambda node: self._display("tuple", node),
            "pattern_list": lambda node: self._display("tuple", node),
            "tuple_pattern": lambda node: self._display("tuple", node),
            "list_pattern": lambda node: self._display("list", node),
            "dictionary": self._dictionary,
            "parenthesized_expression": self._only_child,
            "as_pattern_target": self._only_child,
            "type": self._only_child,
            "binary_operator": self._binary,
            "boolean_operator": self._boolean,
            "not_operator": lambda node: ir.Not(self.field(node, "argument")),
            "unary_operator": self._unary,
            "comparison_operator": self._comparison,
            "conditional_expression": self._conditional,
            "lambda": self._lambda,
            "list_comprehension": lambda node: self._comprehension("list", node),
            "set_comprehension": lambda node: self._comprehension("set", node),
            "generator_expression": lambda node: self._comprehension("generator", node),
            "dictionary_comprehension": lambda node: self._comprehension("dict", node),
            "await": lambda node: ir.Await(self._only_child(node)),
            "yield": self._yield,
            "named_expression": self._walrus,
            "list_splat": self._starred,
            "list_splat_pattern": self._starred,
            "slice": self._slice,
            "generic_type": self._generic_type,
            "union_type": self._union_type,
            "member_type": self._member_type,
            "dotted_name": self._dotted_name,
        }

    def lower(self, node: SgNode) -> ir.Expr:
        """Return the expression of a node; syntax without a value of its own becomes an opaque constant."""
        handler = self._by_kind.get(node.kind())
        return handler(node) if handler else _OPAQUE

    def field(self, node: SgNode, name: str) -> ir.Expr:
        """Return the expression in a field of a node."""
        child = node.field(name)
        return self.lower(child) if child is not None else _OPAQUE

    def optional_field(self, node: SgNode, name: str) -> ir.Expr | None:
        """Return the expression in a field of a node, or None when the field is empty."""
        child = node.field(name)
        return self.lower(child) if child is not None else None

    def _only_child(self, node: SgNode) -> ir.Expr:
        children = meaningful(node)
        return self.lower(children[0]) if children else _OPAQUE

    def _identifier(self, node: SgNode) -> ir.Expr:
        name = node.text()
        if not name.isascii():
            import unicodedata

            # https://docs.python.org/3/reference/lexical_analysis.html#identifiers
            name = unicodedata.normalize("NFKC", name)
        self.mentioned.add(name)
        return ir.Name(name, span_of(node))

    def _dotted_name(self, node: SgNode) -> ir.Expr:
        first, *rest = meaningful(node)
        value = self._identifier(first)
        for part in rest:
            self.mentioned.add(part.text())
            value = ir.Attribute(value, part.text(), span_of(node))
        return value

    def _attribute(self, node: SgNode) -> ir.Expr:
        name_node = node.field("attribute")
        name = name_node.text() if name_node is not None else ""
        self.mentioned.add(name)
        return ir.Attribute(self.field(node, "object"), name, span_of(node))

    def _subscript(self, node: SgNode) -> ir.Expr:
        indexes = [self.lower(child) for child in node.field_children("subscript")]
        index = indexes[0] if len(indexes) == 1 else ir.Display("tuple", indexes)
        return ir.Subscript(self.field(node, "value"), index, span_of(node))

    def _slice(self, node: SgNode) -> ir.Expr:
        bounds: list[ir.Expr | None] = [None]
        for child in node.children():
            kind = child.kind()
            if kind == ":":
                bounds.append(None)
            elif kind not in _EXTRAS:
                bounds[-1] = self.lower(child)
        lower, upper, step = [*bounds, None, None][:3]
        return ir.Slice(lower, upper, step)

    def _call(self, node: SgNode) -> ir.Expr:
        function = self.field(node, "function")
        if isinstance(function, ir.Attribute):
            self.called.add(function.name)
        arguments = node.field("arguments")
        if arguments is None:
            return ir.Call(function, [], [], span_of(node))
        if arguments.kind() == "generator_expression":
            return ir.Call(function, [self.lower(arguments)], [], span_of(node))
        positional, keywords = self.arguments(arguments)
        return ir.Call(function, positional, keywords, span_of(node))

    def arguments(self, node: SgNode) -> tuple[list[ir.Expr], list[ir.Keyword]]:
        """Return the positional and keyword arguments of an `argument_list` node."""
        positional: list[ir.Expr] = []
        keywords: list[ir.Keyword] = []
        for child in node.named_children():
            kind = child.kind()
            if kind == "keyword_argument":
                name = child.field("name")
                keywords.append(ir.Keyword(name.text() if name is not None else None, self.field(child, "value")))
            elif kind == "dictionary_splat":
                keywords.append(ir.Keyword(None, self._only_child(child)))
            elif kind not in _EXTRAS:
                positional.append(self.lower(child))
        return positional, keywords

    def _starred(self, node: SgNode) -> ir.Expr:
        return ir.Starred(self._only_child(node), span_of(node))

    def _string(self, node: SgNode) -> ir.Expr:
        text = node.text()
        quote = text[0]
        if quote in "'\"" and "\\" not in text:
            width = 3 if text.startswith(quote * 3) and len(text) >= 6 else 1
            return ir.Constant(text[width:-width].replace("\r\n", "\n"))
        prefix = text[: min(i for i in (text.find("'"), text.find('"')) if i >= 0)].lower()
        if "f" in prefix or "t" in prefix:
            return self._formatted_string(node, raw="r" in prefix)
        return ir.Constant(_literal(text))

    def _formatted_string(self, node: SgNode, *, raw: bool) -> ir.Expr:
        parts: list[ir.Expr] = []
        for child in node.named_children():
            kind = child.kind()
            if kind == "string_content":
                text = child.text().replace("{{", "{").replace("}}", "}")
                if not raw and "\\" in text:
                    text = str(_literal(f'"""{text}"""' if '"' not in text else f"'''{text}'''"))
                parts.append(ir.Constant(text))
            elif kind == "interpolation":
                parts.extend(self._replacement_field(child))
        return ir.FormattedString(parts)

    def _replacement_field(self, node: SgNode) -> list[ir.Expr]:
        inner = meaningful(node)
        if not inner:
            return []
        how: str | None = "".join(extra.text() for extra in inner[1:])
        if any(extra.find(kind="format_expression") is not None for extra in inner[1:]):
            how = None
        shown: list[ir.Expr] = []
        equals = next((child for child in node.children() if child.kind() == "="), None)
        if equals is not None:
            # `{name=}` is the text `name=` and the value's repr.
            text = node.text()
            end = equals.range().end.index - node.range().start.index
            end += len(text[end:]) - len(text[end:].lstrip())
            shown.append(ir.Constant(text[1:end]))
            how = how or "!r"
        return [*shown, ir.Formatted(self.lower(inner[0]), how)]

    def _concatenated_string(self, node: SgNode) -> ir.Expr:
        parts = [self.lower(child) for child in meaningful(node)]
        constants = [part.value for part in parts if isinstance(part, ir.Constant)]
        if len(constants) == len(parts):
            if all(isinstance(value, str) for value in constants):
                return ir.Constant("".join(str(value) for value in constants))
            if all(isinstance(value, bytes) for value in constants):
                return ir.Constant(b"".join(value for value in constants if isinstance(value, bytes)))
            return _OPAQUE
        return ir.FormattedString(parts)

    def _number(self, node: SgNode) -> ir.Expr:
        return ir.Constant(_literal(node.text()))

    def _display(self, kind: str, node: SgNode) -> ir.Expr:
        return ir.Display(kind, [self.lower(child) for child in meaningful(node)])

    def _dictionary(self, node: SgNode) -> ir.Expr:
        entries: list[tuple[ir.Expr | None, ir.Expr]] = []
        for child in node.named_children():
            kind = child.kind()
            if kind == "pair":
                entries.append((self.field(child, "key"), self.field(child, "value")))
            elif kind == "dictionary_splat":
                entries.append((None, self._only_child(child)))
        return ir.DictDisplay(entries)

    def _left_chain(self, node: SgNode) -> tuple[SgNode, list[tuple[str, SgNode]]]:
        # `a + b + c + ...` nests to the left; generated code nests it deeper than the stack allows.
        kind = node.kind()
        tail: list[tuple[str, SgNode]] = []
        current = node
        while current.kind() == kind:
            operator, left, right = current.field("operator"), current.field("left"), current.field("right")
            if operator is None or left is None or right is None:
                break
            tail.append((operator.text(), right))
            current = left
        tail.reverse()
        return current, tail

    def _binary(self, node: SgNode) -> ir.Expr:
        first, tail = self._left_chain(node)
        if first is node:
            return _OPAQUE
        value = self.lower(first)
        for operator, right in tail:
            value = ir.Binary(operator, value, self.lower(right))
        return value

    def _boolean(self, node: SgNode) -> ir.Expr:
        first, tail = self._left_chain(node)
        if first is node:
            return _OPAQUE
        value = self.lower(first)
        for operator, right in tail:
            value = ir.Boolean(operator, value, self.lower(right))
        return value

    def _unary(self, node: SgNode) -> ir.Expr:
        operator = node.field("operator")
        return ir.Unary(operator.text() if operator is not None else "", self.field(node, "argument"))

    def _comparison(self, node: SgNode) -> ir.Expr:
        operands: list[ir.Expr] = []
        operators: list[str] = []
        for child in node.children():
            if child.is_named():
                if child.kind() not in _EXTRAS:
                    operands.append(self.lower(child))
            else:
                operators.append(" ".join(child.text().split()))
        return ir.Compare(operands, operators)

    def _conditional(self, node: SgNode) -> ir.Expr:
        children = meaningful(node)
        if len(children) != 3:
            return _OPAQUE
        body, test, orelse = (self.lower(child) for child in children)
        return ir.Conditional(test, body, orelse)

    def _lambda(self, node: SgNode) -> ir.Expr:
        parameters = node.field("parameters")
        self.generators.append(False)
        body: list[ir.Statement] = [ir.Return(self.field(node, "body"))]
        is_generator = self.generators.pop()
        return ir.Lambda(
            ir.FunctionDef(
                name="<lambda>",
                qualified_name="<lambda>",
                parameters=self.parameters(parameters) if parameters is not None else [],
                body=body,
                decorators=[],
                returns=None,
                is_generator=is_generator,
                span=span_of(node),
            )
        )

    def parameters(self, node: SgNode) -> list[ir.Parameter]:
        """Return the parameters of a `parameters` or `lambda_parameters` node."""
        result: list[ir.Parameter] = []
        kind = "normal"
        for child in node.named_children():
            child_kind = child.kind()
            if child_kind == "identifier":
                result.append(ir.Parameter(child.text(), kind))
            elif child_kind == "default_parameter":
                result.append(ir.Parameter(_name_of(child), kind, self.optional_field(child, "value")))
            elif child_kind == "typed_default_parameter":
                default, annotation = self.optional_field(child, "value"), self.optional_field(child, "type")
                result.append(ir.Parameter(_name_of(child), kind, default, annotation))
            elif child_kind == "typed_parameter":
                target = meaningful(child)[0]
                annotation = self.optional_field(child, "type")
                result.append(self._variadic(target, kind, annotation))
            elif child_kind in ("list_splat_pattern", "dictionary_splat_pattern"):
                result.append(self._variadic(child, kind, None))
            elif child_kind == "positional_separator":
                for parameter in result:
                    parameter.kind = "positional"
            if child_kind in ("list_splat_pattern", "keyword_separator") or (
                child_kind == "typed_parameter" and result[-1].kind == "args"
            ):
                kind = "keyword"
        return result

    def _variadic(self, target: SgNode, kind: str, annotation: ir.Expr | None) -> ir.Parameter:
        target_kind = target.kind()
        if target_kind == "list_splat_pattern":
            return ir.Parameter(meaningful(target)[0].text(), "args", None, annotation)
        if target_kind == "dictionary_splat_pattern":
            return ir.Parameter(meaningful(target)[0].text(), "kwargs", None, annotation)
        return ir.Parameter(target.text(), kind, None, annotation)

    def _comprehension(self, kind: str, node: SgNode) -> ir.Expr:
        key: ir.Expr | None = None
        element: ir.Expr = _OPAQUE
        clauses: list[ir.Clause] = []
        body: SgNode | None = None
        for child in meaningful(node):
            child_kind = child.kind()
            if child_kind == "for_in_clause":
                iterable = child.field("right")
                clauses.append(
                    ir.Clause(
                        self.field(child, "left"),
                        self.lower(iterable) if iterable is not None else _OPAQUE,
                        span_of(iterable if iterable is not None else child),
                        [],
                    )
                )
            elif child_kind == "if_clause":
                if clauses:
                    clauses[-1].conditions.append(self._only_child(child))
            else:
                body = child
        if body is not None and body.kind() == "pair":
            key, element = self.field(body, "key"), self.field(body, "value")
        elif body is not None:
            element = self.lower(body)
        return ir.Comprehension(kind, key, element, clauses)

    def _yield(self, node: SgNode) -> ir.Expr:
        self.generators[-1] = True
        children = meaningful(node)
        if not children:
            return ir.Yield(None, None)
        is_from = any(child.kind() == "from" for child in node.children())
        return ir.Yield(self.lower(children[0]), span_of(children[0]) if is_from else None)

    def _walrus(self, node: SgNode) -> ir.Expr:
        return ir.Walrus(_name_of(node), self.field(node, "value"))

    def _generic_type(self, node: SgNode) -> ir.Expr:
        # `list[S3Client]` in an annotation: an identifier and its type parameters.
        children = meaningful(node)
        parameters = [self.lower(item) for child in children[1:] for item in meaningful(child)]
        index = parameters[0] if len(parameters) == 1 else ir.Display("tuple", parameters)
        return ir.Subscript(self.lower(children[0]), index, span_of(node))

    def _union_type(self, node: SgNode) -> ir.Expr:
        left, *rest = (self.lower(child) for child in meaningful(node))
        for right in rest:
            left = ir.Binary("|", left, right)
        return left

    def _member_type(self, node: SgNode) -> ir.Expr:
        children = meaningful(node)
        return ir.Attribute(self.lower(children[0]), children[-1].text(), span_of(node))


def _name_of(node: SgNode) -> str:
    name = node.field("name")
    return name.text() if name is not None else ""


def _literal(text: str) -> object:
    try:
        # `"\d"` is for CPython to warn of when the program runs.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return ...
