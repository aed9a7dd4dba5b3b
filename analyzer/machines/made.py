"""The calls that Step Functions makes for a task, filled in from the task's arguments."""

from __future__ import annotations

import re
from itertools import product
from typing import Final

from analyzer.machines.marks import Marks
from analyzer.machines.parameters import find, spelled
from analyzer.model.calls import ApiCall, Via
from analyzer.model.location import Location
from analyzer.model.values import Ambient, Hole, Known, Mapping, OneOf, Opaque, Sequence, Unseen, Value, alternatives
from analyzer.rules.integrations import Made, Source
from analyzer.sdk import load_service
from analyzer.sdk.service_ids import input_spellings

_FIELD: Final = re.compile(r"\{(?P<path>[\w.]+)(?:\|(?P<default>\w+))?\}|\{\$(?P<place>\w+)\}|\*")
_CHOSEN: Final = Unseen("what is chosen when the state machine runs")


def call_with(service: str, operation: str, arguments: Mapping, location: Location, chain: tuple[str, ...]) -> ApiCall:
    """Return the call of an operation that gets the task's own arguments."""
    known = load_service(service)
    parameters: Value = arguments
    if known is not None and operation in known.operations:
        parameters = spelled(arguments, input_spellings(service, operation))
    assert isinstance(parameters, Mapping), "a mapping stays one"
    return ApiCall(service, operation, parameters, Via.STATE_MACHINE, location, chain)


def made_call(made: Made, arguments: Mapping, location: Location, chain: tuple[str, ...]) -> ApiCall:
    """Return a call with parameters of its own, which are filled in from the task's `arguments`."""
    return ApiCall(
        made.service, made.operation, Mapping(tuple(filled(made, arguments))), Via.STATE_MACHINE, location, chain
    )


def filled(made: Made, arguments: Mapping) -> list[tuple[Value, Value]]:
    """Return the parameters of a call that a rule says, without those that the task gives nothing for."""
    values = ((name, _value(source, arguments)) for name, source in made.parameters)
    return [(Known(name), value) for name, value in values if value is not None]


def _value(source: Source, arguments: Mapping) -> Value | None:
    if source.is_list:
        item = _value(source._replace(is_list=False), arguments)
        return None if item is None else item if isinstance(item, Sequence | Opaque) else Sequence((item,))
    if source.start:
        value = find(arguments, source.start)
        return None if value is None else _each(value, source)
    only = _FIELD.fullmatch(source.text)
    if only is not None and only["path"] and not only["default"]:
        return find(arguments, only["path"])
    return _text(source.text, arguments)


def _each(value: Value, source: Source) -> Value:
    found = dict.fromkeys(_changed(one, source) for one in alternatives(value))
    distinct = tuple(found)
    return distinct[0] if len(distinct) == 1 else OneOf(distinct)


def _changed(value: Value, source: Source) -> Value:
    marks = Marks()
    text = marks.flat(value)
    if text is None or (source.before and source.before not in text):
        return Opaque(_CHOSEN)
    if source.before:
        text = text.partition(source.before)[0]
    if source.without:
        text = text.removeprefix(source.without)
    if source.replace:
        old, new = source.replace
        if old not in text:
            return Opaque(_CHOSEN)
        text = text.replace(old, new)
    return marks.value(text + _with_marks(source.text, marks))


def _with_marks(text: str, marks: Marks) -> str:
    return text.replace("*", marks.mark(Hole(_CHOSEN)))


def _text(template: str, arguments: Mapping) -> Value | None:
    """Return a text with the arguments that it names in their places; None if the task does not give one of them."""
    marks = Marks()
    choices: list[list[str]] = []
    end = 0
    for found in _FIELD.finditer(template):
        choices.append([template[end : found.start()]])
        end = found.end()
        if not found["path"]:
            choices.append([marks.mark(Hole(Ambient(found["place"]) if found["place"] else _CHOSEN))])
            continue
        value = find(arguments, found["path"])
        if value is None and found["default"]:
            value = Known(found["default"])
        if value is None:
            return None
        texts = [marks.flat(one) for one in alternatives(value)]
        choices.append([marks.mark(Hole(_CHOSEN)) if text is None else text for text in texts])
    choices.append([template[end:]])
    values = tuple(dict.fromkeys(marks.value("".join(parts)) for parts in product(*choices)))
    return values[0] if len(values) == 1 else OneOf(values)
