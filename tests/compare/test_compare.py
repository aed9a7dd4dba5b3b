from __future__ import annotations

import json
from dataclasses import dataclass, field, replace

import pytest

from analyzer.compare import compare
from analyzer.generate import generate
from analyzer.iam.role import read_policy
from analyzer.model.calls import ApiCall, Via
from analyzer.model.location import Location
from analyzer.model.policy import Comparison, Policy, PolicyKind, PolicyReference, ReferenceKind, Statement
from analyzer.model.requirements import BASE_RULE, AnyResource, Arns, Condition, Reason, Requirement
from analyzer.model.values import Mapping

CALL = ApiCall("s3", "GetObject", Mapping(()), Via.DIRECT, Location("app.py", 1, 1, 1, 9))
PASSED = Condition("StringEquals", "iam:PassedToService", ("lambda.amazonaws.com",))
PASSED_ONLY = "under StringEquals iam:PassedToService lambda.amazonaws.com"
UNSEEN = Condition("StringEquals", "aws:SourceVpce", ("vpce-1",))

TABLE = "arn:aws:dynamodb:eu-west-1:123456789012:table/"
ANY_TABLE = "arn:aws:dynamodb:*:*:table/"


def need(
    action: str,
    *patterns: str,
    unpinned: str = "--account, --region",
    conditions: tuple[Condition, ...] = (),
    optional: tuple[Condition, ...] = (),
) -> Requirement:
    scope = (
        Arns(tuple(sorted(patterns)), tuple(filter(None, unpinned.split(", "))))
        if patterns
        else AnyResource("it takes no resource")
    )
    return Requirement(action, scope, conditions, (Reason(CALL, BASE_RULE),), optional)


def allow(actions: str, resources: str, *conditions: Condition) -> Statement:
    return Statement("Allow", tuple(actions.split()), tuple(resources.split()), conditions)


def deny(actions: str, resources: str) -> Statement:
    return Statement("Deny", tuple(actions.split()), tuple(resources.split()))


LOGS = [
    need(f"logs:{name}", "arn:aws:logs:*:*:log-group:/aws/lambda/*:*")
    for name in ("CreateLogGroup", "CreateLogStream", "PutLogEvents")
]
LOG_ACTIONS = "logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents"


@dataclass(frozen=True)
class Case:
    """What is needed and granted, and what a comparison has to say, in short.

    Missing: action, patterns. Unused: action. Too broad: action, resources that are too wide, what would do.
    Undecided: the action, or `statement` or `reference`.
    """

    needs: list[Requirement]
    granted: list[Statement]
    covered: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    broad: list[tuple[str, str, str]] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    platform: list[Requirement] = field(default_factory=list)
    asked: bool = False


