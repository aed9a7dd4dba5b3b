"""Results as text for people and as JSON for programs: one module for each format, all with one interface."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from analyzer.pipeline import Analysis

if TYPE_CHECKING:
    from analyzer.compare.change import Change
    from analyzer.compare.denied import Explanation
    from analyzer.model.findings import Addition, Finding
    from analyzer.model.policy import Policy
    from analyzer.model.requirements import Requirement
    from analyzer.states import AccessChange


class Format(StrEnum):
    """How results are printed."""

    TEXT = "text"
    JSON = "json"
    FULL = "full"


class ChangeFormat(StrEnum):
    """How changes of access are printed: as every result is, or for a comment on a pull request."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    FULL = "full"


class FindingsFormat(StrEnum):
    """How findings are printed: as every result is, or for the tools that show them."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"
    GITLAB = "gitlab"
    MARKDOWN = "markdown"
    JUNIT = "junit"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Look:
    """How results are shown in full: `root` is the folder that their paths are relative to.

    Lines are about `width` columns wide, and have colours if `color` says so. `addition` returns what to add for a
    finding about a missing permission, if the file that it is for has a way of its own to write it.
    """

    root: str
    width: int = 100
    color: bool = False
    addition: Callable[[Finding], Addition | None] = lambda finding: None


class FindingsReporter(Protocol):
    """What every format of findings can print; it returns whole lines."""

    def check(self, findings: Sequence[Finding]) -> str:
        """Return the findings of a comparison, or of policies."""


class ChangeReporter(Protocol):
    """What every format of changes can print; each returns whole lines."""

    def change(self, change: Change) -> str:
        """Return what a change of policy adds and removes."""

    def access(self, change: AccessChange, base: str) -> str:
        """Return how the access of functions differs from what it was in the revision `base`."""


class Reporter(FindingsReporter, ChangeReporter, Protocol):
    """What every format can print; each returns whole lines."""

    def title(self, text: str) -> str:
        """Return what stands above several results, each of which has one."""

    def scan(self, analysis: Analysis) -> str:
        """Return the calls of a program, what they need and what could not be resolved."""

    def explain(self, requirements: Sequence[Requirement]) -> str:
        """Return why the requirements are needed."""

    def denial(self, explanation: Explanation, addition: str | None, granted: Policy | None) -> str:
        """Return why a request was denied and, as the JSON `addition`, the statement that would allow it."""


def reporter(output_format: Format, look: Look) -> Reporter:
    """Return what prints results in `output_format`."""
    if output_format is Format.FULL:
        from analyzer.report.full import FullReporter

        return FullReporter(look)
    if output_format is Format.JSON:
        from analyzer.report.json import JsonReporter

        return JsonReporter()
    from analyzer.report.text import TextReporter

    return TextReporter()


def change_reporter(output_format: ChangeFormat, look: Look) -> ChangeReporter:
    """Return what prints changes of access in `output_format`."""
    if output_format is ChangeFormat.MARKDOWN:
        from analyzer.report.markdown import MarkdownReporter

        return MarkdownReporter()
    return reporter(Format(output_format), look)


def findings_reporter(output_format: FindingsFormat, look: Look) -> FindingsReporter:
    """Return what prints findings in `output_format`."""
    root = look.root
    match output_format:
        case FindingsFormat.SARIF:
            from analyzer.report.sarif import SarifReporter

            return SarifReporter(root)
        case FindingsFormat.GITLAB:
            from analyzer.report.gitlab import GitlabReporter

            return GitlabReporter(root)
        case FindingsFormat.GITHUB:
            from analyzer.report.github import GithubReporter

            return GithubReporter()
        case FindingsFormat.MARKDOWN:
            from analyzer.report.markdown import MarkdownReporter

            return MarkdownReporter()
        case FindingsFormat.JUNIT:
            from analyzer.report.junit import JunitReporter

            return JunitReporter()
        case _:
            return reporter(Format(output_format), look)
