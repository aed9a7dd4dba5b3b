"""What rests on changed files."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.changed import Changed

TEXTS = [("infra/template.yaml", "DefinitionUri: machine.asl.json"), ("infra/nested/child.yaml", "")]


@pytest.mark.parametrize(
    ("file", "affected"),
    [
        ("infra/template.yaml", True),
        ("infra/nested/child.yaml", True),
        ("other/machine.asl.json", True),
        ("infra/image/Dockerfile.arm", True),
        ("Dockerfile", False),
        ("other.json", False),
        ("infra/machine.asl.json.py", False),
    ],
)
def test_templates(tmp_path: Path, file: str, affected: bool) -> None:
    assert Changed((file,), str(tmp_path)).template(TEXTS) is affected


@pytest.mark.parametrize(
    ("file", "affected"),
    [
        ("src/app.py", True),
        ("src/gone.py", True),
        ("src/other.py", False),
        ("srcs/gone.py", False),
        ("src/a.txt", False),
    ],
)
def test_programs(tmp_path: Path, file: str, affected: bool) -> None:
    for name in ("src/app.py", "src/other.py", "srcs/x.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    assert Changed((file,), str(tmp_path)).program(["src/app.py"], ["src"]) is affected
    assert Changed((str(tmp_path / file),), str(tmp_path)).program(["src/app.py"], ["src"]) is affected
