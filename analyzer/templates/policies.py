"""Policy documents of templates: their intrinsic functions resolved, their places kept."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from analyzer.errors import InputError
from analyzer.iam.document import CURRENT_VERSION, read_document, version_of
from analyzer.iam.positioned_json import Array, Json, Object, Scalar
from analyzer.model.calls import Unresolved
from analyzer.model.policy import Statement
from analyzer.templates.intrinsics import Resolver
from analyzer.templates.nodes import SUBSTITUTED, is_call
from analyzer.templates.pieces import Pieces, symbol_of
from analyzer.templates.read import problem_of

# What a policy's own `${...}` can be: a variable such as `${aws:username}`, or `${*}`, `${?}` and `${$}`. Anything else
# is what `Fn::Sub` was forgotten for, and stands for nothing.
_NO_VARIABLE: Final = re.compile(r"\$\{(?![*?$]\})(?![\w-]+:(?!:)[^}]*\})")


def read_statements(
    document: Json, resolver: Resolver, problems: list[Unresolved], *, with_principals: bool = False
) -> tuple[Statement, ...] | None:
    """Return the statements of a policy document, None if it cannot be read, which is then added to `problems`.

    Both arms of every `Fn::If` count.
    """
    resolved = resolved_document(document, resolver)
    try:
        return read_document(resolved, with_principals=with_principals)
    except InputError as error:
        problems.append(problem_of(error, document.location.path))
        return None


def resolved_document(document: Json, resolver: Resolver) -> Json:
    """Return a policy document with texts in the place of intrinsic functions, symbols as atoms of patterns.

    It is of the current version of the policy language, where `${` begins a variable: what an older one says literally
    is escaped.
    """
    try:
        has_variables = version_of(document) == CURRENT_VERSION
    except InputError:
        has_variables = True
    values = _Document(resolver, has_variables).values(document)
    resolved = values[0] if len(values) == 1 else document
    if not isinstance(resolved, Object):
        return resolved
    version = resolved.members.get("Version")
    place = resolved.location if version is None else version.location
    key = resolved.key_locations.get("Version", place)
    if has_variables and version is not None:
        return resolved
    return replace(
        resolved,
        members={**resolved.members, "Version": Scalar(CURRENT_VERSION, False, place)},
        key_locations={**resolved.key_locations, "Version": key},
    )


class _Document:
    def __init__(self, resolver: Resolver, has_variables: bool) -> None:
        self._resolver = resolver
        self._has_variables = has_variables

    def values(self, value: Json) -> list[Json]:
        """Return what `value` may be, several where it stands for any of them, none where it is left out."""
        if isinstance(value, Array):
            return [Array(tuple(one for item in value.items for one in self.values(item)), value.location)]
        if isinstance(value, Scalar):
            return [value if value.is_number or not isinstance(value.value, str) else self._text((value.value,), value)]
        if is_call(value):
            return self._call(value)
        members: dict[str, Json] = {}
        for key, member in value.members.items():
            found = self.values(member)
            if found:
                members[key] = found[0] if len(found) == 1 else Array(_flat(found), member.location)
        return [Object(members, {key: value.key_locations[key] for key in members}, value.location)]

    def _call(self, call: Object) -> list[Json]:
        function, argument = next(iter(call.members.items()))
        if function == "Fn::If" and isinstance(argument, Array) and len(argument.items) == 3:
            return list(_flat([one for arm in argument.items[1:] for one in self.values(arm)]))
        return [self._text(pieces, call) for texts in self._resolver.list(call) for pieces in texts]

    def _text(self, pieces: Pieces, value: Json) -> Scalar:
        self._look_for_references(pieces, value)
        text = "".join(self._literal(piece) if isinstance(piece, str) else symbol_of(piece) for piece in pieces)
        return Scalar(text, False, value.location)

    def _look_for_references(self, pieces: Pieces, value: Json) -> None:
        """Tell of what looks like a reference in a text that is not substituted."""
        stack = self._resolver.stack
        for piece in pieces if isinstance(value, Scalar) else ():
            for found in SUBSTITUTED.finditer(piece) if isinstance(piece, str) else ():
                name = found[1].partition(".")[0]
                if name in stack.resources or name in stack.parameters:
                    self._resolver.problem(value.location, f"{found[0]} is not in Fn::Sub, so it stands for nothing")

    def _literal(self, text: str) -> str:
        return _NO_VARIABLE.sub("${$}{", text) if self._has_variables else text.replace("${", "${$}{")


def _flat(values: list[Json]) -> tuple[Json, ...]:
    return tuple(item for one in values for item in (one.items if isinstance(one, Array) else (one,)))
