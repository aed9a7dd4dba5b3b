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

from analyzer.cache import use
from analyzer.cli import catalog_arguments, commands, completing, explaining, generating
from analyzer.cli.argument_types import (
    Account,
    All,
    AskForConditions,
    Baseline,
    ChangedFiles,
    ChangeOutput,
    Conditions,
    ConfigFile,
    Env,
    FindingsOutput,
    FromSeverity,
    FunctionName,
    Functions,
    Handler,
    Ignore,
    Managed,
    More,
    OutputFormat,
    Parameters,
    Partition,
    Paths,
    PolicyTemplates,
    Region,
    RoleIfAny,
    RoleToWrite,
    RunBy,
    Select,
    Source,
    SourceIfAny,
    Strict,
    Templates,
    WriteBaseline,
)
from analyzer.cli.explaining import FailOn
from analyzer.cli.generating import Shape, Target
from analyzer.cli.help import Command, Group
from analyzer.cli.talk import change_format, findings_format, format_of, talk
from analyzer.cli.wanted import Named, configured_source, read_wanted, with_templates
from analyzer.config import (
    Options,
    Platform,
    Selection,
    read_managed_policies,
    read_partition,
    read_role,
    read_selection,
    read_sources,
    read_unreachable,
)
from analyzer.config.choosing import Overrides, gate_of, options_of
from analyzer.config.reading import find_settings
from analyzer.errors import UsageError

Job = Callable[[], int]

app = typer.Typer(cls=Group, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
app.add_typer(catalog_arguments.app, name="catalog")


def parse(arguments: list[str]) -> Job | int:
    """Return what `arguments` ask for, or the exit code if that is done already (--help, --version).

    Raises TyperException and UsageError for arguments that do not fit.
    """
    talk.be_as_usual()
    use.wanted = True
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
    role: RoleToWrite = None,
    source: SourceIfAny = None,
    more: More = None,
    every: All = False,
    changed: ChangedFiles = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; print the difference, exit 1 if any.")] = False,
    shape: Annotated[
        Shape,
        typer.Option(
            "--as",
            "--format",
            help="An inline policy, managed policies, the role with the policy inside, or parts of the template.",
        ),
    ] = Shape.POLICY,
    strict: Strict = None,
    conditions: Conditions = None,
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
    config: ConfigFile = None,
) -> Job:
    """Write the policy that the source needs, or a function of a template, to ROLE.json; - is standard output.

    With --all or --function, write the policy files of the configured functions.
    """
    settings = find_settings(config)
    overrides = Overrides(account, region, partition, tuple(env or ()), platform, conditions)
    target = Target(
        role or "",
        shape,
        check,
        bool(settings.strict if strict is None else strict),
        wildcards,
        extend,
        policy_templates,
    )
    named = Named(role, source, more, template, handler)
    wanted = read_wanted(settings, overrides, named, function, changed, every=every)
    if wanted is not None:
        from analyzer.cli import configured

        return partial(configured.generate, wanted, target)
    if role is None:
        raise UsageError("no ROLE.json to write", "name it, or --all for the configured functions")
    sources = _sources(role, source, more) or (() if template else configured_source(settings))
    options = options_of(settings, overrides, sources, handler, function_name)
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
    every: All = False,
    changed: ChangedFiles = None,
    output_format: FindingsOutput = None,
    severity: FromSeverity = None,
    strict: Strict = None,
    select: Select = None,
    ignore: Ignore = None,
    managed: Managed = None,
    baseline: Baseline = None,
    write_baseline: WriteBaseline = None,
    conditions: AskForConditions = None,
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
    config: ConfigFile = None,
) -> Job:
    """Compare policies with what the code needs: ROLE.json, the roles in a template, or all that is configured."""
    # Slow to import, and for no other command.
    from analyzer.cli.reporting import checks_of, read_baseline_flags

    settings = find_settings(config)
    overrides = Overrides(account, region, partition, tuple(env or ()), platform, conditions)
    gate = gate_of(settings, severity, strict, checks_of(select), checks_of(ignore))
    chosen_format = findings_format(output_format)
    files = read_managed_policies(managed or ())
    named = Named(role, source, more, template, handler)
    wanted = read_wanted(settings, overrides, named, function, changed, every=every)
    if wanted is not None:
        from analyzer.cli import configured

        recorded = configured.baseline_of(settings, baseline, write_baseline)
        return partial(configured.check, wanted, files, recorded, gate, chosen_format)
    recorded = read_baseline_flags(baseline, write_baseline, settings.baseline and settings.path(settings.baseline))
    sources = _sources(role, source, more) or (() if template or role is None else configured_source(settings))
    options = options_of(settings, overrides, sources, handler, function_name)
    files = {arn: settings.path(file) for arn, file in settings.managed} | files
    selection = _selection(options, template, function, parameter)
    if selection is None:
        return partial(commands.check, options, read_role(role), files, recorded, gate, chosen_format)
    from analyzer.cli import deploying

    return partial(deploying.check, options, selection, role, files, recorded, gate, chosen_format)


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
    config: ConfigFile = None,
) -> Job:
    """Change the policies in a template so that they allow what the functions need, and nothing else."""
    # Slow to import, and for no other command.
    from analyzer.cli import fixing
    from analyzer.planned import How

    settings, how = find_settings(config), How(force, policy_templates)
    if settings.templates and not template and not parameter:
        return partial(fixing.fix_configured, settings, function or (), how, dry_run=dry_run)
    options = options_of(settings, Overrides(), (), None)
    selection = read_selection(template or (), function or (), parameter or (), options.root)
    return partial(fixing.fix, options, selection, how, dry_run=dry_run)


