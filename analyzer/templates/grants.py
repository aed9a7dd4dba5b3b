"""What the roles of a template are allowed: their own policies, and those that are attached to them elsewhere.

Sources: the pages of AWS::IAM::Role, AWS::IAM::Policy, AWS::IAM::RolePolicy and AWS::IAM::ManagedPolicy in
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_IAM.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from analyzer.iam.document import read_document
from analyzer.iam.positioned_json import Json, parse_json
from analyzer.model.calls import Unresolved
from analyzer.model.location import Location
from analyzer.model.policy import Policy, PolicyReference, ReferenceKind, Statement
from analyzer.model.workload import Grants
from analyzer.rules import managed_policy
from analyzer.templates.intrinsics import Resolver
from analyzer.templates.nodes import find, references
from analyzer.templates.pieces import pattern_of
from analyzer.templates.policies import read_statements
from analyzer.templates.stack import Resource

ROLE: Final = "AWS::IAM::Role"
_MANAGED: Final = "AWS::IAM::ManagedPolicy"
_ATTACHED: Final = {"AWS::IAM::Policy": "Roles", _MANAGED: "Roles", "AWS::IAM::RolePolicy": "RoleName"}
_POLICIES: Final = (*_ATTACHED, "AWS::IAM::UserPolicy", "AWS::IAM::GroupPolicy")
# Their needs are known, or that they are not is told where they are read.
_WORKLOADS: Final = ("AWS::Lambda::Function", "AWS::StepFunctions::StateMachine")
# How a policy is called that is no part of the template.
_WRITTEN_BY_SAM: Final = "policy that SAM writes"
# In every partition the managed policies of AWS have the same names.
_OF_AWS: Final = re.compile(r"arn:(aws[\w-]*|\$\{AWS::Partition\}):iam::aws:policy/")


class RoleReader:
    """Reads the roles of one stack."""

    def __init__(self, resolver: Resolver, problems: list[Unresolved], above: RoleReader | None = None) -> None:
        """Take the stack's resolver, where to put what cannot be read, and the reader of the stack that this is in."""
        self._above = above
        self._resolver = resolver
        self._stack = resolver.stack
        self._problems = problems
        self._read: dict[str, Grants] = {}

    def grants(self, role: Json | None, place: Location) -> Grants:
        """Return what the role that the value `role` names is allowed; `place` is where it is named.

        A role that is not in the template is one of which nothing is seen.
        """
        texts = self._resolver.texts(role)
        found = self._found({pattern_of(text) for text in texts})
        if found is not None:
            return found
        name = pattern_of(texts[0]) if texts else None
        if name is None:
            return Grants(None, Policy((), location=place))
        where = role.location if role is not None else place
        reference = PolicyReference(name, ReferenceKind.MANAGED_POLICY, where)
        return Grants(name, Policy((), (reference,), where))

    def _found(self, patterns: set[str]) -> Grants | None:
        """Return what the role with one of these ARNs or names is allowed, if it is of this stack or one above."""
        for resource in self._stack.resources.values():
            if resource.type == ROLE:
                texts = (*self._resolver.arns(resource), *self._resolver.name(resource))
                if patterns & {pattern_of(text) for text in texts}:
                    if resource.id not in self._read:
                        self._read[resource.id] = self._of(resource)
                    return self._read[resource.id]
        return None if self._above is None else self._above._found(patterns)

    def _of(self, role: Resource) -> Grants:
        statements: list[Statement] = []
        unseen: list[PolicyReference] = []
        managed: list[PolicyReference] = []
        for inline in self._resolver.items(role.get("Policies")):
            own: list[Statement] = []
            self._add_document(find(inline, "PolicyDocument"), own, unseen)
            if role.id != role.origin and own and all(one.location == role.location for one in own):
                # SAM writes it for a destination or an event source.
                reference = PolicyReference(_WRITTEN_BY_SAM, ReferenceKind.MANAGED_POLICY, role.location)
                managed.append(reference)
                own = [replace(one, places={}, attachment=reference) for one in own]
            statements += own
        for attached in self._attached_to(role):
            self._add_document(attached.get("PolicyDocument"), statements, unseen)
        for arn in self._resolver.items(role.get("ManagedPolicyArns")):
            for name, found in self._managed(arn):
                reference = PolicyReference(name, ReferenceKind.MANAGED_POLICY, arn.location)
                managed.append(reference)
                if found is None:
                    unseen.append(reference)
                else:
                    statements += (_attached(one, reference) for one in found)
        boundary = self._boundary(role, unseen)
        policy = Policy(tuple(dict.fromkeys(statements)), tuple(unseen), role.location, boundary)
        added = tuple(dict.fromkeys(one for one in managed if one.location == role.location and role.id != role.origin))
        return Grants(f"{self._stack.prefix}{role.id}", policy, tuple(self._other_users(role)), added)

    def _add_document(self, document: Json | None, statements: list[Statement], unseen: list[PolicyReference]) -> None:
        if document is None:
            return
        found = read_statements(document, self._resolver, self._problems)
        if found is None:
            unseen.append(
                PolicyReference(f"policy at {document.location}", ReferenceKind.MANAGED_POLICY, document.location)
            )
        else:
            statements += found

    def _attached_to(self, role: Resource) -> Iterator[Resource]:
        names = {pattern_of(name) for name in self._resolver.name(role)}
        for resource in self._stack.resources.values():
            if resource.type not in _ATTACHED:
                continue
            for given in self._resolver.items(resource.get(_ATTACHED[resource.type])):
                if names & {pattern_of(text) for text in self._resolver.texts(given)}:
                    yield resource
                    break

    def _managed(self, value: Json) -> Iterator[tuple[str, tuple[Statement, ...] | None]]:
        """Yield the managed policies that `value` may name, by ARN, with their statements if these are known."""
        own = {
            pattern_of(arn): resource
            for resource in self._stack.resources.values()
            if resource.type == _MANAGED
            for arn in self._resolver.arns(resource)
        }
        for texts in self._resolver.list(value):
            for text in texts:
                name = pattern_of(text)
                if name in own:
                    document = own[name].get("PolicyDocument")
                    yield name, None if document is None else read_statements(document, self._resolver, self._problems)
                else:
                    yield name, _of_aws(name)

    def _boundary(self, role: Resource, unseen: list[PolicyReference]) -> tuple[Statement, ...] | None:
        value = role.get("PermissionsBoundary")
        limits: list[Statement] = []
        for name, found in () if value is None else self._managed(value):
            if found is None:
                unseen.append(PolicyReference(name, ReferenceKind.BOUNDARY, value.location if value else role.location))
                return None
            limits += found
        return tuple(limits) if limits else None

    def _other_users(self, role: Resource) -> Iterator[str]:
        """Yield the resources besides workloads, policies and nested stacks that the template gives the role to."""
        for resource in self._stack.resources.values():
            if resource.type in (*_POLICIES, ROLE, *_WORKLOADS, "AWS::Lambda::Permission"):
                continue
            if resource.id in self._stack.children:
                continue
            if role.id in references(resource.properties):
                yield resource.id


def _of_aws(arn: str) -> tuple[Statement, ...] | None:
    name = _OF_AWS.sub("arn:aws:iam::aws:policy/", arn)
    text = managed_policy(name)
    return None if text is None else read_document(parse_json(text, name))


def _attached(statement: Statement, reference: PolicyReference) -> Statement:
    if _OF_AWS.match(reference.arn):
        return replace(statement, location=reference.location, places={}, attachment=reference)
    return statement
