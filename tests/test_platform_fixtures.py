"""The cases in fixtures/platform/: what `lpa check` says of what Lambda needs, and of who may invoke a function.

Each was worked out by hand from AWS's pages; `expected.json` has the check, the line and what the message says.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analyzer.config import Options, Selection
from analyzer.deployed import check
from analyzer.model.deployment import Deployment

CASES = sorted((Path(__file__).parent.parent / "fixtures/platform").iterdir())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_findings(case: Path) -> None:
    expected = json.loads((case / "expected.json").read_text())["findings"]
    options = Options((), str(case), None, Deployment(), None, None)
    found = check(options, Selection(("template.yaml",)))
    seen = [(one.location.start_line, one.check, one.message) for one in found]
    wanted = sorted((one["line"], one["check"], one["says"]) for one in expected)
    assert [one[:2] for one in sorted(seen)] == [one[:2] for one in wanted], seen
    for (_, _, message), (_, _, says) in zip(sorted(seen), wanted, strict=True):
        assert says in message
