"""`lpa report --html`: which functions are in the page, where it is written, and what goes wrong."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conftest import Command

TEMPLATES = Path(__file__).resolve().parents[2] / "fixtures/templates"
POLICY = '{"Version": "2012-10-17", "Statement": []}'


def _data(lpa: Command, name: str = "r.html") -> Any:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', lpa.read(name), re.DOTALL)
    assert found
    return json.loads(found[1])


def _rows(function: Any) -> set[tuple[str, str, str]]:
    return {(row["state"], row["action"], row["resource"]) for row in function["rows"]}


def test_the_functions_of_the_template(lpa: Command) -> None:
    shutil.copytree(TEMPLATES / "missing_unused_and_broad", lpa.cwd, dirs_exist_ok=True)
    done = lpa("report", "--html", "r.html")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "lpa: r.html is written: 1 function, 3 findings\n"
    (function,) = _data(lpa)["functions"]
    assert _rows(function) >= {
        ("missing", "s3:PutObject", "arn:aws:s3:::${Out}/a"),
        ("unused", "s3:DeleteObject", "arn:aws:s3:::${Out}/*"),
        ("broad", "s3:GetObject", "*"),
        ("used", "s3:GetObject", "arn:aws:s3:::${In}/a"),
    }
    told = json.loads(lpa("check", "--format", "json").stdout)["findings"]
    assert [one["message"] for one in _data(lpa)["findings"]] == [one["message"] for one in told]


def test_functions_that_share_a_role_have_their_own_needs_and_the_same_grants(lpa: Command) -> None:
    shutil.copytree(TEMPLATES / "role_shared_by_functions", lpa.cwd, dirs_exist_ok=True)
    lpa("report", "--html", "r.html")
    data = _data(lpa)
    by_name = {one["name"]: one for one in data["functions"]}
    assert {name: one["shared"] for name, one in by_name.items()} == {"Read": ["Write"], "Write": ["Read"]}
    needs = {name: {row["action"] for row in one["rows"] if row["state"] == "used"} for name, one in by_name.items()}
    assert needs["Read"] - needs["Write"] == {"dynamodb:GetItem"}
    assert needs["Write"] - needs["Read"] == {"dynamodb:PutItem"}
    unused = [{row["action"] for row in one["rows"] if row["state"] == "unused"} for one in by_name.values()]
    assert unused == [{"dynamodb:Scan"}, {"dynamodb:Scan"}]
    # It is one finding, told at both.
    assert len(data["findings"]) == 1
    lpa("report", "--function", "Read", "--html", "read.html")
    assert [one["name"] for one in _data(lpa, "read.html")["functions"]] == ["Read"]


@pytest.mark.parametrize("case", ["two_buckets_and_a_rule", "role_from_elsewhere", "managed_policies_by_name_and_arn"])
def test_every_finding_of_a_comparison_is_told_at_the_access_that_it_is_about(lpa: Command, case: str) -> None:
    shutil.copytree(TEMPLATES / case, lpa.cwd, dirs_exist_ok=True)
    lpa("report", "--html", "r.html")
    data = _data(lpa)
    rows = [row for function in data["functions"] for row in function["rows"] if row["state"] != "used"]
    assert [len(row["findings"]) for row in rows] == [1] * len(rows)
    told = {number for row in rows for number in row["findings"]}
    about_access = {number for number, one in enumerate(data["findings"]) if one["check"] != "incomplete-analysis"}
    assert told == about_access != set()


def test_ignored_findings_are_not_told(lpa: Command) -> None:
    lpa.write(
        "app.py",
        'import boto3\nboto3.client("sns").publish(TopicArn="arn:aws:sns:eu-west-1:123456789012:a", Message="")\n',
    )
    lpa.write("role.json", POLICY)
    lpa("report", "role.json", "--source", "app.py", "--html", "r.html")
    assert [one["check"] for one in _data(lpa)["findings"]] == ["missing-permission"]
    lpa.write(
        "app.py", lpa.read("app.py").rstrip() + "  # lpa: ignore[missing-permission] the topic's policy allows it\n"
    )
    lpa("report", "role.json", "--source", "app.py", "--html", "r.html")
    assert _data(lpa)["findings"] == []
    assert _rows(_data(lpa)["functions"][0]) == {("missing", "sns:Publish", "arn:aws:sns:eu-west-1:123456789012:a")}


def test_the_same_input_gives_the_same_bytes_and_no_other_file_is_replaced(lpa: Command) -> None:
    lpa.write("src/app.py", 'import boto3\nboto3.client("sts").get_session_token()\n')
    lpa.write("role.json", POLICY)
    command = ("report", "role.json", "--source", "src", "--html")
    first = lpa(*command, "-", PYTHONHASHSEED="1").stdout
    assert first == lpa(*command, "-", PYTHONHASHSEED="2").stdout
    assert str(lpa.cwd) not in first
    lpa(*command, "r.html")
    assert lpa.read("r.html") == first
    assert lpa(*command, "r.html").stderr == "lpa: r.html is up to date\n"
    lpa.write("notes.html", "<p>mine")
    done = lpa(*command, "notes.html")
    assert (done.returncode, lpa.read("notes.html")) == (3, "<p>mine")
    assert done.stderr == (
        "lpa: error: notes.html: is no page of lpa report, so it is not replaced; name another file, or delete it\n"
    )
    assert lpa(*command, "nowhere/r.html").returncode == 3
    assert lpa(*command, "").returncode == 2
    assert lpa("report", "--html", "r2.html").returncode == 2
    assert lpa("report", "role.json", "--source", "src").returncode == 2
    assert sorted(path.name for path in lpa.cwd.iterdir()) == ["notes.html", "r.html", "role.json", "src"]
