"""What the rule data says of IAM condition keys: rules/conditions/."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Final

from analyzer.rules.folder import stored_file

if TYPE_CHECKING:
    from analyzer.rules.yaml_nodes import YamlNode

_FILE: Final = "kms-via-service"
# Raised when what is stored changes its form.
_FORMAT: Final = 1


@cache
def kms_via_service() -> Mapping[str, str]:
    """Return the service names of `kms:ViaService`, up to `.REGION.amazonaws.com`, by boto3 client.

    Raises RuleError if the file is wrong. Source:
    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service.
    """
    return stored_file("conditions", _FILE, str(_FORMAT), _read)


def _read(root: YamlNode) -> dict[str, str]:
    from analyzer.sdk import load_service

    services = root.record(("source", "services"))["services"].mapping()
    for client, name in services.items():
        if load_service(client) is None:
            raise name.error(f"botocore has no client `{client}`", "name boto3 clients")
    return {client: name.text() for client, name in services.items()}
