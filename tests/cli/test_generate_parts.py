"""`lpa generate --as sam` and `--as cloudformation`: what is printed for functions of templates."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Command

FIXTURES = Path(__file__).parent.parent.parent / "fixtures" / "fix"
EVENT_BUCKETS = """\
Resources:
  OfNamed:
    Properties:
      Policies:
        - Statement:
            - Effect: Allow
              Action: s3:GetObject
              Resource: !Sub "arn:${AWS::Partition}:s3:::in-${AWS::AccountId}/*"
  OfUnnamedPolicy:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: OfUnnamedPolicy
      Roles:
        - !Ref OfUnnamedRole
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: s3:GetObject
            Resource: !Sub "${Unnamed.Arn}/*"
"""
POLICY_TEMPLATES = """\
Resources:
  Tell:
    Properties:
      Policies:
        - AMIDescribePolicy: {}
        - SNSPublishMessagePolicy:
            TopicName: !GetAtt Topic.TopicName
        - Statement:
            - Effect: Allow
              Action: s3:PutObject
              Resource: !Sub "${Bucket.Arn}/a"
            - Effect: Allow
              Action: sqs:GetQueueUrl
              Resource: !Sub "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:q"
"""


def case(lpa: Command, name: str) -> None:
    shutil.copytree(FIXTURES / name, lpa.cwd, dirs_exist_ok=True)


def test_policies_of_sam_leave_out_what_sam_adds_and_what_would_be_circular(lpa: Command) -> None:
    case(lpa, "event_buckets")
    done = lpa("generate", "-", "--as", "sam")
    assert (done.returncode, done.stdout) == (0, EVENT_BUCKETS)
    assert done.stderr == ("lpa: note: * stands for event Records[].s3.object.key in the resources of s3:GetObject\n")


def test_policy_templates_where_they_fit(lpa: Command) -> None:
    case(lpa, "policy_templates")
    done = lpa("generate", "-", "--format", "sam", "--prefer-policy-templates")
    assert (done.returncode, done.stdout) == (0, POLICY_TEMPLATES)


def test_a_function_with_a_role_of_its_own_as_sam_would_have_it(lpa: Command) -> None:
    case(lpa, "role_in_json")
    done = lpa("generate", "-", "--as", "sam", "--template", "template.json")
    statements = [
        {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": {"Fn::GetAtt": ["Orders", "Arn"]}},
        {"Effect": "Allow", "Action": "dynamodb:Query", "Resource": {"Fn::Sub": "${Orders.Arn}/index/by-day"}},
    ]
    policies = [{"Statement": statements}]
    assert json.loads(done.stdout) == {"Resources": {"Read": {"Properties": {"Policies": policies}}}}


def test_a_role_has_what_all_its_functions_need_and_their_logs_apart(lpa: Command) -> None:
    case(lpa, "shared_role")
    done = lpa("generate", "-", "--as", "cloudformation", "--function", "Send")
    assert done.returncode == 0
    assert (
        done.stdout
        == """\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              Service: lambda.amazonaws.com
            Action: sts:AssumeRole
      Policies:
        - PolicyName: Role
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action:
                  - sqs:PurgeQueue
                  - sqs:SendMessage
                Resource: !GetAtt Queue.Arn
  RolePolicy:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: RolePolicy
      Roles:
        - !Ref Role
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action:
              - logs:CreateLogGroup
              - logs:CreateLogStream
              - logs:PutLogEvents
            Resource:
              - !Sub "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/lambda/${Purge}:*"
              - !Sub "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/lambda/${Send}:*"
"""
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["role.json", "--as", "sam"], "--as sam is printed only"),
        (["-", "--as", "sam", "--check"], "--check, --extend or --wildcards with --as sam"),
        (["-", "--as", "cloudformation", "--source", "src"], "--as cloudformation without a template"),
    ],
)
def test_what_does_not_fit_together(lpa: Command, arguments: list[str], message: str) -> None:
    case(lpa, "event_buckets")
    done = lpa("generate", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_strict_fails_on_what_is_not_known(lpa: Command) -> None:
    case(lpa, "calls_not_known")
    assert lpa("generate", "-", "--as", "sam").returncode == 0
    done = lpa("generate", "-", "--as", "sam", "--strict")
    assert done.returncode == 1
    assert "src/app.py:6" in done.stderr
