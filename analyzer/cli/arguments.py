"""The commands, arguments and flags of `lpa`: parsed by Typer into a job that is still to be run.

Running is left to the caller, so that Typer's own handling of interrupts and closed pipes does not apply to it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Annotated

import typer

from analyzer.cli import catalog_arguments, commands, completing, explaining, generating
from analyzer.cli.argument_types import (
    Account,
    AskForConditions,
    Baseline,
    Conditions,
    Env,
    FindingsOutput,
    FunctionName,
    Functions,
    Handler,
    Managed,
    More,
    OutputFormat,
    Parameters,
    Partition,
    Paths,
    PolicyTemplates,
    Region,
    Role,
    RoleIfAny,
    RunBy,
    Source,
    SourceIfAny,
    Templates,
    WriteBaseline,
)
from analyzer.cli.explaining import FailOn
from analyzer.cli.generating import Shape, Target
from analyzer.cli.help import Command, Group
from analyzer.cli.talk import findings_format, format_of, talk
from analyzer.config import (
    Options,
    Platform,
    Selection,
    read_deployment,
    read_function_name,
    read_managed_policies,
    read_partition,
    read_platform,
    read_role,
    read_selection,
    read_sources,
    read_unreachable,
)
from analyzer.errors import UsageError

Job = Callable[[], int]

app = typer.Typer(cls=Group, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
app.add_typer(catalog_arguments.app, name="catalog")


def parse(arguments: list[str]) -> Job | int:
    """Return what `arguments` ask for, or the exit code if that is done already (--help, --version).

    Raises TyperException and UsageError for arguments that do not fit.
    """
    talk.be_as_usual()
    completing.be_ready()
    parsed: Job | int = app(arguments, prog_name="lpa", standalone_mode=False)
    return parsed


def _print_version(wanted: bool) -> None:
    if wanted:
        # Slow to import, and rarely needed.
        from importlib.metadata import version

        print(f"lpa {version('lpa')}")
        raise typer.Exit


@app.callback(
    epilog="Exit codes: 0 clean, 1 findings, 2 usage error, 3 input missing or unreadable, 70 internal error."
)
def _lpa(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Work out the IAM permissions that Python source needs from the boto3 calls in it."""


@app.command(cls=Command)
def generate(
    role: Role,
    source: SourceIfAny = None,
    more: More = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; print the difference, exit 1 if any.")] = False,
    shape: Annotated[
        Shape,
        typer.Option(
            "--as",
            "--format",
            help="An inline policy, managed policies, the role with the policy inside, or parts of the template.",
        ),
    ] = Shape.POLICY,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 if something could not be resolved.")] = False,
    conditions: Conditions = False,
    wildcards: Annotated[
        bool, typer.Option("--wildcards", help="Write s3:Get* where it stands for nothing but what is needed.")
    ] = False,
    extend: Annotated[
        str | None, typer.Option("--extend", metavar="BASE.json", help="Keep its statements and add what they lack.")
    ] = None,
    handler: Handler = None,
    account: Account = None,
    region: Region = None,
    partition: Partition = None,
    env: Env = None,
    platform: RunBy = None,
    function_name: FunctionName = None,
    template: Templates = None,
    function: Functions = None,
    parameter: Parameters = None,
    policy_templates: PolicyTemplates = False,
) -> Job:
    """Write the policy that the source needs, or a function of a template, to ROLE.json; - is standard output."""
    sources = _sources(role, source, more)
    options = _options(sources, handler, account, region, partition, env, platform, function_name)
    options = replace(options, conditions=conditions)
    target = Target(role, shape, check, strict, wildcards, extend, policy_templates)
    selection = _selection(options, template, function, parameter)
    if selection is None:
        return partial(generating.generate, options, target)
    from analyzer.cli import deploying

    return partial(deploying.generate, options, selection, target)


