"""How one value in a policy's condition compares with one value of a request, for each type of value.

Every comparison takes the policy's value, the request's value and the context that policy variables refer to, and
returns whether they match, or None if that cannot be told: a variable that is not known, or a value that is none of its
type, of which IAM's documentation does not say what happens.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from analyzer.iam.arn import segments_of
from analyzer.iam.context import Context
from analyzer.iam.pattern import escape, intersects, literal, matches

if TYPE_CHECKING:
    from fractions import Fraction

Truth = bool | None
"""True, false, or None where it cannot be told."""

Comparison = Callable[[str, str, Context], Truth]

_NUMBER: Final = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)")
# Four digits are a year in ISO 8601 and a moment of 1970 in epoch time: which of them is not said.
_EPOCH: Final = re.compile(r"(?!\d{4}$)\d+")
_MONTH: Final = re.compile(r"\d{4}-\d\d")
_TRUTHS: Final = {"true": True, "false": False}


def all_of(truths: Iterable[Truth]) -> Truth:
    """Return the conjunction of `truths`."""
    result: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            result = None
    return result


def any_of(truths: Iterable[Truth]) -> Truth:
    """Return the disjunction of `truths`."""
    return opposite(all_of(map(opposite, truths)))


def opposite(truth: Truth) -> Truth:
    """Return the negation of `truth`."""
    return None if truth is None else not truth


def same_string(wanted: str, value: str, context: Context) -> Truth:
    """Compare as StringEquals does: wildcards are characters like others, variables and escapes are not."""
    if "${" not in wanted:
        return wanted == value
    resolved = context.substitute(wanted)
    return False if resolved is None else _is_like(literal(resolved), value)


def same_string_in_any_case(wanted: str, value: str, context: Context) -> Truth:
    """Compare as StringEqualsIgnoreCase does."""
    resolved = context.substitute(wanted)
    return False if resolved is None else _is_like(literal(resolved).lower(), value.lower())


def like_string(wanted: str, value: str, context: Context) -> Truth:
    """Compare as StringLike does."""
    resolved = context.substitute(wanted)
    return False if resolved is None else _is_like(resolved, value)


def like_arn(wanted: str, value: str, context: Context) -> Truth:
    """Compare as ArnEquals and ArnLike do.

    "Each of the six colon-delimited components of the ARN is checked separately": no wildcard reaches over the first
    five colons. What a pattern that has not six components matches is not said.
    """
    resolved = context.substitute(wanted)
    if resolved is None:
        return False
    patterns, segments = segments_of(resolved), value.split(":", 5)
    if len(patterns) != 6:
        return None
    if len(segments) != 6:
        return False
    return all_of(_is_like(pattern, segment) for pattern, segment in zip(patterns, segments, strict=True))


def same_boolean(wanted: str, value: str, context: Context) -> Truth:
    """Compare as Bool does. Variables are "supported" according to one page and not according to another."""
    resolved = context.substitute(wanted)
    if resolved is None:
        return False
    first, second = _TRUTHS.get(resolved.lower()), _TRUTHS.get(value.lower())
    return None if first is None or second is None else first is second


def same_bytes(wanted: str, value: str, context: Context) -> Truth:
    """Compare as BinaryEquals does: byte for byte what is given in base 64."""
    from base64 import b64decode

    try:
        return b64decode(wanted, validate=True) == b64decode(value, validate=True)
    except ValueError:
        return None


def address_within(wanted: str, value: str, context: Context) -> Truth:
    """Compare as IpAddress does: an address and an address or a CIDR range, of version 4 or 6."""
    from ipaddress import ip_address, ip_network

    try:
        return ip_address(value) in ip_network(wanted)
    except ValueError:
        return None


def numbers(compare: Callable[[Fraction, Fraction], bool]) -> Comparison:
    """Return the comparison of numbers in which `compare` is given the request's number and then the policy's."""

    def comparison(wanted: str, value: str, context: Context) -> Truth:
        first, second = _number(value), _number(wanted)
        return None if first is None or second is None else compare(first, second)

    return comparison


def dates(compare: Callable[[Fraction, Fraction], bool]) -> Comparison:
    """Return the comparison of dates in which `compare` is given the request's date and then the policy's."""

    def comparison(wanted: str, value: str, context: Context) -> Truth:
        first, second = _seconds(value), _seconds(wanted)
        return None if first is None or second is None else compare(first, second)

    return comparison


def _is_like(pattern: str, value: str) -> Truth:
    """Say whether `pattern` matches `value`; None if it depends on what an atom in it stands for."""
    if matches(pattern, value):
        return True
    return None if "${" in pattern and intersects(pattern, escape(value)) else False


def _number(text: str) -> Fraction | None:
    from fractions import Fraction

    return Fraction(text) if _NUMBER.fullmatch(text) else None


def _seconds(text: str) -> Fraction | None:
    """Return in epoch time the moment `text`: epoch time or a form of https://www.w3.org/TR/NOTE-datetime."""
    from datetime import UTC, datetime
    from fractions import Fraction

    if _EPOCH.fullmatch(text):
        return Fraction(text)
    if "-" not in text:
        return None
    try:
        date = datetime.fromisoformat(f"{text}-01" if _MONTH.fullmatch(text) else text)
    except ValueError:
        return None
    return Fraction((date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp())
