"""What each command does once its arguments are parsed: analyse, report, say how it went."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analyzer import pipeline
from analyzer.cli.output import print_text
from analyzer.cli.role_file import read_policy_file
from analyzer.cli.talk import look
from analyzer.config import Options
from analyzer.errors import EXIT_CLEAN
from analyzer.report import FindingsFormat, Format, reporter

if TYPE_CHECKING:
    from analyzer.cli.reporting import BaselineFile
    from analyzer.config.settings import Gate


def scan(options: Options, output_format: Format) -> int:
    """Print the calls of the program and what could not be resolved."""
    print_text(reporter(output_format, look(options.root)).scan(pipeline.scan(options)))
    return EXIT_CLEAN


def check(
    options: Options,
    role: str,
    managed: Mapping[str, str],
    baseline: BaselineFile,
    gate: Gate,
    output_format: FindingsFormat,
) -> int:
    """Print how the policy in the file `role` differs from what the program needs; exit 1 as the `gate` says.

    `managed` are the files of customer managed policies that the role names, by ARN. What the `baseline` records is
    passed over.
    """
    from analyzer.cli.reporting import Checked, relative_path, report

    findings = pipeline.check(options, read_policy_file(role, managed))
    # A comment may be for what another entry point reaches.
    program = pipeline.collect_program(options).files if options.handler is None else ()
    checked = Checked(relative_path(role, options.root), findings, tuple(file.path for file in program))
    return report([checked], options.root, baseline, gate, output_format)
