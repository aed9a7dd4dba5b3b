"""Writes docs/checks.md, which describes every check: `make docs`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from analyzer.checks import CHECKS, CheckRule, Example, check_rule
from analyzer.checks.functions import FUNCTION_CHECKS
from analyzer.checks.invocations import INVOKE_CHECKS
from analyzer.checks.linting import BROKEN, LINT_CHECKS
from analyzer.checks.rule import Fact

OF_TEMPLATES = (*INVOKE_CHECKS, *FUNCTION_CHECKS)
PAGE = Path(__file__).resolve().parent.parent.parent / "docs/checks.md"

HEAD = """\
# Checks

Written by `make docs` from `rules/checks/`; do not edit.

`lpa check` compares a role with what a program needs; `lpa lint` looks at policies alone. Both exit with 1 if a finding
is an error or a warning; a note changes nothing.

"""


def page() -> str:
    """Return what docs/checks.md has to hold."""
    return HEAD + "\n".join((*_contents(), *_checks()))


def _contents() -> Iterator[str]:
    yield "| check | of | severity | what it finds |"
    yield "|---|---|---|---|"
    for name in sorted((*CHECKS, *LINT_CHECKS, *OF_TEMPLATES)):
        rule = check_rule(name)
        yield f"| [{name}](#{name}) | {_command(name)} | {rule.severity} | {rule.title} |"
    yield ""


def _checks() -> Iterator[str]:
    for name in sorted((*CHECKS, *LINT_CHECKS, *OF_TEMPLATES)):
        yield from _check(check_rule(name))


def _check(rule: CheckRule) -> Iterator[str]:
    yield f"## {rule.check}"
    yield ""
    yield f"{rule.title}. Severity: {rule.severity}."
    yield ""
    yield rule.why
    yield ""
    yield f"What to do: {rule.remedy}."
    yield ""
    yield from _example("Bad", rule.bad)
    yield from _example("Good", rule.good)
    if rule.facts:
        yield "What it knows:"
        yield ""
        yield from map(_fact, rule.facts)
        yield ""
    if rule.sources:
        yield "Sources:"
        yield ""
        yield from (f"- <{source}>" for source in rule.sources)
        yield ""


def _fact(fact: Fact) -> str:
    known = ", ".join(f"`{value}`" for value in fact.values)
    return f"- {known}{f' ({fact.to})' if fact.to else ''}: <{fact.source}>"


def _example(title: str, example: Example) -> Iterator[str]:
    given = (("python", example.code), ("yaml", example.template), ("json", example.policy))
    parts = [part for part in given if part[1]]
    yield f"{title}:"
    yield ""
    yield from _blocks(parts)


def _blocks(parts: Iterable[tuple[str, str]]) -> Iterator[str]:
    for language, text in parts:
        yield f"```{language}"
        yield text.rstrip("\n")
        yield "```"
        yield ""


def _command(name: str) -> str:
    if name in CHECKS:
        return "`check`"
    if name in OF_TEMPLATES:
        return "`check --template`"
    return "`lint`, `check`" if name in BROKEN else "`lint`"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
