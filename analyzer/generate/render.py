"""Policies as the JSON that IAM takes: two spaces of indent, every value that can be a list a list, ASCII only."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import count

from analyzer.errors import LpaError
from analyzer.iam.document import CURRENT_VERSION
from analyzer.model.policy import Policy, Statement

_Rendered = dict[str, object]


def render(policy: Policy) -> str:
    """Return the policy document that `aws iam put-role-policy --policy-document` takes.

    A policy without statements gives an empty list of them, which says so and is read back by `lpa check`; IAM refuses
    to store one (MalformedPolicyDocument: https://github.com/otterize/intents-operator/pull/481), and needs none.
    """
    return _dump(_document(policy))


def render_statements(policy: Policy) -> str:
    """Return the statements of `policy` as JSON, to be put into another policy: one alone, several in a list."""
    statements = [_statement(statement) for statement in policy.statements]
    return json.dumps(statements[0] if len(statements) == 1 else statements, indent=2)


def render_extended(base: str, policy: Policy) -> str:
    """Return the policy document `base`, a JSON text, with the statements of `policy` behind its own.

    What is in `base` stays as it is written there, down to the order of keys; only the white space is made anew.
    """
    document = json.loads(base)
    own = document["Statement"]
    blocks = own if isinstance(own, list) else [own]
    taken = {block["Sid"] for block in blocks if "Sid" in block}
    added = [_statement(_with_free_sid(statement, taken)) for statement in policy.statements]
    return _dump({**document, "Statement": [*blocks, *added]})


def size(policy: Policy) -> int:
    """Return how many characters the document of `policy` has as IAM counts them: without white space between parts.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """
    return size_of(render(policy))


def size_of(document: str) -> int:
    """Return how many characters IAM counts in `document`, a JSON text."""
    return len(json.dumps(json.loads(document), separators=(",", ":")))


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


def _with_free_sid(statement: Statement, taken: set[str]) -> Statement:
    number = next(number for number in count(1) if _numbered(statement.sid, number) not in taken)
    taken.add(_numbered(statement.sid, number))
    return replace(statement, sid=_numbered(statement.sid, number))


def _numbered(sid: str, number: int) -> str:
    return sid if number == 1 else f"{sid}{number}"


def _dump(content: _Rendered) -> str:
    return json.dumps(content, indent=2) + "\n"


def _document(policy: Policy) -> _Rendered:
    return {"Version": CURRENT_VERSION, "Statement": [_statement(statement) for statement in policy.statements]}


def _statement(statement: Statement) -> _Rendered:
    rendered: _Rendered = {"Sid": statement.sid} if statement.sid else {}
    rendered["Effect"] = statement.effect
    # What was read from a file may name what it leaves out instead.
    rendered |= _either("Action", statement.actions, statement.not_actions)
    rendered |= _either("Resource", statement.resources, statement.not_resources)
    if statement.conditions:
        rendered["Condition"] = _conditions(statement)
    return rendered


def _either(element: str, values: tuple[str, ...], left_out: tuple[str, ...]) -> _Rendered:
    return {f"Not{element}": list(left_out)} if left_out else {element: list(values)}


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
