"""Templates with the stacks that are nested in them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

from analyzer.errors import InputError
from analyzer.iam.positioned_json import Json, Object
from analyzer.model.calls import Unresolved
from analyzer.model.deployment import Deployment
from analyzer.reading import read_text
from analyzer.templates.includes import include
from analyzer.templates.intrinsics import Resolver
from analyzer.templates.nodes import find, text_of
from analyzer.templates.pieces import Pieces, literal
from analyzer.templates.read import Document, bad_template, read_template
from analyzer.templates.stack import Resource, read_stack

_STACK: Final = "AWS::CloudFormation::Stack"
_ASSET: Final = "aws:asset:path"
_DEEPEST: Final = 8


class TemplateReader:
    """Reads templates from files, relative to a root folder."""

    def __init__(
        self,
        root: str,
        deployment: Deployment,
        problems: list[Unresolved],
        texts: Mapping[str, str] | None = None,
    ) -> None:
        """Take the folder that paths are relative to, where to put what is wrong, and what files are to hold."""
        self._texts = texts or {}
        self._root = root
        self._deployment = deployment
        self._problems = problems

    def read(self, path: str, given: Mapping[str, tuple[Pieces, ...]]) -> Resolver | None:
        """Return the stack of the template at `path` and those nested in it; None if it cannot be read.

        Raises InputError if there is no such file.
        """
        document = self._document(path)
        return None if document is None else self._stack(document, "", given, ())

    def _document(self, path: str) -> Document | None:
        document = read_template(self._text(path), path, self._problems)
        return None if document is None else include(document, self._text, self._problems)

    def _text(self, path: str) -> str:
        if path in self._texts:
            return self._texts[path]
        try:
            text = read_text(os.path.join(self._root, path), path)
        except FileNotFoundError as error:
            raise InputError(f"{path}: no such file", "name a template that can be read") from error
        return text.removeprefix("\ufeff").replace("\r\n", "\n")

    def _stack(
        self, document: Document, prefix: str, given: Mapping[str, tuple[Pieces, ...]], above: tuple[str, ...]
    ) -> Resolver:
        folder = os.path.dirname(document.path)
        stack = read_stack(document, folder, prefix, given, self._deployment.region, self._problems)
        resolver = Resolver(stack, self._deployment, self._problems)
        for resource in stack.resources.values():
            if resource.type != _STACK:
                continue
            place, path = self._template_of(resource, resolver)
            nested = None if path is None or place is None else self._nested(path, place, (*above, document.path))
            if nested is not None:
                values = self._values(resource, resolver)
                inner = self._stack(nested, f"{prefix}{resource.origin}/", values, (*above, document.path))
                stack.children[resource.id] = inner.stack
        return resolver

    def _template_of(self, resource: Resource, resolver: Resolver) -> tuple[Json | None, str | None]:
        """Return where the template of a nested stack is named, and its path if that is a local one."""
        for path in (("Metadata", _ASSET), ("Properties", "Location"), ("Properties", "TemplateURL")):
            place = find(resource.written, *path)
            if place is not None:
                text = literal(resolver.texts(place))
                is_local = text is not None and "://" not in text
                return place, os.path.join(resolver.stack.folder, text) if is_local and text is not None else None
        return None, None

    def _nested(self, path: str, place: Json, above: tuple[str, ...]) -> Document | None:
        shown = os.path.normpath(path).replace(os.sep, "/")
        if shown in above or len(above) >= _DEEPEST:
            self._problems.append(bad_template(place.location, f"the template {shown} is nested in itself"))
            return None
        try:
            return self._document(shown)
        except InputError as error:
            self._problems.append(bad_template(place.location, f"the nested template cannot be read: {error.message}"))
            return None

    def _values(self, resource: Resource, resolver: Resolver) -> Mapping[str, tuple[Pieces, ...]]:
        parameters = resource.get("Parameters")
        members = parameters.members if isinstance(parameters, Object) else {}
        values = {name: resolver.texts(value) for name, value in members.items() if text_of(value) != ""}
        return {name: texts for name, texts in values.items() if texts}
