"""Texts of which some parts are symbols, and the operations on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import Final

from analyzer.iam.pattern import escape
from analyzer.model.values import Ambient, Hole, Known, OneOf, TemplateSymbol, Text, Value

Piece = str | Ambient | TemplateSymbol
Pieces = tuple[Piece, ...]
"""A text of which some parts are symbols; neighbouring strings are joined."""

# Texts that one value may be; what has more of them counts by the first ones, which no template reaches by hand.
_MOST: Final = 32
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
_PSEUDO_PARAMETERS: Final = {"account": "AWS::AccountId", "region": "AWS::Region", "partition": "AWS::Partition"}


def written(pieces: Pieces) -> str:
    """Return a text for people and for symbols: what is not known as its symbol alone."""
    return "".join(
        piece if isinstance(piece, str) else piece.name if isinstance(piece, Ambient) else piece.text
        for piece in pieces
    )


def joined(pieces: Iterable[Piece]) -> Pieces:
    """Return `pieces` with neighbouring strings as one, and without empty ones."""
    result: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and result and isinstance(result[-1], str):
            result[-1] += piece
        elif piece != "":
            result.append(piece)
    return tuple(result)


def products(choices: Sequence[tuple[Pieces, ...]]) -> Iterator[Pieces]:
    """Yield the texts made of one choice of each of `choices`, in order."""
    for chosen in product(*choices):
        yield joined(piece for pieces in chosen for piece in pieces)


def few(texts: Iterable[Pieces]) -> tuple[Pieces, ...]:
    """Return the distinct ones of `texts`, of very many the first ones."""
    found: dict[Pieces, None] = {}
    for text in texts:
        found.setdefault(text)
        if len(found) == _MOST:
            break
    return tuple(found)


def split(text: Pieces, separator: str) -> list[Pieces]:
    """Return the pieces of a text between separators, as if no symbol held one."""
    parts: list[list[Piece]] = [[]]
    for piece in text:
        if not isinstance(piece, str):
            parts[-1].append(piece)
            continue
        first, *rest = piece.split(separator)
        parts[-1].append(first)
        parts += [[one] for one in rest]
    return [joined(part) for part in parts]


def unslashed(name: Pieces) -> Pieces:
    """Return a name without the slash that it begins with."""
    return joined((name[0].removeprefix("/"), *name[1:])) if name and isinstance(name[0], str) else name


def literal(texts: Sequence[Pieces]) -> str | None:
    """Return the one text that `texts` holds, None if it may be several or has symbols."""
    if len(texts) != 1 or not all(isinstance(piece, str) for piece in texts[0]):
        return None
    return "".join(piece for piece in texts[0] if isinstance(piece, str))


def value_of(texts: Sequence[Pieces]) -> Value | None:
    """Return what may be any of `texts` as a value of the program; None of none."""
    values: dict[Value, None] = {}
    for pieces in texts:
        parts = tuple(piece if isinstance(piece, str) else Hole(piece) for piece in pieces)
        values.setdefault(
            Text(parts) if any(isinstance(part, Hole) for part in parts) else Known("".join(map(str, parts)))
        )
    distinct = tuple(values)
    return None if not distinct else distinct[0] if len(distinct) == 1 else OneOf(distinct)


def pattern_of(pieces: Pieces) -> str:
    """Return a text as a pattern in which nothing but symbols is special."""
    return "".join(escape(piece) if isinstance(piece, str) else symbol_of(piece) for piece in pieces)


def symbol_of(piece: Ambient | TemplateSymbol) -> str:
    """Return a symbol as patterns spell it: `${Orders}`; one of question marks stands for that many characters."""
    if isinstance(piece, Ambient):
        return f"${{{_PSEUDO_PARAMETERS[piece.name]}}}"
    return piece.text if not piece.text.strip("?") else f"${{{piece.text}}}"
