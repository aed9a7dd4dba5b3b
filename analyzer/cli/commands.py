"""What each command does once its arguments are parsed: analyse, report, say how it went."""

from __future__ import annotations

from collections.abc import Mapping

from analyzer import pipeline
from analyzer.cli.output import print_text
from analyzer.cli.role_file import read_policy_file
from analyzer.config import Options
from analyzer.errors import EXIT_CLEAN, EXIT_FINDINGS
from analyzer.model.findings import Severity
from analyzer.report import FindingsFormat, Format, findings_reporter, reporter


def scan(options: Options, output_format: Format) -> int:
    """Print the calls of the program and what could not be resolved."""
    print_text(reporter(output_format).scan(pipeline.scan(options)))
    return EXIT_CLEAN


def check(options: Options, role: str, managed: Mapping[str, str], output_format: FindingsFormat) -> int:
    """Print how the policy in the file `role` differs from what the program needs; exit 1 on any warning or error.

    `managed` are the files of customer managed policies that the role names, by ARN.
    """
    findings = pipeline.check(options, read_policy_file(role, managed))
    print_text(findings_reporter(output_format, options.root).check(findings))
    return EXIT_FINDINGS if any(finding.severity is not Severity.NOTE for finding in findings) else EXIT_CLEAN
