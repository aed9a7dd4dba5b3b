"""Who invokes the functions of a template, and who is permitted to."""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.model.location import Location
from analyzer.model.policy import Policy


@dataclass(frozen=True, slots=True)
class InvokingRole:
    """The role by which a service invokes: what names it, and what it is allowed, None if that is not known."""

    name: str
    policy: Policy | None


@dataclass(frozen=True, slots=True)
class Invocation:
    """A resource of the template, `by`, that makes a service invoke the function with the logical id `function`.

    `target` is the pattern of the ARN that is invoked, of the function or a version or alias of it. `principal` is the
    service, `*` for anyone on the internet; `sources` are what it may give as `aws:SourceArn`, `actions` what it needs.
    """

    by: str
    type: str
    function: str
    target: str
    principal: str
    sources: tuple[str, ...]
    actions: tuple[str, ...]
    role: InvokingRole | None
    location: Location


@dataclass(frozen=True, slots=True)
class InvokePermission:
    """A statement of a function's resource-based policy, `AWS::Lambda::Permission` in templates, with the id `id`.

    `targets` are the patterns of the ARNs that it is about. `source_arn` and `source_account` are as the template
    spells them, None if they are left out; `others` are the names of the other properties that limit it. `generated`
    says that SAM made it for an event. `known_source` is whether what `source_arn` stands for is seen in the template.
    """

    id: str
    function: str
    targets: tuple[str, ...]
    action: str
    principal: str
    source_arn: str | None
    source_account: str | None
    others: tuple[str, ...]
    generated: bool
    known_source: bool
    location: Location


@dataclass(frozen=True, slots=True)
class Invocations:
    """What invokes the functions that are looked at, and what is permitted to."""

    invocations: tuple[Invocation, ...]
    permissions: tuple[InvokePermission, ...]
