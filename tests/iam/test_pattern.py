from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.iam.pattern import contains, escape, has_wildcard, intersects, literal, matches

# Brute force over every text of up to seven characters. `z` is in no pattern; without it a pattern that lists the
# whole alphabet would look as wide as `?`.
ALPHABET = "a:z"
TEXTS = ["".join(text) for length in range(7) for text in itertools.product(ALPHABET, repeat=length)]

patterns = st.text(alphabet="a:*?", max_size=5)
segments = st.sampled_from([("", 0), (":", 0), (":", 1), (":", 2)])


def spelled_out(pattern: str, text: str, separator: str, closed: int, wide: bool = False) -> bool:
    """The definition, as slow as it is plain; `closed` is how many of the pattern's next segments are closed.

    If `wide`, every star in a segment that is not closed reaches over separators.
    """
    if not pattern:
        return not text
    first, rest = pattern[0], pattern[1:]
    if first == "*":
        ends_segment = wide or not rest.lstrip("*") or rest.lstrip("*")[0] == separator
        reach = len(text)
        if separator in text and separator and (closed or not ends_segment):
            reach = text.index(separator)
        return any(spelled_out(rest, text[taken:], separator, closed, wide) for taken in range(reach + 1))
    if not text:
        return False
    if first == "?":
        return not (separator and text[0] == separator) and spelled_out(rest, text[1:], separator, closed, wide)
    still_closed = closed - 1 if first == separator and closed else closed
    return first == text[0] and spelled_out(rest, text[1:], separator, still_closed, wide)


def may_match(pattern: str, text: str, separator: str, closed: int) -> bool:
    return spelled_out(pattern, text, separator, closed if pattern.count(":") >= closed else 0, wide=True)


@given(patterns, st.text(alphabet=ALPHABET, max_size=8), segments)
@settings(max_examples=1500, deadline=None)
def test_matches_agrees_with_the_definition(pattern: str, text: str, segmented: tuple[str, int]) -> None:
    separator, closed = segmented
    closed_in_it = closed if pattern.count(":") >= closed else 0
    assert matches(pattern, text, *segmented) == spelled_out(pattern, text, separator, closed_in_it)


@given(patterns, patterns, segments)
@settings(max_examples=400, deadline=None)
def test_contains_agrees_with_enumeration(outer: str, inner: str, segmented: tuple[str, int]) -> None:
    matched = [text for text in TEXTS if matches(inner, text, *segmented)]
    assert contains(outer, inner, *segmented) == all(matches(outer, text, *segmented) for text in matched)


@given(patterns.filter(lambda pattern: len(pattern) < 4), patterns.filter(lambda pattern: len(pattern) < 4), segments)
@settings(max_examples=400, deadline=None)
def test_intersects_agrees_with_enumeration(first: str, second: str, segmented: tuple[str, int]) -> None:
    # What two patterns share at all they share in a text no longer than the two together: here, six characters.
    common = any(may_match(first, text, *segmented) and may_match(second, text, *segmented) for text in TEXTS)
    assert intersects(first, second, *segmented) == common


@given(patterns, patterns, segments)
def test_what_one_contains_intersects_it(outer: str, inner: str, segmented: tuple[str, int]) -> None:
    if contains(outer, inner, *segmented):
        assert intersects(outer, inner, *segmented)
    assert intersects(outer, inner, *segmented) == intersects(inner, outer, *segmented)


@given(st.text(alphabet="a*?${}:", max_size=12), st.text(alphabet="a*?${}:", max_size=12))
def test_escaped_text_matches_only_itself(text: str, other: str) -> None:
    assert matches(escape(text), text)
    assert matches(escape(text), other) == (text == other)
    assert not has_wildcard(escape(text))
    assert matches(escape(text) + escape(other), text + other)
    assert matches(escape(text) + "{x}", text + "{x}")


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        ("*?", "?*", True),
        ("?*", "*a", True),
        ("*a*", "a", True),
        ("a?", "a*", False),
        ("*ab*", "*a*b*", False),
        ("*a*b*", "*ab*", True),
        # An atom may be of any length and hold anything, so only a star is sure to match it.
        ("b/*", "b/${aws:username}", True),
        ("b/${aws:username}", "b/${aws:username}", True),
        ("b/${aws:username}/*", "b/${aws:username}/x", True),
        ("b/?", "b/${aws:username}", False),
        ("b/${aws:username}", "b/${aws:userid}", False),
        ("b/${aws:username}", "b/jo", False),
        # IAM's own spelling of the special characters.
        ("b/${*}", "b/x", False),
        ("b/*", "b/${*}", True),
        ("b/${?}", "b/${?}", True),
        ("price${$}", "price$", True),
        ("${unclosed", "${unclosed", True),
    ],
)
def test_contains(outer: str, inner: str, expected: bool) -> None:
    assert contains(outer, inner) is expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("b/${aws:username}", "b/jo", True),
        ("b/${aws:username}/x", "b/jo/y", False),
        ("a*b", "?b", True),
        ("a*c", "*b", False),
        ("b/${*}", "b/x", False),
        # Different symbols of a template are different things; the same one is the same text.
        ("${Orders.Arn}", "${Users.Arn}", False),
        ("${Orders.Arn}/x", "${Orders.Arn}/y", False),
        ("${Orders.Arn}/*", "${Orders.Arn}/${Name}", True),
        ("b-${Stage}-${Name}", "b-${Stage}-${Other}", False),
        ("b-${Stage}-${Name}", "b-${AWS::Region}-${Name}", False),
        ("${Orders.Arn}", "orders", True),
        ("${Orders.Arn}", "${aws:username}", True),
        ("${aws:username}", "${aws:userid}", True),
        ("*${Name}", "${Other}", True),
    ],
)
def test_intersects(first: str, second: str, expected: bool) -> None:
    assert intersects(first, second) is expected


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [("a*?", "a*?", True), ("a*?", "abc", False), ("a${*}", "a*", True), ("a${*}", "ab", False), ("$*", "$*", True)],
)
def test_a_literal_pattern_has_no_wildcards(pattern: str, text: str, expected: bool) -> None:
    assert matches(literal(pattern), text) is expected
    assert literal("a*${aws:username}$") == "a${*}${aws:username}${$}"


def test_hostile_patterns_take_no_time() -> None:
    started = time.perf_counter()
    assert not matches("*a" * 40 + "b", "a" * 4000)
    assert not contains("*a?" * 12 + "b", "*a" * 24 + "?")
    assert not intersects("*a" * 60 + "b", "*a" * 60 + "c")
    assert time.perf_counter() - started < 2
