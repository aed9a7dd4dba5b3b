"""Where another engine is known to read the policy language otherwise than AWS's documentation has it.

A reading rewrites a policy so that, evaluated by the documentation, it says what the engine makes of it: what an engine
says otherwise than this project is explained if it is what this project says of the rewritten policies. Pages are below
https://docs.aws.amazon.com/IAM/latest/UserGuide/.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from analyzer.iam.pattern import matches
from tests.iam.questions import Document, Question

_NEVER = {"Null": {"app:Never": "false"}}
_VARIABLE = re.compile(r"\$\{([\w-]+:[^,}]+)\}")


@dataclass(frozen=True)
class Reading:
    """What an engine does otherwise than the `page` says; `rewrite` returns a document as the engine takes it."""

    name: str
    page: str
    rewrite: Callable[[Document, Question], Document]


def apply(readings: Iterable[Reading], question: Question) -> Question:
    """Return `question` with its policies as `readings` take them."""
    for reading in readings:
        question = replace(
            question,
            identity=tuple(reading.rewrite(document, question) for document in question.identity),
            boundary=None if question.boundary is None else reading.rewrite(question.boundary, question),
            session=None if question.session is None else reading.rewrite(question.session, question),
        )
    return question


def _in_statements(rewrite: Callable[[Document, Question], Document]) -> Callable[[Document, Question], Document]:
    """Return the rewriting of documents that rewrites every statement with `rewrite`."""

    def rewritten(document: Document, question: Question) -> Document:
        return document | {"Statement": [rewrite(statement, question) for statement in document["Statement"]]}

    return rewritten


def _variables_in_any_version(document: Document, question: Question) -> Document:
    return document | {"Version": "2012-10-17"}


@_in_statements
def _star_reaches_over_colons(statement: Document, question: Question) -> Document:
    def wide(pattern: str) -> str:
        return "*" if pattern.count(":") == 5 and matches(pattern, question.resource) else pattern

    return statement | {
        element: [wide(pattern) for pattern in _listed(statement[element])]
        for element in ("Resource", "NotResource")
        if element in statement
    }


@_in_statements
def _any_value_if_exists(statement: Document, question: Question) -> Document:
    def name(operator: str) -> str:
        return operator.removesuffix("IfExists") if operator.startswith("ForAnyValue:") else operator

    return _with_tests(statement, lambda operator, key, values: (name(operator), key, values))


@_in_statements
def _negated_without_value(statement: Document, question: Question) -> Document:
    present = {key.lower() for key in question.context}

    def test(operator: str, key: str, values: list[str]) -> tuple[str, str, list[str]] | None:
        lacking = any(variable.lower() not in present for value in values for variable in _VARIABLE.findall(value))
        return None if lacking and "Not" in operator else (operator, key, values)

    return _with_tests(statement, test)


@_in_statements
def _not_resource_without_value(statement: Document, question: Question) -> Document:
    present = {key.lower() for key in question.context}
    excluded = _listed(statement.get("NotResource", []))
    variables = (variable for resource in excluded for variable in _VARIABLE.findall(resource))
    return _never(statement) if any(variable.lower() not in present for variable in variables) else statement


@_in_statements
def _incomplete_not_resource(statement: Document, question: Question) -> Document:
    excluded = _listed(statement.get("NotResource", []))
    incomplete = any(resource != "*" and resource.count(":") < 5 for resource in excluded)
    return _never(statement) if incomplete else statement


@_in_statements
def _range_of_all_addresses(statement: Document, question: Question) -> Document:
    def nowhere(values: list[str]) -> list[str]:
        return ["255.255.255.255/32" if value == "0.0.0.0/0" else value for value in values]

    return _with_tests(statement, lambda operator, key, values: (operator, key, nowhere(values)))


@_in_statements
def _other_version_of_addresses(statement: Document, question: Question) -> Document:
    addresses = question.context.get("aws:SourceIp", [])

    def test(operator: str, key: str, values: list[str]) -> tuple[str, str, list[str]] | None:
        mixed = len({":" in address for address in (*addresses, *values)}) == 2
        return None if mixed and addresses and "NotIpAddress" in operator else (operator, key, values)

    return _with_tests(statement, test)


@_in_statements
def _for_all_of_an_empty_value(statement: Document, question: Question) -> Document:
    def test(operator: str, key: str, values: list[str]) -> tuple[str, str, list[str]]:
        is_empty = question.context.get(key) == [""]
        return operator.removeprefix("ForAllValues:") if is_empty else operator, key, values

    return _with_tests(statement, test)


@_in_statements
def _epoch_time(statement: Document, question: Question) -> Document:
    def test(operator: str, key: str, values: list[str]) -> tuple[str, str, list[str]]:
        milliseconds = [str(int(value) // 1000) if value.isdigit() else value for value in values]
        dated = milliseconds if "Date" in operator else values
        return operator, key, dated

    return _with_tests(statement, test)


@_in_statements
def _special_characters(statement: Document, question: Question) -> Document:
    def test(operator: str, key: str, values: list[str]) -> tuple[str, str, list[str]]:
        plain = [value.replace("${*}", "${$}{*}") for value in values]
        return operator, key, plain if "String" in operator and "Equals" in operator else values

    return _with_tests(statement, test)


@_in_statements
def _list_without_set_operator(statement: Document, question: Question) -> Document:
    def test(operator: str, key: str, values: list[str]) -> tuple[str, str, list[str]] | None:
        needed = key == "aws:TagKeys" and key in question.context and operator != "Null" and ":" not in operator
        return None if needed else (operator, key, values)

    return _with_tests(statement, test)


@_in_statements
def _null_of_an_empty_value(statement: Document, question: Question) -> Document:
    def test(operator: str, key: str, values: list[str]) -> tuple[str, str, list[str]] | None:
        if operator != "Null" or question.context.get(key) != [""]:
            return operator, key, values
        return ("Null", "app:Never", ["true"]) if "false" in values else None

    return _with_tests(statement, test)


def _never(statement: Document) -> Document:
    return statement | {"Condition": _NEVER}


def _with_tests(
    statement: Document, change: Callable[[str, str, list[str]], tuple[str, str, list[str]] | None]
) -> Document:
    """Return `statement` with each of its tests changed; a test that becomes None never holds."""
    conditions: dict[str, dict[str, Any]] = {}
    for operator, tests in statement.get("Condition", {}).items():
        for key, values in tests.items():
            changed = change(operator, key, _listed(values))
            if changed is None:
                return _never(statement)
            conditions.setdefault(changed[0], {})[changed[1]] = changed[2]
    return statement | {"Condition": conditions}


def _listed(values: Any) -> list[str]:
    return list(values) if isinstance(values, list) else [values]


_OPERATORS = "reference_policies_elements_condition_operators.html"
_VARIABLES = "reference_policies_variables.html#policy-vars-no-value"

SIMULATOR = (
    Reading(
        "a `*` that ends no segment reaches over colons",
        "reference_policies_elements_resource.html#reference_policies_elements_resource_wildcards",
        _star_reaches_over_colons,
    ),
    Reading("NotResource with an incomplete ARN never applies", "reference-arns.html", _incomplete_not_resource),
    Reading("NotResource with a variable without value never applies", _VARIABLES, _not_resource_without_value),
    Reading("a negated operator is false where a variable has no value", _VARIABLES, _negated_without_value),
    Reading(
        "ForAnyValue with IfExists is false where the key is absent",
        f"{_OPERATORS}#Conditions_IfExists",
        _any_value_if_exists,
    ),
    Reading(
        "NotIpAddress is false between versions of addresses",
        f"{_OPERATORS}#Conditions_IPAddress",
        _other_version_of_addresses,
    ),
    Reading(
        "variables are replaced in documents of version 2008-10-17",
        "reference_policies_elements_version.html",
        _variables_in_any_version,
    ),
    Reading(
        "ForAllValues compares an empty string",
        f"{_OPERATORS}#conditions_arn_multivalued",
        _for_all_of_an_empty_value,
    ),
    Reading("epoch time in a policy is taken for milliseconds", f"{_OPERATORS}#Conditions_Date", _epoch_time),
    Reading(
        "StringEquals takes ${*} for these four characters",
        "reference_policies_variables.html#policy-vars-specialchars",
        _special_characters,
    ),
    Reading(
        "a multivalued key without set operator never matches, not even with one value",
        "reference_policies_condition-single-vs-multi-valued-context-keys.html",
        _list_without_set_operator,
    ),
    Reading("an empty string is a value to Null", f"{_OPERATORS}#Conditions_Null", _null_of_an_empty_value),
    Reading("0.0.0.0/0 holds no address", f"{_OPERATORS}#Conditions_IPAddress", _range_of_all_addresses),
)
