from __future__ import annotations

import pytest

from analyzer.config import Platform, read_deployment, read_function_name, read_platform
from analyzer.errors import UsageError
from analyzer.model.deployment import Deployment
from analyzer.model.values import Known


@pytest.mark.parametrize(
    ("named", "handler", "platform"),
    [
        (None, None, None),
        (None, "app.handler", Platform.LAMBDA),
        (Platform.NONE, "app.handler", Platform.NONE),
        (Platform.LAMBDA, None, Platform.LAMBDA),
    ],
)
def test_platform(named: Platform | None, handler: str | None, platform: Platform | None) -> None:
    assert read_platform(named, handler) is platform


def test_nothing_said() -> None:
    assert read_deployment(None, None, None, []) == Deployment("aws", None, None, ())


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("eu-west-1", "aws"),
        ("ap-southeast-7", "aws"),
        ("cn-northwest-1", "aws-cn"),
        ("us-gov-east-1", "aws-us-gov"),
        ("us-iso-east-1", "aws-iso"),
        ("eusc-de-east-1", "aws-eusc"),
    ],
)
def test_the_region_says_the_partition(region: str, partition: str) -> None:
    assert read_deployment(None, region, None, []).partition == partition
    assert read_deployment(None, region, partition, []).partition == partition


def test_environment_is_sorted_and_keeps_values_whole() -> None:
    deployment = read_deployment("123456789012", None, "aws-cn", ["B=x=y", "A=", "B=x=y"])
    assert deployment == Deployment("aws-cn", "123456789012", None, (("A", Known("")), ("B", Known("x=y"))))


@pytest.mark.parametrize(
    ("account", "region", "partition", "environment", "words"),
    [
        ("12345678901", None, None, [], "--account 12345678901"),
        ("1234567890123", None, None, [], "12 digits"),
        ("١٢٣٤٥٦٧٨٩٠١٢", None, None, [], "12 digits"),
        (None, "Ireland", None, [], "--region Ireland"),
        (None, "eu-west-1*", None, [], "--region eu-west-1*"),
        (None, None, "azure", [], "--partition azure"),
        (None, "eu-west-1", "aws-cn", [], "is not in --partition aws-cn"),
        (None, None, None, ["TABLE"], "--env TABLE"),
        (None, None, None, ["=orders"], "--env =orders"),
        (None, None, None, ["TABLE=a", "TABLE=b"], "two values"),
    ],
)
def test_values_that_cannot_be_right(
    account: str | None, region: str | None, partition: str | None, environment: list[str], words: str
) -> None:
    with pytest.raises(UsageError, match=r".+") as caught:
        read_deployment(account, region, partition, environment)
    assert words in str(caught.value)
    assert caught.value.hint


def test_function_name() -> None:
    assert read_function_name(None, Platform.NONE) is None
    assert read_function_name("orders-api", Platform.LAMBDA) == "orders-api"


@pytest.mark.parametrize("name", ["", "a" * 65, "orders:live", "arn:aws:lambda:eu-west-1:123456789012:function:o", "*"])
def test_what_is_no_function_name(name: str) -> None:
    with pytest.raises(UsageError):
        read_function_name(name, Platform.LAMBDA)


def test_a_function_name_needs_a_function() -> None:
    with pytest.raises(UsageError, match="--handler"):
        read_function_name("orders-api", Platform.NONE)
