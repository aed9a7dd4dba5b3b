"""What checks look at and what they say."""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.model.calls import Unresolved
from analyzer.model.findings import Related
from analyzer.model.location import Location
from analyzer.model.policy import Comparison, Missing


@dataclass(frozen=True, slots=True)
class Subject:
    """What the checks look at: how the granted policy compares, and what the analysis could not resolve."""

    comparison: Comparison
    unresolved: tuple[Unresolved, ...]


@dataclass(frozen=True, slots=True)
class Observation:
    """What a check saw, in one line, and where; `related` are other places, `missing` a permission that it is about."""

    message: str
    location: Location
    related: tuple[Related, ...] = ()
    missing: Missing | None = None
