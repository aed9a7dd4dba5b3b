"""What a repository says of itself in `pyproject.toml` or `lpa.toml`, as frozen records."""

from __future__ import annotations

import os
from dataclasses import dataclass

from analyzer.config.options import Excluded, Platform
from analyzer.config.tables import Pairs
from analyzer.model.findings import Severity


@dataclass(frozen=True, slots=True)
class FunctionSettings:
    """A function and the policy file of its role; paths are relative to the folder of the configuration.

    `line` is where the configuration names it. `function_name` is the deployed function's name, if it is known.
    """

    name: str
    handler: str | None
    source: tuple[str, ...]
    policy: str | None
    env: Pairs
    managed: Pairs
    platform: Platform | None
    function_name: str | None
    line: int


@dataclass(frozen=True, slots=True)
class TemplateSettings:
    """A template; only the named `functions` of it count, all if none is named.

    `env` goes before what the template itself says of the functions' environment.
    """

    file: str
    functions: tuple[str, ...]
    parameters: Pairs
    env: Pairs
    line: int


@dataclass(frozen=True, slots=True)
class Gate:
    """Which findings count: those of the checks in `select` (all if there are none) and not in `ignore`.

    From `severity` on a finding makes the exit code 1. What could not be resolved is an error if `strict` is True, a
    note if it is False, and what its check says if that is left open.
    """

    severity: Severity = Severity.WARNING
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    strict: bool | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """All that a configuration says; None and () stand for what it does not say.

    `file` is its name as shown, None if there is none, and `folder` the absolute folder that its paths are relative to.
    `text` is its content, and `top` where in it the settings are: `("tool", "lpa")` in `pyproject.toml`.
    """

    file: str | None
    folder: str
    text: str = ""
    top: tuple[str, ...] = ()
    account: str | None = None
    region: str | None = None
    partition: str | None = None
    platform: Platform | None = None
    source: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    env: Pairs = ()
    managed: Pairs = ()
    conditions: bool | None = None
    severity: Severity | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    strict: bool | None = None
    baseline: str | None = None
    functions: tuple[FunctionSettings, ...] = ()
    templates: tuple[TemplateSettings, ...] = ()

    @property
    def name(self) -> str:
        """Return the name of the file, as it is called in its own folder."""
        return os.path.basename(self.file or "")

    @property
    def excluded(self) -> Excluded:
        """Return which files are left out of what is looked at."""
        return Excluded(self.folder, self.exclude)

    @property
    def names_workloads(self) -> bool:
        """Say whether there is something to check without anything being named on the command line."""
        return bool(self.functions or self.templates)

    def path(self, written: str) -> str:
        """Return a path of the configuration relative to the working directory."""
        if os.path.isabs(written):
            return written
        return os.path.relpath(os.path.join(self.folder, written)).replace(os.sep, "/")
