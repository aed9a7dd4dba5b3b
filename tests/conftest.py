from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

# No result depends on reference data that the user has fetched, not even what is read while tests are collected.
os.environ["LPA_DATA_DIR"] = os.devnull


@pytest.fixture(scope="session", autouse=True)
def cache_directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache of the tests' own, so that no result depends on what the user's cache holds."""
    directory = tmp_path_factory.mktemp("cache")
    previous = os.environ.get("LPA_CACHE_DIR")
    os.environ["LPA_CACHE_DIR"] = str(directory)
    yield directory
    if previous is None:
        del os.environ["LPA_CACHE_DIR"]
    else:
        os.environ["LPA_CACHE_DIR"] = previous


class Command:
    """The installed command `lpa`, run as a process of its own in an environment that holds nothing but its needs."""

    def __init__(self, executable: Path, cwd: Path, environment: dict[str, str]) -> None:
        self.executable = executable
        self.cwd = cwd
        self.environment = environment

    def __call__(self, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.executable, *arguments],
            cwd=self.cwd,
            env=self.environment | environment,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    def start(self, *arguments: str | Path, **environment: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [self.executable, *arguments],
            cwd=self.cwd,
            env=self.environment | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def write(self, name: str, content: str | bytes) -> Path:
        """Put a file under the working directory and return its path."""
        path = self.cwd / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def read(self, name: str) -> str:
        return (self.cwd / name).read_text(encoding="utf-8")


def scrubbed_environment(home: Path, cache: Path) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "HOME": str(home), "LPA_CACHE_DIR": str(cache)}


@pytest.fixture
def lpa(tmp_path: Path, cache_directory: Path) -> Command:
    executable = Path(sys.executable).with_name("lpa")
    assert executable.exists(), f"{executable} is missing: run the tests with `make test`"
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    work.mkdir()
    return Command(executable, work, scrubbed_environment(home, cache_directory))


@pytest.fixture(scope="session")
def linked_distributions() -> Callable[[Path, Iterable[str]], None]:
    return _link_distributions


def _link_distributions(folder: Path, names: Iterable[str]) -> None:
    """Make the installed distributions `names` and all they require importable from `folder`, and no others.

    It gives another environment exactly its declared dependencies without asking a package registry for them.
    """
    pending, seen = list(names), set[str]()
    while pending:
        distribution = metadata.distribution(pending.pop())
        if distribution.name in seen:
            continue
        seen.add(distribution.name)
        for line in distribution.requires or ():
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                pending.append(requirement.name)
        for top in {file.parts[0] for file in distribution.files or ()} - {"..", "__pycache__"}:
            link = folder / top
            if not link.exists():
                link.symlink_to(Path(str(distribution.locate_file(top))))