CASES = {
    "nothing and nothing": Case([], []),
    "just right": Case(
        [need("s3:GetObject", "arn:aws:s3:::b/*")],
        [allow("s3:GetObject", "arn:aws:s3:::b/*")],
        covered=["s3:GetObject"],
    ),
    "not granted": Case([need("s3:GetObject", "arn:aws:s3:::b/*")], [], missing=["s3:GetObject arn:aws:s3:::b/*"]),
    "granted on another bucket": Case(
        [need("s3:GetObject", "arn:aws:s3:::b/*")],
        [allow("s3:GetObject", "arn:aws:s3:::c/*")],
        missing=["s3:GetObject arn:aws:s3:::b/*"],
        unused=["s3:GetObject"],
    ),
    "one pattern of two": Case(
        [need("s3:GetObject", "arn:aws:s3:::b/*", "arn:aws:s3:::c/*")],
        [allow("s3:GetObject", "arn:aws:s3:::c/*")],
        missing=["s3:GetObject arn:aws:s3:::b/*"],
    ),
    "denied": Case(
        [need("s3:GetObject", "arn:aws:s3:::b/*")],
        [allow("s3:GetObject", "arn:aws:s3:::b/*"), deny("s3:*", "*")],
        missing=["s3:GetObject arn:aws:s3:::b/* denied"],
    ),
    "a case that IAM ignores": Case(
        [need("s3:GetObject", "arn:aws:s3:::b/*")],
        [allow("S3:getobject", "arn:aws:s3:::b/*")],
        covered=["s3:GetObject"],
    ),
    "an action that does not exist": Case([], [allow("s3:GetObjects", "*")], unused=["s3:GetObjects"]),
    "no resource to name": Case(
        [need("s3:ListAllMyBuckets")], [allow("s3:ListAllMyBuckets", "*")], covered=["s3:ListAllMyBuckets"]
    ),
    "no resource to name, granted on some": Case(
        [need("s3:ListAllMyBuckets")],
        [allow("s3:ListAllMyBuckets", "arn:aws:s3:::b")],
        missing=["s3:ListAllMyBuckets *"],
        unused=["s3:ListAllMyBuckets"],
    ),
    # What nobody said of the region and the account.
    "a concrete region and account": Case(
        [need("dynamodb:GetItem", ANY_TABLE + "orders")],
        [allow("dynamodb:GetItem", TABLE + "orders")],
        covered=["dynamodb:GetItem"],
    ),
    "two regions": Case(
        [need("dynamodb:GetItem", ANY_TABLE + "orders")],
        [allow("dynamodb:GetItem", f"{TABLE}orders {TABLE.replace('west', 'central')}orders")],
        covered=["dynamodb:GetItem"],
    ),
    "any region and account": Case(
        [need("dynamodb:GetItem", ANY_TABLE + "orders")],
        [allow("dynamodb:GetItem", ANY_TABLE + "orders")],
        covered=["dynamodb:GetItem"],
    ),
    "any region, though it is said": Case(
        [need("dynamodb:GetItem", TABLE + "orders", unpinned="")],
        [allow("dynamodb:GetItem", ANY_TABLE + "orders")],
        covered=["dynamodb:GetItem"],
        broad=[("dynamodb:GetItem", ANY_TABLE + "orders", f"dynamodb:GetItem on {TABLE}orders")],
    ),
    "another table": Case(
        [need("dynamodb:GetItem", ANY_TABLE + "orders")],
        [allow("dynamodb:GetItem", TABLE + "users")],
        missing=[f"dynamodb:GetItem {ANY_TABLE}orders"],
        unused=["dynamodb:GetItem"],
    ),
    "a denied region": Case(
        [need("dynamodb:GetItem", ANY_TABLE + "orders")],
        [allow("dynamodb:GetItem", ANY_TABLE + "orders"), deny("*", TABLE + "*")],
        undecided=["dynamodb:GetItem"],
    ),
    # A name that is not known.
    "an unknown table, one granted": Case(
        [need("dynamodb:GetItem", ANY_TABLE + "*", unpinned="--account, --env TABLE, --region")],
        [allow("dynamodb:GetItem", TABLE + "orders")],
        undecided=["dynamodb:GetItem"],
    ),
    "an unknown table, all granted": Case(
        [need("dynamodb:GetItem", ANY_TABLE + "*", unpinned="--account, --env TABLE, --region")],
        [allow("dynamodb:GetItem", TABLE + "*")],
        covered=["dynamodb:GetItem"],
    ),
    "a name of which the beginning is known": Case(
        [need("dynamodb:GetItem", ANY_TABLE + "prod-*", unpinned="--account, --env TABLE, --region")],
        [allow("dynamodb:GetItem", TABLE + "dev-orders")],
        missing=[f"dynamodb:GetItem {ANY_TABLE}prod-*"],
        unused=["dynamodb:GetItem"],
    ),
    "a secret by its ARN": Case(
        [need("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:*:*:secret:db-??????")],
        [allow("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf")],
        covered=["secretsmanager:GetSecretValue"],
    ),
    # Too broad.
    "an action wildcard": Case(
        [need("s3:GetObject", "arn:aws:s3:::b/*")],
        [allow("s3:Get*", "arn:aws:s3:::b/*")],
        covered=["s3:GetObject"],
        broad=[("s3:Get*", "", "s3:GetObject on arn:aws:s3:::b/*")],
    ),
    "an action wildcard that stands for what is needed": Case(
        [need("s3:GetObjectAcl", "arn:aws:s3:::b/*")],
        [allow("s3:GetObjectAc?", "arn:aws:s3:::b/*")],
        covered=["s3:GetObjectAcl"],
    ),
    "everything": Case(
        [need("dynamodb:GetItem", ANY_TABLE + "orders"), need("s3:ListAllMyBuckets")],
        [allow("*", "*")],
        covered=["dynamodb:GetItem", "s3:ListAllMyBuckets"],
        # One action needs the resource `*` as a whole, the other one does not.
        broad=[("*", "*", f"dynamodb:GetItem on {ANY_TABLE}orders; s3:ListAllMyBuckets on *")],
    ),
    "a resource wildcard, narrowed where the grant is": Case(
        [need("dynamodb:GetItem", ANY_TABLE + "orders")],
        [allow("dynamodb:GetItem", TABLE + "*")],
        covered=["dynamodb:GetItem"],
        broad=[("dynamodb:GetItem", TABLE + "*", f"dynamodb:GetItem on {TABLE}orders")],
    ),
    "a resource beside the needed one": Case(
        [need("dynamodb:GetItem", ANY_TABLE + "orders")],
        [allow("dynamodb:GetItem", f"{TABLE}orders {TABLE}users")],
        covered=["dynamodb:GetItem"],
        broad=[("dynamodb:GetItem", TABLE + "users", f"dynamodb:GetItem on {TABLE}orders")],
    ),
    "actions on what they do not take": Case(
        [need("s3:GetObject", "arn:aws:s3:::b/*"), need("s3:ListBucket", "arn:aws:s3:::b")],
        [allow("s3:GetObject s3:ListBucket", "arn:aws:s3:::b arn:aws:s3:::b/*")],
        covered=["s3:GetObject", "s3:ListBucket"],
    ),
    "a table and its indexes": Case(
        [
            need("dynamodb:Query", ANY_TABLE + "orders", ANY_TABLE + "orders/index/by-day"),
            need("dynamodb:PutItem", ANY_TABLE + "orders"),
        ],
        [allow("dynamodb:PutItem dynamodb:Query", f"{TABLE}orders {TABLE}orders/index/*")],
        covered=["dynamodb:Query", "dynamodb:PutItem"],
        broad=[
            (
                "dynamodb:Query",
                TABLE + "orders/index/*",
                f"dynamodb:Query on {TABLE}orders {TABLE}orders/index/by-day",
            )
        ],
    ),
    # Conditions.
    "granted under a condition": Case(
        [need("s3:GetObject", "arn:aws:s3:::b/*")],
        [allow("s3:GetObject", "arn:aws:s3:::b/*", UNSEEN)],
        undecided=["s3:GetObject"],
    ),
    "granted under the condition that it is needed for": Case(
        [need("iam:PassRole", "arn:aws:iam::*:role/r", conditions=(PASSED,))],
        [allow("iam:PassRole", "arn:aws:iam::123456789012:role/r", PASSED)],
        covered=["iam:PassRole"],
    ),
    "granted on more under a condition": Case(
        [need("s3:GetObject", "arn:aws:s3:::b/*")],
        [allow("s3:GetObject", "*", UNSEEN)],
        undecided=["s3:GetObject", "statement"],
    ),
    "not used, under a condition": Case([], [allow("s3:GetObject", "*", UNSEEN)], unused=["s3:GetObject"]),
    "allowed under a condition that does not hold": Case(
        [need("iam:PassRole", "arn:aws:iam::1:role/r", conditions=(PASSED,))],
        [allow("iam:PassRole", "arn:aws:iam::1:role/r", Condition("StringLike", "iam:PassedToService", ("ec2.*",)))],
        missing=["iam:PassRole arn:aws:iam::1:role/r"],
        unused=["iam:PassRole"],
    ),
    "allowed under a condition that holds by wildcard": Case(
        [need("iam:PassRole", "arn:aws:iam::1:role/r", conditions=(PASSED,))],
        [allow("iam:PassRole", "arn:aws:iam::1:role/r", Condition("StringLike", "iam:PassedToService", ("lambda.*",)))],
        covered=["iam:PassRole"],
        broad=[("iam:PassRole", "", f"iam:PassRole on arn:aws:iam::1:role/r {PASSED_ONLY}")],
    ),
    # What cannot be judged.
    "NotAction": Case(
        [need("s3:GetObject", "arn:aws:s3:::b/*")],
        [Statement("Allow", (), ("*",), not_actions=("iam:*",))],
        covered=["s3:GetObject"],
        undecided=["statement"],
    ),
    "NotResource": Case(
        [need("s3:GetObject", "arn:aws:s3:::b/*")],
        [Statement("Allow", ("s3:GetObject",), (), not_resources=("arn:aws:s3:::c/*",))],
        covered=["s3:GetObject"],
        undecided=["statement"],
    ),
    # The platform's own permissions.
    "logs that nobody asked for": Case([], [allow(LOG_ACTIONS, "*")], platform=LOGS),
    "logs where the platform has none": Case([], [allow("logs:PutLogEvents", "*")], unused=["logs:PutLogEvents"]),
    "logs by wildcard": Case(
        [],
        [allow("logs:*", "*")],
        broad=[("logs:*", "", f"{LOG_ACTIONS} on arn:aws:logs:*:*:log-group:/aws/lambda/*:*")],
        platform=LOGS,
    ),
    "logs that are asked for are judged": Case(
        LOGS[2:],
        [allow("logs:PutLogEvents", "*")],
        covered=["logs:PutLogEvents"],
        broad=[("logs:PutLogEvents", "*", "logs:PutLogEvents on arn:aws:logs:*:*:log-group:/aws/lambda/*:*")],
        platform=LOGS,
    ),
    "what the platform may do anywhere is no replacement": Case(
        LOGS[2:],
        [allow("logs:PutLogEvents", "*")],
        covered=["logs:PutLogEvents"],
        broad=[("logs:PutLogEvents", "*", "logs:PutLogEvents on arn:aws:logs:*:*:log-group:/aws/lambda/*:*")],
        platform=[need("logs:PutLogEvents", "*")],
    ),
}


