"""Results for the terminal: what is meant shown in its source, as compilers do, in colours if they are wanted."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from analyzer.model.calls import ApiCall, Unresolved
from analyzer.model.findings import Addition, Finding, Related, Severity
from analyzer.model.location import Location
from analyzer.model.policy import PolicyKind
from analyzer.model.requirements import Reason
from analyzer.pipeline import Analysis
from analyzer.report.excerpt import excerpt, visible
from analyzer.report.lines import lines_of
from analyzer.report.sites import CallSite, call_sites, resource_patterns

if TYPE_CHECKING:
    from analyzer.compare.change import Change
    from analyzer.compare.denied import Explanation
    from analyzer.model.policy import Missing, Policy
    from analyzer.model.requirements import Requirement
    from analyzer.report import Look
    from analyzer.states import AccessChange

_STYLES: Final = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.NOTE: "bold cyan"}
_UNRESOLVED: Final = "bold yellow"
_SIGNS: Final = {"+": "green", "-": "red", "?": "yellow"}
_PLACE: Final = "blue"
_FAINT: Final = "dim"
_NARROWEST: Final = 30
# More places than that are named without their source.
_SHOWN_PLACES: Final = 3


class FullReporter:
    """Prints for people at a terminal; `look` says how wide it is, and what it can show."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._width = max(look.width, _NARROWEST)
        self._lines = cache(lambda path: lines_of(path, look.root))

    def title(self, text: str) -> str:
        """Return `text` as a line of its own, with one under it."""
        shown = visible(text)
        return self._printed([Text(shown, "bold"), Text("─" * min(cell_len(shown), self._width), _PLACE)])

    def scan(self, analysis: Analysis) -> str:
        """Return the calls by file and place, what could not be resolved with its source, and how many there are."""
        sites = call_sites(analysis.needs)
        lines = list(self._files(sites, with_chain=analysis.entry is not None))
        for unresolved in analysis.unresolved:
            lines += [*self._unresolved(unresolved), Text()]
        counts = [_count(len(sites), "call"), f"{len(analysis.unresolved)} unresolved"]
        if analysis.unreachable is not None:
            left_out = call_sites(analysis.unreachable)
            if left_out:
                lines.append(Text(f"not reached from {analysis.entry}:", _UNRESOLVED))
                lines += self._files(left_out, with_chain=False)
            counts.append(f"{len(left_out)} unreachable from {analysis.entry}")
        lines.append(Text(", ".join(counts), "bold"))
        return self._printed(lines)

    def check(self, findings: Sequence[Finding]) -> str:
        """Return the findings, each with its source, reasons and remedy, and how many there are of each severity."""
        lines = [line for finding in findings for line in (*self._finding(finding), Text())]
        lines.append(_summary(findings))
        return self._printed(lines)

    def change(self, change: Change) -> str:
        """Return a line for each access added or removed, and how many there are."""
        from analyzer.report.change import change_lines

        return self._printed(map(_signed, change_lines(change)))

    def access(self, change: AccessChange, base: str) -> str:
        """Return a line for each need, grant and finding that is new or gone, by function, and how many there are."""
        from analyzer.report.change import access_lines

        return self._printed(map(_signed, access_lines(change, base)))

    def explain(self, requirements: Sequence[Requirement]) -> str:
        """Return each requirement with its calls in their source, and the rules."""
        return self._printed(line for requirement in requirements for line in self._requirement(requirement))

    def denial(self, explanation: Explanation, addition: str | None, granted: Policy | None) -> str:
        """Return what was denied, by what, who needs it and what to do."""
        from analyzer.report.explanation import denial_lines

        first, *others = denial_lines(explanation, addition, granted)
        return self._printed([Text(visible(first), "bold"), *(Text(visible(line)) for line in others)])

    # Findings

    def _finding(self, finding: Finding) -> Iterator[Text]:
        style = _STYLES[finding.severity]
        missing = finding.missing
        reasons = [] if missing is None else _reasons_at(missing.requirement, finding.location)
        chain = next((reason.call.call_chain for reason in reasons if reason.call is not None), ())
        message = finding.message.removesuffix(f" (reached through {' > '.join(chain)})")
        yield from self._title(f"{finding.severity}[{finding.check}]", style, message)
        yield from self._source(finding.location, style)
        if chain:
            yield from self._note("reached", " → ".join(chain))
        if missing is not None:
            yield from self._rules(missing.requirement.action, reasons)
        yield from self._related(finding.related)
        if finding.remedy:
            yield from self._note("help", finding.remedy)
        if missing is not None:
            yield from self._addition(finding, missing)

    def _unresolved(self, unresolved: Unresolved) -> Iterator[Text]:
        yield from self._title(f"unresolved[{unresolved.reason}]", _UNRESOLVED, unresolved.detail)
        yield from self._source(unresolved.location, _UNRESOLVED)
        if unresolved.candidates:
            yield from self._note("may be", ", ".join(unresolved.candidates))

    def _related(self, related: Sequence[Related]) -> Iterator[Text]:
        for number, one in enumerate(related):
            if number < _SHOWN_PLACES:
                yield from self._note("note", one.message)
                yield from self._source(one.location, _STYLES[Severity.NOTE], context=0)
            else:
                yield from self._note("note", f"{one.message}: {one.location}")

    def _addition(self, finding: Finding, missing: Missing) -> Iterator[Text]:
        if missing.denied_by is not None:
            return
        added = (missing.kinds == (PolicyKind.IDENTITY,) and self._look.addition(finding)) or _as_json(missing)
        if added:
            yield from self._note("add to", f"{added.where}:")
            # As it is, however wide: to be copied.
            yield from (Text(f"     {visible(line)}", "green") for line in added.text.splitlines())

    def _rules(self, action: str, reasons: Iterable[Reason]) -> Iterator[Text]:
        from analyzer.authorize.mapping import pages_of

        for rule in dict.fromkeys(reason.rule for reason in reasons):
            yield from self._note("rule", str(rule))
            # The file of the rule has the others.
            yield Text(f"     {pages_of(rule, action)[0]}", _FAINT)

    # Needs

    def _requirement(self, requirement: Requirement) -> Iterator[Text]:
        for pattern in resource_patterns(requirement):
            yield from self._title(requirement.action, "bold cyan", f"on {pattern}")
        for condition in requirement.conditions:
            yield from self._note("if", f"{condition.operator} {condition.key} {', '.join(condition.values)}")
        for reason in requirement.reasons:
            if reason.call is None:
                yield from self._note("needed by", "the platform")
            else:
                yield from self._source(reason.call.location, "bold cyan", context=0)
                yield from self._note("call", f"{reason.call.service}.{reason.call.operation}")
                if reason.call.call_chain:
                    yield from self._note("reached", " → ".join(reason.call.call_chain))
            yield from self._rules(requirement.action, [reason])
        yield Text()

    # Calls

    def _files(self, sites: Sequence[CallSite], *, with_chain: bool) -> Iterator[Text]:
        by_file: dict[str, list[CallSite]] = {}
        for site in sites:
            by_file.setdefault(site.location.path, []).append(site)
        for path, own in by_file.items():
            yield Text(visible(path), f"bold {_PLACE}")
            for site in own:
                yield from self._site(site, with_chain=with_chain)
            yield Text()

    def _site(self, site: CallSite, *, with_chain: bool) -> Iterator[Text]:
        place = f"{site.location.start_line}:{site.location.start_column}"
        how = str(site.via) if site.certain else f"{site.via}, possible"
        how += f", with {site.identity}" if site.identity else ""
        yield Text.assemble(
            (f"{place:>8}  ", _PLACE), (f"{site.service}.{site.operation}", "bold"), (f"  {how}", _FAINT)
        )
        if with_chain and site.chain:
            yield from self._hanging(" " * 12, Text(), " → ".join(site.chain), _FAINT)
        if not site.actions:
            yield Text(f"{'':12}needs no permission", _FAINT)
        widest = max((len(action) for action, _ in site.actions), default=0)
        for action, resources in site.actions:
            for number, resource in enumerate(resources):
                head = Text.assemble(" " * 12, (f"{action if number == 0 else '':<{widest}}", "cyan"))
                if 12 + widest + 2 + cell_len(resource) > self._width:
                    if number == 0:
                        yield head
                    yield Text(f"{'':16}{visible(resource)}")
                else:
                    yield head.append(f"  {visible(resource)}")

    # Parts

    def _title(self, label: str, style: str, text: str) -> Iterator[Text]:
        yield from self._hanging("", Text(f"{label}: ", style), text, "bold", indent=4)

    def _note(self, label: str, text: str) -> Iterator[Text]:
        yield from self._hanging("   ", Text.assemble(("= ", _PLACE), (f"{label}: ", "bold")), text)

    def _source(self, place: Location, style: str, context: int = 1) -> Iterator[Text]:
        found = excerpt(self._lines(place.path), place, self._width, style, context)
        arrow = " " * max(found[0].plain.index("|") if found else 2, 1) + "--> " if found else "  --> "
        yield Text.assemble((arrow.removeprefix(" "), _PLACE), visible(str(place)))
        yield from found

    def _hanging(self, lead: str, head: Text, text: str, style: str = "", indent: int | None = None) -> Iterator[Text]:
        """Yield `head` and `text`, wrapped between words, of which further lines stand under the first one's text."""
        line = Text.assemble(lead, head)
        indented = Text(" " * (min(line.cell_len, self._width // 3) if indent is None else indent))
        words = visible(text).split(" ")
        while words:
            used = line.cell_len + cell_len(words[0])
            taken = 1
            while taken < len(words) and used + 1 + cell_len(words[taken]) <= self._width:
                used += 1 + cell_len(words[taken])
                taken += 1
            yield line.append(" ".join(words[:taken]), style)
            line, words = indented.copy(), words[taken:]

    def _printed(self, lines: Iterable[Text]) -> str:
        """Return the lines with the codes of their colours, or without any."""
        color = self._look.color
        # Nothing of the environment counts any more: `look` says it all.
        console = Console(
            file=io.StringIO(),
            width=self._width,
            force_terminal=color,
            color_system="standard" if color else None,
            no_color=not color,
            legacy_windows=False,
            _environ={},
        )
        with console.capture() as captured:
            for line in lines:
                console.print(line, soft_wrap=True, highlight=False, markup=False, emoji=False)
        return captured.get()


def _reasons_at(requirement: Requirement, place: Location) -> list[Reason]:
    """Return why `requirement` is needed at `place`, the shortest way there first; all reasons if none is there."""
    here = [reason for reason in requirement.reasons if reason.call is not None and reason.call.location == place]
    return sorted(here, key=lambda reason: _order(reason.call)) or list(requirement.reasons)


def _order(call: ApiCall | None) -> tuple[object, ...]:
    return () if call is None else (call.service, call.operation, call.call_chain)


def _signed(line: str) -> Text:
    return Text(visible(line), _SIGNS.get(line.lstrip()[:1], ""))


def _as_json(missing: Missing) -> Addition | None:
    """Return the statement that grants what is missing; None if a template names it in its own way."""
    from dataclasses import replace

    from analyzer.generate import generate, render_statements
    from analyzer.model.requirements import AnyResource, Arns

    needed = missing.requirement
    if any("${" in pattern for pattern in missing.patterns):
        return None
    scope = needed.scope if isinstance(needed.scope, AnyResource) else Arns(missing.patterns)
    wanted = replace(needed, scope=scope, conditions=needed.asked(), optional=())
    where = " and ".join(
        "the role's policies" if kind is PolicyKind.IDENTITY else f"the {kind}" for kind in missing.kinds
    )
    return Addition(where, render_statements(generate([wanted])))


def _summary(findings: Sequence[Finding]) -> Text:
    if not findings:
        return Text("0 findings", "bold green")
    counts = Counter(finding.severity for finding in findings)
    told = [(_count(counts[severity], severity), _STYLES[severity]) for severity in Severity if counts[severity]]
    parts: list[str | tuple[str, str]] = [(_count(len(findings), "finding"), "bold"), ": "]
    for number, part in enumerate(told):
        parts += [", ", part] if number else [part]
    return Text.assemble(*parts)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
