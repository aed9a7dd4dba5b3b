"""The access of functions as data for the page's script: plain lists and objects, texts and numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from typing import Any, Final, Generic, TypeVar

from analyzer.access import Access, FunctionAccess
from analyzer.authorize.mapping import pages_of
from analyzer.checks import check_rule
from analyzer.checks.fingerprint import fingerprints
from analyzer.generate import render_statements
from analyzer.model.calls import Unresolved
from analyzer.model.findings import Finding
from analyzer.model.location import Location
from analyzer.model.policy import Policy, Statement
from analyzer.model.requirements import BASE_RULE, Reason, RuleReference
from analyzer.report.html.excerpts import Excerpts
from analyzer.report.html.rows import MANAGED, Row, rows

Record = dict[str, Any]
"""What JSON takes for an object."""

_Item = TypeVar("_Item", bound=Hashable)

# A place in a policy that is written on one line, or that is very long, is shown as far as this.
_STATEMENT: Final = 8_000


def records(access: Access, root: str) -> Record:
    """Return what the page's script shows of `access`; places are in files relative to `root`."""
    return _Recorder(root).record(access)


class _Numbered(Generic[_Item]):
    """A list in which equal items stand once, referred to by their numbers."""

    def __init__(self, record: Callable[[_Item], Record]) -> None:
        self._record = record
        self._numbers: dict[_Item, int] = {}
        self.records: list[Record] = []

    def number(self, item: _Item) -> int:
        """Return the number of `item`, which is added if it is new."""
        known = self._numbers.get(item)
        if known is None:
            made = self._record(item)
            known = self._numbers[item] = len(self.records)
            self.records.append(made)
        return known


class _Recorder:
    def __init__(self, root: str) -> None:
        self._root = root
        self._excerpts = Excerpts(root)
        self._rules: _Numbered[tuple[RuleReference, str]] = _Numbered(_rule)
        self._statements: _Numbered[tuple[Statement, Location | None]] = _Numbered(self._statement)
        self._finding_numbers: dict[Finding, int] = {}

    def record(self, access: Access) -> Record:
        findings = sorted(
            {finding for one in access.functions for finding in one.findings}.union(access.findings),
            key=lambda one: (one.location, one.check, one.message),
        )
        self._finding_numbers = {finding: number for number, finding in enumerate(findings)}
        marks = fingerprints(findings, self._root)
        names = _names(access.functions)
        functions = [self._function(one, name) for one, name in zip(access.functions, names, strict=True)]
        told = [self._finding(finding, mark) for finding, mark in zip(findings, marks, strict=True)]
        checks = {check: check_rule(check) for check in sorted({finding.check for finding in findings})}
        return {
            "functions": functions,
            "findings": told,
            "elsewhere": [self._finding_numbers[finding] for finding in access.findings],
            "checks": {name: {"title": rule.title, "why": rule.why} for name, rule in checks.items()},
            "rules": self._rules.records,
            "statements": self._statements.records,
            "files": self._excerpts.files(),
        }

    def _function(self, function: FunctionAccess, name: str) -> Record:
        return {
            "name": name,
            "kind": function.kind,
            "entry": function.analysis.entry or "",
            "place": self._place(function.location),
            "role": function.role or "",
            "shared": list(function.shared_with),
            "rows": [self._row(row, function) for row in rows(function)],
            "unresolved": [self._unresolved(one) for one in function.analysis.unresolved],
            "findings": [self._finding_numbers[finding] for finding in function.findings],
        }

    def _row(self, row: Row, function: FunctionAccess) -> Record:
        calls = _calls(row.reasons)
        places = {row.place} if row.place else {call.location for call, _ in calls} or {function.comparison.location}
        about = [
            self._finding_numbers[finding]
            for finding in function.findings
            if finding.location in places and _is_about(finding, row)
        ]
        return {
            "state": row.state,
            "action": row.resource.rpartition("/")[2] if row.action == MANAGED else row.action,
            "resource": row.resource,
            "service": row.service,
            "level": row.level,
            "calls": [self._call(call.location, reasons, row.action) for call, reasons in calls],
            "platform": [
                self._rules.number((reason.rule, row.action)) for reason in row.reasons if reason.call is None
            ],
            "statements": [self._statements.number((statement, statement.location)) for statement in row.statements],
            "place": self._place(row.place),
            "instead": _json(row.instead),
            "why": row.why,
            "findings": about,
        }

    def _call(self, location: Location, reasons: list[Reason], action: str) -> Record:
        calls = [reason.call for reason in reasons if reason.call is not None]
        nearest = min(calls, key=lambda call: (len(call.call_chain), call.call_chain))
        return {
            "name": f"{nearest.service}.{nearest.operation}",
            "via": nearest.via,
            "possible": all(call.possible for call in calls),
            "place": self._place(location),
            "chain": list(nearest.call_chain),
            "ways": len({call.call_chain for call in calls}),
            "rules": sorted({self._rules.number((reason.rule, action)) for reason in reasons}),
        }

    def _statement(self, item: tuple[Statement, Location | None]) -> Record:
        statement, location = item
        attached = statement.attachment
        return {
            "sid": statement.sid,
            "place": self._place(location if attached is None else attached.location),
            "policy": attached.arn if attached is not None else "",
            "json": _json((statement,)),
        }

    def _finding(self, finding: Finding, mark: str) -> Record:
        return {
            "id": mark,
            "check": finding.check,
            "severity": finding.severity,
            "message": finding.message,
            "remedy": finding.remedy,
            "place": self._place(finding.location),
            "related": [{"message": one.message, "place": self._place(one.location)} for one in finding.related],
        }

    def _unresolved(self, unresolved: Unresolved) -> Record:
        return {
            "reason": unresolved.reason.value.replace("-", " "),
            "detail": unresolved.detail,
            "candidates": list(unresolved.candidates),
            "place": self._place(unresolved.location),
        }

    def _place(self, location: Location | None) -> list[str | int] | None:
        if location is None:
            return None
        self._excerpts.around(location)
        return [location.path, location.start_line, location.start_column, location.end_line, location.end_column]


