"""The pages that rules rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Final

from analyzer.model.requirements import RuleReference
from analyzer.rules.folder import rule_names, stored_file
from analyzer.rules.services import rule_sources

if TYPE_CHECKING:
    from analyzer.rules.yaml_nodes import YamlNode

# Raised when the form of what is stored changes.
_FORMAT: Final = "pages-1"
# The element under which a file of rules/platform/ has its rules.
_ENTRIES: Final = ("permissions", "resources")


def rule_pages(rule: RuleReference) -> tuple[str, ...]:
    """Return the pages that `rule` names as its sources; none of what is not in a file of rules/services or /platform.

    Raises RuleError if the file is wrong.
    """
    folder, _, file = rule.file.removeprefix("rules/").partition("/")
    name = file.removesuffix(".yaml")
    if folder == "services" and name in rule_names("services"):
        return tuple(rule_sources(name).get(rule.key, ()))
    if folder == "platform" and name in rule_names("platform"):
        return tuple(_platform_pages(name).get(rule.key, ()))
    return ()


@cache
def _platform_pages(name: str) -> Mapping[str, Sequence[str]]:
    return stored_file("platform", name, _FORMAT, _read)


def _read(root: YamlNode) -> dict[str, list[str]]:
    parts = root.mapping()
    entries = next((parts[name].mapping() for name in _ENTRIES if name in parts), {})
    return {
        key: [page.text() for page in node.mapping()["source"].one_or_more()]
        for key, node in entries.items()
        if "source" in node.mapping()
    }
