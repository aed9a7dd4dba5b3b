"""SAM's policy templates in place of statements, where one grants exactly what is wanted.

Source: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-templates.html;
what they grant is read from AWS's own translator.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Final

from analyzer.iam.fewest import fewest_statements
from analyzer.model.policy import Statement
from analyzer.templates.plain import Plain
from analyzer.templates.spelling import NotSpellableError, Speller

_FILE: Final = ("policy_templates_data", "policy_templates.json")
_ATOM: Final = re.compile(r"\$\{([^}]*)\}")

_Grant = tuple[str, str]


def fitting(
    statements: Iterable[Statement], speller: Speller, partition: str
) -> tuple[tuple[Plain, ...], tuple[Statement, ...]]:
    """Return the policy templates, with their parameters, that grant a part of `statements`, and the other statements.

    Each grants nothing that `statements` do not. What stands under conditions is left to these.
    """
    given = tuple(statements)
    wanted = {
        (action, resource)
        for statement in given
        if not statement.conditions
        for action in statement.actions
        for resource in statement.resources
    }
    open_grants, found = set(wanted), list[Plain]()
    for _, name, values, grants in sorted(_candidates(wanted, partition), key=lambda one: (-one[0], one[1])):
        if grants & open_grants == grants:
            try:
                found.append({name: {parameter: speller.spell(value) for parameter, value in values.items()}})
            except NotSpellableError:
                continue
            open_grants -= grants
    rest = fewest_statements((action, resource, ()) for action, resource in open_grants)
    return tuple(found), (*rest, *(statement for statement in given if statement.conditions))


def _candidates(wanted: set[_Grant], partition: str) -> Iterator[tuple[int, str, dict[str, str], set[_Grant]]]:
    """Yield each template that grants only what is wanted: how much, its name, its parameters, and what."""
    resources = sorted({resource for _, resource in wanted})
    actions = {action for action, _ in wanted}
    for name, template in sorted(_templates().items()):
        allowed = template["Definition"]["Statement"]
        if not all(set(_listed(one["Action"])) <= actions and "Condition" not in one for one in allowed):
            continue
        patterns = [pattern for one in allowed for pattern in _listed(one["Resource"])]
        seen: set[tuple[tuple[str, str], ...]] = set()
        for resource in resources:
            for pattern in patterns:
                values = _match(pattern, resource, partition)
                if values is None or values.keys() != template["Parameters"].keys() or tuple(values.items()) in seen:
                    continue
                seen.add(tuple(values.items()))
                grants = {
                    (action, _filled(each, values, partition))
                    for one in allowed
                    for action in _listed(one["Action"])
                    for each in _listed(one["Resource"])
                }
                if grants <= wanted:
                    yield len(grants), name, values, grants


def _match(pattern: Any, resource: str, partition: str) -> dict[str, str] | None:
    """Return the parameters with which the resource of a template is `resource`, None if there are none."""
    text, names = _text(pattern, partition)
    variables = [atom[0] for atom in _ATOM.finditer(text) if atom[1] in names]
    if not variables:
        return {} if text == resource else None
    before, _, after = text.partition(variables[0])
    value = resource.removeprefix(before).removesuffix(after)
    # The variables of all but a few templates, whose ARNs have two, are alone in their text.
    is_this = len(variables) == 1 and value and resource == f"{before}{value}{after}"
    return {names[variables[0][2:-1]]: value} if is_this else None


def _filled(pattern: Any, values: dict[str, str], partition: str) -> str:
    text, names = _text(pattern, partition)
    return _ATOM.sub(lambda atom: values[names[atom[1]]] if atom[1] in names else atom[0], text)


def _text(pattern: Any, partition: str) -> tuple[str, dict[str, str]]:
    """Return the text of a resource, and which parameter stands for which of its variables."""
    names: dict[str, str] = {}
    while not isinstance(pattern, str):
        pattern = pattern.get("Fn::Sub")
        if isinstance(pattern, list):
            names = {variable: value["Ref"] for variable, value in pattern[1].items()}
            pattern = pattern[0]
        elif pattern is None:
            return "", {}
    return pattern.replace("${AWS::Partition}", partition), names


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@cache
def _templates() -> dict[str, Any]:
    from importlib.util import find_spec

    found = find_spec("samtranslator")
    assert found is not None and found.origin is not None, "the translator is a dependency"
    with open(os.path.join(os.path.dirname(found.origin), *_FILE), encoding="utf-8") as file:
        templates: dict[str, Any] = json.load(file)["Templates"]
    return templates
