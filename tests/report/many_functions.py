"""A template with many functions, each with code of its own, for what has to bear many."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Command

_CODE = """\
import os
import boto3

table = boto3.resource("dynamodb").Table(os.environ["TABLE"])
queue = boto3.client("sqs")


def handler(event, context):
    table.get_item(Key={{"id": "{number}"}})
    queue.send_message(QueueUrl="https://sqs.eu-west-1.amazonaws.com/123456789012/jobs-{number}", MessageBody="x")
    boto3.client("s3").get_object(Bucket="data-{number}", Key="latest.json")
"""
_FUNCTION = """\
  Function{number:03}:
    Type: AWS::Lambda::Function
    Properties:
      Code: src/f{number:03}
      Handler: app.handler
      Runtime: python3.12
      Role: !GetAtt Role{number:03}.Arn
      Environment: {{Variables: {{TABLE: !Ref Orders}}}}
  Role{number:03}:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {{}}
      Policies:
        - PolicyName: own
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: [dynamodb:GetItem, dynamodb:DeleteItem]
                Resource: !GetAtt Orders.Arn
              - Effect: Allow
                Action: s3:GetObject
                Resource: "*"
              - Effect: Allow
                Action: [logs:CreateLogGroup, logs:CreateLogStream, logs:PutLogEvents]
                Resource: "arn:aws:logs:*:*:*"
"""


def write_functions(folder: Command, number: int) -> None:
    """Write template.yaml and the code of `number` functions: of each, sending to its queue is not granted, deleting
    items is granted and unused, and reading objects is granted more broadly than needed."""
    resources = "".join(_FUNCTION.format(number=one) for one in range(number))
    folder.write("template.yaml", f"Resources:\n  Orders: {{Type: AWS::DynamoDB::Table}}\n{resources}")
    for one in range(number):
        folder.write(f"src/f{one:03}/app.py", _CODE.format(number=one))
