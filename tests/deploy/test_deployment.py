"""A sample application in moto's server; `make deploy` deploys all."""

from __future__ import annotations

import pytest

from tests.deploy.deployment import deploy, running_cloud


@pytest.mark.parametrize("name", ["invoices"])
def test_all_is_allowed_and_nothing_else_is_granted(name: str) -> None:
    with running_cloud() as cloud:
        report = deploy(name, cloud)
    assert report.wrong == []
    assert report.refused == report.deleted > 0
