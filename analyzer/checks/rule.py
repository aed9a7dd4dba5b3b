"""The description of a check: rules/checks/<id>.yaml."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from analyzer.cache import cached
from analyzer.errors import RuleError
from analyzer.installed import rules_folder
from analyzer.model.findings import Severity
from analyzer.rules import content_key

if TYPE_CHECKING:
    from analyzer.rules.yaml_nodes import YamlNode

_TEXTS: Final = ("title", "severity", "why", "remedy")
_EXAMPLES: Final = ("bad", "good")
# Raised when what is stored changes its form.
_FORMAT: Final = 1

_Stored = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Example:
    """A program and the policy document granted to it."""

    code: str
    policy: str


@dataclass(frozen=True, slots=True)
class CheckRule:
    """What a check is about: `title`, `why` it matters and the `remedy` are for people.

    `bad` is a program and a policy for which the check says something, `good` one for which no check does.
    """

    check: str
    title: str
    severity: Severity
    why: str
    remedy: str
    bad: Example
    good: Example


@cache
def check_rule(check: str) -> CheckRule:
    """Return the description of the check with the id `check`. Raises RuleError if its file is missing or wrong."""
    shown = f"rules/checks/{check}.yaml"
    path = os.path.join(rules_folder(), "checks", f"{check}.yaml")
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        raise RuleError(f"{shown}: {error.strerror}", "reinstall lpa") from error

    def build() -> _Stored:
        from pathlib import Path

        from analyzer.rules.yaml_nodes import read_yaml

        return _read(read_yaml(Path(path), shown))

    stored = cached("checks", f"{check}-{content_key(content)}-{_FORMAT}", build)
    title, severity, why, remedy = stored["texts"]
    return CheckRule(check, title, Severity(severity), why, remedy, Example(*stored["bad"]), Example(*stored["good"]))


def _read(root: YamlNode) -> _Stored:
    fields = root.record((*_TEXTS, *_EXAMPLES))
    fields["severity"].choice([severity.value for severity in Severity])
    stored = {"texts": [fields[name].text() for name in _TEXTS]}
    for name in _EXAMPLES:
        example = fields[name].record(("code", "policy"))
        stored[name] = [example["code"].text(), example["policy"].text()]
    return stored
