"""Findings as a table in Markdown, for a comment on a pull request.

Source: https://github.github.com/gfm/ for tables and what has to be escaped in them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from analyzer.model.findings import Finding, Severity

# A comment on GitHub has at most 65,536 characters; what else is in it needs some too.
_LONGEST: Final = 60_000
_SPECIAL: Final = re.compile(r"[\\`*_{}\[\]<>|~&]")
# An empty comment in between keeps these from being taken for people and issues, who would be told of it.
_REFERENCE: Final = re.compile(r"[@#](?=\w)")


class MarkdownReporter:
    """Prints findings as a table."""

    def check(self, findings: Sequence[Finding]) -> str:
        """Return how many findings there are and a row for each, as far as they fit in a comment."""
        if not findings:
            return "**lpa:** no findings\n"
        lines = [_title(findings), "", "| Severity | Place | Check | Finding |", "| --- | --- | --- | --- |"]
        length = sum(map(len, lines))
        for number, finding in enumerate(findings):
            row = _row(finding)
            length += len(row) + 1
            if length > _LONGEST:
                lines += ["", f"{len(findings) - number} of {len(findings)} findings do not fit in here."]
                break
            lines.append(row)
        return "".join(f"{line}\n" for line in lines)


def _title(findings: Sequence[Finding]) -> str:
    counts = Counter(finding.severity for finding in findings)
    told = ", ".join(_count(counts[severity], severity) for severity in Severity if counts[severity])
    return f"**lpa:** {_count(len(findings), 'finding')} ({told})"


def _row(finding: Finding) -> str:
    place = f"{finding.location.path}:{finding.location.start_line}"
    related = (f"{_code(str(one.location))}: {_text(one.message)}" for one in finding.related)
    told = "<br>".join((_text(finding.message), *related, *([_text(finding.remedy)] if finding.remedy else [])))
    return f"| {finding.severity} | {_code(place)} | {_code(finding.check)} | {told} |"


def _text(text: str) -> str:
    escaped = _SPECIAL.sub(r"\\\g<0>", " ".join(text.split()))
    return _REFERENCE.sub(r"\g<0><!-- -->", escaped)


def _code(text: str) -> str:
    """Return `text` as a code span of a table's cell, where a vertical bar has to be escaped as everywhere."""
    line = " ".join(text.split()).replace("|", "\\|")
    longest = max((len(ticks) for ticks in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    padding = " " if longest else ""
    return f"{fence}{padding}{line}{padding}{fence}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
