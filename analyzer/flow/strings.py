"""Strings of which some parts are known."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from analyzer.flow.values import (
    MOST_ALTERNATIVES,
    BuiltinMethod,
    Choice,
    Foreign,
    SdkResult,
    Value,
    alternatives,
    join_all,
    unknown,
)
from analyzer.model.values import (
    Ambient,
    CallResult,
    Environment,
    EventPart,
    Hole,
    Known,
    Opaque,
    TemplateSymbol,
    Text,
    Unseen,
)

Parts = tuple[str | Hole, ...]
# Text of which more is known than this is data, not a name.
_LONGEST = 20_000
# Where what does not change while the program runs comes from.
_SETTLED = (Environment, TemplateSymbol, Ambient)
_FIELD = re.compile(r"\{\{|\}\}|\{([^{}!:]*)((?:![rsa])?(?::[^{}]*)?)\}")
_PERCENT = re.compile(r"%(?:\((\w+)\))?[-+ #0-9.]*([a-zA-Z%])")


def parts_of(value: Value) -> Parts:
    """Return the text of one value (no Choice) as known parts and holes."""
    if isinstance(value, Known):
        return (value.value,) if isinstance(value.value, str) else (str(value.value),)
    if isinstance(value, Text):
        return value.parts
    if isinstance(value, Opaque):
        return (Hole(value.origin),)
    if isinstance(value, SdkResult):
        return (Hole(CallResult(value.service, value.operation, value.path)),)
    if isinstance(value, Foreign):
        return (Hole(Unseen(value.path)),)
    return (Hole(Unseen("a value of another type")),)


def text(parts: Sequence[str | Hole]) -> Known | Text:
    """Return the string made of parts, neighbouring known parts joined."""
    merged: list[str | Hole] = []
    for part in parts:
        if part == "":
            continue
        if merged and isinstance(part, str) and isinstance(merged[-1], str):
            merged[-1] += part
        elif merged and part == merged[-1]:
            continue
        else:
            merged.append(part)
    if not merged:
        return Known("")
    if len(merged) == 1 and isinstance(merged[0], str):
        return Known(merged[0])
    return Text(tuple(merged))


def concatenate(values: Sequence[Value]) -> Value:
    """Return the concatenation of the texts of values; every combination of alternatives, while they are few."""
    combinations: list[tuple[str | Hole, ...]] = [()]
    for value in values:
        choices = [parts_of(member) for member in alternatives(value)] or [(Hole(Unseen("nothing")),)]
        if len(combinations) * len(choices) > MOST_ALTERNATIVES:
            choices = [(Hole(Unseen("one of many values")),)]
        combinations = [(*start, *choice) for start in combinations for choice in choices]
        if sum(len(part) for part in combinations[0] if isinstance(part, str)) > _LONGEST:
            return unknown("a long text")
    return join_all([text(parts) for parts in combinations]) or Known("")


def is_textual(value: Value) -> bool:
    """Tell whether a value is, as far as can be seen, a string."""
    return isinstance(value, Text) or (isinstance(value, Known) and isinstance(value.value, str))


def is_settled(value: Value) -> bool:
    """Tell whether a value is a constant, or a text that is the same whenever it is made in one process."""
    if isinstance(value, Text):
        return all(isinstance(part, str) or isinstance(part.origin, _SETTLED) for part in value.parts)
    return isinstance(value, Known)


def may_be_equal(left: Known | Text, right: Known | Text) -> bool:
    """Tell whether two texts may be the same one: not if their known beginnings or ends differ."""
    ours, theirs = list(parts_of(left)), list(parts_of(right))
    for at in (0, -1):
        while ours and theirs:
            one, other = ours.pop(at), theirs.pop(at)
            if isinstance(one, str) and isinstance(other, str):
                size = min(len(one), len(other))
                if _end(one, at, size) != _end(other, at, size):
                    return False
                for rest, text in ((ours, one), (theirs, other)):
                    if len(text) > size:
                        rest.insert(0 if at == 0 else len(rest), text[size:] if at == 0 else text[: len(text) - size])
            elif one != other or isinstance(one, str) or not isinstance(one.origin, _SETTLED):
                ours.insert(0 if at == 0 else len(ours), one)
                theirs.insert(0 if at == 0 else len(theirs), other)
                break
    # Where one has come to its end, what is left of the other has to be empty.
    return bool(ours and theirs) or not any(isinstance(part, str) for part in (*ours, *theirs))


def _end(text: str, at: int, size: int) -> str:
    return text[:size] if at == 0 else text[len(text) - size :]


def format_braces(
    template: str, positional: Sequence[Value], keywords: dict[str, Value], as_text: Callable[[Value], Value]
) -> Value:
    """Return `template.format(*positional, **keywords)`; `as_text` is what `str` does."""
    pieces: list[Value] = []
    position = automatic = 0
    for match in _FIELD.finditer(template):
        pieces.append(Known(template[position : match.start()]))
        position = match.end()
        field = match.group(1)
        if field is None:
            pieces.append(Known(match.group(0)[0]))
            continue
        value: Value | None
        if field == "":
            value = positional[automatic] if automatic < len(positional) else None
            automatic += 1
        elif field.isdigit():
            value = positional[int(field)] if int(field) < len(positional) else None
        else:
            value = keywords.get(field)
        how = match.group(2)
        if value is not None and how in ("", "!s"):
            value = as_text(value)
        elif value is not None:
            value = join_all([formatted(member, how) for member in alternatives(value)])
        pieces.append(value or unknown("a formatted value"))
    pieces.append(Known(template[position:]))
    return concatenate(pieces)


def formatted(value: Value, how: str | None) -> Value:
    """Return the text that an f-string makes of a value by a conversion and format specification (`!r:>10`)."""
    if isinstance(value, Known) and how is not None:
        try:
            return Known(("{" + how + "}").format(value.value))
        except (ValueError, TypeError):
            pass
    return unknown("a formatted value")


def format_percent(template: str, values: Sequence[Value], named: dict[str, Value]) -> Value:
    """Return `template % values`, or with the mapping `named` where the fields have names."""
    pieces: list[Value] = []
    position = used = 0
    for match in _PERCENT.finditer(template):
        pieces.append(Known(template[position : match.start()]))
        position = match.end()
        name, conversion = match.groups()
        if conversion == "%":
            pieces.append(Known("%"))
            continue
        value: Value | None
        if name:
            value = named.get(name)
        else:
            value = values[used] if used < len(values) else None
            used += 1
        plain = match.group(0).endswith(("%s", "%d", ")s", ")d"))
        pieces.append(value if value is not None and plain else unknown("a formatted value"))
    pieces.append(Known(template[position:]))
    return concatenate(pieces)


# Methods that Python itself evaluates when receiver and arguments are constants.
_PURE_METHODS = frozenset(
    {
        "capitalize",
        "casefold",
        "center",
        "count",
        "encode",
        "endswith",
        "expandtabs",
        "find",
        "format",
        "index",
        "isalnum",
        "isalpha",
        "isdecimal",
        "isdigit",
        "isidentifier",
        "islower",
        "isnumeric",
        "isspace",
        "istitle",
        "isupper",
        "ljust",
        "lower",
        "lstrip",
        "partition",
        "removeprefix",
        "removesuffix",
        "replace",
        "rfind",
        "rindex",
        "rjust",
        "rpartition",
        "rsplit",
        "rstrip",
        "split",
        "splitlines",
        "startswith",
        "strip",
        "swapcase",
        "title",
        "upper",
        "zfill",
        "decode",
    }
)


def is_pure_method(name: str) -> bool:
    """Tell whether a method of str or bytes may be evaluated on constants."""
    return name in _PURE_METHODS


def keeps_origin(method: str) -> bool:
    """Tell whether the result of a method of something unknown still comes from where that came from."""
    return method in _PURE_METHODS or method in ("read", "json", "copy", "strftime", "isoformat", "result")


def method_on_text(value: Text, name: str, arguments: Sequence[object]) -> Value | None:
    """Return what a str method makes of a text with holes, None when it cannot be told.

    `arguments` are constants.
    """
    if name in ("lower", "upper", "casefold"):
        return text([getattr(part, name)() if isinstance(part, str) else part for part in value.parts])
    if name in ("strip", "lstrip", "rstrip") and len(arguments) <= 1:
        return _stripped(value, name, arguments)
    if name in ("removeprefix", "removesuffix") and len(arguments) == 1:
        end = 0 if name == "removeprefix" else -1
        known = value.parts[end]
        if isinstance(known, str):
            pieces = list(value.parts)
            pieces[end] = getattr(known, name)(arguments[0])
            return text(pieces)
        return value
    if name == "replace" and len(arguments) == 2:
        old, new = str(arguments[0]), str(arguments[1])
        return text([part.replace(old, new) if isinstance(part, str) else part for part in value.parts])
    if name in ("startswith", "endswith") and len(arguments) == 1 and isinstance(arguments[0], str):
        known = value.parts[0 if name == "startswith" else -1]
        if isinstance(known, str) and getattr(known, name)(arguments[0]):
            return Known(True)
        return None
    if name in ("encode", "decode", "format", "expandtabs"):
        return value
    return None


def _stripped(value: Text, name: str, arguments: Sequence[object]) -> Value:
    pieces = list(value.parts)
    first, last = pieces[0], pieces[-1]
    if name != "rstrip" and isinstance(first, str):
        pieces[0] = first.lstrip(*arguments)  # type: ignore[arg-type]
        last = pieces[-1]
    if name != "lstrip" and isinstance(last, str):
        pieces[-1] = last.rstrip(*arguments)  # type: ignore[arg-type]
    return text(pieces)


def split_text(value: Known | Text, separator: str) -> list[Value]:
    """Return the pieces of a text with holes between separators, as if no hole held one."""
    pieces: list[list[str | Hole]] = [[]]
    for part in parts_of(value):
        if isinstance(part, Hole):
            pieces[-1].append(part)
            continue
        first, *rest = part.split(separator)
        pieces[-1].append(first)
        pieces.extend([piece] for piece in rest)
    return [text(piece) for piece in pieces]


def rejoined(pieces: list[Value], separator: str, most: int, *, from_end: bool) -> list[Value]:
    """Return the pieces of a text as after at most `most` splits; all of them if that is negative."""
    if most < 0 or len(pieces) <= most + 1:
        return pieces
    at = len(pieces) - most if from_end else most
    whole = pieces[:at] if from_end else pieces[at:]
    parts: list[str | Hole] = []
    for piece in whole:
        parts += [separator] if parts else []
        parts += parts_of(piece)
    return [text(parts), *pieces[at:]] if from_end else [*pieces[:at], text(parts)]


def below(value: Value, step: str) -> Value | None:
    """Return what a key or index (`.name` or `[]`) leads to in an unknown value; None if the value is another kind."""
    if isinstance(value, Opaque):
        origin = value.origin
        if isinstance(origin, EventPart):
            return Opaque(EventPart(_path(origin.path, step)))
        if isinstance(origin, CallResult):
            return Opaque(CallResult(origin.service, origin.operation, _path(origin.path, step)))
        return value
    if isinstance(value, SdkResult):
        path = _path(value.path, step)
        for known_path, known in value.known:
            if known_path == path:
                return known
        return SdkResult(value.service, value.operation, path, value.known)
    return None


def _path(path: str, step: str) -> str:
    longer = (path + step).lstrip(".")
    # Nested data that is walked in a loop has no end of paths.
    return longer if len(longer) <= 120 else path


def is_unknown(value: Value) -> bool:
    """Tell whether nothing says what kind of object a value is."""
    return isinstance(value, Opaque | Foreign) or (
        isinstance(value, Choice) and all(isinstance(member, Opaque | Foreign) for member in value.values)
    )


def describe(value: Value) -> str:
    """Say in a few words what an unknown value is, for people."""
    if isinstance(value, Foreign):
        return value.path
    if isinstance(value, SdkResult):
        return f"{value.service}.{value.operation} response {value.path}".rstrip()
    if isinstance(value, BuiltinMethod):
        return f"{describe(value.receiver)}.{value.name}"
    origin = value.origin if isinstance(value, Opaque) else None
    match origin:
        case EventPart(path=path):
            return f"event {path}".rstrip()
        case CallResult(service=service, operation=operation, path=path):
            return f"{service}.{operation} response {path}".rstrip()
        case Unseen(why=why):
            return why
    return "a value"
