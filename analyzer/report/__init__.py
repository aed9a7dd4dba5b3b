"""Results as text for people and as JSON for programs: one module for each format, all with one interface."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from analyzer.model.findings import Finding
from analyzer.pipeline import Analysis


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


def reporter(output_format: Format) -> Reporter:
    """Return what prints results in `output_format`."""
    if output_format is Format.JSON:
        from analyzer.report.json import JsonReporter

        return JsonReporter()
    from analyzer.report.text import TextReporter

    return TextReporter()
