"""Results as text for people and as JSON for programs: one module for each format, all with one interface."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from analyzer.pipeline import Analysis

if TYPE_CHECKING:
    from analyzer.compare.change import Change
    from analyzer.compare.denied import Explanation
    from analyzer.model.findings import Finding
    from analyzer.model.policy import Policy
    from analyzer.model.requirements import Requirement


class Format(StrEnum):
    """How results are printed."""

    TEXT = "text"
    JSON = "json"


class Reporter(Protocol):
    """What every format can print; each returns whole lines."""

    def scan(self, analysis: Analysis) -> str:
        """Return the calls of a program, what they need and what could not be resolved."""

    def check(self, findings: Sequence[Finding]) -> str:
        """Return the findings of a comparison."""

    def change(self, change: Change) -> str:
        """Return what a change of policy adds and removes."""

    def explain(self, requirements: Sequence[Requirement]) -> str:
        """Return why the requirements are needed."""

    def denial(self, explanation: Explanation, addition: str | None, granted: Policy | None) -> str:
        """Return why a request was denied and, as the JSON `addition`, the statement that would allow it."""


def reporter(output_format: Format) -> Reporter:
    """Return what prints results in `output_format`."""
    if output_format is Format.JSON:
        from analyzer.report.json import JsonReporter

        return JsonReporter()
    from analyzer.report.text import TextReporter

    return TextReporter()
