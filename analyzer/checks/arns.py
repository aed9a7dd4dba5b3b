"""The checks on the form of ARNs and on the partitions they are in.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, lru_cache
from typing import Final

from analyzer.cache import cached
from analyzer.catalog import data_version, prefixes, resource_types_of
from analyzer.catalog.effect import as_pattern
from analyzer.checks.statements import is_every_resource, place_of
from analyzer.checks.subject import Observation
from analyzer.iam.arn import PARTITIONS, Arn, arn_intersects, parse_arn, segments_of
from analyzer.iam.inventory import Document, DocumentKind
from analyzer.iam.pattern import has_wildcard
from analyzer.model.location import Location
from analyzer.model.policy import Statement
from analyzer.sdk.partitions import partition_of_region

_ACCOUNT: Final = re.compile(r"[0-9]{12}|[a-z][a-z-]*")
# What AWS owns has no account, and is named after it: `arn:aws:ssm:*::document/AWS-*`, `...::parameter/aws/service/*`.
_OF_AWS: Final = re.compile(r"[/:](aws|amazon)", re.IGNORECASE)
# Raised when what is stored changes its form.
_FORMAT: Final = 1
# Resources that need no ARN in policies of the service itself:
# https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html
_SHORT: Final = "execute-api:"


def malformed_arns(statement: Statement, document: Document) -> Iterator[Observation]:
    """Say which resources and principals are not written as ARNs are."""
    for arn, place in _arns(statement):
        if document.kind is DocumentKind.RESOURCE and arn.startswith(_SHORT):
            continue
        problem = _what_is_wrong(arn)
        if problem:
            yield Observation(f"{arn or 'an empty resource'} {problem}", place)


def foreign_partitions(document: Document, partition: str | None) -> Iterator[Observation]:
    """Say which ARNs are of another partition than the one wanted, or than the document's first.

    An ARN that the document has for both partitions is meant for both.
    """
    placed = [(parsed, place) for one in document.statements for arn, place in _arns(one) if (parsed := parse_arn(arn))]
    placed = [(arn, place) for arn, place in placed if arn.partition in PARTITIONS]
    every = {arn for arn, _ in placed}
    wanted = partition or (min(placed, key=lambda part: part[1])[0].partition if placed else "")
    for arn, place in placed:
        if arn.partition == wanted or (partition is None and replace(arn, partition=wanted) in every):
            continue
        why = "the partition asked about" if partition else "that of the document's first ARN"
        yield Observation(f"{arn} is in the partition {arn.partition}, and {why} is {wanted}", place)


def _arns(statement: Statement) -> Iterator[tuple[str, Location]]:
    """Yield what has to be an ARN in `statement`, and where it stands."""
    for element, values in (("Resource", statement.resources), ("NotResource", statement.not_resources)):
        for value in values:
            if not is_every_resource(value) and not value.startswith("${"):
                yield value, place_of(statement, element, value)
    for element, principals in (("Principal", statement.principals), ("NotPrincipal", statement.not_principals)):
        for principal in principals:
            if principal.kind == "AWS" and principal.name.startswith("arn:"):
                yield principal.name, place_of(statement, element, f"AWS {principal.name}")


@lru_cache(maxsize=1024)
def _what_is_wrong(text: str) -> str | None:
    if not text.startswith("arn:"):
        return "is no ARN: it does not begin with arn:"
    arn = parse_arn(text)
    if arn is None:
        count = len(segments_of(text))
        return None if text.endswith("*") else f"is no ARN: it has {count} of 6 segments"
    if _is_plain(arn.partition) and arn.partition not in PARTITIONS:
        return f"names no partition of AWS: {arn.partition or 'the segment is empty'}"
    if _is_plain(arn.service) and arn.service not in prefixes() and arn.service not in _services():
        return f"names no service of AWS: {arn.service or 'the segment is empty'}"
    if not arn.resource:
        return "names no resource"
    return _what_is_wrong_where(arn)


def _what_is_wrong_where(arn: Arn) -> str | None:
    if _is_plain(arn.region) and arn.region:
        partition = partition_of_region(arn.region)
        if partition is None:
            return f"names no region of AWS: {arn.region}"
        if _is_plain(arn.partition) and partition != arn.partition:
            return f"names a region of the partition {partition}: {arn.region}"
    if _is_plain(arn.account) and arn.account and not _ACCOUNT.fullmatch(arn.account):
        return f"names no account: {arn.account} has not 12 digits"
    if not _is_plain(arn.service) or _is_of_a_type(arn):
        return None
    if arn.region and _is_of_a_type(replace(arn, region="")):
        return f"has a region, and ARNs of its kind have none: {replace(arn, region='')}"
    if arn.account and _is_of_a_type(replace(arn, account="")):
        return f"has an account, and ARNs of its kind have none: {replace(arn, account='')}"
    if arn.region and arn.account and _is_of_a_type(replace(arn, region="", account="")):
        return f"has region and account, and ARNs of its kind have none: {replace(arn, region='', account='')}"
    missing = [name for name in ("region", "account") if not getattr(arn, name)]
    if missing == ["account"] and _OF_AWS.search(arn.resource):
        return None
    filled = replace(arn, region=arn.region or "*", account=arn.account or "*")
    return f"has no {' and no '.join(missing)}" if missing and _is_of_a_type(filled) else None


def _is_of_a_type(arn: Arn) -> bool:
    """Say whether something that the ARN pattern matches is a resource of a known type of its service."""
    formats = [arn_format for type_ in resource_types_of(arn.service) for arn_format in type_.arns]
    return any(_fits(arn, arn_format) for arn_format in formats)


def _fits(arn: Arn, arn_format: str) -> bool:
    known = parse_arn(arn_format)
    if known is None:
        return False
    # A variable of the format stands for something, and nothing is not that.
    if (known.region and not arn.region) or (known.account and not arn.account):
        return False
    return arn_intersects(as_pattern(arn_format, str(arn)), str(arn))


def _is_plain(segment: str) -> bool:
    """Say whether the segment is spelled out: without wildcards, and without what a template fills in."""
    return not has_wildcard(segment) and "${" not in segment


@cache
def _services() -> frozenset[str]:
    """Return what stands for services in the ARN formats of the catalogue."""

    def build() -> list[str]:
        formats = (
            arn_format for prefix in prefixes() for type_ in resource_types_of(prefix) for arn_format in type_.arns
        )
        return sorted({parsed.service for arn_format in formats if (parsed := parse_arn(arn_format))})

    return frozenset(cached("checks", f"_services-{data_version()}-{_FORMAT}", build))
