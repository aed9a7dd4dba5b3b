"""The command line: its commands, arguments and flags, parsed into a namespace and from there into Options.

argparse rather than Typer: Typer validates with pydantic, and starting the two takes as long as `import boto3`, which
is the budget for the whole process. It also reads `--source PATH...` as it is meant.
"""

from __future__ import annotations

import argparse
import os
from typing import NoReturn

from analyzer.config import Options, Platform, read_deployment, read_function_name, read_platform
from analyzer.errors import UsageError

_EXIT_CODES = "exit codes: 0 clean, 1 findings, 2 usage error, 3 input missing or unreadable, 70 internal error"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message, f"see {self.prog} --help")


def parse(arguments: list[str]) -> argparse.Namespace:
    """Return the parsed arguments; `command` names the command.

    Raises UsageError for arguments that do not fit, SystemExit after printing for --help and --version.
    """
    parser = _Parser(
        prog="lpa",
        description="Work out the IAM permissions that Python source needs from the boto3 calls in it.",
        epilog=_EXIT_CODES,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, purpose, add_arguments in (
        ("generate", "write the policy that the source needs", _add_generate),
        ("check", "compare a policy with what the source needs", _add_check),
        ("scan", "list the AWS API calls in the source", _add_scan),
    ):
        add_arguments(
            commands.add_parser(
                name, help=purpose, description=f"{purpose.capitalize()}.", epilog=_EXIT_CODES, allow_abbrev=False
            )
        )
    return parser.parse_args(arguments)


def options(parsed: argparse.Namespace) -> Options:
    """Return what `parsed` asks to analyse. Raises UsageError for a value that cannot be right."""
    platform = read_platform(parsed.platform, parsed.handler)
    return Options(
        sources=tuple(parsed.source),
        root=os.getcwd(),
        handler=parsed.handler,
        deployment=read_deployment(parsed.account, parsed.region, parsed.partition, parsed.env),
        platform=platform,
        function_name=read_function_name(parsed.function_name, platform),
    )


class _Version(argparse.Action):
    # importlib.metadata is slow to import, so the version is looked up only when it is asked for.
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib.metadata import version

        print(f"lpa {version('lpa')}")
        parser.exit()


def _add_generate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("role", metavar="ROLE.json", help="the policy file to write; - for standard output")
    _add_source(parser)
    parser.add_argument("--check", action="store_true", help="write nothing; print the difference and exit 1 if any")
    parser.add_argument(
        "--as",
        dest="shape",
        choices=("policy", "role"),
        default="policy",
        help="the bare policy document (default), or the role with its trust policy and the policy inside",
    )
    parser.add_argument("--strict", action="store_true", help="exit 1 if something could not be resolved")
    _add_analysis(parser)
    _add_platform(parser)


def _add_check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("role", metavar="ROLE.json", help="the policy document or role to compare with the source")
    _add_source(parser)
    _add_format(parser)
    _add_analysis(parser)
    _add_platform(parser)


def _add_scan(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", nargs="+", metavar="PATH", help="Python files, and folders to search for them")
    _add_format(parser)
    _add_analysis(parser)
    parser.set_defaults(platform=Platform.NONE.value, function_name=None)


def _add_source(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--source",
        nargs="+",
        action="extend",
        required=True,
        metavar="PATH",
        help="Python files, and folders to search for them; repeatable",
    )


def _add_format(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print (default: text)")


def _add_analysis(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("the program and where it is deployed")
    group.add_argument(
        "--handler", metavar="MODULE.FUNCTION", help="the entry point (default: every function is taken for one)"
    )
    group.add_argument("--account", metavar="ID", help="the 12-digit account id for ARNs (default: *)")
    group.add_argument("--region", metavar="CODE", help="the region for ARNs (default: *)")
    group.add_argument("--partition", metavar="NAME", help="the partition for ARNs (default: the region's, or aws)")
    group.add_argument(
        "--env",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="the value of an environment variable that the source reads; repeatable",
    )


def _add_platform(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what runs the program")
    group.add_argument(
        "--platform",
        choices=[platform.value for platform in Platform],
        help="add what it needs itself, for lambda the function's log group (default: lambda with --handler)",
    )
    group.add_argument("--function-name", metavar="NAME", help="the Lambda function's name (default: *)")
