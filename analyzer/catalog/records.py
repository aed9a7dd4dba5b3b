"""What is kept of the Service Authorization Reference."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ActionResource:
    """A resource type that an action takes: `name` as in `resource_type`, possibly one of another service's.

    `required` says that a statement for the action has to name such a resource. `condition_keys` and
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

    `variables` are the names in the formats, in order of appearance, without Partition, Region and Account.
    """

    name: str
    arns: tuple[str, ...]
    variables: tuple[str, ...]
    condition_keys: tuple[str, ...]
