"""What the expressions of a definition give, as far as that is known before the state machine runs.

Sources: https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html,
https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html and
https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from analyzer.machines.marks import Marks
from analyzer.model.definition import StateMachine
from analyzer.model.values import Hole, Known, OneOf, Opaque, Sequence, Unseen, Value, alternatives

_JSONATA: Final = re.compile(r"\{%(.*)%\}", re.DOTALL)
_QUOTED: Final = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
# A path or the call of a function: nothing in it can bind less tightly than `&`.
_OPERAND: Final = re.compile(r"[$\w.`\[\]]+(\([^()]*\))?")
_FORMAT: Final = "States.Format"
_ARRAY: Final = "States.Array"
_CALL: Final = re.compile(r"(States\.\w+)\s*\((.*)\)\s*", re.DOTALL)
_ESCAPED: Final = re.compile(r"\\(.)")
_PLACE: Final = re.compile(r"\\([{}'\\])|\{\}")
_Reader: TypeAlias = Callable[[str, Marks, Value], Value]


class Expressions:
    """Reads the expressions of one state machine."""

    def __init__(self, machine: StateMachine) -> None:
        """Take the state machine, whose own name and ARN expressions may use."""
        self._machine = machine

    def text(self, value: Value) -> Value:
        """Return what a text in arguments gives: an expression of JSONata in `{% %}`, or the text itself."""
        return self._each(value, self._jsonata)

    def path(self, value: Value) -> Value:
        """Return what a text gives that stands under a key ending in `.$`: a path or an intrinsic function."""
        return self._each(value, self._path)

    def _each(self, value: Value, read: _Reader) -> Value:
        found: dict[Value, None] = {}
        for one in alternatives(value):
            marks = Marks()
            text = marks.flat(one) if not (isinstance(one, Known) and not isinstance(one.value, str)) else None
            found.setdefault(one if text is None else read(text, marks, one))
        distinct = tuple(found)
        return distinct[0] if len(distinct) == 1 else OneOf(distinct)

    # JSONata

    def _jsonata(self, text: str, marks: Marks, value: Value) -> Value:
        found = _JSONATA.fullmatch(text.strip())
        if found is None:
            return value
        operands = list(_operands(found[1], "&"))
        pieces = [self._operand(operand.strip(), marks) for operand in operands]
        if any(piece is None for piece in pieces):
            return Opaque(_when_it_runs(found[1]))
        only = pieces[0] if len(pieces) == 1 else None
        if only is not None and isinstance(only, Opaque):
            return only
        return marks.value("".join(marks.flat(piece) or "" for piece in pieces if piece is not None))

    def _operand(self, text: str, marks: Marks) -> Value | None:
        quoted = _QUOTED.fullmatch(text)
        if quoted is not None:
            return marks.value(_ESCAPED.sub(r"\1", quoted[1] if quoted[1] is not None else quoted[2]))
        own = self._own(text.removeprefix("$states.context"))
        if own is not None:
            return own
        return Opaque(_when_it_runs(text)) if _OPERAND.fullmatch(text) else None

    # JSONPath

    def _path(self, text: str, marks: Marks, value: Value) -> Value:
        text = text.strip()
        call = _CALL.fullmatch(text)
        if call is not None:
            return self._call(call[1], list(_operands(call[2], ",")), text, marks)
        quoted = _QUOTED.fullmatch(text)
        if quoted is not None and quoted[1] is not None:
            return marks.value(_ESCAPED.sub(r"\1", quoted[1]))
        if text.lstrip("-").isdigit():
            return Known(int(text))
        own = self._own(text.removeprefix("$$")) if text.startswith("$$") else None
        return own or Opaque(_when_it_runs(text))

    def _call(self, function: str, arguments: list[str], text: str, marks: Marks) -> Value:
        values = [self._path(argument, marks, Known(argument)) for argument in arguments if argument.strip()]
        if function == _ARRAY:
            return Sequence(tuple(values))
        first = _QUOTED.fullmatch(arguments[0].strip()) if arguments else None
        if function != _FORMAT or first is None or first[1] is None:
            return Opaque(_when_it_runs(text))
        rest = iter(values[1:])

        def filled(found: re.Match[str]) -> str:
            return found[1] or marks.flat(next(rest, Opaque(_when_it_runs(text)))) or marks.mark(_hole(text))

        return marks.value(_PLACE.sub(filled, first[1]))

    def _own(self, path: str) -> Value | None:
        """Return what the context object says of the state machine itself."""
        return {".StateMachine.Id": self._machine.arn, ".StateMachine.Name": self._machine.name}.get(path)


def _hole(text: str) -> Hole:
    return Hole(_when_it_runs(text))


def _when_it_runs(text: str) -> Unseen:
    return Unseen(f"{' '.join(text.split())} of an execution")


def _operands(text: str, separator: str) -> Iterator[str]:
    """Yield the parts of `text` between separators that stand in no quotes and no brackets."""
    depth, start, at = 0, 0, 0
    while at < len(text):
        quoted = _QUOTED.match(text, at)
        if quoted is not None:
            at = quoted.end()
            continue
        character = text[at]
        depth += (character in "([{") - (character in ")]}")
        if character == separator and depth == 0:
            yield text[start:at]
            start = at + 1
        at += 1
    yield text[start:]
