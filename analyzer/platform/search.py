"""The rules of a platform held against the settings of one function."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from analyzer.catalog import Action, find_action, resource_type
from analyzer.iam.pattern import has_wildcard
from analyzer.model.calls import Unresolved, UnresolvedReason
from analyzer.model.deployment import Deployment
from analyzer.model.requirements import AnyResource, Arns, Condition, Reason, Requirement, RuleReference, Scope
from analyzer.model.values import Ambient, Hole, Unseen, Value
from analyzer.model.workload import StackResource
from analyzer.platform.parts import Parts, parts_of, symbolic, write
from analyzer.platform.settings import settings_of
from analyzer.rules import kms_via_service
from analyzer.rules.platforms import Need, PlatformRule, PlatformRules

# What a rule leaves open.
_STAR: Final = Hole(Unseen(""))
_TAKES_NONE: Final = "the action takes no resource"
_SAID_BY_AWS: Final = "AWS says to allow it on all resources"


@dataclass(frozen=True, slots=True)
class PlatformNeeds:
    """What a platform needs for a function.

    `tolerated` are the requirements with what is not needed for certain, or that only comes with AWS's own policies for
    it: granting that is nothing to complain of. `unresolved` is what cannot be seen of the function's settings.
    """

    requirements: tuple[Requirement, ...]
    tolerated: tuple[Requirement, ...]
    unresolved: tuple[Unresolved, ...]


class Search:
    """Goes through the rules of a platform for one function."""

    def __init__(
        self,
        rules: PlatformRules,
        resources: Sequence[StackResource],
        function: StackResource,
        deployment: Deployment,
        *,
        narrow: bool = False,
    ) -> None:
        """Take the rules, the resources of the template with the function among them, and where it is deployed."""
        self._rules = rules
        self._settings = settings_of(resources, deployment)
        self._function = function
        self._deployment = deployment
        self._narrow = narrow
        self._needed: list[Requirement] = []
        self._tolerated: list[Requirement] = []
        self._unresolved: list[Unresolved] = []

    def run(self) -> PlatformNeeds:
        """Return what the rules say."""
        for rule in self._rules.rules:
            for resource in self._settings.of_function(self._function, rule.on):
                subjects = [(it, path) for path in rule.of for it in self._settings.values(path, resource, None)]
                for it, path in dict.fromkeys(subjects) if rule.of else ((None, ""),):
                    self._apply(rule, resource, it, path)
        requirements = merged(self._needed)
        tolerated = merged((*requirements, *self._tolerated))
        return PlatformNeeds(requirements, tolerated, tuple(dict.fromkeys(self._unresolved)))

    def _apply(self, rule: PlatformRule, resource: StackResource, it: Value | None, path: str) -> None:
        truth = self._settings.hold(rule.when, resource, it, self._function)
        if truth is False:
            return
        reason = Reason(None, RuleReference(self._rules.file, rule.key))
        self._tolerate(rule.tolerated, reason)
        settings = path or ", ".join(test.subject for test in rule.when)
        service = None if it is None or "" in rule.needs else self._service(rule, resource, it, path)
        if service is None and "" not in rule.needs:
            every = [need for group in rule.needs.values() for need in group]
            self._leave_open(settings, resource, it, every, reason)
            return
        for need in rule.needs[service or ""]:
            holds = self._settings.hold(need.when, resource, it, self._function)
            if holds is not False:
                self._tolerate(need.tolerated, reason)
            if truth and holds:
                self._needed += self._requirements(need, resource, it, reason)
            elif holds is not False:
                self._leave_open(settings, resource, it, [need], reason)

    def _service(self, rule: PlatformRule, resource: StackResource, it: Value, path: str) -> str | None:
        """Return the service of `it`, which is at `path`, if the rule knows that service."""
        service = self._settings.service(it, self._rules.services)
        if service is None:
            service = self._rules.sam_types.get(dict(resource.sam_types).get(path, ""))
        return service if service in rule.needs else None

    def _tolerate(self, actions: Iterable[str], reason: Reason) -> None:
        self._tolerated += (Requirement(action, AnyResource(_SAID_BY_AWS), (), (reason,)) for action in actions)

    def _leave_open(
        self, settings: str, resource: StackResource, it: Value | None, needs: Iterable[Need], reason: Reason
    ) -> None:
        """Tell that it cannot be seen from `settings` of `resource` whether `needs` are needed."""
        actions = sorted({action for need in needs for action in need.actions})
        self._tolerate(actions, reason)
        named = "" if it is None else " is " + ", ".join(symbolic(parts, self._deployment) for parts in parts_of(it))
        unseen = f"{settings} of {resource.id}{named}, by which it cannot be seen which of these"
        detail = f"{unseen} {self._function.id} needs: {', '.join(actions)}"
        self._unresolved.append(Unresolved(UnresolvedReason.UNKNOWN_PARAMETERS, resource.location, detail))

    def _requirements(
        self, need: Need, resource: StackResource, it: Value | None, reason: Reason
    ) -> Iterator[Requirement]:
        conditions = via_service(need.via, self._deployment) if need.via and self._narrow else ()
        texts = [
            parts
            for template in need.resources
            for parts in self._settings.texts(template, resource, it, self._function)
        ]
        for name in need.actions:
            action = find_action(name)
            assert action is not None, "the reader of the rules has looked it up"
            scope = self._scope(texts, action)
            yield Requirement(action.name, scope, conditions, (reason,), conditions)

    def _scope(self, texts: Sequence[Parts], action: Action) -> Scope:
        if all(parts == ("*",) for parts in texts):
            return AnyResource(_SAID_BY_AWS if action.resource_types else _TAKES_NONE)
        return scope_of(texts, action, self._deployment)


def scope_of(texts: Iterable[Parts], action: Action, deployment: Deployment) -> Scope:
    """Return the resources `texts` of `action`, each of its own form where not even that of the ARN is known."""
    patterns: set[str] = set()
    notes: set[str] = set()
    for parts in texts:
        pattern, of_pattern = write(_with_wildcards(parts), deployment)
        notes |= of_pattern
        patterns |= set(_any_of(action, deployment)) if pattern == "*" else {_without_needless_end(pattern)}
    return Arns(tuple(sorted(patterns)), tuple(sorted(notes)))


def via_service(client: str, deployment: Deployment) -> tuple[Condition, ...]:
    """Return the condition that a key is used for calls of the service of the boto3 client `client`."""
    name = kms_via_service().get(client)
    if name is None:
        return ()
    region = write((Hole(Ambient("region")),), deployment).pattern
    # "Use the .amazonaws.com suffix of the AWS KMS ViaService name in all AWS partitions."
    value = f"{name}.{region}.amazonaws.com"
    return (Condition("StringLike" if has_wildcard(value) else "StringEquals", "kms:ViaService", (value,)),)


def _with_wildcards(parts: Parts) -> Parts:
    """Return `parts` with the stars that a rule writes into a resource as what may be anything."""
    found: list[str | Hole] = []
    for part in parts:
        if isinstance(part, str):
            for index, piece in enumerate(part.split("*")):
                found += ([_STAR] if index else []) + ([piece] if piece else [])
        else:
            found.append(part)
    return tuple(found)


def _any_of(action: Action, deployment: Deployment) -> Iterator[str]:
    known = {"Partition": deployment.partition, "Region": deployment.region, "Account": deployment.account}
    prefix = action.name.partition(":")[0]
    for one in action.resource_types:
        kind = resource_type(prefix, one.name)
        for arn in kind.arns if kind is not None else ():
            pieces = arn.split("${")
            yield pieces[0] + "".join(
                (known.get(name) or "*") + rest for name, _, rest in (piece.partition("}") for piece in pieces[1:])
            )


def _without_needless_end(pattern: str) -> str:
    # A `*` at the end of an ARN pattern reaches over colons, so that `*:*` there matches no other resource than `*`.
    return pattern.removesuffix(":*") if pattern.endswith("*:*") else pattern


def merged(requirements: Iterable[Requirement]) -> tuple[Requirement, ...]:
    """Return the distinct ones of `requirements`, each with all its reasons, sorted."""
    found: dict[Requirement, dict[Reason, None]] = {}
    for one in requirements:
        found.setdefault(replace(one, reasons=()), {}).update(dict.fromkeys(one.reasons))
    merged = [replace(one, reasons=tuple(reasons)) for one, reasons in found.items()]
    return tuple(sorted(merged, key=lambda one: (one.action, _patterns(one.scope), one.conditions)))


def _patterns(scope: Scope) -> tuple[str, ...]:
    return scope.patterns if isinstance(scope, Arns) else ("*",)
