from __future__ import annotations

import pytest

from analyzer.catalog import data_version, find_action, prefixes, resource_type, supplement_source
from analyzer.catalog.data import installed_prefixes, read
from analyzer.catalog.supplement import supplement

ADDED = [(prefix, part["Name"]) for prefix, one in supplement().documents.items() for part in one.get("Actions", ())]


def test_documents_are_sorted() -> None:
    assert list(supplement().documents) == sorted(supplement().documents)


@pytest.mark.parametrize(("prefix", "name"), ADDED, ids=lambda value: value)
def test_action_is_known_and_new(prefix: str, name: str) -> None:
    """An action that the installed reference has is not to be in the list, unless only that names its resources."""
    action = find_action(f"{prefix}:{name}")

    assert action is not None
    assert action.name == f"{prefix}:{name}"
    assert all(resource_type(prefix, taken.name) for taken in action.resource_types)
    assert prefix in prefixes()
    if prefix in installed_prefixes():
        installed = read("actions", f"{prefix}.json").get(name.lower())
        assert installed is None or (action.resource_types and not installed["resourceTypes"])


def test_source_can_be_asked_for() -> None:
    assert supplement_source("kinesis:createqueue") == "https://docs.aws.amazon.com/streams/latest/dev/queues-iam.html"
    assert supplement_source("s3:GetObject") is None


def test_version_is_part_of_the_data() -> None:
    assert supplement().version in data_version()
