"""The hooks of .pre-commit-hooks.yaml, installed from a clone of this repository and run by the real pre-commit."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent

HANDLER = """\
import boto3

queue = boto3.client("sqs", region_name="eu-west-1")


def handler(event, context):
    url = "https://sqs.eu-west-1.amazonaws.com/123456789012/orders"
    return queue.send_message(QueueUrl=url, MessageBody=event["body"])
"""

CONFIG = """\
repos:
  - repo: {repository}
    rev: {revision}
    hooks:
      - id: lpa-generate
        args: [role.json, --source, src]
      - id: lpa-check
        args: [role.json, --source, src]
"""

# Worked out by hand: the one call of HANDLER on the queue that its URL names.
STATEMENT = {
    "Effect": "Allow",
    "Action": ["sqs:SendMessage"],
    "Resource": ["arn:aws:sqs:eu-west-1:123456789012:orders"],
}


class Scratch:
    """A git repository that uses the hooks."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment

    def run(self, *command: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=cwd or self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )

    def commit(self, folder: Path) -> str:
        for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--no-verify", "-m", "state"]):
            done = self.run("git", *command, cwd=folder)
            assert done.returncode == 0, done.stdout
        return self.run("git", "rev-parse", "HEAD", cwd=folder).stdout.strip()

    def pre_commit(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, "-m", "pre_commit", "run", "--all-files", "--verbose", *arguments)


@pytest.fixture(scope="module")
def environment(
    tmp_path_factory: pytest.TempPathFactory, linked_distributions: Callable[[Path, Iterable[str]], None]
) -> dict[str, str]:
    """An environment in which pip installs the hooks without a network: what it needs is on the path already."""
    links, home = tmp_path_factory.mktemp("links"), tmp_path_factory.mktemp("home")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    needed = project["project"]["dependencies"] + project["build-system"]["requires"]
    linked_distributions(links, [Requirement(line).name for line in needed])
    return {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"]),
        "HOME": str(home),
        "LPA_CACHE_DIR": os.environ["LPA_CACHE_DIR"],
        "PRE_COMMIT_HOME": str(home / "pre-commit"),
        "PYTHONPATH": str(links),
        "PIP_NO_INDEX": "1",
        "PIP_NO_DEPS": "1",
        # pip reads the variable of a --no-... flag the other way round: this switches build isolation off.
        "PIP_NO_BUILD_ISOLATION": "0",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": "test",
        "GIT_AUTHOR_EMAIL": "test@example.com",
        "GIT_COMMITTER_NAME": "test",
        "GIT_COMMITTER_EMAIL": "test@example.com",
    }


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Scratch:
    hooks, app = tmp_path_factory.mktemp("hooks"), tmp_path_factory.mktemp("app")
    for part in ("analyzer", "rules"):
        shutil.copytree(ROOT / part, hooks / part, ignore=shutil.ignore_patterns("__pycache__"))
    for part in (".pre-commit-hooks.yaml", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / part, hooks / part)
    repository = Scratch(app, environment)
    revision = repository.commit(hooks)
    (app / "src").mkdir()
    (app / "src/app.py").write_text(HANDLER)
    (app / ".pre-commit-config.yaml").write_text(CONFIG.format(repository=hooks, revision=revision))
    repository.commit(app)
    return repository


def test_the_hooks_keep_the_role_in_step_with_the_source(scratch: Scratch) -> None:
    role = scratch.folder / "role.json"

    written = scratch.pre_commit("lpa-generate")
    assert written.returncode == 0, written.stdout
    statement = json.loads(role.read_text())["Statement"][0]
    assert {key: statement[key] for key in STATEMENT} == STATEMENT
    scratch.run("git", "add", "role.json")

    clean = scratch.pre_commit()
    assert clean.returncode == 0, clean.stdout

    document = json.loads(role.read_text())
    document["Statement"][0]["Action"] = "sqs:*"
    role.write_text(json.dumps(document))
    scratch.run("git", "add", "role.json")
    refused = scratch.pre_commit("lpa-check")
    assert refused.returncode == 1, refused.stdout
    assert "role.json:1:" in refused.stdout
    assert "sqs:*" in refused.stdout

    repaired = scratch.pre_commit("lpa-generate")
    assert repaired.returncode == 1, "pre-commit fails a hook that changes a file"
    assert "files were modified by this hook" in repaired.stdout
    assert json.loads(role.read_text())["Statement"] == [statement]


def test_an_error_of_a_hook_reaches_the_user(scratch: Scratch) -> None:
    app = scratch.folder / "src/app.py"
    app.write_text(HANDLER)
    (scratch.folder / "role.json").write_text("[]")
    scratch.run("git", "add", "role.json")
    done = scratch.pre_commit("lpa-check")
    assert done.returncode == 1
    assert "lpa: error: role.json:1:1: neither a policy nor a role" in done.stdout
