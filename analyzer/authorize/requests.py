"""What botocore sends where the caller may write a parameter in another form."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

from analyzer.authorize.parameters import HIDDEN
from analyzer.model.calls import ApiCall
from analyzer.model.values import Absent, Hole, Known, Mapping, OneOf, Opaque, Text, Value, alternatives

_COPY_SOURCE = "CopySource"


def as_sent(call: ApiCall) -> ApiCall:
    """Return `call` with the parameters that are sent.

    A mapping as S3's CopySource is sent as the text `Bucket/Key`, with `?versionId=` and the VersionId if there is one
    (`handle_copy_source_param` in botocore/handlers.py).
    """
    if call.service != "s3" or call.parameters.get(_COPY_SOURCE) is None:
        return call
    entries = tuple((key, _copy_source(value) if _is_copy_source(key) else value) for key, value in _entries(call))
    return replace(call, parameters=Mapping(entries, call.parameters.complete))


def _entries(call: ApiCall) -> tuple[tuple[Value, Value], ...]:
    return call.parameters.entries


def _is_copy_source(key: Value) -> bool:
    return isinstance(key, Known) and key.value == _COPY_SOURCE


def _copy_source(value: Value) -> Value:
    sent = [text for one in alternatives(value) for text in (_texts(one) if isinstance(one, Mapping) else (one,))]
    return sent[0] if len(sent) == 1 else OneOf(tuple(sent))


def _texts(source: Mapping) -> list[Value]:
    buckets, keys = (
        list(alternatives(found)) if (found := source.get(name)) is not None else [Opaque(HIDDEN)]
        for name in ("Bucket", "Key")
    )
    version = source.get("VersionId")
    versions = [Absent()] if version is None else list(alternatives(version))
    return [_text(*parts) for parts in product(buckets, keys, versions)]


def _text(bucket: Value, key: Value, version: Value) -> Value:
    parts = [*_parts(bucket), "/", *_parts(key)]
    if not isinstance(version, Absent) and version != Known(None):
        parts += ["?versionId=", *_parts(version)]
    joined: list[str | Hole] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    only = joined[0]
    return Known(only) if len(joined) == 1 and isinstance(only, str) else Text(tuple(joined))


def _parts(value: Value) -> tuple[str | Hole, ...]:
    match value:
        case Text(parts):
            return parts
        case Opaque(origin):
            return (Hole(origin),)
        case Known(constant):
            return (str(constant),)
        case _:
            return (Hole(HIDDEN),)
