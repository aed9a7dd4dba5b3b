"""Conditions that differ in their values alone, which are alternatives within one condition.

"If a single condition operator includes multiple values for one context key, those values are evaluated using a logical
OR" (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html),
and NOR under a negated operator, so those are left alone. A set operator asks of all values of a request, of which
`dynamodb:LeadingKeys` has one in every operation that a condition is generated for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

from analyzer.model.requirements import Condition

_Conditions = tuple[Condition, ...]


def joined(alternatives: Iterable[_Conditions]) -> tuple[_Conditions, ...]:
    """Return `alternatives`, any of which has to be granted, as the fewest that grant the same; sorted."""
    found = sorted(set(alternatives))
    result: list[_Conditions] = []
    while found:
        first = found.pop(0)
        for other in list(found):
            both = _union(first, other)
            if both is not None:
                found.remove(other)
                first = both
        result.append(first)
    return tuple(sorted(result))


def single(conditions: _Conditions) -> Iterator[_Conditions]:
    """Yield the alternatives that `conditions` stand for, each with one value a condition where that is the same."""
    choices = [
        [condition]
        if _is_negated(condition)
        else [Condition(condition.operator, condition.key, (value,)) for value in condition.values]
        for condition in conditions
    ]
    return (tuple(sorted(choice)) for choice in product(*choices))


def _union(first: _Conditions, second: _Conditions) -> _Conditions | None:
    """Return what holds when one of the two does, if one tuple of conditions can say it."""
    if [(one.operator, one.key) for one in first] != [(one.operator, one.key) for one in second]:
        return None
    different = [place for place, (one, other) in enumerate(zip(first, second, strict=True)) if one != other]
    if len(different) != 1 or _is_negated(first[different[0]]):
        return None
    place = different[0]
    values = tuple(sorted({*first[place].values, *second[place].values}))
    return (*first[:place], Condition(first[place].operator, first[place].key, values), *first[place + 1 :])


def _is_negated(condition: Condition) -> bool:
    operator = condition.operator.lower()
    return "not" in operator or operator.startswith("null")
