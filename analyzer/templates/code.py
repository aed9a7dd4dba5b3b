"""Where the code of a function is: folders and files of the template, text in it, layers, images and CDK assets.

Sources: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html,
https://docs.aws.amazon.com/lambda/latest/dg/python-layers.html and, for assets,
https://docs.aws.amazon.com/cdk/v2/guide/assets.html.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from analyzer.archive import EXTENSION, is_file, is_folder, open_archive
from analyzer.errors import InputError
from analyzer.iam.positioned_json import Json, Object, Scalar
from analyzer.model.calls import Unresolved, UnresolvedReason
from analyzer.model.workload import InlineCode
from analyzer.templates.image import read_image
from analyzer.templates.intrinsics import Resolver
from analyzer.templates.nodes import find, text_of
from analyzer.templates.pieces import Pieces, literal, written
from analyzer.templates.sam import SAM_PREFIX
from analyzer.templates.stack import Resource

_ASSET: Final = "aws:asset:path"
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
_PYTHON: Final = "python"
# https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html
_PYTHON_FOLDERS: Final = tuple(f"python3.{minor}" for minor in range(6, 20))


@dataclass(frozen=True, slots=True)
class Code:
    """The code of a function, as in `Workload`: handler, roots, the handler's file, and the text if it is inline."""

    handler: str
    roots: tuple[str, ...]
    entry: str | None
    inline: InlineCode | None


@dataclass(frozen=True, slots=True)
class NotPython:
    """That a function runs something else: a `runtime` of Lambda, or what its image is made from."""

    runtime: str


def find_code(function: Resource, resolver: Resolver, root: str, problems: list[Unresolved]) -> Code | NotPython | None:
    """Return the code of a function; None if it is not to be had, which is added to `problems`.

    `root` is the folder that shown paths are relative to.
    """
    runtimes = resolver.texts(function.get("Runtime"))
    # An image has none, and one that is not known may be Python.
    if runtimes and not any(_may_be_python(runtime) for runtime in runtimes):
        return NotPython(" or ".join(map(written, runtimes)))
    reader = _CodeReader(function, resolver, root, problems)
    try:
        return reader.read()
    except _NoCodeError as missing:
        problems.append(Unresolved(UnresolvedReason.CODE_NOT_FOUND, missing.place.location, missing.detail))
        return None


def _may_be_python(runtime: Pieces) -> bool:
    known = runtime[0] if runtime and isinstance(runtime[0], str) else ""
    return known.startswith(_PYTHON) or (literal((runtime,)) is None and _PYTHON.startswith(known))


class _NoCodeError(Exception):
    def __init__(self, place: Json, detail: str) -> None:
        super().__init__()
        self.place = place
        self.detail = detail


