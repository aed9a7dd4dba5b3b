"""A policy document as this project writes it, and what a comparison says of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from analyzer.model.location import Location
from analyzer.model.requirements import Condition, Requirement


@dataclass(frozen=True, slots=True, order=True)
class Principal:
    """Whom a statement of a trust or resource-based policy is about: `AWS` and an ARN, `Service` and a service's name.

    `*` alone is of the kind `*`. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of an identity-based policy. All tuples are sorted; `sid` is derived from the content.

    `not_actions` and `not_resources` are used by granted policies only; generated ones never hold them. `principals`
    are those of a trust or resource-based policy, `not_principals` all that such a statement is not about. `location`
    is where a statement was read and `places` where each of its values stands, by element and value (`Action`, `s3:*`);
    they are no part of what it says: equal statements of two files are equal. `attachment` is where a role names the
    AWS managed policy that the statement is from, which nobody but AWS can change.
    """

    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()
    sid: str = ""
    not_actions: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    principals: tuple[Principal, ...] = ()
    not_principals: tuple[Principal, ...] = ()
    location: Location | None = field(default=None, compare=False)
    places: Mapping[tuple[str, str], Location] = field(default_factory=dict, compare=False, repr=False)
    attachment: PolicyReference | None = field(default=None, compare=False)

    def place(self, element: str, value: str) -> Location | None:
        """Return where `value` of `element` stands; where the statement does, if that is not known."""
        return self.places.get((element, value), self.location)


class PolicyKind(StrEnum):
    """What a policy is to a role. Identity-based policies grant together; each of the others limits what they grant.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html.
    """

    IDENTITY = "identity-based policies"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"


class ReferenceKind(StrEnum):
    """What a role uses a policy for that it names by ARN."""

    MANAGED_POLICY = "managed policy"
    BOUNDARY = "permissions boundary"


@dataclass(frozen=True, slots=True)
class PolicyReference:
    """A managed policy that a role names at `location`."""

    arn: str
    kind: ReferenceKind
    location: Location


@dataclass(frozen=True, slots=True)
class Policy:
    """The statements of a policy, canonically ordered if the project made it, else as the file has them.

    `unseen` are the policies that belong to it and could not be read; `location` is the file it was read from.
    `boundary` and `session` are the statements of the role's permissions boundary and of a session's policy, which
    grant nothing and limit what `statements` grant; None is that there is no such policy.
    """

    statements: tuple[Statement, ...]
    unseen: tuple[PolicyReference, ...] = ()
    location: Location | None = field(default=None, compare=False)
    boundary: tuple[Statement, ...] | None = None
    session: tuple[Statement, ...] | None = None


@dataclass(frozen=True, slots=True)
class Covered:
    """A requirement that is allowed: `by` these identity-based statements, `within` those of boundary and session."""

    requirement: Requirement
    by: tuple[Statement, ...]
    within: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Missing:
    """A requirement that the granted policies do not allow: `patterns` are the resources that lack it.

    `denied_by` is the statement that denies it, if one does; `kinds` is then what policy that statement is in, and
    otherwise every kind of policy in which nothing allows it.
    """

    requirement: Requirement
    patterns: tuple[str, ...]
    denied_by: Statement | None = None
    kinds: tuple[PolicyKind, ...] = (PolicyKind.IDENTITY,)


@dataclass(frozen=True, slots=True)
class Unused:
    """A granted action on granted resources that no requirement uses; `action` is as written in the policy."""

    statement: Statement
    action: str


@dataclass(frozen=True, slots=True)
class TooBroad:
    """A grant that is used, but is wider than needed; `action` is as written in the policy.

    `too_wide` are the statement's resources that are wider than needed or not needed at all; it is empty if only the
    action stands for too much or the statement lacks `conditions` that every call meets. `replacement` are the
    statements that would do instead, without Sids.
    """

    statement: Statement
    action: str
    too_wide: tuple[str, ...]
    replacement: tuple[Statement, ...]
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class BroadManaged:
    """An AWS managed policy that allows more than is needed; `replacement` is what is needed of it, if anything is."""

    reference: PolicyReference
    replacement: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Undecided:
    """A requirement or a grant that cannot be judged, and why; of a statement the `action`, if it is about one.

    Of a requirement, `patterns` are the resources on which it cannot be judged.
    """

    subject: Requirement | Statement | PolicyReference
    why: str
    action: str = ""
    patterns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Requirements held against a granted policy, which was read at `location`."""

    covered: tuple[Covered, ...]
    missing: tuple[Missing, ...]
    unused: tuple[Unused, ...]
    too_broad: tuple[TooBroad, ...]
    undecided: tuple[Undecided, ...]
    location: Location
    managed: tuple[BroadManaged, ...] = ()
