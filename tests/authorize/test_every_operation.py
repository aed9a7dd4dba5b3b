"""The mapping of every operation that the installed botocore has, held against the catalogue, the models and IAM."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

import pytest

from analyzer.authorize import authorize
from analyzer.authorize.known import Kind
from analyzer.authorize.mapping import MappedAction, OperationMapping
from analyzer.catalog import find_action, resource_type
from analyzer.model.calls import UnresolvedReason
from analyzer.model.deployment import Deployment
from analyzer.model.requirements import Arns
from analyzer.model.values import Environment, Known, Opaque, Value
from analyzer.rules import input_shapes
from analyzer.rules.templates import template_paths
from analyzer.sdk import load_service
from tests.authorize.calls import call
from tests.authorize.coverage import PAGE, data, mapping, page
from tests.authorize.test_acceptable_arns import ACCEPTABLE

PLACE = {"partition", "region", "account"}


def operations() -> Iterator[OperationMapping]:
    for of_service in mapping().values():
        yield from of_service


def test_every_operation_is_mapped_once() -> None:
    found = [(one.service, one.operation, one.method) for one in operations()]
    services = [load_service(service) for service in mapping()]

    assert found == sorted(set(found))
    assert found == [
        (service.name, operation.name, operation.method)
        for service in services
        if service is not None
        for operation in sorted(service.operations.values(), key=lambda one: one.name)
    ]
    assert len(found) > 15_000


def test_kind_and_actions_and_sources_fit_together() -> None:
    wrong = []
    for one in operations():
        is_known = one.kind is not Kind.UNKNOWN
        needs = one.kind in (Kind.BASE, Kind.RULE)
        if bool(one.actions) != needs or bool(one.sources) != is_known or (one.rule is not None) != is_known:
            wrong.append((one.service, one.operation))
        if not all(source.startswith("https://") for source in one.sources):
            wrong.append((one.service, one.operation))
    assert wrong == []


def test_every_action_and_every_type_is_in_the_catalogue() -> None:
    missing = []
    for one in operations():
        for mapped in one.actions:
            action = find_action(mapped.action)
            if action is None or action.name != mapped.action or action.access_level != mapped.access_level:
                missing.append((one.service, one.operation, mapped.action))
                continue
            types = {taken.name for taken in action.resource_types}
            prefix = action.name.partition(":")[0]
            missing += [
                (one.service, one.operation, mapped.action, type_.name)
                for type_ in mapped.types
                if type_.name not in types or resource_type(prefix, type_.name) is None
            ]
        missing += [
            (one.service, one.operation, advice.action) for advice in one.advice if find_action(advice.action) is None
        ]
    assert missing == []


def test_every_parameter_that_is_named_exists() -> None:
    missing = []
    for one in operations():
        paths = {path for action in one.actions for path in _paths(action)}
        missing += [
            (one.service, one.operation, path)
            for path in sorted(paths)
            if input_shapes(one.service).input_type(one.operation, path) is None
        ]
    assert missing == []


def _paths(action: MappedAction) -> Iterator[str]:
    for clause in action.guards:
        yield from (guard.path for guard in clause)
    yield from (path for path in template_paths(action.arn) if path not in PLACE)
    for type_ in action.types:
        for binding in (*type_.whole, *(binding for _, binding in type_.variables if binding is not None)):
            yield from binding.paths


@pytest.mark.parametrize(
    "values",
    [[Opaque(Environment("X"))], [Known("n"), Known("arn:aws:nope:::x")]],
    ids=["unknown", "names and ARNs in turn"],
)
def test_no_call_crashes_or_gives_a_resource_that_iam_refuses(values: list[Value]) -> None:
    refused = {}
    for one in operations():
        client = load_service(one.service)
        assert client is not None
        members = client.operations[one.operation].members
        parameters: dict[str, object] = dict(zip(members, cycle(values), strict=False))
        authorization = authorize([call(f"{one.service}.{one.operation}", parameters)], Deployment())
        reasons = {unresolved.reason for unresolved in authorization.unresolved}
        assert (UnresolvedReason.UNKNOWN_ACTION in reasons) == (one.kind is Kind.UNKNOWN)
        for requirement in authorization.requirements:
            for pattern in requirement.scope.patterns if isinstance(requirement.scope, Arns) else ():
                if not ACCEPTABLE.fullmatch(pattern):
                    refused[pattern] = requirement.action
    assert refused == {}


def test_docs_say_how_much_is_known() -> None:
    written = PAGE.read_text(encoding="utf-8")
    if data() not in written:
        pytest.skip(f"docs/coverage.md is about other data than what is installed. {data()}")
    assert written == page(), "run `make coverage`"
