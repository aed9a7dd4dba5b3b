"""The configuration of a repository: where it is, and what it says, every key and value of it checked."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Any, Final

from analyzer.config.options import Platform, read_deployment, read_function_name, read_managed_policies
from analyzer.config.settings import FunctionSettings, Settings, TemplateSettings
from analyzer.config.tables import Pairs, Table, TomlFile, nearest
from analyzer.errors import InputError, UsageError
from analyzer.model.findings import Severity
from analyzer.reading import LARGEST_CONFIGURATION, read_bytes

PROJECT_FILE: Final = "pyproject.toml"
OWN_FILE: Final = "lpa.toml"
"""The files that a configuration may be in: the table `[tool.lpa]` of the first, or the whole of the second."""

# `tomllib` takes minutes for a key of 100,000 parts.
_MOST_DOTS: Final = 1_000
_QUOTED: Final = re.compile(r"\"[^\"]*\"|'[^']*'")

PROJECT_TABLE: Final = ("tool", "lpa")

TOP_KEYS: Final = (
    "account", "region", "partition", "platform", "source", "exclude", "env", "managed-policies", "conditions",
    "severity", "select", "ignore", "strict", "baseline", "functions", "templates",
)  # fmt: skip
_FUNCTION_KEYS: Final = (
    "name", "handler", "source", "policy", "env", "managed-policies", "platform", "function-name",
)  # fmt: skip
_TEMPLATE_KEYS: Final = ("file", "functions", "parameters", "env")


def find_settings(named: str | None) -> Settings:
    """Return what the configuration `named` says, or the one that is found, or nothing if there is none.

    It is looked for in the working directory and the folders above it, up to the root of the repository; outside of one
    in the working directory alone. Raises InputError for a file that cannot be read, UsageError for one that says what
    cannot be right, and where a folder has two.
    """
    here = os.getcwd()
    if named is not None:
        settings = _read(named, named, required=True)
        if settings is None:
            raise UsageError(f"{named} has no [tool.lpa]", "add the table, or name another file")
        return settings
    for folder in _folders(here):
        found = settings_in(folder, "" if folder == here else os.path.relpath(folder, here))
        if found is not None:
            return found
    return Settings(None, here)


def settings_in(folder: str, shown: str = "") -> Settings | None:
    """Return what the configuration in `folder`, shown as `shown`, says; None if there is none.

    Raises what `find_settings` does.
    """
    names = (OWN_FILE, PROJECT_FILE)
    found = [one for name in names if (one := _read(os.path.join(folder, name), os.path.join(shown, name))) is not None]
    if len(found) > 1:
        what = f"{found[0].file} and [tool.lpa] in {found[1].file}: two configurations"
        raise UsageError(what, "keep one of them")
    return found[0] if found else None


def _folders(here: str) -> list[str]:
    """Return `here` and the folders above it up to the root of the repository, only `here` outside of one."""
    folders, folder = [], here
    while True:
        folders.append(folder)
        if os.path.exists(os.path.join(folder, ".git")):
            return folders
        above = os.path.dirname(folder)
        if above == folder:
            return [here]
        folder = above


def _read(place: str, path: str, *, required: bool = False) -> Settings | None:
    """Return what the file at `place`, shown as `path`, says.

    None if it says nothing of lpa or, unless it is `required`, is not there.
    """
    try:
        data = read_bytes(place, path, LARGEST_CONFIGURATION)
    except FileNotFoundError as error:
        if not required:
            return None
        raise InputError(f"{path}: no such file", "name a configuration that you may read") from error
    is_project = os.path.basename(path) == PROJECT_FILE
    # Most projects say nothing of lpa, and reading TOML takes milliseconds.
    if is_project and not required and b"lpa" not in data:
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 (byte {error.start + 1})", "save it as UTF-8") from error
    return read_settings(text, path, os.path.dirname(os.path.abspath(place)), project=is_project)


def read_settings(text: str, path: str, folder: str, *, project: bool) -> Settings | None:
    """Return what `text`, the content of the file shown as `path`, says; None if a `project` file has no `[tool.lpa]`.

    `folder` is the absolute one that its paths are relative to. Raises UsageError for what cannot be right.
    """
    import tomllib

    if any(line.count(".") > _MOST_DOTS and _QUOTED.sub("", line).count(".") > _MOST_DOTS for line in text.split("\n")):
        raise UsageError(f"{path}: not TOML: a key of more than {_MOST_DOTS:,} parts", "see https://toml.io")
    try:
        document: Any = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"{path}: not TOML: {error or 'nested too deeply'}", "see https://toml.io") from error
    top = PROJECT_TABLE if project else ()
    for name in top:
        if not isinstance(document, dict) or name not in document:
            return None
        document = document[name]
    table = Table(TomlFile(text, path), top, document)
    return _settings(table, folder)


def _settings(table: Table, folder: str) -> Settings:
    table.allow(TOP_KEYS)
    settings = Settings(
        file=table.file.path,
        folder=folder,
        text=table.file.text,
        top=tuple(map(str, table.path)),
        account=table.text("account"),
        region=table.text("region"),
        partition=table.text("partition"),
        platform=table.choice("platform", Platform),
        source=table.texts("source"),
        exclude=table.texts("exclude"),
        env=table.pairs("env"),
        managed=_managed(table),
        conditions=table.flag("conditions"),
        severity=table.choice("severity", Severity),
        select=_checks(table, "select"),
        ignore=_checks(table, "ignore"),
        strict=table.flag("strict"),
        baseline=table.text("baseline"),
        functions=tuple(_function(one, table) for one in table.tables("functions")),
        templates=tuple(_template(one) for one in table.tables("templates")),
    )
    _judge_deployment(table, settings)
    _refuse_twice(table, "functions", "name", [one.name for one in settings.functions])
    _refuse_twice(table, "templates", "file", [os.path.normpath(one.file) for one in settings.templates])
    return settings


def _function(table: Table, top: Table) -> FunctionSettings:
    table.allow(_FUNCTION_KEYS)
    name, handler = table.required("name"), table.text("handler")
    source = table.texts("source") or top.texts("source")
    if not source:
        table.file.refuse(table.path, f"the function {name} has no source", 'add source = ["folder"]')
    platform = table.choice("platform", Platform)
    function_name = table.text("function-name")
    try:
        read_function_name(function_name, Platform.LAMBDA)
    except UsageError as error:
        table.refuse("function-name", error.message.removeprefix("--"), error.hint)
    return FunctionSettings(
        name=name,
        handler=handler,
        source=source,
        policy=table.text("policy"),
        env=table.pairs("env"),
        managed=_managed(table),
        platform=platform,
        function_name=function_name,
        line=table.line,
    )


def _template(table: Table) -> TemplateSettings:
    table.allow(_TEMPLATE_KEYS)
    return TemplateSettings(
        file=table.required("file"),
        functions=table.texts("functions"),
        parameters=table.pairs("parameters"),
        env=table.pairs("env"),
        line=table.line,
    )


def _managed(table: Table) -> Pairs:
    pairs = table.pairs("managed-policies")
    for arn, file in pairs:
        try:
            read_managed_policies([f"{arn}={file}"])
        except UsageError:
            table.file.refuse(
                (*table.path, "managed-policies", arn),
                f"managed-policies: {arn} does not name a policy and its file",
                'write "arn:aws:iam::<account>:policy/<name>" = "file.json"',
            )
    return pairs


def _checks(table: Table, key: str) -> tuple[str, ...]:
    names = table.texts(key)
    if names:
        from analyzer.rules.folder import rule_names

        known = rule_names("checks")
        for number, name in enumerate(names):
            if name not in known:
                near = nearest(name, sorted(known))
                hint = f"did you mean {near}?" if near else f"the checks are {', '.join(sorted(known))}"
                table.file.refuse((*table.path, key, number), f"there is no check {name}", hint)
    return names


def _judge_deployment(table: Table, settings: Settings) -> None:
    for key, value in (("account", settings.account), ("partition", settings.partition), ("region", settings.region)):
        if value is None:
            continue
        try:
            read_deployment(
                settings.account if key == "account" else None,
                settings.region if key == "region" else None,
                settings.partition if key != "account" else None,
                (),
            )
        except UsageError as error:
            table.refuse(key, error.message.replace("--", ""), error.hint.replace("--", ""))


def _refuse_twice(table: Table, key: str, what: str, values: Sequence[str]) -> None:
    for number, value in enumerate(values):
        if value in values[:number]:
            table.file.refuse((*table.path, key, number), f"{key} names {value} twice", f"give each {what} once")
