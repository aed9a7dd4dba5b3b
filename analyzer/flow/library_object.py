"""Objects of known libraries, as far as the rules of the libraries need to tell them apart."""

from __future__ import annotations

from dataclasses import dataclass, replace

from analyzer.flow.values import Foreign, Value

_LONGEST_PATH = 120
_DEEPEST = 3


@dataclass(frozen=True, slots=True)
class LibraryObject(Foreign):
    """Something of a known library; `given` are the arguments it was made with.

    `receiver` is the class or instance of the program that inherits it.
    """

    given: tuple[tuple[str, Value], ...] = ()
    receiver: Value | None = None

    def attribute(self, name: str) -> LibraryObject:
        """Return an attribute, which knows as much."""
        path = f"{self.path}.{name}"
        return replace(self, path=path) if len(path) <= _LONGEST_PATH else self


def kept(values: dict[str, Value]) -> tuple[tuple[str, Value], ...]:
    """Return arguments as an object keeps them; objects made with objects made with objects end somewhere."""
    return tuple(
        (name, _shallow(value) if isinstance(value, LibraryObject) else value) for name, value in values.items()
    )


def _shallow(value: LibraryObject) -> Foreign:
    return Foreign(value.path, value.local) if _depth(value) >= _DEEPEST else value


def _depth(value: Value) -> int:
    if not isinstance(value, LibraryObject):
        return 0
    return 1 + max((_depth(inner) for _, inner in value.given), default=0)
