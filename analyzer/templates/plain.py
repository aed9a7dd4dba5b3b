"""Template content as plain data, as the SAM translator wants it, and back with the places that it came from."""

from __future__ import annotations

import json
from typing import TypeAlias

from analyzer.iam.positioned_json import Array, Json, Object, Scalar
from analyzer.model.location import Location

Plain: TypeAlias = "dict[str, Plain] | list[Plain] | str | int | float | bool | None"


def to_plain(value: Json) -> Plain:
    """Return `value` without its places."""
    if isinstance(value, Object):
        return {key: to_plain(member) for key, member in value.members.items()}
    if isinstance(value, Array):
        return [to_plain(item) for item in value.items]
    if not value.is_number or not isinstance(value.value, str):
        return value.value
    try:
        return int(value.value)
    except ValueError:
        pass
    try:
        return float(value.value)
    except ValueError:
        return value.value


class Places:
    """Where the parts of a template stand, found again by what they hold."""

    def __init__(self, *originals: Json) -> None:
        """Take the parts of the template that what is asked about was made from."""
        self._known: dict[str, Json] = {}
        for original in originals:
            self._add(original)

    def _add(self, value: Json) -> Plain:
        plain: Plain
        if isinstance(value, Object):
            plain = {key: self._add(member) for key, member in value.members.items()}
        elif isinstance(value, Array):
            plain = [self._add(item) for item in value.items]
        else:
            plain = to_plain(value)
        self._known.setdefault(_canonical(plain), value)
        return plain

    def placed(self, value: Plain, default: Location, original: Json | None = None, *, scalars: bool = True) -> Json:
        """Return `value` with places: those of the part with the same content, or of `original`, or else `default`.

        `original` is what of the template `value` was made from, where that is known. Without `scalars`, only lists and
        objects are looked for by what they hold.
        """
        same = original if original is not None and to_plain(original) == value else None
        if same is None and (isinstance(value, dict | list) or (scalars and original is None)):
            same = self._known.get(_canonical(value)) if value else None
        if same is not None:
            return same
        place = default if original is None else original.location
        if isinstance(value, dict):
            members = original.members if isinstance(original, Object) else {}
            keys = original.key_locations if isinstance(original, Object) else {}
            return Object(
                {key: self.placed(part, place, members.get(key), scalars=scalars) for key, part in value.items()},
                {key: keys.get(key, place) for key in value},
                place,
            )
        if isinstance(value, list):
            items = original.items if isinstance(original, Array) and len(original.items) == len(value) else None
            parts = [
                self.placed(part, place, None if items is None else items[at], scalars=scalars)
                for at, part in enumerate(value)
            ]
            return Array(tuple(parts), place)
        if isinstance(value, bool) or value is None or isinstance(value, str):
            return Scalar(value, False, place)
        return Scalar(str(value), True, place)


def _canonical(value: Plain) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
