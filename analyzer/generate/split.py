"""Policies that are larger than IAM takes, as several documents.

Sizes are those of https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: "Role policy size can't
exceed 10,240 characters", over all inline policies of the role; "the size of each managed policy can't exceed 6,144
characters"; "IAM doesn't count white space when calculating the size of a policy against these quotas".
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from analyzer.errors import LpaError
from analyzer.generate.naming import with_sids
from analyzer.generate.render import size
from analyzer.model.policy import Policy, Statement

INLINE_LIMIT: Final = 10_240
"""The characters that all inline policies of a role may have together."""

MANAGED_LIMIT: Final = 6_144
"""The characters that one managed policy may have."""


def split(policy: Policy, limit: int = MANAGED_LIMIT) -> tuple[Policy, ...]:
    """Return `policy` as documents of at most `limit` characters each, which together say the same.

    Statements keep their order within a document, and each is in the first one that has room for it. One that is too
    large by itself is divided by its resources, then by its actions. Raises LpaError for one that cannot be divided.
    """
    if size(policy) <= limit:
        return (policy,)
    documents: list[list[Statement]] = []
    for statement in _divided(policy, limit):
        for document in documents:
            if size(Policy((*document, statement))) <= limit:
                document.append(statement)
                break
        else:
            documents.append([statement])
    return tuple(Policy(tuple(document)) for document in documents)


def _divided(policy: Policy, limit: int) -> tuple[Statement, ...]:
    small: list[Statement] = []
    waiting = list(reversed(policy.statements))
    while waiting:
        statement = waiting.pop()
        characters = size(Policy((statement,)))
        if characters <= limit:
            small.append(statement)
        else:
            waiting += reversed(_parts(statement, -(-characters // limit)))
    # The parts of a statement have its Sid, which is to be unique even among documents.
    return policy.statements if len(small) == len(policy.statements) else with_sids(small)


def _parts(statement: Statement, number: int) -> list[Statement]:
    """Return `statement` in `number` parts, or in as many as it can be divided into, but in two at least."""
    if len(statement.resources) > 1:
        return [replace(statement, resources=some) for some in _slices(statement.resources, number)]
    if len(statement.actions) > 1:
        return [replace(statement, actions=some) for some in _slices(statement.actions, number)]
    raise LpaError(
        f"{statement.actions[0]} on {statement.resources[0][:60]}... is longer than IAM takes in one policy",
        "shorten the names in the resource, or grant it by hand with a wildcard",
    )


def _slices(items: tuple[str, ...], number: int) -> list[tuple[str, ...]]:
    length = -(-len(items) // number)
    return [items[start : start + length] for start in range(0, len(items), length)]
