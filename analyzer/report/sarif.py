"""Findings as SARIF 2.1.0, which code scanning services and editors read.

Sources: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html,
https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import Final
from urllib.parse import quote

from analyzer.checks import CheckRule, Example, check_rule
from analyzer.checks.fingerprint import fingerprints
from analyzer.model.findings import Finding
from analyzer.model.location import Location

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
_ROOT: Final = "%SRCROOT%"
# A name of its own: GitHub fills in `primaryLocationLineHash` itself, and complains of another value there.
_FINGERPRINT: Final = "lpaFinding/v1"


class SarifReporter:
    """Prints findings for code scanning; `root` is the folder that their paths are relative to."""

    def __init__(self, root: str) -> None:
        self._root = root

    def check(self, findings: Sequence[Finding]) -> str:
        """Return a log of one run, with the description of each check that found something."""
        checks = sorted({finding.check for finding in findings})
        index = {check: number for number, check in enumerate(checks)}
        driver = {"name": "lpa", "version": version("lpa"), "rules": [_rule(check_rule(check)) for check in checks]}
        run = {
            "tool": {"driver": driver},
            "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder that lpa was run in."}}},
            "columnKind": "unicodeCodePoints",
            "results": [
                _result(finding, index[finding.check], fingerprint)
                for finding, fingerprint in zip(findings, fingerprints(findings, self._root), strict=True)
            ],
        }
        return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(rule: CheckRule) -> dict[str, object]:
    return {
        "id": rule.check,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": f"{rule.why}\n\nRemedy: {rule.remedy}", "markdown": "\n\n".join(_help(rule))},
        "defaultConfiguration": {"level": rule.severity},
        "properties": {"tags": ["security"]},
    }


def _help(rule: CheckRule) -> Iterable[str]:
    yield rule.why
    yield f"**Remedy:** {rule.remedy}"
    yield from _example("Found in", rule.bad)
    yield from _example("Not found in", rule.good)
    yield from (f"<{source}>" for source in rule.sources)


def _example(title: str, example: Example) -> Iterable[str]:
    yield f"**{title}:**"
    if example.code:
        yield f"```python\n{example.code.rstrip()}\n```"
    yield f"```json\n{example.policy.rstrip()}\n```"


def _result(finding: Finding, rule: int, fingerprint: str) -> dict[str, object]:
    result: dict[str, object] = {
        "ruleId": finding.check,
        "ruleIndex": rule,
        "level": finding.severity,
        "message": {"text": finding.message},
        "locations": [_location(finding.location)],
        "partialFingerprints": {_FINGERPRINT: fingerprint},
    }
    if finding.related:
        result["relatedLocations"] = [
            {"id": number, "message": {"text": related.message}} | _location(related.location)
            for number, related in enumerate(finding.related)
        ]
    return result


def _location(location: Location) -> dict[str, object]:
    region = {
        "startLine": location.start_line,
        "startColumn": location.start_column,
        "endLine": location.end_line,
        "endColumn": location.end_column,
    }
    return {"physicalLocation": {"artifactLocation": _artifact(location.path), "region": region}}


def _artifact(path: str) -> dict[str, object]:
    if path.startswith("/"):
        return {"uri": f"file://{quote(os.fsencode(path))}"}
    return {"uri": quote(os.fsencode(path)), "uriBaseId": _ROOT}
