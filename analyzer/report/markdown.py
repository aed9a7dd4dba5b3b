"""Findings and changes of access as tables in Markdown, for a comment on a pull request.

Source: https://github.github.com/gfm/ for tables and what has to be escaped in them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from analyzer.model.findings import Finding, Severity

if TYPE_CHECKING:
    from analyzer.compare.change import Change
    from analyzer.states import AccessChange

# A comment on GitHub has at most 65,536 characters; what else is in it needs some too.
_LONGEST: Final = 60_000
_SPECIAL: Final = re.compile(r"[\\`*_{}\[\]<>|~&]")
# An empty comment in between keeps these from being taken for people and issues, who would be told of it.
_REFERENCE: Final = re.compile(r"[@#](?=\w)")


class MarkdownReporter:
    """Prints findings, or changes of access, as a table."""

    def check(self, findings: Sequence[Finding]) -> str:
        """Return how many findings there are and a row for each, as far as they fit in a comment."""
        if not findings:
            return "**lpa:** no findings\n"
        return _table(
            _title(findings), ("Severity", "Place", "Check", "Finding"), [_row(one) for one in findings], "findings"
        )

    def change(self, change: Change) -> str:
        """Return how much access is added and removed, and a row for each, as far as they fit in a comment."""
        from analyzer.report.change import change_lines

        *_, counted = change_lines(change)
        title, rows = f"**lpa:** {_text(counted)}", list(_change_rows(change))
        return _table(title, ("", "Access", "Place"), rows, "changes") if rows else f"{title}\n"

    def access(self, change: AccessChange, base: str) -> str:
        """Return how much has changed, and a row for each need, grant and finding that is new or gone."""
        from analyzer.report.change import access_title

        title, rows = f"**lpa:** {_text(access_title(change, base))}", list(_access_rows(change))
        return _table(title, ("Function", "", "What", "Place"), rows, "changes") if rows else f"{title}\n"


def _table(title: str, head: Sequence[str], rows: Sequence[str], noun: str) -> str:
    """Return a table, cut where a comment would be too long."""
    lines = [title, "", f"| {' | '.join(head)} |", "|" + " --- |" * len(head)]
    length = sum(map(len, lines))
    for number, row in enumerate(rows):
        length += len(row) + 1
        if length > _LONGEST:
            lines += ["", f"{len(rows) - number} of {len(rows)} {noun} do not fit in here."]
            break
        lines.append(row)
    return "".join(f"{line}\n" for line in lines)


def _access_rows(change: AccessChange) -> Iterator[str]:
    for function in change.functions:
        name = _code(function.name) + ("" if function.state == "changed" else f" ({function.state})")
        for sign, needs in (("+", function.added), ("−", function.removed)):
            for need in needs:
                place = _code(f"{need.location.path}:{need.location.start_line}") if need.location else ""
                yield f"| {name} | {sign} needs | {_code(need.action)} on {_code(need.resource)} | {place} |"
        yield from (f"| {name} {row}" for row in _change_rows(function.grants, " granted"))
    for title, findings in (("new finding", change.new), ("finding gone", change.gone)):
        for policy, one in findings:
            place = _code(f"{one.location.path}:{one.location.start_line}")
            yield f"| {_code(policy)} | {title} | {one.severity}: {_text(one.message)} {_code(one.check)} | {place} |"


def _change_rows(change: Change, what: str = "") -> Iterator[str]:
    from analyzer.report.change import actions_of, levels_of

    for sign, accesses in (("+", change.added), ("−", change.removed)):
        for one in accesses:
            levels = f" ({', '.join(levels_of(one))})" if levels_of(one) else ""
            tests = [f"{test.operator} {test.key} {', '.join(test.values)}" for test in one.conditions]
            under = f" if {' and '.join(map(_code, tests))}" if tests else ""
            place = _code(f"{one.location.path}:{one.location.start_line}") if one.location else ""
            yield f"| {sign}{what} | {_code(actions_of(one))} on {_code(one.resource)}{under}{levels} | {place} |"
    yield from (f"| ?{what} | {_text(reason)} | |" for reason in change.undecided)


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
