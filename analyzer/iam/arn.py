"""Amazon Resource Names and patterns of them.

How wildcards in an ARN reach: "You can use wildcard characters (* and ?) within the individual segments of an ARN (the
parts separated by colons) [...] If the * wildcard is the last character of a resource ARN segment, it can expand to
match beyond the colon boundaries" (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html).
So `arn:aws:s3:::b/*` and `arn:aws:logs:*` reach over colons, and `log-group:/x/*/y` matches its `/x/*/y` only where
that holds no colon. Partition, service, region and account hold no colons (reference-arns.html), so where a pattern
spells out all segments, a `*` in one of these stays there: `arn:aws:sns:*:1:t` is about account 1 only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache
from typing import Final

from analyzer.iam import pattern

PARTITIONS: Final = (
    "aws",
    "aws-cn",
    "aws-eusc",
    "aws-iso",
    "aws-iso-b",
    "aws-iso-e",
    "aws-iso-f",
    "aws-us-gov",
)
"""Every partition of AWS; source: `botocore/data/partitions.json`."""

_SEPARATOR: Final = ":"
_SEGMENTS: Final = 6
# All segments but the resource.
_CLOSED: Final = _SEGMENTS - 1

escape = pattern.escape


class Unpinned(Enum):
    """What of a pattern can be open only because nobody said how the program is deployed.

    CHARACTERS are those that `?` stands for: AWS chose them, as for the end of a secret's ARN.
    """

    REGION = "region"
    ACCOUNT = "account"
    CHARACTERS = "?"


@dataclass(frozen=True, slots=True)
class Arn:
    """The six segments of an ARN or of an ARN pattern.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html.
    """

    partition: str
    service: str
    region: str
    account: str
    resource: str

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"


def parse_arn(text: str) -> Arn | None:
    """Return the segments of `text`, an ARN or an ARN pattern, or None if it has not all of them.

    `*` and `arn:aws:s3:*` are patterns that ARNs match, and have no segments of their own.
    """
    segments = segments_of(text)
    if len(segments) != _SEGMENTS or segments[0] != "arn":
        return None
    return Arn(*segments[1:])


def arn_matches(outer: str, arn: str) -> bool:
    """Say whether the pattern `outer` matches `arn`, which is an ARN as it is, or `*` for a request without one."""
    return pattern.matches(_complete(outer), arn, _SEPARATOR, _CLOSED)


def arn_contains(outer: str, inner: str) -> bool:
    """Say whether every ARN that the pattern `inner` matches is matched by the pattern `outer` too."""
    return pattern.contains(_complete(outer), _complete(inner), _SEPARATOR, _CLOSED)


def arn_intersects(first: str, second: str) -> bool:
    """Say whether there may be an ARN that both patterns match."""
    return pattern.intersects(_complete(first), _complete(second), _SEPARATOR, _CLOSED)


def widest(patterns: Iterable[str]) -> tuple[str, ...]:
    """Return, sorted, the fewest of the ARN patterns `patterns` that match all that any of them matches."""
    kept: list[str] = []
    for candidate in sorted(set(patterns)):
        if any(arn_contains(other, candidate) for other in kept):
            continue
        kept = [other for other in kept if not arn_contains(candidate, other)]
        kept.append(candidate)
    return tuple(kept)


def pin_like(wanted: str, other: str, unpinned: Collection[Unpinned]) -> str:
    """Return the ARN pattern `wanted` with what is `unpinned` in it taken from the ARN pattern `other`, if it can be.

    A region or account that is `*` is replaced; where then only a `?` keeps `wanted` from being as narrow as `other`,
    `other` is returned. If either is a pattern without segments, `wanted` is returned as it is.
    """
    arn, model = parse_arn(wanted), parse_arn(other)
    if arn is None or model is None:
        return wanted
    if Unpinned.REGION in unpinned and arn.region == "*":
        arn = replace(arn, region=model.region)
    if Unpinned.ACCOUNT in unpinned and arn.account == "*":
        arn = replace(arn, account=model.account)
    pinned = str(arn)
    if Unpinned.CHARACTERS in unpinned and not pattern.has_star(pinned) and arn_contains(pinned, other):
        return other
    return pinned


@lru_cache(maxsize=4096)
def _complete(text: str) -> str:
    if not text.startswith("arn:"):
        return text
    return text + (_SEPARATOR + "*") * (_SEGMENTS - len(segments_of(text)))


def segments_of(text: str) -> list[str]:
    """Return the segments of `text`, an ARN pattern or an ARN, six at most: colons in a resource separate nothing."""
    if "${" not in text:
        return text.split(_SEPARATOR, _SEGMENTS - 1)
    # A colon inside `${aws:username}` separates nothing.
    segments = [""]
    depth = 0
    for index, character in enumerate(text):
        if text.startswith("${", index):
            depth += 1
        elif character == "}" and depth:
            depth -= 1
        if character == _SEPARATOR and not depth and len(segments) < _SEGMENTS:
            segments.append("")
        else:
            segments[-1] += character
    return segments
