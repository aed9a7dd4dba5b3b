"""A small part of `make agreement`, which asks each engine 10,000 questions."""

from __future__ import annotations

import pytest

from tests.iam.agreement import Agreement, with_moto, with_simulator
from tests.iam.engines import UnavailableError
from tests.iam.questions import ALLOWED


def assert_nothing_is_left(agreement: Agreement, number: int) -> None:
    assert not agreement.left
    assert sum(agreement.agreed.values()) > 0.9 * number
    assert agreement.agreed[ALLOWED] > 0.1 * number


def test_the_simulator_agrees() -> None:
    try:
        agreement = with_simulator(seed=7, number=600)
    except UnavailableError as error:
        pytest.skip(str(error))
    assert_nothing_is_left(agreement, 600)


def test_moto_agrees() -> None:
    assert_nothing_is_left(with_moto(seed=7, number=150), 150)