PREFIX = Condition("StringLike", "s3:prefix", ("a/*",))
OTHER_PREFIX = Condition("StringLike", "s3:prefix", ("b/*",))
BOTH_PREFIXES = Condition("StringLike", "s3:prefix", ("a/*", "b/*"))
SYMBOL = "${Orders.Arn}"
IN_B = "arn:aws:s3:::b"
NO_DELETION = deny("s3:DeleteObject", "*")


def listing(*conditions: Condition) -> Requirement:
    return need("s3:ListBucket", IN_B, conditions=conditions, optional=conditions)


CASES |= {
    # Conditions that a rule asks for.
    "a role passed to any service": Case(
        [need("iam:PassRole", "arn:aws:iam::1:role/r", conditions=(PASSED,))],
        [allow("iam:PassRole", "arn:aws:iam::1:role/r")],
        covered=["iam:PassRole"],
        broad=[("iam:PassRole", "", f"iam:PassRole on arn:aws:iam::1:role/r {PASSED_ONLY}")],
    ),
    "a role passed to one service more": Case(
        [need("iam:PassRole", "arn:aws:iam::1:role/r", conditions=(PASSED,))],
        [
            allow(
                "iam:PassRole",
                "arn:aws:iam::1:role/r",
                Condition("StringEquals", "iam:PassedToService", ("ec2.amazonaws.com", "lambda.amazonaws.com")),
            )
        ],
        covered=["iam:PassRole"],
        broad=[("iam:PassRole", "", f"iam:PassRole on arn:aws:iam::1:role/r {PASSED_ONLY}")],
    ),
    "any role passed to any service": Case(
        [need("iam:PassRole", "arn:aws:iam::1:role/r", conditions=(PASSED,))],
        [allow("iam:PassRole", "*")],
        covered=["iam:PassRole"],
        broad=[("iam:PassRole", "*", f"iam:PassRole on arn:aws:iam::1:role/r {PASSED_ONLY}")],
    ),
    "a role passed under one condition more": Case(
        [need("iam:PassRole", "arn:aws:iam::1:role/r", conditions=(PASSED,))],
        [allow("iam:PassRole", "arn:aws:iam::1:role/r", UNSEEN)],
        undecided=["iam:PassRole"],
        broad=[
            (
                "iam:PassRole",
                "",
                f"iam:PassRole on arn:aws:iam::1:role/r under StringEquals aws:SourceVpce vpce-1 {PASSED_ONLY}",
            )
        ],
    ),
    # Conditions that no rule asks for.
    "optional conditions, not asked for": Case(
        [listing(PREFIX)], [allow("s3:ListBucket", IN_B)], covered=["s3:ListBucket"]
    ),
    "optional conditions, asked for": Case(
        [listing(PREFIX)],
        [allow("s3:ListBucket", IN_B)],
        covered=["s3:ListBucket"],
        broad=[("s3:ListBucket", "", "s3:ListBucket on arn:aws:s3:::b under StringLike s3:prefix a/*")],
        asked=True,
    ),
    "optional conditions of some calls only": Case(
        [listing(PREFIX), listing()],
        [allow("s3:ListBucket", IN_B)],
        covered=["s3:ListBucket", "s3:ListBucket"],
        asked=True,
    ),
    "optional conditions, granted though not asked for": Case(
        [listing(PREFIX)], [allow("s3:ListBucket", IN_B, PREFIX)], covered=["s3:ListBucket"]
    ),
    "a bucket more under a condition that the calls meet": Case(
        [listing(PREFIX)],
        [allow("s3:ListBucket", "arn:aws:s3:::*", PREFIX)],
        covered=["s3:ListBucket"],
        broad=[("s3:ListBucket", "arn:aws:s3:::*", "s3:ListBucket on arn:aws:s3:::b under StringLike s3:prefix a/*")],
    ),
    "several alternatives, each used": Case(
        [listing(PREFIX), listing(OTHER_PREFIX)],
        [allow("s3:ListBucket", IN_B, BOTH_PREFIXES)],
        covered=["s3:ListBucket", "s3:ListBucket"],
        asked=True,
    ),
    "several alternatives, one used": Case(
        [listing(PREFIX)],
        [allow("s3:ListBucket", IN_B, BOTH_PREFIXES)],
        covered=["s3:ListBucket"],
        broad=[("s3:ListBucket", "", "s3:ListBucket on arn:aws:s3:::b under StringLike s3:prefix a/*")],
        asked=True,
    ),
    "two calls lack it": Case([listing(PREFIX), listing(OTHER_PREFIX)], [], missing=["s3:ListBucket arn:aws:s3:::b"]),
    "one call of two has it": Case(
        [listing(PREFIX), listing(OTHER_PREFIX)],
        [allow("s3:ListBucket", IN_B, PREFIX)],
        covered=["s3:ListBucket"],
        missing=["s3:ListBucket arn:aws:s3:::b"],
    ),
    # What a Deny takes away.
    "an action of many, the others denied": Case(
        [need("dynamodb:BatchGetItem", ANY_TABLE + "orders")],
        [allow("dynamodb:Batch*", TABLE + "orders"), deny("dynamodb:BatchWriteItem", "*")],
        covered=["dynamodb:BatchGetItem"],
    ),
    "an action of many, another one denied": Case(
        [need("s3:GetObject", "arn:aws:s3:::b/*")],
        [allow("s3:*", "arn:aws:s3:::b/*"), NO_DELETION],
        covered=["s3:GetObject"],
        broad=[("s3:*", "", "s3:GetObject on arn:aws:s3:::b/*")],
    ),
    "not used and denied": Case([], [allow("s3:DeleteObject", "*"), NO_DELETION]),
    "not used and denied in part": Case(
        [], [allow("s3:DeleteObject", "*"), deny("s3:DeleteObject", "arn:aws:s3:::b/*")], unused=["s3:DeleteObject"]
    ),
    "all resources, all but the needed ones denied": Case(
        [need("s3:GetObject", "arn:aws:s3:::b/*")],
        [
            allow("s3:GetObject", "*"),
            Statement("Deny", ("s3:*",), (), not_resources=("arn:aws:s3:::b", "arn:aws:s3:::b/*")),
        ],
        covered=["s3:GetObject"],
    ),
    "all resources, all but more than the needed ones denied": Case(
        [need("s3:GetObject", "arn:aws:s3:::b/*")],
        [allow("s3:GetObject", "*"), Statement("Deny", ("*",), (), not_resources=("arn:aws:s3:::b*",))],
        covered=["s3:GetObject"],
        broad=[("s3:GetObject", "*", "s3:GetObject on arn:aws:s3:::b/*")],
    ),
    "all actions, all but the needed one denied": Case(
        [need("s3:GetObject", "arn:aws:s3:::b/*")],
        [allow("s3:*", "arn:aws:s3:::b/*"), Statement("Deny", (), ("*",), not_actions=("s3:GetObject",))],
        covered=["s3:GetObject"],
    ),
    # What a template names and gives no text for.
    "a symbol": Case(
        [need("dynamodb:GetItem", SYMBOL, unpinned="")],
        [allow("dynamodb:GetItem", SYMBOL)],
        covered=["dynamodb:GetItem"],
    ),
    "a symbol and more": Case(
        [need("dynamodb:Query", f"{SYMBOL}/index/by-day", unpinned="")],
        [allow("dynamodb:Query", f"{SYMBOL}/index/*")],
        covered=["dynamodb:Query"],
        broad=[("dynamodb:Query", f"{SYMBOL}/index/*", f"dynamodb:Query on {SYMBOL}/index/by-day")],
    ),
    "a symbol, all granted": Case(
        [need("dynamodb:GetItem", SYMBOL, unpinned="")],
        [allow("dynamodb:GetItem", "*")],
        covered=["dynamodb:GetItem"],
        broad=[("dynamodb:GetItem", "*", f"dynamodb:GetItem on {SYMBOL}")],
    ),
    "another symbol": Case(
        [need("dynamodb:GetItem", SYMBOL, unpinned="")],
        [allow("dynamodb:GetItem", "${Users.Arn}")],
        missing=[f"dynamodb:GetItem {SYMBOL}"],
        unused=["dynamodb:GetItem"],
    ),
    "a symbol, and a name that it may stand for": Case(
        [need("dynamodb:GetItem", SYMBOL, unpinned="")],
        [allow("dynamodb:GetItem", TABLE + "orders")],
        undecided=["dynamodb:GetItem"],
    ),
    "a symbol, and names of which it may stand for one": Case(
        [need("dynamodb:GetItem", SYMBOL, unpinned="")],
        [allow("dynamodb:GetItem", TABLE + "orders*")],
        undecided=["dynamodb:GetItem"],
        broad=[("dynamodb:GetItem", TABLE + "orders*", f"dynamodb:GetItem on {SYMBOL}")],
    ),
    # Each action for itself.
    "two actions by one wildcard, one on all": Case(
        [need("dynamodb:BatchGetItem", ANY_TABLE + "*"), need("dynamodb:BatchWriteItem", ANY_TABLE + "orders")],
        [allow("dynamodb:Batch*Item", TABLE + "*")],
        covered=["dynamodb:BatchGetItem", "dynamodb:BatchWriteItem"],
        broad=[
            (
                "dynamodb:Batch*Item",
                TABLE + "*",
                f"dynamodb:BatchGetItem on {TABLE}*; dynamodb:BatchWriteItem on {TABLE}orders",
            )
        ],
    ),
}


