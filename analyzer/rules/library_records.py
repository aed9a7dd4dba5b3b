"""What a file of rules/libraries/ says, once read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from analyzer.rules.records import Guard

FORWARDED: Final = "**"
"""The parameter that stands for all those that a call is given under their own names, as `**options` does."""

ANY_OBJECT: Final = "*"
"""The owner of a method that every object made by a library has."""

RECEIVER: Final = "self"
"""The root of a path into the program's own class or instance that a library's method is called on."""

SAME: Final = "self"
"""What a method returns that returns objects of the class or instance it is called on."""

OWNER: Final = "owner"
"""The root of a path into the program's class that holds the receiver as an attribute."""

EVENT: Final = "handler_event"
"""The root of a path into the event of the handler, for what is not given it."""

Constant = str | int | float | bool


class Part(StrEnum):
    """Which part of an argument is meant: the whole, or a part of an S3 URL (`s3://bucket/key`).

    `KEYS` is the key or pattern, and everything that begins like it where it is no pattern; `BELOW` is everything
    under the key as a folder; `PATH` is `bucket/key`.
    """

    WHOLE = ""
    BUCKET = "bucket"
    KEY = "key"
    KEYS = "keys"
    BELOW = "below"
    PATH = "path"


class Argument(NamedTuple):
    """An argument of a library's function; `kind` is `normal`, `keyword`, `args` or `kwargs`.

    `default` is its default if that is a constant other than None, which counts as not given.
    """

    name: str
    kind: str
    default: Constant | None = None


class Filling(NamedTuple):
    """Where the value of a parameter comes from: the first of `paths` into the arguments that is given, or `constant`.

    Where `extract` is not empty, it is a regular expression and the value its first group. `append` is put behind the
    value, and `*` in it stands for anything.
    """

    paths: tuple[str, ...]
    part: Part = Part.WHOLE
    extract: str = ""
    constant: Constant | None = None
    append: str = ""


class LibraryCall(NamedTuple):
    """One thing that a library's function does when all of `guards` hold on its arguments.

    `kind` says what: an `operation` of the client `owner`; an `action` of the IAM prefix `owner` that no operation
    stands for; a `method` of the argument at the path `owner`; a `function`, the argument at that path itself; or
    something `unknown`, which `name` says in words and which is reported.
    `parameters` are those of the operation by path, of the method by name, of the function by position, or the
    variables of the action's ARNs. `region` is where the region comes from.
    """

    kind: str
    owner: str
    name: str
    parameters: tuple[tuple[str, Filling], ...] = ()
    guards: tuple[Guard, ...] = ()
    region: Filling | None = None


class LibraryEntry(NamedTuple):
    """A function, class or method of a library: its signature, what calling it does, and what it returns.

    `returns` is the dotted name of the class of the result; empty for a class itself and where it does not matter.
    `attributes` are names under which an object keeps arguments that are called otherwise.
    """

    arguments: tuple[Argument, ...] = ()
    calls: tuple[LibraryCall, ...] = ()
    returns: str = ""
    returns_guards: tuple[Guard, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()


class LibraryRules(NamedTuple):
    """The rules of the package `name`; names are dotted, as a program imports them.

    `aliases` maps names to those that entries use; `wraps` are classes whose decorators call what they decorate;
    nothing below `no_calls` needs a permission, and whatever else is below `reported` may. Classes below `views` give
    access to the data that they are made of. Objects of `signers` sign the requests of whoever they are given to.
    """

    name: str
    file: str
    aliases: Mapping[str, str]
    wraps: tuple[str, ...]
    no_calls: tuple[str, ...]
    views: tuple[str, ...]
    reported: tuple[str, ...]
    signers: tuple[str, ...]
    entries: Mapping[str, LibraryEntry]


class LibraryExample(NamedTuple):
    """A program and exactly what it needs; `unresolved` are the sorted reasons of what is reported besides."""

    code: str
    needs: tuple[str, ...]
    unresolved: tuple[str, ...]
    line: int
