"""Templates with something broken in them: whatever it is, it is told in a line or a finding, never by a traceback."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from analyzer import deployed
from analyzer.config import Options, Selection
from analyzer.errors import LpaError
from analyzer.model.deployment import Deployment
from analyzer.templates.plain import to_plain
from analyzer.templates.read import read_template

FIXTURES = Path(__file__).parent.parent / "fixtures"
WHOLE = [FIXTURES / "apps" / "shop" / "template.yaml", FIXTURES / "apps" / "media" / "template.yaml"]
JUNK: list[Any] = [
    None, "", 0, True, [], {}, [[]], -1, 1e99, "\u0000", "${", "${}", "${!}", "{{resolve:}}",
    {"Ref": "Nothing"}, {"Ref": ["a"]}, {"Ref": "AWS::NoValue"}, {"Fn::GetAtt": []}, {"Fn::GetAtt": "x"},
    {"Fn::Sub": {}}, {"Fn::Sub": ["a"]}, {"Fn::Join": ["a"]}, {"Fn::If": ["a", "b"]}, {"Fn::If": [1, {}, []]},
    {"Fn::Select": ["x", []]}, {"Fn::Split": [",", {"Ref": "Q"}]}, {"Fn::FindInMap": ["a", "b", "c"]},
    {"Fn::Transform": {"Name": "AWS::Include"}}, {"Fn::ImportValue": {"Fn::Sub": "${A}"}}, {"Fn::Unheard": 1},
]  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield from places(value[key], (*path, key))


def damaged(template: Any, chance: random.Random) -> Any:
    template = copy.deepcopy(template)
    *path, last = chance.choice(list(places(template)))
    holder = template
    for key in path:
        holder = holder[key]
    if chance.random() < 0.3:
        del holder[last]
    else:
        holder[last] = chance.choice(JUNK)
    return template


@pytest.mark.parametrize("whole", WHOLE, ids=lambda path: path.parent.name)
def test_nothing_in_a_template_brings_it_down(whole: Path, tmp_path: Path) -> None:
    document = read_template(whole.read_text(encoding="utf-8"), whole.name, [])
    assert document is not None
    template = to_plain(document.root)
    for part in whole.parent.iterdir():
        if part.is_dir():
            (tmp_path / part.name).symlink_to(part)
    chance = random.Random(whole.parent.name)
    told = 0
    for number in range(25):
        path = f"{number}.json"
        (tmp_path / path).write_text(json.dumps(damaged(template, chance)), encoding="utf-8")
        try:
            told += len(deployed.check(Options((), str(tmp_path), None, Deployment(), None, None), Selection((path,))))
        except LpaError as error:
            assert str(error)
    assert told > 0
