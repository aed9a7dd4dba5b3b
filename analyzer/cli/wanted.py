"""Which part of the configuration a command line asks for."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

from analyzer.changed import Changed
from analyzer.config.choosing import Chosen, Overrides, choose
from analyzer.config.options import read_selection
from analyzer.config.settings import Settings, TemplateSettings
from analyzer.errors import UsageError


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the configuration a command is about: the named functions, or all; only what rests on `changed` files.

    A `role` goes before the policy files of the named functions. Paths are relative to the working directory.
    """

    settings: Settings
    overrides: Overrides
    names: tuple[str, ...] = ()
    changed: tuple[str, ...] | None = None
    role: str | None = None

    def choose(self) -> Chosen:
        """Return the functions and templates. Raises what `config.choosing.choose` does."""
        chosen = choose(self.settings, self.overrides, self.names)
        if self.role is None or set(self.names) == set(functions_with(self.settings, self.role)):
            return chosen
        policy = self.role if self.role == "-" else from_folder(self.settings, self.role)
        return replace(chosen, functions=tuple(replace(one, policy=policy) for one in chosen.functions), others=())

    def affected(self, baseline: str | None = None) -> Changed | None:
        """Return the changed files, None if all counts: nothing is said, or what concerns all has changed."""
        if self.changed is None:
            return None
        changed = Changed(tuple(os.path.abspath(file) for file in self.changed), self.settings.folder)
        decisive = (self.settings.name, baseline or "")
        return None if changed.any_of(name for name in decisive if name) else changed


@dataclass(frozen=True, slots=True)
class Named:
    """What a command line names: a role, source, templates or a handler, as Typer takes them apart."""

    role: str | None
    source: Sequence[str] | None
    more: Sequence[str] | None
    template: Sequence[str] | None
    handler: str | None


def read_wanted(
    settings: Settings,
    overrides: Overrides,
    named: Named,
    functions: Sequence[str] | None,
    changed: Sequence[str] | None = None,
    *,
    every: bool,
) -> Wanted | None:
    """Return what of the configuration is wanted, None if source or a template is.

    That is so if --all or --changed says it, if a function or policy of the configuration is named, or nothing is.
    Raises UsageError if both is asked for.
    """
    role, more = named.role, named.more
    if changed is not None:
        # Typer takes one path for --changed, and leaves the rest to the positional arguments.
        changed, role, more = (*changed, *([role] if role else []), *(more or ())), None, None
    elsewhere = named.source or more or named.template or named.handler
    if every or changed is not None:
        if elsewhere or role is not None or functions:
            flag = "--all" if every else "--changed"
            raise UsageError(f"{flag} with a role, source, a template or a function", "leave one of them out")
    elif elsewhere or not settings.names_workloads:
        return None
    elif role is not None:
        functions = functions or functions_with(settings, role)
        if not functions:
            return None
    return Wanted(settings, overrides, tuple(functions or ()), None if changed is None else tuple(changed), role)


def functions_with(settings: Settings, role: str) -> tuple[str, ...]:
    """Return the names of the configured functions whose policy is the file `role`."""
    return tuple(
        one.name
        for one in settings.functions
        if one.policy is not None and os.path.realpath(settings.path(one.policy)) == os.path.realpath(role)
    )


def configured_source(settings: Settings) -> tuple[str, ...]:
    """Return the source that the configuration names, for where the command line names none."""
    return tuple(settings.path(path) for path in settings.source)


def with_templates(settings: Settings, templates: Sequence[str] | None, parameters: Sequence[str] | None) -> Settings:
    """Return the settings with the `templates` of the command line in place of what is configured, if there are any.

    Raises UsageError for `parameters` that are none.
    """
    if not templates:
        if parameters:
            raise UsageError("--parameter-overrides without --template", "write them into the configuration")
        return settings
    here = os.getcwd()
    selection = read_selection(templates, (), parameters or (), here)
    found = tuple(TemplateSettings(file, (), selection.parameters, (), 1) for file in selection.templates)
    return replace(settings, folder=here, functions=(), templates=found)


def from_folder(settings: Settings, path: str) -> str:
    """Return a path of the command line relative to the folder of the configuration."""
    return os.path.relpath(os.path.abspath(path), settings.folder).replace(os.sep, "/")
