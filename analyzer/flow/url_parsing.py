"""`urllib.parse.urlparse`: the parts of URLs that are known, or of which parts are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.flow import strings
from analyzer.flow.calling import Arguments
from analyzer.flow.values import Value, alternatives, join_all, unknown
from analyzer.model import ir
from analyzer.model.values import Known, Opaque, Text

if TYPE_CHECKING:
    from analyzer.flow.machine import Machine

_PARSED = ("scheme", "netloc", "path", "params", "query", "fragment")
_SPLIT = ("scheme", "netloc", "path", "query", "fragment")


def parsed(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    """Return `urlparse(url)`."""
    return _parts(machine, arguments, span, _PARSED)


def split(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    """Return `urlsplit(url)`."""
    return _parts(machine, arguments, span, _SPLIT)


def _parts(machine: Machine, arguments: Arguments, span: ir.Span, names: tuple[str, ...]) -> Value:
    cls = machine.classes.named_tuple("ParseResult", names, span)
    outcomes: list[Value] = []
    for url in alternatives(arguments.take(0, "url") or unknown("a URL")):
        found = _known(url) or _partly_known(url)
        values = [found.get(name, unknown(f"the {name} of a URL")) for name in names]
        result = machine.classes.instantiate(cls, Arguments(values), span)
        machine.objects.set_attribute(result, "hostname", found.get("netloc", unknown("the host of a URL")))
        outcomes.append(result)
    return join_all(outcomes) or unknown("a URL")


def _known(url: Value) -> dict[str, Value]:
    if not (isinstance(url, Known) and isinstance(url.value, str)):
        return {}
    from urllib.parse import urlparse

    try:
        return {name: Known(part) for name, part in zip(_PARSED, urlparse(url.value), strict=True)}
    except ValueError:
        return {}


def _partly_known(url: Value) -> dict[str, Value]:
    """Return the parts of `s3://{bucket}/{key}`, as if no hole held a delimiter."""
    if isinstance(url, Opaque):
        return dict.fromkeys(("netloc", "path"), url)
    if not (isinstance(url, Text) and isinstance(url.parts[0], str) and "://" in url.parts[0]):
        return {}
    scheme, _, host, *steps = strings.split_text(url, "/")
    path = [piece for step in steps for piece in (Known("/"), step)]
    return {
        "scheme": Known(str(getattr(scheme, "value", "")).removesuffix(":")),
        "netloc": host,
        "path": strings.concatenate(path),
    }
