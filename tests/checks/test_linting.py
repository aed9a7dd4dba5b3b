from __future__ import annotations

import json
from functools import partial

import pytest

from analyzer.checks.linting import LINT_CHECKS, lint
from analyzer.cli.role_file import managed_policy_of
from analyzer.iam.inventory import read_inventory
from analyzer.iam.positioned_json import parse_json
from analyzer.model.findings import Finding, Severity
from tests.checks.lint_cases import CASES, GITHUB, OBJECTS, QUEUE, Case, Json, allow, deny, policy, role, trust

DOCUMENTS = partial(managed_policy_of, {})


def findings(document: Json, check: str, partition: str | None = None) -> tuple[Finding, ...]:
    inventory = read_inventory(parse_json(json.dumps(document, indent=1), "p.json"), DOCUMENTS)
    return lint(inventory, partition, [check])


def text_at(document: Json, finding: Finding) -> str:
    """Return what stands where the finding is; of what is longer than a line, its beginning."""
    place = finding.location
    line = json.dumps(document, indent=1).split("\n")[place.start_line - 1]
    return line[place.start_column - 1 : place.end_column - 1 if place.end_line == place.start_line else None]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.check)
def test_each_check_points_at_what_is_wrong_and_at_nothing_else(case: Case) -> None:
    said = findings(case.policy, case.check)
    assert [text_at(case.policy, finding) for finding in said] == case.said
    assert {finding.check for finding in said} <= {case.check}


@pytest.mark.parametrize("check", LINT_CHECKS)
def test_every_check_has_cases_in_both_directions(check: str) -> None:
    if check == "oversized-policy":
        return
    assert {bool(case.said) for case in CASES if case.check == check} == {True, False}


def message(document: Json, check: str) -> str:
    (finding,) = findings(document, check)
    return finding.message


@pytest.mark.parametrize(
    ("check", "document", "expected"),
    [
        (
            "unknown-action",
            policy(allow("s3:GetObjekt", "*")),
            "there is no action s3:GetObjekt; the nearest is s3:GetObject",
        ),
        ("unknown-action", policy(allow("s3:Gett*", "*")), "no action matches s3:Gett*"),
        ("unknown-action", policy(allow("nosuch:*", "*")), "nosuch:* is no action: there is no service nosuch"),
        ("unknown-action", policy(allow("Get", "*")), "Get is no action: it names no service"),
        (
            "star-resource",
            policy(allow(["sqs:PurgeQueue", "sqs:Get*", "ec2:DescribeVpcs"], "*")),
            "* is every resource, and these actions can be granted on some:"
            " sqs:Get* (2 of its 2 actions), sqs:PurgeQueue",
        ),
        (
            "malformed-arn",
            policy(allow("s3:ListBucket", "arn:aws:s3::123456789012:b")),
            "arn:aws:s3::123456789012:b has an account, and ARNs of its kind have none: arn:aws:s3:::b",
        ),
        (
            "unknown-managed-policy",
            role(attached=["arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole"]),
            "AWS is not known to have a managed policy arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole;"
            " there is arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
        ),
        (
            "withdrawn-managed-policy",
            role(attached=["arn:aws:iam::aws:policy/AmazonEC2SpotFleetRole"]),
            "AWS has withdrawn the managed policy AmazonEC2SpotFleetRole;"
            " AmazonEC2SpotFleetTaggingRole takes its place",
        ),
        (
            "redundant-statement",
            policy(deny("s3:GetObject", OBJECTS, Sid="Narrow"), deny("s3:*", "*", Sid="Wide")),
            'statement "Narrow" adds nothing: statement "Wide" denies all of it',
        ),
        (
            "identity-provider-without-subject",
            policy(trust({"Federated": GITHUB})),
            "any repository on GitHub can assume the role",
        ),
        (
            "identity-provider-without-subject",
            policy(trust({"Federated": "accounts.google.com"})),
            "anyone whom accounts.google.com knows can assume the role",
        ),
        (
            "action-without-resource",
            policy(allow("s3:ListAllMyBuckets", OBJECTS)),
            f"s3:ListAllMyBuckets takes no resource but *, not {OBJECTS}, so the statement does nothing for it",
        ),
    ],
)
def test_messages_say_what_is_wrong(check: str, document: Json, expected: str) -> None:
    assert message(document, check) == expected


def test_a_combination_names_the_places_of_all_its_actions() -> None:
    document = policy(allow("ec2:RunInstances", "*"), allow("iam:PassRole", "*"))
    (finding,) = findings(document, "privilege-escalation")
    assert finding.message == "permissions can be raised by iam:PassRole with ec2:RunInstances"
    assert [(related.message, related.location.start_line) for related in finding.related] == [
        ("ec2:RunInstances is allowed here", 6)
    ]


def test_a_combination_is_found_across_a_user_and_its_groups() -> None:
    account = user_or_group("User", allow("iam:PassRole", "*"))
    account["UserDetailList"][0]["GroupList"] = ["x"]
    assert findings(account, "privilege-escalation") == ()
    account |= user_or_group("Group", allow("ec2:RunInstances", "*"))
    (finding,) = findings(account, "privilege-escalation")
    assert finding.message == "permissions can be raised by iam:PassRole with ec2:RunInstances"


