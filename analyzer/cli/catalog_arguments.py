"""The arguments and flags of `lpa catalog`. What they lead to is imported when it is run."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Annotated

import typer

from analyzer.report import Format

Job = Callable[[], int]

app = typer.Typer(rich_markup_mode=None, help="What is known of actions and operations, and where that comes from.")


class ExportFormat(StrEnum):
    """How the whole mapping is printed."""

    JSON = "json"


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="s3:GetObject, s3.GetObject or s3.get_object.")],
    output_format: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TEXT,
) -> Job:
    """Print what is known of an IAM action, an operation or a boto3 method, and from where."""
    from analyzer.cli import catalog

    return partial(catalog.show, name, output_format)


@app.command()
def export(
    _format: Annotated[ExportFormat, typer.Option("--format", help="How to print.")] = ExportFormat.JSON,
) -> Job:
    """Print what every operation of every service needs."""
    from analyzer.cli import catalog

    return catalog.export


@app.command()
def status() -> Job:
    """Print which data is in use."""
    from analyzer.cli import catalog

    return catalog.status
