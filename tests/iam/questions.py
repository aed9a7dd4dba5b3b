"""Questions for engines that evaluate IAM policies: random ones, from alphabets so small that much of it matches.

A question is JSON through and through, as another engine is asked it; `answer` is what this project says.
"""

from __future__ import annotations

import json
import random
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from analyzer.iam.document import read_document
from analyzer.iam.evaluate import Allowed, Denied, Request, Unknown, evaluate
from analyzer.iam.pattern import escape
from analyzer.iam.positioned_json import parse_json
from analyzer.model.policy import Statement

Document = dict[str, Any]

ALLOWED = "allowed"
EXPLICITLY_DENIED = "explicitly denied"
IMPLICITLY_DENIED = "implicitly denied"
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Question:
    """Is `action` on `resource` allowed? Keys that `context` does not name are absent from the request."""

    identity: tuple[Document, ...]
    boundary: Document | None
    session: Document | None
    action: str
    resource: str
    context: dict[str, list[str]] = field(default_factory=dict)


def answer(question: Question) -> str:
    """Return this project's verdict in the words of the other engines, or UNKNOWN."""
    match evaluate(request(question), *policies(question)):
        case Allowed():
            return ALLOWED
        case Denied(statement=None):
            return IMPLICITLY_DENIED
        case Denied():
            return EXPLICITLY_DENIED
        case Unknown():
            return UNKNOWN


def request(question: Question, resource: str | None = None, hidden: Collection[str] = ()) -> Request:
    """Return the request of `question`, of which the keys `hidden` are not known and `resource` may be a pattern."""
    absent: dict[str, tuple[str, ...]] = dict.fromkeys((*KEYS, *MORE_KEYS), ())
    known = absent | {key: tuple(values) for key, values in question.context.items()}
    context = {key: values for key, values in known.items() if key not in hidden}
    return Request(question.action, resource or escape(question.resource), context=context)


def policies(question: Question) -> tuple[list[Statement], Sequence[Statement] | None, Sequence[Statement] | None]:
    """Return the statements of the identity-based policies of `question`, of its boundary and its session policy."""
    return (
        [statement for document in question.identity for statement in _statements(document)],
        None if question.boundary is None else _statements(question.boundary),
        None if question.session is None else _statements(question.session),
    )


def _statements(document: Document) -> tuple[Statement, ...]:
    return read_document(parse_json(json.dumps(document), "policy.json"))


# What is asked for, and patterns that match some of it.
_S3 = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject")
_OBJECTS = tuple(f"arn:aws:s3:::{name}" for name in ("b/x", "b/a/x", "b/jo/x", "c/x", "b/a:c/x"))
_QUEUES = tuple(f"arn:aws:sqs:{place}" for place in ("eu-west-1:123456789012:q", "us-east-1:123456789012:jobs"))
_TABLE = "arn:aws:dynamodb:eu-west-1:123456789012:table/jo"
_TARGETS = (
    *((action, resource) for action in _S3 for resource in _OBJECTS),
    *(("sqs:SendMessage", queue) for queue in _QUEUES),
    ("dynamodb:GetItem", _TABLE),
)
_ACTIONS = (
    "*", "*", "*", "s3:*", "s3:*", "s3:Get*", "s3:*Object", "s3:GetObject", "s3:getobject", "S3:PutObject",
    "s3:?etObject", "s3:ListBucket", "sqs:*", "sqs:SendMessage", "dynamodb:*Item", "sqs:Send?essage",
)  # fmt: skip
_RESOURCES = (
    "*", "*", "*", "*", "*", "arn:aws:s3:::*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/x", "arn:aws:s3:::?/x",
    "arn:aws:s3:::B/x", "arn:aws:s3:::b/*/x", "arn:aws:s3:::*/x", "arn:aws:s3:::b/a*", "arn:aws:s3:::b/${*}",
    "arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/${aws:PrincipalTag/team}",
    "arn:aws:s3:::b/${aws:PrincipalTag/team, 'x'}", "arn:aws:s3:::${aws:PrincipalTag/team}/${aws:username}",
    "arn:aws:sqs:*:*:q", "arn:aws:sqs:eu-*:123456789012:*", "arn:aws:sqs", "arn:aws:sqs:*:123456789012",
    "arn:aws:dynamodb:*:*:table/${aws:username}", "arn:aws:dynamodb:eu-west-1:123456789012:table/*",
)  # fmt: skip

