"""Flags over settings: for which programs, and how each of them is analysed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

from analyzer.config.options import (
    Options,
    Platform,
    Selection,
    read_deployment,
    read_function_name,
    read_platform,
    read_sources,
    templates_in,
)
from analyzer.config.settings import FunctionSettings, Gate, Settings, TemplateSettings
from analyzer.config.tables import Pairs
from analyzer.errors import UsageError
from analyzer.model.deployment import Deployment
from analyzer.model.findings import Severity
from analyzer.model.location import Location


@dataclass(frozen=True, slots=True)
class Overrides:
    """What flags say of the deployment, over what the configuration says; None and () where they say nothing."""

    account: str | None = None
    region: str | None = None
    partition: str | None = None
    env: tuple[str, ...] = ()
    platform: Platform | None = None
    conditions: bool | None = None


@dataclass(frozen=True, slots=True)
class ConfiguredFunction:
    """A function of the configuration with all that is needed to analyse it; `location` is where it is configured.

    `managed` are the files of managed policies by ARN, and `policy` the file of its policy, if it has one.
    """

    name: str
    options: Options
    policy: str | None
    managed: Pairs
    location: Location


@dataclass(frozen=True, slots=True)
class ConfiguredTemplate:
    """A template of the configuration with all that is needed to analyse it."""

    options: Options
    selection: Selection


@dataclass(frozen=True, slots=True)
class Chosen:
    """The configured functions and templates that a command is about; `whole` if these are all of them.

    `others` are the configured functions that were not chosen, some of which may have the policy of one that was.
    """

    functions: tuple[ConfiguredFunction, ...]
    templates: tuple[ConfiguredTemplate, ...]
    others: tuple[ConfiguredFunction, ...]
    whole: bool

    def sharing(self) -> tuple[tuple[str, tuple[ConfiguredFunction, ...]], ...]:
        """Return the policy file of each chosen function once, with all functions that have it, sorted.

        Raises UsageError for a function without one.
        """
        by_policy: dict[str, list[ConfiguredFunction]] = {}
        for function in self.functions:
            if function.policy is None:
                place = f"{function.location.path}:{function.location.start_line}"
                raise UsageError(f"{place}: the function {function.name} has no policy", 'add policy = "file.json"')
            by_policy.setdefault(os.path.normpath(function.policy).replace(os.sep, "/"), []).append(function)
        for function in self.others:
            if function.policy is not None and os.path.normpath(function.policy) in by_policy:
                by_policy[os.path.normpath(function.policy)].append(function)
        return tuple((policy, tuple(functions)) for policy, functions in sorted(by_policy.items()))


def gate_of(
    settings: Settings,
    severity: Severity | None,
    strict: bool | None,
    select: Sequence[str] | None,
    ignore: Sequence[str] | None,
) -> Gate:
    """Return which findings count: what a flag says goes before all that the configuration says of the same."""
    return Gate(
        severity or settings.severity or Severity.WARNING,
        tuple(select or settings.select),
        tuple(ignore or settings.ignore),
        settings.strict if strict is None else strict,
    )


def options_of(
    settings: Settings,
    overrides: Overrides,
    sources: Sequence[str],
    handler: str | None,
    function_name: str | None = None,
) -> Options:
    """Return how the named `sources` are analysed. Raises UsageError for flags that do not fit."""
    platform = read_platform(overrides.platform or settings.platform, handler)
    return Options(
        sources=read_sources(sources),
        root=os.getcwd(),
        handler=handler,
        # A template says itself what its functions' environment is.
        deployment=deployment_of(settings, overrides, settings.env if sources else ()),
        platform=platform,
        function_name=read_function_name(function_name, platform),
        conditions=_conditions(settings, overrides),
        excluded=settings.excluded if settings.exclude else None,
    )


def deployment_of(settings: Settings, overrides: Overrides, env: Pairs) -> Deployment:
    """Return the deployment: in the environment `env`, of which later values go before earlier ones, below the flags.

    Raises UsageError for flags that do not fit.
    """
    values = {name: f"{name}={value}" for name, value in env}
    for pair in overrides.env:
        values.pop(pair.partition("=")[0], None)
    return read_deployment(
        overrides.account or settings.account,
        overrides.region or (settings.region if overrides.partition is None else None),
        overrides.partition or (settings.partition if overrides.region is None else None),
        (*values.values(), *overrides.env),
    )


def choose(settings: Settings, overrides: Overrides, names: Sequence[str]) -> Chosen:
    """Return the configured functions and templates, only the functions in `names` if there are any.

    Where nothing is configured, the templates in the folder count, as they do for every command. What is no configured
    function is one of the templates. Paths are relative to the folder of the configuration. Raises UsageError for a
    name that nothing can have, and if there is nothing.
    """
    if not settings.names_workloads:
        found = tuple(TemplateSettings(file, (), (), (), 1) for file in templates_in(settings.folder))
        settings = replace(settings, templates=found)
    if not settings.names_workloads:
        where = f"{settings.file} names" if settings.file else "there is no configuration, so that there is"
        raise UsageError(f"{where} no function and no template", "lpa init writes a configuration")
    functions = tuple(_function(settings, overrides, one) for one in settings.functions)
    templates = tuple(_template(settings, overrides, one) for one in settings.templates)
    if not names:
        return Chosen(functions, templates, (), whole=True)
    known = {one.name for one in functions}
    elsewhere = tuple(name for name in names if name not in known)
    if elsewhere and not templates:
        listed = ", ".join(sorted(known))
        raise UsageError(f"--function {elsewhere[0]}: no such function in {settings.file}", f"there are {listed}")
    return Chosen(
        tuple(one for one in functions if one.name in names),
        tuple(replace(one, selection=replace(one.selection, functions=elsewhere)) for one in templates if elsewhere),
        tuple(one for one in functions if one.name not in names),
        whole=False,
    )


def _template(settings: Settings, overrides: Overrides, template: TemplateSettings) -> ConfiguredTemplate:
    options = Options(
        sources=(),
        root=settings.folder,
        handler=None,
        deployment=deployment_of(settings, overrides, template.env),
        platform=overrides.platform or settings.platform,
        function_name=None,
        conditions=_conditions(settings, overrides),
        excluded=settings.excluded if settings.exclude else None,
    )
    return ConfiguredTemplate(options, Selection((template.file,), template.functions, template.parameters))


def _function(settings: Settings, overrides: Overrides, function: FunctionSettings) -> ConfiguredFunction:
    platform = read_platform(overrides.platform or function.platform or settings.platform, function.handler)
    options = Options(
        sources=function.source,
        root=settings.folder,
        handler=function.handler,
        deployment=deployment_of(settings, overrides, (*settings.env, *function.env)),
        platform=platform,
        function_name=function.function_name if platform is Platform.LAMBDA else None,
        conditions=_conditions(settings, overrides),
        excluded=settings.excluded if settings.exclude else None,
    )
    managed = tuple(sorted({**dict(settings.managed), **dict(function.managed)}.items()))
    location = Location(settings.name, function.line, 1, function.line, 1)
    return ConfiguredFunction(function.name, options, function.policy, managed, location)


def _conditions(settings: Settings, overrides: Overrides) -> bool:
    return bool(settings.conditions if overrides.conditions is None else overrides.conditions)
