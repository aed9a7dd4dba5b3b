"""The functions and state machines of templates, each with its code or definition, role and what starts it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from analyzer.iam.positioned_json import Object
from analyzer.model.calls import Unresolved
from analyzer.model.deployment import Deployment
from analyzer.model.values import Value
from analyzer.model.workload import OtherFunction, Workload, WorkloadKind
from analyzer.templates.code import Code, NotPython, find_code
from analyzer.templates.definitions import MACHINE, read_machine
from analyzer.templates.events import EventReader
from analyzer.templates.grants import RoleReader
from analyzer.templates.intrinsics import Resolver
from analyzer.templates.nesting import TemplateReader
from analyzer.templates.pieces import Pieces, pattern_of, value_of
from analyzer.templates.resources import read_resources
from analyzer.templates.stack import Resource

FUNCTION: Final = "AWS::Lambda::Function"
# Where a workload names its role.
_ROLES: Final = {FUNCTION: "Role", MACHINE: "RoleArn"}
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
_OWN_NAME: Final = "AWS_LAMBDA_FUNCTION_NAME"


@dataclass(frozen=True, slots=True)
class Templates:
    """What templates deploy: `workloads` that can be analysed, sorted as the templates have them, and what is wrong.

    `others` are the functions in other languages, which nothing more is known of. `stacks` are the templates that could
    be read, for whoever wants to know more than of the functions.
    """

    workloads: tuple[Workload, ...]
    problems: tuple[Unresolved, ...]
    stacks: tuple[Resolver, ...]
    others: tuple[OtherFunction, ...] = ()


def read_workloads(
    paths: Iterable[str],
    root: str,
    deployment: Deployment,
    parameters: Mapping[str, str],
    texts: Mapping[str, str] | None = None,
) -> Templates:
    """Return the Python functions and the state machines of the templates at `paths`, with their nested stacks.

    The paths are relative to `root`. `parameters` are values for the parameters of the templates, `texts` what is to be
    read in place of the files at these paths. Raises InputError for a file that is not there.
    """
    problems: list[Unresolved] = []
    reader = TemplateReader(root, deployment, problems, texts)
    given: dict[str, tuple[Pieces, ...]] = {name: ((value,),) for name, value in parameters.items()}
    stacks = [stack for path in paths if (stack := reader.read(path, given)) is not None]
    resources = tuple(resource for stack in stacks for resource in read_resources(stack))
    workloads: list[Workload] = []
    others: list[OtherFunction] = []
    for stack in stacks:
        found = _Workloads(root, problems)
        found.add(stack, RoleReader(stack, problems))
        workloads += [replace(workload, resources=resources) for workload in found.with_users()]
        others += found.others
    return Templates(tuple(workloads), tuple(dict.fromkeys(problems)), tuple(stacks), tuple(others))


class _Workloads:
    """The workloads of a stack and of those nested in it, and what else has a role."""

    def __init__(self, root: str, problems: list[Unresolved]) -> None:
        self._root = root
        self._problems = problems
        self._found: list[Workload] = []
        self._users: dict[str | None, list[str]] = {}
        self.others: list[OtherFunction] = []

    def with_users(self) -> Iterator[Workload]:
        """Yield the workloads, each with what else has its role."""
        for one in self._found:
            users = (*one.grants.other_users, *self._users.get(one.grants.role, ()))
            yield replace(one, grants=replace(one.grants, other_users=users))

    def add(self, resolver: Resolver, roles: RoleReader) -> None:
        """Add what a stack and those nested in it hold."""
        events = EventReader(resolver)
        for resource in resolver.stack.resources.values():
            if resource.type not in _ROLES:
                continue
            if resource.type == MACHINE:
                workload = self._machine(resource, resolver, roles)
            else:
                workload = self._function(resource, resolver, roles, events)
            if workload is not None:
                self._found.append(workload)
            else:
                role = roles.grants(resource.get(_ROLES[resource.type]), resource.location).role
                self._users.setdefault(role, []).append(f"{resolver.stack.prefix}{resource.id}")
        for name in resolver.stack.children:
            child = resolver.child(name)
            if child is not None:
                self.add(child, RoleReader(child, self._problems, roles))

    def _function(
        self, function: Resource, resolver: Resolver, roles: RoleReader, events: EventReader
    ) -> Workload | None:
        logical_id = f"{resolver.stack.prefix}{function.id}"
        code = find_code(function, resolver, self._root, self._problems)
        if isinstance(code, NotPython):
            self.others.append(OtherFunction(logical_id, code.runtime, function.location))
        if not isinstance(code, Code):
            return None
        return Workload(
            id=logical_id,
            kind=WorkloadKind.FUNCTION,
            handler=code.handler,
            code=code.roots,
            entry=code.entry,
            inline=code.inline,
            environment=tuple(_environment(function, resolver)),
            name=pattern_of(resolver.name(function)[0]),
            grants=roles.grants(function.get("Role"), function.location),
            event=events.event(function),
            location=function.location,
        )

    def _machine(self, resource: Resource, resolver: Resolver, roles: RoleReader) -> Workload | None:
        machine = read_machine(resource, resolver, self._root, self._problems)
        if machine is None:
            return None
        return Workload(
            id=f"{resolver.stack.prefix}{resource.id}",
            kind=WorkloadKind.STATE_MACHINE,
            handler="",
            code=(),
            entry=None,
            inline=None,
            environment=(),
            name=pattern_of(resolver.name(resource)[0]),
            grants=roles.grants(resource.get(_ROLES[MACHINE]), resource.location),
            event=(),
            location=resource.location,
            machine=machine,
        )


def _environment(function: Resource, resolver: Resolver) -> Iterator[tuple[str, Value]]:
    found: dict[str, Value | None] = {_OWN_NAME: value_of(resolver.name(function))}
    for variables in resolver.items(function.get("Environment", "Variables")):
        if isinstance(variables, Object):
            for name, value in variables.members.items():
                found[name] = value_of(resolver.texts(value))
    for name in sorted(found):
        known = found[name]
        if known is not None:
            yield name, known
