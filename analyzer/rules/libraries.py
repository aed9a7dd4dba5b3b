"""The rules of libraries, read once per content and kept in the cache; a package without a file costs a look-up."""

from __future__ import annotations

import os
from functools import cache
from typing import Any, TypedDict

from analyzer import events
from analyzer.cache import cached
from analyzer.catalog import data_version
from analyzer.installed import rules_folder
from analyzer.rules.folder import content_key, rule_names, shown_name
from analyzer.rules.library_records import (
    Argument,
    Constant,
    Filling,
    LibraryCall,
    LibraryEntry,
    LibraryExample,
    LibraryRules,
    Part,
)
from analyzer.rules.records import Guard
from analyzer.sdk.installation import version

# Raised when the form of the files, of what is stored, or of the checks changes.
_FORMAT = 4


class StoredLibrary(TypedDict):
    """`LibraryRules` in the form the cache keeps, without the names that are known before they are read.

    Names that do the same share an entry of `bodies`.
    """

    aliases: dict[str, str]
    wraps: list[str]
    no_calls: list[str]
    views: list[str]
    reported: list[str]
    signers: list[str]
    bodies: list[Any]
    entries: dict[str, int]


@cache
def library_rules(package: str) -> LibraryRules | None:
    """Return the rules of the package that is imported as `package`, or None if there are none.

    Raises RuleError if its file is wrong.
    """
    if package not in rule_names("libraries"):
        return None
    file_name = f"{package}.yaml"
    path, shown = os.path.join(rules_folder(), "libraries", file_name), shown_name("libraries", file_name)
    with open(path, "rb") as stream:
        content = stream.read()
    events.note(f"read {shown}")

    def build() -> StoredLibrary:
        from pathlib import Path

        from analyzer.rules.library_file import read_library_file

        return store_library(read_library_file(Path(path), shown)[0])

    # What is stored has passed checks against botocore and the catalogue, so it depends on their versions too.
    key = f"{package}-{content_key(content)}-{data_version()}-{version('botocore')}-{_FORMAT}"
    return restore_library(package, shown, cached("libraries", key, build))


def library_examples(package: str) -> tuple[LibraryExample, ...]:
    """Return the examples in the rules of `package`, in the file's order. Raises RuleError if its file is wrong."""
    from pathlib import Path

    from analyzer.rules.library_file import read_library_file

    file_name = f"{package}.yaml"
    return read_library_file(Path(rules_folder(), "libraries", file_name), shown_name("libraries", file_name))[1]


def store_library(rules: LibraryRules) -> StoredLibrary:
    """Return `rules` as the cache keeps them."""
    bodies = {id(entry): entry for entry in rules.entries.values()}
    positions = {key: position for position, key in enumerate(bodies)}
    return {
        "aliases": dict(rules.aliases),
        "wraps": list(rules.wraps),
        "no_calls": list(rules.no_calls),
        "views": list(rules.views),
        "reported": list(rules.reported),
        "signers": list(rules.signers),
        "bodies": list(bodies.values()),
        "entries": {name: positions[id(entry)] for name, entry in rules.entries.items()},
    }


def restore_library(package: str, shown: str, stored: StoredLibrary) -> LibraryRules:
    """Return the rules that `store_library` was given."""
    bodies = [_entry(*body) for body in stored["bodies"]]
    return LibraryRules(
        package,
        shown,
        stored["aliases"],
        tuple(stored["wraps"]),
        tuple(stored["no_calls"]),
        tuple(stored["views"]),
        tuple(stored["reported"]),
        tuple(stored["signers"]),
        {name: bodies[position] for name, position in stored["entries"].items()},
    )


def _entry(
    arguments: list[Any], calls: list[Any], returns: str, guards: list[Any], attributes: list[list[str]]
) -> LibraryEntry:
    return LibraryEntry(
        tuple(Argument(*argument) for argument in arguments),
        tuple(_call(*call) for call in calls),
        returns,
        _guards(guards),
        tuple((name, argument) for name, argument in attributes),
    )


def _call(
    kind: str, owner: str, name: str, parameters: list[Any], guards: list[Any], region: list[Any] | None
) -> LibraryCall:
    return LibraryCall(
        kind,
        owner,
        name,
        tuple((parameter, _filling(*filling)) for parameter, filling in parameters),
        _guards(guards),
        None if region is None else _filling(*region),
    )


def _filling(paths: list[str], part: str, extract: str, constant: Constant | None, append: str) -> Filling:
    return Filling(tuple(paths), Part(part), extract, constant, append)


def _guards(guards: list[Any]) -> tuple[Guard, ...]:
    return tuple(Guard(path, test, tuple(values), certain) for path, test, values, certain in guards)
