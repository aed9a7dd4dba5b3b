"""The mapping as data: what an operation may need, on which resources, and how its parameters name them.

Calls are judged by `stage`; this says the same of operations, for people and other programs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from analyzer.authorize.formats import PLACE_VARIABLES, ArnFormat, parse_format
from analyzer.authorize.known import REFERENCE, Kind, Known, known
from analyzer.authorize.naming import Kind as NameKind
from analyzer.authorize.naming import term
from analyzer.authorize.targets import Target
from analyzer.catalog import Action, find_action, resource_type, supplement_source
from analyzer.model.requirements import Condition, RuleReference
from analyzer.rules import (
    ANY_RESOURCE,
    ActionEntry,
    Advice,
    Binding,
    Field,
    Guards,
    ServiceRules,
    Spelling,
    TypeBinding,
    input_shapes,
    parse_path,
    parse_template,
    rule_sources,
    service_rules,
)
from analyzer.rules.pages import rule_pages
from analyzer.sdk import Operation, load_service

ACTIONS_PAGE: Final = (
    "https://docs.aws.amazon.com/service-authorization/latest/reference/"
    "reference_policies_actions-resources-contextkeys.html"
)
OPERATIONS_PAGE: Final = "https://docs.aws.amazon.com/service-authorization/latest/reference/service-reference.html"


@dataclass(frozen=True, slots=True)
class MappedType:
    """A resource type that an action is used on, and how the operation's parameters name it.

    `whole` are parameters that name it all at once, such as its ARN; `variables` are those of its ARN formats, each
    with the parameters that hold it, or None where none does. `required` says that it counts for each call, and not
    only for one that names it.
    """

    name: str
    arns: tuple[str, ...]
    required: bool
    whole: tuple[Binding, ...]
    variables: tuple[tuple[str, Binding | None], ...]

    @property
    def is_named(self) -> bool:
        """Whether parameters can name a single resource: by its ARN, or by every variable of one of its formats."""
        bound = {
            variable
            for variable, binding in self.variables
            if binding is not None and "*" not in (binding.template or "")
        }
        return bool(self.whole) or any(bound.issuperset(parse_format(arn).variables) for arn in self.arns)


@dataclass(frozen=True, slots=True)
class MappedAction:
    """An action that an operation needs when `guards` hold.

    It is used on `types`; or on `arn`, which is written out with parameters in braces; or, with neither, on `*`.
    `takes_resources` says that IAM can tell resources apart for the action.
    """

    action: str
    access_level: str
    guards: Guards
    conditions: tuple[Condition, ...]
    types: tuple[MappedType, ...] = ()
    arn: str = ""
    takes_resources: bool = True

    @property
    def is_scoped(self) -> bool:
        """Whether a call that gives all parameters names the resources exactly."""
        required = [one.is_named for one in self.types if one.required]
        return bool(self.arn) or (all(required) if required else any(one.is_named for one in self.types))


@dataclass(frozen=True, slots=True)
class OperationMapping:
    """What is known of the needs of an operation. `rule` and `sources` say from where; nothing where it is unknown."""

    service: str
    operation: str
    method: str
    kind: Kind
    actions: tuple[MappedAction, ...]
    advice: tuple[Advice, ...]
    rule: RuleReference | None
    sources: tuple[str, ...]


def service_mapping(service: str) -> Iterator[OperationMapping]:
    """Yield the mapping of every operation of the boto3 client `service`, sorted by operation; nothing if it is none.

    Raises RuleError if its rule file is wrong, InputError if the fetched reference data is damaged.
    """
    client = load_service(service)
    for name in sorted(client.operations) if client else ():
        found = operation_mapping(service, name)
        if found is not None:
            yield found


def operation_mapping(service: str, operation: str) -> OperationMapping | None:
    """Return the mapping of one operation, or None if botocore has no such client or operation.

    Raises RuleError if the service's rule file is wrong, InputError if the fetched reference data is damaged.
    """
    client = load_service(service)
    shape = client.operations.get(operation) if client else None
    if client is None or shape is None:
        return None
    found = known(client.name, operation)
    rules = service_rules(client.name)
    mapper = _Mapper(shape, rules)
    return OperationMapping(
        client.name,
        operation,
        shape.method,
        found.kind,
        tuple(mapper.action(entry, action) for entry in found.entries if (action := find_action(entry.action))),
        found.advice,
        found.rule,
        _sources(client.name, operation, found),
    )


def source_of(action: str) -> str:
    """Return the page that names the IAM action `action`."""
    return supplement_source(action) or ACTIONS_PAGE


def pages_of(rule: RuleReference, action: str) -> tuple[str, ...]:
    """Return the pages that say that `action` is needed according to `rule`. Raises RuleError if its file is wrong."""
    if rule.file == REFERENCE:
        return (OPERATIONS_PAGE,)
    return rule_pages(rule) or (source_of(action),)


def _sources(service: str, operation: str, found: Known) -> tuple[str, ...]:
    match found.kind:
        case Kind.UNKNOWN:
            return ()
        case Kind.BASE:
            return tuple(source_of(entry.action) for entry in found.entries)
        case Kind.REFERENCE:
            return (OPERATIONS_PAGE,)
        case _:
            return tuple(rule_sources(service).get(operation, ()))


class _Mapper:
    """Follows, for all calls of one operation, the order in which `CallReader` looks for what names a resource."""

    def __init__(self, operation: Operation, rules: ServiceRules) -> None:
        self._operation = operation
        self._rules = rules
        self._members = frozenset(operation.members)
        structures = frozenset(operation.structures)
        self._names = [member for member in operation.members if member not in structures]

    def action(self, entry: ActionEntry, action: Action) -> MappedAction:
        """Return what `entry`, which is about `action`, says of the operation."""
        written = entry.resources[0] if entry.resources and entry.resources[0].startswith("arn:") else ""
        return MappedAction(
            action.name,
            action.access_level,
            entry.guards,
            entry.conditions,
            () if written or entry.resources == (ANY_RESOURCE,) else tuple(self._types(entry, action)),
            written,
            bool(action.resource_types),
        )

    def _types(self, entry: ActionEntry, action: Action) -> Iterator[MappedType]:
        prefix = action.name.partition(":")[0]
        types = {one.name: found for one in action.resource_types if (found := resource_type(prefix, one.name))}
        own = dict(entry.bindings)
        shared = self._rules.bindings if prefix == self._rules.prefix else {}
        for one in action.resource_types:
            if one.name not in types or (entry.resources and one.name not in entry.resources):
                continue
            siblings = tuple(other for name, other in types.items() if name != one.name)
            target = Target(prefix, types[one.name], siblings, self._rules.prefix)
            yield self._type(target, own.get(one.name), shared.get(one.name), bool(entry.resources) or one.required)

    def _type(
        self, target: Target, entry: TypeBinding | None, service: TypeBinding | None, required: bool
    ) -> MappedType:
        formats = [parse_format(arn) for arn in target.type.arns]
        found = [self._bound(target, arn, entry, service) for arn in formats]
        variables: dict[str, Binding | None] = {}
        for one in found:
            for variable, binding in one.variables:
                if variables.get(variable) is None:
                    variables[variable] = binding
        for variable in target.type.variables:
            variables.setdefault(variable, None)
        return MappedType(
            target.type.name,
            target.type.arns,
            required,
            tuple(dict.fromkeys(binding for one in found for binding in one.whole)),
            tuple(sorted(variables.items(), key=lambda item: _place_in(item[0], target.type.variables))),
        )

    def _bound(
        self, target: Target, arn: ArnFormat, entry: TypeBinding | None, service: TypeBinding | None
    ) -> TypeBinding:
        whole: list[Binding] = []
        variables: dict[str, Binding] = {}
        for layer in (entry, service):
            if layer is None:
                continue
            if not variables:
                whole.extend(one for one in map(self._given, layer.whole) if one is not None)
            for variable, binding in layer.variables:
                given = self._given(binding)
                if given is not None and variable in (*arn.variables, *PLACE_VARIABLES):
                    variables.setdefault(variable, given)
            if layer is entry and not variables:
                return TypeBinding(tuple(whole))
        default = target.binding_by_name(arn, self._operation.name, self._names, self._members)
        arns = default.arns if not variables else ()
        if arns:
            whole.append(Binding(arns, Spelling.ARN))
        for variable, (_, parameters) in default.variables.items():
            if not all(parameter in arns and term(parameter).kind is NameKind.ARN for parameter in parameters):
                variables.setdefault(variable, Binding(parameters))
        return TypeBinding(tuple(dict.fromkeys(whole)), tuple(variables.items()))

    def _given(self, binding: Binding) -> Binding | None:
        """Return `binding` with the parameters that the operation has, or None if they do not suffice."""
        paths = tuple(path for path in binding.paths if self._is_given(path))
        if binding.template is None:
            return binding._replace(paths=paths) if paths else None
        needed = {part.path for part in parse_template(binding.template) or () if isinstance(part, Field)}
        return binding._replace(paths=paths) if needed.issubset(paths) else None

    def _is_given(self, path: str) -> bool:
        steps = parse_path(path) or ("",)
        if len(steps) == 1 or steps[0] not in self._members:
            return steps[0] in self._members
        # A service's binding holds for operations that have less below a member of that name, too.
        return input_shapes(self._rules.service).input_type(self._operation.name, path) is not None


def _place_in(variable: str, variables: tuple[str, ...]) -> tuple[int, str]:
    return (variables.index(variable) if variable in variables else len(variables), variable)
