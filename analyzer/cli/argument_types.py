"""The arguments and flags that commands share, as Typer takes them."""

from __future__ import annotations

from typing import Annotated

import typer

from analyzer.cli import completing
from analyzer.config import Platform
from analyzer.model.findings import Severity
from analyzer.report import ChangeFormat, FindingsFormat, Format

RoleToWrite = Annotated[
    str | None,
    typer.Argument(metavar="[ROLE.json]", help="The policy document, or the role that holds it; - is standard output."),
]
RoleIfAny = Annotated[
    str | None,
    typer.Argument(
        metavar="[ROLE.json]", help="The policy or role; without it, what is configured, or the roles in the template."
    ),
]
ConfigFile = Annotated[
    str | None,
    typer.Option("--config", metavar="FILE", help="The configuration; lpa.toml or [tool.lpa] of pyproject.toml."),
]
All = Annotated[bool, typer.Option("--all", help="Every function and template of the configuration.")]
ChangedFiles = Annotated[
    list[str] | None,
    typer.Option(
        "--changed", metavar="FILE...", help="Of the configuration only what rests on these files; repeatable."
    ),
]
FromSeverity = Annotated[
    Severity | None, typer.Option("--severity", help="Exit 1 from this severity on; warning, if nothing is said.")
]
Select = Annotated[
    list[str] | None,
    typer.Option(
        "--select", metavar="CHECK", help="Run this check only; repeatable.", autocompletion=completing.checks
    ),
]
Ignore = Annotated[
    list[str] | None,
    typer.Option(
        "--ignore", metavar="CHECK", help="Leave this check out; repeatable.", autocompletion=completing.checks
    ),
]
Strict = Annotated[
    bool | None,
    typer.Option("--strict/--no-strict", help="Exit 1 if something could not be resolved, or not for that alone."),
]
More = Annotated[list[str] | None, typer.Argument(metavar="[PATH]...", help="Further paths of --source.")]
Paths = Annotated[
    list[str] | None, typer.Argument(metavar="[PATH]...", help="Python files, and folders to search for them.")
]
Source = Annotated[
    list[str],
    typer.Option("--source", metavar="PATH...", help="Python files, and folders to search for them; repeatable."),
]
SourceIfAny = Annotated[
    list[str] | None,
    typer.Option("--source", metavar="PATH...", help="Python files, and folders to search for them; repeatable."),
]
Handler = Annotated[
    str | None,
    typer.Option(
        "--handler", metavar="MODULE.FUNCTION", help="The entry point; without it, every function is taken for one."
    ),
]
Account = Annotated[str | None, typer.Option("--account", metavar="ID", help="The 12-digit account id in ARNs.")]
Region = Annotated[str | None, typer.Option("--region", metavar="CODE", help="The region in ARNs.")]
Partition = Annotated[
    str | None, typer.Option("--partition", metavar="NAME", help="The partition in ARNs, unless the region says it.")
]
Env = Annotated[
    list[str] | None,
    typer.Option("--env", metavar="NAME=VALUE", help="An environment variable that the source reads; repeatable."),
]
RunBy = Annotated[
    Platform | None,
    typer.Option(
        "--platform", help="What runs the program and needs permissions itself; lambda if --handler is given."
    ),
]
FunctionName = Annotated[
    str | None, typer.Option("--function-name", metavar="NAME", help="The Lambda function's name, for its log group.")
]
Conditions = Annotated[
    bool | None,
    typer.Option(
        "--conditions/--no-conditions",
        help="Narrow the policy by conditions that the calls are sure to meet (s3:prefix ...).",
    ),
]
AskForConditions = Annotated[
    bool | None,
    typer.Option(
        "--conditions/--no-conditions",
        help="Call a grant too broad without conditions that the calls are sure to meet.",
    ),
]
Managed = Annotated[
    list[str] | None,
    typer.Option("--managed-policy", metavar="ARN=FILE", help="The document of a customer managed policy; repeatable."),
]
Baseline = Annotated[
    str | None,
    typer.Option("--baseline", metavar="FILE", help="Pass over the findings in it; lpa-baseline.json if that exists."),
]
WriteBaseline = Annotated[
    str | None, typer.Option("--write-baseline", metavar="FILE", help="Record the findings there, and report none.")
]
_BY_DEFAULT = "full is what a terminal gets by default, text everything else."
OutputFormat = Annotated[
    Format | None, typer.Option("--format", metavar="FORMAT", help=f"text, json or full; {_BY_DEFAULT}")
]
ChangeOutput = Annotated[
    ChangeFormat | None,
    typer.Option("--format", metavar="FORMAT", help=f"text, json, markdown or full; {_BY_DEFAULT}"),
]
FindingsOutput = Annotated[
    FindingsFormat | None,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help=f"text, json, sarif, github, gitlab, markdown, junit or full; {_BY_DEFAULT}",
    ),
]
Templates = Annotated[
    list[str] | None,
    typer.Option(
        "--template",
        metavar="FILE",
        help="A template of SAM, CloudFormation or the CDK; repeatable.",
    ),
]
Functions = Annotated[
    list[str] | None,
    typer.Option(
        "--function",
        metavar="NAME",
        help="Only this function of the configuration or the templates; repeatable.",
        autocompletion=completing.functions,
    ),
]
Parameters = Annotated[
    list[str] | None,
    typer.Option("--parameter-overrides", metavar="NAME=VALUE", help="A parameter of the templates; repeatable."),
]
PolicyTemplates = Annotated[
    bool, typer.Option("--prefer-policy-templates", help="Write SAM's policy templates where one fits exactly.")
]
