"""What calls need of the customer managed keys by which the template encrypts what they are about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from analyzer.catalog import find_action
from analyzer.iam.arn import arn_contains
from analyzer.model.deployment import Deployment
from analyzer.model.requirements import Arns, Reason, Requirement, RuleReference
from analyzer.model.values import Ambient, Hole, TemplateSymbol, Unseen, Value
from analyzer.model.workload import StackResource, Workload
from analyzer.platform.parts import Parts, parts_of, symbolic
from analyzer.platform.search import merged, scope_of, via_service
from analyzer.platform.settings import Settings, arns_of, settings_of
from analyzer.rules.keys import KEYS_FILE, KeyNeed, KeyRule, key_rules

_KEYS: Final = ("AWS::KMS::Key", "AWS::KMS::ReplicaKey")
_ALIAS: Final = "AWS::KMS::Alias"
_OF_AWS: Final = "alias/aws/"


def key_requirements(
    requirements: Sequence[Requirement], workload: Workload, deployment: Deployment, *, narrow: bool = False
) -> tuple[Requirement, ...]:
    """Return what `requirements` need of the keys of the resources that they are about, sorted.

    `requirements` spell what the template names as symbols, whatever `deployment` asks for in the outcome. A
    requirement that may be about many resources is about none for certain. `narrow` adds the service that uses the key
    as an optional condition. Raises RuleError if the rules are wrong.
    """
    rules = key_rules()
    encrypted = [resource for resource in workload.resources if resource.type in rules]
    if not encrypted:
        return ()
    settings = settings_of(workload.resources, deployment)
    found = [
        need
        for resource in encrypted
        for need in _of(resource, rules[resource.type], requirements, settings, deployment, narrow=narrow)
    ]
    return merged(found)


def _of(
    resource: StackResource,
    rule: KeyRule,
    requirements: Iterable[Requirement],
    settings: Settings,
    deployment: Deployment,
    *,
    narrow: bool,
) -> Iterator[Requirement]:
    keys = [key for value in settings.values(rule.key, resource, None) for key in _keys(value, settings, deployment)]
    if not keys:
        return
    arns = [name for name in settings.names(resource) if name.startswith("arn:")]
    source = RuleReference(KEYS_FILE, resource.type)
    conditions = via_service(rule.client, deployment) if narrow else ()
    for requirement in requirements:
        if not _is_about(requirement, arns):
            continue
        for need in rule.needs:
            reasons = _reasons(need, requirement)
            for name in need.keys if reasons else ():
                action = find_action(name)
                assert action is not None, "the reader of the rules has looked it up"
                told = tuple(Reason(reason.call, source) for reason in reasons)
                yield Requirement(name, scope_of(keys, action, deployment), conditions, told, conditions)


def _is_about(requirement: Requirement, arns: Sequence[str]) -> bool:
    """Say whether all of a pattern of `requirement` is one of the resources `arns`, or in it."""
    return isinstance(requirement.scope, Arns) and any(
        arn_contains(arn, pattern) or arn_contains(f"{arn}/*", pattern)
        for pattern in requirement.scope.patterns
        for arn in arns
    )


def _reasons(need: KeyNeed, requirement: Requirement) -> list[Reason]:
    if requirement.action not in need.actions:
        return []
    return [
        reason
        for reason in requirement.reasons
        if not need.by or (reason.call is not None and {reason.call.operation, reason.call.via.value} & {*need.by})
    ]


def _keys(value: Value, settings: Settings, deployment: Deployment) -> Iterator[Parts]:
    """Yield the ARNs of the keys that `value` may name, by ARN, identifier or alias; none of AWS's own keys."""
    for parts in parts_of(value):
        text = symbolic(parts, deployment)
        named = settings.named(value)
        aliases = [one for one in named if one.type == _ALIAS]
        if any(one.type in _KEYS for one in named):
            yield from (arn for one in named if one.type in _KEYS for arn in arns_of(one))
        elif aliases:
            for alias in aliases:
                for target in settings.values("TargetKeyId", alias, None):
                    yield from _keys(target, settings, deployment)
        elif _OF_AWS in text:
            continue
        elif (text.startswith("arn:") and ":alias/" not in text) or _is_whole(parts):
            yield parts
        elif "alias/" in text:
            yield _key_arn((Hole(Unseen(f"the key of {text}")),), deployment)
        else:
            yield _key_arn(parts, deployment)


def _is_whole(parts: Parts) -> bool:
    """Say whether a text is a symbol that may stand for an ARN as a whole."""
    origin = parts[0].origin if len(parts) == 1 and isinstance(parts[0], Hole) else None
    return isinstance(origin, TemplateSymbol) and origin.whole


def _key_arn(key: Parts, deployment: Deployment) -> Parts:
    place = (Hole(Ambient("region")), ":", Hole(Ambient("account")))
    return (f"arn:{deployment.partition}:kms:", *place, ":key/", *key)
