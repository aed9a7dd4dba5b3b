"""What the settings of a template's resources say, and those of the resources that they name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import product
from typing import Final

from analyzer.iam.arn import parse_arn
from analyzer.iam.pattern import contains
from analyzer.model.deployment import Deployment
from analyzer.model.values import (
    Absent,
    Ambient,
    Hole,
    Known,
    Mapping,
    TemplateSymbol,
    Text,
    Unseen,
    Value,
    alternatives,
)
from analyzer.model.values import Sequence as ValueSequence
from analyzer.model.workload import StackResource
from analyzer.platform.parts import Parts, before, parts_of, up_to_colons, write
from analyzer.rules.platforms import FIELD, Test
from analyzer.rules.setting_paths import Before, Follow, It, Items, Member, Step, parse_setting_path

_QUALIFIERS: Final = ("AWS::Lambda::Alias", "AWS::Lambda::Version")
# A symbol alone, or at the end of an ARN that is put together from it.
_SYMBOL: Final = re.compile(r"(?:arn:[^ ]*[:/])?\$\{([^{}.]+)(?:\.[^{}]+)?\}")


def settings_of(resources: Sequence[StackResource], deployment: Deployment) -> Settings:
    """Return the settings of `resources`, those that were made before if it is the same object.

    All functions of a template share its resources, and looking through hundreds of them for each takes longer than
    everything else.
    """
    return _settings_of(_Same(resources), deployment.partition, deployment.region, deployment.account)


class _Same:
    """The resources as a key: equal only if they are one object, since comparing them takes as long as reading them."""

    def __init__(self, resources: Sequence[StackResource]) -> None:
        self.resources = resources

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.resources is self.resources

    def __hash__(self) -> int:
        return id(self.resources)


@lru_cache(maxsize=4)
def _settings_of(same: _Same, partition: str, region: str | None, account: str | None) -> Settings:
    return Settings(same.resources, Deployment(partition=partition, region=region, account=account))


class Settings:
    """The resources of a template by what names them."""

    def __init__(self, resources: Sequence[StackResource], deployment: Deployment) -> None:
        """Take the resources, and what pins region and account."""
        # Symbols tell apart what the template tells apart, whatever is asked for in the outcome.
        self._deployment = replace(deployment, symbols=True)
        self._texts: dict[Parts, str] = {}
        self._names: dict[int, list[str]] = {}
        self._by_id = {resource.id: resource for resource in resources}
        self._by_type: dict[str, list[StackResource]] = {}
        self._by_name: dict[str, list[StackResource]] = {}
        self._values: dict[tuple[str, int], list[Value]] = {}
        for resource in resources:
            self._by_type.setdefault(resource.type, []).append(resource)
            self._names[id(resource)] = names = self._names_of(resource)
            for name in dict.fromkeys(names):
                self._by_name.setdefault(name, []).append(resource)
        # They are told apart by their places in memory, and so must live as long as this does.
        self._resources = resources
        self._of_function: dict[str, dict[str, list[StackResource]]] = {}

    def names(self, resource: StackResource) -> list[str]:
        """Return the patterns by which a resource is named."""
        known = self._names.get(id(resource))
        return self._names_of(resource) if known is None else known

    def _names_of(self, resource: StackResource) -> list[str]:
        return [self._text(parts) for value in resource.names for parts in parts_of(value)]

    def with_name(self, name: str) -> Sequence[StackResource]:
        """Return the resources of which `name` is one of the `names`, in their order."""
        return self._by_name.get(name, ())

    def named(self, value: Value) -> list[StackResource]:
        """Return the resources that `value` may name, by their ARN, that of a part of them, their name or symbol."""
        return [resource for parts in parts_of(value) for resource in self._named(self._text(parts))]

    def _named(self, text: str) -> list[StackResource]:
        wanted = text
        while wanted not in self._by_name and wanted.startswith("arn:") and "/" in wanted:
            wanted = wanted.rpartition("/")[0]
        if wanted in self._by_name:
            return self._by_name[wanted]
        found = _SYMBOL.fullmatch(text)
        resource = self._by_id.get(found[1]) if found else None
        return [] if resource is None else [resource]

    def of_function(self, function: StackResource, kind: str) -> list[StackResource]:
        """Return the resources of the type `kind` whose `FunctionName` is `function`, or a version or alias of it."""
        if function.type == kind:
            return [function]
        if kind not in self._of_function:
            self._of_function[kind] = self._by_function(kind)
        known = self._of_function[kind]
        found = {id(resource): resource for name in self.names(function) for resource in known.get(name, ())}
        if len(found) < 2:
            return list(found.values())
        return [resource for resource in self._by_type[kind] if id(resource) in found]

    def _by_function(self, kind: str) -> dict[str, list[StackResource]]:
        """Return the resources of the type `kind` by the names that their `FunctionName` may begin with."""
        found: dict[str, list[StackResource]] = {}
        for resource in self._by_type.get(kind, ()):
            texts = {text for value in self.values("FunctionName", resource, None) for text in self._targets(value, ())}
            # A version or an alias comes behind the function's name and a colon.
            for name in {name for text in texts for name in up_to_colons(text)}:
                found.setdefault(name, []).append(resource)
        return found

    def _targets(self, value: Value, above: tuple[StackResource, ...]) -> Iterator[str]:
        """Yield the texts that `value` may be, and what the versions and aliases that it may name are of."""
        yield from (self._text(parts) for parts in parts_of(value))
        for one in self.named(value):
            if one.type in _QUALIFIERS and one not in above:
                for name in self.values("FunctionName", one, None):
                    yield from self._targets(name, (*above, one))

    # Settings

    def values(self, path: str, resource: StackResource, it: Value | None) -> list[Value]:
        """Return what lies at `path` of a resource, with `it` in the place of the value that a rule is about.

        What is left out in one case counts as it is in the others.
        """
        place = (path, id(resource))
        if it is None and place in self._values:
            return self._values[place]
        values = self._found(path, resource, it)
        if it is None and id(resource) in self._names:
            self._values[place] = values
        return values

    def _found(self, path: str, resource: StackResource, it: Value | None) -> list[Value]:
        steps = parse_setting_path(path)
        assert steps is not None, "the reader of the rules has parsed it"
        found: list[Value] = [resource.properties]
        for step in steps:
            found = [one for value in found for one in self._after(step, value, it)]
        return [value for value in dict.fromkeys(found) if not _is_empty(value)]

    def _after(self, step: Step, value: Value, it: Value | None) -> Iterator[Value]:
        match step:
            case It():
                yield from () if it is None else alternatives(it)
            case Member(name):
                for key, member in value.entries if isinstance(value, Mapping) else ():
                    if name in ("*", key.value if isinstance(key, Known) else ""):
                        yield from alternatives(member)
            case Items(name, wanted):
                items = value.items if isinstance(value, ValueSequence) else (value,)
                for item in (one for listed in items for one in alternatives(listed)):
                    kind = item.get(name) if isinstance(item, Mapping) else None
                    texts = () if kind is None else tuple(parts_of(kind))
                    if not name or any((one,) in texts for one in wanted):
                        yield item
            case Follow():
                yield from (resource.properties for resource in self.named(value))
            case Before(text):
                for parts in parts_of(value):
                    yield Text(before(parts, text))

    def texts(self, template: str, resource: StackResource, it: Value | None, function: StackResource) -> list[Parts]:
        """Return the texts that `template` may be once its fields are filled in; a field without a value is unseen."""
        choices: list[list[Parts]] = []
        end = 0
        for field in FIELD.finditer(template):
            choices += [(template[end : field.start()],)], self._field(field[1], resource, it, function)
            end = field.end()
        choices.append([(template[end:],)])
        return [tuple(part for parts in chosen for part in parts if part != "") for chosen in product(*choices)]

    def _field(self, name: str, resource: StackResource, it: Value | None, function: StackResource) -> list[Parts]:
        match name:
            case "partition":
                return [(self._deployment.partition,)]
            case "region" | "account":
                return [(Hole(Ambient(name)),)]
            case "function":
                return _plain_names(function)
            case "name":
                return _plain_names(resource)
            case "arn":
                return arns_of(resource) or [(Hole(TemplateSymbol(f"{resource.id}.Arn", whole=True)),)]
        found = [parts for value in self.values(name, resource, it) for parts in parts_of(value)]
        return found or [(Hole(Unseen(f"{name} of {resource.id}")),)]

    # Tests

    def hold(
        self, tests: Iterable[Test], resource: StackResource, it: Value | None, function: StackResource
    ) -> bool | None:
        """Say whether all of `tests` hold; None if that cannot be seen."""
        outcomes = [self._holds(test, resource, it, function) for test in tests]
        return False if False in outcomes else None if None in outcomes else True

    def _holds(self, test: Test, resource: StackResource, it: Value | None, function: StackResource) -> bool | None:
        if test.kind == "not_in_template":
            texts = self.texts(test.subject, resource, it, function)
            return not any(self._named(self._text(parts)) for parts in texts)
        values = self.values(test.subject, resource, it)
        if test.kind == "absent" or test.kind == "property":
            return bool(values) is (test.kind == "property")
        texts = [parts for value in values for parts in parts_of(value)]
        if test.kind == "equals":
            if any(parts == (wanted,) for parts in texts for wanted in test.values):
                return True
            return None if any(isinstance(part, Hole) for parts in texts for part in parts) else False
        is_like = any(contains(wanted, self._text(parts)) for parts in texts for wanted in test.values)
        return is_like is (test.kind == "like")

    def service(self, value: Value, types: dict[str, str]) -> str | None:
        """Return the service of what `value` names, by its ARN or the type of the resource; None if it is not seen."""
        for parts in parts_of(value):
            text = self._text(parts)
            arn = parse_arn(text)
            if arn is not None and "$" not in arn.service:
                return arn.service
            if "://" in text:
                return text.partition("://")[0]
        return next((types[one.type] for one in self.named(value) if one.type in types), None)

    def _text(self, parts: Parts) -> str:
        text = self._texts.get(parts)
        if text is None:
            text = self._texts[parts] = write(parts, self._deployment).pattern
        return text


def _is_empty(value: Value) -> bool:
    match value:
        case Absent() | Known(None) | Known(""):
            return True
        case ValueSequence(items, complete):
            return complete and not items
    return False


def arns_of(resource: StackResource) -> list[Parts]:
    """Return the ARN of a resource, in several forms if its name may be one of several, nothing if it is not known."""
    return [parts for value in resource.names for parts in parts_of(value) if str(parts[0]).startswith("arn:")]


def _plain_names(resource: StackResource) -> list[Parts]:
    return [parts for value in resource.names for parts in parts_of(value) if not str(parts[0]).startswith("arn:")]
