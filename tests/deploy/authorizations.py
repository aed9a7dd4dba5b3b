"""What IAM is asked for each request of a sample application: actions on resources, written by hand.

moto's server takes the operation's own name for the action and `*` for the resource of nearly every request. This table
says what AWS does instead, for the operations that the sample applications use. It is an account of its own, from the
Service Authorization Reference (https://docs.aws.amazon.com/service-authorization/latest/reference/) and the pages
named beside the entries, and shares nothing with the rules of the analyzer that it is held against.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

ACCOUNT = "123456789012"
REGION = "us-east-1"

Parameters = Mapping[str, Any]
Question = tuple[str, str]
"""An action and the ARN that it is asked for."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as the server received it; `found` are ARNs that only the server's state tells, by name."""

    service: str
    operation: str
    parameters: Parameters
    found: Callable[[str, str], str] = field(repr=False)


class UnknownRequestError(Exception):
    """A request that this table does not know: an operation of a new sample application has to be added here."""


def questions(request: Request) -> list[Question]:
    """Return what IAM is asked. Raises UnknownRequestError."""
    ask = _BY_SERVICE.get(request.service)
    if ask is None:
        raise UnknownRequestError(f"{request.service}.{request.operation}")
    return list(ask(request))


def _arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def _named(text: str, service: str, prefix: str = "") -> str:
    """Return the ARN of a resource that is given by its ARN or its name."""
    return text if text.startswith("arn:") else _arn(service, prefix + text)


def _unknown(request: Request) -> UnknownRequestError:
    return UnknownRequestError(f"{request.service}.{request.operation}")


# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html: transactions ask for the
# actions of their parts. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html:
# Query and Scan of an index are on the index.


def _dynamodb(request: Request) -> Iterator[Question]:
    given = request.parameters
    match request.operation:
        case "BatchGetItem" | "BatchWriteItem":
            for table in given["RequestItems"]:
                yield f"dynamodb:{request.operation}", _named(table, "dynamodb", "table/")
        case "TransactWriteItems" | "TransactGetItems":
            actions = {
                "Put": "PutItem",
                "Update": "UpdateItem",
                "Delete": "DeleteItem",
                "ConditionCheck": "ConditionCheckItem",
                "Get": "GetItem",
            }
            for item in given["TransactItems"]:
                for kind, part in item.items():
                    yield f"dynamodb:{actions[kind]}", _named(part["TableName"], "dynamodb", "table/")
        case "Query" | "Scan":
            index = f"/index/{given['IndexName']}" if given.get("IndexName") else ""
            yield f"dynamodb:{request.operation}", _named(given["TableName"], "dynamodb", "table/") + index
        case "GetItem" | "PutItem" | "UpdateItem" | "DeleteItem" | "DescribeTable":
            yield f"dynamodb:{request.operation}", _named(given["TableName"], "dynamodb", "table/")
        case _:
            raise _unknown(request)


# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html:
# batches ask for the action of the single request.


def _sqs(request: Request) -> Iterator[Question]:
    given = request.parameters
    name = given["QueueName"] if request.operation == "GetQueueUrl" else given["QueueUrl"].rpartition("/")[2]
    yield f"sqs:{request.operation.removesuffix('Batch')}", _arn("sqs", name)


def _sns(request: Request) -> Iterator[Question]:
    if request.operation not in ("Publish", "PublishBatch"):
        raise _unknown(request)
    given = request.parameters
    # A message to a telephone number is on no resource: https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
    yield "sns:Publish", given.get("TopicArn") or given.get("TargetArn") or "*"


# https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html, _CopyObject.html, _ListObjectsV2.html ...


def _s3(request: Request) -> Iterator[Question]:
    given = request.parameters
    bucket = f"arn:aws:s3:::{given['Bucket']}"
    item = f"{bucket}/{given.get('Key', '')}"
    match request.operation:
        case "GetObject" | "HeadObject":
            yield "s3:GetObject", item
        case "PutObject" | "CreateMultipartUpload" | "UploadPart" | "CompleteMultipartUpload":
            yield from _written(given, item)
        case "CopyObject":
            yield "s3:GetObject", f"arn:aws:s3:::{unquote(given['CopySource']).lstrip('/')}"
            yield from _written(given, item)
        case "DeleteObject":
            yield "s3:DeleteObject", item
        case "DeleteObjects":
            for key in given["Keys"]:
                yield "s3:DeleteObject", f"{bucket}/{key}"
        case "ListObjectsV2" | "ListObjects" | "HeadBucket":
            yield "s3:ListBucket", bucket
        case "GetObjectTagging" | "PutObjectTagging":
            yield f"s3:{request.operation}", item
        case _:
            raise _unknown(request)


def _written(given: Parameters, item: str) -> Iterator[Question]:
    yield "s3:PutObject", item
    if given.get("Tagging"):
        yield "s3:PutObjectTagging", item
    if given.get("ACL"):
        yield "s3:PutObjectAcl", item


def _kms(request: Request) -> Iterator[Question]:
    if request.operation not in ("Encrypt", "Decrypt", "GenerateDataKey", "Sign", "DescribeKey"):
        raise _unknown(request)
    # An alias stands for its key: https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
    given = request.parameters
    yield f"kms:{request.operation}", request.found("key", given.get("KeyId") or given["CiphertextBlob"])


