"""How single AWS services spell, in a parameter, what the ARN holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from analyzer.authorize.formats import is_arn
from analyzer.authorize.texts import ANY, ONE, Texts, has_unknown, is_unknown, starts_unknown
from analyzer.rules import Spelling

_REGION: Final = r"[a-z]{2,}(-[a-z]+)+-\d+"
_ACCOUNT: Final = r"\d{12}"
_SECRET_SUFFIX: Final = r"-[A-Za-z0-9]{6}$"
_PARTIAL_FUNCTION: Final = r"[^:]+:function:.+"
_QUALIFIED_TWICE: Final = r"((?:.*:function:)?[^:]+:([^:]+)):\2"


def read_names(spelling: Spelling, text: str, texts: Texts) -> tuple[str, ...]:
    """Return `text`, a parameter's value, as it may stand in the ARN, or as an ARN where it says more than a name."""
    if spelling is Spelling.EITHER_CASE and not text.startswith("arn:"):
        return tuple(dict.fromkeys((text, text.lower())))
    return (_read_name(spelling, text, texts),)


def _read_name(spelling: Spelling, text: str, texts: Texts) -> str:
    if is_unknown(text):
        return text
    match spelling:
        case Spelling.SSM_PARAMETER:
            return text.removeprefix("/")
        case Spelling.SECRET_ID:
            return _secret(text)
        case Spelling.FUNCTION_NAME:
            return _function(text, texts)
        case Spelling.LOG_GROUP:
            # https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html, "arn"
            return f"{text.removesuffix(':*')}:{ANY}"
        case Spelling.BASENAME:
            return text.rpartition("/")[2]
        case Spelling.URL_ENCODED:
            return text.replace("%", "%25").replace(":", "%3A").replace("/", "%2F")
        case _:
            return text


def _function(text: str, texts: Texts) -> str:
    """Return a function's name, or its ARN where `text` holds more; a qualifier given twice counts once.

    Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html, "FunctionName" and "Qualifier".
    """
    twice = re.fullmatch(_QUALIFIED_TWICE, text)
    text = twice[1] if twice else text
    is_partial = re.fullmatch(_PARTIAL_FUNCTION, text) and not text.startswith("arn:")
    return f"arn:{texts.partition}:lambda:{texts.region}:{text}" if is_partial else text


def _secret(text: str) -> str:
    """Return a secret's name or ARN with the six random characters that AWS adds to the name.

    Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_iam-permissions.html.
    """
    is_arn = text.startswith("arn:")
    if is_arn and (re.search(_SECRET_SUFFIX, text) or has_unknown(text[-1:])):
        return text
    return f"{text}-{ONE * 6}"


def read_queue_url(url: str) -> Mapping[str, str]:
    """Return the `Region`, `Account` and (under the empty name) the name of the queue that `url` leads to.

    Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html
    (`https://sqs.us-east-2.amazonaws.com/123456789012/MyQueue`). A name without an address is a queue of the caller's.
    """
    if is_unknown(url):
        return {"": url}
    address, _, name = url.rstrip("/").rpartition("/")
    host, _, account = address.rpartition("/")
    found = {"": name or url}
    if re.fullmatch(_ACCOUNT, account) or (is_unknown(account) and host):
        found["Account"] = account
    labels = [
        label for label in host.rpartition("/")[2].split(".") if re.fullmatch(_REGION, label) or is_unknown(label)
    ]
    if labels:
        found["Region"] = labels[0]
    return found


def read_copy_source(text: str) -> Mapping[str, str] | str:
    """Return the `BucketName` and `ObjectName` that S3's `CopySource` names, or the ARN where it is one.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html, "x-amz-copy-source".
    """
    source = text.partition("?versionId=")[0]
    if is_arn(source):
        return source
    bucket, slash, key = source.removeprefix("/").partition("/")
    return {"BucketName": bucket, "ObjectName": key if slash else bucket if starts_unknown(bucket) else ANY}
