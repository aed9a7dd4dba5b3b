"""What runs in CI: the steps of action.yml and the examples of docs/ci.md, in shells, as the services run them.

What those services do around the steps is not here: their own schemas are checked by hand (`check-jsonschema`).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.cli.test_configuration import CONFIG, ORDERS, ORDERS_POLICY, QUEUE, QUEUE_POLICY, SHARED
from tests.cli.test_diff_base import DELETES, git

ROOT = Path(__file__).resolve().parent.parent
ACTION = YAML(typ="safe").load((ROOT / "action.yml").read_text())
# https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax#runs-for-composite-actions
STEP_KEYS = {"name", "id", "if", "shell", "run", "env", "working-directory", "uses", "with", "continue-on-error"}
# https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
SHELL = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c"]


class Runner:
    """A repository that was changed since its last commit, and the folder that a runner gives to a job."""

    def __init__(self, folder: Path) -> None:
        self.repository, self.temporary = folder / "repository", folder / "temporary"
        self.summary, self.output = self.temporary / "summary.md", self.temporary / "output"
        for name, content in (
            ("lpa.toml", CONFIG),
            ("src/orders.py", ORDERS),
            ("src/queue_sender.py", QUEUE),
            ("src/shared.py", SHARED),
            ("policies/orders.json", ORDERS_POLICY),
            ("policies/queue.json", QUEUE_POLICY),
        ):
            path = self.repository / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        git(self.repository, "init", "--quiet")
        git(self.repository, "add", "--all")
        git(self.repository, "commit", "--quiet", "--no-verify", "-m", "state")
        self.base = git(self.repository, "rev-parse", "HEAD").strip()
        (self.repository / "src/shared.py").write_text(DELETES)
        executable = self.temporary / "lpa/bin/lpa"
        executable.parent.mkdir(parents=True)
        executable.symlink_to(Path(sys.executable).with_name("lpa"))

    def shell(self, script: str, variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": os.pathsep.join([str(self.temporary / "lpa/bin"), "/usr/bin", "/bin"]),
            "HOME": str(self.temporary),
            "LPA_CACHE_DIR": os.environ["LPA_CACHE_DIR"],
            "RUNNER_TEMP": str(self.temporary),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_ACTION_PATH": str(ROOT),
        }
        return subprocess.run(
            [*SHELL, script],
            cwd=self.repository,
            env=environment | dict(variables),
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    def step(self, name: str, **inputs: str) -> subprocess.CompletedProcess[str]:
        """Run a step with the inputs, and the defaults of the others."""
        (step,) = [one for one in ACTION["runs"]["steps"] if one["name"] == name]
        values = {key: str(one.get("default", "")) for key, one in ACTION["inputs"].items()} | inputs
        variables = {
            key: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda match: values[match[1]], value)
            for key, value in step["env"].items()
        }
        return self.shell(step["run"], variables)


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


def test_the_metadata_is_that_of_a_composite_action() -> None:
    assert {"name", "description", "inputs", "outputs", "runs"} <= set(ACTION)
    assert ACTION["runs"]["using"] == "composite"
    for step in ACTION["runs"]["steps"]:
        assert set(step) <= STEP_KEYS
        assert step["shell"] == "bash"
        assert "${{" not in step["run"], "what others write must not become part of a script"
    used = set(re.findall(r"inputs\.([\w-]+)", (ROOT / "action.yml").read_text()))
    assert used == set(ACTION["inputs"])
    documented = set(re.findall(r"^\| `([\w-]+)` \|", (ROOT / "docs/ci.md").read_text(), re.MULTILINE))
    assert documented == used


def test_annotations_and_the_job_summary(runner: Runner) -> None:
    changed = runner.step("Change of access", base=runner.base)
    assert (changed.returncode, changed.stdout, changed.stderr) == (0, "", "")
    summary = runner.summary.read_text()
    assert summary.startswith(f"**lpa:** 1 need added, 1 new finding since {runner.base}\n")
    assert "| `orders` | + needs | `s3:DeleteObject` on `arn:aws:s3:::archive/x` | `src/shared.py:3` |" in summary
    done = runner.step("Run lpa")
    assert done.returncode == 1
    assert done.stdout.startswith("::error file=src/shared.py,line=3,")
    fine = runner.step("Run lpa", args="--function queue --severity note", command="check")
    assert (fine.returncode, fine.stdout) == (0, "")


def test_a_base_that_is_not_there_fails_nothing(runner: Runner) -> None:
    done = runner.step("Change of access", base="0" * 40)
    assert done.returncode == 0
    assert done.stdout.startswith("::warning title=lpa::")
    assert "no such revision here" in done.stderr
    assert not runner.summary.exists()


def test_sarif_is_a_file_and_the_exit_code_stays(runner: Runner) -> None:
    done = runner.step("Run lpa", format="sarif")
    assert (done.returncode, done.stdout) == (1, "")
    (output,) = runner.output.read_text().splitlines()
    name, _, path = output.partition("=")
    assert name == "sarif"
    results = json.loads(Path(path).read_text())["runs"][0]["results"]
    assert [one["ruleId"] for one in results] == ["missing-permission"]


def test_arguments_are_no_script(runner: Runner) -> None:
    done = runner.step("Run lpa", args="$(touch hacked) `touch hacked` ;touch hacked")
    assert done.returncode == 2
    assert not (runner.repository / "hacked").exists()


def test_installation(runner: Runner, tmp_path: Path) -> None:
    """The commands of the step, with a `python3` that keeps them: what pip does is not this project's."""
    bin_folder, log = tmp_path / "bin", tmp_path / "log"
    bin_folder.mkdir()
    fake = (
        f'#!/bin/sh\necho "$0 $@" >> {log}\nif [ "$2" = venv ]; then mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; fi\n'
    )
    (bin_folder / "python3").write_text(fake)
    (bin_folder / "python3").chmod(0o755)
    for version, wanted in (("", str(ROOT)), ("lpa==0.1.0", "lpa==0.1.0")):
        script = next(one for one in ACTION["runs"]["steps"] if one["name"] == "Install lpa")["run"]
        done = runner.shell(script, {"PATH": f"{bin_folder}:/usr/bin:/bin", "LPA_VERSION": version})
        assert done.returncode == 0, done.stderr
        assert log.read_text().splitlines()[-1].endswith(f"/lpa/bin/python -m pip install --quiet {wanted}")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", (ROOT / "docs/ci.md").read_text(), re.MULTILINE | re.DOTALL)


