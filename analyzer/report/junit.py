"""Findings as JUnit XML, which CI servers show as tests: a suite for each file, a case for each finding.

Source: https://github.com/testmoapp/junitxml for what CI servers read of it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from analyzer.model.findings import Finding, Severity

# What XML 1.0 has no way to write: https://www.w3.org/TR/xml/#charsets
_UNWRITABLE: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_IN_TEXT: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_IN_ATTRIBUTES: Final = {**_IN_TEXT, **str.maketrans({'"': "&quot;", "\t": "&#9;", "\n": "&#10;"})}


class JunitReporter:
    """Prints findings as tests: errors and warnings have failed, notes have passed and say something."""

    def check(self, findings: Sequence[Finding]) -> str:
        """Return a document of suites; without findings, of one test that has passed, since some servers want one."""
        by_file: dict[str, list[Finding]] = {}
        for finding in findings:
            by_file.setdefault(finding.location.path, []).append(finding)
        lines = ['<?xml version="1.0" encoding="UTF-8"?>', _start("testsuites", {"name": "lpa"} | _counts(findings))]
        for path, of_file in by_file.items():
            lines.append(f"  {_start('testsuite', {'name': path} | _counts(of_file))}")
            lines += (line for name, finding in _named(of_file) for line in _case(name, finding))
            lines.append("  </testsuite>")
        if not findings:
            lines += [
                '  <testsuite name="lpa" tests="1" failures="0">',
                '    <testcase classname="lpa" name="no findings"/>',
                "  </testsuite>",
            ]
        return "\n".join((*lines, "</testsuites>", ""))


def _named(findings: Sequence[Finding]) -> Iterator[tuple[str, Finding]]:
    """Yield each of a file's findings with a name of its own, which stays when its line moves: CI servers go by it."""
    seen: Counter[str] = Counter()
    for finding in findings:
        name = f"{finding.check}: {finding.message}"
        seen[name] += 1
        yield name if seen[name] == 1 else f"{name} ({seen[name]})", finding


def _case(name: str, finding: Finding) -> Iterator[str]:
    place = finding.location
    attributes = {"classname": place.path, "name": name, "file": place.path, "line": place.start_line}
    text = _writable("\n".join(_told(finding))).translate(_IN_TEXT)
    yield f"    {_start('testcase', attributes)}"
    if _has_failed(finding):
        failure = _start("failure", {"type": finding.severity, "message": finding.message})
        yield f"      {failure}{text}</failure>"
    else:
        yield f"      <system-out>{text}</system-out>"
    yield "    </testcase>"


def _told(finding: Finding) -> Iterator[str]:
    yield f"{finding.location}: {finding.severity}: {finding.message} [{finding.check}]"
    yield from (f"{related.location}: {related.message}" for related in finding.related)
    if finding.remedy:
        yield finding.remedy


def _counts(findings: Sequence[Finding]) -> dict[str, object]:
    return {"tests": len(findings) or 1, "failures": sum(map(_has_failed, findings))}


def _has_failed(finding: Finding) -> bool:
    return finding.severity is not Severity.NOTE


def _start(name: str, attributes: dict[str, object]) -> str:
    written = [f'{key}="{_writable(str(value)).translate(_IN_ATTRIBUTES)}"' for key, value in attributes.items()]
    return f"<{' '.join((name, *written))}>"


def _writable(text: str) -> str:
    return _UNWRITABLE.sub("\ufffd", text)
