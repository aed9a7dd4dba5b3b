"""ARN formats of the catalogue (`arn:${Partition}:sqs:${Region}:${Account}:${QueueName}`): filled in, and matched.

Texts may have unknown parts (`analyzer.authorize.texts`). In a matched text those count as characters like any other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from analyzer.authorize.texts import ANY, has_unknown, starts_unknown, unknown_at
from analyzer.iam.arn import PARTITIONS

_VARIABLE: Final = re.compile(r"\$\{(\w+)\}")
_PLACE_SEGMENTS: Final = 5
_SERVICE: Final = 2
PLACE_VARIABLES: Final = ("Partition", "Region", "Account")
"""The variables that say where a resource is, not which one it is."""

_PLACE_VARIABLE_AT: Final = {1: "Partition", 3: "Region", 4: "Account"}


class ArnFormat(NamedTuple):
    """One ARN format: what stands before its resource, and the resource part with its variables.

    `pieces` are the literal parts of the resource, one more than there are `variables`; their `*` are wildcards.
    """

    place: tuple[str, ...]
    pieces: tuple[str, ...]
    variables: tuple[str, ...]

    @property
    def service(self) -> str:
        """The service segment, which may be a variable."""
        return self.place[2]

    @property
    def prefix(self) -> str:
        """What every resource of the format begins with (`table/`), empty if they have no common beginning."""
        return self.pieces[0]

    @property
    def is_sole(self) -> bool:
        """Whether an account, or all of AWS, has only one resource of the format (`hub/default`)."""
        return not self.variables and "*" not in self.prefix

    def fill(self, values: Mapping[str, str]) -> str:
        """Return an ARN with `values` for the variables, those of the place included; any other is not known."""
        account = values.get("Account", ANY)
        segments = [
            # A few services write `${AccountId}` where the account stands.
            _VARIABLE.sub(lambda found: values.get(found[1], ANY), _wild(segment).replace("${AccountId}", account))
            for segment in self.place
        ]
        parts = [_wild(self.pieces[0])]
        for variable, piece in zip(self.variables, self.pieces[1:], strict=True):
            parts += [values.get(variable, ANY), _wild(piece)]
        return ":".join((*segments, "".join(parts)))

    def match(self, arn: str) -> dict[str, str] | None:
        """Return the values of the variables in `arn`, those of its place included, or None if it is no such ARN.

        The last variable may hold separators (`arn:aws:s3:::b/a/key`).
        """
        segments = arn.split(":", _PLACE_SEGMENTS)
        if len(segments) <= _PLACE_SEGMENTS or segments[0] != "arn":
            return None
        for expected, found in zip(self.place, segments, strict=False):
            if "${" not in expected and expected != "*" and expected != found and not has_unknown(found):
                return None
        values = self.match_resource(segments[_PLACE_SEGMENTS])
        if values is None:
            return None
        return dict(zip(PLACE_VARIABLES, (segments[1], segments[3], segments[4]), strict=True)) | values

    def with_place_known(self, arn: str, partition: str) -> str:
        """Return `arn` with its place as IAM asks: in `partition` where its own is not known or is none, and with what
        the format spells out where that is not known. Without a service no ARN will do, so that is anything.
        """
        segments = arn.split(":", _PLACE_SEGMENTS)
        if segments[1] not in PARTITIONS:
            segments[1] = partition
        for index in range(_SERVICE, _PLACE_SEGMENTS):
            own = self.place[index]
            is_own = index == _SERVICE or (bool(self.prefix) and segments[_SERVICE] == self.service)
            if has_unknown(segments[index]) and "${" not in own and "*" not in own and is_own:
                segments[index] = own
        return ANY if has_unknown(segments[_SERVICE]) else ":".join(segments)

    def match_resource(self, resource: str) -> dict[str, str] | None:
        """Return the values of the variables in the resource part of an ARN, or None if it does not have that form."""
        found = _resource_expression(self.pieces).fullmatch(resource)
        return dict(zip(self.variables, found.groups(), strict=True)) if found else None

    def split(self, first: str, text: str) -> dict[str, str] | None:
        """Return the values of `first` and the variables after it in `text`, or None if it holds only that of `first`.

        `family:3` is both the family and the revision of `task-definition/${Family}:${Revision}`.
        """
        index = self.variables.index(first)
        if index + 1 == len(self.variables):
            return None
        found = _resource_expression(("", *self.pieces[index + 1 :])).fullmatch(text)
        return dict(zip(self.variables[index:], found.groups(), strict=True)) if found else None

    def align(self, text: str) -> str | None:
        """Return `text` as an ARN with all its segments, where unknown parts of it may stand for several of them.

        Returns None if it cannot be seen which part of the text is which segment.
        """
        resource = self._resource_in(text)
        if resource is None:
            return None
        place = text[: len(text) - len(resource)].rstrip(":").split(":")
        missing = _PLACE_SEGMENTS - len(place)
        unknown = [index for index, segment in enumerate(place) if has_unknown(segment)]
        if missing < 0 or (missing and not unknown) or (place[0] != "arn" and not starts_unknown(place[0])):
            return None
        if missing:
            at = unknown[0]
            place[at : at + 1] = [place[at], *[ANY] * missing] if at else ["arn", *[ANY] * missing]
        place = [
            own if "${" not in own and has_unknown(part) else part for own, part in zip(self.place, place, strict=True)
        ]
        return ":".join((*place, resource))

    def place_of(self, text: str) -> dict[str, str] | None:
        """Return where the resource is that `text` names, an ARN of this service with all its segments, else None."""
        segments = text.split(":", _PLACE_SEGMENTS)
        if len(segments) <= _PLACE_SEGMENTS or segments[0] != "arn":
            return None
        if segments[2] != self.service and not has_unknown(segments[2]):
            return None
        return dict(zip(PLACE_VARIABLES, (segments[1], segments[3], segments[4]), strict=True))

    def known_place(self, text: str) -> dict[str, str]:
        """Return the leading part of where the resource is that `text` names, an ARN without all its segments."""
        known: dict[str, str] = {}
        for index, segment in enumerate(text.split(":")[:-1]):
            if has_unknown(segment):
                break
            if index in _PLACE_VARIABLE_AT:
                known[_PLACE_VARIABLE_AT[index]] = segment
        return known

    def may_begin(self, text: str) -> bool:
        """Say whether the resource part of `text`, an ARN with unknown parts, may begin like this format's."""
        resource = text.split(":", _PLACE_SEGMENTS)[-1]
        known = resource[: unknown_at(resource)]
        return self.prefix.startswith(known) or known.startswith(self.prefix)

    def _resource_in(self, text: str) -> str | None:
        if self.prefix:
            at = text.find(self.prefix)
            begins = at > 0 and (text[at - 1] == ":" or starts_unknown(text[at - 1]))
            return text[at:] if begins else None
        last = text.rpartition(":")[2]
        return last if last != text and not starts_unknown(last) else None


def is_arn(text: str) -> bool:
    """Say whether `text` has all the segments of an ARN."""
    return text.startswith("arn:") and text.count(":") >= _PLACE_SEGMENTS


@lru_cache(maxsize=1024)
def parse_format(text: str) -> ArnFormat:
    """Return the ARN format `text` of the catalogue."""
    segments = text.split(":", _PLACE_SEGMENTS)
    resource = segments[_PLACE_SEGMENTS] if len(segments) > _PLACE_SEGMENTS else ""
    place = (*segments, *[""] * _PLACE_SEGMENTS)[:_PLACE_SEGMENTS]
    return ArnFormat(place, tuple(_VARIABLE.split(resource)[::2]), tuple(_VARIABLE.findall(resource)))


def _wild(literal: str) -> str:
    return literal.replace("*", ANY)


@lru_cache(maxsize=1024)
def _resource_expression(pieces: tuple[str, ...]) -> re.Pattern[str]:
    literals = [re.escape(piece).replace(r"\*", ".*") for piece in pieces]
    inner = "(.+?)".join(literals[:-1])
    return re.compile(f"{inner}(.+){literals[-1]}" if len(literals) > 1 else literals[0], re.DOTALL)