def test_ways_that_rest_on_the_same_statements_are_told_together() -> None:
    (finding,) = findings(policy(allow("iam:Put*Policy", "*")), "privilege-escalation")
    assert finding.message == ("permissions can be raised by iam:PutRolePolicy; iam:PutUserPolicy; iam:PutGroupPolicy")


def test_a_denied_action_names_the_statement_that_denies_it() -> None:
    document = policy(allow("s3:PutObject", OBJECTS), deny("s3:*", "*", Sid="Never"))
    (finding,) = findings(document, "shadowed-action")
    assert finding.message == 's3:PutObject is allowed in vain: statement "Never" denies all of it'
    assert [related.location.start_line for related in finding.related] == [9]


@pytest.mark.parametrize(("partition", "count"), [(None, 0), ("aws", 0), ("aws-cn", 1)])
def test_every_arn_is_in_the_partition_asked_about(partition: str | None, count: int) -> None:
    assert len(findings(policy(allow("sqs:SendMessage", QUEUE)), "foreign-partition", partition)) == count


def sized(characters: int) -> Json:
    """A statement with which a policy document has just so many characters besides white space."""
    empty = policy(allow("s3:PutObject", OBJECTS, Sid=""))
    filler = characters - len(json.dumps(empty, separators=(",", ":")))
    return allow("s3:PutObject", OBJECTS, Sid="x" * filler)


def user_or_group(kind: str, *statements: Json) -> Json:
    entry = {f"{kind}Name": "x", f"{kind}PolicyList": [{"PolicyName": "p", "PolicyDocument": policy(*statements)}]}
    return {f"{kind}DetailList": [entry]}


def managed(*statements: Json) -> Json:
    version = {"Document": policy(*statements), "VersionId": "v1", "IsDefaultVersion": True}
    return {"Policies": [{"Arn": "arn:aws:iam::123456789012:policy/p", "PolicyVersionList": [version]}]}


def two_policies(first: int, second: int) -> Json:
    held = [{"PolicyName": name, "PolicyDocument": policy(sized(size))} for name, size in (("a", first), ("b", second))]
    return {"RoleName": "r", "RolePolicyList": held}


def attached(count: int) -> list[Json]:
    return [{"PolicyArn": f"arn:aws:iam::123456789012:policy/p{number}"} for number in range(count)]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (policy(sized(10240)), []),
        (policy(sized(10241)), ["10,241 characters of inline policies, and a role may have 10,240"]),
        (role(sized(10240)), []),
        (role(sized(10241)), ["10,241 characters of inline policies, and a role may have 10,240"]),
        (two_policies(5000, 5240), []),
        (two_policies(5000, 5241), ["10,241 characters of inline policies, and a role may have 10,240"]),
        (user_or_group("User", sized(2048)), []),
        (user_or_group("User", sized(2049)), ["2,049 characters of inline policies, and a user may have 2,048"]),
        (user_or_group("Group", sized(5120)), []),
        (user_or_group("Group", sized(5121)), ["5,121 characters of inline policies, and a group may have 5,120"]),
        (managed(sized(6144)), []),
        (managed(sized(6145)), ["the managed policy has 6,145 characters, and may have 6,144"]),
        (role(attached=[f"arn:aws:iam::123456789012:policy/p{number}" for number in range(20)]), []),
        (
            role(attached=[f"arn:aws:iam::123456789012:policy/p{number}" for number in range(21)]),
            ["21 managed policies are attached, and a role may have 20, and 25 on request"],
        ),
        (
            {"GroupDetailList": [{"GroupName": "g", "AttachedManagedPolicies": attached(11)}]},
            ["11 managed policies are attached, and a group may have 10"],
        ),
        (
            {"UserDetailList": [{"UserName": "u", "AttachedManagedPolicies": attached(11)}]},
            ["11 managed policies are attached, and a user may have 10, and 20 on request"],
        ),
    ],
)
def test_sizes_are_counted_as_iam_counts_them(document: Json, expected: list[str]) -> None:
    assert [finding.message for finding in findings(document, "oversized-policy")] == expected


def test_white_space_does_not_count() -> None:
    spaced = json.dumps(role(sized(10240)), indent=40)
    assert lint(read_inventory(parse_json(spaced, "p.json")), chosen=["oversized-policy"]) == ()


def test_a_trust_policy_has_a_limit_of_its_own() -> None:
    accounts = [f"arn:aws:iam::123456789012:role/role-{number:04}" for number in range(60)]
    trusting = {"Effect": "Allow", "Principal": {"AWS": accounts}, "Action": "sts:AssumeRole"}
    (finding,) = findings(role(trusting=trusting), "oversized-policy")
    assert finding.message.endswith("and a trust policy may have 2,048, and 8,192 on request")


def test_nothing_is_said_of_policies_that_aws_manages() -> None:
    account = managed(allow("*", "*"))
    account["Policies"][0]["Arn"] = "arn:aws:iam::aws:policy/p"
    assert lint(read_inventory(parse_json(json.dumps(account), "p.json"))) == ()


def test_findings_are_sorted_by_place() -> None:
    document = policy(allow("s3:GetObjekt", OBJECTS), allow("*", QUEUE))
    said = lint(read_inventory(parse_json(json.dumps(document), "p.json")))
    assert list(said) == sorted(said, key=lambda finding: (finding.location, finding.check))
    assert {finding.check: finding.severity for finding in said} == {
        "full-wildcard": Severity.ERROR,
        "unknown-action": Severity.ERROR,
    }
