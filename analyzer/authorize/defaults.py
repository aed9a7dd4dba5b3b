"""How an operation's parameters name a resource where no rule says it: the default binding of docs/rules.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import Final, NamedTuple

from analyzer.authorize.naming import Kind, Nearness, arn_nearness, squeeze, subject, term, variable_nearness

# An ARN spells what these say otherwise than the parameter (`regional/webacl` for the Scope `REGIONAL`).
_CLASSES: Final = ("type", "scope", "category")


class DefaultBinding(NamedTuple):
    """What the names say: the parameters that hold the resource's ARN, and those that hold variables of it.

    Each with how surely. There are no `arns` where the variables are surer.
    """

    arns: tuple[str, ...]
    nearness: Nearness | None
    variables: Mapping[str, tuple[Nearness, tuple[str, ...]]]


def default_binding(
    resource_type: str,
    variables: Sequence[str],
    operation: str,
    given: Collection[str],
    other_types: Iterable[str] = (),
    siblings: Iterable[str] = (),
) -> DefaultBinding:
    """Return how the parameters `given` to `operation` name a resource of a type with the ARN `variables`.

    `other_types` are the names of the service's other resource types, `siblings` those that the same action takes: a
    parameter that names one of them exactly is not taken for this one, which it names in part.
    """
    own = _own_variable(resource_type, variables)
    taken = {squeeze(name) for name in other_types} - {squeeze(resource_type)}
    near = {squeeze(name) for name in siblings}
    exact = {squeeze(variable) for variable in variables}

    def holds_arn(parameter: str) -> Nearness | None:
        # An ARN of another type is no trouble: it says what it is.
        return arn_nearness(parameter, own, resource_type)

    def holds(parameter: str, variable: str) -> Nearness | None:
        tells_apart = variable == own and (len(variables) == 1 or term(variable).kind is not Kind.UNSAID)
        found = variable_nearness(parameter, variable, resource_type if tells_apart else "", operation)
        if found is Nearness.SAME:
            return found
        if squeeze(parameter) in exact or (found is Nearness.GENERIC and subject(operation) in taken):
            return None
        if found is Nearness.PART:
            stem = term(parameter).stem
            # `GlobalClusterIdentifier` is no cluster's, but `GroupId` may be a security group's.
            is_longer = len(stem) > len(squeeze(resource_type) if tells_apart else term(variable).stem)
            return None if stem in near or (is_longer and stem in taken) else found
        return found

    found_variables: dict[str, tuple[Nearness, tuple[str, ...]]] = {}
    for variable in variables:
        if len(variables) > 1 and squeeze(variable).endswith(_CLASSES):
            continue
        nearness, parameters = _nearest(given, partial(holds, variable=variable))
        if nearness is not None:
            found_variables[variable] = nearness, parameters
    found_variables = _unambiguous(found_variables)
    nearness, arns = _nearest(given, holds_arn)
    if nearness is not None and own in found_variables:
        rival = found_variables[own][0]
        if rival < nearness or rival is nearness is Nearness.GENERIC:
            nearness, arns = None, ()
    return DefaultBinding(arns, nearness, found_variables)


def _own_variable(resource_type: str, variables: Sequence[str]) -> str:
    """Return the variable that tells the type's resources apart: the one named most like the type, else the last."""
    name = squeeze(resource_type)
    named = [variable for variable in variables if term(variable).kind is not Kind.UNSAID]
    alike = [variable for variable in named if term(variable).stem.startswith(name)]
    return min(alike, key=len, default=variables[-1] if variables else "")


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
