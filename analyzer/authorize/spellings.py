"""How single AWS services spell, in a parameter, what the ARN holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from analyzer.authorize.texts import ANY, ONE, Texts, has_unknown, is_unknown, starts_unknown
from analyzer.model.values import Mapping as MappingValue
from analyzer.model.values import Value, alternatives
from analyzer.rules import Spelling

_REGION: Final = r"[a-z]{2,}(-[a-z]+)+-\d+"
_ACCOUNT: Final = r"\d{12}"
_SECRET_SUFFIX: Final = r"-[A-Za-z0-9]{6}$"
_PARTIAL_FUNCTION: Final = r"[^:]+:function:.+"


def read_name(spelling: Spelling, text: str, texts: Texts) -> str:
    """Return `text`, a parameter's value, as it stands in the ARN, or as an ARN where it says more than a name."""
    if is_unknown(text):
        return text
    match spelling:
        case Spelling.SSM_PARAMETER:
            return text.removeprefix("/")
        case Spelling.SECRET_ID:
            return _secret(text)
        case Spelling.FUNCTION_NAME:
            # https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html, "FunctionName"
            is_partial = re.fullmatch(_PARTIAL_FUNCTION, text) and not text.startswith("arn:")
            return f"arn:{texts.partition}:lambda:{texts.region}:{text}" if is_partial else text
        case Spelling.LOG_GROUP:
            # https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html, "arn"
            return f"{text.removesuffix(':*')}:{ANY}"
        case Spelling.BASENAME:
            return text.rpartition("/")[2]
        case _:
            return text


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


def read_copy_source(value: Value, texts: Texts) -> Iterator[Mapping[str, str] | str]:
    """Yield the `BucketName` and `ObjectName` that S3's `CopySource` may name, or the ARN where it is one.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html, "x-amz-copy-source".
    """
    for one in alternatives(value):
        if isinstance(one, MappingValue):
            yield from _copy_source_mapping(one, texts)
            continue
        for text in texts.of(one):
            source = text.partition("?versionId=")[0]
            bucket, slash, key = source.removeprefix("/").partition("/")
            if source.startswith("arn:"):
                yield source
            elif slash:
                yield {"BucketName": bucket, "ObjectName": key}
            else:
                unknown = bucket if starts_unknown(bucket) else ANY
                yield {"BucketName": bucket, "ObjectName": unknown}


def _copy_source_mapping(source: MappingValue, texts: Texts) -> Iterator[Mapping[str, str]]:
    missing = texts.unseen("parts of CopySource that are not visible")
    buckets, keys = (
        list(texts.of(found)) if (found := source.get(name)) is not None else [missing] for name in ("Bucket", "Key")
    )
    for bucket in buckets:
        for key in keys:
            yield {"BucketName": bucket, "ObjectName": key}