def statement_in_short(made: Statement) -> str:
    tests = [f"under {test.operator} {test.key} {' '.join(test.values)}" for test in made.conditions]
    return " ".join([*made.actions, "on", *made.resources, *tests])


def in_short(comparison: Comparison) -> dict[str, list[object]]:
    return {
        "covered": [covered.requirement.action for covered in comparison.covered],
        "missing": [
            f"{missing.requirement.action} {' '.join(missing.patterns)}{' denied' if missing.denied_by else ''}"
            for missing in comparison.missing
        ],
        "unused": [unused.action for unused in comparison.unused],
        "broad": [
            (
                broad.action,
                " ".join(broad.too_wide),
                "; ".join(map(statement_in_short, broad.replacement)),
            )
            for broad in comparison.too_broad
        ],
        "undecided": [
            undecided.subject.action
            if isinstance(undecided.subject, Requirement)
            else "statement"
            if isinstance(undecided.subject, Statement)
            else "reference"
            for undecided in comparison.undecided
        ],
    }


@pytest.mark.parametrize("name", CASES)
def test_compare(name: str) -> None:
    case = CASES[name]
    result = in_short(compare(case.needs, Policy(tuple(case.granted)), case.platform, conditions=case.asked))
    assert result == {kind: getattr(case, kind) for kind in result}


