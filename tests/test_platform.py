from __future__ import annotations

import pytest

from analyzer.catalog import find_action
from analyzer.errors import RuleError
from analyzer.model.deployment import Deployment
from analyzer.model.requirements import Arns, Requirement
from analyzer.platform import requirements_without_template

ACTIONS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]


def _scopes(requirements: tuple[Requirement, ...]) -> set[Arns]:
    assert [requirement.action for requirement in requirements] == ACTIONS
    return {requirement.scope for requirement in requirements if isinstance(requirement.scope, Arns)}


def test_a_function_that_is_known() -> None:
    deployment = Deployment("aws-cn", "123456789012", "cn-north-1")
    assert _scopes(requirements_without_template("lambda", deployment, "orders")) == {
        Arns(("arn:aws-cn:logs:cn-north-1:123456789012:log-group:/aws/lambda/orders:*",))
    }


def test_what_nobody_says_is_open_in_its_own_segment() -> None:
    assert _scopes(requirements_without_template("lambda", Deployment())) == {
        Arns(("arn:aws:logs:*:*:log-group:/aws/lambda/*",), ("--account", "--function-name", "--region"))
    }
    assert _scopes(requirements_without_template("lambda", Deployment(), "orders")) == {
        Arns(("arn:aws:logs:*:*:log-group:/aws/lambda/orders:*",), ("--account", "--region"))
    }


def test_the_reason_is_the_rule_and_no_call() -> None:
    for requirement in requirements_without_template("lambda", Deployment()):
        (reason,) = requirement.reasons
        assert reason.call is None
        assert str(reason.rule) == "rules/platform/lambda.yaml#logs"
        assert find_action(requirement.action)


def test_a_platform_without_a_file() -> None:
    with pytest.raises(RuleError, match=r"rules/platform/abacus\.yaml: No such file"):
        requirements_without_template("abacus", Deployment())
