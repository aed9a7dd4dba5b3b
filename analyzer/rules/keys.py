"""What calls need of the keys by which templates encrypt resources: the reader of rules/platform/keys.yaml."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from analyzer.catalog import data_version, find_action
from analyzer.rules.conditions import kms_via_service
from analyzer.rules.folder import shown_name, stored_file
from analyzer.rules.setting_paths import parse_setting_path

if TYPE_CHECKING:
    from analyzer.rules.yaml_nodes import YamlNode

KEYS_FILE: Final = shown_name("platform", "keys.yaml")
# Raised when the form of the file or of what is stored changes.
_FORMAT: Final = 1


class KeyNeed(NamedTuple):
    """Whoever needs one of `actions` needs `keys` of the key; if `by` is not empty, for these calls only."""

    actions: tuple[str, ...]
    keys: tuple[str, ...]
    by: tuple[str, ...]


class KeyRule(NamedTuple):
    """The path of the property that names the key, the boto3 client whose service uses it, and what that needs."""

    key: str
    client: str
    needs: tuple[KeyNeed, ...]


_Stored = dict[str, tuple[str, str, list[tuple[list[str], list[str], list[str]]]]]


@cache
def key_rules() -> dict[str, KeyRule]:
    """Return the rules by resource type. Raises RuleError if the file is missing or wrong."""
    stored = stored_file("platform", "keys", f"{data_version()}-{_FORMAT}", _read_types)
    return {
        name: KeyRule(
            key, client, tuple(KeyNeed(tuple(actions), tuple(keys), tuple(by)) for actions, keys, by in needs)
        )
        for name, (key, client, needs) in stored.items()
    }


def _read_types(root: YamlNode) -> _Stored:
    types = root.record(("resources",))["resources"].mapping()
    return {name: _read(node) for name, node in types.items()}


def _read(node: YamlNode) -> tuple[str, str, list[tuple[list[str], list[str], list[str]]]]:
    fields = node.record(("key", "client", "needs", "source", "example"))
    if parse_setting_path(fields["key"].text()) is None:
        raise fields["key"].error("no path of a property", "write it as analyzer/rules/setting_paths.py says")
    if fields["client"].text() not in kms_via_service():
        raise fields["client"].error(
            "no client whose service uses keys", "name one of rules/conditions/kms-via-service.yaml"
        )
    if not fields["source"].text().startswith("https://docs.aws.amazon.com/"):
        raise fields["source"].error("no page of AWS's documentation", "name the page that says so")
    for example in fields["example"].one_or_more():
        parts = example.record(("resources", "code", "needs"), ("parameters",))
        parts["needs"].items()
    return fields["key"].text(), fields["client"].text(), [_need(one) for one in fields["needs"].one_or_more()]


def _need(node: YamlNode) -> tuple[list[str], list[str], list[str]]:
    fields = node.record(("actions", "keys"), ("by",))
    named = [[_action(one) for one in fields[name].one_or_more()] for name in ("actions", "keys")]
    return named[0], named[1], [one.text() for one in fields["by"].one_or_more()] if "by" in fields else []


def _action(node: YamlNode) -> str:
    known = find_action(node.text())
    if known is None or known.name != node.text():
        raise node.error(f"no action `{node.text()}` in the catalogue", "write it as AWS does")
    return known.name
