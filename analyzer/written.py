"""The policies that the functions of a template need, as parts of that template."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from analyzer import deployed
from analyzer.compare.requests import requests_of
from analyzer.config import Options, Selection
from analyzer.deployed import RoleComparison
from analyzer.iam.document import read_document
from analyzer.iam.evaluate import Allowed, evaluate
from analyzer.iam.fewest import fewest_statements
from analyzer.iam.positioned_json import parse_json
from analyzer.model.calls import ApiCall, Unresolved
from analyzer.model.policy import Statement
from analyzer.model.requirements import Arns, Requirement
from analyzer.model.workload import WorkloadKind
from analyzer.planned import Spellers, Wanted, pins
from analyzer.rules import managed_policy
from analyzer.templates import Resolver
from analyzer.templates.emitting import Emitter, style_of
from analyzer.templates.holders import HolderKind
from analyzer.templates.plain import Plain
from analyzer.templates.policy_templates import fitting
from analyzer.templates.writing import policy_plain, policy_resource, role_resource, statement_plain

# https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html (Policies)
_BASIC: Final = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
_FLAGS: Final = ("--account", "--region")


class Form(StrEnum):
    """What is printed: the `Policies` of functions of SAM, or roles of CloudFormation."""

    SAM = "sam"
    CLOUDFORMATION = "cloudformation"


@dataclass(frozen=True, slots=True)
class Written:
    """The parts of templates, as texts, and what is to be said of them.

    `requirements` are what is open in them, `needs` the calls, `unresolved` what could not be judged, `impossible` what
    no function of the template gives.
    """

    texts: tuple[str, ...]
    requirements: tuple[Requirement, ...]
    needs: tuple[tuple[ApiCall, tuple[Requirement, ...]], ...]
    unresolved: tuple[Unresolved, ...]
    impossible: tuple[str, ...]


def write(options: Options, selection: Selection, form: Form, *, policy_templates: bool = False) -> Written:
    """Return what the selected functions need as parts of their templates, one text for each template.

    What SAM adds to a role by itself is left out. Raises what `deployed.scan` does.
    """
    sharing = form is Form.CLOUDFORMATION
    scanned = deployed.scan(options, selection, symbols=True, sharing=sharing)
    roles = deployed.compare_roles(scanned, options)
    if not sharing:
        roles = tuple(
            replace(role, functions=(one,), requirements=one[1].requirements)
            for role in roles
            for one in role.functions
        )
    impossible: list[str] = []
    texts: list[str] = []
    for resolver in deployed.all_stacks(scanned.stacks):
        own = [role for role in roles if deployed.is_in(role, resolver)]
        resources: dict[str, Plain] = {}
        for role in own:
            resources |= _Part(role, resolver, form, impossible).resources(policy_templates=policy_templates)
        if resources:
            texts.append(_text(resolver, {"Resources": resources}))
    unresolved = {one for role in roles for _, analysis in role.functions for one in analysis.unresolved}
    return Written(
        tuple(texts),
        tuple(_unflagged(one) for role in roles for one in role.requirements),
        tuple(need for role in roles for _, analysis in role.functions for need in analysis.needs),
        (*scanned.problems, *sorted(unresolved, key=lambda one: (one.location, one.detail))),
        tuple(dict.fromkeys(impossible)),
    )


def _text(resolver: Resolver, part: dict[str, Plain]) -> str:
    emitter = Emitter(style_of(resolver.stack.document))
    return (emitter.json(part, 0) if emitter.style.is_json else "\n".join(emitter.block(part, 0))) + "\n"


def _unflagged(requirement: Requirement) -> Requirement:
    """Return `requirement` without notes on the region and account, which the template has its own words for."""
    if not isinstance(requirement.scope, Arns):
        return requirement
    open_parts = tuple(note for note in requirement.scope.unpinned if note not in _FLAGS)
    return replace(requirement, scope=replace(requirement.scope, unpinned=open_parts))


class _Part:
    """What one role, or one function, needs."""

    def __init__(self, role: RoleComparison, resolver: Resolver, form: Form, impossible: list[str]) -> None:
        self._form = form
        self._stack = resolver.stack
        self._partition = resolver.deployment.partition
        self._workload = role.functions[0][0]
        self._requirements = role.requirements
        self._name = self._workload.id.removeprefix(self._stack.prefix)
        named = (self._workload.grants.role or "").removeprefix(self._stack.prefix)
        known = self._stack.resources.get(named)
        self._is_of_sam = known is not None and known.id != known.origin
        keeps = self._is_of_sam or (known is not None and form is Form.CLOUDFORMATION)
        self._role = named if keeps else f"{self._name}Role"
        self._spellers = Spellers(resolver, self._role, [one.id for one, _ in role.functions])
        self._impossible = impossible

    def resources(self, *, policy_templates: bool) -> dict[str, Plain]:
        found, apart, impossible = self._spellers.sort(self._wanted())
        self._impossible += (f"{one[0]} on {one[1]}: {why}" for one, why in impossible)
        statements = fewest_statements(found)
        templates: tuple[Plain, ...] = ()
        if policy_templates and self._form is Form.SAM:
            templates, statements = fitting(statements, self._spellers.own, self._partition)
        plain: list[Plain] = [statement_plain(one, self._spellers.own) for one in statements]
        resources: dict[str, Plain] = {}
        if self._form is Form.CLOUDFORMATION:
            policies: list[Plain] = [policy_plain(HolderKind.ROLE, self._role, plain)] if plain else []
            resources[self._role] = role_resource(policies, self._service())
        elif plain or templates:
            own: list[Plain] = [policy_plain(HolderKind.FUNCTION, "", plain)] if plain else []
            resources[self._name] = {"Properties": {"Policies": [*templates, *own]}}
        if apart:
            beside = self._role if self._form is Form.CLOUDFORMATION else self._name
            further: list[Plain] = [statement_plain(one, self._spellers.free) for one in fewest_statements(apart)]
            resources[f"{beside}Policy"] = policy_resource(f"{beside}Policy", self._role, further)
        return resources

    def _service(self) -> str:
        is_machine = self._workload.kind is WorkloadKind.STATE_MACHINE
        return "states.amazonaws.com" if is_machine else "lambda.amazonaws.com"

    def _wanted(self) -> Iterator[Wanted]:
        """Yield what is needed beside what SAM adds."""
        grants = self._workload.grants
        added = [
            one for one in grants.policy.statements if one.attachment is not None and one.attachment in grants.added
        ]
        base = [] if self._form is not Form.SAM else added if self._is_of_sam else self._basic()
        for requirement in self._requirements:
            for request, (action, _, pattern) in zip(requests_of(requirement), pins(requirement), strict=True):
                if not isinstance(evaluate(request, base), Allowed):
                    yield action, pattern, requirement.asked()

    def _basic(self) -> list[Statement]:
        """Return what SAM gives every function of which it makes the role."""
        text = managed_policy(_BASIC) if self._workload.kind is WorkloadKind.FUNCTION else None
        return [] if text is None else list(read_document(parse_json(text, _BASIC)))
