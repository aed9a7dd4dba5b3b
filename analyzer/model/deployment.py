"""Where the analysed program is deployed, as far as the user says."""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.model.values import Value


@dataclass(frozen=True, slots=True)
class Deployment:
    """What pins the parts of ARNs that the source cannot know; None and a missing name mean "not said".

    `environment` holds (name, value) pairs of environment variables, sorted by name. `event` holds what is known of the
    handler's event, (path, value) pairs with paths as in `EventPart`. With `symbols`, the account and the region that
    nobody said are written into names as a template does, `${AWS::AccountId}`, since the granted policy does so too.
    """

    partition: str = "aws"
    account: str | None = None
    region: str | None = None
    environment: tuple[tuple[str, Value], ...] = ()
    event: tuple[tuple[str, Value], ...] = ()
    symbols: bool = False