def test_a_managed_policy_that_is_not_seen_may_grant_what_is_missing() -> None:
    reference = PolicyReference(
        "arn:aws:iam::aws:policy/X", ReferenceKind.MANAGED_POLICY, Location("r.json", 3, 1, 3, 9)
    )
    granted = Policy((deny("s3:*", "*"),), (reference,))
    needs = [need("sqs:SendMessage", "arn:aws:sqs:*:*:q"), need("s3:GetObject", "arn:aws:s3:::b/*")]
    comparison = compare(needs, granted)
    assert in_short(comparison)["missing"] == ["s3:GetObject arn:aws:s3:::b/* denied"]
    assert in_short(comparison)["undecided"] == ["sqs:SendMessage", "reference"]
    assert reference.arn in comparison.undecided[0].why


def test_a_boundary_that_is_not_seen_grants_nothing() -> None:
    reference = PolicyReference("arn:aws:iam::1:policy/B", ReferenceKind.BOUNDARY, Location("r.json", 3, 1, 3, 9))
    comparison = compare([need("sqs:SendMessage", "arn:aws:sqs:*:*:q")], Policy((), (reference,)))
    assert in_short(comparison)["missing"] == ["sqs:SendMessage arn:aws:sqs:*:*:q"]
    assert in_short(comparison)["undecided"] == ["reference"]


