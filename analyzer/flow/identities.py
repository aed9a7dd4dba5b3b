"""Whose credentials a session or client has: those of the execution role, of a role that was assumed, or others.

What is made with credentials that may be absent has both, so that no permission of the execution role is overlooked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.flow import export
from analyzer.flow.calling import Arguments
from analyzer.flow.library_object import LibraryObject
from analyzer.flow.values import (
    ABSENT,
    NONE,
    BoundMethod,
    Choice,
    Client,
    Credentials,
    DictObject,
    Foreign,
    Function,
    Partial,
    Resource,
    SdkResult,
    Session,
    Value,
    alternatives,
    join_all,
    unknown,
)
from analyzer.model import ir
from analyzer.model.calls import Identity, IdentityKind, Via
from analyzer.model.values import CallResult, Environment, EventPart, Hole, Known, Opaque, Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from analyzer.flow.machine import Machine

ROLE = "!RoleArn"
"""The path under which a response of `AssumeRole` remembers the role; no response has it."""

_OTHER = Identity(IdentityKind.OTHER)
# The Lambda runtime sets it: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
_OWN_KEY = "AWS_ACCESS_KEY_ID"
# Which role the credentials of an identity pool belong to is chosen by the pool.
_ASSUMING = frozenset(
    {
        ("sts", "AssumeRole"),
        ("sts", "AssumeRoleWithWebIdentity"),
        ("sts", "AssumeRoleWithSAML"),
        ("sts", "AssumeRoot"),
        ("cognito-identity", "GetCredentialsForIdentity"),
        ("sso", "GetRoleCredentials"),
    }
)
_KEY_NAMES = ("access_key", "AccessKeyId", "aws_access_key_id")
_CALLABLE = Function | BoundMethod | Partial
_Alternatives = tuple[Identity | None, ...]


def with_role(entries: dict[object, Value], service: str, operation: str) -> tuple[tuple[str, Value], ...]:
    """Return what a response of an operation remembers of the role whose credentials are in it."""
    role = entries.get("RoleArn")
    return ((ROLE, role),) if role is not None and (service, operation) in _ASSUMING else ()


def identities(machine: Machine, value: Value | None, default: Identity | None = None) -> _Alternatives:
    """Return whose credentials an access key, or credentials, may be; `default` are those where none are given."""
    if value is None:
        return (default,)
    found: dict[Identity | None, None] = {}
    for member in value.values if isinstance(value, Choice) else (value,):
        found.update(dict.fromkeys(_identities_of(machine, member, default)))
    return tuple(found)


def _identities_of(machine: Machine, value: Value, default: Identity | None) -> _Alternatives:
    match value:
        case Session() | Client() | Credentials() | Resource():
            return (value.identity,)
        case LibraryObject():
            held = [identities(machine, given) for _, given in value.given if _is_telling(given)]
            return held[0] if held else (default, _OTHER)
        case SdkResult():
            return (_of_response(machine, value),)
        case Text((Hole(Environment(name)),)):
            # A variable that nobody sets leaves the client with its own credentials.
            return (default,) if name == _OWN_KEY else (default, _OTHER)
        case Opaque(CallResult(service, operation)) | Text((Hole(CallResult(service, operation)),)):
            return (_of_response(machine, SdkResult(service, operation)),)
        case Opaque(EventPart()) | Text():
            return (_OTHER,)
        case Known(str() as text) if text:
            return (_OTHER,)
        case DictObject():
            keys = [machine.objects.entry(value, Known(name)) for name in _KEY_NAMES]
            return next((identities(machine, key, default) for key in keys if key is not None), (default,))
    if value is ABSENT or value == NONE or value == Known(""):
        return (default,)
    return (default, _OTHER) if isinstance(value, Opaque | Foreign) else (default,)


def _of_response(machine: Machine, response: SdkResult) -> Identity:
    if (response.service, response.operation) not in _ASSUMING:
        return _OTHER
    role = dict(response.known).get(ROLE)
    exported = (
        None if role is None else dict(export.mapping([("role", role)], machine.state).entries).get(Known("role"))
    )
    return Identity(IdentityKind.ASSUMED_ROLE, exported)


def _is_telling(value: Value) -> bool:
    return any(
        isinstance(member, Session | Client | Credentials | Resource | SdkResult | LibraryObject)
        for member in alternatives(value)
    )


def sole_identity(machine: Machine, values: list[Value]) -> Identity | None:
    """Return whose credentials are among arguments; None, the execution role, where it may be that."""
    for value in values:
        if _is_telling(value):
            found = identities(machine, value)
            return None if None in found else found[0]
    return None


def with_credentials(machine: Machine, session: Value, credentials: Value) -> Value:
    """Return what sessions among values become when they are given credentials; other values stay as they are."""
    made: list[Value] = []
    for member in alternatives(session):
        if isinstance(member, Session):
            made += [Session(member.region, identity) for identity in identities(machine, credentials)]
        else:
            made.append(member)
    return join_all(made) or session


# What botocore.credentials offers


def _credentials(machine: Machine, value: Value | None) -> Value:
    made: list[Value] = [Credentials(identity) for identity in identities(machine, value)]
    return join_all(made) or Credentials()


def plain_credentials(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    """Return what `Credentials(access_key, secret_key, token)` gives; `RefreshableCredentials` begins like it."""
    return _credentials(machine, arguments.take(0, "access_key"))


def refreshable_credentials(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    """Return what `RefreshableCredentials.create_from_metadata(metadata, refresh_using, method)` gives."""
    return _refreshed(machine, arguments.take(0, "metadata"), arguments.take(1, "refresh_using"), span)


def deferred_credentials(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    """Return what `DeferredRefreshableCredentials(refresh_using, method)` gives."""
    return _refreshed(machine, None, arguments.take(0, "refresh_using"), span)


def _refreshed(machine: Machine, metadata: Value | None, refresh: Value | None, span: ir.Span) -> Value:
    told = [refresh]
    if refresh is not None and any(isinstance(member, _CALLABLE) for member in alternatives(refresh)):
        told = [machine.calling.call(refresh, Arguments(), span)]
    for value in (*told, metadata):
        if value is not None and any(
            isinstance(one, SdkResult | DictObject | Credentials) for one in alternatives(value)
        ):
            return _credentials(machine, value)
    return Credentials(_OTHER)


def role_fetcher(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    """Return what fetches an assumed role's credentials: `AssumeRoleCredentialFetcher(..., role_arn)`."""
    source = arguments.take(1, "source_credentials")
    role = arguments.take(2, "role_arn") or unknown("a role")
    return _assumed(machine, role, identities(machine, source)[0], span)


