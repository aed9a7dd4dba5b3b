"""What is known of a request's context keys, and policy variables, which stand for their values.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html, by which the case
of a key's name does not count, and https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from analyzer.iam.arn import segments_of
from analyzer.iam.pattern import contains, escape, intersects, literal
from analyzer.model.requirements import Condition

Values = tuple[str, ...]
"""The values of a key in a request: none if the request does not have the key, several if the key is multivalued."""

# `${aws:PrincipalTag/team, 'company-wide'}`; `${AWS::Region}` is a template's.
_VARIABLE: Final = re.compile(r"\$\{([\w-]+:[^:,}][^,}]*)(?:, ?'([^'}]*)')?\}")
_SEGMENTS: Final = 6
_STRING_OPERATOR: Final = re.compile(r"((?:ForAllValues:|ForAnyValue:)?)String((?:Not)?)(Equals|Like)", re.IGNORECASE)


class Context:
    """The values that a request may have for condition keys, as far as they are known."""

    __slots__ = ("_facts", "_possible")

    def __init__(self, known: Mapping[str, Values], facts: Iterable[Condition] = ()) -> None:
        """Take the values of keys, in any case, and conditions that are known to hold for the request."""
        self._facts = tuple(facts)
        self._possible: dict[str, tuple[Values, ...]] = {}
        for fact in self._facts:
            if fact.operator.lower() == "stringequals" and not any("${" in value for value in fact.values):
                self._possible[fact.key.lower()] = tuple((value,) for value in fact.values)
        for key, values in known.items():
            self._possible[key.lower()] = (tuple(values),)

    def possible(self, key: str) -> tuple[Values, ...]:
        """Return what the values of `key` may be, each alternative once; nothing, if that is not known."""
        return self._possible.get(key.lower(), ())

    def tells(self, test: Condition) -> bool | None:
        """Return whether `test` holds by the conditions that are known to hold; None if they do not say."""
        for fact in self._facts:
            if fact.key.lower() != test.key.lower():
                continue
            if _asks_as_much(fact, test):
                return True
            truth = _told_by_patterns(fact, test)
            if truth is not None:
                return truth
        return None

    def substitute(self, text: str) -> str | None:
        """Return the pattern `text` with the known policy variables replaced; the others stay in it as atoms.

        A value stands for itself, also where it holds a `*`. A key that the request does not have gives the variable's
        default; without one the result is None: "there is no equal or like value" to what has no value. Not known is
        what a multivalued key comes to, which "you can't use as a variable", and whether an empty string is a value.
        """
        if "${" not in text:
            return text
        pieces: list[str] = []
        end = 0
        for variable in _VARIABLE.finditer(text):
            possible = self.possible(variable[1])
            value = variable[0]
            if possible == ((),):
                if variable[2] is None:
                    return None
                value = escape(variable[2])
            elif len(possible) == 1 and len(possible[0]) == 1 and possible[0][0]:
                value = escape(possible[0][0])
            pieces += text[end : variable.start()], value
            end = variable.end()
        return "".join((*pieces, text[end:]))

    def substitute_in_arn(self, arn: str) -> str | None:
        """Return the ARN pattern `arn` of a statement with the known policy variables replaced, None as `substitute`.

        "You can use a policy variable in the Resource element, but only in the resource portion of the ARN."
        """
        if "${" not in arn:
            return arn
        segments = segments_of(arn)
        if len(segments) < _SEGMENTS:
            return arn
        resource = self.substitute(segments[-1])
        return None if resource is None else ":".join((*segments[:-1], resource))


def _asks_as_much(fact: Condition, test: Condition) -> bool:
    """Say whether `fact`, on the same key, has the operator of `test` and asks the same with it, or more."""
    operator = fact.operator.lower()
    if operator != test.operator.lower():
        return False
    # The values are alternatives, so allowing more of them asks less; under a negated operator it asks more.
    negated = "not" in operator or operator == "null"
    return set(fact.values) == set(test.values) or (not negated and set(fact.values) <= set(test.values))


def _told_by_patterns(fact: Condition, test: Condition) -> bool | None:
    """Return whether `test` holds for strings that match `fact`, a condition on the same key; None if it may or not."""
    known, asked = _read_operator(fact.operator), _read_operator(test.operator)
    if known is None or asked is None or known[:1] != asked[:1] or known[2]:
        return None
    matching = [literal(value) if known[1] == "equals" else value for value in fact.values]
    wanted = [literal(value) if asked[1] == "equals" else value for value in test.values]
    quantifier, _, negated = asked
    if all(any(contains(outer, inner) for outer in wanted) for inner in matching):
        # A set of values may be empty, and then both `ForAllValues` hold.
        return None if negated and quantifier else not negated
    if not any(intersects(outer, inner) for outer in wanted for inner in matching):
        return True if negated else None if quantifier else False
    return None


def _read_operator(name: str) -> tuple[str, str, bool] | None:
    """Return the set operator of a string operator, `equals` or `like`, and whether it is negated; None for others."""
    match = _STRING_OPERATOR.fullmatch(name)
    return None if match is None else (match[1].lower(), match[3].lower(), match[2] != "")
