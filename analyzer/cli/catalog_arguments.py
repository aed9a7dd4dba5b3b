"""The arguments and flags of `lpa catalog`. What they lead to is imported when it is run."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Annotated

import typer

from analyzer.cli.help import Command, Group
from analyzer.errors import UsageError

Job = Callable[[], int]

app = typer.Typer(
    cls=Group, rich_markup_mode=None, help="What is known of actions and operations, and where that comes from."
)


class ShowFormat(StrEnum):
    """How what is known of one name is printed."""

    TEXT = "text"
    JSON = "json"


class ExportFormat(StrEnum):
    """How the whole mapping is printed."""

    JSON = "json"


@app.command(cls=Command)
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="s3:GetObject, s3.GetObject or s3.get_object.")],
    output_format: Annotated[ShowFormat, typer.Option("--format", help="How to print.")] = ShowFormat.TEXT,
) -> Job:
    """Print what is known of an IAM action, an operation or a boto3 method, and from where."""
    from analyzer.cli import catalog

    return partial(catalog.show, name, as_json=output_format is ShowFormat.JSON)


@app.command(cls=Command)
def export(
    _format: Annotated[ExportFormat, typer.Option("--format", help="How to print.")] = ExportFormat.JSON,
) -> Job:
    """Print what every operation of every service needs."""
    from analyzer.cli import catalog

    return catalog.export


@app.command(cls=Command)
def status() -> Job:
    """Print which data is in use."""
    from analyzer.cli import catalog

    return catalog.status


@app.command(cls=Command)
def update(
    url: Annotated[
        str | None, typer.Option("--url", metavar="URL", help="The list of services, if it is not AWS's own.")
    ] = None,
    timeout: Annotated[
        float, typer.Option("--timeout", metavar="SECONDS", min=0.1, max=3600, help="How long a document may take.")
    ] = 60,
    remove: Annotated[bool, typer.Option("--remove", help="Take what was fetched away instead.")] = False,
) -> Job:
    """Fetch AWS's service reference and use it beside what is installed."""
    from analyzer.cli import catalog

    if remove and url is not None:
        raise UsageError("--remove fetches nothing", "leave --url out")
    return catalog.remove if remove else partial(catalog.update, url, timeout)
