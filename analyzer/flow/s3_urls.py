"""S3 URLs and paths, `s3://bucket/key` or `bucket/key`, of which parts may not be known."""

from __future__ import annotations

import re

from analyzer.flow import strings
from analyzer.flow.values import Value
from analyzer.model.values import Hole, Known, Text, Unseen
from analyzer.rules.library_records import Part

_SCHEME = re.compile(r"s3[an]?://")
_ACCESS_POINT = re.compile(r"arn:[^/]*:accesspoint[/:][^/]+")
_PATTERN = re.compile(r"\[[^\]]*\]|[*?]")
_BELOW = Hole(Unseen("which keys are below it"))
_MATCHING = Hole(Unseen("which keys match"))


def part_of(url: Value, part: Part, *, exact: bool) -> Value | None:
    """Return a part of an S3 URL, which is no Choice; None if it has no such part.

    `exact` says that the URL is known to name one object, whatever its key looks like.
    """
    if not isinstance(url, Known | Text):
        return url
    parts = list(strings.parts_of(url))
    if isinstance(parts[0], str):
        parts[0] = _SCHEME.sub("", parts[0], count=1)
    bucket, key = _split(parts)
    if part is Part.BUCKET:
        return strings.text(bucket) if bucket else None
    if part is Part.PATH:
        return strings.text([*bucket, "/", *key]) if bucket and key else None
    if part is Part.KEYS and not exact:
        return strings.text(_matching(key))
    if part is Part.BELOW:
        return strings.text(_under(key))
    return strings.text(key) if key else None


def _split(parts: list[str | Hole]) -> tuple[list[str | Hole], list[str | Hole]]:
    """Return the parts before and behind the first slash; a hole is taken for the bucket where a slash follows it."""
    if isinstance(parts[0], str):
        access_point = _ACCESS_POINT.match(parts[0])
        if access_point is not None:
            rest = parts[0][access_point.end() :].removeprefix("/")
            return [access_point[0]], [one for one in (rest, *parts[1:]) if one != ""]
    for position, one in enumerate(parts):
        if isinstance(one, str) and "/" in one:
            before, _, behind = one.partition("/")
            bucket, key = [*parts[:position], before], [behind, *parts[position + 1 :]]
            return [piece for piece in bucket if piece != ""], [piece for piece in key if piece != ""]
    found = [piece for piece in parts if piece != ""]
    # A hole that stands alone may hold the key too.
    return found, [piece for piece in found[-1:] if isinstance(piece, Hole)]


def _matching(key: list[str | Hole]) -> list[str | Hole]:
    pieces: list[str | Hole] = []
    for one in key:
        if isinstance(one, Hole):
            pieces.append(one)
            continue
        end = 0
        for wildcard in _PATTERN.finditer(one):
            pieces += [one[end : wildcard.start()], _MATCHING]
            end = wildcard.end()
        pieces.append(one[end:])
    return pieces if _MATCHING in pieces else [*pieces, _BELOW]


def _under(key: list[str | Hole]) -> list[str | Hole]:
    if not key:
        return [_BELOW]
    last = key[-1]
    return [*key, _BELOW] if isinstance(last, str) and last.endswith("/") else [*key, "/", _BELOW]
