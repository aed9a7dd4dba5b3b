"""How an operation's parameters name a resource where no rule says it: the default binding of docs/rules.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Final, NamedTuple

from analyzer.authorize.naming import (
    Kind,
    Nearness,
    Term,
    arn_nearness,
    halves,
    head,
    is_of_another_new,
    is_of_another_service,
    squeeze,
    subject,
    term,
    variable_nearness,
)

# An ARN spells what these say otherwise than the parameter (`regional/webacl` for the Scope `REGIONAL`).
_CLASSES: Final = ("type", "scope", "category")


class DefaultBinding(NamedTuple):
    """What the names say: the parameters that hold the resource's ARN, and those that hold variables of it.

    Each with how surely. There are no `arns` where the variables are surer.
    """

    arns: tuple[str, ...]
    nearness: Nearness | None
    variables: Mapping[str, tuple[Nearness, tuple[str, ...]]]


class Others(NamedTuple):
    """What else there is that a parameter may be about.

    `types` are the names of the other resource types of the service; `siblings` those that the same action takes;
    `names` the squeezed names of those types and of what tells their resources apart. `members` are all parameters
    that the operation has. `service` is the IAM prefix where the action is one of the operation's own service.
    """

    types: frozenset[str] = frozenset()
    siblings: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()
    service: str = ""


NO_OTHERS: Final = Others()
"""Nothing that a parameter may be about but the resource type itself."""


def default_binding(
    resource_type: str, variables: Sequence[str], operation: str, given: Collection[str], others: Others = NO_OTHERS
) -> DefaultBinding:
    """Return how the parameters `given` to `operation` name a resource of a type with the ARN `variables`.

    A parameter that names one of the `others` better is not taken for this one, which it names in part.
    """
    reader = _Reader(resource_type, variables, operation, others)
    found_variables: dict[str, tuple[Nearness, tuple[str, ...]]] = {}
    for variable in variables:
        if len(variables) > 1 and squeeze(variable).endswith(_CLASSES):
            continue
        nearness, parameters = _nearest(given, partial(reader.holds, variable=variable))
        if nearness is not None:
            found_variables[variable] = nearness, parameters
    found_variables = _unambiguous(found_variables)
    nearness, arns = _nearest(given, reader.holds_arn)
    if nearness is not None and reader.own in found_variables:
        rival = found_variables[reader.own][0]
        if rival < nearness or rival is nearness is Nearness.GENERIC:
            nearness, arns = None, ()
    return DefaultBinding(arns, nearness, found_variables)


class _Reader:
    """Says of single parameters what they hold of a resource type."""

    def __init__(self, resource_type: str, variables: Sequence[str], operation: str, others: Others) -> None:
        self._type = resource_type
        self._is_single = len(variables) == 1
        self._operation = operation
        self._others = others
        self._exact = {squeeze(variable) for variable in variables}
        self._is_about_another = subject(operation) in others.types
        self.own = own_variable(resource_type, variables)
        self._names = names_of(resource_type, variables)
        self._members = {term(member) for member in others.members}
        # What is made by another service's operation is none of this service's.
        is_made_here = others.service != "" and not self._is_about_another
        self._may_be_made = is_made_here and bool(self.own) and term(self.own).kind is Kind.IDENTIFIER

    def holds_arn(self, parameter: str) -> Nearness | None:
        # An ARN of another type is no trouble: it says what it is.
        found = arn_nearness(parameter, self.own, self._type)
        return None if found is Nearness.PART and self._is_of_another_new(parameter) else found

    def holds(self, parameter: str, variable: str) -> Nearness | None:
        is_own = variable == self.own
        tells_apart = is_own and (self._is_single or term(variable).kind is not Kind.UNSAID)
        found = variable_nearness(parameter, variable, self._type if tells_apart else "", self._operation)
        if found is None or found is Nearness.SAME:
            return found
        if squeeze(parameter) in self._exact or (found is Nearness.GENERIC and self._is_generic_of_another()):
            return None
        if found is not Nearness.GENERIC and self._has_name_beside(term(parameter), term(variable)):
            return None
        if is_own and self._is_of_another_new(parameter):
            return None
        return None if found is Nearness.PART and self._names_another(parameter, variable, tells_apart) else found

    def _is_of_another_new(self, parameter: str) -> bool:
        return self._may_be_made and is_of_another_new(parameter, self._names, self._operation)

    def _is_generic_of_another(self) -> bool:
        """Say whether the `Id` or `Name` of the operation is that of something else."""
        first, second = halves(self._operation)
        if first in self._others.types and any(second.endswith(name) for name in self._names):
            # `AssociateThingWithGroup(Id, ThingId)`: the group's, but without a ThingId it is that of the thing.
            return not any(member.stem == first for member in self._members)
        return self._is_about_another

    def _has_name_beside(self, parameter: Term, variable: Term) -> bool:
        """Say whether the operation has a parameter for the name, which `variable` is, beside that for the id."""
        stems = (parameter.stem, variable.stem)
        named = (member.kind is Kind.NAME and member.stem in stems for member in self._members)
        return variable.kind is Kind.NAME and parameter.is_id and any(named)

    def _names_another(self, parameter: str, variable: str, tells_apart: bool) -> bool:
        """Say whether `parameter`, which names `variable` in part, names something else, and better."""
        stem, service = term(parameter).stem, self._others.service
        if stem in self._others.siblings or (service and is_of_another_service(parameter, self._names, service)):
            return True
        # `GlobalClusterIdentifier` is no cluster's, but `GroupId` may be a security group's.
        named = self._names if tells_apart else frozenset((term(variable).stem,))
        matched = max((len(name) for name in named if stem.endswith(name)), default=len(stem))
        better = (name for name in self._others.names if len(name) > matched and stem.endswith(name))
        return any(name not in self._names for name in better)


def own_variable(resource_type: str, variables: Sequence[str]) -> str:
    """Return the variable that tells the type's resources apart: the one named most like the type, else the last."""
    name = head(resource_type)
    named = [variable for variable in variables if term(variable).kind is not Kind.UNSAID]
    alike = [variable for variable in named if term(variable).stem.startswith(name)]
    return min(alike, key=len, default=variables[-1] if variables else "")


def names_of(resource_type: str, variables: Sequence[str]) -> frozenset[str]:
    """Return what resources of a type are called, squeezed: like the type, and like what tells them apart."""
    own = own_variable(resource_type, variables)
    is_said = bool(own) and not term(own).is_generic and term(own).kind is not Kind.UNSAID
    return frozenset((head(resource_type), *((term(own).stem,) if is_said else ())))


def _unambiguous(
    found: Mapping[str, tuple[Nearness, tuple[str, ...]]],
) -> dict[str, tuple[Nearness, tuple[str, ...]]]:
    """Return `found` without the parameters that may as well hold one variable as another (`gateway`: name or id?)."""
    counts = Counter(parameter for nearness, parameters in found.values() if nearness for parameter in parameters)
    return {
        variable: (nearness, parameters)
        for variable, (nearness, parameters) in found.items()
        if nearness is Nearness.SAME or all(counts[parameter] == 1 for parameter in parameters)
    }


def _nearest(
    parameters: Collection[str], measure: Callable[[str], Nearness | None]
) -> tuple[Nearness | None, tuple[str, ...]]:
    found = {parameter: nearness for parameter in parameters if (nearness := measure(parameter)) is not None}
    if not found:
        return None, ()
    nearest = min(found.values())
    return nearest, tuple(parameter for parameter, nearness in found.items() if nearness == nearest)
