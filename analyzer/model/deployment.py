"""Where the analysed program is deployed, as far as the user says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deployment:
    """What pins the parts of ARNs that the source cannot know; None and a missing name mean "not said".

    `environment` holds (name, value) pairs of environment variables, sorted by name.
    """

    partition: str = "aws"
    account: str | None = None
    region: str | None = None
    environment: tuple[tuple[str, str], ...] = ()
