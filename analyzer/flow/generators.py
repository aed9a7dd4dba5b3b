"""What is left of a generator's body when it goes on behind its `yield`."""

from __future__ import annotations

from collections.abc import Sequence

from analyzer.model import ir


def behind_yield(body: Sequence[ir.Statement]) -> list[ir.Statement]:
    """Return the statements that run when a generator that stopped at its first `yield` is resumed.

    Clauses of a `try` around the `yield` are kept; a condition or loop around it is taken as decided.
    """
    for position, statement in enumerate(body):
        rest = _rest_of(statement)
        if rest is not None:
            return [*rest, *body[position + 1 :]]
    return []


def _rest_of(statement: ir.Statement) -> list[ir.Statement] | None:
    """Return what of a statement runs behind a `yield` in it, None if it holds none."""
    match statement:
        case ir.ExpressionStatement(value=ir.Yield()) | ir.Assign(value=ir.Yield()):
            return []
        case ir.Try() if _holds_yield(statement.body):
            body = behind_yield(statement.body)
            return [ir.Try(body, statement.handlers, statement.orelse, statement.final)]
        case ir.With() | ir.For() | ir.While() if _holds_yield(statement.body):
            return behind_yield(statement.body)
        case ir.If():
            for branch in (statement.body, statement.orelse):
                if _holds_yield(branch):
                    return behind_yield(branch)
    return None


def _holds_yield(body: Sequence[ir.Statement]) -> bool:
    return any(_rest_of(statement) is not None for statement in body)
