"""The rules of a service, from the cache where they were read and checked before."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from analyzer import events
from analyzer.cache import cached
from analyzer.catalog import shipped_version
from analyzer.installed import rules_folder
from analyzer.rules.folder import content_key, shown_name
from analyzer.rules.records import Example, ServiceRules
from analyzer.rules.stored import StoredRules, restore
from analyzer.sdk import load_service
from analyzer.sdk.installation import version

if TYPE_CHECKING:
    from analyzer.rules.shapes import Shapes

# Raised when the form of the files, of what is stored, or of the checks changes.
_FORMAT = 5


@cache
def service_rules(service: str) -> ServiceRules:
    """Return the rules of the boto3 client `service`; without a file for it, only its IAM prefix is set.

    Raises RuleError if its file is wrong.
    """
    path, file = _place(service)
    try:
        with open(path, "rb") as stream:
            content = stream.read()
        events.note(f"read {file}")
    except FileNotFoundError:
        known = load_service(service)
        return ServiceRules(service, "", known.signing_name if known else service, {}, {}, {})

    def build() -> StoredRules:
        from pathlib import Path

        from analyzer.rules.service_file import read_service_file
        from analyzer.rules.stored import store

        read = read_service_file(Path(path), file)
        # Reading a file takes far longer than keeping what else is in it.
        cached("rule-sources", key, lambda: read.sources)
        return store(read.rules)

    key = _key(service, content)
    return restore(service, file, cached("rules", key, build))


def iam_prefix(service: str) -> str:
    """Return the prefix of the IAM actions of the boto3 client `service`: its rule's, else botocore's signing name.

    Raises RuleError if the service's file is wrong.
    """
    return service_rules(service).prefix


def result_templates(service: str) -> Mapping[str, Mapping[str, str]]:
    """Return what the responses of `service` hold that its requests determine: operation → path → template.

    In a template `{X}` stands for the request parameter X, or for `partition`, `region` or `account`; any other name in
    braces is a part that is not known. Raises RuleError if the service's file is wrong.
    """
    return service_rules(service).results


def service_examples(service: str) -> tuple[Example, ...]:
    """Return the examples in the rules of `service`, in the file's order; none if it has no file.

    Raises RuleError if its file is wrong.
    """
    from pathlib import Path

    from analyzer.rules.service_file import read_service_file

    path, file = _place(service)
    return read_service_file(Path(path), file).examples if os.path.exists(path) else ()


@cache
def rule_sources(service: str) -> Mapping[str, Sequence[str]]:
    """Return the pages that the rules of `service` rest on, by operation; nothing for what has no rule.

    They are kept apart from the rules, which are read at every start. Raises RuleError if the service's file is wrong.
    """
    path, file = _place(service)
    try:
        with open(path, "rb") as stream:
            content = stream.read()
    except FileNotFoundError:
        return {}

    def build() -> Mapping[str, Sequence[str]]:
        from pathlib import Path

        from analyzer.rules.service_file import read_service_file

        return read_service_file(Path(path), file).sources

    return cached("rule-sources", _key(service, content), build)


@lru_cache(maxsize=4)
def input_shapes(service: str) -> Shapes:
    """Return the inputs of all operations of the boto3 client `service`; that reads its model, which is slow."""
    from analyzer.rules.shapes import Shapes

    return Shapes(service)


def _place(service: str) -> tuple[str, str]:
    file_name = f"{service}.yaml"
    return os.path.join(rules_folder(), "services", file_name), shown_name("services", file_name)


def _key(service: str, content: bytes) -> str:
    # What is stored has passed checks against botocore and the catalogue, so it depends on their versions too. An
    # overlay only adds to the catalogue.
    return f"{service}-{content_key(content)}-{shipped_version()}-{version('botocore')}-{_FORMAT}"
