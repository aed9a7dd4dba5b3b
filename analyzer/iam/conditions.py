"""Whether a condition of a statement holds for a request, as far as the request's context is known.

Sources, below https://docs.aws.amazon.com/IAM/latest/UserGuide/: reference_policies_elements_condition_operators.html;
reference_policies_condition-single-vs-multi-valued-context-keys.html for `ForAllValues` and `ForAnyValue`;
reference_policies_condition-logic-multiple-context-keys-or-values.html for what several values mean.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final

from analyzer.iam import comparisons
from analyzer.iam.comparisons import Comparison, Truth, all_of, any_of, opposite
from analyzer.iam.context import Context, Values
from analyzer.model.requirements import Condition

_NULL: Final = "null"
_IF_EXISTS: Final = "ifexists"

_COMPARISONS: Final[dict[str, Comparison]] = {
    "stringequals": comparisons.same_string,
    "stringequalsignorecase": comparisons.same_string_in_any_case,
    "stringlike": comparisons.like_string,
    "arnequals": comparisons.like_arn,
    "arnlike": comparisons.like_arn,
    "bool": comparisons.same_boolean,
    "binaryequals": comparisons.same_bytes,
    "ipaddress": comparisons.address_within,
    **{
        f"{type_}{name}": compare(order)
        for type_, compare in (("numeric", comparisons.numbers), ("date", comparisons.dates))
        for name, order in (
            ("equals", operator.eq),
            ("lessthan", operator.lt),
            ("lessthanequals", operator.le),
            ("greaterthan", operator.gt),
            ("greaterthanequals", operator.ge),
        )
    },
}

_NEGATED: Final = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
    "notipaddress": "ipaddress",
    "numericnotequals": "numericequals",
    "datenotequals": "dateequals",
}


class _Quantifier(Enum):
    """Which of a key's values a condition asks about. A condition without set operator takes keys of one value."""

    ONE = ""
    ALL = "forallvalues"
    ANY = "foranyvalue"


@dataclass(frozen=True, slots=True)
class _Operator:
    compare: Comparison
    negated: bool
    quantifier: _Quantifier
    if_exists: bool


def holds(condition: Condition, context: Context) -> Truth:
    """Return whether `condition` holds for a request with `context`; None if that cannot be told."""
    told = context.tells(condition)
    if told is not None:
        return told
    verdicts = {_holds_for(condition, values, context) for values in context.possible(condition.key)}
    return verdicts.pop() if len(verdicts) == 1 else None


def is_operator(name: str) -> bool:
    """Say whether there is a condition operator `name`, with or without a prefix and `IfExists`; case does not matter.

    `Null` takes neither: it asks about the key itself.
    """
    return name.lower() == _NULL or _operator(name.lower()) is not None


def _holds_for(condition: Condition, values: Values, context: Context) -> Truth:
    """Return whether `condition` holds where its key has `values`."""
    name = condition.operator.lower()
    if name == _NULL:
        return _is_null(condition, values)
    test = _operator(name)
    if test is None or not condition.values:
        return None
    if not values:
        # "If the key is not present, evaluate the condition element as true" with IfExists. Without it, what "requires
        # that the key is not matched" is true; ForAllValues is true and ForAnyValue false, negated or not.
        default = {_Quantifier.ONE: test.negated, _Quantifier.ALL: True, _Quantifier.ANY: False}
        return test.if_exists or default[test.quantifier]
    truths = [_matches(test, condition.values, value, context) for value in values]
    match test.quantifier:
        case _Quantifier.ALL:
            # True as well "if the context key value resolves to a null dataset, such as an empty string".
            return all_of(truths) if any(values) else True
        case _Quantifier.ANY:
            return any_of(truths)
        case _Quantifier.ONE:
            # "Multivalued context keys require a condition set operator", and what happens without is not said.
            return truths[0] if len(truths) == 1 else None


def _matches(test: _Operator, wanted: Values, value: str, context: Context) -> Truth:
    found = any_of(test.compare(one, value, context) for one in wanted)
    return opposite(found) if test.negated else found


def _is_null(condition: Condition, values: Values) -> Truth:
    """Return whether the operator Null holds: `true` is that the key is not there, `false` that it has a value.

    A value that is an empty string is "null" in what is said of ForAllValues, and a value elsewhere.
    """
    if values and not any(values):
        return None
    return any_of({"true": not values, "false": bool(values)}.get(wanted.lower()) for wanted in condition.values)


@lru_cache(maxsize=256)
def _operator(name: str) -> _Operator | None:
    """Return what the operator `name`, in lower case, stands for; None if there is none of that name."""
    quantifier, colon, base = name.rpartition(":")
    if quantifier not in [each.value for each in _Quantifier] or bool(colon) is not bool(quantifier):
        return None
    if_exists = base.endswith(_IF_EXISTS)
    base = base.removesuffix(_IF_EXISTS)
    compare = _COMPARISONS.get(_NEGATED.get(base, base))
    return None if compare is None else _Operator(compare, base in _NEGATED, _Quantifier(quantifier), if_exists)
