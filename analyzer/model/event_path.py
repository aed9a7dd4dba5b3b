"""How a part of an event is named, whether the code reads it as it arrives or through Powertools' data classes.

Source: https://docs.powertools.aws.dev/lambda/python/latest/utilities/data_classes/ and the source of version 3.37.0.
"""

from __future__ import annotations

from typing import Final

_PROPERTIES: Final = {
    "records[]": "Records[]",
    "json_body": "body",
    "decoded_nested_s3_event": "body",
    "decoded_nested_sns_event": "body",
    "event_source_arn": "eventSourceARN",
    "sns": "Sns",
    "topic_arn": "TopicArn",
}
# Of an event as a whole, which may be that of S3 in the message of a queue or topic.
_OF_EVENTS: Final = {
    "record": ("Records[]",),
    "bucket_name": ("Records[]", "s3", "bucket", "name"),
    "sns_message": ("Records[]", "Sns", "Message"),
}
_HOLDS_AN_EVENT: Final = ("", "body", "Message")
_MESSAGES: Final = ("Sns", "body")


def raw_path(path: str) -> str:
    """Return a path into an event as the event itself has it: `Records[].s3.bucket.name` for `bucket_name`."""
    found: list[str] = []
    for step in path.split("."):
        before = found[-1] if found else ""
        if step in _OF_EVENTS and before in _HOLDS_AN_EVENT:
            found += _OF_EVENTS[step]
        elif step == "message" and before in _MESSAGES:
            found.append("Message")
        else:
            found.append(_PROPERTIES.get(step, step))
    return ".".join(found)
