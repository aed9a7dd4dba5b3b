"""`lpa init` in repositories of several layouts: what it writes, and that it leaves everything else alone."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from tests.cli.test_configuration import ORDERS, ORDERS_POLICY, QUEUE, SHARED, TEMPLATE

if TYPE_CHECKING:
    from tests.conftest import Command

HOOKS = """\
# our hooks
repos:
- repo: local   # here
  hooks:
    - {id: x, name: x, entry: "true", language: system}

# the end
default_stages: [pre-commit]
"""
HANDLER = "def handler(event, context):\n    return 1\n"


def snapshot(lpa: Command) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(lpa.cwd.rglob("*")) if path.is_file()}


def test_templates_and_handlers_are_found(lpa: Command) -> None:
    lpa.write("template.yaml", TEMPLATE)
    lpa.write("src/orders.py", ORDERS)
    lpa.write("src/shared.py", SHARED)
    lpa.write("src/queue_sender.py", QUEUE)
    lpa.write("functions/report/app.py", f"from common.keys import key\n\n{HANDLER}")
    lpa.write("functions/common/keys.py", "")
    lpa.write("functions/common/__init__.py", "")
    lpa.write("functions/audit/__init__.py", "")
    lpa.write("functions/audit/lambda_function.py", "def lambda_handler(_event, _context):\n    return 1\n")
    lpa.write("jobs.py", HANDLER + "\n\nasync def night_handler(\n    event: dict, context: object\n):\n    pass\n")
    lpa.write("tests/test_app.py", HANDLER)
    lpa.write(".venv/lib/app.py", HANDLER)
    lpa.write("iam/report-role.json", ORDERS_POLICY)
    done = lpa("init")
    assert (done.returncode, done.stdout.splitlines()[2]) == (0, "    - id: lpa-check")
    written = tomllib.loads(lpa.read("lpa.toml"))
    assert written["templates"] == [{"file": "template.yaml"}]
    functions = {one["name"]: (one["handler"], one["source"], one["policy"]) for one in written["functions"]}
    assert functions == {
        "audit": ("audit.lambda_function.lambda_handler", ["functions"], "iam/audit.json"),
        "report": ("report.app.handler", ["functions"], "iam/report-role.json"),
        "jobs-handler": ("jobs.handler", ["."], "iam/jobs-handler.json"),
        "jobs-night_handler": ("jobs.night_handler", ["."], "iam/jobs-night_handler.json"),
    }, "what the template deploys is the template's"
    assert "lpa generate --all writes iam/audit.json, iam/jobs-handler.json" in done.stderr
    assert lpa("generate", "--all").returncode == 0
    assert lpa("check").returncode in (0, 1)


def test_the_only_function_has_the_only_role(lpa: Command) -> None:
    lpa.write("src/app.py", HANDLER)
    lpa.write("role.json", ORDERS_POLICY)
    lpa.write("trust.json", '{"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"}]}')
    lpa("init")
    (function,) = tomllib.loads(lpa.read("lpa.toml"))["functions"]
    assert function == {"name": "app", "handler": "app.handler", "source": ["src"], "policy": "role.json"}


def test_twice_is_once(lpa: Command) -> None:
    lpa.write("app.py", HANDLER)
    lpa.write(".pre-commit-config.yaml", HOOKS)
    assert "the hook lpa-check is added" in lpa("init").stderr
    before = snapshot(lpa)
    again = lpa("init")
    assert (again.returncode, again.stdout) == (0, "")
    assert again.stderr.splitlines() == [
        "lpa: lpa.toml configures lpa already: it stays as it is",
        "lpa: .pre-commit-config.yaml has a hook of lpa already",
    ]
    assert snapshot(lpa) == before


def test_the_hook_goes_in_between_and_nothing_else_changes(lpa: Command) -> None:
    lpa.write("app.py", HANDLER)
    lpa.write(".pre-commit-config.yaml", HOOKS)
    lpa("init")
    head, _, tail = lpa.read(".pre-commit-config.yaml").partition("- repo: local\n  hooks:\n    - id: lpa-check\n")
    added, _, rest = tail.partition("      require_serial: true\n")
    assert head + rest == HOOKS
    assert "entry: lpa check --changed\n" in added


@pytest.mark.parametrize(
    "content", ["repos: []\n", "repos: [\n", "exclude: x\n", '{"repos": [{"repo": "meta", "hooks": []}]}\n']
)
def test_a_hook_that_cannot_be_added_is_shown(lpa: Command, content: str) -> None:
    lpa.write("app.py", HANDLER)
    lpa.write(".pre-commit-config.yaml", content)
    done = lpa("init")
    assert done.returncode == 0
    assert "    - id: lpa-check\n" in done.stdout
    assert lpa.read(".pre-commit-config.yaml") == content


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_pyproject_keeps_what_it_has(lpa: Command, ending: str) -> None:
    project = "# mine\n[project]\nname = 'x'   # x\n\n[tool.ruff]\nline-length = 100".replace("\n", ending)
    lpa.write("app.py", HANDLER)
    lpa.write("pyproject.toml", project)
    assert lpa("init").returncode == 0
    written = (lpa.cwd / "pyproject.toml").read_bytes().decode()
    assert written.startswith(project)
    assert written.count("\n") == written.count(ending)
    assert tomllib.loads(written)["tool"]["lpa"]["functions"][0]["handler"] == "app.handler"
    assert not (lpa.cwd / "lpa.toml").exists()


def test_where_no_table_can_be_added_to_pyproject(lpa: Command) -> None:
    lpa.write("app.py", HANDLER)
    lpa.write("pyproject.toml", "tool = {}\n")
    assert lpa("init").returncode == 0
    assert lpa.read("pyproject.toml") == "tool = {}\n"
    assert tomllib.loads(lpa.read("lpa.toml"))["functions"][0]["name"] == "app"


def test_nothing_is_written_where_nothing_is_found_or_asked_for(lpa: Command) -> None:
    lpa.write("README.md", "x")
    done = lpa("init")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("lpa: error: no template and no handler(event, context) here")
    lpa.write("a \u00fc\u007f/app.py", HANDLER)
    before = snapshot(lpa)
    dry = lpa("init", "--dry-run")
    assert tomllib.loads(dry.stdout)["functions"][0]["source"] == ["a \u00fc\u007f"]
    lpa.write("pyproject.toml", "[project\n")
    assert lpa("init").returncode == 2
    (lpa.cwd / "pyproject.toml").unlink()
    assert snapshot(lpa) == before
