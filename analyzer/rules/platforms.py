"""What platforms need of the roles of the programs that they run: the reader of rules/platform/<platform>.yaml.

A file says which permissions its platform needs, each under a key of its own:

- `on` is the type of the resource whose settings ask for it, the function itself if it is left out; `of` the settings
  that name what the permission is about, `it` in the rest; `when` what has to hold.
- `needs` are actions on resources, each with conditions of its own if it has any (`when`); `services` are such lists by
  the service of `it`. In the resources, `{partition}`, `{region}`, `{account}` and `{function}` stand for themselves,
  anything else in braces is the path of a setting (`analyzer.rules.setting_paths`); `*` alone is any resource.
- `tolerated`, of an entry or of one of its needs, are actions that are not needed, and that AWS's own managed policy
  for this allows with the others.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple, TypedDict

from analyzer.catalog import data_version, find_action
from analyzer.rules.folder import shown_name, stored_file
from analyzer.rules.setting_paths import parse_setting_path

if TYPE_CHECKING:
    from analyzer.rules.yaml_nodes import YamlNode

FUNCTION: Final = "AWS::Lambda::Function"
FIELD: Final = re.compile(r"\{([^{}]*)\}")
"""A part of a resource that is filled in."""
OWN_FIELDS: Final = ("partition", "region", "account", "function", "arn", "name")

_TYPE: Final = re.compile(r"AWS::\w+::\w+")
_TESTS: Final = ("equals", "like", "not_like")
# Raised when the form of the file or of what is stored changes.
_FORMAT: Final = 4


class Test(NamedTuple):
    """A condition on settings: `kind` is `property` (it is there), `absent`, `not_in_template`, or one of the tests.

    `subject` is the path of a setting, or the text that names a resource for `not_in_template`.
    """

    kind: str
    subject: str
    values: tuple[str, ...]


class Need(NamedTuple):
    """Actions on resources, if all of `when` holds; `via` is the client by whose service keys are used for them."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    when: tuple[Test, ...]
    via: str
    tolerated: tuple[str, ...]


class PlatformRule(NamedTuple):
    """One entry of the file, `key`, as the file describes it; `needs` are by service, the empty one without `of`."""

    key: str
    on: str
    of: tuple[str, ...]
    when: tuple[Test, ...]
    needs: dict[str, tuple[Need, ...]]
    tolerated: tuple[str, ...]


class PlatformRules(NamedTuple):
    """A file: its rules, and the service that is meant by resources of a type, and by what SAM calls it."""

    file: str
    rules: tuple[PlatformRule, ...]
    services: dict[str, str]
    sam_types: dict[str, str]


StoredTest = tuple[str, str, list[str]]
"""A `Test` as the cache keeps it."""
_StoredNeed = tuple[list[str], list[str], list[StoredTest], str, list[str]]
_StoredRule = tuple[str, str, list[str], list[StoredTest], dict[str, list[_StoredNeed]], list[str]]


class _Stored(TypedDict):
    rules: list[_StoredRule]
    services: dict[str, str]
    sam_types: dict[str, str]


@lru_cache(maxsize=4)
def platform_rules(platform: str) -> PlatformRules:
    """Return the rules of `platform`, the name of a file. Raises RuleError if the file is missing or wrong."""
    file = shown_name("platform", f"{platform}.yaml")
    # What is stored has passed a check against the catalogue, so it depends on that too.
    stored = stored_file("platform", platform, f"{data_version()}-{_FORMAT}", _read)
    return PlatformRules(file, tuple(map(_restored, stored["rules"])), stored["services"], stored["sam_types"])


def _restored(stored: _StoredRule) -> PlatformRule:
    key, on, of, when, needs, tolerated = stored
    restored = {service: tuple(map(_restored_need, group)) for service, group in needs.items()}
    return PlatformRule(key, on, tuple(of), tests_of(when), restored, tuple(tolerated))


def _restored_need(stored: _StoredNeed) -> Need:
    actions, resources, when, via, tolerated = stored
    return Need(tuple(actions), tuple(resources), tests_of(when), via, tuple(tolerated))


def tests_of(stored: list[StoredTest]) -> tuple[Test, ...]:
    """Return the conditions that `read_tests` has read."""
    return tuple(Test(kind, subject, tuple(values)) for kind, subject, values in stored)


# Reading the file


def _read(root: YamlNode) -> _Stored:
    fields = root.record(("permissions",), ("services", "sam_types"))
    services = (
        {name: node.text() for name, node in fields["services"].mapping().items()} if "services" in fields else {}
    )
    for name in services:
        if not _TYPE.fullmatch(name):
            raise fields["services"].mapping()[name].error(f"no resource type `{name}`", "write it as templates do")
    events = fields["sam_types"].mapping() if "sam_types" in fields else {}
    return {
        "rules": [_rule(name, node) for name, node in fields["permissions"].mapping().items()],
        "services": services,
        "sam_types": {name: node.text() for name, node in events.items()},
    }


