"""The checks on the functions of a template, whatever their roles."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from analyzer.checks.observed import by_place, findings_of
from analyzer.checks.subject import Observation
from analyzer.model.findings import Finding
from analyzer.model.workload import OtherFunction


def unanalysed_functions(others: Sequence[OtherFunction]) -> Iterator[Observation]:
    """Say, once for each template, which functions are passed over, at the first of them."""
    by_template: dict[str, list[OtherFunction]] = {}
    for other in others:
        by_template.setdefault(other.location.path, []).append(other)
    for found in by_template.values():
        runtimes: dict[str, list[str]] = {}
        for other in found:
            runtimes.setdefault(other.runtime, []).append(other.id)
        listed = "; ".join(f"{', '.join(ids)} ({runtime})" for runtime, ids in runtimes.items())
        number = "1 function is" if len(found) == 1 else f"{len(found)} functions are"
        message = f"{number} not analysed, because only Python is: {listed}"
        yield Observation(message, min(other.location for other in found))


FUNCTION_CHECKS: Final[dict[str, Callable[[Sequence[OtherFunction]], Iterator[Observation]]]] = {
    "unanalysed-function": unanalysed_functions,
}
"""What each check looks for, by its id, which is also the name of its file in rules/checks/."""


def check_functions(others: Sequence[OtherFunction]) -> tuple[Finding, ...]:
    """Return what the checks say of the functions in other languages, sorted by place.

    Raises RuleError if the file of a check that says something is missing or wrong.
    """
    return by_place(finding for name, look in FUNCTION_CHECKS.items() for finding in findings_of(name, look(others)))