@app.command(cls=Command)
def report(
    html: Annotated[
        str, typer.Option("--html", metavar="FILE", help="Where the page is written; - is standard output.")
    ],
    role: RoleIfAny = None,
    source: SourceIfAny = None,
    more: More = None,
    every: All = False,
    managed: Managed = None,
    conditions: AskForConditions = None,
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
    config: ConfigFile = None,
) -> Job:
    """Write a page that shows what each function needs, what its role grants, and how these differ."""
    # Slow to import, and for no other command.
    from analyzer.cli import picturing

    if not html:
        raise UsageError("the path of the page is empty", "name a file, such as report.html")
    settings = find_settings(config)
    overrides = Overrides(account, region, partition, tuple(env or ()), platform, conditions)
    files = read_managed_policies(managed or ())
    named = Named(role, source, more, template, handler)
    wanted = read_wanted(settings, overrides, named, function, every=every)
    if wanted is not None:
        return partial(picturing.report_configured, wanted, files, html)
    sources = _sources(role, source, more) or (() if template or role is None else configured_source(settings))
    options = options_of(settings, overrides, sources, handler, function_name)
    files = {arn: settings.path(file) for arn, file in settings.managed} | files
    selection = _selection(options, template, function, parameter)
    if selection is None:
        return partial(picturing.report_source, options, read_role(role), files, html)
    return partial(picturing.report_templates, options, selection, role, files, html)


@app.command(cls=Command)
def lint(
    policies: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[POLICY]...",
            help="Policy documents, or roles, as JSON or YAML; without any, those of the configured functions.",
        ),
    ] = None,
    output_format: FindingsOutput = None,
    severity: FromSeverity = None,
    select: Select = None,
    ignore: Ignore = None,
    partition: Annotated[
        str | None, typer.Option("--partition", metavar="NAME", help="The partition that all ARNs have to be in.")
    ] = None,
    managed: Managed = None,
    only_policies: Annotated[
        bool, typer.Option("--only-policies", help="Pass over files that hold no policy.")
    ] = False,
    config: ConfigFile = None,
) -> Job:
    """Say what is wrong with policies, whatever program they are for."""
    # Slow to import, and for no other command.
    from analyzer.cli.configured import policies as configured_policies
    from analyzer.cli.linting import Lint, lint_files

    settings = find_settings(config)
    paths = read_sources(policies or ()) or configured_policies(settings)
    if not paths:
        raise UsageError("no POLICY... to look at", "name files, or functions with a policy in the configuration")
    how = Lint(
        gate_of(settings, severity, None, select, ignore),
        tuple(select or ()),
        tuple(ignore or ()),
        read_partition(partition or settings.partition),
        {arn: settings.path(file) for arn, file in settings.managed} | read_managed_policies(managed or ()),
        only_policies,
    )
    return partial(lint_files, paths, how, findings_format(output_format))


