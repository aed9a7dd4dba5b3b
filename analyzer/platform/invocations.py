"""Who invokes the functions of templates, and who is permitted to: rules/platform/invokers.yaml.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-permission.html.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Final

from analyzer.model.deployment import Deployment
from analyzer.model.invocation import Invocation, Invocations, InvokePermission, InvokingRole
from analyzer.model.policy import Policy
from analyzer.model.values import Value
from analyzer.model.workload import StackResource
from analyzer.platform.parts import Parts, before, parts_of, spelled, symbolic, up_to_colons
from analyzer.platform.settings import arns_of, settings_of
from analyzer.rules.invokers import Invoker, invokers
from analyzer.rules.platforms import FUNCTION

_PERMISSION: Final = "AWS::Lambda::Permission"
_ALIAS: Final = "AWS::Lambda::Alias"
_VERSION: Final = "AWS::Lambda::Version"
# Properties of a permission that limit it, besides the source.
_LIMITS: Final = ("EventSourceToken", "FunctionUrlAuthType", "InvokedViaFunctionUrl", "PrincipalOrgID")
# API Gateway calls a function by a path of its own: https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html.
_BEFORE_FUNCTION: Final = "/functions/"
_AFTER_FUNCTION: Final = "/invocations"


def find_invocations(
    resources: Sequence[StackResource],
    functions: Collection[str],
    deployment: Deployment,
    policy_of: Callable[[str], Policy | None],
) -> Invocations:
    """Return what of the templates' `resources` invokes the functions with the ids `functions`, or is permitted to.

    `policy_of` returns what the role with a logical id is allowed, None if it is not known. Raises RuleError if the
    rules are wrong.
    """
    return _Finder(resources, functions, deployment, policy_of).find()


class _Finder:
    def __init__(
        self,
        resources: Sequence[StackResource],
        functions: Collection[str],
        deployment: Deployment,
        policy_of: Callable[[str], Policy | None],
    ) -> None:
        self._resources = resources
        self._functions = functions
        self._deployment = deployment
        self._policy_of = policy_of
        self._settings = settings_of(resources, deployment)
        self._order = {id(resource): index for index, resource in enumerate(resources)}

    def find(self) -> Invocations:
        rules = invokers()
        invocations = [
            invocation
            for resource in self._resources
            for rule in rules.get(resource.type, ())
            for invocation in self._by(resource, rule)
        ]
        permissions = [
            permission
            for resource in self._resources
            if resource.type == _PERMISSION
            for permission in self._permitted(resource)
        ]
        return Invocations(tuple(dict.fromkeys(invocations)), tuple(permissions))

    def _by(self, resource: StackResource, rule: Invoker) -> Iterator[Invocation]:
        each = [value for path in rule.each for value in self._settings.values(path, resource, None)]
        for it in each if rule.each else [None]:
            if self._settings.hold(rule.when, resource, it, resource) is not False:
                yield from self._invoking(resource, rule, it)

    def _invoking(self, resource: StackResource, rule: Invoker, it: Value | None) -> Iterator[Invocation]:
        settings = self._settings
        roles = settings.values(rule.role, resource, it) if rule.role else []
        sources = [text for template in rule.sources for text in settings.texts(template, resource, it, resource)]
        if not roles and not sources and rule.principal != "*":
            # What only a role permits is not there without one, and cannot be deployed.
            return
        qualifiers = settings.values(rule.qualifier, resource, it) if rule.qualifier else []
        part = next((f":{symbolic(parts, self._deployment)}" for one in qualifiers for parts in parts_of(one)), "")
        named = [value for path in rule.function for value in settings.values(path, resource, it)]
        for function, target in (one for value in named for one in self._targets(value)):
            yield Invocation(
                by=resource.id,
                type=resource.type,
                function=function.id,
                target=target + part,
                principal=rule.principal,
                sources=tuple(dict.fromkeys(spelled(source, self._deployment) for source in sources)),
                actions=rule.actions,
                role=self._role(roles[0]) if roles else None,
                location=resource.location,
            )

    def _permitted(self, permission: StackResource) -> Iterator[InvokePermission]:
        named = [
            one for value in self._settings.values("FunctionName", permission, None) for one in self._targets(value)
        ]
        texts = {
            name: next(iter(self._texts(name, permission)), None)
            for name in ("Action", "Principal", "SourceArn", "SourceAccount")
        }
        sources = self._settings.values("SourceArn", permission, None)
        for function in dict.fromkeys(function.id for function, _ in named):
            yield InvokePermission(
                id=permission.id,
                function=function,
                targets=tuple(target for one, target in named if one.id == function),
                action=texts["Action"] or "",
                principal=texts["Principal"] or "",
                source_arn=texts["SourceArn"],
                source_account=texts["SourceAccount"],
                others=tuple(name for name in _LIMITS if self._settings.values(name, permission, None)),
                generated=permission.generated,
                known_source=any(self._settings.named(value) for value in sources),
                location=permission.location,
            )

    def _texts(self, name: str, resource: StackResource) -> Iterator[str]:
        for value in self._settings.values(name, resource, None):
            yield from (spelled(parts, self._deployment) for parts in parts_of(value))

    def _role(self, value: Value) -> InvokingRole:
        roles = [one for one in self._settings.named(value) if one.type == "AWS::IAM::Role"]
        name = next((spelled(parts, self._deployment) for parts in parts_of(value)), "")
        return InvokingRole(roles[0].id, self._policy_of(roles[0].id)) if roles else InvokingRole(name, None)

    # Functions

    def _targets(self, value: Value) -> Iterator[tuple[StackResource, str]]:
        """Yield the functions that are looked at which `value` may name, each with the ARN that is meant."""
        for parts in parts_of(value):
            text = symbolic(_within_path(parts), self._deployment)
            for function in self._candidates(text):
                target = self._target(text, function)
                if target is not None:
                    yield function, target

    def _candidates(self, text: str) -> list[StackResource]:
        """Return the functions that are looked at which `text` can name, in the order of the template."""
        names = up_to_colons(text)
        for qualifier in self._qualifiers(text):
            names |= self._functions_named(qualifier)
        found = {id(one): one for name in names for one in self._settings.with_name(name)}
        looked_at = [one for one in found.values() if one.type == FUNCTION and one.id in self._functions]
        return sorted(looked_at, key=lambda one: self._order[id(one)])

    def _qualifiers(self, text: str) -> list[StackResource]:
        return [one for one in self._settings.with_name(text) if one.type in (_ALIAS, _VERSION)]

    def _functions_named(self, qualifier: StackResource) -> set[str]:
        """Return the names of what a version or alias is of."""
        values = self._settings.values("FunctionName", qualifier, None)
        return {symbolic(parts, self._deployment) for value in values for parts in parts_of(value)}

    def _target(self, text: str, function: StackResource) -> str | None:
        """Return the ARN of `function` that `text` names: of the function itself, or of a version or alias of it."""
        arn = next((symbolic(parts, self._deployment) for parts in arns_of(function)), None)
        for name in self._settings.names(function):
            if text == name:
                return arn
            if arn is not None and text.startswith(f"{name}:"):
                return f"{arn}:{text.removeprefix(f'{name}:')}"
        for resource in self._qualifiers(text):
            if not self._functions_named(resource).isdisjoint(self._settings.names(function)):
                return f"{arn}:{self._qualifier(resource)}"
        return None

    def _qualifier(self, resource: StackResource) -> str:
        names = [parts for value in self._settings.values("Name", resource, None) for parts in parts_of(value)]
        return symbolic(names[0], self._deployment) if names else f"${{{resource.id}}}"


def _within_path(parts: Parts) -> Parts:
    """Return the function's ARN out of the path by which API Gateway calls it; any other text as it is."""
    for start, part in enumerate(parts):
        if isinstance(part, str) and _BEFORE_FUNCTION in part:
            inside = before((part.partition(_BEFORE_FUNCTION)[2], *parts[start + 1 :]), _AFTER_FUNCTION)
            return tuple(one for one in inside if one != "")
    return parts