def _names(functions: Iterable[FunctionAccess]) -> list[str]:
    """Return a name for each function, all different: those of several templates may be called the same."""
    functions = tuple(functions)
    several = Counter(one.name for one in functions)
    named = [
        f"{one.location.path}: {one.name}" if several[one.name] > 1 and one.location else one.name for one in functions
    ]
    seen: Counter[str] = Counter()
    for number, name in enumerate(named):
        seen[name] += 1
        if seen[name] > 1:
            named[number] = f"{name} ({seen[name]})"
    return named


def _calls(reasons: Iterable[Reason]) -> list[tuple[Any, list[Reason]]]:
    """Return the calls of `reasons` by place, each once with all reasons that are about it."""
    sites: dict[tuple[Any, ...], list[Reason]] = {}
    for reason in reasons:
        if reason.call is not None:
            call = reason.call
            sites.setdefault((call.location, call.service, call.operation, call.via), []).append(reason)
    return [(group[0].call, group) for _, group in sorted(sites.items(), key=lambda site: site[0])]


def _is_about(finding: Finding, row: Row) -> bool:
    """Say whether a finding at the place of `row` is about it, and not about another one at the same place."""
    if row.action == MANAGED:
        return "managed policy" in finding.message and row.resource.rpartition("/")[2] in finding.message
    words = finding.message.replace(",", " ").replace(": ", " ").split()
    # A need is told with its resources, a grant by its action alone.
    return row.action in words and (not row.reasons or (row.state in finding.check and row.resource in words))


def _rule(item: tuple[RuleReference, str]) -> Record:
    rule, action = item
    name = "base rule: an operation needs the IAM action of its own name" if rule == BASE_RULE else str(rule)
    return {"name": name, "pages": list(pages_of(rule, action))}


def _json(statements: tuple[Statement, ...]) -> str:
    if not statements:
        return ""
    text = render_statements(Policy(statements))
    return text if len(text) <= _STATEMENT else f"{text[:_STATEMENT]}\n…"
