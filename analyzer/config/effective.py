"""Every value that counts, and where it comes from: a flag, a line of the configuration, or nothing but lpa."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from analyzer.config.choosing import Overrides, deployment_of
from analyzer.config.settings import Gate, Settings
from analyzer.config.tables import Pairs, written_key
from analyzer.config.toml_lines import key_lines

Content = str | bool | list[str] | None


@dataclass(frozen=True, slots=True)
class Effective:
    """A value with its `key` in the configuration: `env.NAME`, `functions[1].handler`.

    `flag` is the flag that says it, `line` the line of the configuration that does; where both are None, lpa does.
    """

    key: str
    value: Content
    flag: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Flags:
    """The flags of a command line, as far as the configuration has keys for the same."""

    overrides: Overrides
    gate: Gate
    given: Mapping[str, Content]


def effective(settings: Settings, flags: Flags, baseline: str) -> tuple[Effective, ...]:
    """Return every value that counts, in the order of the keys; `baseline` is where one is read if nothing is said.

    Raises UsageError for flags that do not fit.
    """
    deployment = deployment_of(settings, flags.overrides, settings.env)
    lines = {path[len(settings.top) :]: line for path, line in key_lines(settings.text).items()}

    def one(key: str, value: Content) -> Effective:
        if flags.given.get(key) is not None:
            return Effective(key, value, flag=f"--{key}")
        return Effective(key, value, line=lines.get((key,)))

    def pairs(key: str, values: Pairs) -> Iterator[Effective]:
        yield from (Effective(f"{key}.{name}", value, line=lines.get((key, name))) for name, value in values)

    said = {pair.partition("=")[0] for pair in flags.overrides.env}
    return (
        one("account", deployment.account),
        one("region", deployment.region),
        _partition(one("partition", deployment.partition), settings, flags),
        one("platform", flags.overrides.platform or settings.platform),
        one("source", list(settings.source)),
        one("exclude", list(settings.exclude)),
        *pairs("env", tuple(pair for pair in settings.env if pair[0] not in said)),
        *(Effective(f"env.{name}", value, flag="--env") for name, _, value in _split(flags.overrides.env)),
        *pairs("managed-policies", settings.managed),
        one("conditions", bool(_first(flags.overrides.conditions, settings.conditions))),
        one("severity", flags.gate.severity),
        one("select", list(flags.gate.select)),
        one("ignore", list(flags.gate.ignore)),
        one("strict", flags.gate.strict),
        one("baseline", _text(flags.given.get("baseline")) or settings.baseline or baseline),
        *_workloads(settings, lines),
    )


def _partition(found: Effective, settings: Settings, flags: Flags) -> Effective:
    """Return the partition with where it comes from, which may be the region."""
    if found.flag is not None or flags.overrides.region is None:
        return found
    return Effective(found.key, found.value, flag="--region")


def _workloads(settings: Settings, lines: Mapping[tuple[str | int, ...], int]) -> Iterator[Effective]:
    def one(place: tuple[str | int, ...], value: Content) -> Effective:
        return Effective(written_key(place), value, line=lines.get(place))

    for number, function in enumerate(settings.functions):
        top = ("functions", number)
        yield one((*top, "name"), function.name)
        yield one((*top, "handler"), function.handler)
        # What the function does not say itself is said for all.
        own = (*top, "source")
        yield Effective(written_key(own), list(function.source), line=lines.get(own, lines.get(("source",))))
        yield one((*top, "policy"), function.policy)
        yield one((*top, "function-name"), function.function_name)
        if function.platform is not None:
            yield one((*top, "platform"), function.platform)
        for key, values in (("env", function.env), ("managed-policies", function.managed)):
            yield from (one((*top, key, name), value) for name, value in values)
    for number, template in enumerate(settings.templates):
        top = ("templates", number)
        yield one((*top, "file"), template.file)
        yield one((*top, "functions"), list(template.functions))
        for key, values in (("parameters", template.parameters), ("env", template.env)):
            yield from (one((*top, key, name), value) for name, value in values)


def _split(pairs: Sequence[str]) -> list[tuple[str, str, str]]:
    return sorted(pair.partition("=") for pair in pairs)


def _first(*values: bool | None) -> bool | None:
    return next((value for value in values if value is not None), None)


def _text(value: Content) -> str | None:
    return value if isinstance(value, str) else None
