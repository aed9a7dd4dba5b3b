"""Policy documents: JSON in the grammar of IAM's identity-based policies to `Statement` records.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html and, for each element,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from analyzer.errors import InputError
from analyzer.iam.positioned_json import Array, Json, Object, Scalar
from analyzer.model.location import Location
from analyzer.model.policy import Principal, Statement
from analyzer.model.requirements import Condition

CURRENT_VERSION: Final = "2012-10-17"
_VERSIONS: Final = ("2008-10-17", CURRENT_VERSION)
_POLICY_ELEMENTS: Final = ("Version", "Id", "Statement")
_STATEMENT_ELEMENTS: Final = ("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition")
_PRINCIPALS: Final = ("Principal", "NotPrincipal")
_EFFECTS: Final = ("Allow", "Deny")


def read_document(document: Json, *, with_principals: bool = False) -> tuple[Statement, ...]:
    """Return the statements of one policy document, in its order, each with its location and those of its values.

    Element names and the values of Effect are taken as the grammar spells them; a value may stand alone or in a list.
    Raises InputError, with the place, for anything that is not an identity-based policy, or, `with_principals`, not a
    trust or resource-based one: its statements name principals, and a trust policy's no resources.
    """
    policy = _object(document, "a policy document")
    _refuse_unknown(policy, _POLICY_ELEMENTS, "a policy document")
    statements = policy.members.get("Statement")
    if statements is None:
        raise _error(
            policy, 'a policy document without "Statement"', "give it a list of statements, if need be an empty one"
        )
    has_variables = version_of(policy) == CURRENT_VERSION
    blocks = statements.items if isinstance(statements, Array) else (statements,)
    return tuple(_statement(_object(block, "a statement"), has_variables, with_principals) for block in blocks)


def has_principals(document: Json) -> bool:
    """Say whether a statement of the policy document names principals, as trust and resource-based policies do."""
    statements = document.members.get("Statement") if isinstance(document, Object) else None
    blocks = statements.items if isinstance(statements, Array) else (statements,)
    return any(isinstance(block, Object) and not block.members.keys().isdisjoint(_PRINCIPALS) for block in blocks)


def version_of(document: Json) -> str:
    """Return the version of the policy language that a policy document is in.

    "If you do not include a Version element, the value defaults to 2008-10-17." Raises InputError, with the place, if
    there is no such version.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
    """
    version = _object(document, "a policy document").members.get("Version")
    if version is None:
        return _VERSIONS[0]
    text = _string(version, "Version")
    if text not in _VERSIONS:
        raise _error(version, f'there is no policy version "{text}"', f'write "{CURRENT_VERSION}"')
    return text


def _statement(block: Object, has_variables: bool, with_principals: bool) -> Statement:
    for element in () if with_principals else _PRINCIPALS:
        if element in block.members:
            raise InputError(
                f'{block.key_locations[element]}: "{element}" in a statement',
                "this is a trust or resource-based policy; give an identity-based one, as a role has it",
            )
    _refuse_unknown(block, (*_STATEMENT_ELEMENTS, *(_PRINCIPALS if with_principals else ())), "a statement")
    effect = _string(_required(block, "Effect"), "Effect")
    if effect not in _EFFECTS:
        raise _error(block.members["Effect"], f'Effect is "{effect}"', "it is Allow or Deny, spelled like this")
    actions, not_actions = _either(block, "Action", "NotAction")
    has_resources = not with_principals or not block.members.keys().isdisjoint(("Resource", "NotResource"))
    resources, not_resources = _either(block, "Resource", "NotResource") if has_resources else ((), ())
    if not has_variables:
        resources = tuple(sorted(map(_without_variables, resources)))
        not_resources = tuple(sorted(map(_without_variables, not_resources)))
    return Statement(
        effect=effect,
        actions=actions,
        resources=resources,
        conditions=_conditions(block.members.get("Condition"), has_variables),
        sid=_string(block.members["Sid"], "Sid") if "Sid" in block.members else "",
        not_actions=not_actions,
        not_resources=not_resources,
        principals=_principals(block, "Principal"),
        not_principals=_principals(block, "NotPrincipal"),
        location=block.location,
        places=dict(_places(block, has_variables)),
    )


def _places(block: Object, has_variables: bool) -> Iterator[tuple[tuple[str, str], Location]]:
    """Yield where each value stands, by element and value; of a condition its operator, and operator and key."""
    for element, value in block.members.items():
        if element == "Condition" and isinstance(value, Object):
            for operator, tests in value.members.items():
                yield (element, operator), value.key_locations[operator]
                if isinstance(tests, Object):
                    for key, location in tests.key_locations.items():
                        yield (element, f"{operator} {key}"), location
            continue
        kinds = value.members.items() if isinstance(value, Object) else (("", value),)
        for kind, values in kinds:
            for item in values.items if isinstance(values, Array) else (values,):
                if isinstance(item, Scalar) and isinstance(item.value, str):
                    text = f"{kind} {item.value}" if kind else item.value
                    literal = not has_variables and element in ("Resource", "NotResource")
                    yield (element, _without_variables(text) if literal else text), item.location


def _principals(block: Object, element: str) -> tuple[Principal, ...]:
    value = block.members.get(element)
    if value is None:
        return ()
    if isinstance(value, Scalar):
        if value.value != "*":
            raise _error(value, f'{element} is "{value.value}"', 'write "*", or an object such as {"Service": "..."}')
        return (Principal("*", "*"),)
    kinds = _object(value, element).members.items()
    return tuple(sorted({Principal(kind, name) for kind, names in kinds for name in _strings(names, element)}))


def _either(block: Object, element: str, negated: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the values of `element` and those of `negated`, of which a statement has exactly one."""
    if element in block.members and negated in block.members:
        raise _error(
            block.members[negated], f"a statement with both {element} and {negated}", "split it into two statements"
        )
    if negated not in block.members:
        return _strings(_required(block, element), element), ()
    values = _strings(block.members[negated], negated)
    if not values:
        raise _error(
            block.members[negated], f"an empty {negated}", f"name what it leaves out, or write {element} with *"
        )
    return (), values


