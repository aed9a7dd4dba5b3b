"""What the context that Lambda hands to a handler says of the function.

Source: https://docs.aws.amazon.com/lambda/latest/dg/python-context.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from analyzer.flow import strings
from analyzer.flow.standard_library import environment_variable
from analyzer.flow.values import CONTEXT, Value
from analyzer.model.values import Ambient, Hole, Known, Text

if TYPE_CHECKING:
    from analyzer.flow.machine import Machine

_VARIABLES: Final = {"function_name": "AWS_LAMBDA_FUNCTION_NAME", "log_group_name": "AWS_LAMBDA_LOG_GROUP_NAME"}


def context_attribute(machine: Machine, name: str) -> Value:
    """Return an attribute of the context: what is known of the function and of where it runs."""
    if name in _VARIABLES:
        return environment_variable(machine, Known(_VARIABLES[name]), None)
    if name == "invoked_function_arn":
        partition, region, account = (Text((Hole(Ambient(part)),)) for part in ("partition", "region", "account"))
        service, function = Known(":lambda:"), context_attribute(machine, "function_name")
        return strings.concatenate(
            [Known("arn:"), partition, service, region, Known(":"), account, Known(":function:"), function]
        )
    return CONTEXT
