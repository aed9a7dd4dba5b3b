from __future__ import annotations

import itertools
import json
import random
import re

import pytest
from moto.iam.exceptions import MalformedPolicyDocument
from moto.iam.policy_validation import IAMPolicyDocumentValidator

from analyzer.errors import EXIT_INTERNAL, LpaError
from analyzer.generate import MANAGED_LIMIT, generate, lacking, render, render_extended, render_role, size, split
from analyzer.generate.proof import prove
from analyzer.iam.role import read_policy
from analyzer.model.calls import ApiCall, Via
from analyzer.model.location import Location
from analyzer.model.policy import Policy, Statement
from analyzer.model.requirements import BASE_RULE, AnyResource, Arns, Condition, Reason, Requirement
from analyzer.model.values import Mapping

CALL = ApiCall("s3", "GetObject", Mapping(()), Via.DIRECT, Location("app.py", 1, 1, 1, 9))
PASSED = Condition("StringEquals", "iam:PassedToService", ("lambda.amazonaws.com",))


def need(action: str, *patterns: str, conditions: tuple[Condition, ...] = (), platform: bool = False) -> Requirement:
    scope = Arns(tuple(sorted(patterns))) if patterns else AnyResource("it takes no resource")
    return Requirement(action, scope, conditions, (Reason(None if platform else CALL, BASE_RULE),))


def grants(policy: Policy) -> list[tuple[str, str, str]]:
    return [(s.sid, " ".join(s.actions), " ".join(s.resources)) for s in policy.statements]


CASES = {
    "one action": (
        [need("s3:GetObject", "arn:aws:s3:::b/*")],
        [("S3GetObject", "s3:GetObject", "arn:aws:s3:::b/*")],
    ),
    "the same resources share a statement": (
        [
            need("dynamodb:PutItem", "arn:aws:dynamodb:*:*:table/orders"),
            need("dynamodb:GetItem", "arn:aws:dynamodb:*:*:table/orders"),
        ],
        [("DynamodbTableOrders", "dynamodb:GetItem dynamodb:PutItem", "arn:aws:dynamodb:*:*:table/orders")],
    ),
    "what a wider pattern covers is left out": (
        [need("s3:GetObject", "arn:aws:s3:::b/x/1"), need("s3:GetObject", "arn:aws:s3:::b/x/*", "arn:aws:s3:::c/*")],
        [("S3GetObject", "s3:GetObject", "arn:aws:s3:::b/x/* arn:aws:s3:::c/*")],
    ),
    "but never for another action": (
        [need("s3:GetObject", "arn:aws:s3:::b/*"), need("s3:PutObject", "arn:aws:s3:::b/x")],
        [
            ("S3GetObject", "s3:GetObject", "arn:aws:s3:::b/*"),
            ("S3PutObject", "s3:PutObject", "arn:aws:s3:::b/x"),
        ],
    ),
    "the same statement for code and platform is there once": (
        [
            need("kms:Decrypt", "arn:aws:kms:*:*:key/*"),
            need("kms:Decrypt", "arn:aws:kms:*:*:key/*", platform=True),
            need("logs:PutLogEvents", "arn:aws:logs:*:*:log-group:*", platform=True),
        ],
        [
            ("KmsDecrypt", "kms:Decrypt", "arn:aws:kms:*:*:key/*"),
            ("LogsPutLogEvents", "logs:PutLogEvents", "arn:aws:logs:*:*:log-group:*"),
        ],
    ),
    "no resource to name": (
        [need("textract:DetectDocumentText"), need("s3:ListAllMyBuckets"), need("translate:TranslateText")],
        [("AnyResource", "s3:ListAllMyBuckets textract:DetectDocumentText translate:TranslateText", "*")],
    ),
    "conditions keep statements apart, and no Sid is used twice": (
        [
            need("iam:PassRole", "arn:aws:iam::*:role/a", conditions=(PASSED,)),
            need("iam:PassRole", "arn:aws:iam::*:role/b"),
        ],
        [
            ("IamPassRole#", "iam:PassRole", "arn:aws:iam::*:role/a"),
            ("IamPassRole#", "iam:PassRole", "arn:aws:iam::*:role/b"),
        ],
    ),
    "a grant without conditions makes the one with conditions needless": (
        [
            need("iam:PassRole", "arn:aws:iam::*:role/a", conditions=(PASSED,)),
            need("iam:PassRole", "arn:aws:iam::*:role/*"),
        ],
        [("IamPassRole", "iam:PassRole", "arn:aws:iam::*:role/*")],
    ),
    "the platform's own statement comes last and stays whole": (
        [
            need("logs:PutLogEvents", "arn:aws:logs:*:*:log-group:/aws/lambda/f:*", platform=True),
            need("logs:PutLogEvents", "arn:aws:logs:*:*:log-group:*"),
            need("sqs:SendMessage", "arn:aws:sqs:*:*:q"),
        ],
        [
            ("LogsPutLogEvents#", "logs:PutLogEvents", "arn:aws:logs:*:*:log-group:*"),
            ("SqsSendMessage", "sqs:SendMessage", "arn:aws:sqs:*:*:q"),
            ("LogsPutLogEvents#", "logs:PutLogEvents", "arn:aws:logs:*:*:log-group:/aws/lambda/f:*"),
        ],
    ),
    "nothing": ([], []),
}