# Not the empty string: what becomes of a variable for it is not said.
_NAMES = ("jo", "Jo", "al", "b", "x", "j*", "*")
_STRINGS = (
    "jo", "JO", "al", "j*", "?o", "*", "", "b", "${aws:username}", "${aws:PrincipalTag/team}",
    "${aws:PrincipalTag/team, 'jo'}", "j${*}", "${aws:username}*",
)  # fmt: skip
_DATES = (
    "2020-01-01T00:00:00Z", "2020-01-01T01:00:00+01:00", "2020-06-01T12:00:00Z", "2020-06-01", "1577836800",
    "1591012801",
)  # fmt: skip
_ARNS = (
    "arn:aws:sns:eu-west-1:123456789012:t", "arn:aws:sns:us-east-1:123456789012:t", "arn:aws:s3:::b",
    "arn:aws:lambda:eu-west-1:123456789012:function:f:1",
)  # fmt: skip
_ARN_PATTERNS = (
    *_ARNS, "arn:aws:sns:*:123456789012:?", "arn:aws:s3:::*", "arn:aws:*:*:*:*", "arn:aws:lambda:*:*:function:*:1",
    "arn:aws:s3:::${aws:PrincipalTag/team}",
)  # fmt: skip


@dataclass(frozen=True)
class _Key:
    operators: tuple[str, ...]
    values: tuple[str, ...]
    tested: tuple[str, ...]
    many: bool = False


_STRING_OPERATORS = tuple(
    f"String{name}" for name in ("Equals", "NotEquals", "EqualsIgnoreCase", "NotEqualsIgnoreCase", "Like", "NotLike")
)
_ORDERS = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
KEYS = {
    "aws:username": _Key(_STRING_OPERATORS, _NAMES, _STRINGS),
    "aws:PrincipalTag/team": _Key(_STRING_OPERATORS, _NAMES, _STRINGS),
    "aws:TagKeys": _Key(_STRING_OPERATORS, (*_NAMES, ""), _STRINGS, many=True),
    "aws:MultiFactorAuthAge": _Key(
        tuple(f"Numeric{order}" for order in _ORDERS), ("0", "9", "10", "10.0", "100"), ("0", "9", "10", "10.5", "99")
    ),
    "aws:CurrentTime": _Key(tuple(f"Date{order}" for order in _ORDERS), _DATES[:4], _DATES),
    "aws:SecureTransport": _Key(("Bool",), ("true", "false"), ("true", "false")),
    "aws:SourceIp": _Key(
        ("IpAddress", "NotIpAddress"),
        ("10.0.0.1", "10.1.0.1", "192.0.2.7", "2001:db8::1"),
        ("10.0.0.0/16", "10.0.0.0/8", "192.0.2.7", "2001:DB8::/32", "0.0.0.0/0"),
    ),
    "aws:SourceArn": _Key(("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"), _ARNS, _ARN_PATTERNS),
}
# Keys that no engine knows, so that one which knows the types of keys cannot be asked about them; the last one no
# request has.
MORE_KEYS = {"app:Key": _Key(("BinaryEquals",), ("QQ==", "QUI="), ("QQ==", "Qg==")), "app:Never": _Key((), (), ())}


