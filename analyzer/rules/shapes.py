"""Whether a path exists in an operation's input or output, from botocore's model files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from analyzer.rules.paths import ITEMS, KEYS, VALUES, parse_path
from analyzer.sdk.models import latest_api_version, read_model

# Whatever lies in a document type (JSON) is not described by the model.
_ANYTHING = "document"


class Shapes:
    """The inputs and outputs of one client's operations."""

    def __init__(self, service: str) -> None:
        """Read the model of `service`, which must be a client of the installed botocore."""
        model = read_model(service, latest_api_version(service), "service-2")
        self._shapes: dict[str, Any] = model["shapes"]
        self._operations: dict[str, Any] = model["operations"]

    def input_type(self, operation: str, path: str) -> str | None:
        """Return the type (`string`, `list`, ...) of what `path` reaches in the operation's input.

        Returns None if there is no such parameter, `document` for what the model does not describe.
        """
        found = self._find(operation, "input", path)
        return None if found is None else str(found["type"])

    def choices(self, operation: str, path: str) -> tuple[str, ...]:
        """Return the strings that the parameter at `path` can be, or nothing if it can be any."""
        found = self._find(operation, "input", path)
        return tuple(found.get("enum", ())) if found is not None else ()

    def has_output(self, operation: str, path: str) -> bool:
        """Say whether `path` exists in the operation's output."""
        return self._find(operation, "output", path) is not None

    def in_any_input(self, path: str) -> bool:
        """Say whether `path` exists in the input of any operation."""
        return any(self.input_type(operation, path) is not None for operation in self._operations)

    def _find(self, operation: str, side: str, path: str) -> dict[str, Any] | None:
        steps = parse_path(path)
        start = self._operations[operation].get(side)
        if steps is None or start is None:
            return None
        return self._follow(self._shapes[start["shape"]], steps)

    def _follow(self, shape: dict[str, Any], steps: Iterable[str]) -> dict[str, Any] | None:
        for step in steps:
            if shape.get(_ANYTHING):
                return {"type": _ANYTHING}
            if step == ITEMS:
                target = shape.get("member") if shape["type"] == "list" else None
            elif step == KEYS:
                target = shape.get("key") if shape["type"] == "map" else None
            elif shape["type"] == "map":
                target = shape["value"] if self._may_be_key(step, shape) else None
            else:
                target = shape.get("members", {}).get(step)
            if target is None:
                return None
            shape = self._shapes[target["shape"]]
        return shape

    def _may_be_key(self, step: str, mapping: dict[str, Any]) -> bool:
        keys = self._shapes[mapping["key"]["shape"]].get("enum")
        return step == VALUES or keys is None or step in keys
