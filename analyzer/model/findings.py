"""What a check says."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from analyzer.model.location import Location
from analyzer.model.policy import Missing


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
class Addition:
    """What to add for a permission that is missing: a `text` to be pasted, and where it goes."""

    where: str
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found at `location`: `check` is its id, `message` one line, `remedy` what to do about it.

    `missing` is what the finding is about where that is a permission that is not granted; the message says it too.
    """

    check: str
    severity: Severity
    message: str
    location: Location
    related: tuple[Related, ...]
    remedy: str
    missing: Missing | None = field(default=None, compare=False, repr=False)
