"""What a check says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from analyzer.model.location import Location


class Severity(StrEnum):
    """How much a finding matters, from most to least."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that a finding is about, and what is there."""

    message: str
    location: Location


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found at `location`: `check` is its id, `message` one line, `remedy` what to do about it."""

    check: str
    severity: Severity
    message: str
    location: Location
    related: tuple[Related, ...]
    remedy: str
