"""Texts of a template's settings, of which some parts are only known by name, and how ARN patterns spell them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from analyzer.iam.pattern import escape
from analyzer.model.deployment import Deployment
from analyzer.model.values import Ambient, Hole, Known, Opaque, TemplateSymbol, Text, Unseen, Value, alternatives

Parts = tuple[str | Hole, ...]
"""A text: what is known of it, and a hole for what is not."""

_PSEUDO_PARAMETERS: Final = {"account": "${AWS::AccountId}", "region": "${AWS::Region}"}


class Written(NamedTuple):
    """A text in IAM's wildcard syntax, and what would make it narrower (as in `Arns.unpinned`)."""

    pattern: str
    notes: frozenset[str]


def parts_of(value: Value) -> Iterator[Parts]:
    """Yield the texts that `value` may be; what is no text yields nothing."""
    for one in alternatives(value):
        match one:
            case Known(bool() as truth):
                yield (str(truth).lower(),)
            case Known(str() | int() | float() as constant) if constant != "":
                yield (str(constant),)
            case Text(parts):
                yield parts
            case Opaque(origin):
                yield (Hole(origin),)


def before(parts: Parts, text: str) -> Parts:
    """Return what of a text comes before `text`, which stands in one of its known parts; all of it if it does not."""
    for index, part in enumerate(parts):
        if isinstance(part, str) and text in part:
            return (*parts[:index], part.partition(text)[0])
    return parts


def up_to_colons(text: str) -> set[str]:
    """Return a text, and what of it comes before each of its colons."""
    segments = text.split(":")
    return {":".join(segments[:end]) for end in range(1, len(segments) + 1)}


def write(parts: Sequence[str | Hole], deployment: Deployment) -> Written:
    """Return a text as a pattern. A region or account that nobody said is `*` where it is a segment of an ARN.

    Elsewhere, what is not known is written as a symbol if `deployment` asks for symbols, and as `*` if not.
    """
    pattern = ""
    notes: set[str] = set()
    for index, part in enumerate(parts):
        if isinstance(part, str):
            piece, note = escape(part), ""
        else:
            following = parts[index + 1] if index + 1 < len(parts) else ""
            is_segment = pattern.endswith(":") and isinstance(following, str) and following.startswith(":")
            piece, note = _hole(part, deployment, is_segment=is_segment)
        notes.add(note)
        if piece != "*" or not pattern.endswith("*"):
            pattern += piece
    return Written(pattern, frozenset(notes - {""}))


def symbolic(parts: Sequence[str | Hole], deployment: Deployment) -> str:
    """Return a text as a pattern with symbols, which tells apart what the template tells apart."""
    return write(parts, replace(deployment, symbols=True)).pattern


def spelled(parts: Sequence[str | Hole], deployment: Deployment) -> str:
    """Return a text as the template spells it: `*` in it is a wildcard, and what is not known a symbol."""
    symbols = replace(deployment, symbols=True)
    return "".join(part if isinstance(part, str) else _hole(part, symbols, is_segment=False)[0] for part in parts)


def _hole(hole: Hole, deployment: Deployment, *, is_segment: bool) -> tuple[str, str]:
    match hole.origin:
        case Ambient(name):
            pinned = {
                "partition": deployment.partition,
                "region": deployment.region,
                "account": deployment.account,
            }.get(name)
            if pinned is not None:
                return pinned, ""
            if deployment.symbols and not is_segment:
                return _PSEUDO_PARAMETERS[name], ""
            return "*", f"--{name}"
        case TemplateSymbol(text):
            if not text.strip("?"):
                # Characters that AWS chooses, such as the end of a secret's ARN.
                return text, ""
            return (f"${{{text}}}", "") if deployment.symbols else ("*", f"{text} of the template")
        case Unseen(why):
            return "*", why
    return "*", ""
