"""A state machine as a template defines it: the definition's content with its places, and what surrounds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analyzer.model.location import Location
from analyzer.model.values import Value


@dataclass(frozen=True, slots=True)
class Leaf:
    """A text, number, boolean or null of a definition, with symbols of the template as `TemplateSymbol`."""

    value: Value
    location: Location


@dataclass(frozen=True, slots=True)
class Items:
    """A list in a definition."""

    items: tuple[Node, ...]
    location: Location


@dataclass(frozen=True, slots=True)
class Fields:
    """An object in a definition, with where each of its keys stands."""

    members: Mapping[str, Node]
    keys: Mapping[str, Location]
    location: Location


Node = Leaf | Items | Fields


@dataclass(frozen=True, slots=True)
class StateMachine:
    """A state machine: `name` and `arn` are its own, as values; `location` is that of its resource.

    `logging` and `tracing` are where the template turns these on, None where it does not; `key` is the customer's key
    that its data is encrypted with.
    """

    definition: Node
    name: Value
    arn: Value
    location: Location
    logging: Location | None = None
    tracing: Location | None = None
    key: Leaf | None = None