class _CodeReader:
    def __init__(self, function: Resource, resolver: Resolver, root: str, problems: list[Unresolved]) -> None:
        self._function = function
        self._resolver = resolver
        self._stack = resolver.stack
        self._root = root
        self._problems = problems

    def read(self) -> Code | NotPython:
        if literal(self._resolver.texts(self._function.get("PackageType"))) == "Image":
            return self._image()
        handler = self._handler()
        layers = tuple(self._layers())
        inline = self._function.get("Code", "ZipFile")
        if inline is not None:
            return Code(handler, layers, None, self._inline(inline))
        roots = (self._own(), *layers)
        return Code(handler, roots, self._entry(handler, roots), None)

    def _handler(self) -> str:
        value = self._function.get("Handler")
        handler = literal(self._resolver.texts(value))
        if handler is None or "." not in handler:
            raise _NoCodeError(value or self._function.properties, f"the handler of {self._function.id} is not known")
        return handler

    # The function's own code

    def _own(self) -> str:
        """Return the folder or file of the function's own code."""
        place, path = self._uri()
        if path.startswith(("s3://", "https://")):
            raise _NoCodeError(place, f"the code of {self._function.id} is in S3: {path}")
        shown = self._below(path)
        absolute = os.path.join(self._root, shown)
        if os.path.isdir(absolute) or (os.path.isfile(absolute) and shown.endswith(".py")):
            return shown
        if os.path.isfile(absolute) and shown.endswith(EXTENSION):
            self._open(shown, place)
            return shown
        if os.path.isfile(absolute):
            raise _NoCodeError(place, f"the code of {self._function.id} is packed in {shown}")
        raise _NoCodeError(place, f"there is no {shown}, the code of {self._function.id}")

    def _open(self, shown: str, place: Json) -> None:
        """Make sure that an archive can be read; what of it is passed over is added to the problems."""
        try:
            archive = open_archive(os.path.join(self._root, shown), shown)
        except InputError as error:
            raise _NoCodeError(place, f"an archive with code cannot be read: {error.message}") from error
        for why in archive.refused:
            problem = Unresolved(UnresolvedReason.UNREADABLE_FILE, place.location, f"{shown} is read without {why}")
            self._problems.append(problem)

    def _uri(self) -> tuple[Json, str]:
        """Return the property that says where the code is, and the path in it."""
        asset = find(self._function.written, "Metadata", _ASSET)
        if asset is not None:
            return asset, text_of(asset) or ""
        given = self._given()
        if given is None:
            return self._function.properties, "."
        text = literal(self._resolver.texts(given))
        if text is None:
            raise _NoCodeError(given, f"the code of {self._function.id} is not in a folder that the template names")
        return given, text

    def _given(self) -> Json | None:
        is_sam = (text_of(find(self._function.written, "Type")) or "").startswith(SAM_PREFIX)
        if not is_sam:
            return self._function.get("Code")
        own = find(self._function.written, "Properties", "CodeUri")
        shared = find(self._stack.document.root, "Globals", "Function", "CodeUri")
        return own if own is not None else shared

    def _below(self, path: str) -> str:
        return os.path.normpath(os.path.join(self._stack.folder, path)).replace(os.sep, "/")

    def _entry(self, handler: str, roots: tuple[str, ...]) -> str:
        entry = _module_file(handler, roots, self._root)
        if entry is None:
            value = self._function.get("Handler") or self._function.properties
            raise _NoCodeError(value, f"there is no module for the handler {handler} in {', '.join(roots)}")
        return entry

    # Code in the template

    def _inline(self, value: Json) -> InlineCode:
        texts = self._resolver.texts(value)
        text = written(texts[0]) if texts else ""
        line = self._block(value)
        if line is None:
            return InlineCode(text, value.location)
        lines = self._stack.document.text.split("\n")[line - 1 :]
        first = next((one for one in lines if one.strip()), "")
        return InlineCode(text, value.location, line, len(first) - len(first.lstrip(" ")))

    def _block(self, value: Json) -> int | None:
        """Return the line on which the lines of a literal block of YAML begin, None if `value` is none."""
        call = value.members.get("Fn::Sub") if isinstance(value, Object) else value
        if not isinstance(call, Scalar) or call.location.path != self._stack.document.path:
            return None
        lines = self._stack.document.text.split("\n")
        start = call.location
        header = lines[start.start_line - 1][start.start_column - 1 :] if start.start_line <= len(lines) else ""
        marker = header.removeprefix("!Sub").strip()
        return start.start_line + 1 if marker.startswith("|") else None

    # Layers

    def _layers(self) -> Iterator[str]:
        """Yield the folders that the function's layers in the template put on Python's path."""
        for value in self._resolver.items(self._function.get("Layers")):
            name = text_of(value.members.get("Ref")) if isinstance(value, Object) else None
            layer = self._stack.resources.get(name or "")
            path = None if layer is None else self._layer_path(layer)
            if layer is None or path is None:
                continue
            yield from self._layer_folders(layer, *path)

    def _layer_folders(self, layer: Resource, place: Json, path: str) -> Iterator[str]:
        """Yield what a layer's folder or archive puts on Python's path, itself if it is not laid out as layers are."""
        folder = self._below(path)
        absolute = os.path.join(self._root, folder)
        if os.path.isfile(absolute) and folder.endswith(EXTENSION):
            try:
                self._open(folder, place)
            except _NoCodeError as error:
                self._problems.append(Unresolved(UnresolvedReason.CODE_NOT_FOUND, place.location, error.detail))
                return
        elif not os.path.isdir(absolute):
            detail = f"there is no {folder}, the content of the layer {layer.id}"
            self._problems.append(Unresolved(UnresolvedReason.CODE_NOT_FOUND, place.location, detail))
            return
        installed = [f"{folder}/python/lib/{name}/site-packages" for name in _PYTHON_FOLDERS]
        found = [one for one in (f"{folder}/python", *installed) if is_folder(os.path.join(self._root, one))]
        yield from found or [folder]

    def _layer_path(self, layer: Resource) -> tuple[Json, str] | None:
        for path in (("Metadata", _ASSET), ("Properties", "ContentUri"), ("Properties", "Content")):
            given = find(layer.written, *path)
            if given is not None:
                text = literal(self._resolver.texts(given))
                return None if text is None or "://" in text else (given, text)
        return None

    # Images

    def _image(self) -> Code | NotPython:
        metadata = find(self._function.written, "Metadata")
        context = literal(self._resolver.texts(find(metadata, "DockerContext")))
        asset = text_of(find(metadata, _ASSET))
        folder = self._below(context or asset or ".")
        dockerfile = literal(self._resolver.texts(find(metadata, "Dockerfile"))) or "Dockerfile"
        path = f"{folder}/{dockerfile}"
        image = read_image(os.path.join(self._root, path)) if context or asset or metadata is not None else None
        place = metadata or self._function.get("Code") or self._function.properties
        if image is None:
            raise _NoCodeError(place, f"the code of {self._function.id} is in an image whose Dockerfile is not there")
        command = [literal(self._resolver.texts(one)) for one in self._resolver.items(self._command())]
        handler = command[0] if command and command[0] else image.handler
        if image.other is not None:
            return NotPython(f"an image from {image.other}")
        if handler is None:
            raise _NoCodeError(place, f"{path} does not say what the handler of {self._function.id} is")
        copied = [os.path.normpath(f"{folder}/{one}") for one in image.copied]
        roots = tuple(dict.fromkeys(one for one in (folder, *copied) if os.path.isdir(os.path.join(self._root, one))))
        entry = _module_file(handler, roots, self._root)
        if entry is None:
            raise _NoCodeError(place, f"there is no module for the handler {handler} in {', '.join(roots) or folder}")
        return Code(handler, roots, entry, None)

    def _command(self) -> Json | None:
        return self._function.get("ImageConfig", "Command")


def _module_file(handler: str, roots: tuple[str, ...], root: str) -> str | None:
    """Return the file of the handler's module below one of `roots`, None if there is none."""
    module = handler.rpartition(".")[0].replace(".", "/")
    for folder in roots:
        if folder.endswith(".py"):
            if folder == f"{module}.py" or folder.endswith(f"/{module}.py"):
                return folder
            continue
        for path in (f"{module}.py", f"{module}/__init__.py"):
            if is_file(os.path.join(root, folder, path)):
                return os.path.normpath(f"{folder}/{path}").replace(os.sep, "/")
    return None
