from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

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


JSON_COMMANDS = {"scan", "check", "lint", "diff", "explain", "config"}


@cache
def output_schema() -> Draft202012Validator:
    """The published schema of the JSON output, made strict: a key that it does not name is an error."""
    from jsonschema import Draft202012Validator

    schema = json.loads((Path(__file__).parent.parent / "docs/output.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    for name, definition in schema["$defs"].items():
        # These are parts of others, and a statement is written as IAM has it.
        if name not in {"place", "located", "statement"}:
            definition["unevaluatedProperties"] = False
    return Draft202012Validator(schema)


class Command:
    """The installed command `lpa`, run as a process of its own in an environment that holds nothing but its needs."""

    def __init__(self, executable: Path, cwd: Path, environment: dict[str, str]) -> None:
        self.executable = executable
        self.cwd = cwd
        self.environment = environment

    def __call__(self, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the command; what it prints as JSON has to be as docs/output.schema.json says."""
        done = subprocess.run(
            [self.executable, *arguments],
            cwd=self.cwd,
            env=self.environment | environment,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        if "json" in arguments and arguments[0] in JSON_COMMANDS and done.returncode in (0, 1):
            output_schema().validate(json.loads(done.stdout))
        return done

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
