"""What `--help` looks like: commands and options in the order of use, and examples; and the options of every command.

Plain text of at most 80 columns, the same on a terminal and in a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from typer.core import TyperCommand, TyperGroup, TyperOption

from analyzer.cache import use
from analyzer.cli.talk import Color, talk
from analyzer.errors import UsageError

if TYPE_CHECKING:
    # What a context and a formatter are called inside of Typer is its own affair.
    Context = Any
    Formatter = Any
    Parameter = Any

_COMMANDS: Final = {
    "From source to policy": ("scan", "generate", "check", "fix", "report"),
    "Policies by themselves": ("lint", "diff"),
    "Reasons": ("explain", "catalog"),
    "Setting up": ("init", "config", "completion"),
}
_OPTIONS: Final = {
    "Source": ("--source", "--handler", "--unreachable", "--platform", "--function-name"),
    "Templates": ("--template", "--function", "--parameter-overrides", "--prefer-policy-templates"),
    "Configuration": ("--all", "--changed", "--config"),
    "Findings": ("--severity", "--strict", "--select", "--ignore", "--baseline", "--write-baseline", "--fail-on"),
    "Deployment": ("--account", "--region", "--partition", "--env"),
    "Output": ("--format", "--color", "--quiet", "--verbose", "--no-cache", "--help", "--version"),
}
# No description is cut short.
_WHOLE: Final = 1000
_OTHER: Final = "Other"
_PLAIN: Final = "Options"


class Command(TyperCommand):
    """A command with the options that all have, its options grouped, and its examples."""

    def __init__(self, name: str | None, *, params: Sequence[Parameter] | None = None, **settings: Any) -> None:
        """Take what Typer knows of the command."""
        super().__init__(name, params=[*(params or ()), *_talk_options()], **settings)

    def format_options(self, ctx: Context, formatter: Formatter) -> None:
        """Write the arguments and options."""
        _write_options(self.get_params(ctx), ctx, formatter)

    def format_epilog(self, ctx: Context, formatter: Formatter) -> None:
        """Write the examples."""
        from analyzer.cli.examples import EXAMPLES

        examples = EXAMPLES.get(ctx.command_path.removeprefix("lpa "), ())
        if examples:
            with formatter.section("Examples"):
                for number, example in enumerate(examples):
                    formatter.write("\n" if number else "")
                    formatter.write(f"{'':{formatter.current_indent}}# {example.says}\n")
                    formatter.write(f"{'':{formatter.current_indent}}{example.command}\n")


class Group(TyperGroup):
    """A group of commands in the order of use."""

    def __init__(self, *, params: Sequence[Parameter] | None = None, **settings: Any) -> None:
        """Take what Typer knows of the group."""
        super().__init__(params=[*(params or ()), *_talk_options()], **settings)

    def format_options(self, ctx: Context, formatter: Formatter) -> None:
        """Write the commands, then the options."""
        self.format_commands(ctx, formatter)
        _write_options(self.get_params(ctx), ctx, formatter)

    def format_commands(self, ctx: Context, formatter: Formatter) -> None:
        """Write the commands under headings."""
        names = self.list_commands(ctx)
        width = max(map(len, names), default=0)
        for title, listed in _sections(names, _COMMANDS, _OTHER if ctx.parent is None else "Commands"):
            with formatter.section(title):
                formatter.write_dl(
                    [(f"{name:<{width}}", self.commands[name].get_short_help_str(_WHOLE)) for name in listed]
                )


def _write_options(parameters: Iterable[Parameter], ctx: Context, formatter: Formatter) -> None:
    records: dict[str, tuple[str, str]] = {}
    arguments = []
    for parameter in parameters:
        record = parameter.get_help_record(ctx)
        if record is None:
            continue
        if parameter.param_type_name == "argument":
            arguments.append(record)
        else:
            records[next(name for name in parameter.opts if name.startswith("--"))] = record
    if arguments:
        with formatter.section("Arguments"):
            formatter.write_dl(arguments)
    for title, names in _sections(records, _OPTIONS, _PLAIN):
        with formatter.section(title):
            formatter.write_dl([records[name] for name in names])


def _sections(
    names: Iterable[str], known: dict[str, tuple[str, ...]], other: str
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the headings of `known` that have some of `names`, each with those; first the ones that have none."""
    there = tuple(names)
    placed = {name for listed in known.values() for name in listed}
    for title, listed in {other: tuple(name for name in there if name not in placed), **known}.items():
        found = tuple(name for name in listed if name in there)
        if found:
            yield title, found


# The options of every command


@cache
def _talk_options() -> tuple[TyperOption, ...]:
    """Return them, the same for all commands: to make them for each takes a millisecond of every start."""
    return (
        TyperOption(
            param_decls=["--color"],
            type=str,
            metavar="WHEN",
            help="auto (where a terminal shows them), always or never; for what is shown in full.",
            callback=_take_color,
            expose_value=False,
            autocompletion=_colors,
        ),
        TyperOption(
            param_decls=["--quiet", "-q"],
            is_flag=True,
            default=False,
            help="Print results and errors only.",
            callback=_take_quiet,
            expose_value=False,
        ),
        TyperOption(
            param_decls=["--verbose", "-v"],
            is_flag=True,
            default=False,
            help="Say on standard error what is read, and when.",
            callback=_take_verbose,
            expose_value=False,
        ),
        TyperOption(
            param_decls=["--no-cache"],
            is_flag=True,
            default=False,
            help="Work everything out anew, and keep nothing.",
            callback=_take_no_cache,
            expose_value=False,
        ),
    )


def _colors(ctx: Context, before: list[str], incomplete: str) -> list[str]:
    return [color for color in Color if color.startswith(incomplete)]


def _take_color(ctx: Context, parameter: Parameter, value: str | None) -> None:
    if value is not None:
        if value not in list(Color):
            raise UsageError(f"--color {value} is not known", f"one of {', '.join(Color)}")
        talk.color = Color(value)


def _take_quiet(ctx: Context, parameter: Parameter, value: bool) -> None:
    talk.quiet = talk.quiet or value
    _not_both()


def _take_verbose(ctx: Context, parameter: Parameter, value: bool) -> None:
    talk.verbose = talk.verbose or value
    _not_both()


def _take_no_cache(ctx: Context, parameter: Parameter, value: bool) -> None:
    use.wanted = use.wanted and not value


def _not_both() -> None:
    if talk.quiet and talk.verbose:
        raise UsageError("--quiet and --verbose at once", "leave one of them out")
