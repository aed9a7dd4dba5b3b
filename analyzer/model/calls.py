"""What the interpreter finds: API calls, and what it could not resolve."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from analyzer.model.location import Location
from analyzer.model.values import Mapping, Value


class Via(StrEnum):
    """By which part of the SDK a call is made."""

    DIRECT = "direct"
    PAGINATOR = "paginator"
    WAITER = "waiter"
    RESOURCE = "resource"
    TRANSFER = "transfer"
    PRESIGNED = "presigned"
    LIBRARY = "library"
    STATE_MACHINE = "state machine"


class IdentityKind(StrEnum):
    """Where credentials come from that are not those of the execution role."""

    ASSUMED_ROLE = "assumed-role"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom credentials belong to that are not those of the execution role: `role` is the assumed role's ARN."""

    kind: IdentityKind
    role: Value | None = None


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One AWS API call that the program can make.

    `service` is the botocore client name, `operation` the botocore operation name, `parameters` the call's keyword
    parameters, `call_chain` the functions from the entry point to the call site, outermost first. `possible` is True
    where the operation is only handed on as a value and it cannot be seen whether it is called. `region` is the
    region the client was made for, where the code says so. Of an IAM action that a library uses and no operation stands
    for, `service` is the prefix and `operation` the action's name. `identity` is whose credentials the call is made
    with; None is the execution role, which needs permissions for no other calls.
    """

    service: str
    operation: str
    parameters: Mapping
    via: Via
    location: Location
    call_chain: tuple[str, ...] = ()
    possible: bool = False
    region: str | None = None
    identity: Identity | None = None


class UnresolvedReason(StrEnum):
    """Why something could not be resolved."""

    UNKNOWN_RECEIVER = "unknown-receiver"
    UNKNOWN_SERVICE = "unknown-service"
    DYNAMIC_SERVICE = "dynamic-service"
    DYNAMIC_METHOD = "dynamic-method"
    UNKNOWN_METHOD = "unknown-method"
    UNKNOWN_PARAMETERS = "unknown-parameters"
    UNKNOWN_ACTION = "unknown-action"
    SYNTAX_ERROR = "syntax-error"
    UNREADABLE_FILE = "unreadable-file"
    MODULE_NOT_FOUND = "module-not-found"
    BUDGET_EXHAUSTED = "budget-exhausted"
    BAD_TEMPLATE = "bad-template"
    CODE_NOT_FOUND = "code-not-found"
    UNKNOWN_ROLE = "unknown-role"


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Something at `location` that may need permissions and could not be resolved.

    `detail` says in a few words what was seen there; `candidates` are the `service.Operation` names it might be,
    never taken into a policy.
    """

    reason: UnresolvedReason
    location: Location
    detail: str
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Interpretation:
    """What interpreting a program found, sorted by location.

    `files` are the paths of the files that it rests on, as shown: those that were reached from the entry point, or all.
    """

    calls: tuple[ApiCall, ...]
    unresolved: tuple[Unresolved, ...]
    files: tuple[str, ...] = ()
