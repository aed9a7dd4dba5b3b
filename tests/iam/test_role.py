from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.errors import EXIT_INPUT, InputError
from analyzer.iam.role import read_policy
from analyzer.model.policy import Policy, PolicyReference, ReferenceKind, Statement
from analyzer.model.requirements import Condition

READ = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}
WRITE = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:PutObject"], "Resource": ["*"]}]}
READ_STATEMENT = Statement("Allow", ("s3:GetObject",), ("*",))
WRITE_STATEMENT = Statement("Allow", ("s3:PutObject",), ("*",))
BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
OWN = "arn:aws:iam::123456789012:policy/own"
LIMIT = "arn:aws:iam::123456789012:policy/limit"


def role(name: str = "orders", **fields: object) -> dict[str, object]:
    """A role as get-account-authorization-details lists it."""
    return {
        "Path": "/",
        "RoleName": name,
        "RoleId": "AROAEXAMPLE",
        "Arn": f"arn:aws:iam::123456789012:role/{name}",
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
        "InstanceProfileList": [],
        "RolePolicyList": [],
        "AttachedManagedPolicies": [],
        "Tags": [],
        **fields,
    }


def inline(document: object) -> list[dict[str, object]]:
    return [{"PolicyName": "inline", "PolicyDocument": document}]


def attached(*arns: str) -> list[dict[str, str]]:
    return [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in arns]


def limit(arn: str) -> dict[str, str]:
    return {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}


def managed(arn: str, *documents: object) -> dict[str, object]:
    """A managed policy of which the last version is the default one."""
    versions = [
        {"Document": document, "VersionId": f"v{number}", "IsDefaultVersion": number == len(documents)}
        for number, document in enumerate(documents, start=1)
    ]
    return {"PolicyName": arn.rpartition("/")[2], "Arn": arn, "PolicyVersionList": versions}


