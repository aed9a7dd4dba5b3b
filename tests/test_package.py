"""The wheel, built and installed into an environment that holds nothing but it and what it declares to need."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "fixtures/apps/orders"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(
    wheel: Path,
    tmp_path_factory: pytest.TempPathFactory,
    linked_distributions: Callable[[Path, Iterable[str]], None],
) -> Path:
    """The `bin` folder of a fresh environment with the wheel in it."""
    environment = tmp_path_factory.mktemp("environment")
    _run(sys.executable, "-m", "venv", "--without-pip", environment)
    pip = (sys.executable, "-m", "pip", "--python", environment / "bin/python")
    _run(*pip, "install", "--no-index", "--no-deps", wheel)
    (site_packages,) = environment.glob("lib/python*/site-packages")
    (metadata_folder,) = site_packages.glob("lpa-*.dist-info")
    requires = metadata.PathDistribution(metadata_folder).requires or ()
    linked_distributions(site_packages, [Requirement(line).name for line in requires])
    return environment / "bin"


def _run(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*.yaml")}


def test_the_rules_are_in_the_wheel(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    inside = {name.removeprefix("analyzer/_rules/") for name in names if name.startswith("analyzer/_rules/")}
    assert _files(ROOT / "rules") <= inside
    assert "platform/lambda.yaml" in inside
    assert "analyzer/py.typed" in names
    page = {str(path.relative_to(ROOT)) for path in (ROOT / "analyzer/report/html").iterdir() if path.is_file()}
    assert page <= set(names)
    assert {name.split("/")[0] for name in names} == {"analyzer", "lpa-0.1.0.dist-info"}


def test_the_installed_command_generates_the_sample(installed: Path, tmp_path: Path) -> None:
    options = (SAMPLE / "options").read_text(encoding="utf-8").split()
    done = subprocess.run(
        [installed / "lpa", "generate", "role.json", "--source", SAMPLE / "src", *options],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LPA_CACHE_DIR": os.environ["LPA_CACHE_DIR"]},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "role.json").read_bytes() == (SAMPLE / "role.json").read_bytes()


def test_the_installed_command_knows_its_version(installed: Path, tmp_path: Path) -> None:
    done = subprocess.run([installed / "lpa", "--version"], cwd=tmp_path, capture_output=True, check=True)
    assert done.stdout == b"lpa 0.1.0\n"
