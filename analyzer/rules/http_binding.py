"""The kind of rule for services whose actions are HTTP methods and whose resources are the paths they are sent to.

API Gateway is one: "apigateway:HTTP_VERB" on "arn:aws:apigateway:REGION::RESOURCE_PATH", where the path is that of the
request (`HTTP_BINDING_SOURCE`). Its second version's paths begin with /v2, which the ARNs leave out
(https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagementv2.html).
"""

from __future__ import annotations

import re
from typing import Final

from analyzer.catalog import find_action
from analyzer.rules.records import ActionEntry
from analyzer.sdk.records import Operation

HTTP_BINDING_SOURCE: Final = (
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-iam-policy-examples.html"
)
"""The page that says so of operations without an entry of their own."""

_VERSION: Final = re.compile(r"/v\d+(?=/)")


def http_binding_entry(prefix: str, operation: Operation) -> ActionEntry | None:
    """Return what `operation` needs by its HTTP method and path, or None if IAM has no action for the method.

    `prefix` is the IAM prefix. A part of the path that no input member is named like can be anything.
    """
    action = find_action(f"{prefix}:{operation.http_method}")
    if action is None:
        return None
    members = {_letters(member): member for member in operation.members}
    path = _VERSION.sub("", operation.request_uri.partition("?")[0], count=1)

    def parameter(found: re.Match[str]) -> str:
        member = members.get(_letters(found[1]))
        return "*" if member is None else f"{{{member}}}"

    resource = re.sub(r"\{([^{}]*)\}", parameter, path)
    return ActionEntry(action.name, (f"arn:{{partition}}:{prefix}:{{region}}::{resource}",))


def _letters(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())