GET = need("s3:GetObject", "arn:aws:s3:::b/*")


@dataclass(frozen=True)
class Limited:
    """What is granted, within which limits, and what is then said of the need to get objects."""

    granted: list[Statement]
    boundary: list[Statement] | None = None
    session: list[Statement] | None = None
    covered: bool = False
    kinds: tuple[PolicyKind, ...] = ()
    denied: bool = False
    why: str = ""


ALL, READ, QUEUES = allow("*", "*"), allow("s3:GetObject", "*"), allow("sqs:*", "*")
LIMITED = {
    "within the boundary": Limited([READ], boundary=[ALL], covered=True),
    "beyond the boundary": Limited([READ], boundary=[QUEUES], kinds=(PolicyKind.BOUNDARY,)),
    "an empty boundary": Limited([READ], boundary=[], kinds=(PolicyKind.BOUNDARY,)),
    "in the boundary alone": Limited([], boundary=[ALL], kinds=(PolicyKind.IDENTITY,)),
    "in neither": Limited([QUEUES], boundary=[QUEUES], kinds=(PolicyKind.IDENTITY, PolicyKind.BOUNDARY)),
    "denied by the boundary": Limited(
        [READ], boundary=[ALL, deny("s3:*", "*")], kinds=(PolicyKind.BOUNDARY,), denied=True
    ),
    "beyond the session policy": Limited([READ], boundary=[ALL], session=[QUEUES], kinds=(PolicyKind.SESSION,)),
    "within both": Limited([READ], boundary=[ALL], session=[ALL], covered=True),
    "a boundary under a condition": Limited(
        [READ], boundary=[allow("*", "*", UNSEEN)], why="of the permissions boundary has it allowed under conditions"
    ),
}


