"""Every folder below fixtures/extract/ is a program and what `interpret` has to find in it (see the README there)."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from analyzer.collect import collect
from analyzer.flow import interpret
from analyzer.model.calls import ApiCall, Interpretation
from analyzer.model.values import (
    Absent,
    Ambient,
    CallResult,
    Environment,
    EventPart,
    Hole,
    Known,
    Mapping,
    OneOf,
    Opaque,
    Origin,
    Sequence,
    Text,
    Value,
)
from analyzer.sources import FileSources

CASES = Path(__file__).parents[2] / "fixtures" / "extract"


@pytest.mark.parametrize("name", sorted(path.parent.name for path in CASES.glob("*/expected.json")))
def test_extracts(name: str, tmp_path: Path) -> None:
    expected = json.loads((CASES / name / "expected.json").read_text(encoding="utf-8"))
    folder = CASES / name
    if "repeat" in expected:
        folder = tmp_path / name
        shutil.copytree(CASES / name, folder)
        for path, text in expected["repeat"].items():
            (folder / path).write_text(_repeated(text), encoding="utf-8")

    found = interpret(
        collect(["."], str(folder)),
        FileSources(),
        handler=expected.get("handler"),
        environment={name: Known(value) for name, value in expected.get("environment", {}).items()},
    )

    with_chain = any("chain" in call for call in expected["calls"])
    wanted = {_frozen(one) for call in expected["calls"] for one in _spread(_with_defaults(call))}
    actual = {_frozen(one) for call in found.calls for one in _spread(_call(call, with_chain=with_chain))}
    assert _shown(actual) == _shown(wanted)
    assert _unresolved(found) == sorted(expected["unresolved"], key=_frozen)


def test_case_folders_hold_a_program_each() -> None:
    folders = [path for path in CASES.iterdir() if path.is_dir()]
    assert len(folders) >= 120
    for folder in folders:
        expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
        assert list(folder.rglob("*.py")) or expected["repeat"], f"{folder.name} holds no program"


def _repeated(text: dict[str, Any]) -> str:
    """Return a large program: `before`, `line` as often as `times` says, `after`."""
    lines = [_filled(text["line"], number) for number in range(text["times"])]
    return "".join([text["before"], *lines, _filled(text["after"], text["times"])])


def _filled(line: str, number: int) -> str:
    indent = "    " * (number + 1)
    return line.replace("{n+1}", str(number + 1)).replace("{n}", str(number)).replace("{indent}", indent)


def _with_defaults(call: dict[str, Any]) -> dict[str, Any]:
    return {"possible": False, "region": None, **call}


def _call(call: ApiCall, *, with_chain: bool) -> dict[str, Any]:
    return {
        "file": call.location.path,
        "line": call.location.start_line,
        "service": call.service,
        "operation": call.operation,
        "via": call.via.value,
        "parameters": _mapping(call.parameters),
        **({"chain": list(call.call_chain)} if with_chain else {}),
        "possible": call.possible,
        "region": call.region,
    }


def _unresolved(found: Interpretation) -> list[dict[str, Any]]:
    seen = {
        _frozen(
            {
                "file": one.location.path,
                "line": one.location.start_line,
                "reason": one.reason.value,
                "candidates": list(one.candidates),
            }
        )
        for one in found.unresolved
    }
    return [json.loads(one) for one in sorted(seen)]


# Values in JSON


def _plain(value: Value) -> Any:
    match value:
        case Known(value=bytes() as data):
            return {"bytes": data.decode("latin-1")}
        case Known():
            return value.value
        case Text():
            return {"text": [part if isinstance(part, str) else _hole(part) for part in value.parts]}
        case Opaque():
            return _origin(value.origin)
        case Absent():
            return {"absent": True}
        case Sequence():
            return [*(_plain(item) for item in value.items), *([] if value.complete else [{"rest": True}])]
        case Mapping():
            return _mapping(value)
        case OneOf():
            return {"any_of": [_plain(alternative) for alternative in value.alternatives]}


def _mapping(mapping: Mapping) -> dict[str, Any]:
    entries: dict[str, Any] = {}
    for key, value in mapping.entries:
        plain = _plain(key)
        entries[plain if isinstance(plain, str) else json.dumps(plain, sort_keys=True)] = _plain(value)
    return entries | ({} if mapping.complete else {"**": {"unknown": True}})


def _hole(hole: Hole) -> Any:
    return _origin(hole.origin)


def _origin(origin: Origin) -> Any:
    match origin:
        case Environment(name=name, default=None):
            return {"env": name}
        case Environment(name=name, default=default):
            return {"env": name, "default": default}
        case EventPart(path=path):
            return {"event": path}
        case CallResult():
            return {"result": [origin.service, origin.operation, origin.path]}
        case Ambient(name=name):
            return {"ambient": name}
        case _:
            return {"unknown": True}


# Alternatives: one call with two possible buckets says the same as two calls with one bucket each.


def _spread(value: Any) -> Iterator[Any]:
    if isinstance(value, dict) and "any_of" in value:
        for alternative in value["any_of"]:
            yield from _spread(alternative)
    elif isinstance(value, dict):
        for chosen in itertools.product(*(list(_spread(item)) for item in value.values())):
            pairs = zip(value, chosen, strict=True)
            yield {key: item for key, item in pairs if item != {"absent": True}}
    elif isinstance(value, list):
        for chosen in itertools.product(*(list(_spread(item)) for item in value)):
            yield list(chosen)
    else:
        yield value


def _frozen(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _shown(calls: set[str]) -> str:
    """Return calls one to a line, for a readable difference."""
    return "\n".join(sorted(calls))
