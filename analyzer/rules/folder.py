"""Where the rule data lies, and when it has changed."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from analyzer import events
from analyzer.cache import cached
from analyzer.errors import RuleError
from analyzer.installed import rules_folder

if TYPE_CHECKING:
    from pathlib import Path

    from analyzer.rules.yaml_nodes import YamlNode

Data = TypeVar("Data")


def rule_files(kind: str) -> tuple[tuple[Path, str], ...]:
    """Return the YAML files of one folder of the rule data, sorted, each with the name that messages give it.

    `kind` is the folder's name: `services`, `libraries`, `platform` or `checks`.
    """
    from pathlib import Path

    paths = sorted(Path(rules_folder(), kind).glob("*.yaml"))
    return tuple((path, shown_name(kind, path.name)) for path in paths)


@cache
def rule_names(kind: str) -> frozenset[str]:
    """Return what the files of one folder of the rule data are named after, empty if there is no such folder."""
    try:
        files = os.listdir(os.path.join(rules_folder(), kind))
    except FileNotFoundError:
        return frozenset()
    return frozenset(file.removesuffix(".yaml") for file in files if file.endswith(".yaml"))


def shown_name(kind: str, file_name: str) -> str:
    """Return how messages and reasons name a file of the rule data: its path from the repository's root."""
    return f"rules/{kind}/{file_name}"


def stored_file(kind: str, name: str, version: str, read: Callable[[YamlNode], Data]) -> Data:
    """Return what `read` makes of the rule file `name` of the folder `kind`, from the cache where it was read before.

    `version` is of whatever else the result depends on: its form, the data that it has passed checks against. What
    `read` returns has to be data that JSON keeps as it is. Raises RuleError if the file is missing or wrong.
    """
    path, shown = os.path.join(rules_folder(), kind, f"{name}.yaml"), shown_name(kind, f"{name}.yaml")
    events.note(f"read {shown}")
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        raise RuleError(f"{shown}: {error.strerror}", "reinstall lpa") from error

    def build() -> Data:
        from pathlib import Path

        from analyzer.rules.yaml_nodes import read_yaml

        return read(read_yaml(Path(path), shown))

    return cached(kind, f"{name}-{content_key(content)}-{version}", build)


def content_key(content: bytes) -> str:
    """Return a short text that differs for different contents, for the names of cache entries."""
    # hashlib takes the function from there too, but loads OpenSSL first, which takes milliseconds.
    from _blake2 import blake2b

    return blake2b(content, digest_size=12).hexdigest()
