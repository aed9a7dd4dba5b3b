"""The description of a check: rules/checks/<id>.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final, TypedDict

from analyzer.model.findings import Severity
from analyzer.rules import stored_file

if TYPE_CHECKING:
    from analyzer.rules.yaml_nodes import YamlNode

_TEXTS: Final = ("title", "severity", "why", "remedy")
_EXAMPLES: Final = ("bad", "good")
# Raised when what is stored changes its form.
_FORMAT: Final = 3


class _Stored(TypedDict):
    texts: list[str]
    examples: list[list[str]]
    sources: list[str]
    facts: list[tuple[list[str], str, str]]


@dataclass(frozen=True, slots=True)
class Example:
    """A policy document, or a role, with `code` the program that it is granted to; or else a `template`."""

    code: str
    policy: str
    template: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """What a check looks for: `values` that belong together, what they lead `to` if that counts, and who says so."""

    values: tuple[str, ...]
    to: str
    source: str


@dataclass(frozen=True, slots=True)
class CheckRule:
    """What a check is about: `title`, `why` it matters and the `remedy` are for people.

    `bad` is a policy, with or without a program, or a template, for which the check says something, `good` one for
    which no check does. `sources` are the pages that it rests on, `facts` what it looks for where that is a list.
    """

    check: str
    title: str
    severity: Severity
    why: str
    remedy: str
    bad: Example
    good: Example
    sources: tuple[str, ...]
    facts: tuple[Fact, ...]


@cache
def check_rule(check: str) -> CheckRule:
    """Return the description of the check with the id `check`. Raises RuleError if its file is missing or wrong."""
    stored = stored_file("checks", check, str(_FORMAT), _read)
    title, severity, why, remedy = stored["texts"]
    bad, good = (Example(*example) for example in stored["examples"])
    facts = tuple(Fact(tuple(values), to, source) for values, to, source in stored["facts"])
    return CheckRule(check, title, Severity(severity), why, remedy, bad, good, tuple(stored["sources"]), facts)


def _read(root: YamlNode) -> _Stored:
    fields = root.record((*_TEXTS, *_EXAMPLES), ("source", "data"))
    fields["severity"].choice([severity.value for severity in Severity])
    examples = [_example(fields[name]) for name in _EXAMPLES]
    return {
        "texts": [fields[name].text() for name in _TEXTS],
        "examples": examples,
        "sources": [node.text() for node in fields["source"].one_or_more()] if "source" in fields else [],
        "facts": [_fact(node) for node in fields["data"].items()] if "data" in fields else [],
    }


def _example(node: YamlNode) -> list[str]:
    if node.is_mapping and "template" in node.mapping():
        return ["", "", node.record(("template",))["template"].text()]
    parts = node.record(("policy",), ("code",))
    return [parts["code"].text() if "code" in parts else "", parts["policy"].text(), ""]


def _fact(node: YamlNode) -> tuple[list[str], str, str]:
    fields = node.record(("values", "source"), ("to",))
    values = [value.text() for value in fields["values"].one_or_more()]
    return values, fields["to"].text() if "to" in fields else "", fields["source"].text()