def random_questions(seed: int, number: int) -> Iterator[Question]:
    """Yield `number` questions on all that the policy language has; those of one `seed` are always the same."""
    dice = random.Random(seed)
    for _ in range(number):
        has_session = dice.random() < 0.25
        keys = KEYS if has_session else KEYS | {"app:Key": MORE_KEYS["app:Key"]}
        action, resource = dice.choice(_TARGETS)
        yield Question(
            identity=tuple(_document(dice, keys, 0.25) for _ in range(dice.choice((1, 1, 2, 3)))),
            boundary=_document(dice, keys, 0.15) if dice.random() < 0.4 else None,
            session=_document(dice, KEYS, 0.15) if has_session else None,
            action=action,
            resource=resource,
            context={key: _values(dice, keys[key]) for key in keys if dice.random() < 0.6},
        )


def random_plain_questions(seed: int, number: int, targets: Sequence[tuple[str, str]]) -> Iterator[Question]:
    """Yield `number` questions on `targets` that need no more than Effect, Action, NotAction, Resource and `*`."""
    dice = random.Random(seed)
    actions = ("*", "s3:*", "s3:Get*", "s3:*Object", "sqs:*", "s3:L*", *sorted({action for action, _ in targets}))
    resources = sorted({resource for _, resource in targets})

    def resource() -> str:
        if dice.random() < 0.2:
            return "*"
        segments = dice.choice(resources).split(":", 5)
        for place in (3, 4):
            segments[place] = "*" if segments[place] and dice.random() < 0.3 else segments[place]
        start, end = sorted(dice.choices(range(len(segments[5]) + 1), k=2))
        if dice.random() < 0.7:
            segments[5] = f"{segments[5][:start]}*{segments[5][end:]}"
        return ":".join(segments)

    def statement() -> Document:
        element = "NotAction" if dice.random() < 0.2 else "Action"
        return {
            "Effect": "Deny" if dice.random() < 0.3 else "Allow",
            element: _one_or_more(dice, actions),
            "Resource": [resource() for _ in range(dice.choice((1, 2, 3)))],
        }

    for _ in range(number):
        documents: list[Document] = [
            {"Version": "2012-10-17", "Statement": [statement() for _ in range(dice.choice((1, 2, 3)))]}
            for _ in range(dice.choice((1, 2)))
        ]
        yield Question(tuple(documents), None, None, *dice.choice(targets))


def _document(dice: random.Random, keys: dict[str, _Key], denials: float) -> Document:
    version = "2008-10-17" if dice.random() < 0.05 else "2012-10-17"
    statements = [_statement(dice, keys, denials) for _ in range(dice.choice((1, 1, 2, 3)))]
    return {"Version": version, "Statement": statements}


def _statement(dice: random.Random, keys: dict[str, _Key], denials: float) -> Document:
    statement: Document = {"Effect": "Deny" if dice.random() < denials else "Allow"}
    statement["NotAction" if dice.random() < 0.12 else "Action"] = _one_or_more(dice, _ACTIONS)
    statement["NotResource" if dice.random() < 0.12 else "Resource"] = _one_or_more(dice, _RESOURCES)
    conditions: Document = {}
    while dice.random() < 0.4:
        key = dice.choice(sorted(keys))
        operator, values = _test(dice, keys[key])
        conditions.setdefault(operator, {})[key] = values
    if conditions:
        statement["Condition"] = conditions
    return statement


def _test(dice: random.Random, key: _Key) -> tuple[str, str | list[str]]:
    if dice.random() < 0.12:
        return "Null", dice.choice(("true", "false"))
    operator = dice.choice(key.operators)
    if dice.random() < (0.9 if key.many else 0.05):
        operator = f"{dice.choice(('ForAllValues', 'ForAnyValue'))}:{operator}"
    if dice.random() < 0.25:
        operator += "IfExists"
    return operator, _one_or_more(dice, key.tested)


def _values(dice: random.Random, key: _Key) -> list[str]:
    return dice.sample(key.values, dice.choice((1, 2, 3)) if key.many else 1)


def _one_or_more(dice: random.Random, choices: Sequence[str]) -> str | list[str]:
    number = dice.choice((0, 1, 2))
    return dice.sample(choices, number) if number else dice.choice(choices)