def _conditions(element: Json | None, has_variables: bool) -> tuple[Condition, ...]:
    if element is None:
        return ()
    conditions = []
    for operator, tests in _object(element, "Condition").members.items():
        for key, tested in _object(tests, f"the condition operator {operator}").members.items():
            items = tested.items if isinstance(tested, Array) else (tested,)
            texts = {_condition_value(item, key) for item in items}
            values = texts if has_variables else map(_without_variables, texts)
            conditions.append(Condition(operator, key, tuple(sorted(values))))
    return tuple(sorted(conditions))


def _condition_value(item: Json, key: str) -> str:
    if isinstance(item, Scalar):
        if isinstance(item.value, str):
            return item.value
        if isinstance(item.value, bool):
            return str(item.value).lower()
    raise _error(item, f"a value of the condition key {key} is not a string, number or boolean", "quote the value")


def _without_variables(value: str) -> str:
    # "such variables [...] are treated as literal strings in the policy" before version 2012-10-17:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
    return value.replace("${", "${$}{")


def _required(block: Object, element: str) -> Json:
    value = block.members.get(element)
    if value is None:
        raise _error(
            block, f'a statement without "{element}"', "an identity-based policy needs Effect, Action and Resource"
        )
    return value


def _strings(value: Json, element: str) -> tuple[str, ...]:
    items = value.items if isinstance(value, Array) else (value,)
    return tuple(sorted({_string(item, element) for item in items}))


def _string(value: Json, element: str) -> str:
    if not isinstance(value, Scalar) or not isinstance(value.value, str) or value.is_number:
        raise _error(value, f"{element} is not a string", "write it in double quotes")
    return value.value


def _object(value: Json, what: str) -> Object:
    if not isinstance(value, Object):
        raise _error(value, f"{what} has to be an object", "write it in braces")
    return value


def _refuse_unknown(block: Object, elements: tuple[str, ...], what: str) -> None:
    for name, location in block.key_locations.items():
        if name not in elements:
            near = [element for element in elements if element.lower() == name.lower()]
            hint = f'write "{near[0]}"' if near else f"it can hold {', '.join(elements)}"
            raise InputError(f'{location}: unknown element "{name}" in {what}', hint)


def _error(value: Json, what: str, hint: str) -> InputError:
    return InputError(f"{value.location}: {what}", hint)