@pytest.mark.parametrize("case", CASES)
def test_generate(case: str) -> None:
    requirements, expected = CASES[case]
    made = grants(generate(requirements))
    # That a digest is there, and where, is what counts.
    assert [(re.sub(r"[0-9a-f]{8}$", "#", sid), *rest) for sid, *rest in made] == expected
    assert len({sid for sid, *_ in made}) == len(made)


def test_the_order_of_requirements_does_not_matter() -> None:
    requirements = [requirement for case, _ in CASES.values() for requirement in case]
    expected = render(generate(requirements))
    shuffler = random.Random(7)
    for _ in range(20):
        shuffler.shuffle(requirements)
        assert render(generate(requirements)) == expected


@pytest.mark.parametrize(
    ("actions", "resources", "sid"),
    [
        (["s3:GetObject", "s3:PutObject"], ["arn:aws:s3:::my-bucket/in/*"], "S3MyBucketIn"),
        (["sqs:SendMessage", "sqs:ReceiveMessage"], ["arn:aws:sqs:*:*:*"], "SqsAny"),
        (["s3:GetObject", "sqs:SendMessage"], ["arn:aws:s3:::b"], "S3SqsB"),
        (["execute-api:Invoke"], ["arn:aws:execute-api:*:*:x"], "ExecuteApiInvoke"),
        (["s3:GetObject", "s3:PutObject"], [f"arn:aws:s3:::{name}/*" for name in "abcd"], "S3ABCAndOthers"),
        (["s3:GetObject", "s3:PutObject"], ["arn:aws:s3:::größe-${*}/*"], "S3GrE"),
        (["s3:GetObject", "s3:PutObject"], [f"arn:aws:s3:::{'x' * 63}/*"], "S3X" + "x" * 61),
    ],
)
def test_sids_say_what_a_statement_is_about(actions: list[str], resources: list[str], sid: str) -> None:
    policy = generate([need(action, *resources) for action in actions])
    assert [statement.sid for statement in policy.statements] == [sid]


def test_render_is_the_document_that_iam_takes() -> None:
    policy = generate(
        [need("iam:PassRole", "arn:aws:iam::*:role/a", conditions=(PASSED,)), need("s3:GetObject", "arn:aws:s3:::b/ü")]
    )
    assert render(policy) == (
        """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "IamPassRole",
      "Effect": "Allow",
      "Action": [
        "iam:PassRole"
      ],
      "Resource": [
        "arn:aws:iam::*:role/a"
      ],
      "Condition": {
        "StringEquals": {
          "iam:PassedToService": [
            "lambda.amazonaws.com"
          ]
        }
      }
    },
    {
      "Sid": "S3GetObject",
      "Effect": "Allow",
      "Action": [
        "s3:GetObject"
      ],
      "Resource": [
        "arn:aws:s3:::b/\\u00fc"
      ]
    }
  ]
}
"""
    )


@pytest.mark.parametrize("case", CASES)
def test_what_is_rendered_is_read_back_as_it_was(case: str) -> None:
    policy = generate(CASES[case][0])
    assert read_policy(render(policy), "role.json") == policy
    assert read_policy(render_role(policy, "f"), "role.json") == policy


@pytest.mark.parametrize("case", [case for case in CASES if CASES[case][0]])
def test_motos_validator_accepts_what_is_rendered(case: str) -> None:
    IAMPolicyDocumentValidator(render(generate(CASES[case][0]))).validate()


def test_motos_validator_refuses_a_policy_without_statements() -> None:
    with pytest.raises(MalformedPolicyDocument):
        IAMPolicyDocumentValidator(render(generate([]))).validate()