@app.command(cls=Command)
def check(
    role: RoleIfAny = None,
    source: SourceIfAny = None,
    more: More = None,
    output_format: FindingsOutput = None,
    managed: Managed = None,
    baseline: Baseline = None,
    write_baseline: WriteBaseline = None,
    conditions: AskForConditions = False,
    handler: Handler = None,
    account: Account = None,
    region: Region = None,
    partition: Partition = None,
    env: Env = None,
    platform: RunBy = None,
    function_name: FunctionName = None,
    template: Templates = None,
    function: Functions = None,
    parameter: Parameters = None,
) -> Job:
    """Compare the policy in ROLE.json, or the roles in a template, with what the code needs."""
    # Slow to import, and for no other command.
    from analyzer.cli.reporting import read_baseline_flags

    recorded = read_baseline_flags(baseline, write_baseline)
    sources = _sources(role, source, more)
    options = _options(sources, handler, account, region, partition, env, platform, function_name)
    options = replace(options, conditions=conditions)
    files = read_managed_policies(managed or ())
    selection = _selection(options, template, function, parameter)
    if selection is None:
        return partial(commands.check, options, read_role(role), files, recorded, findings_format(output_format))
    from analyzer.cli import deploying

    return partial(deploying.check, options, selection, role, files, recorded, findings_format(output_format))


@app.command(cls=Command)
def fix(
    template: Templates = None,
    function: Functions = None,
    parameter: Parameters = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; print the difference.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Remove grants even where calls could not be resolved.")
    ] = False,
    policy_templates: PolicyTemplates = False,
) -> Job:
    """Change the policies in a template so that they allow what the functions need, and nothing else."""
    # Slow to import, and for no other command.
    from analyzer.cli import fixing
    from analyzer.planned import How

    options = _options((), None, None, None, None, None, None, None)
    selection = read_selection(template or (), function or (), parameter or (), options.root)
    return partial(fixing.fix, options, selection, How(force, policy_templates), dry_run=dry_run)


@app.command(cls=Command)
def report(
    html: Annotated[
        str, typer.Option("--html", metavar="FILE", help="Where the page is written; - is standard output.")
    ],
    role: RoleIfAny = None,
    source: SourceIfAny = None,
    more: More = None,
    managed: Managed = None,
    conditions: AskForConditions = False,
    handler: Handler = None,
    account: Account = None,
    region: Region = None,
    partition: Partition = None,
    env: Env = None,
    platform: RunBy = None,
    function_name: FunctionName = None,
    template: Templates = None,
    function: Functions = None,
    parameter: Parameters = None,
) -> Job:
    """Write a page that shows what each function needs, what its role grants, and how these differ."""
    # Slow to import, and for no other command.
    from analyzer.cli import picturing

    if not html:
        raise UsageError("the path of the page is empty", "name a file, such as report.html")
    sources = _sources(role, source, more)
    options = _options(sources, handler, account, region, partition, env, platform, function_name)
    options = replace(options, conditions=conditions)
    files = read_managed_policies(managed or ())
    selection = _selection(options, template, function, parameter)
    if selection is None:
        return partial(picturing.report_source, options, read_role(role), files, html)
    return partial(picturing.report_templates, options, selection, role, files, html)


