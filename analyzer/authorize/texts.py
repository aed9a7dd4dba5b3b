"""Strings of which parts are not known, as plain strings in which one private character stands for each such part.

All work on names and ARNs can so be done with ordinary string operations, until `Texts.pattern` writes the result in
IAM's wildcard syntax.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Final

from analyzer.iam.pattern import escape
from analyzer.model.calls import ApiCall
from analyzer.model.deployment import Deployment
from analyzer.model.event_path import raw_path
from analyzer.model.values import (
    Absent,
    Ambient,
    CallResult,
    Environment,
    EventPart,
    Hole,
    Known,
    Mapping,
    Opaque,
    Origin,
    Sequence,
    TemplateSymbol,
    Text,
    Unseen,
    Value,
    alternatives,
)

ANY: Final = "\U0010fffd"
"""Any characters, for no reason worth telling."""

ONE: Final = "\U0010fffc"
"""Exactly one character that is not known."""

WORD: Final = "x"
"""What an unknown part counts as where a regular expression is held against a text."""

_FIRST_MARK: Final = 0x100000
_MARK: Final = re.compile("[\U00100000-\U0010fffd]")

_FLAGS: Final = {"account": "--account", "region": "--region", "partition": "--partition"}
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
_PSEUDO_PARAMETERS: Final = {"account": "${AWS::AccountId}", "region": "${AWS::Region}"}


def is_unknown(text: str) -> bool:
    """Say whether nothing of `text` is known."""
    return len(text) == 1 and text >= chr(_FIRST_MARK)


def starts_unknown(text: str) -> bool:
    """Say whether the beginning of `text` is not known."""
    return text[:1] >= chr(_FIRST_MARK)


def unknown_at(text: str) -> int:
    """Return where the first unknown part of `text` stands, or the length of `text` if all of it is known."""
    found = _MARK.search(text)
    return found.start() if found else len(text)


def has_unknown(text: str) -> bool:
    """Say whether some part of `text` is not known."""
    return unknown_at(text) < len(text)


def captured(expression: str, text: str) -> str:
    """Return what the first group of the regular expression finds in `text`, or `ANY` if it finds nothing."""
    found = re.search(expression, _MARK.sub(WORD, text))
    return text[found.start(1) : found.end(1)] or ANY if found else ANY


class Texts:
    """The texts of one call: which mark stands for which hole, and what the place of deployment fills in."""

    def __init__(self, call: ApiCall, deployment: Deployment) -> None:
        """Begin with no marks."""
        self._marks: dict[Hole, str] = {}
        self._holes: dict[str, Hole] = {}
        self._pinned = {
            "partition": deployment.partition,
            "region": deployment.region,
            "account": deployment.account,
        }
        self._event = dict(deployment.event)
        self._symbols = deployment.symbols
        self.partition = self.mark(Ambient("partition"))
        self.account = self.mark(Ambient("account"))
        # A client that was made for a region works there, wherever the program runs.
        self.region = call.region or self.mark(Ambient("region"))
        self.place = {"Partition": self.partition, "Region": self.region, "Account": self.account}

    def mark(self, origin: Origin) -> str:
        """Return the character that stands for a part that comes from `origin`."""
        hole = Hole(origin)
        if hole not in self._marks:
            self._marks[hole] = chr(_FIRST_MARK + len(self._marks))
            self._holes[self._marks[hole]] = hole
        return self._marks[hole]

    def unseen(self, why: str) -> str:
        """Return the character that stands for a part that the analysis cannot see, and `why` that is."""
        return self.mark(Unseen(why))

    def of(self, value: Value) -> Iterator[str]:
        """Yield the texts that `value` may be; a list yields those of its items, None and mappings yield nothing."""
        for one in alternatives(value):
            match one:
                case Known(None) | Mapping() | Absent():
                    pass
                case Known(str() as text):
                    if text:
                        yield text
                case Known(bytes()):
                    yield self.unseen("bytes")
                case Known(constant):
                    yield str(constant)
                case Text(parts):
                    choices = [(part,) if isinstance(part, str) else self._of_hole(part.origin) for part in parts]
                    yield from map("".join, product(*choices))
                case Opaque(origin):
                    yield from self._of_hole(origin)
                case Sequence(items, complete):
                    for item in items:
                        yield from self.of(item)
                    if not complete:
                        yield self.unseen("items of a list that are not visible")

    def _of_hole(self, origin: Origin) -> tuple[str, ...]:
        known = self._event.get(raw_path(origin.path)) if isinstance(origin, EventPart) else None
        if known is not None:
            return tuple(self.of(known))
        return (self.mark(origin),)

    def is_symbol_of_all(self, text: str) -> bool:
        """Say whether `text` is nothing but a template's symbol that may stand for an ARN as a whole."""
        hole = self._holes.get(text)
        return self._symbols and hole is not None and isinstance(hole.origin, TemplateSymbol) and hole.origin.whole

    def pattern(self, text: str) -> tuple[str, frozenset[str]]:
        """Return `text` in IAM's wildcard syntax, and what would make it narrower (as in `Arns.unpinned`)."""
        pieces: list[str] = []
        notes: set[str] = set()
        end = 0
        for found in _MARK.finditer(text):
            pieces.append(escape(text[end : found.start()]))
            end = found.end()
            is_segment = text[found.start() - 1 : found.start()] == text[end : end + 1] == ":"
            wildcard, note = self._wildcard(found[0], is_segment)
            notes.add(note)
            if wildcard != "*" or "".join(pieces)[-1:] != "*":
                pieces.append(wildcard)
        pieces.append(escape(text[end:]))
        return "".join(pieces), frozenset(notes - {""})

    def _wildcard(self, mark: str, is_segment: bool) -> tuple[str, str]:
        if mark == ANY:
            return "*", ""
        if mark == ONE:
            return "?", ""
        origin = self._holes[mark].origin
        if isinstance(origin, Ambient):
            pinned = self._pinned.get(origin.name)
            if pinned:
                return escape(pinned), ""
            # Where the region or account of a resource is open, any one that is granted will do; in a name it is a part
            # like any other.
            if self._symbols and not is_segment and origin.name in _PSEUDO_PARAMETERS:
                return _PSEUDO_PARAMETERS[origin.name], ""
            return "*", _FLAGS.get(origin.name, origin.name)
        if isinstance(origin, TemplateSymbol):
            if not origin.text.strip("?"):
                # Characters that AWS chooses, such as the end of a secret's ARN.
                return origin.text, ""
            if self._symbols:
                return f"${{{origin.text}}}", ""
        return "*", _note(origin)


def _note(origin: Origin) -> str:
    match origin:
        case Environment(name):
            return f"--env {name}"
        case EventPart(path):
            return f"event {path}" if path else "event"
        case CallResult(service, operation, path):
            return f"{path} of the result of {service}.{operation}"
        case Unseen(why):
            return why
        case TemplateSymbol(text):
            return f"{text} of the template"
        case Ambient(name):
            return _FLAGS.get(name, name)
