"""Where a setting stands in the properties of a template's resources, as the files in rules/platform/ write it.

`VpcConfig.SubnetIds` goes down by names, `LambdaConfig.*` to every property, `Targets[].Arn` to every item of a list,
`Configurations[Type=A|B].URI` to the items of which that property has one of these values. `it` is the value that a
rule is about. ` > ` goes on from a value to the properties of the resource that it names
(`FileSystemConfigs[].Arn > FileSystemId`), ` < ` keeps of a text what comes before another (`it < /consumer/`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple


class Member(NamedTuple):
    """The property called `name`, every property if that is `*`."""

    name: str


class Items(NamedTuple):
    """The items of a list; with a `name`, those of which that property has one of `values`."""

    name: str
    values: tuple[str, ...]


class Follow(NamedTuple):
    """The properties of the resource that the value names."""


class Before(NamedTuple):
    """What of a text comes before `text`."""

    text: str


class It(NamedTuple):
    """The value that the rule is about."""


Step = Member | Items | Follow | Before | It
SettingPath = tuple[Step, ...]

_SEGMENT: Final = re.compile(r"([\w-]+|\*)(\[(?:(\w+)=([\w|-]+))?\])?")


@lru_cache(maxsize=512)
def parse_setting_path(text: str) -> SettingPath | None:
    """Return the steps of the path `text`, or None if it is not written as one."""
    way, _, before = text.partition(" < ")
    steps: list[Step] = []
    for part in way.split(" > "):
        if steps:
            steps.append(Follow())
        names = part.split(".")
        if names[0] == "it" and not steps:
            steps.append(It())
            names = names[1:]
        for name in names:
            found = _SEGMENT.fullmatch(name)
            if found is None:
                return None
            steps.append(Member(found[1]))
            if found[2]:
                steps.append(Items(found[3] or "", tuple((found[4] or "").split("|")) if found[3] else ()))
    return (*steps, Before(before)) if before else tuple(steps)