@app.command(cls=Command)
def lint(
    policies: Annotated[
        list[str], typer.Argument(metavar="POLICY...", help="Policy documents, or roles, as JSON or YAML.")
    ],
    output_format: FindingsOutput = None,
    select: Annotated[
        list[str] | None,
        typer.Option(
            "--select",
            metavar="CHECK",
            help="Run this check only; repeatable.",
            autocompletion=completing.checks,
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(
            "--ignore", metavar="CHECK", help="Leave this check out; repeatable.", autocompletion=completing.checks
        ),
    ] = None,
    partition: Annotated[
        str | None, typer.Option("--partition", metavar="NAME", help="The partition that all ARNs have to be in.")
    ] = None,
    managed: Managed = None,
) -> Job:
    """Say what is wrong with policies, whatever program they are for."""
    # Slow to import, and for no other command.
    from analyzer.cli.linting import lint_files

    return partial(
        lint_files,
        read_sources(policies),
        read_partition(partition),
        select or (),
        ignore or (),
        read_managed_policies(managed or ()),
        findings_format(output_format),
    )


@app.command(cls=Command)
def diff(
    old: Annotated[str, typer.Argument(metavar="OLD.json", help="The policy or role as it was.")],
    new: Annotated[str, typer.Argument(metavar="NEW.json", help="The policy or role as it is to be.")],
    output_format: OutputFormat = None,
    managed: Managed = None,
    fail_on: Annotated[
        FailOn | None, typer.Option("--fail-on", help="Exit 1 if access is added, removed, or any.")
    ] = None,
) -> Job:
    """Say what access NEW.json adds to OLD.json, and what it removes."""
    return partial(explaining.diff, old, new, read_managed_policies(managed or ()), fail_on, format_of(output_format))


@app.command(cls=Command)
def explain(
    source: Source,
    action: Annotated[
        str | None, typer.Argument(metavar="[ACTION]", help="An action, such as s3:GetObject or s3:*.")
    ] = None,
    more: More = None,
    denied: Annotated[
        str | None, typer.Option("--denied", metavar="MESSAGE", help="An access denied message of AWS to explain.")
    ] = None,
    role: Annotated[
        str | None, typer.Option("--role", metavar="ROLE.json", help="With --denied: the role or policy that applied.")
    ] = None,
    managed: Managed = None,
    output_format: OutputFormat = None,
    handler: Handler = None,
    account: Account = None,
    region: Region = None,
    partition: Partition = None,
    env: Env = None,
    platform: RunBy = None,
    function_name: FunctionName = None,
) -> Job:
    """Say which calls of the source need ACTION and by which rule, or why AWS denied a request."""
    sources = (*source, *(more or ()))
    if denied is not None and action is not None:
        # Typer takes one path for each --source, and the next one for the action.
        sources, action = (*source, action, *(more or ())), None
    options = _options(sources, handler, account, region, partition, env, platform, function_name)
    applied = None if role is None else (role, read_managed_policies(managed or ()))
    return partial(explaining.explain, options, action, denied, applied, format_of(output_format))


@app.command(cls=Command)
def scan(
    paths: Paths = None,
    output_format: OutputFormat = None,
    handler: Handler = None,
    unreachable: Annotated[
        bool, typer.Option("--unreachable", help="With --handler: also list the calls that it does not reach.")
    ] = False,
    account: Account = None,
    region: Region = None,
    partition: Partition = None,
    env: Env = None,
    template: Templates = None,
    function: Functions = None,
    parameter: Parameters = None,
) -> Job:
    """List the AWS API calls in the source or the code of a template, and what could not be resolved."""
    options = _options(tuple(paths or ()), handler, account, region, partition, env, Platform.NONE, None)
    options = replace(options, unreachable=read_unreachable(unreachable, handler))
    selection = _selection(options, template, function, parameter)
    if selection is None:
        return partial(commands.scan, options, format_of(output_format))
    from analyzer.cli import deploying

    return partial(deploying.scan, options, selection, format_of(output_format))


@app.command(cls=Command)
def completion(
    shell: Annotated[completing.Shell, typer.Argument(metavar="SHELL", help="bash, zsh or fish.")],
) -> Job:
    """Print the script that makes a shell complete command lines of lpa."""
    return partial(completing.print_script, shell)


def _selection(
    options: Options, template: list[str] | None, function: list[str] | None, parameter: list[str] | None
) -> Selection | None:
    """Return which functions of which templates to analyse, None if it is source that is to be analysed."""
    if options.sources:
        if template or function or parameter:
            raise UsageError("source and a template at once", "leave out the paths, or --template and what is about it")
        return None
    if options.handler is not None or options.function_name is not None:
        raise UsageError("--handler and --function-name are for source", "name it with --source, or use --function")
    return read_selection(template or (), function or (), parameter or (), options.root)


def _sources(role: str | None, source: list[str] | None, more: list[str] | None) -> tuple[str, ...]:
    # Typer takes one path for each --source and leaves the rest to the positional arguments. Where the role is named
    # last, the first of those paths would be taken for it, and overwritten.
    if more and role is not None and role != "-" and not role.endswith(".json"):
        raise UsageError(
            f"{role} is not a .json file", "name ROLE.json before --source, or repeat --source for each path"
        )
    return (*(source or ()), *(more or ()))


def _options(
    sources: tuple[str, ...],
    handler: str | None,
    account: str | None,
    region: str | None,
    partition: str | None,
    env: list[str] | None,
    platform: Platform | None,
    function_name: str | None,
) -> Options:
    platform = read_platform(platform, handler)
    return Options(
        sources=read_sources(sources),
        root=os.getcwd(),
        handler=handler,
        deployment=read_deployment(account, region, partition, env or ()),
        platform=platform,
        function_name=read_function_name(function_name, platform),
    )
