"""What an access denied message of AWS says.

Forms: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html ("Most access denied error
messages appear in the format `User {user} is not authorized to perform {action} on {resource} because {context}`",
"Some AWS services do not support this access denied error message format"), botocore's `ClientError`, and the JSON of
https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

from analyzer.errors import UsageError

_ACTION: Final = r"(?P<action>[A-Za-z0-9-]+:[A-Za-z0-9]+)"
_END: Final = r"(?=\s+(?:because|with an explicit deny)\b|\s+\((?:Service|status code)|[.;,]?\s*$|\.\s)"
_AUTHORIZED: Final = re.compile(
    rf"(?:(?:User|Principal|Role):?\s+)?(?P<principal>\S+)\s+is not authorized to perform:?\s+{_ACTION}"
    rf"(?:\s+on (?:the resource .+?|resource:?\s+(?P<resource>.+?)))?{_END}",
    re.IGNORECASE,
)
_EXPLICIT: Final = re.compile(
    r"with an explicit deny"
    r"(?:\s+in (?:a|an|the)\s+(?P<kind>[\w -]+?)(?:\s+policy)?(?::\s*(?P<policy>arn:\S+))?(?=[.,;:(]|\s*$))?",
    re.IGNORECASE,
)
_IMPLICIT: Final = re.compile(r"because no\s+(?P<kind>[\w -]+?)(?:\s+policy)?\s+allows\b", re.IGNORECASE)
_OPERATION: Final = re.compile(r"when calling the (?P<operation>\w+) operation")
_QUEUE: Final = re.compile(r"Access to the resource (?P<resource>https://\S+?) is denied")
_EXECUTION_ROLE: Final = re.compile(
    r"execution role does not have permissions to call (?P<operation>\w+) on (?P<service>\w+)", re.IGNORECASE
)
_ENCODED: Final = re.compile(r"Encoded authorization failure message: *\S", re.IGNORECASE)
_ANY_FORM: Final = re.compile(r"access ?denied|not authorized|unauthorized|forbidden", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Denial:
    """What was denied, as far as the message says it; what it does not say is empty.

    `action` is an IAM action (`s3:GetObject`), `operation` the SDK's operation that was called, `service` what the
    message calls its service. `explicit` tells a Deny statement from a missing Allow, and is None where the message
    does not say. `kind` is the kind of policy that denied it in the message's words (`identity-based`, `service
    control`, `permissions boundary`), `policy` that policy's ARN.
    """

    principal: str = ""
    action: str = ""
    resource: str = ""
    operation: str = ""
    service: str = ""
    explicit: bool | None = None
    kind: str = ""
    policy: str = ""


def read_denial(message: str) -> Denial:
    """Return what `message`, an error's text or a decoded authorization message, says was denied.

    Raises UsageError for a text that is no such message, and for one that AWS has encoded.
    """
    text = " ".join(message.split())
    if text.startswith("{"):
        return _decoded(text)
    authorized = _AUTHORIZED.search(text)
    operation = _OPERATION.search(text)
    denial = Denial(operation=operation["operation"] if operation else "")
    if authorized is not None:
        resource = (authorized["resource"] or "").strip("\"' ")
        return _with_reason(
            Denial(authorized["principal"], authorized["action"], resource, denial.operation), text[authorized.end() :]
        )
    if (queue := _QUEUE.search(text)) is not None:
        return Denial(resource=queue["resource"], operation=denial.operation)
    if (role := _EXECUTION_ROLE.search(text)) is not None:
        return Denial(operation=role["operation"], service=role["service"])
    if _ENCODED.search(text):
        raise UsageError(
            "the message is encoded",
            "decode it: aws sts decode-authorization-message --encoded-message ..., and give its JSON",
        )
    if denial.operation and _ANY_FORM.search(text):
        return denial
    raise UsageError(
        "--denied is no access denied message that is known",
        'give it whole, such as "User: ... is not authorized to perform: ... on resource: ..."',
    )


def _with_reason(denial: Denial, reason: str) -> Denial:
    fields = (denial.principal, denial.action, denial.resource, denial.operation, denial.service)
    if (explicit := _EXPLICIT.search(reason)) is not None:
        return Denial(
            *fields, explicit=True, kind=_kind(explicit["kind"]), policy=(explicit["policy"] or "").rstrip(".")
        )
    if (implicit := _IMPLICIT.search(reason)) is not None:
        return Denial(*fields, explicit=False, kind=_kind(implicit["kind"]))
    return denial


def _kind(words: str | None) -> str:
    return " ".join((words or "").split()).removesuffix(" policy")


def _decoded(text: str) -> Denial:
    """Return what a decoded authorization message says; it may stand inside the output of the AWS CLI."""
    try:
        document = json.loads(text)
        if "DecodedMessage" in document:
            document = json.loads(document["DecodedMessage"])
        context = document["context"]
        return Denial(
            principal=str(context.get("principal", {}).get("arn", "")),
            action=str(context["action"]),
            resource=str(context.get("resource", "")),
            explicit=bool(document["explicitDeny"]) if "explicitDeny" in document else None,
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UsageError(
            "--denied is JSON, but no decoded authorization message",
            "give the output of aws sts decode-authorization-message",
        ) from error
