"""Keeping the outcome of an interpretation, so that a program that did not change is not interpreted again.

The key holds everything the outcome depends on: the paths and texts of the program's files, the entry point, the pinned
environment, the installed SDK, and lpa's own code and rules.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from analyzer import events, sdk
from analyzer.cache import cached
from analyzer.errors import InputError
from analyzer.installed import rules_folder
from analyzer.model import calls, location, values
from analyzer.model.calls import Interpretation
from analyzer.model.program import Program
from analyzer.model.values import Value
from analyzer.sources import FileSources

_FORMAT = 2
# Folders of lpa's own that no outcome rests on; the managed policies alone are some 1,500 files.
_NO_MATTER = ("__pycache__", "_rules", "managed_policies")
_CLASSES: dict[str, type] = {
    cls.__name__: cls
    for module in (calls, location, values)
    for cls in vars(module).values()
    if isinstance(cls, type) and (is_dataclass(cls) or issubclass(cls, StrEnum))
}
_FIELDS = {name: [field.name for field in fields(cls)] for name, cls in _CLASSES.items() if is_dataclass(cls)}


class _ReadMoreError(Exception):
    """The program reached files that the key does not cover (links that lead out of the named folders)."""

    def __init__(self, outcome: Interpretation) -> None:
        super().__init__()
        self.outcome = outcome


def interpreted(
    program: Program,
    sources: FileSources,
    handler: str | None,
    environment: Mapping[str, Value],
    entry: str | None = None,
    event: Mapping[str, Value] | None = None,
) -> Interpretation:
    """Return what `flow.interpret` returns, from the cache when nothing has changed since it was put there.

    Programs with files that the user named are interpreted each time: which files they import is only known then. So
    are those that reach files by links that lead out of the named folders. Raises what `flow.interpret` does.
    """

    def run() -> Interpretation:
        events.note(f"interpret {handler or 'every function'}")
        from analyzer.flow import interpret

        return interpret(program, sources, handler=handler, environment=environment, event=event, entry=entry)

    def build() -> Any:
        outcome = run()
        if not sources.was_read() <= {file.absolute for file in program.files}:
            raise _ReadMoreError(outcome)
        return _encode(outcome)

    key = _key(program, sources, handler, environment, entry, event or {})
    if key is None:
        return run()
    try:
        outcome = _decode(cached("interpretation", key, build))
    except _ReadMoreError as read_more:
        outcome = read_more.outcome
    except (KeyError, TypeError, ValueError, IndexError):
        # A damaged entry that still is JSON.
        outcome = None
    return outcome if isinstance(outcome, Interpretation) else run()


def _key(
    program: Program,
    sources: FileSources,
    handler: str | None,
    environment: Mapping[str, Value],
    entry: str | None,
    event: Mapping[str, Value],
) -> str | None:
    if any(file.named for file in program.files):
        return None
    # hashlib takes the function from there too, but loads OpenSSL first, which takes milliseconds.
    from _blake2 import blake2b

    digest = blake2b(digest_size=20)
    shown = next((file.path for file in program.files if file.absolute == entry), None)
    known = sorted(environment.items(), key=repr), sorted(event.items(), key=repr)
    settings = (_FORMAT, handler, shown, known, sdk.versions())
    digest.update(repr(settings).encode("utf-8", "surrogatepass"))
    for path, size, changed in _own_files():
        digest.update(f"{path}\0{size}\0{changed}\n".encode())
    for file in program.files:
        try:
            text = sources.read(file)
        except InputError as error:
            text = error.message
        digest.update(f"{file.path}\0{len(text)}\0".encode("utf-8", "surrogatepass"))
        digest.update(text.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


@cache
def _own_files() -> tuple[tuple[str, int, int], ...]:
    """Return name, size and time of change of lpa's own code and of the rules that an outcome can rest on."""
    return tuple(_listed_files())


def _listed_files() -> Iterator[tuple[str, int, int]]:
    for top in (os.path.dirname(os.path.abspath(__file__)), rules_folder()):
        for folder, folders, names in os.walk(top):
            folders[:] = sorted(name for name in folders if name not in _NO_MATTER)
            for name in sorted(names):
                status = os.stat(os.path.join(folder, name))
                yield os.path.relpath(os.path.join(folder, name), top), status.st_size, status.st_mtime_ns


def _encode(value: Any) -> Any:
    """Return a record as JSON data: a list that begins with its class, a tuple as a list that begins with null."""
    if isinstance(value, StrEnum):
        return [type(value).__name__, value.value]
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, bytes):
        return ["bytes", value.hex()]
    if isinstance(value, tuple):
        return [None, *(_encode(item) for item in value)]
    name = type(value).__name__
    return [name, *(_encode(getattr(value, field)) for field in _FIELDS[name])]


def _decode(data: Any) -> Any:
    if not isinstance(data, list):
        return data
    name, *items = data
    if name is None:
        return tuple(_decode(item) for item in items)
    if name == "bytes":
        return bytes.fromhex(items[0])
    return _CLASSES[name](*(_decode(item) for item in items))
