"""Models of the functions of Python's own library that values pass through on their way to AWS calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from analyzer.flow import documents, identities, reflection, strings, url_parsing
from analyzer.flow.calling import Arguments
from analyzer.flow.reflection import Model
from analyzer.flow.truth import truth
from analyzer.flow.values import (
    NONE,
    REST,
    BuiltinMethod,
    ClassObject,
    DictObject,
    Foreign,
    Function,
    Instance,
    ListObject,
    SdkResult,
    Session,
    Value,
    alternatives,
    join,
    join_all,
    unknown,
)
from analyzer.model import ir
from analyzer.model.values import Ambient, Environment, Hole, Known, Opaque, Text

if TYPE_CHECKING:
    from analyzer.flow.machine import Machine

# The Lambda runtime sets these: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
_REGION_VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION")


def environment_variable(machine: Machine, name: Value | None, default: Value | None) -> Value:
    """Return the value of an environment variable: pinned, or a hole that names it and its constant default."""
    outcomes: list[Value] = []
    for member in alternatives(name) if name is not None else ():
        if not (isinstance(member, Known) and isinstance(member.value, str)):
            outcomes.append(unknown("an environment variable"))
            continue
        pinned = machine.pinned_variable(member.value)
        if pinned is not None:
            outcomes.append(pinned)
        elif member.value in _REGION_VARIABLES:
            outcomes.append(Text((Hole(Ambient("region")),)))
        else:
            fallback = default.value if isinstance(default, Known) and isinstance(default.value, str) else None
            value: Value = Text((Hole(Environment(member.value, fallback)),))
            has_other = default is not None and default != NONE and fallback is None
            outcomes.append(join(value, default) if has_other and default is not None else value)
    return join_all(outcomes) or unknown("an environment variable")


def _getenv(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    return environment_variable(machine, arguments.take(0, "key"), arguments.take(1, "default"))


def _concatenated_path(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    pieces: list[Value] = []
    for value in arguments.positional:
        if pieces:
            last = pieces[-1]
            if not (isinstance(last, Known) and str(last.value).endswith("/")):
                pieces.append(Known("/"))
        pieces.append(value)
    if arguments.rest is not None:
        pieces.append(arguments.rest)
    return strings.concatenate(pieces)


def _base_name(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    outcomes: list[Value] = []
    for member in alternatives(arguments.take(0) or unknown("a path")):
        if isinstance(member, Known) and isinstance(member.value, str):
            outcomes.append(Known(member.value.rpartition("/")[2]))
        elif isinstance(member, Text):
            outcomes.append(strings.split_text(member, "/")[-1])
        else:
            outcomes.append(member)
    return join_all(outcomes) or unknown("a file name")


def _same(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    """Return the first argument: `copy.deepcopy`, `asyncio.run`, `urllib.parse.unquote_plus` and the like."""
    return arguments.take(0) or unknown("an argument")


def _all_of(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    return machine.objects.new_list("list", arguments.positional, arguments.rest)


def _signature(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    return BuiltinMethod(arguments.take(0) or unknown("a function"), "signature")


def _decorator_maker(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    """Return the function given, or a decorator that passes functions through (`lru_cache`, `lru_cache(maxsize=1)`)."""
    first = arguments.take(0)
    if first is not None and any(isinstance(member, Function) for member in alternatives(first)):
        return first
    return Foreign("functools.cache")


def _identity_decorator(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    return Foreign("functools.wraps")


def _dataclass_field(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    factory = arguments.keywords.get("default_factory")
    if factory is not None:
        return BuiltinMethod(machine.calling.call(factory, Arguments(), span), "field")
    default = arguments.keywords.get("default") or (arguments.positional[0] if arguments.positional else None)
    return BuiltinMethod(NONE, "field") if default is None else default


def _cast(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    value = arguments.take(1, "val") or unknown("a cast value")
    wanted = arguments.take(0, "typ")
    return value if wanted is None else machine.annotations.cast(value, wanted)


def _list(machine: Machine, arguments: Arguments, span: ir.Span, kind: str = "list") -> Value:
    if not arguments.positional:
        return machine.objects.new_list(kind, [], arguments.rest)
    value = arguments.positional[0]
    items = machine.objects.fixed_items(value)
    if items is not None:
        return machine.objects.new_list(kind, items, None)
    return machine.objects.new_list(kind, [], machine.objects.element(value, span))


def _unordered(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    """Return a list of the same items in an order that is not known: `sorted`, `reversed`."""
    value = arguments.positional[-1] if arguments.positional else unknown("an iterable")
    _run_key(machine, arguments, span)
    items = machine.objects.fixed_items(value)
    joined = machine.objects.element(value, span) if items is None else join_all(items)
    return machine.objects.new_list("list", [], joined)


def _run_key(machine: Machine, arguments: Arguments, span: ir.Span) -> None:
    key = arguments.keywords.get("key")
    if key is not None and arguments.positional:
        element = machine.objects.element(arguments.positional[0], span)
        machine.calling.call(key, Arguments([element]), span)


def _filter(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    function, iterable = arguments.take(0), arguments.take(1) or unknown("an iterable")
    element = machine.objects.element(iterable, span)
    if function is not None and function != NONE:
        machine.calling.call(function, Arguments([element]), span)
    return machine.objects.new_list("iterator", [], element)


def _map(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    function, *iterables = arguments.positional or [unknown("a function")]
    fixed = [machine.objects.fixed_items(iterable) for iterable in iterables]
    if len(fixed) == 1 and fixed[0] is not None and len(fixed[0]) <= 16:
        return machine.objects.new_list(
            "iterator", [machine.calling.call(function, Arguments([item]), span) for item in fixed[0]], None
        )
    elements = [machine.objects.element(iterable, span) for iterable in iterables]
    return machine.objects.new_list("iterator", [], machine.calling.call(function, Arguments(elements), span))


def _zip(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    objects = machine.objects
    fixed = [objects.fixed_items(value) for value in arguments.positional]
    if fixed and all(items is not None for items in fixed):
        rows = zip(*(items for items in fixed if items is not None), strict=False)
        return objects.new_list("iterator", [objects.new_list("tuple", list(row), None) for row in rows], None)
    elements = [objects.element(value, span) for value in arguments.positional]
    return objects.new_list("iterator", [], objects.new_list("tuple", elements, None))


def _enumerate(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    objects = machine.objects
    value = arguments.take(0, "iterable") or unknown("an iterable")
    items = objects.fixed_items(value)
    if items is not None:
        pairs: list[Value] = [objects.new_list("tuple", [Known(i), item], None) for i, item in enumerate(items)]
        return objects.new_list("iterator", pairs, None)
    pair = objects.new_list("tuple", [unknown("a position"), objects.element(value, span)], None)
    return objects.new_list("iterator", [], pair)


def _chain(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    result = machine.objects.new_list("iterator", [], None)
    for value in arguments.positional:
        items = machine.objects.fixed_items(value)
        if items is None:
            machine.state.add(result.cells, REST, machine.objects.element(value, span))
        else:
            for item in items:
                machine.objects.append(result, item)
    return result


def _next(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    element = machine.objects.element(arguments.take(0) or unknown("an iterator"), span)
    default = arguments.take(1)
    return element if default is None else join(element, default)


def _dict(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    first = arguments.take(0)
    if isinstance(first, Foreign) and first.path == "os.environ":
        return first
    result = machine.objects.new_dict()
    for member in alternatives(first) if first is not None else ():
        if isinstance(member, ListObject):
            items = machine.objects.fixed_items(member)
            pairs = items if items is not None else [machine.objects.element(member, span)]
            for pair in pairs:
                key, value = machine.objects.unpacked(pair, 0), machine.objects.unpacked(pair, 1)
                machine.objects.set_item(result, key, value)
        else:
            machine.objects.update(result, member)
    for name, value in arguments.keywords.items():
        machine.objects.set_item(result, Known(name), value)
    if arguments.open:
        machine.objects.update(result, unknown("further entries"))
    return result


def _text(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    value = arguments.take(0)
    return Known("") if value is None else machine.objects.as_text(value)


def _number(convert: Callable[[Any], Any]) -> Model:
    def model(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
        value = arguments.take(0)
        if isinstance(value, Known) and isinstance(value.value, str | int | float):
            try:
                return Known(convert(value.value))
            except (ValueError, OverflowError):
                return unknown("a number")
        return value if isinstance(value, Opaque | SdkResult) else unknown("a number")

    return model


def _length(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    value = arguments.take(0)
    items = machine.objects.fixed_items(value) if value is not None else None
    if isinstance(value, Known) and isinstance(value.value, str | bytes):
        return Known(len(value.value))
    if items is None and value is not None:
        machine.objects.measure(value, span)
    return unknown("a length") if items is None else Known(len(items))


def _truth(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    decided = truth(arguments.take(0) or Known(False), machine.state)
    return unknown("a truth value") if decided is None else Known(decided)


def _is_instance(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    value, kind = arguments.take(0), arguments.take(1)
    if isinstance(value, Instance) and isinstance(kind, ClassObject):
        order = machine.classes.order(value.cls)
        if kind in order:
            return Known(True)
        return Known(False) if all(isinstance(item, ClassObject) for item in order) else unknown("a truth value")
    if isinstance(value, Known) and isinstance(kind, Foreign):
        python_type = {"builtins.str": str, "builtins.int": int, "builtins.dict": dict, "builtins.list": list}
        expected = python_type.get(kind.path)
        if expected is not None:
            return Known(isinstance(value.value, expected))
    if isinstance(value, DictObject | ListObject) and isinstance(kind, Foreign) and kind.path.startswith("builtins."):
        name = "dict" if isinstance(value, DictObject) else value.kind
        return Known(kind.path == f"builtins.{name}")
    return unknown("a truth value")


def _extreme(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    _run_key(machine, arguments, span)
    if len(arguments.positional) > 1:
        return join_all(list(arguments.positional)) or unknown("an item")
    return machine.objects.element(arguments.take(0) or unknown("an iterable"), span)


def _reduce(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    function, iterable = arguments.take(0), arguments.take(1) or unknown("an iterable")
    element = machine.objects.element(iterable, span)
    start = arguments.take(2) or element
    if function is None:
        return start
    return join(start, machine.calling.call(function, Arguments([start, element]), span))


def _consume(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    """Iterate over what is given: `any`, `all`, `sum`, `collections.deque`."""
    value = arguments.take(0)
    element = machine.objects.element(value, span) if value is not None else unknown("nothing")
    return machine.objects.new_list("list", [], element)


def _consume_to_unknown(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    _consume(machine, arguments, span)
    return unknown("a truth value")


def _to_thread(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    function = arguments.take(0) or unknown("a function")
    return machine.calling.call(function, arguments.without_first(), span)


def _closing(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    return BuiltinMethod(arguments.take(0) or unknown("a resource"), "closing")


def _default_dict(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    factory = arguments.take(0)
    made = machine.calling.call(factory, Arguments(), span) if factory is not None and factory != NONE else None
    return machine.objects.new_dict(rest=made)


def _s3_transfer(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    return BuiltinMethod(arguments.take(0, "client") or unknown("a client"), "S3Transfer")


def _default_session(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    return Session()


def _super(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    return machine.classes.super_of_frame()


def _kind(kind: str) -> Model:
    return lambda machine, arguments, span: _list(machine, arguments, span, kind)


FUNCTIONS: dict[str, Model] = {
    **reflection.MODELS,
    **identities.MODELS,
    "os.getenv": _getenv,
    "os.environ.get": _getenv,
    "os.environ.setdefault": _getenv,
    "os.environ.pop": _getenv,
    "os.environ.copy": lambda machine, arguments, span: Foreign("os.environ"),
    "os.path.join": _concatenated_path,
    "posixpath.join": _concatenated_path,
    "os.path.basename": _base_name,
    "json.loads": documents.load_json,
    "json.load": lambda machine, arguments, span: unknown("a document"),
    "inspect.signature": _signature,
    "functools.lru_cache": _decorator_maker,
    "functools.cache": _decorator_maker,
    "functools.wraps": _identity_decorator,
    "functools.reduce": _reduce,
    "dataclasses.field": _dataclass_field,
    "pydantic.Field": _dataclass_field,
    "typing.cast": _cast,
    "copy.copy": _same,
    "copy.deepcopy": _same,
    "asyncio.run": _same,
    "asyncio.create_task": _same,
    "asyncio.ensure_future": _same,
    "asyncio.shield": _same,
    "asyncio.wait_for": _same,
    "asyncio.gather": _all_of,
    "asyncio.as_completed": _same,
    "asyncio.to_thread": _to_thread,
    "contextlib.closing": _closing,
    "contextlib.nullcontext": _same,
    "itertools.chain": _chain,
    "itertools.islice": _same,
    "itertools.cycle": _same,
    "concurrent.futures.as_completed": _same,
    "collections.defaultdict": _default_dict,
    "collections.OrderedDict": _dict,
    "collections.deque": _consume,
    "urllib.parse.urlparse": url_parsing.parsed,
    "urllib.parse.urlsplit": url_parsing.split,
    "urllib.parse.unquote_plus": _same,
    "urllib.parse.unquote": _same,
    "urllib.parse.quote": _same,
    "urllib.parse.quote_plus": _same,
    "boto3.setup_default_session": _default_session,
    "boto3.s3.transfer.S3Transfer": _s3_transfer,
    "builtins.isinstance": _is_instance,
    "builtins.list": _list,
    "builtins.tuple": _kind("tuple"),
    "builtins.set": _kind("set"),
    "builtins.frozenset": _kind("set"),
    "builtins.iter": _same,
    "builtins.aiter": _same,
    "builtins.sorted": _unordered,
    "builtins.reversed": _unordered,
    "builtins.filter": _filter,
    "builtins.map": _map,
    "builtins.zip": _zip,
    "builtins.enumerate": _enumerate,
    "builtins.next": _next,
    "builtins.anext": _next,
    "builtins.dict": _dict,
    "builtins.str": _text,
    "builtins.int": _number(int),
    "builtins.float": _number(float),
    "builtins.len": _length,
    "builtins.bool": _truth,
    "builtins.max": _extreme,
    "builtins.min": _extreme,
    "builtins.any": _consume_to_unknown,
    "builtins.all": _consume_to_unknown,
    "builtins.sum": _consume_to_unknown,
    "builtins.super": _super,
    "builtins.staticmethod": _same,
    "builtins.classmethod": _same,
    "builtins.property": _same,
    "builtins.object": lambda machine, arguments, span: Foreign("object()"),
    "builtins.print": lambda machine, arguments, span: NONE,
    "builtins.range": lambda machine, arguments, span: machine.objects.new_list("iterator", [], unknown("a number")),
}