@app.command(cls=Command)
def diff(
    old: Annotated[str | None, typer.Argument(metavar="[OLD.json]", help="The policy or role as it was.")] = None,
    new: Annotated[str | None, typer.Argument(metavar="[NEW.json]", help="The policy or role as it is to be.")] = None,
    base: Annotated[
        str | None,
        typer.Option("--base", metavar="REV", help="Compare the functions in the working tree with this git revision."),
    ] = None,
    every: All = False,
    output_format: ChangeOutput = None,
    managed: Managed = None,
    fail_on: Annotated[
        FailOn | None, typer.Option("--fail-on", help="Exit 1 if access is added, removed, or any.")
    ] = None,
    account: Account = None,
    region: Region = None,
    partition: Partition = None,
    env: Env = None,
    template: Templates = None,
    function: Functions = None,
    parameter: Parameters = None,
    config: ConfigFile = None,
) -> Job:
    """Say what access NEW.json adds to OLD.json and removes, or the working tree to a git revision."""
    if base is None:
        if old is None or new is None or every or function or template:
            raise UsageError("two policies or --base REV is wanted", "name OLD.json and NEW.json, or a git revision")
        asked = change_format(output_format)
        return partial(explaining.diff, old, new, read_managed_policies(managed or ()), fail_on, asked)
    if old is not None or (every and function):
        raise UsageError("--base with files, or --all with --function", "leave one of them out")
    from analyzer.cli.revising import Since, diff_base

    settings = with_templates(find_settings(config), template, parameter)
    given = {arn: os.path.abspath(file) for arn, file in read_managed_policies(managed or ()).items()}
    settings = replace(settings, managed=tuple(sorted((dict(settings.managed) | given).items())))
    overrides = Overrides(account, region, partition, tuple(env or ()))
    gate = gate_of(settings, None, None, None, None)
    since = Since(base, settings, overrides, tuple(function or ()), gate, template is None and config is None)
    return partial(diff_base, since, fail_on, change_format(output_format))


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
    config: ConfigFile = None,
) -> Job:
    """Say which calls of the source need ACTION and by which rule, or why AWS denied a request."""
    sources = (*source, *(more or ()))
    if denied is not None and action is not None:
        # Typer takes one path for each --source, and the next one for the action.
        sources, action = (*source, action, *(more or ())), None
    overrides = Overrides(account, region, partition, tuple(env or ()), platform)
    options = options_of(find_settings(config), overrides, sources, handler, function_name)
    applied = None if role is None else (role, read_managed_policies(managed or ()))
    return partial(explaining.explain, options, action, denied, applied, format_of(output_format))


@app.command(cls=Command)
def init(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; print the configuration.")] = False,
) -> Job:
    """Look at the repository and write a configuration, and the pre-commit hook; what is configured stays as it is."""
    # Slow to import, and for no other command.
    from analyzer.cli.starting import start

    return partial(start, dry_run=dry_run)


@app.command("config", cls=Command)
def show_config(
    output_format: OutputFormat = None,
    account: Account = None,
    region: Region = None,
    partition: Partition = None,
    env: Env = None,
    platform: RunBy = None,
    conditions: Conditions = None,
    severity: FromSeverity = None,
    strict: Strict = None,
    select: Select = None,
    ignore: Ignore = None,
    baseline: Baseline = None,
    config: ConfigFile = None,
) -> Job:
    """Print what counts for lpa check, and where each value comes from."""
    # Slow to import, and for no other command.
    from analyzer.cli.reporting import checks_of
    from analyzer.cli.showing import show
    from analyzer.config.effective import Flags

    settings = find_settings(config)
    overrides = Overrides(account, region, partition, tuple(env or ()), platform, conditions)
    gate = gate_of(settings, severity, strict, checks_of(select), checks_of(ignore))
    given = {
        "account": account, "region": region, "partition": partition, "platform": platform, "conditions": conditions,
        "severity": severity, "strict": strict, "select": select, "ignore": ignore, "baseline": baseline,
    }  # fmt: skip
    return partial(show, settings, Flags(overrides, gate, given), format_of(output_format))


@app.command(cls=Command)
def scan(
    paths: Paths = None,
    output_format: OutputFormat = None,
    handler: Handler = None,
    unreachable: Annotated[
        bool, typer.Option("--unreachable", help="With --handler: also list the calls that it does not reach.")
    ] = False,
    every: All = False,
    account: Account = None,
    region: Region = None,
    partition: Partition = None,
    env: Env = None,
    template: Templates = None,
    function: Functions = None,
    parameter: Parameters = None,
    config: ConfigFile = None,
) -> Job:
    """List the AWS API calls in source, in the code of a template or in all that is configured, and what is open."""
    settings = find_settings(config)
    overrides = Overrides(account, region, partition, tuple(env or ()), Platform.NONE)
    named = Named(None, paths, None, template, handler)
    wanted = read_wanted(settings, overrides, named, function, every=every)
    if wanted is not None:
        from analyzer.cli import configured

        return partial(configured.scan, wanted, format_of(output_format))
    options = options_of(settings, overrides, paths or (() if template else configured_source(settings)), handler)
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
