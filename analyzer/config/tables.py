"""Tables of a TOML file, from which values of the right type can be had; everything else is refused with its line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn, TypeGuard, TypeVar

from analyzer.config.toml_lines import KeyPath, key_lines
from analyzer.errors import UsageError

Pairs = tuple[tuple[str, str], ...]
"""Names with their values, sorted."""

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class TomlFile:
    """The content of a file, and the `path` that messages give it."""

    text: str
    path: str

    def line(self, key: KeyPath) -> int:
        """Return the line of a key, or of the nearest table that holds it."""
        lines = key_lines(self.text)
        while key and key not in lines:
            key = key[:-1]
        return lines.get(key, 1)

    def refuse(self, key: KeyPath, what: str, hint: str) -> NoReturn:
        """Raise UsageError for what stands at `key`."""
        raise UsageError(f"{self.path}:{self.line(key)}: {what}", hint)


class Table:
    """A table of the document, from which values of the right type can be had."""

    def __init__(self, file: TomlFile, path: KeyPath, content: object) -> None:
        self.file = file
        self.path = path
        if not isinstance(content, dict):
            self.file.refuse(path, f"{written_key(path) or 'the configuration'} is {kind_of(content)}", "write a table")
        self._content: Mapping[str, object] = content

    def allow(self, keys: Sequence[str]) -> None:
        """Refuse every key that is none of `keys`."""
        for key in self._content:
            if key not in keys:
                near = nearest(key, keys)
                hint = f"did you mean {near}?" if near else f"the keys are {', '.join(keys)}"
                self.refuse(key, f"unknown key {key}", hint)

    def refuse(self, key: str, what: str, hint: str) -> NoReturn:
        """Raise UsageError for what stands at `key` of this table."""
        self.file.refuse((*self.path, key), what, hint)

    def text(self, key: str) -> str | None:
        """Return a string, None if the key is not there."""
        value = self._content.get(key)
        if value is not None and not _is_usable(value):
            self.refuse(key, f"{key} is {kind_of(value)}", "write a string")
        return value

    def required(self, key: str) -> str:
        """Return a string that has to be there."""
        value = self.text(key)
        if value is None:
            self.file.refuse(
                self.path, f"{written_key(self.path) or 'the configuration'} has no {key}", f'add {key} = "..."'
            )
        return value

    def flag(self, key: str) -> bool | None:
        """Return a boolean, None if the key is not there."""
        value = self._content.get(key)
        if value is not None and not isinstance(value, bool):
            self.refuse(key, f"{key} is {kind_of(value)}", "write true or false")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of strings, empty if the key is not there."""
        value = self._content.get(key, [])
        if not isinstance(value, list):
            self.refuse(key, f"{key} is {kind_of(value)}", 'write a list of strings: ["..."]')
        for number, item in enumerate(value):
            if not _is_usable(item):
                self.file.refuse((*self.path, key, number), f"{key} holds {kind_of(item)}", "write strings")
        return tuple(value)

    def pairs(self, key: str) -> Pairs:
        """Return a table of strings, empty if the key is not there."""
        value = self._content.get(key, {})
        if not isinstance(value, dict):
            self.refuse(key, f"{key} is {kind_of(value)}", 'write a table of strings: { NAME = "value" }')
        for name, item in value.items():
            if not isinstance(item, str) or not name:
                self.file.refuse((*self.path, key, name), f"{key}.{name} is {kind_of(item)}", "write a string")
        return tuple(sorted(value.items()))

    def choice(self, key: str, choices: type[Choice]) -> Choice | None:
        """Return one of `choices`, None if the key is not there."""
        value = self.text(key)
        if value is None:
            return None
        for one in choices:
            if one.value == value:
                return one
        names = [one.value for one in choices]
        near = nearest(value, names)
        return self.refuse(key, f"{key} is {value}", f"did you mean {near}?" if near else f"one of {', '.join(names)}")

    def tables(self, key: str) -> list[Table]:
        """Return a list of tables, empty if the key is not there."""
        value = self._content.get(key, [])
        if not isinstance(value, list):
            header = ".".join((*map(str, self.path), key))
            self.refuse(key, f"{key} is {kind_of(value)}", f"write each as a table of its own: [[{header}]]")
        return [Table(self.file, (*self.path, key, number), item) for number, item in enumerate(value)]

    @property
    def line(self) -> int:
        """Return the line that the table begins on."""
        return self.file.line(self.path)


def _is_usable(value: object) -> TypeGuard[str]:
    # No path and no name has a null character, and the operating system takes none.
    return isinstance(value, str) and value != "" and "\0" not in value


def nearest(word: str, words: Iterable[str]) -> str | None:
    """Return the one of `words` that is most like `word`, None if none is."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word, list(words), n=1)), None)


def written_key(path: KeyPath) -> str:
    """Return how a key is shown: `functions[2].name`, lists counted from 1."""
    written = ""
    for part in path:
        written += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if written else part
    return written


def kind_of(value: object) -> str:
    """Return what a value is, in the words of TOML."""
    match value:
        case bool():
            return "a boolean"
        case "":
            return "an empty string"
        case str() if "\0" in value:
            return "a string with a null character"
        case str():
            return "a string"
        case int():
            return "an integer"
        case float():
            return "a float"
        case list():
            return "a list"
        case dict():
            return "a table"
        case _:
            return "a date or time"
