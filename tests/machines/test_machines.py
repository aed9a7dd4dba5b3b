"""Every folder of fixtures/machines/: a template with state machines, and what they need, worked out by hand.

The expected needs are from the pages that rules/states/ names. expected.json holds `needs` by logical id; it may hold
`places`, where the calls of a machine stand, and `unresolved`, what cannot be told (`file:line - words`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from analyzer.authorize import authorize
from analyzer.machines import machine_calls
from analyzer.model.calls import Unresolved
from analyzer.model.definition import StateMachine
from analyzer.model.deployment import Deployment
from analyzer.model.requirements import Arns
from analyzer.model.workload import StackResource
from analyzer.templates import read_workloads
from analyzer.templates.definitions import MACHINE, read_machine
from analyzer.templates.resources import read_resources

CASES = Path(__file__).parent.parent.parent / "fixtures" / "machines"
PLACE = Deployment(symbols=True)


def _machines(
    folder: Path, problems: list[Unresolved]
) -> Iterator[tuple[str, StateMachine, tuple[StackResource, ...]]]:
    (template,) = (path.name for path in folder.glob("template.*"))
    found = read_workloads([template], str(folder), PLACE, {})
    problems += found.problems
    for stack in found.stacks:
        resources = tuple(read_resources(stack))
        for resource in stack.stack.resources.values():
            machine = read_machine(resource, stack, str(folder), problems) if resource.type == MACHINE else None
            if machine is not None:
                yield resource.id, machine, resources


@pytest.mark.parametrize("name", sorted(folder.name for folder in CASES.iterdir()))
def test_machine(name: str) -> None:
    expected: dict[str, Any] = json.loads((CASES / name / "expected.json").read_text(encoding="utf-8"))
    unresolved: list[Unresolved] = []
    needs: dict[str, list[str]] = {}
    places: dict[str, list[str]] = {}
    for machine_id, machine, resources in _machines(CASES / name, unresolved):
        found = machine_calls(machine, resources)
        needed = authorize(found.calls, PLACE)
        unresolved += (*found.unresolved, *needed.unresolved)
        needs[machine_id] = sorted(
            {
                f"{one.action} on {pattern}"
                for one in needed.requirements
                for pattern in (one.scope.patterns if isinstance(one.scope, Arns) else ("*",))
            }
        )
        lines = dict.fromkeys(f"{call.location.path}:{call.location.start_line}" for call in found.calls)
        places[machine_id] = list(lines)
    assert needs == expected["needs"]
    for machine_id, lines_expected in expected.get("places", {}).items():
        assert places[machine_id] == lines_expected
    told = [f"{one.location.path}:{one.location.start_line} - {one.detail}" for one in dict.fromkeys(unresolved)]
    for wanted in expected.get("unresolved", ()):
        place, _, words = wanted.partition(" - ")
        matching = [line for line in told if line.startswith(f"{place} - ") and words in line]
        assert matching, f"{wanted} is not in:\n" + "\n".join(told)
        told.remove(matching[0])
    assert told == []
