"""Change one thing in the policy of a sample application: `lpa check` names that thing, and nothing else.

All mutants are compared in this process, some are given to the command; `make mutations` gives it all of them.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path

import pytest

from analyzer import pipeline
from analyzer.cli.arguments import parse
from analyzer.cli.role_file import read_policy_file
from analyzer.report import Format, Look, reporter
from tests.compare.mutants import APPS, Mutant, apps, granted, grants, hand_written_needs, mutants, options
from tests.compare.mutations import checked, faults

APP_NAMES = apps()


@pytest.mark.parametrize("app", APP_NAMES)
def test_the_policy_grants_what_was_worked_out_by_hand(app: str) -> None:
    assert sorted(grants(granted(app))) == sorted(hand_written_needs(app))


@pytest.mark.parametrize("app", APP_NAMES)
def test_the_policy_is_what_is_generated(app: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(APPS / app)
    job = parse(["generate", "role.json", "--check", "--source", "src", *options(app)])
    assert not isinstance(job, int)
    assert job() == 0


@pytest.mark.parametrize("app", APP_NAMES)
def test_nothing_is_said_of_the_policy(app: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A policy with conditions is clean also where nobody asks for them."""
    monkeypatch.chdir(APPS / app)
    flags = options(app)
    for asked in {tuple(flags), tuple(flag for flag in flags if flag != "--conditions")}:
        job = parse(["check", "role.json", "--source", "src", *asked])
        assert isinstance(job, partial)
        findings = pipeline.check(job.args[0], read_policy_file("role.json"))
        assert {finding.check for finding in findings} <= {"incomplete-analysis"}


@pytest.mark.parametrize("app", APP_NAMES)
def test_the_comparison_names_exactly_the_mutation(app: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(APPS / app)
    # The source stays the same, so it is analysed once.
    monkeypatch.setattr(pipeline, "scan", cache(pipeline.scan))
    job = parse(["check", "role.json", "--source", "src", *options(app)])
    assert isinstance(job, partial)
    policy = tmp_path / "policy.json"
    wrong = []
    for mutant in mutants(app):
        policy.write_text(mutant.text)
        findings = pipeline.check(job.args[0], read_policy_file(str(policy)))
        printed = json.loads(reporter(Format.JSON, Look("")).check(findings))["findings"]
        wrong += [f"{mutant.kind}: {mutant.what}: {fault}" for fault in faults(mutant, printed)]
    assert wrong == []


def sample(all_mutants: list[Mutant]) -> list[Mutant]:
    """Return a mutant of each kind, of as many applications as there are."""
    by_kind: dict[str, list[Mutant]] = {}
    for mutant in all_mutants:
        by_kind.setdefault(mutant.kind, []).append(mutant)
    return [those[number * len(those) // len(by_kind)] for number, those in enumerate(by_kind.values())]


def test_the_command_names_exactly_the_mutation(tmp_path: Path) -> None:
    tried = sample([mutant for app in APP_NAMES for mutant in mutants(app)])
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda mutant: checked(mutant, tmp_path), tried))
    wrong = {
        f"{mutant.app}: {mutant.kind}: {mutant.what}": wrong
        for mutant, findings in zip(tried, found, strict=True)
        if (wrong := faults(mutant, findings))
    }
    assert wrong == {}
    assert len({mutant.kind for mutant in tried}) > 10