def test_role_can_be_assumed_by_lambda() -> None:
    role = json.loads(render_role(generate([need("s3:GetObject", "arn:aws:s3:::b/*")]), "orders"))
    assert role["RoleName"] == "orders"
    assert role["AssumeRolePolicyDocument"]["Statement"] == [
        {"Effect": "Allow", "Principal": {"Service": ["lambda.amazonaws.com"]}, "Action": ["sts:AssumeRole"]}
    ]
    assert [policy["PolicyName"] for policy in role["RolePolicyList"]] == ["orders"]
    assert json.loads(render_role(generate([]), "orders"))["RolePolicyList"] == []


def test_size_is_counted_without_white_space() -> None:
    # {"Version":"2012-10-17","Statement":[]} by hand; a blank inside a string counts.
    assert size(Policy(())) == 39
    statement = Statement("Allow", ("s3:GetObject",), ("arn:aws:s3:::b/a b",), sid="S")
    text = '{"Sid":"S","Effect":"Allow","Action":["s3:GetObject"],"Resource":["arn:aws:s3:::b/a b"]}'
    assert size(Policy((statement,))) == 39 + len(text)


def test_large_policy_is_split_into_managed_ones() -> None:
    wanted = [
        *(need("s3:GetObject", f"arn:aws:s3:::bucket-{number}/*") for number in range(400)),
        *(need(f"dynamodb:{verb}Item", "arn:aws:dynamodb:*:*:table/t") for verb in ("Get", "Put", "Delete")),
    ]
    policy = generate(wanted)
    documents = split(policy)

    assert size(policy) > 10_240
    assert all(size(document) <= MANAGED_LIMIT for document in documents)
    # As few as the sizes allow.
    assert len(documents) == -(-size(policy) // MANAGED_LIMIT)
    together = Policy(tuple(statement for document in documents for statement in document.statements))
    prove(together, wanted)
    assert len({statement.sid for statement in together.statements}) == len(together.statements)
    assert split(policy, size(policy)) == (policy,)


def test_statement_with_one_long_resource_cannot_be_split() -> None:
    with pytest.raises(LpaError, match="longer than IAM takes"):
        split(generate([need("s3:GetObject", "arn:aws:s3:::b/" + "x" * 7000)]))


# The expansions are those of the catalogue: `dynamodb:BatchGet*` is dynamodb:BatchGetItem alone, for instance.
@pytest.mark.parametrize(
    ("actions", "written"),
    [
        (["sqs:SendMessage", "sqs:DeleteMessage"], ["sqs:DeleteMessage", "sqs:SendMessage"]),
        (["rds-data:CommitTransaction"], ["rds-data:CommitTransaction"]),
        (
            ["rds-data:ExecuteSql", "rds-data:ExecuteStatement", "rds-data:CommitTransaction"],
            ["rds-data:CommitTransaction", "rds-data:Execute*"],
        ),
        (
            ["sqs:ListQueues", "sqs:ListQueueTags", "sqs:ListDeadLetterSourceQueues", "sqs:ListMessageMoveTasks"],
            ["sqs:List*"],
        ),
        # Without one of them the pattern would grant more than is needed.
        (["sqs:ListQueues", "sqs:ListQueueTags"], ["sqs:ListQueue*"]),
        (["sqs:ListQueues", "sqs:ListMessageMoveTasks"], ["sqs:ListMessageMoveTasks", "sqs:ListQueues"]),
    ],
)
def test_wildcards_match_nothing_but_what_is_needed(actions: list[str], written: list[str]) -> None:
    wanted = [need(action, "arn:aws:sqs:*:*:q") for action in actions]
    (statement,) = generate(wanted, wildcards=True).statements
    assert list(statement.actions) == written


def test_base_policy_is_kept_and_what_it_lacks_is_added() -> None:
    base = """{"Version": "2012-10-17", "Id": "ours", "Statement": {"Sid": "SqsSendMessage", "Resource": "*",
        "Action": "sqs:SendMessage", "Effect": "Allow"}}"""
    wanted = [
        need("sqs:SendMessage", "arn:aws:sqs:*:*:a"),
        need("s3:GetObject", "arn:aws:s3:::b/*"),
    ]
    open_needs, denied = lacking(wanted, read_policy(base, "base.json").statements)
    extended = render_extended(base, generate(open_needs))

    assert denied == ()
    assert json.loads(extended) == {
        "Version": "2012-10-17",
        "Id": "ours",
        "Statement": [
            {"Sid": "SqsSendMessage", "Resource": "*", "Action": "sqs:SendMessage", "Effect": "Allow"},
            {"Sid": "S3GetObject", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::b/*"]},
        ],
    }
    # Done once more, nothing is lacking.
    assert lacking(wanted, read_policy(extended, "base.json").statements) == ((), ())


def test_added_statement_takes_no_sid_of_the_base() -> None:
    base = '{"Statement": [{"Sid": "S3GetObject", "Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::x"}]}'
    extended = json.loads(render_extended(base, generate([need("s3:GetObject", "arn:aws:s3:::b/*")])))
    assert [statement["Sid"] for statement in extended["Statement"]] == ["S3GetObject", "S3GetObject2"]


def test_what_the_base_denies_is_said_and_not_added() -> None:
    base = """{"Version": "2012-10-17", "Statement": [
        {"Sid": "Never", "Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"}]}"""
    wanted = [need("s3:GetObject", "arn:aws:s3:::b/x", "arn:aws:s3:::c/x")]
    (left,), denied = lacking(wanted, read_policy(base, "base.json").statements)

    assert left.scope == Arns(("arn:aws:s3:::c/x",))
    assert denied == ('s3:GetObject on arn:aws:s3:::b/x is denied by statement "Never"',)


READ_B = need("s3:GetObject", "arn:aws:s3:::b/*")


@pytest.mark.parametrize(
    "statement",
    [
        Statement("Allow", ("s3:GetObject",), ("arn:aws:s3:::*",)),
        Statement("Allow", ("s3:GetObject", "s3:PutObject"), ("arn:aws:s3:::b/*",)),
        Statement("Allow", ("s3:GetObject",), ("arn:aws:s3:::b/x/*",)),
        Statement("Allow", ("s3:GetObject",), ("arn:aws:s3:::b/*",), (PASSED,)),
        Statement("Deny", ("s3:GetObject",), ("arn:aws:s3:::b/*",)),
    ],
)
def test_the_proof_fails_on_anything_but_the_requirements(statement: Statement) -> None:
    with pytest.raises(LpaError) as failure:
        prove(Policy((statement,)), [READ_B])
    assert failure.value.exit_code == EXIT_INTERNAL
    prove(Policy((Statement("Allow", ("s3:GetObject",), ("arn:aws:s3:::b/*",)),)), [READ_B])


def test_two_tests_of_one_key_are_not_lost_in_json() -> None:
    conditions = tuple(Condition("StringLike", "s3:prefix", (value,)) for value in ("a/*", "*b"))
    policy = generate([need("s3:ListBucket", "arn:aws:s3:::b", conditions=conditions)])
    with pytest.raises(LpaError, match="s3:prefix twice"):
        render(policy)


def test_every_pair_of_patterns_is_granted_exactly() -> None:
    patterns = ["arn:aws:s3:::b/*", "arn:aws:s3:::b/x", "arn:aws:s3:::*/x", "*", "arn:aws:s3:::b/?"]
    for first, second in itertools.product(patterns, repeat=2):
        generate([need("s3:GetObject", first, second), need("s3:PutObject", second)])


def prefix(*values: str, operator: str = "StringEquals") -> tuple[Condition, ...]:
    return (Condition(operator, "s3:prefix", values),)


def test_values_of_one_condition_share_a_statement() -> None:
    policy = generate(
        [
            need("s3:ListBucket", "arn:aws:s3:::b", conditions=prefix("in/")),
            need("s3:ListBucket", "arn:aws:s3:::b", conditions=prefix("out/")),
            need("s3:ListBucket", "arn:aws:s3:::b", conditions=prefix("x/*", operator="StringLike")),
        ]
    )

    assert [(statement.resources, statement.conditions) for statement in policy.statements] == [
        (("arn:aws:s3:::b",), prefix("in/", "out/")),
        (("arn:aws:s3:::b",), prefix("x/*", operator="StringLike")),
    ]


def test_negated_conditions_are_no_alternatives() -> None:
    # StringNotEquals with two values asks for neither, which is more than each of the two asks.
    wanted = [
        need("s3:ListBucket", "arn:aws:s3:::b", conditions=prefix(one, operator="StringNotEquals")) for one in "ab"
    ]

    assert [statement.conditions for statement in generate(wanted).statements] == [
        prefix("a", operator="StringNotEquals"),
        prefix("b", operator="StringNotEquals"),
    ]


def test_without_conditions_is_enough() -> None:
    policy = generate(
        [
            need("s3:ListBucket", "arn:aws:s3:::b", conditions=prefix("in/")),
            need("s3:ListBucket", "arn:aws:s3:::b"),
        ]
    )

    assert [statement.conditions for statement in policy.statements] == [()]


def test_a_value_that_nothing_needs_is_no_proof() -> None:
    wanted = [need("s3:ListBucket", "arn:aws:s3:::b", conditions=prefix("in/"))]
    granted = Statement("Allow", ("s3:ListBucket",), ("arn:aws:s3:::b",), prefix("in/", "out/"))

    with pytest.raises(LpaError, match="without need"):
        prove(Policy((granted,)), wanted)