@pytest.mark.parametrize("name", LIMITED)
@pytest.mark.parametrize("is_all_seen", [True, False])
def test_what_limits_a_role_counts(name: str, is_all_seen: bool) -> None:
    case = LIMITED[name]
    reference = PolicyReference("arn:aws:iam::1:policy/p", ReferenceKind.MANAGED_POLICY, Location("r.json", 3, 1, 3, 9))
    granted = Policy(
        tuple(case.granted),
        () if is_all_seen else (reference,),
        boundary=None if case.boundary is None else tuple(case.boundary),
        session=None if case.session is None else tuple(case.session),
    )
    comparison = compare([GET], granted)
    doubts = [undecided.why for undecided in comparison.undecided if undecided.subject == GET]
    assert [covered.requirement for covered in comparison.covered] == ([GET] if case.covered else [])
    if case.kinds == (PolicyKind.IDENTITY,) and not is_all_seen:
        # The policy that is not seen may grant it, but nothing could grant it beyond a limit.
        assert not comparison.missing
        assert reference.arn in doubts[0]
        return
    assert [(missing.kinds, missing.denied_by is not None) for missing in comparison.missing] == (
        [(case.kinds, case.denied)] if case.kinds else []
    )
    assert [case.why in doubt for doubt in doubts] == ([True] if case.why else [])


