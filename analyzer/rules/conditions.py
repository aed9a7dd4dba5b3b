"""What the rule data says of IAM condition keys: rules/conditions/."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import Final

from analyzer.cache import cached
from analyzer.installed import rules_folder
from analyzer.rules.folder import content_key, shown_name

_FILE: Final = "kms-via-service.yaml"


@cache
def kms_via_service() -> Mapping[str, str]:
    """Return the service names of `kms:ViaService`, up to `.REGION.amazonaws.com`, by boto3 client.

    Raises RuleError if the file is wrong. Source:
    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service.
    """
    path = os.path.join(rules_folder(), "conditions", _FILE)
    with open(path, "rb") as file:
        key = content_key(file.read())

    def build() -> dict[str, str]:
        from pathlib import Path

        from analyzer.rules.yaml_nodes import read_yaml
        from analyzer.sdk import load_service

        fields = read_yaml(Path(path), shown_name("conditions", _FILE)).record(("source", "services"))
        services = fields["services"].mapping()
        for client, name in services.items():
            if load_service(client) is None:
                raise name.error(f"botocore has no client `{client}`", "name boto3 clients")
        return {client: name.text() for client, name in services.items()}

    return cached("rules", f"via-service-{key}", build)
