"""Comments that say which findings of a place are meant to be: `# lpa: ignore[check-id, other-id] why`.

Such a comment counts for the findings of its line or, alone in its line, of the next line that is no comment.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from analyzer.checks.rule import check_rule
from analyzer.errors import InputError
from analyzer.model.findings import Finding
from analyzer.model.location import Location
from analyzer.reading import read_bytes

UNUSED_IGNORE: Final = "unused-ignore"
"""The check for comments that ignore nothing, which is also the name of its file in rules/checks/."""

_MARK: Final = b"lpa:"
_COMMENT: Final = re.compile(r"#[ \t]*lpa:[ \t]*ignore\b(?:[ \t]*\[(?P<checks>[^\]]*)\])?")
# In YAML a # begins a comment only after white space.
_YAML_COMMENT: Final = re.compile(rf"(?:^|(?<=\s)){_COMMENT.pattern}")
_YAML: Final = (".yaml", ".yml")
_WITHOUT_COMMENTS: Final = (".json",)


@dataclass(frozen=True, slots=True)
class _Ignore:
    location: Location
    line: int
    checks: tuple[str, ...]


def without_ignored(
    findings: Sequence[Finding], paths: Iterable[str], root: str, judged: Collection[str]
) -> tuple[Finding, ...]:
    """Return the findings that no comment ignores, with one for each check that a comment names for nothing.

    The comments are those in the files of the findings and in `paths`, which are relative to `root`; files that cannot
    be read have none. Only comments in `paths` are called unused, only for checks in `judged` and for those that do not
    exist, and only if `unused-ignore` itself is in `judged` and not among the checks that the comment names.
    """
    named = {*paths}
    files = sorted(named.union(finding.location.path for finding in findings))
    ignores = [ignore for path in files for ignore in _ignores(path, root)]
    if not ignores:
        return tuple(findings)
    by_place: dict[tuple[str, int], list[_Ignore]] = {}
    for ignore in ignores:
        by_place.setdefault((ignore.location.path, ignore.line), []).append(ignore)
    unused = {(ignore, check): ignore.location.path in named for ignore in ignores for check in ignore.checks or ("",)}
    kept = []
    for finding in findings:
        here = by_place.get((finding.location.path, finding.location.start_line), ())
        meant = [ignore for ignore in here if finding.check in ignore.checks]
        unused.update(dict.fromkeys(((ignore, finding.check) for ignore in meant), False))
        if not meant:
            kept.append(finding)
    if UNUSED_IGNORE in judged:
        kept += (
            _unused(ignore, message)
            for (ignore, check), is_unused in unused.items()
            if is_unused and UNUSED_IGNORE not in ignore.checks and (message := _what_is_wrong(check, judged))
        )
    return tuple(sorted(kept, key=lambda finding: (finding.location, finding.check, finding.message)))


def _unused(ignore: _Ignore, message: str) -> Finding:
    rule = check_rule(UNUSED_IGNORE)
    return Finding(rule.check, rule.severity, message, ignore.location, (), rule.remedy)


def _what_is_wrong(check: str, judged: Collection[str]) -> str | None:
    """Return what is wrong with ignoring `check` where it has found nothing; None if nothing is."""
    from analyzer.rules.folder import rule_names

    if not check:
        return "this comment ignores nothing: it names no check in brackets"
    if check in judged:
        return f"{check} has found nothing here"
    if check in rule_names("checks"):
        return None
    from difflib import get_close_matches

    near = get_close_matches(check, sorted(rule_names("checks")), n=1)
    return f"there is no check {check}{f'; did you mean {near[0]}?' if near else ''}"


def _ignores(path: str, root: str) -> Iterator[_Ignore]:
    if path.endswith(_WITHOUT_COMMENTS):
        return
    try:
        content = read_bytes(os.path.join(root, path), path)
    except (FileNotFoundError, InputError):
        return
    if _MARK not in content:
        return
    text = content.decode("utf-8-sig", "replace")
    lines = text.split("\n")
    places = _in_lines(lines, _YAML_COMMENT) if path.endswith(_YAML) else _in_python(text, lines)
    for row, match in places:
        target = row
        if lines[row].lstrip().startswith("#"):
            while target < len(lines) and lines[target].lstrip().startswith("#"):
                target += 1
        checks = tuple(dict.fromkeys(check.strip() for check in (match["checks"] or "").split(",") if check.strip()))
        yield _Ignore(Location(path, row + 1, match.start() + 1, row + 1, match.end() + 1), target + 1, checks)


def _in_python(text: str, lines: Sequence[str]) -> Iterable[tuple[int, re.Match[str]]]:
    """Return the rows of what Python takes for comments; of a file that it cannot read, of all that look like it."""
    import io
    import tokenize

    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):
        return _in_lines(lines, _COMMENT)
    starts = [token.start for token in tokens if token.type == tokenize.COMMENT]
    found = ((row - 1, _COMMENT.search(lines[row - 1], column)) for row, column in starts)
    return [(row, match) for row, match in found if match]


def _in_lines(lines: Sequence[str], comment: re.Pattern[str]) -> Iterable[tuple[int, re.Match[str]]]:
    return [(row, match) for row, line in enumerate(lines) if (match := comment.search(line))]
