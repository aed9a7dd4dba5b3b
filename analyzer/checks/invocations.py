"""The checks on who may invoke the functions of a template."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from analyzer.checks.observed import by_place, findings_of
from analyzer.checks.subject import Observation
from analyzer.iam.arn import Arn, Unpinned, arn_intersects, parse_arn
from analyzer.iam.evaluate import Denied, Request, action_matches, evaluate
from analyzer.model.findings import Finding, Related
from analyzer.model.invocation import Invocation, Invocations, InvokePermission

_INVOKE: Final = "lambda:InvokeFunction"
_SERVICE: Final = re.compile(r"(?P<service>[\w-]+)\.(?:[^ ]+\.)?amazonaws\.com(?:\.cn)?")
_INVOKES: Final = re.compile(r"lambda:invoke(function|functionurl|async)")
_SYMBOL: Final = re.compile(r"\$\{([^{}]*)\}")
# Where the name of a resource begins in an ARN that has its kind before that.
_KIND: Final = re.compile(r"(?:rule|log-group|userpool|targetgroup|stateMachine|secret|event-bus|function)[:/]")


def missing_permissions(subject: Invocations) -> Iterator[Observation]:
    """Say what invokes a function and is not permitted to, at the resource that makes it do so."""
    for invocation in subject.invocations:
        if invocation.role is not None:
            if _lacks(invocation):
                message = (
                    f"{invocation.by} invokes {invocation.function} by the role {invocation.role.name}, "
                    f"which does not allow {_INVOKE} on {invocation.target}"
                )
                yield Observation(message, invocation.location)
            continue
        own = [one for one in subject.permissions if one.function == invocation.function]
        for action in invocation.actions:
            if any(_permits(one, invocation, action) for one in own):
                continue
            near = [one for one in own if _is_for(one, invocation.principal) and action_matches(one.action, action)]
            related = tuple(Related(f"{one.id} permits {_why_not(one, invocation)}", one.location) for one in near)
            who = "anyone" if invocation.principal == "*" else invocation.principal
            message = f"{invocation.by} invokes {invocation.function}, and nothing permits {who} to do {action} there"
            yield Observation(message, invocation.location, related)


def broad_permissions(subject: Invocations) -> Iterator[Observation]:
    """Say which permissions to invoke a function reach further than what invokes it, where they are given."""
    for permission in subject.permissions:
        if permission.generated:
            continue
        if permission.principal in ("*", "arn:aws:iam::*:root") and not (permission.others or _is_limited(permission)):
            yield _about(permission, "everyone may invoke it, with an AWS account or without")
        if not _INVOKES.fullmatch(permission.action.lower()):
            yield _about(permission, f"it allows {permission.action}, which is more than to invoke the function")
        arn = parse_arn(permission.source_arn or "")
        if arn is not None and _names_none(arn):
            yield _about(
                permission, f"{permission.source_arn} is any resource of the service, and not the one that invokes"
            )
        elif arn is not None and "*" in arn.account and not permission.source_account:
            yield _about(permission, f"{permission.source_arn} is a resource of any account")


def unscoped_permissions(subject: Invocations) -> Iterator[Observation]:
    """Say which permissions let a service invoke a function on behalf of any account, where they are given."""
    for permission in subject.permissions:
        service = _SERVICE.fullmatch(permission.principal)
        if service is None or permission.generated or permission.others or permission.source_account:
            continue
        arn = parse_arn(permission.source_arn or "")
        if permission.source_arn is None:
            yield _about(permission, f"{permission.principal} may invoke it on behalf of any account and resource")
        elif arn is not None and not arn.account:
            what = f"{permission.source_arn} does not say of which account it is, and SourceAccount is not given"
            yield _about(permission, what)


INVOKE_CHECKS: Final[dict[str, Callable[[Invocations], Iterator[Observation]]]] = {
    "broad-invoke-permission": broad_permissions,
    "missing-invoke-permission": missing_permissions,
    "unscoped-invoke-permission": unscoped_permissions,
}
"""What each check looks for, by its id, which is also the name of its file in rules/checks/."""


def check_invocations(subject: Invocations) -> tuple[Finding, ...]:
    """Return what the checks say of who invokes functions and who may, sorted by place.

    Raises RuleError if the file of a check that says something is missing or wrong.
    """
    return by_place(finding for name, look in INVOKE_CHECKS.items() for finding in findings_of(name, look(subject)))


def _about(permission: InvokePermission, what: str) -> Observation:
    return Observation(f"{permission.id} of {permission.function}: {what}", permission.location)


def _is_limited(permission: InvokePermission) -> bool:
    return permission.source_arn is not None or permission.source_account is not None


def _lacks(invocation: Invocation) -> bool:
    """Say whether the role of `invocation` is sure not to allow it."""
    role = invocation.role
    if role is None or role.policy is None or role.policy.unseen:
        return False
    request = Request(_INVOKE, invocation.target, unpinned=frozenset((Unpinned.REGION, Unpinned.ACCOUNT)))
    return isinstance(evaluate(request, role.policy.statements, role.policy.boundary), Denied)


def _permits(permission: InvokePermission, invocation: Invocation, action: str) -> bool:
    return (
        action_matches(permission.action, action)
        and _is_for(permission, invocation.principal)
        and invocation.target in permission.targets
        and _is_from(permission, invocation)
    )


def _is_for(permission: InvokePermission, principal: str) -> bool:
    if permission.principal in (principal, "*"):
        return True
    given, wanted = _SERVICE.fullmatch(permission.principal), _SERVICE.fullmatch(principal)
    if wanted is not None and _SYMBOL.fullmatch(permission.principal):
        # A parameter may be any principal.
        return True
    return given is not None and wanted is not None and given["service"] == wanted["service"]


def _is_from(permission: InvokePermission, invocation: Invocation) -> bool:
    """Say whether the source of `permission` may be what `invocation` gives; what the template does not say may be."""
    source = permission.source_arn
    if source is None or source in invocation.sources or not invocation.sources:
        return True
    if _SYMBOL.fullmatch(source):
        return not permission.known_source
    return any(
        _SYMBOL.fullmatch(one) is None and _may_match(_comparable(source), _comparable(one))
        for one in invocation.sources
    )


def _may_match(given: str, wanted: str) -> bool:
    """Say whether the pattern `given` may match what a service gives as its source, of which `wanted` is what is known.

    The source of an API is its stage, a method and a path, which a `*` in `given` may span.
    """
    if ":execute-api:" not in wanted or not arn_intersects(given, wanted):
        return arn_intersects(given, wanted)
    own = [segment.replace("*", "x") for segment in given.split("/")]
    segments = wanted.split("/")
    for path in ("x", own[-1], "/".join(own[len(segments) - 1 :])):
        filled = [own[i] if part == "*" and i < len(own) else part.replace("*", "x") for i, part in enumerate(segments)]
        if segments[-1] == "*":
            filled[-1] = path
        if arn_intersects(given, "/".join(filled)):
            return True
    return False


def _why_not(permission: InvokePermission, invocation: Invocation) -> str:
    if invocation.target not in permission.targets:
        return f"it for {', '.join(permission.targets)}, and {invocation.target} is invoked"
    return f"it to {permission.source_arn}"


def _names_none(arn: Arn) -> bool:
    """Say whether an ARN pattern leaves open which resource is meant."""
    return _KIND.sub("", arn.resource, count=1).startswith("*")


def _comparable(source: str) -> str:
    """Return an ARN pattern in which a symbol equals itself alone, and the region and account are left open."""
    arn = parse_arn(source)
    if arn is None:
        return _SYMBOL.sub(r"(\1)", source)
    region, account = (("*" if "$" in part else part) for part in (arn.region, arn.account))
    made = Arn(arn.partition, arn.service, region, account, arn.resource)
    return _SYMBOL.sub(r"(\1)", str(made))