def _secretsmanager(request: Request) -> Iterator[Question]:
    if request.operation == "GetRandomPassword":
        yield "secretsmanager:GetRandomPassword", "*"
    elif request.operation in ("GetSecretValue", "DescribeSecret", "PutSecretValue", "UpdateSecretVersionStage"):
        yield f"secretsmanager:{request.operation}", request.found("secret", request.parameters["SecretId"])
    else:
        raise _unknown(request)


# https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-access.html


def _ssm(request: Request) -> Iterator[Question]:
    given = request.parameters
    match request.operation:
        case "GetParameter" | "PutParameter":
            names = [given["Name"]]
        case "GetParameters":
            names = given["Names"]
        case "GetParametersByPath":
            names = [given["Path"].rstrip("/")]
        case _:
            raise _unknown(request)
    for name in names:
        yield f"ssm:{request.operation}", _named(name.lstrip("/"), "ssm", "parameter/")


def _kinesis(request: Request) -> Iterator[Question]:
    if request.operation not in ("PutRecord", "PutRecords", "DescribeStreamSummary"):
        raise _unknown(request)
    given = request.parameters
    yield f"kinesis:{request.operation}", given.get("StreamARN") or _arn("kinesis", f"stream/{given['StreamName']}")


def _firehose(request: Request) -> Iterator[Question]:
    if request.operation not in ("PutRecord", "PutRecordBatch"):
        raise _unknown(request)
    name = request.parameters["DeliveryStreamName"]
    yield f"firehose:{request.operation}", _arn("firehose", f"deliverystream/{name}")


def _lambda(request: Request) -> Iterator[Question]:
    if request.operation != "Invoke":
        raise _unknown(request)
    yield "lambda:InvokeFunction", _named(request.parameters["FunctionName"], "lambda", "function:")


def _states(request: Request) -> Iterator[Question]:
    match request.operation:
        case "StartExecution" | "StartSyncExecution":
            yield f"states:{request.operation}", request.parameters["stateMachineArn"]
        case "DescribeExecution" | "StopExecution":
            yield f"states:{request.operation}", request.parameters["executionArn"]
        # The token says which execution; the documentation has the actions on the state machine, which IAM is not asked
        # for: https://docs.aws.amazon.com/step-functions/latest/dg/concept-create-iam-advanced.html
        case "SendTaskSuccess" | "SendTaskFailure":
            yield f"states:{request.operation}", "*"
        case _:
            raise _unknown(request)


def _events(request: Request) -> Iterator[Question]:
    if request.operation != "PutEvents":
        raise _unknown(request)
    for entry in request.parameters["Entries"]:
        yield "events:PutEvents", _named(entry.get("EventBusName", "default"), "events", "event-bus/")


# https://docs.aws.amazon.com/scheduler/latest/UserGuide/security_iam_id-based-policies.html: the role of the target is
# passed.


def _scheduler(request: Request) -> Iterator[Question]:
    given = request.parameters
    if request.operation not in ("CreateSchedule", "DeleteSchedule", "GetSchedule", "UpdateSchedule"):
        raise _unknown(request)
    group = given.get("GroupName", "default")
    yield f"scheduler:{request.operation}", _arn("scheduler", f"schedule/{group}/{given['Name']}")
    if "Target" in given:
        yield "iam:PassRole", given["Target"]["RoleArn"]


def _cognito(request: Request) -> Iterator[Question]:
    if not request.operation.startswith("Admin") and request.operation not in ("ListUsers", "DescribeUserPool"):
        raise _unknown(request)
    yield f"cognito-idp:{request.operation}", _arn("cognito-idp", f"userpool/{request.parameters['UserPoolId']}")


# Where an address and its domain are verified, both identities count:
# https://repost.aws/knowledge-center/amazon-ses-send-email-unauthorized-error. The sample applications verify both.


def _ses(request: Request) -> Iterator[Question]:
    given = request.parameters
    match request.operation:
        case "SendEmail":
            sender = given.get("Source") or given["FromEmailAddress"]
            for identity in (sender, sender.partition("@")[2]):
                yield "ses:SendEmail", _arn("ses", f"identity/{identity}")
        case _:
            raise _unknown(request)


def _on_anything(*operations: str) -> Callable[[Request], Iterator[Question]]:
    """Return what services ask whose operations take no resource."""

    def ask(request: Request) -> Iterator[Question]:
        if request.operation not in operations:
            raise _unknown(request)
        yield f"{request.service}:{request.operation}", "*"

    return ask


_BY_SERVICE: Mapping[str, Callable[[Request], Iterator[Question]]] = {
    "dynamodb": _dynamodb,
    "sqs": _sqs,
    "sns": _sns,
    "s3": _s3,
    "kms": _kms,
    "secretsmanager": _secretsmanager,
    "ssm": _ssm,
    "kinesis": _kinesis,
    "firehose": _firehose,
    "lambda": _lambda,
    "stepfunctions": _states,
    "events": _events,
    "scheduler": _scheduler,
    "cognito-idp": _cognito,
    "ses": _ses,
    "sesv2": _ses,
    "cloudwatch": _on_anything("PutMetricData"),
    "rekognition": _on_anything("DetectLabels"),
    "ec2": _on_anything("DescribeInstances", "DescribeRegions"),
}