def test_what_is_covered_says_by_what() -> None:
    tables = need("dynamodb:GetItem", TABLE + "a", TABLE + "b")
    one, other = allow("dynamodb:GetItem", TABLE + "a"), allow("dynamodb:Get*", TABLE + "b")
    (covered,) = compare([tables], Policy((QUEUES, one, other), boundary=(QUEUES, ALL), session=(READ, ALL))).covered
    assert (covered.requirement, covered.by, covered.within) == (tables, (one, other), (ALL,))


def test_what_two_calls_lack_is_one_finding_with_both() -> None:
    other = ApiCall("s3", "ListObjects", Mapping(()), Via.DIRECT, Location("app.py", 5, 1, 5, 9))
    calls = [listing(PREFIX), replace(listing(OTHER_PREFIX), reasons=(Reason(other, BASE_RULE),))]
    (missing,) = compare(calls, Policy(())).missing
    assert [reason.call for reason in missing.requirement.reasons] == [CALL, other]
    # No grant at all is missing, so the prefixes do not matter.
    assert missing.requirement.conditions == ()


def test_what_one_call_lacks_says_under_which_conditions() -> None:
    (missing,) = compare([listing(PREFIX), listing(OTHER_PREFIX)], Policy((allow("s3:*", IN_B, PREFIX),))).missing
    assert missing.requirement.conditions == (OTHER_PREFIX,)


def test_a_grant_that_cannot_be_judged_says_which_action_it_is_about() -> None:
    granted = Policy((allow("s3:GetObject s3:PutObject", "*", UNSEEN),))
    undecided = compare([GET], granted).undecided
    assert [(one.action, one.subject) for one in undecided] == [("", GET), ("s3:GetObject", granted.statements[0])]


def test_the_undecided_say_what_would_tell() -> None:
    needs = [need("dynamodb:GetItem", ANY_TABLE + "*", unpinned="--account, --env TABLE, --region")]
    (undecided,) = compare(needs, Policy((allow("dynamodb:*", TABLE + "orders"),))).undecided
    assert TABLE + "orders" in undecided.why
    assert undecided.why.endswith("what would tell: --env TABLE")


@pytest.mark.parametrize("name", CASES)
def test_what_is_generated_is_neither_too_little_nor_too_much(name: str) -> None:
    needs = CASES[name].needs
    comparison = compare(needs, generate(needs))
    assert [covered.requirement for covered in comparison.covered] == needs
    assert in_short(comparison) == {
        "covered": [n.action for n in needs],
        "missing": [],
        "unused": [],
        "broad": [],
        "undecided": [],
    }


def test_the_place_of_the_policy_is_kept() -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": []}, indent=2)
    location = compare([], read_policy(text, "role.json")).location
    assert (location.path, location.start_line, location.end_line) == ("role.json", 1, 4)


def test_requests_are_sent_over_tls() -> None:
    """The usual Deny of what is sent without TLS takes nothing away, and the Allow that asks for it allows."""
    plain = Condition("Bool", "aws:SecureTransport", ("false",))
    secure = Condition("Bool", "aws:SecureTransport", ("true",))
    needs = [need("s3:GetObject", "arn:aws:s3:::b/*", unpinned="")]
    denied_if_plain = Statement("Deny", ("s3:*",), ("*",), (plain,))

    for granted in (allow("s3:GetObject", "arn:aws:s3:::b/*"), allow("s3:GetObject", "arn:aws:s3:::b/*", secure)):
        result = compare(needs, Policy((granted, denied_if_plain)))
        assert [one.requirement for one in result.covered] == needs
        assert (result.missing, result.too_broad, result.undecided) == ((), (), ())