SHAPES = {
    "bare document": (READ, [READ_STATEMENT], []),
    "a role": (role(RolePolicyList=inline(READ)), [READ_STATEMENT], []),
    "URL-encoded, as the API returns it": (role(RolePolicyList=inline(quote(json.dumps(READ)))), [READ_STATEMENT], []),
    "JSON in a string": (role(RolePolicyList=inline(json.dumps(READ))), [READ_STATEMENT], []),
    "several inline policies": (
        role(RolePolicyList=inline(WRITE) + inline(READ)),
        [WRITE_STATEMENT, READ_STATEMENT],
        [],
    ),
    "a managed policy that is not in the file": (
        role(RolePolicyList=inline(READ), AttachedManagedPolicies=attached(BASIC)),
        [READ_STATEMENT],
        [(BASIC, ReferenceKind.MANAGED_POLICY)],
    ),
    "the whole output, where the default version counts": (
        {
            "RoleDetailList": [role(AttachedManagedPolicies=attached(OWN, BASIC))],
            "Policies": [managed(OWN, READ, WRITE)],
            "IsTruncated": False,
        },
        [WRITE_STATEMENT],
        [(BASIC, ReferenceKind.MANAGED_POLICY)],
    ),
    "a permissions boundary": (
        role(PermissionsBoundary=limit(OWN)),
        [],
        [(OWN, ReferenceKind.BOUNDARY)],
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_a_role_is_read(shape: str) -> None:
    content, statements, unseen = SHAPES[shape]
    policy = read_policy(json.dumps(content, indent=1), "role.json")
    assert list(policy.statements) == statements
    assert [(reference.arn, reference.kind) for reference in policy.unseen] == unseen
    assert policy.location is not None
    assert policy.location.path == "role.json"


def test_documents_that_are_not_in_the_file_are_asked_for() -> None:
    other, asked = "arn:aws:iam::123456789012:policy/other", []

    def documents(arn: str) -> Policy | None:
        asked.append(arn)
        return {BASIC: Policy((READ_STATEMENT,)), LIMIT: Policy((WRITE_STATEMENT,))}.get(arn)

    content = {
        "RoleDetailList": [role(AttachedManagedPolicies=attached(BASIC, OWN, other), PermissionsBoundary=limit(LIMIT))],
        "Policies": [managed(OWN, WRITE)],
    }
    policy = read_policy(json.dumps(content), "role.json", documents=documents)
    assert policy.statements == (READ_STATEMENT, WRITE_STATEMENT)
    assert policy.boundary == (WRITE_STATEMENT,)
    assert [(reference.arn, reference.kind) for reference in policy.unseen] == [(other, ReferenceKind.MANAGED_POLICY)]
    assert asked == [BASIC, other, LIMIT]


def test_a_boundary_is_read_from_the_file() -> None:
    content = {"RoleDetailList": [role(PermissionsBoundary=limit(OWN))], "Policies": [managed(OWN, READ)]}
    policy = read_policy(json.dumps(content), "role.json")
    assert (policy.statements, policy.boundary, policy.unseen) == ((), (READ_STATEMENT,), ())
    assert read_policy(json.dumps(role()), "role.json").boundary is None


def test_a_boundary_that_nobody_knows_is_unseen() -> None:
    policy = read_policy(json.dumps(role(PermissionsBoundary=limit(OWN))), "role.json", documents=lambda arn: None)
    assert policy.boundary is None
    assert [(reference.arn, reference.kind) for reference in policy.unseen] == [(OWN, ReferenceKind.BOUNDARY)]


def test_one_of_several_roles_is_chosen_by_name() -> None:
    both = json.dumps({"RoleDetailList": [role("a", RolePolicyList=inline(READ)), role("b")], "Policies": []})
    assert read_policy(both, "all.json", "a").statements == (READ_STATEMENT,)
    assert read_policy(both, "all.json", "b").statements == ()
    for name in (None, "c"):
        with pytest.raises(InputError, match="a, b"):
            read_policy(both, "all.json", name)


def test_statements_know_their_place() -> None:
    text = json.dumps({"RolePolicyList": inline(WRITE), "AttachedManagedPolicies": attached(BASIC)}, indent=1)
    policy = read_policy(text, "role.json")
    lines = text.splitlines()
    location = policy.statements[0].location
    assert location is not None
    assert lines[location.start_line - 1].strip() == "{"
    assert lines[location.start_line].strip() == '"Effect": "Allow",'
    assert lines[location.end_line - 1].strip() == "}"
    reference = policy.unseen[0]
    assert isinstance(reference, PolicyReference)
    assert BASIC in lines[reference.location.end_line - 2]
    encoded = read_policy(json.dumps(role(RolePolicyList=inline(quote(json.dumps(READ))))), "role.json")
    assert encoded.statements[0].location is not None
    assert encoded.statements[0].location.start_line == 1


def test_elements_are_read_in_every_form() -> None:
    statement = {
        "Sid": "One",
        "Effect": "Deny",
        "NotAction": ["s3:PutObject", "s3:GetObject"],
        "NotResource": "arn:aws:s3:::b/${aws:username}",
        "Condition": {
            "StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]},
            "Bool": {"aws:SecureTransport": False},
            "NumericLessThan": {"aws:MultiFactorAuthAge": 3600},
        },
    }
    policy = read_policy(json.dumps({"Version": "2012-10-17", "Id": "x", "Statement": statement}), "p.json")
    assert policy.statements == (
        Statement(
            "Deny",
            (),
            (),
            (
                Condition("Bool", "aws:SecureTransport", ("false",)),
                Condition("NumericLessThan", "aws:MultiFactorAuthAge", ("3600",)),
                Condition("StringNotEquals", "aws:RequestedRegion", ("eu-central-1", "eu-west-1")),
            ),
            "One",
            ("s3:GetObject", "s3:PutObject"),
            ("arn:aws:s3:::b/${aws:username}",),
        ),
    )


@pytest.mark.parametrize("version", [{}, {"Version": "2008-10-17"}])
def test_before_2012_a_variable_is_plain_text(version: dict[str, str]) -> None:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/${aws:username}"}
    tested = {"Condition": {"StringEquals": {"s3:prefix": ["${aws:username}"]}}}
    policy = read_policy(json.dumps({**version, "Statement": statement | tested}), "p.json")
    assert policy.statements[0].resources == ("arn:aws:s3:::b/${$}{aws:username}",)
    assert policy.statements[0].conditions == (Condition("StringEquals", "s3:prefix", ("${$}{aws:username}",)),)


def line(statement: str) -> str:
    return f'{{"Statement": [\n{statement}]}}'


ERRORS = {
    "[]": "p.json:1:1: neither a policy nor a role",
    '{"Role": {}}': "p.json:1:1: neither a policy nor a role",
    '{"Version": "2012-10-17"}': 'p.json:1:1: a policy document without "Statement"',
    '{"Version": "2012-10-18", "Statement": []}': 'p.json:1:13: there is no policy version "2012-10-18"',
    '{"Statement": [], "statement": []}': 'p.json:1:19: unknown element "statement" in a policy document',
    '{"Statement": "Allow"}': "p.json:1:15: a statement has to be an object",
    line('{"Action": "a:b", "Resource": "*"}'): 'p.json:2:1: a statement without "Effect"',
    line('{"Effect": "allow", "Action": "a:b", "Resource": "*"}'): 'p.json:2:12: Effect is "allow"',
    line('{"Effect": "Allow", "Resource": "*"}'): 'p.json:2:1: a statement without "Action"',
    line('{"Effect": "Allow", "Action": "a:b"}'): 'p.json:2:1: a statement without "Resource"',
    line(
        '{"Effect": "Allow", "action": "a:b", "Resource": "*"}'
    ): 'p.json:2:21: unknown element "action" in a statement',
    line('{"Effect": "Allow", "Action": ["a:b", 1], "Resource": "*"}'): "p.json:2:39: Action is not a string",
    line('{"Effect": "Allow", "Action": "a:b", "NotAction": "a:c", "Resource": "*"}'): (
        "p.json:2:51: a statement with both Action and NotAction"
    ),
    line('{"Effect": "Allow", "NotAction": [], "Resource": "*"}'): "p.json:2:34: an empty NotAction",
    line('{"Effect": "Allow", "Principal": "*", "Action": "a:b", "Resource": "*"}'): (
        'p.json:2:21: "Principal" in a statement'
    ),
    line('{"Effect": "Allow", "Action": "a:b", "Resource": "*", "Condition": {"Bool": {"aws:x": null}}}'): (
        "p.json:2:87: a value of the condition key aws:x is not a string, number or boolean"
    ),
    '{"RolePolicyList": {}}': 'p.json:1:20: "RolePolicyList" is not a list',
    '{"RolePolicyList": [1]}': 'p.json:1:21: an entry of "RolePolicyList" is not an object',
    '{"RolePolicyList": [{"PolicyName": "x"}]}': 'p.json:1:21: no "PolicyDocument"',
    '{"RolePolicyList": [{"PolicyDocument": "%7B"}]}': (
        "p.json:1:40: not JSON: expected a key in double quotes, found the end of the file"
    ),
    '{"AttachedManagedPolicies": [{"PolicyName": "x"}]}': 'p.json:1:30: no string under "PolicyArn"',
    '{"RoleDetailList": []}': "p.json:1:20: a list of 0 roles, where one is wanted",
}


@pytest.mark.parametrize("text", ERRORS)
def test_anything_else_is_an_error_with_its_place(text: str) -> None:
    with pytest.raises(InputError) as failure:
        read_policy(text, "p.json")
    assert failure.value.message == ERRORS[text]
    assert failure.value.hint
    assert failure.value.exit_code == EXIT_INPUT


names = st.sampled_from(
    [
        "Version",
        "Statement",
        "Effect",
        "Action",
        "NotAction",
        "Resource",
        "Condition",
        "RolePolicyList",
        "PolicyDocument",
        "RoleDetailList",
        "RoleName",
        "AttachedManagedPolicies",
        "PermissionsBoundary",
        "Policies",
    ]
)
leaves = st.sampled_from([None, True, 1, "", "Allow", "2012-10-17", "s3:*", "*", "{}", "%7B%7D", [], {}])
anything = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=4), max_leaves=20
)


@given(st.dictionaries(names, anything, max_size=4))
@settings(max_examples=400, deadline=None)
def test_whatever_is_in_the_file_it_is_read_or_refused(content: dict[str, object]) -> None:
    try:
        policy = read_policy(json.dumps(content), "p.json")
    except InputError as error:
        assert error.message.startswith("p.json:1:")
    else:
        assert all(statement.location for statement in policy.statements)