def test_the_example_for_gitlab(runner: Runner) -> None:
    job = _loaded(_blocks("yaml")[2])["lpa"]
    # What a merge request sets; the installation is that of the tests.
    codes = [runner.shell(line, {"CI_MERGE_REQUEST_DIFF_BASE_SHA": runner.base}).returncode for line in job["script"]]
    assert codes == [0, 1]
    report = json.loads((runner.repository / job["artifacts"]["reports"]["codequality"]).read_text())
    assert [(one["check_name"], one["location"]["path"]) for one in report] == [("missing-permission", "src/shared.py")]
    for path in job["artifacts"]["paths"]:
        assert "s3:DeleteObject" in (runner.repository / path).read_text()


def test_the_other_examples(runner: Runner) -> None:
    (script,) = _blocks("sh")
    git(runner.repository, "update-ref", "refs/remotes/origin/main", runner.base)
    codes = [runner.shell(line, {}).returncode for line in script.splitlines()]
    assert codes == [1, 1]
    assert "<testsuite" in (runner.repository / "lpa-junit.xml").read_text()


def test_the_example_for_github_uses_what_the_action_takes() -> None:
    workflow = _loaded(_blocks("yaml")[0])
    steps = [*workflow["jobs"]["lpa"]["steps"], *_loaded(_blocks("yaml")[1])]
    own = [step for step in steps if step["uses"].startswith("<where")]
    assert len(own) == 2
    assert all(set(step.get("with", ())) <= set(ACTION["inputs"]) for step in own)
    assert workflow["jobs"]["lpa"]["steps"][0]["with"] == {"fetch-depth": 0}


def _loaded(text: str) -> Any:
    return YAML(typ="safe").load(text)