def _rule(key: str, node: YamlNode) -> _StoredRule:
    fields = node.record(("why", "source", "example"), ("on", "of", "when", "needs", "services", "tolerated"))
    fields["why"].text()
    for source in fields["source"].one_or_more():
        if not source.text().startswith("https://docs.aws.amazon.com/"):
            raise source.error("no page of AWS's documentation", "name the page that says so")
    _check_example(fields["example"])
    if ("services" in fields) is ("needs" in fields) or ("services" in fields and "of" not in fields):
        raise node.error("neither `needs` nor `services`, or both", "write `needs:`, or `of:` with `services:`")
    of = [read_path(one) for one in fields["of"].one_or_more()] if "of" in fields else []
    if "services" in fields:
        groups = {name: _needs(one) for name, one in fields["services"].mapping().items()}
    else:
        groups = {"": _needs(fields["needs"])}
    on = fields["on"].text() if "on" in fields else FUNCTION
    if not _TYPE.fullmatch(on):
        raise fields["on"].error(f"no resource type `{on}`", "write it as templates do")
    when = read_tests(fields["when"]) if "when" in fields else []
    return key, on, of, when, groups, _tolerated(fields)


def _tolerated(fields: dict[str, YamlNode]) -> list[str]:
    return [read_action(one) for one in fields["tolerated"].items()] if "tolerated" in fields else []


def _check_example(node: YamlNode) -> None:
    for example in node.one_or_more():
        fields = example.record(("needs",), ("function", "resources"))
        for name in ("function", "resources"):
            if name in fields:
                fields[name].text()
        for line in fields["needs"].items():
            line.text()


def _needs(node: YamlNode) -> list[_StoredNeed]:
    return [_need(one) for one in (node.items() if node.is_list else (node,))]


def _need(node: YamlNode) -> _StoredNeed:
    fields = node.record(("actions", "resources"), ("when", "via", "tolerated"))
    return (
        [read_action(action) for action in fields["actions"].one_or_more()],
        [read_template(resource) for resource in fields["resources"].one_or_more()],
        read_tests(fields["when"]) if "when" in fields else [],
        fields["via"].text() if "via" in fields else "",
        _tolerated(fields),
    )


def read_action(node: YamlNode) -> str:
    """Return an action as the catalogue spells it. Raises RuleError if it has none of that name."""
    known = find_action(node.text())
    if known is None or known.name != node.text():
        raise node.error(f"no action `{node.text()}` in the catalogue", "write it as AWS does")
    return known.name


def read_tests(node: YamlNode) -> list[StoredTest]:
    """Return the conditions that a rule lists. Raises RuleError if one is wrong."""
    return [_test(one) for one in node.one_or_more()]


def _test(node: YamlNode) -> StoredTest:
    fields = node.record((), ("property", "absent", "not_in_template", *_TESTS))
    if "property" in fields:
        asked = [name for name in _TESTS if name in fields]
        if len(fields) > 2 or len(fields) != 1 + len(asked):
            raise node.error("more than one test of a setting", "write a condition for each")
        if asked:
            return asked[0], read_path(fields["property"]), [_constant(one) for one in fields[asked[0]].one_or_more()]
        return "property", read_path(fields["property"]), []
    if len(fields) != 1 or next(iter(fields)) in _TESTS:
        raise node.error("no condition", "write `property:`, `absent:` or `not_in_template:`")
    kind, subject = next(iter(fields.items()))
    return kind, read_path(subject) if kind == "absent" else read_template(subject), []


def _constant(node: YamlNode) -> str:
    value = node.constant()
    return str(value).lower() if isinstance(value, bool) else str(value)


def read_path(node: YamlNode) -> str:
    """Return the path of a setting. Raises RuleError if it is not written as one."""
    if parse_setting_path(node.text()) is None:
        raise node.error(f"no path of a setting: `{node.text()}`", "write it as analyzer/rules/setting_paths.py says")
    return node.text()


def read_template(node: YamlNode) -> str:
    """Return a text with fields. Raises RuleError if one is no path of a setting."""
    for field in FIELD.findall(node.text()):
        if field not in OWN_FIELDS and parse_setting_path(field) is None:
            known = ", ".join(OWN_FIELDS)
            raise node.error(f"a name in braces that nothing says: `{field}`", f"use {known} or the path of a setting")
    return node.text()
