"""The package as a library: the documented examples, and that it does what the command line does."""

from __future__ import annotations

import doctest
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import analyzer
import analyzer.library
from analyzer import Function, InputError, Source, UsageError, analyze, compare, functions, generate, read_policy

if TYPE_CHECKING:
    from tests.conftest import Command

ROOT = Path(__file__).resolve().parents[1]
SHOP = ROOT / "fixtures/apps/shop"


@pytest.fixture
def orders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "fixtures/apps/orders", tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("orders")
def test_the_examples_of_the_module() -> None:
    done = doctest.testmod(sys.modules["analyzer.library"])
    assert done.attempted > 6
    assert done.failed == 0


@pytest.mark.usefixtures("orders")
def test_the_examples_of_the_page() -> None:
    done = doctest.testfile(str(ROOT / "docs/library.md"), module_relative=False, encoding="utf-8")
    assert done.attempted > 10
    assert done.failed == 0


def _printed(code: str, cwd: Path = ROOT) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], cwd=cwd, capture_output=True, encoding="utf-8", check=True
    ).stdout


def test_importing_it_imports_nothing_slow() -> None:
    loaded = _printed("import analyzer, sys; print(*sys.modules)").split()
    assert [name for name in loaded if name.startswith("analyzer.")] == []
    loaded = _printed("from analyzer import analyze, generate, compare; import sys; print(*sys.modules)").split()
    assert not {"boto3", "botocore", "samtranslator", "rich", "ruamel"} & {name.partition(".")[0] for name in loaded}


@pytest.mark.parametrize(
    "code",
    [
        "import analyzer.generate, analyzer.compare; from analyzer import generate, compare",
        "from analyzer import generate, compare; import analyzer.generate, analyzer.compare",
        "from analyzer.generate import render; import analyzer as a; generate, compare = a.generate, a.compare",
    ],
)
def test_the_functions_are_not_hidden_by_the_stages_of_the_same_names(code: str) -> None:
    code += (
        "; print(generate.__module__, compare.__module__); from analyzer import generate; print(generate.__module__)"
    )
    assert _printed(code).split() == ["analyzer.library"] * 3


def test_all_that_is_promised_is_there() -> None:
    for name in analyzer.__all__:
        assert getattr(analyzer, name).__name__ == name
    assert set(analyzer.__all__) <= set(dir(analyzer))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = analyzer.nothing


def test_a_template_is_compared_as_the_command_line_does(lpa: Command) -> None:
    shutil.copytree(SHOP, lpa.cwd, dirs_exist_ok=True)
    told = json.loads(lpa("check", "--format", "json").stdout)["findings"]
    found = [compare(one) for one in functions("template.yaml", root=lpa.cwd)]
    assert [one.name for one in found] == ["PlaceOrder", "ListOrders", "Bill"]
    assert sorted(finding.message for one in found for finding in one.findings) == sorted(
        one["message"] for one in told
    )


def test_a_function_of_a_template_is_generated_as_the_command_line_does(lpa: Command) -> None:
    shutil.copytree(SHOP, lpa.cwd, dirs_exist_ok=True)
    bill = Function("template.yaml", "Bill", root=lpa.cwd)
    text = analyzer.policy_json(generate(bill).policy)
    assert text == lpa("generate", "-", "--function", "Bill").stdout
    # What is granted to it elsewhere is not what the template says.
    assert {one.check for one in compare(bill, read_policy('{"Version": "2012-10-17", "Statement": []}')).findings} == {
        "missing-permission"
    }


def test_a_policy_is_written_as_it_was_read() -> None:
    statement = {
        "Effect": "Deny",
        "NotAction": ["s3:GetObject"],
        "NotResource": ["arn:aws:s3:::a/*"],
        "Condition": {"Bool": {"aws:SecureTransport": ["false"]}},
    }
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    assert json.loads(analyzer.policy_json(read_policy(text))) == json.loads(text)


def test_wrong_input_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def handler(event, context): ...\n")
    with pytest.raises(UsageError, match="there is no policy"):
        compare(Source(tmp_path))
    with pytest.raises(UsageError, match="--account 12"):
        analyze(Source(tmp_path, account="12"))
    with pytest.raises(UsageError, match=r"a\.other"):
        analyze(Source(tmp_path, handler="a.other"))
    with pytest.raises(InputError, match=r"mine:1:1: neither a policy nor a role"):
        read_policy("{}", "mine")
    with pytest.raises(InputError, match=r"template\.yaml"):
        functions("template.yaml", root=tmp_path)
    with pytest.raises(UsageError, match="Nobody"):
        analyze(Function("template.yaml", "Nobody", root=SHOP))
