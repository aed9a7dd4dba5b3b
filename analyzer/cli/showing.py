"""`lpa config`: what counts, and where it comes from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from analyzer.cli.output import print_text, tell
from analyzer.cli.reporting import DEFAULT_BASELINE
from analyzer.config.effective import Effective, effective
from analyzer.errors import EXIT_CLEAN
from analyzer.report import Format

if TYPE_CHECKING:
    from analyzer.config.effective import Flags
    from analyzer.config.settings import Settings

_VERSION = 1


def show(settings: Settings, flags: Flags, output_format: Format) -> int:
    """Print every value with where it comes from: a flag, a line of the configuration, or a default."""
    values = effective(settings, flags, DEFAULT_BASELINE)
    if output_format is Format.JSON:
        listed = [_json(one, settings) for one in values]
        print_text(json.dumps({"version": _VERSION, "file": settings.file, "values": listed}, indent=2) + "\n")
        return EXIT_CLEAN
    if settings.file is None:
        tell(["no configuration: neither lpa.toml nor [tool.lpa] in pyproject.toml"])
    left = [f"{one.key} = {_shown(one)}" for one in values]
    width = min(max(map(len, left)), 60)
    print_text("".join(f"{text:<{width}}  {_origin(one, settings)}\n" for text, one in zip(left, values, strict=True)))
    return EXIT_CLEAN


def _json(one: Effective, settings: Settings) -> dict[str, object]:
    file = settings.file if one.line else None
    return {"key": one.key, "value": one.value, "origin": _kind(one), "flag": one.flag, "file": file, "line": one.line}


def _kind(one: Effective) -> str:
    return "flag" if one.flag else "file" if one.line else "default"


def _origin(one: Effective, settings: Settings) -> str:
    return one.flag or (f"{settings.file}:{one.line}" if one.line else "default")


def _shown(one: Effective) -> str:
    return "(not said)" if one.value is None else json.dumps(one.value, ensure_ascii=False)
