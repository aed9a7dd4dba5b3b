"""Wildcard patterns: the only code of the project that reads `*` and `?`.

A pattern is a string in IAM's own syntax: `*` stands for any characters (also none), `?` for exactly one, `${*}`,
`${?}` and `${$}` for those characters themselves. Any other `${...}` is an atom, something whose text is not known: a
policy variable (`${aws:username}`) or a symbol, the reference of a template to one of its resources or parameters
(`${Orders.Arn}`, `${AWS::Region}`). An atom equals itself, and only a `*` is sure to match it. What two different
symbols stand for is taken to be different, so whoever makes them spells a thing in one way. Case counts; where IAM
ignores it (actions), callers lower both sides.

With a `separator`, a pattern is read in segments: a `*` that ends a segment can reach over separators, any other `*`,
and `?`, stays inside its segment. The first `closed` segments of a pattern that has more of them are closed: nothing in
them reaches over a separator.

Source for the syntax: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html.

Patterns are run as bit-parallel automata, one bit per place in the pattern: a character costs a few integer
operations, however many wildcards there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum
from functools import lru_cache
from typing import Final

# A character that no pattern spells out, so that only wildcards match it: the hardest one to match.
_OTHER: Final = ""

# A character that no pattern spells out, in place of what is the same in two patterns.
_SAME: Final = "\0"

_ESCAPES: Final = {"${*}": "*", "${?}": "?", "${$}": "$"}
# All that is in braces but the escapes and the policy variables, which are `service:key`.
_SYMBOL: Final = re.compile(r"\$\{(?![*?$]\})(?![\w-]+:(?!:))[^}]*\}")


_SPECIAL: Final = re.compile(r"[*?$]")


class _Kind(Enum):
    CHARACTER = 1
    ONE = 2
    STAR = 3
    SEGMENT_STAR = 4  # a `*` that cannot reach over separators
    ATOM = 5
    SEGMENT_ATOM = 6  # an atom in a closed segment, whose text holds no separator


_STARS: Final = (_Kind.STAR, _Kind.SEGMENT_STAR)

# The kind, and which character or atom.
_Token = tuple[_Kind, str]


def matches(pattern: str, text: str, separator: str = "", closed: int = 0) -> bool:
    """Say whether `pattern` matches `text`, in which no character is special."""
    machine = _machine(pattern, separator, closed, False)
    states = machine.start
    for character in text:
        states = machine.step(states, character)
        if not states:
            return False
    return bool(states & machine.accept)


def contains(outer: str, inner: str, separator: str = "", closed: int = 0) -> bool:
    """Say whether everything that `inner` matches is matched by `outer` too, whatever the atoms in them stand for."""
    if outer in (inner, "*"):
        return True
    if _begin_differently(outer, inner):
        return False
    machine = _machine(outer, separator, closed, False)
    # Each text of inner leads outer into a set of states. What a set accepts, every larger set accepts too, so it is
    # enough to follow the least sets.
    reached = {machine.start}
    for kind, value in _tokens(inner, separator, closed, False):
        match kind:
            case _Kind.STAR if separator:
                reached = _after_any_text(machine, reached, (_OTHER, separator))
            case _Kind.STAR | _Kind.SEGMENT_STAR:
                reached = _after_any_text(machine, reached, (_OTHER,))
            case _Kind.ONE:
                reached = _least(machine.step(states, _OTHER) for states in reached)
            case _Kind.SEGMENT_ATOM:
                reached = _least(machine.step(states, value, in_segment=True) for states in reached)
            case _:
                reached = _least(machine.step(states, value) for states in reached)
        if 0 in reached:
            return False
    return all(states & machine.accept for states in reached)


def intersects(first: str, second: str, separator: str = "", closed: int = 0) -> bool:
    """Say whether some text may be matched by both patterns.

    An atom in them may stand for any text, and a `*` that does not end its segment may reach over separators after all:
    the documentation says that the others can, and only recommends to use wildcards within segments.
    """
    matched_up = _matched_up(first, second)
    if matched_up is None:
        return False
    first, second = matched_up
    machine = _machine(second, separator, closed, True)
    states = machine.start
    for kind, value in _tokens(first, separator, closed, True):
        if kind is _Kind.CHARACTER:
            states = machine.step(states, value)
        elif kind is _Kind.ONE:
            states = machine.step_over_one(states)
        else:
            states = machine.step_over_many(states, crossing=kind is _Kind.STAR)
        if not states:
            return False
    return bool(states & machine.accept)


@lru_cache(maxsize=4096)
def has_wildcard(pattern: str) -> bool:
    """Say whether `pattern` holds a `*` or `?` that is not escaped."""
    return any(kind in (_Kind.STAR, _Kind.ONE) for kind, _ in _raw_tokens(pattern))


def has_star(pattern: str) -> bool:
    """Say whether `pattern` holds a `*` that is not escaped."""
    return any(kind is _Kind.STAR for kind, _ in _raw_tokens(pattern))


def escape(text: str) -> str:
    """Return the pattern that matches exactly `text`, also when it becomes a part of a longer pattern.

    A `$` is escaped only where it could begin a variable, so that `$LATEST` stays readable.
    """
    if not any(character in text for character in "*?$"):
        return text
    escaped = text.replace("${", "${$}{").replace("*", "${*}").replace("?", "${?}")
    return f"{escaped[:-1]}${{$}}" if escaped.endswith("$") else escaped


def literal(pattern: str) -> str:
    """Return `pattern` with its wildcards taken for the characters that they are; escapes and atoms stay."""
    return "".join(value if kind is _Kind.ATOM else escape(value) for kind, value in _raw_tokens(pattern))


def with_plain_names(pattern: str) -> str:
    """Return the ARN pattern `pattern` with a word in place of each symbol, which holds no separators either."""
    return _SYMBOL.sub("x", pattern) if pattern.startswith("arn:") else pattern


class _Machine:
    """A pattern as an automaton. A set of states is an integer in which bit i is the place before token i."""

    __slots__ = ("_crossing", "_ones", "_separator", "_spelled", "_stars", "accept", "start")

    def __init__(self, tokens: tuple[_Token, ...], separator: str) -> None:
        self._separator = separator
        self._spelled: dict[str, int] = {}
        self._stars = self._crossing = self._ones = 0
        for index, (kind, value) in enumerate(tokens):
            bit = 1 << index
            if kind is _Kind.ONE:
                self._ones |= bit
            elif kind in _STARS:
                self._stars |= bit
                self._crossing |= bit if kind is _Kind.STAR else 0
            else:
                self._spelled[value] = self._spelled.get(value, 0) | bit
        self.accept = 1 << len(tokens)
        self.start = self._with_empty_stars(1)

    def step(self, states: int, symbol: str, in_segment: bool = False) -> int:
        """Return the states after reading `symbol`: a character, `_OTHER`, or an atom, which may be in one segment."""
        takes = self._spelled.get(symbol, 0)
        if len(symbol) > 1:
            stays = self._stars if in_segment else self._crossing
        elif symbol and symbol == self._separator:
            stays = self._crossing
        else:
            takes |= self._ones
            stays = self._stars
        return self._with_empty_stars((states & takes) << 1 | states & stays)

    def step_over_one(self, states: int) -> int:
        """Return the states after reading any one character that `?` matches."""
        separators = self._spelled.get(self._separator, 0)
        takes = (self.accept - 1) & ~self._stars & ~separators
        return self._with_empty_stars((states & takes) << 1 | states & self._stars)

    def step_over_many(self, states: int, crossing: bool) -> int:
        """Return the states after reading any text, which holds separators only if `crossing`."""
        if crossing:
            lowest = states & -states
            return ((self.accept << 1) - 1) & ~(lowest - 1)
        reached = states
        while (further := reached | self.step_over_one(reached)) != reached:
            reached = further
        return reached

    def _with_empty_stars(self, states: int) -> int:
        # Two stars are never neighbours, so one step over the stars in reach is enough.
        return states | (states & self._stars) << 1


@lru_cache(maxsize=8192)
def _machine(pattern: str, separator: str, closed: int, loose: bool) -> _Machine:
    return _Machine(_tokens(pattern, separator, closed, loose), separator)


@lru_cache(maxsize=8192)
def _tokens(pattern: str, separator: str, closed: int, loose: bool) -> tuple[_Token, ...]:
    """Split `pattern` into tokens, no two stars in a row.

    If `loose`, an atom is a star, and a star reaches over separators wherever its segment is not closed.
    """
    raw = list(_raw_tokens(pattern))
    border = (_Kind.CHARACTER, separator)
    still_closed = closed if raw.count(border) >= closed else 0
    tokens: list[_Token] = []
    for place, token in enumerate(raw):
        if token == border:
            still_closed = max(0, still_closed - 1)
        kind, value = token
        if kind is _Kind.STAR and separator:
            # The rest of a run of stars decides what the run is.
            following = raw[place + 1] if place + 1 < len(raw) else border
            kind = _Kind.STAR if (loose or following == border) and not still_closed else _Kind.SEGMENT_STAR
        elif kind is _Kind.ATOM and loose:
            kind = _Kind.SEGMENT_STAR if still_closed else _Kind.STAR
        elif kind is _Kind.ATOM and (still_closed or (tokens and _SYMBOL.fullmatch(value))):
            # The name of a template's resource inside an ARN holds no separator.
            kind = _Kind.SEGMENT_ATOM
        if kind in _STARS and tokens and tokens[-1][0] in _STARS:
            kind = _Kind.STAR if _Kind.STAR in (kind, tokens[-1][0]) else kind
            tokens.pop()
        tokens.append((kind, "" if kind in _STARS else value))
    return tuple(tokens)


def _raw_tokens(pattern: str) -> Iterator[_Token]:
    index = 0
    while index < len(pattern):
        character = pattern[index]
        end = pattern.find("}", index) if pattern.startswith("${", index) else -1
        if end >= 0:
            name = pattern[index : end + 1]
            yield (_Kind.CHARACTER, _ESCAPES[name]) if name in _ESCAPES else (_Kind.ATOM, name)
            index = end + 1
        else:
            yield _WILDCARDS.get(character, _Kind.CHARACTER), character
            index += 1


_WILDCARDS: Final = {"*": _Kind.STAR, "?": _Kind.ONE}


def _least(sets: Iterable[int]) -> set[int]:
    """Return those of `sets` that are no proper superset of another one."""
    least: set[int] = set()
    for states in sets:
        _add_if_least(least, states)
    return least


def _add_if_least(least: set[int], states: int) -> bool:
    if any(known & states == known for known in least):
        return False
    least.difference_update([known for known in least if known & states == states])
    least.add(states)
    return True


def _after_any_text(machine: _Machine, reached: set[int], alphabet: tuple[str, ...]) -> set[int]:
    """Return the least sets that `machine` can be in after any text over `alphabet`, starting from `reached`."""
    least = set(reached)
    waiting = list(reached)
    while waiting:
        states = waiting.pop()
        for symbol in alphabet:
            following = machine.step(states, symbol)
            if _add_if_least(least, following):
                waiting.append(following)
    return least


def _begin_differently(first: str, second: str) -> bool:
    return _matched_up(first, second) is None


def _matched_up(first: str, second: str) -> tuple[str, str] | None:
    """Return the two patterns, each symbol that both begin with replaced by a character; None if they differ there."""
    beginning, other_beginning = _beginning(first), _beginning(second)
    index = min(len(beginning), len(other_beginning))
    if beginning[:index] != other_beginning[:index]:
        return None
    if first[index : index + 1] == second[index : index + 1] == "$":
        return _matched_up_symbols(first, second, index)
    return first, second


@lru_cache(maxsize=4096)
def _beginning(pattern: str) -> str:
    """Return the characters that `pattern` begins with, up to the first one that may stand for others."""
    special = _SPECIAL.search(pattern)
    return pattern[: special.start()] if special else pattern


def _matched_up_symbols(first: str, second: str, index: int) -> tuple[str, str] | None:
    one, other = _SYMBOL.match(first, index), _SYMBOL.match(second, index)
    if one is None or other is None:
        return first, second
    if one.group() != other.group():
        return None
    rest = _matched_up(first[one.end() :], second[other.end() :])
    return rest and (first[:index] + _SAME + rest[0], second[:index] + _SAME + rest[1])
