"""ARN patterns as a template writes them: by `Ref`, `Fn::GetAtt` and `Fn::Sub` instead of texts.

The opposite of resolving: what is written resolves to the pattern again, with the same values of the parameters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from analyzer.iam.arn import segments_of
from analyzer.iam.positioned_json import Array, Json, Object, Scalar
from analyzer.rules import resource_type
from analyzer.templates.intrinsics import Resolver
from analyzer.templates.nodes import find, items_of, references, text_of
from analyzer.templates.pieces import literal, pattern_of
from analyzer.templates.plain import Plain
from analyzer.templates.stack import Stack

_ATOM: Final = re.compile(r"\$\{([^}]*)\}")
_VARIABLE: Final = re.compile(r"[\w-]+:(?!:).*")
_ESCAPES: Final = ("*", "?", "$")
_PARTITION: Final = "${AWS::Partition}"
# What is not the same in a nested stack.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
_OF_A_STACK: Final = ("AWS::StackName", "AWS::StackId", "AWS::NotificationARNs")
# A shorter value of a parameter may be a part of a name by chance.
_SHORTEST: Final = 3
_SEGMENTS: Final = 6


class NotSpellableError(Exception):
    """A pattern holds what no function of a template gives, or what the place may not refer to."""

    def __init__(self, what: str, *, circular: bool = False) -> None:
        """Take what it is; `circular` says that a resource would depend on itself."""
        super().__init__(what)
        self.circular = circular


def dependents(stack: Stack, targets: Iterable[str]) -> frozenset[str]:
    """Return the resources of `stack` that are made after one of `targets`, these included.

    What they need cannot refer to them. Source:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html#troubleshooting-errors-dependence-error.
    """
    users: dict[str, set[str]] = {}
    for resource in stack.resources.values():
        after = find(resource.written, "DependsOn") if resource.id == resource.origin else None
        for used in {*references(resource.properties), *filter(None, map(text_of, items_of(after)))}:
            users.setdefault(used, set()).add(resource.id)
    found: set[str] = set()
    waiting = list(targets)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += users.get(name, ())
    return frozenset(found)


class Speller:
    """Writes patterns for one stack."""

    def __init__(self, resolver: Resolver, avoid: frozenset[str] = frozenset(), near: Iterable[Json] = ()) -> None:
        """Take the resolver, resources that must not be referred to, and what the function's values are written in.

        A parameter to which these refer stands for its value wherever that is a part of a pattern by itself.
        """
        self._resolver = resolver
        self._stack = resolver.stack
        self._avoid = avoid
        self._names: dict[str, Plain] = {}
        self._arns: dict[str, Plain] = {}
        self._forbidden: set[str] = set()
        for pattern, call in (*self._parameters(), *self._resources()):
            known = self._arns if pattern.startswith("arn:") else self._names
            known.setdefault(pattern, call)
        self._values = dict(self._parameter_values(near))

    def spell(self, pattern: str) -> Plain:
        """Return the value that a template has for `pattern`. Raises NotSpellableError."""
        if pattern in self._arns:
            return self._arns[pattern]
        if pattern in self._names and pattern.startswith("${"):
            return self._names[pattern]
        whole = _ATOM.fullmatch(pattern)
        if whole is not None and self._imported(whole[1]) is not None:
            return {"Fn::ImportValue": self._imported(whole[1])}
        imports: dict[str, Plain] = {}
        beginning, rest = self._split(pattern)
        text = beginning + self._substituted(rest, imports)
        if not beginning and text.startswith("arn:") and _PARTITION not in text:
            partition, _, tail = text.removeprefix("arn:").partition(":")
            if "${" in tail and partition == self._resolver.deployment.partition:
                text = f"arn:{_PARTITION}:{tail}"
        if imports:
            return {"Fn::Sub": [text, imports]}
        if re.search(r"\$\{(?!!)", text):
            return {"Fn::Sub": text}
        return text.replace("${!", "${")

    def _split(self, pattern: str) -> tuple[str, str]:
        """Return what stands for the longest ARN of a resource that `pattern` begins with, and the rest of it."""
        beginnings = [
            arn for arn in self._arns if pattern.startswith(arn) and pattern[len(arn) : len(arn) + 1] in ("/", ":", "*")
        ]
        if not beginnings:
            return "", pattern
        arn = max(beginnings, key=len)
        call = self._arns[arn]
        return f"${{{_reference(call)}}}", pattern[len(arn) :]

    def _substituted(self, pattern: str, imports: dict[str, Plain]) -> str:
        segments = segments_of(pattern) if pattern.startswith("arn:") else [pattern]
        text = ":".join([*segments[: _SEGMENTS - 1], *map(self._with_parameters, segments[_SEGMENTS - 1 :])])
        return _ATOM.sub(lambda atom: self._atom(atom[1], imports), text)

    def _with_parameters(self, text: str) -> str:
        parts = re.split(r"([/:])", text)
        return "".join(f"${{{self._values[part]}}}" if part in self._values else part for part in parts)

    def _atom(self, name: str, imports: dict[str, Plain]) -> str:
        if name in _ESCAPES or _VARIABLE.fullmatch(name):
            return f"${{!{name}}}"
        own = name.removeprefix(self._stack.prefix)
        if own.startswith("AWS::") and (own != name or name not in _OF_A_STACK or not self._stack.prefix):
            return f"${{{own}}}"
        call = self._names.get(f"${{{name}}}")
        if call is not None:
            return f"${{{_reference(call)}}}"
        if name in self._values.values():
            return f"${{{name}}}"
        if name.startswith("resolve "):
            return "{{" + name.replace(" ", ":") + "}}"
        imported = self._imported(name)
        if imported is not None:
            variable = f"Imported{len(imports) + 1}"
            imports[variable] = {"Fn::ImportValue": imported}
            return f"${{{variable}}}"
        target, _, attribute = name.removeprefix(self._stack.prefix).partition(".")
        if attribute and target in self._stack.resources and target not in self._avoid:
            return f"${{{target}.{attribute}}}"
        if f"${{{name}}}" in self._forbidden or target in self._avoid:
            raise NotSpellableError(f"{name} is made after the role", circular=True)
        raise NotSpellableError(f"no function gives {name}")

    def _imported(self, name: str) -> str | None:
        exported = name.removeprefix("Fn::ImportValue ")
        return exported if exported != name and re.fullmatch(r"[\w:-]+", exported) else None

    # What the template has names for

    def _parameters(self) -> Iterator[tuple[str, Plain]]:
        for name in self._stack.parameters:
            for pattern in self._only(_call("Ref", name)):
                if pattern == f"${{{self._stack.prefix}{name}}}" or (self._stack.prefix and "${" in pattern):
                    yield pattern, {"Ref": name}

    def _resources(self) -> Iterator[tuple[str, Plain]]:
        # What the template says itself before what SAM makes of it.
        for resource in sorted(self._stack.resources.values(), key=lambda one: one.id != one.origin):
            known = resource_type(resource.type)
            attributes = sorted(known.attributes, key=lambda name: (name != "Arn", name)) if known is not None else []
            calls: list[tuple[Json, Plain]] = [
                (_call("Fn::GetAtt", resource.id, name), {"Fn::GetAtt": [resource.id, name]}) for name in attributes
            ]
            calls.insert(0, (_call("Ref", resource.id), {"Ref": resource.id}))
            for node, call in calls:
                for pattern in self._only(node):
                    if resource.id not in self._avoid:
                        yield pattern, call
                    else:
                        self._forbidden.update(atom[0] for atom in _ATOM.finditer(pattern))

    def _only(self, node: Json) -> Iterator[str]:
        texts = self._resolver.texts(node)
        if len(texts) == 1 and texts[0]:
            yield pattern_of(texts[0])

    def _parameter_values(self, near: Iterable[Json]) -> Iterator[tuple[str, str]]:
        for part in near:
            for name in references(part):
                text = literal(self._resolver.texts(_call("Ref", name))) if name in self._stack.parameters else None
                if text is not None and len(text) >= _SHORTEST and not re.search(r"[/:]", text):
                    yield text, name


def _call(function: str, *words: str) -> Object:
    from analyzer.model.location import Location

    place = Location("", 1, 1, 1, 1)
    scalars = tuple(Scalar(word, False, place) for word in words)
    argument: Json = scalars[0] if len(scalars) == 1 else Array(scalars, place)
    return Object({function: argument}, {function: place}, place)


def _reference(call: Plain) -> str:
    """Return how `Fn::Sub` names what a call of `Ref` or `Fn::GetAtt` gives."""
    assert isinstance(call, dict), "names are given by calls"
    argument = next(iter(call.values()))
    return ".".join(map(str, argument)) if isinstance(argument, list) else str(argument)
