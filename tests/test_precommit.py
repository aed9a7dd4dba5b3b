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
        pass_filenames: false
      - id: lpa-check
        args: [role.json, --source, src]
        pass_filenames: false
"""

CONFIGURED_HOOKS = """\
    hooks:
      - id: lpa-generate
      - id: lpa-check
      - id: lpa-lint
"""

SETTINGS = """\
[tool.lpa]
source = ["src"]
platform = "none"
account = "123456789012"

[[tool.lpa.functions]]
name = "send"
handler = "app.handler"
policy = "send.json"

[[tool.lpa.functions]]
name = "read"
handler = "reading.handler"
policy = "read.json"
"""

READING = """\
import boto3
from shared import key


def handler(event, context):
    return boto3.client("s3").get_object(Bucket="b", Key=key())
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

    def hook(self, name: str, *files: str) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, "-m", "pre_commit", "run", name, "--verbose", "--files", *files)

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


@pytest.fixture(scope="module")
def configured(tmp_path_factory: pytest.TempPathFactory, scratch: Scratch, environment: dict[str, str]) -> Scratch:
    """A repository with a configuration, whose policies the hook has written."""
    app = tmp_path_factory.mktemp("configured")
    repository = Scratch(app, environment)
    (app / "src").mkdir()
    (app / "src/app.py").write_text(HANDLER)
    (app / "src/reading.py").write_text(READING)
    (app / "src/shared.py").write_text("def key():\n    return 'x'\n")
    (app / "src/unrelated.py").write_text("")
    (app / "package.json").write_text("{}")
    (app / "pyproject.toml").write_text(SETTINGS)
    hooks = (scratch.folder / ".pre-commit-config.yaml").read_text().partition("    hooks:\n")[0]
    (app / ".pre-commit-config.yaml").write_text(hooks + CONFIGURED_HOOKS)
    repository.commit(app)
    first = repository.hook("lpa-generate", "pyproject.toml")
    assert first.returncode == 1, "a file that was not there is a change, though pre-commit does not know of it"
    assert [one["Action"] for one in json.loads((app / "send.json").read_text())["Statement"]] == [["sqs:SendMessage"]]
    repository.run("git", "add", "--all")
    return repository


def test_a_changed_helper_rechecks_the_functions_that_reach_it(configured: Scratch) -> None:
    every = configured.pre_commit()
    assert every.returncode == 0, every.stdout
    shared = configured.folder / "src/shared.py"
    shared.write_text("def key():\n    return 'y'\n")
    assert configured.hook("lpa-check", "src/unrelated.py", "package.json").returncode == 0
    assert configured.hook("lpa-check", "src/app.py", "send.json").returncode == 0
    for changed in ("src/shared.py", "src/reading.py", "read.json", "pyproject.toml"):
        refused = configured.hook("lpa-check", changed)
        assert refused.returncode == 1, refused.stdout
        assert "s3:GetObject on arn:aws:s3:::b/y is not granted" in refused.stdout
    assert configured.hook("lpa-generate", "src/unrelated.py").returncode == 0
    written = configured.hook("lpa-generate", "src/shared.py")
    assert written.returncode == 1, written.stdout
    assert "read.json is written" in written.stdout
    assert "send.json" not in written.stdout
    assert configured.hook("lpa-check", "src/shared.py").returncode == 0


def test_only_policies_are_linted(configured: Scratch) -> None:
    (configured.folder / "other.json").write_text('{"Statement": [{"Effect": "Allow", "Action": "s3:Gett"}]}')
    configured.run("git", "add", "other.json")
    assert configured.hook("lpa-lint", "package.json", "send.json").returncode == 0
    done = configured.hook("lpa-lint", "package.json", "other.json")
    assert done.returncode == 1
    assert "other.json:1:" in done.stdout
