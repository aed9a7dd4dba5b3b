"""CPython's own parser as the reference for lowering: `ast` trees turned into the IR they stand for."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass

from analyzer.model import ir

_OPERATORS: dict[type, str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.LShift: "<<", ast.RShift: ">>", ast.BitOr: "|", ast.BitXor: "^", ast.BitAnd: "&", ast.MatMult: "@",
    ast.UAdd: "+", ast.USub: "-", ast.Invert: "~", ast.And: "and", ast.Or: "or",
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Is: "is",
    ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip
# A span that the reference does not know, and is not compared.
ANY: ir.Span = (0, 0, 0, 0)


def first_difference(found: object, wanted: object, path: str = "") -> str | None:
    """Return where two IR trees differ and how, None where they do not."""
    if type(found) is not type(wanted):
        return f"{path}: {_shown(found)} is not {_shown(wanted)}"
    if isinstance(found, list | tuple) and isinstance(wanted, list | tuple):
        if wanted == ANY or found == ANY:
            return None
        if len(found) != len(wanted):
            return f"{path}: {len(found)} instead of {len(wanted)} items: {_shown(found)} is not {_shown(wanted)}"
        pairs = ((f"{path}[{i}]", one, other) for i, (one, other) in enumerate(zip(found, wanted, strict=True)))
    elif is_dataclass(found) and is_dataclass(wanted):
        pairs = (
            (f"{path}.{type(found).__name__}.{field.name}", getattr(found, field.name), getattr(wanted, field.name))
            for field in fields(found)
        )
    else:
        same = found == wanted and repr(found) == repr(wanted)
        return None if same else f"{path}: {found!r} is not {wanted!r}"
    return next((difference for name, one, other in pairs if (difference := first_difference(one, other, name))), None)


def _shown(value: object) -> str:
    return repr(value)[:120]


def reference(text: str) -> list[ir.Statement]:
    """Return the IR of a text that CPython parses."""
    return _Reference(text).body(ast.parse(text).body)


class _Reference:
    def __init__(self, text: str) -> None:
        self._lines = [line.encode() for line in text.split("\n")]
        self._qualifiers: list[str] = []

    def _column(self, line: int, offset: int) -> int:
        return len(self._lines[line - 1][:offset].decode()) + 1

    def span(self, node: ast.expr | ast.stmt) -> ir.Span:
        assert node.end_lineno is not None and node.end_col_offset is not None
        end = self._column(node.end_lineno, node.end_col_offset)
        return (node.lineno, self._column(node.lineno, node.col_offset), node.end_lineno, end)

    def body(self, statements: Iterable[ast.stmt]) -> list[ir.Statement]:
        return [lowered for statement in statements for lowered in self._statement(statement)]

    # Statements

    def _statement(self, node: ast.stmt) -> Iterator[ir.Statement]:
        match node:
            case ast.Expr(value=ast.Constant() | ast.JoinedStr()) | ast.Pass():
                return
            case ast.ImportFrom(module="__future__"):
                return
            case ast.Expr(value=value):
                yield ir.ExpressionStatement(self.expr(value))
            case ast.Assign(targets=targets, value=value):
                yield ir.Assign([self.expr(target) for target in targets], self.expr(value))
            case ast.AnnAssign(target=target, annotation=annotation, value=optional):
                yield ir.Assign([self.expr(target)], self.optional(optional), self.expr(annotation))
            case ast.AugAssign(target=target, op=op, value=value):
                yield ir.AugmentedAssign(self.expr(target), _OPERATORS[type(op)], self.expr(value))
            case ast.Import(names=names):
                for alias in names:
                    yield ir.Import(alias.name, alias.asname, self.span(node))
            case ast.ImportFrom(module=module, names=names, level=level):
                pairs = [(alias.name, alias.asname or alias.name) for alias in names]
                yield ir.ImportFrom(module or "", level, pairs, self.span(node))
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield self._function(node)
            case ast.ClassDef():
                yield self._class(node)
            case ast.Return(value=optional):
                yield ir.Return(self.optional(optional))
            case ast.If(test=test, body=body, orelse=orelse):
                yield ir.If(self.expr(test), self.body(body), self.body(orelse))
            case ast.For(iter=iterable) | ast.AsyncFor(iter=iterable):
                target = self.expr(node.target)
                yield ir.For(target, self.expr(iterable), ANY, self.body(node.body), self.body(node.orelse))
            case ast.While(test=test, body=body, orelse=orelse):
                yield ir.While(self.expr(test), self.body(body), self.body(orelse))
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                pairs = [(self.expr(item.context_expr), self.optional(item.optional_vars)) for item in items]
                yield ir.With(pairs, self.body(body))
            case ast.Try() | ast.TryStar():
                handlers = [ir.Handler(self.optional(one.type), one.name, self.body(one.body)) for one in node.handlers]
                yield ir.Try(self.body(node.body), handlers, self.body(node.orelse), self.body(node.finalbody))
            case ast.Raise(exc=optional):
                yield ir.Raise(self.optional(optional))
            case ast.Assert(test=test):
                yield ir.Assert(self.expr(test))
            case ast.Delete(targets=targets):
                yield ir.Delete([self.expr(target) for target in targets])
            case ast.Global(names=global_names):
                yield ir.ScopeDeclaration("global", global_names)
            case ast.Nonlocal(names=global_names):
                yield ir.ScopeDeclaration("nonlocal", global_names)
            case ast.Break():
                yield ir.Jump("break")
            case ast.Continue():
                yield ir.Jump("continue")
            case _:
                raise NotImplementedError(ast.dump(node))

    def _qualified(self, name: str) -> str:
        return ".".join([*self._qualifiers, name])

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ir.FunctionDef:
        qualified_name = self._qualified(node.name)
        parameters, decorators = self._parameters(node.args), [self.expr(one) for one in node.decorator_list]
        self._qualifiers.append(node.name)
        body = self.body(node.body)
        self._qualifiers.pop()
        return ir.FunctionDef(
            name=node.name,
            qualified_name=qualified_name,
            parameters=parameters,
            body=body,
            decorators=decorators,
            returns=self.optional(node.returns),
            is_generator=_yields(node.body),
            span=ANY,
        )

    def _class(self, node: ast.ClassDef) -> ir.ClassDef:
        qualified_name = self._qualified(node.name)
        self._qualifiers.append(node.name)
        body = self.body(node.body)
        self._qualifiers.pop()
        bases, keywords = [self.expr(base) for base in node.bases], self._keywords(node.keywords)
        decorators = [self.expr(one) for one in node.decorator_list]
        return ir.ClassDef(node.name, qualified_name, bases, keywords, body, decorators, ANY)

    def _parameters(self, arguments: ast.arguments) -> list[ir.Parameter]:
        result = [
            ir.Parameter(one.arg, "positional", None, self.optional(one.annotation)) for one in arguments.posonlyargs
        ]
        result += [ir.Parameter(one.arg, "normal", None, self.optional(one.annotation)) for one in arguments.args]
        for parameter, default in zip(reversed(result), reversed(arguments.defaults), strict=False):
            parameter.default = self.expr(default)
        if arguments.vararg is not None:
            result.append(ir.Parameter(arguments.vararg.arg, "args", None, self.optional(arguments.vararg.annotation)))
        for one, optional in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            result.append(ir.Parameter(one.arg, "keyword", self.optional(optional), self.optional(one.annotation)))
        if arguments.kwarg is not None:
            result.append(ir.Parameter(arguments.kwarg.arg, "kwargs", None, self.optional(arguments.kwarg.annotation)))
        return result

    # Expressions

    def optional(self, node: ast.expr | None) -> ir.Expr | None:
        return None if node is None else self.expr(node)

    def _keywords(self, keywords: list[ast.keyword]) -> list[ir.Keyword]:
        return [ir.Keyword(keyword.arg, self.expr(keyword.value)) for keyword in keywords]

    def expr(self, node: ast.expr) -> ir.Expr:
        match node:
            case ast.Constant(value=value):
                return ir.Constant(value)
            case ast.Name(id=name):
                return ir.Name(name, self.span(node))
            case ast.Attribute(value=value, attr=name):
                return ir.Attribute(self.expr(value), name, self.span(node))
            case ast.Subscript(value=value, slice=index):
                return ir.Subscript(self.expr(value), self.expr(index), self.span(node))
            case ast.Slice(lower=lower, upper=upper, step=step):
                return ir.Slice(self.optional(lower), self.optional(upper), self.optional(step))
            case ast.Call(func=function, args=arguments, keywords=keywords):
                positional = [self.expr(one) for one in arguments]
                return ir.Call(self.expr(function), positional, self._keywords(keywords), self.span(node))
            case ast.Starred(value=value):
                return ir.Starred(self.expr(value), self.span(node))
            case ast.JoinedStr(values=values):
                return ir.FormattedString([self.expr(value) for value in values])
            case ast.FormattedValue(value=value, conversion=conversion, format_spec=spec):
                return ir.Formatted(self.expr(value), _how(conversion, spec))
            case ast.BinOp(left=left, op=op, right=right):
                return ir.Binary(_OPERATORS[type(op)], self.expr(left), self.expr(right))
            case ast.BoolOp(op=boolean, values=[first, *rest]):
                result = self.expr(first)
                for other in rest:
                    result = ir.Boolean(_OPERATORS[type(boolean)], result, self.expr(other))
                return result
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return ir.Not(self.expr(operand))
            case ast.UnaryOp(op=unary, operand=operand):
                return ir.Unary(_OPERATORS[type(unary)], self.expr(operand))
            case ast.Compare(left=left, ops=ops, comparators=comparators):
                operands = [self.expr(one) for one in (left, *comparators)]
                return ir.Compare(operands, [_OPERATORS[type(one)] for one in ops])
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return ir.Conditional(self.expr(test), self.expr(body), self.expr(orelse))
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                return ir.Display(type(node).__name__.lower(), [self.expr(item) for item in items])
            case ast.Dict(keys=keys, values=values):
                pairs = zip(keys, values, strict=True)
                return ir.DictDisplay([(self.optional(key), self.expr(value)) for key, value in pairs])
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return self._comprehension(node)
            case ast.Lambda(args=arguments, body=body):
                parameters, returned = self._parameters(arguments), ir.Return(self.expr(body))
                name, yields = "<lambda>", _yields([ast.Expr(body)])
                return ir.Lambda(ir.FunctionDef(name, name, parameters, [returned], [], None, yields, self.span(node)))
            case ast.Await(value=value):
                return ir.Await(self.expr(value))
            case ast.Yield(value=optional):
                return ir.Yield(self.optional(optional), None)
            case ast.YieldFrom(value=value):
                return ir.Yield(self.expr(value), ANY)
            case ast.NamedExpr(target=ast.Name(id=name), value=value):
                return ir.Walrus(name, self.expr(value))
        raise NotImplementedError(ast.dump(node))

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> ir.Comprehension:
        clauses = [
            ir.Clause(self.expr(one.target), self.expr(one.iter), ANY, [self.expr(test) for test in one.ifs])
            for one in node.generators
        ]
        if isinstance(node, ast.DictComp):
            return ir.Comprehension("dict", self.expr(node.key), self.expr(node.value), clauses)
        kind = {ast.ListComp: "list", ast.SetComp: "set", ast.GeneratorExp: "generator"}[type(node)]
        return ir.Comprehension(kind, None, self.expr(node.elt), clauses)


def _how(conversion: int, specification: ast.expr | None) -> str | None:
    text = "" if conversion == -1 else f"!{chr(conversion)}"
    match specification:
        case None:
            return text
        case ast.JoinedStr(values=[ast.Constant(value=str() as constant)]):
            return f"{text}:{constant}"
        case ast.JoinedStr(values=[]):
            return f"{text}:"
    return None


def _yields(body: Iterable[ast.AST]) -> bool:
    for node in body:
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return True
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            continue
        if _yields(ast.iter_child_nodes(node)):
            return True
    return False


def normalized(node: object) -> object:
    """Return an IR tree with strings and unions put together as CPython does, and without idle constants."""
    if isinstance(node, list):
        kept = (normalized(item) for item in node)
        return [item for item in kept if not _is_idle(item)]
    if isinstance(node, tuple):
        return tuple(normalized(item) for item in node)
    if not is_dataclass(node) or isinstance(node, type):
        return node
    copy = type(node)(**{field.name: normalized(getattr(node, field.name)) for field in fields(node)})
    if isinstance(copy, ir.Binary) and copy.operator == "|":
        return _left_to_right(copy)
    return _joined(copy) if isinstance(copy, ir.FormattedString) else copy


def _is_idle(node: object) -> bool:
    return isinstance(node, ir.ExpressionStatement) and isinstance(node.value, ir.Constant | ir.FormattedString)


def _left_to_right(union: ir.Binary) -> ir.Expr:
    """Return `a | (b | c)` as `(a | b) | c`: for types they are the same."""
    first, *rest = _members(union)
    for member in rest:
        first = ir.Binary("|", first, member)
    return first


def _members(node: ir.Expr) -> Iterator[ir.Expr]:
    if isinstance(node, ir.Binary) and node.operator == "|":
        yield from _members(node.left)
        yield from _members(node.right)
    else:
        yield node


def _joined(string: ir.FormattedString) -> ir.FormattedString:
    flat: list[ir.Expr] = []
    for part in string.parts:
        inner = part.parts if isinstance(part, ir.FormattedString) else [part]
        for piece in inner:
            last = flat[-1] if flat else None
            if isinstance(piece, ir.Constant) and isinstance(last, ir.Constant):
                flat[-1] = ir.Constant(f"{last.value}{piece.value}")
            elif not (isinstance(piece, ir.Constant) and piece.value == ""):
                flat.append(piece)
    return ir.FormattedString(flat)
