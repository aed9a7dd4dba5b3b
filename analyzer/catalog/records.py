"""What is kept of the Service Authorization Reference."""

from __future__ import annotations

from dataclasses import dataclass

DEPLOYMENT = frozenset({"Partition", "Region", "Account"})
"""The variables of ARN formats that are filled in from where the program is deployed, not from a call."""


@dataclass(frozen=True, slots=True)
class ActionResource:
    """A resource type that an action takes: `name` as `resource_type` takes it with the action's prefix.

    `required` is AWS's own mark. Where several types have it, a call may still need only one of them
    (`bedrock:InvokeModel`), and where none has it, it needs one all the same (`s3:GetObject`). `condition_keys` and
    `dependent_actions` are those that apply with this resource type only.
    """

    name: str
    required: bool
    condition_keys: tuple[str, ...]
    dependent_actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Action:
    """An IAM action: `name` in AWS's own spelling (`s3:GetObject`), `access_level` one of `List`, `Read`, `Write`,
    `Tagging`, `Permissions management`.

    `resource_types` is empty when the action can be granted on `*` only. `condition_keys` are those that apply
    whatever the resource.
    """

    name: str
    access_level: str
    resource_types: tuple[ActionResource, ...]
    condition_keys: tuple[str, ...]
    dependent_actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ResourceType:
    """A resource type and its ARN formats (`arn:${Partition}:s3:::${BucketName}`), at least one.

    The resource may be another service's than the action (`rds-data` and its `cluster`). A `*` in a format is AWS's.
    `variables` are the names in the formats, in order of appearance, without Partition, Region and Account.
    """

    name: str
    arns: tuple[str, ...]
    variables: tuple[str, ...]
    condition_keys: tuple[str, ...]
