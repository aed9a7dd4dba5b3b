"""Whether an action can do anything with a resource."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final

from analyzer.catalog.actions import find_action, resource_types_of
from analyzer.iam.arn import arn_contains, arn_intersects, parse_arn
from analyzer.iam.pattern import with_plain_names

_VARIABLE: Final = re.compile(r"\$\{([^}]*)\}")


def takes(action: str, resource: str) -> bool:
    """Say whether `action` can be used on something that the ARN pattern `resource` matches.

    A statement that grants `s3:ListBucket` and `s3:GetObject` on a bucket and on its objects grants, of the four, only
    two. Where the catalogue does not know the action or its resource types, the answer is yes.
    """
    known = find_action(action)
    if known is None:
        return True
    if not known.resource_types:
        return arn_contains(resource, "*")
    names = {taken.name for taken in known.resource_types}
    prefix = known.name.partition(":")[0]
    return not names <= _type_names(prefix) or bool(names & _types_of(prefix, with_plain_names(resource)))


@cache
def _type_names(prefix: str) -> frozenset[str]:
    return frozenset(type_.name for type_ in resource_types_of(prefix))


@lru_cache(maxsize=1024)
def _types_of(prefix: str, resource: str) -> frozenset[str]:
    """Return the resource types of the service `prefix` that something matched by `resource` can be of.

    One format may match what belongs to another one: `${BucketName}` also matches `bucket/key`. So a type is left out
    when a narrower format of another type matches all of `resource`.
    """
    formats = [(type_.name, as_pattern(arn, resource)) for type_ in resource_types_of(prefix) for arn in type_.arns]
    possible = [(name, pattern) for name, pattern in formats if arn_intersects(pattern, resource)]
    certain = {pattern for _, pattern in possible if arn_contains(pattern, resource)}
    return frozenset(
        name
        for name, pattern in possible
        if not any(
            arn_contains(pattern, narrower) and not arn_contains(narrower, pattern) for narrower in certain - {pattern}
        )
    )


def as_pattern(arn_format: str, resource: str) -> str:
    """Return the catalogue's `arn_format` as a pattern: where `resource` is in place of those variables, else `*`."""
    arn = parse_arn(resource)
    where = {"Partition": arn.partition, "Region": arn.region, "Account": arn.account} if arn else {}
    return _VARIABLE.sub(lambda variable: where.get(variable.group(1), "*"), arn_format)