def role_refresher(machine: Machine, arguments: Arguments, span: ir.Span) -> Value:
    """Return what fetches an assumed role's credentials: `create_assume_role_refresher(client, params)`."""
    client, parameters = arguments.take(0, "client"), arguments.take(1, "params")
    role = machine.objects.entry(parameters, Known("RoleArn")) if isinstance(parameters, DictObject) else None
    return _assumed(machine, role or unknown("a role"), sole_identity(machine, [client] if client else []), span)


def _assumed(machine: Machine, role: Value, source: Identity | None, span: ir.Span) -> Value:
    client = Client("sts", None, source)
    response = machine.sdk.request(client, "AssumeRole", [("RoleArn", role)], Via.DIRECT, span)
    return _credentials(machine, response)


_MADE: dict[str, Callable[[Machine, Arguments, ir.Span], Value]] = {
    "Credentials": plain_credentials,
    "ReadOnlyCredentials": plain_credentials,
    "RefreshableCredentials": plain_credentials,
    "RefreshableCredentials.create_from_metadata": refreshable_credentials,
    "DeferredRefreshableCredentials": deferred_credentials,
    "AssumeRoleCredentialFetcher": role_fetcher,
    "create_assume_role_refresher": role_refresher,
}
MODELS = {f"botocore.credentials.{name}": model for name, model in _MADE.items()} | {
    f"aiobotocore.credentials.{prefix}{name}": model for name, model in _MADE.items() for prefix in ("", "Aio")
}
