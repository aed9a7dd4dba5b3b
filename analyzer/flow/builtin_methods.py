"""Methods of strings, lists, dicts, futures and other values that have no code in the program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analyzer.flow import strings
from analyzer.flow.calling import Arguments
from analyzer.flow.values import (
    ABSENT,
    NONE,
    REST,
    BuiltinMethod,
    ClassObject,
    Client,
    DictObject,
    Function,
    ListObject,
    SdkResult,
    Value,
    alternatives,
    join,
    join_all,
    may_lack,
    unknown,
)
from analyzer.model import ir
from analyzer.model.values import Known, Opaque, Text

if TYPE_CHECKING:
    from analyzer.flow.machine import Machine

_MODEL_MAKERS = ("model_validate", "parse_obj", "construct", "from_orm", "model_validate_json", "parse_raw")

_SPLITTING = frozenset({"split", "rsplit", "partition", "rpartition"})


class BuiltinMethods:
    """Calls methods of built-in values."""

    def __init__(self, machine: Machine) -> None:
        """Take the machine whose state is worked on."""
        self._machine = machine
        self._state = machine.state

    def call(self, receiver: Value, name: str, arguments: Arguments, span: ir.Span) -> Value:
        """Return the outcome of `receiver.name(arguments)`."""
        if isinstance(receiver, Known | Text):
            return self._text_method(receiver, name, arguments, span)
        if isinstance(receiver, DictObject):
            return self._dict_method(receiver, name, arguments)
        if isinstance(receiver, ListObject):
            return self._list_method(receiver, name, arguments, span)
        if isinstance(receiver, SdkResult):
            if name == "get":
                return self.entry_of_unknown(receiver, arguments)
            self._machine.calling.call_back_all(arguments, span)
            return receiver if strings.keeps_origin(name) else strings.below(receiver, f".{name}()") or receiver
        if isinstance(receiver, BuiltinMethod):
            return self._wrapper_method(receiver, name, arguments, span)
        if isinstance(receiver, ClassObject) and name in _MODEL_MAKERS:
            return self._machine.classes.instantiate(receiver, Arguments(open=True), span)
        if isinstance(receiver, Function) and name == "__wrapped__":
            return receiver
        self._machine.calling.call_back_all(arguments, span)
        return unknown(f"the result of {name}()")

    def _wrapper_method(self, receiver: BuiltinMethod, name: str, arguments: Arguments, span: ir.Span) -> Value:
        inner = receiver.receiver
        if receiver.name == "future":
            if name in ("result", "get"):
                return inner
            if name == "add_done_callback":
                self._machine.calling.call_back_all(arguments, span)
            return NONE
        if receiver.name == "S3Transfer" and isinstance(inner, Client):
            # boto3.s3.transfer.S3Transfer takes (filename, bucket, key) and (bucket, key, filename).
            renamed = {"filename": "Filename", "bucket": "Bucket", "key": "Key", "extra_args": "ExtraArgs"}
            keywords = {renamed.get(key, key): value for key, value in arguments.keywords.items()}
            return self._machine.sdk.call_helper(inner, name, Arguments(list(arguments.positional), keywords), span)
        if receiver.name == "signature" and name in ("bind", "bind_partial"):
            return self._bound_arguments(inner, arguments)
        if name == "__call__":
            return self._machine.calling.call(receiver, arguments, span)
        return unknown(f"the result of {name}()")

    def _bound_arguments(self, function: Value, arguments: Arguments) -> Value:
        """Return what `inspect.signature(function).bind(arguments)` gives, which holds its function and a dict."""
        named = dict(arguments.keywords)
        if isinstance(function, Function):
            parameters = [one.name for one in function.node.parameters if one.kind in ("positional", "normal")]
            named.update(zip(parameters, arguments.positional, strict=False))
        is_open = arguments.open or arguments.rest is not None
        entries = self._machine.objects.new_dict(named, rest=unknown("a further argument") if is_open else None)
        return BuiltinMethod(self._machine.objects.new_list("tuple", [function, entries], None), "bound arguments")

    # Text

    def _text_method(self, receiver: Known | Text, name: str, arguments: Arguments, span: ir.Span) -> Value:
        if isinstance(receiver, Known) and not isinstance(receiver.value, str | bytes):
            return unknown(f"the result of {name}()")
        if name == "join":
            return self._joined(receiver, arguments)
        if name in ("format", "format_map"):
            return self._formatted(receiver, arguments)
        if name in _SPLITTING and isinstance(receiver, Text):
            return self._split(receiver, name, arguments)
        if name == "replace" and len(arguments.positional) == 2 and not isinstance(arguments.positional[1], Known):
            return self._replaced(receiver, *arguments.positional)
        constants = [value.value for value in arguments.positional if isinstance(value, Known)]
        if len(constants) < len(arguments.positional) or arguments.rest is not None:
            return _whole(receiver) if strings.is_pure_method(name) else unknown(f"the result of {name}()")
        if isinstance(receiver, Known):
            return self._on_constant(receiver, name, constants, arguments)
        result = strings.method_on_text(receiver, name, constants)
        return _whole(receiver) if result is None and strings.is_pure_method(name) else result or unknown("a text")

    def _replaced(self, receiver: Known | Text, old: Value, new: Value) -> Value:
        """Return a text with something unknown in the place of what is known, as if no hole held that."""
        if not (isinstance(old, Known) and isinstance(old.value, str) and old.value):
            return _whole(receiver)
        pieces = strings.split_text(receiver, old.value)
        return strings.concatenate([piece for one in pieces for piece in (new, one)][1:])

    def _split(self, receiver: Text, name: str, arguments: Arguments) -> Value:
        """Return the parts of a text with holes, as if no hole held a separator."""
        objects = self._machine.objects
        separator, most = arguments.take(0, "sep"), arguments.take(1, "maxsplit")
        if not (isinstance(separator, Known) and isinstance(separator.value, str) and separator.value):
            return objects.new_list("list", [], _whole(receiver))
        found = strings.split_text(receiver, separator.value)
        if name in ("partition", "rpartition"):
            parts: list[Value]
            nothing = Known("")
            if len(found) == 1:
                parts = [receiver, nothing, nothing] if name == "partition" else [nothing, nothing, receiver]
            else:
                first, last = strings.rejoined(found, separator.value, 1, from_end=name == "rpartition")
                parts = [first, separator, last]
            return objects.new_list("tuple", parts, None)
        if most is not None:
            if not (isinstance(most, Known) and isinstance(most.value, int)):
                return objects.new_list("list", [], _whole(receiver))
            found = strings.rejoined(found, separator.value, most.value, from_end=name == "rsplit")
        return objects.new_list("list", found, None)

    def _on_constant(self, receiver: Known, name: str, constants: Sequence[object], arguments: Arguments) -> Value:
        keywords = {key: value.value for key, value in arguments.keywords.items() if isinstance(value, Known)}
        if not strings.is_pure_method(name) or len(keywords) < len(arguments.keywords):
            return unknown(f"the result of {name}()")
        if name in ("ljust", "rjust", "center", "zfill", "expandtabs", "replace") and len(str(receiver.value)) > 5_000:
            return unknown("a long text")
        if any(isinstance(constant, int) and constant > 10_000 for constant in constants):
            return unknown("a long text")
        try:
            result = getattr(receiver.value, name)(*constants, **keywords)
        except (TypeError, ValueError, AttributeError, LookupError):
            return unknown(f"the result of {name}()")
        if isinstance(result, list | tuple):
            kind = "list" if isinstance(result, list) else "tuple"
            return self._machine.objects.new_list(kind, [Known(item) for item in result], None)
        return Known(result)

    def _joined(self, separator: Known | Text, arguments: Arguments) -> Value:
        iterable = arguments.take(0)
        outcomes: list[Value] = []
        for member in alternatives(iterable) if iterable is not None else ():
            items = self._machine.objects.fixed_items(member)
            if items is None:
                outcomes.append(unknown("a joined text"))
                continue
            pieces: list[Value] = []
            for position, item in enumerate(items):
                pieces.extend([separator, item] if position else [item])
            outcomes.append(strings.concatenate(pieces))
        return join_all(outcomes) or unknown("a joined text")

    def _formatted(self, template: Known | Text, arguments: Arguments) -> Value:
        if not (isinstance(template, Known) and isinstance(template.value, str)):
            return unknown("a formatted text")
        as_text = self._machine.objects.as_text
        return strings.format_braces(template.value, arguments.positional, arguments.keywords, as_text)

    # Dicts

    def _dict_method(self, receiver: DictObject, name: str, arguments: Arguments) -> Value:
        objects, state = self._machine.objects, self._state
        if name in ("get", "pop", "setdefault"):
            return self._entry_or_default(receiver, name, arguments)
        if name == "update":
            for value in arguments.positional:
                objects.update(receiver, value)
            for key, value in arguments.keywords.items():
                objects.set_item(receiver, Known(key), value)
            if arguments.open:
                objects.update(receiver, unknown("further entries"))
            return NONE
        if name == "copy":
            return objects.copy_dict(receiver)
        if name == "clear":
            for place, _ in state.items(receiver.cells):
                state.write(receiver.cells, place, ABSENT)
            return NONE
        if name in ("keys", "values", "items"):
            return self._view(receiver, name)
        return unknown(f"the result of {name}()")

    def _entry_or_default(self, receiver: DictObject, name: str, arguments: Arguments) -> Value:
        objects = self._machine.objects
        default = arguments.take(1, "default") or NONE
        outcomes: list[Value] = []
        for key in alternatives(arguments.take(0) or unknown("a key")):
            found = objects.entry(receiver, key)
            lacks = found is None or may_lack(found) or not objects.has_entry(receiver, key)
            outcomes.extend(alternatives(found) if found is not None else ())
            if lacks:
                outcomes.append(default)
                if name == "setdefault":
                    objects.set_item(receiver, key, default if found is None else join(found, default))
            elif name == "pop":
                objects.delete_item(receiver, key)
        return join_all(outcomes) or default

    def entry_of_unknown(self, receiver: Opaque | SdkResult, arguments: Arguments) -> Value:
        """Return `receiver.get(key, default)` of an unknown mapping."""
        key = arguments.take(0)
        step = f".{key.value}" if isinstance(key, Known) and isinstance(key.value, str) else "[]"
        found = strings.below(receiver, step) or unknown("an entry")
        default = arguments.take(1)
        return found if default is None or default == NONE else join(found, default)

    def _view(self, receiver: DictObject, name: str) -> Value:
        objects = self._machine.objects
        entries = self._state.items(receiver.cells)
        exact = all(
            key is not REST and not isinstance(key, Text | Opaque) and not may_lack(item) for key, item in entries
        )
        rows: list[Value] = []
        for key, item in entries:
            shown_key = key if isinstance(key, Text | Opaque) else unknown("a key")
            shown: Value = Known(key) if isinstance(key, str | int | float | bytes) or key is None else shown_key
            present = join_all(list(alternatives(item))) or unknown("an entry")
            if name == "items":
                rows.append(objects.new_list("tuple", [shown, present], None))
            else:
                rows.append(shown if name == "keys" else present)
        if exact:
            return objects.new_list("iterator", rows, None)
        return objects.new_list("iterator", [], join_all(rows))

    # Lists

    def _list_method(self, receiver: ListObject, name: str, arguments: Arguments, span: ir.Span) -> Value:
        objects = self._machine.objects
        first = arguments.take(0)
        if name in ("append", "add", "appendleft") and first is not None:
            objects.append(receiver, first)
            return NONE
        if name == "insert":
            self._state.add(receiver.cells, REST, arguments.take(1) or unknown("an item"))
            return NONE
        if name in ("extend", "update", "extendleft") and first is not None:
            objects.extend(receiver, first)
            return NONE
        if name in ("pop", "popleft", "send", "__next__", "__anext__"):
            return objects.element(receiver, span)
        if name in ("copy", "union", "intersection", "difference", "__iter__"):
            return objects.copy_list(receiver, receiver.kind)
        if name in ("sort", "reverse"):
            key = arguments.keywords.get("key")
            if key is not None:
                self._machine.calling.call(key, Arguments([objects.element(receiver, span)]), span)
            return NONE
        if name in ("__enter__", "__aenter__"):
            return objects.enter(receiver, span)
        return unknown(f"the result of {name}()") if name not in ("clear", "remove", "discard") else NONE


def _whole(value: Known | Text) -> Value:
    """Return a text of which nothing is known but the first hole it came from."""
    if isinstance(value, Text):
        for part in value.parts:
            if not isinstance(part, str):
                return Text((part,))
    return unknown("a changed text")
