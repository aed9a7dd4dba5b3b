"""Policies as the JSON that IAM takes: two spaces of indent, every value that can be a list a list, ASCII only."""

from __future__ import annotations

import json
from typing import Final

from analyzer.errors import LpaError
from analyzer.iam.document import CURRENT_VERSION
from analyzer.model.policy import Policy, Statement

# "You can add as many inline policies as you want to an IAM [...] role. But the total aggregate policy size [...]
# can't exceed [...] Role policy size can't exceed 10,240 characters"; white space is not counted.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_INLINE_LIMIT: Final = 10_240

_Rendered = dict[str, object]


def render(policy: Policy) -> str:
    """Return the policy document that `aws iam put-role-policy --policy-document` takes.

    A policy without statements gives an empty list of them, which says so and is read back by `lpa check`; IAM refuses
    to store one (MalformedPolicyDocument: https://github.com/otterize/intents-operator/pull/481), and needs none.
    """
    return _dump(_document(policy))


def render_role(policy: Policy, name: str, trust_service: str = "lambda.amazonaws.com") -> str:
    """Return the role `name`, which `trust_service` can assume, with `policy` inside.

    In the shape of a RoleDetail: https://docs.aws.amazon.com/IAM/latest/APIReference/API_RoleDetail.html. A policy
    without statements is left out, as IAM refuses it.
    """
    trust = {"Effect": "Allow", "Principal": {"Service": [trust_service]}, "Action": ["sts:AssumeRole"]}
    inline = [{"PolicyName": name, "PolicyDocument": _document(policy)}] if policy.statements else []
    return _dump(
        {
            "RoleName": name,
            "AssumeRolePolicyDocument": {"Version": CURRENT_VERSION, "Statement": [trust]},
            "RolePolicyList": inline,
            "AttachedManagedPolicies": [],
        }
    )


def notes(policy: Policy) -> tuple[str, ...]:
    """Return what whoever attaches `policy` has to know, each in one line."""
    if not policy.statements:
        return ("the program needs no permissions: attach no policy, IAM refuses one without statements",)
    size = len(json.dumps(_document(policy), separators=(",", ":")))
    if size > _INLINE_LIMIT:
        return (f"the policy has {size:,} characters, IAM takes {_INLINE_LIMIT:,} of inline policies in a role",)
    return ()


def _dump(content: _Rendered) -> str:
    return json.dumps(content, indent=2) + "\n"


def _document(policy: Policy) -> _Rendered:
    return {"Version": CURRENT_VERSION, "Statement": [_statement(statement) for statement in policy.statements]}


def _statement(statement: Statement) -> _Rendered:
    rendered: _Rendered = {
        "Sid": statement.sid,
        "Effect": statement.effect,
        "Action": list(statement.actions),
        "Resource": list(statement.resources),
    }
    if statement.conditions:
        rendered["Condition"] = _conditions(statement)
    return rendered


def _conditions(statement: Statement) -> dict[str, dict[str, list[str]]]:
    rendered: dict[str, dict[str, list[str]]] = {}
    for condition in statement.conditions:
        tests = rendered.setdefault(condition.operator, {})
        if condition.key in tests:
            raise LpaError(
                f"{statement.sid} tests {condition.key} twice with {condition.operator}, which JSON cannot say",
                "this is a defect of the rule that adds the condition: please report it",
            )
        tests[condition.key] = list(condition.values)
    return rendered
