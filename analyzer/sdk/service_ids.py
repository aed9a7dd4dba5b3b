"""How other SDKs than boto3 spell AWS's services, operations and parameters, for texts that follow them.

The AWS SDK for Java names a service by its id in the model, without spaces and without "Service" at the end; Step
Functions does too: https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final, TypeAlias

from analyzer.cache import cached
from analyzer.sdk.installation import version
from analyzer.sdk.models import latest_api_version, read_model, services_with_models
from analyzer.sdk.services import load_service

Spellings: TypeAlias = "dict[str, Any] | None"
"""How botocore spells what lies in an input: `members` by their names in small letters, each with its spelling and what
lies in it; or `items` of a list, or `values` of a map. None for what holds nothing with a name of its own."""

_SUFFIX: Final = "service"
# Raised when what is stored changes its form.
_FORMAT: Final = 1


def client_of_service_id(name: str) -> str | None:
    """Return the boto3 client whose service other SDKs call `name` (`cloudwatchlogs`), in any case; None if none is."""
    return _clients().get(_squeezed(name))


def operation_in_any_case(client: str, name: str) -> str | None:
    """Return how botocore spells the operation `name` (`describeDbInstances`) of a client; None if it has none."""
    service = load_service(client)
    wanted = name.lower()
    return next((one for one in (service.operations if service else ()) if one.lower() == wanted), None)


def input_spellings(client: str, operation: str) -> Spellings:
    """Return how botocore spells the parameters of an operation that the client has."""

    def build() -> dict[str, Any]:
        model = read_model(client, latest_api_version(client), "service-2")
        start = model["operations"][operation].get("input")
        return {"input": None if start is None else _spellings(start["shape"], model["shapes"], ())}

    stored: dict[str, Spellings] = cached("sdk", f"input.{client}.{operation}-{version('botocore')}-{_FORMAT}", build)
    return stored["input"]


def _spellings(name: str, shapes: dict[str, Any], above: tuple[str, ...]) -> Spellings:
    shape = shapes[name]
    if name in above:
        return None
    inner = (*above, name)
    if shape["type"] == "structure":
        members = shape.get("members", {})
        return {"members": {one.lower(): [one, _spellings(members[one]["shape"], shapes, inner)] for one in members}}
    if shape["type"] == "list":
        found = _spellings(shape["member"]["shape"], shapes, inner)
        return None if found is None else {"items": found}
    if shape["type"] == "map":
        found = _spellings(shape["value"]["shape"], shapes, inner)
        return None if found is None else {"values": found}
    return None


@cache
def _clients() -> dict[str, str]:
    def build() -> dict[str, str]:
        found: dict[str, str] = {}
        for client in services_with_models():
            metadata = read_model(client, latest_api_version(client), "service-2")["metadata"]
            name = _squeezed(str(metadata.get("serviceId", client)))
            for spelled in (name, name.removesuffix(_SUFFIX)):
                found.setdefault(spelled, client)
        return found

    stored: dict[str, str] = cached("sdk", f"service-ids-{version('botocore')}-{_FORMAT}", build)
    return stored


def _squeezed(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())
