"""The formats for other tools, by the real command line and, for what no policy brings about, by made-up findings."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft4Validator

from analyzer.checks import CHECKS, check_rule
from analyzer.checks.linting import LINT_CHECKS
from analyzer.model.findings import Finding, Related, Severity
from analyzer.model.location import Location
from analyzer.report import FindingsFormat, Look, findings_reporter

if TYPE_CHECKING:
    from tests.conftest import Command

SARIF = Draft4Validator(
    json.loads((Path(__file__).parent / "schemas/sarif-2.1.0-rtm.5.json").read_text(encoding="utf-8")),
    format_checker=Draft4Validator.FORMAT_CHECKER,
)

APP = """\
import boto3

s3 = boto3.client("s3")


def handler(event, context):
    return s3.get_object(Bucket="reports", Key="today.csv")
"""
ROLE = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::reports/*"}
  ]
}
"""

# What the findings on these two files say; each format shows it in its own way.
MISSING = (
    "s3:GetObject on arn:aws:s3:::reports/today.csv is not granted; s3.GetObject needs it (reached through handler)"
)
UNUSED = "no call uses s3:DeleteObject on arn:aws:s3:::reports/*"
MISSING_REMEDY = check_rule("missing-permission").remedy
UNUSED_REMEDY = check_rule("unused-permission").remedy

GITHUB = f"""\
::error file=app.py,line=7,endLine=7,col=12,endColumn=60,title=missing-permission::{MISSING}%0A{MISSING_REMEDY}
::warning file=role.json,line=4,endLine=4,col=35,endColumn=52,title=unused-permission::{UNUSED}%0A{UNUSED_REMEDY}
"""
MARKDOWN = f"""\
**lpa:** 2 findings (1 error, 1 warning)

| Severity | Place | Check | Finding |
| --- | --- | --- | --- |
| error | `app.py:7` | `missing-permission` | {MISSING}<br>{MISSING_REMEDY} |
| warning | `role.json:4` | `unused-permission` | {UNUSED[:-1]}\\*<br>{UNUSED_REMEDY} |
"""
JUNIT = f"""\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="lpa" tests="2" failures="2">
  <testsuite name="app.py" tests="1" failures="1">
    <testcase classname="app.py" name="missing-permission: {MISSING}" file="app.py" line="7">
      <failure type="error" message="{MISSING}">app.py:7:12: error: {MISSING} [missing-permission]
{MISSING_REMEDY}</failure>
    </testcase>
  </testsuite>
  <testsuite name="role.json" tests="1" failures="1">
    <testcase classname="role.json" name="unused-permission: {UNUSED}" file="role.json" line="4">
      <failure type="warning" message="{UNUSED}">role.json:4:35: warning: {UNUSED} [unused-permission]
{UNUSED_REMEDY}</failure>
    </testcase>
  </testsuite>
</testsuites>
"""
NO_FINDINGS = {
    "github": "",
    "gitlab": "[]\n",
    "markdown": "**lpa:** no findings\n",
    "junit": """\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="lpa" tests="1" failures="0">
  <testsuite name="lpa" tests="1" failures="0">
    <testcase classname="lpa" name="no findings"/>
  </testsuite>
</testsuites>
""",
}


def checked(lpa: Command, output_format: str, app: str = APP, role: str = ROLE) -> str:
    lpa.write("app.py", app)
    lpa.write("role.json", role)
    done = lpa("check", "role.json", "--source", "app.py", "--format", output_format)
    assert (done.returncode, done.stderr) == (1, "")
    return done.stdout


def sarif_results(text: str) -> list[dict[str, Any]]:
    log = json.loads(text)
    assert [error.message for error in SARIF.iter_errors(log)] == []
    results: list[dict[str, Any]] = log["runs"][0]["results"]
    return results


def printed(output_format: str, *findings: Finding) -> str:
    return findings_reporter(FindingsFormat(output_format), Look("/nowhere")).check(findings)


def finding(message: str = "it is wrong", path: str = "app.py", end_line: int = 3, **kept: Any) -> Finding:
    place = Location(path, 3, 5, end_line, 9)
    return Finding(
        "missing-permission",
        kept.get("severity", Severity.ERROR),
        message,
        place,
        kept.get("related", ()),
        kept.get("remedy", ""),
    )


@pytest.mark.parametrize(("output_format", "expected"), [("github", GITHUB), ("markdown", MARKDOWN), ("junit", JUNIT)])
def test_text_formats(lpa: Command, output_format: str, expected: str) -> None:
    assert checked(lpa, output_format) == expected


@pytest.mark.parametrize("output_format", NO_FINDINGS)
def test_no_findings(lpa: Command, output_format: str) -> None:
    lpa.write("app.py", "")
    lpa.write("role.json", '{"Version": "2012-10-17", "Statement": []}')
    done = lpa("check", "role.json", "--source", "app.py", "--format", output_format)
    assert (done.returncode, done.stdout, done.stderr) == (0, NO_FINDINGS[output_format], "")


def test_gitlab(lpa: Command) -> None:
    missing, unused = json.loads(checked(lpa, "gitlab"))
    for entry in (missing, unused):
        assert re.fullmatch("[0-9a-f]{32}", entry.pop("fingerprint"))
    assert missing == {
        "description": MISSING,
        "check_name": "missing-permission",
        "severity": "critical",
        "location": {"path": "app.py", "lines": {"begin": 7}},
    }
    assert (unused["severity"], unused["location"]) == ("major", {"path": "role.json", "lines": {"begin": 4}})


def test_sarif(lpa: Command) -> None:
    text = checked(lpa, "sarif")
    missing, unused = sarif_results(text)
    assert re.fullmatch("[0-9a-f]{32}", missing.pop("partialFingerprints")["lpaFinding/v1"])
    assert missing == {
        "ruleId": "missing-permission",
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": MISSING},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "app.py", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 7, "startColumn": 12, "endLine": 7, "endColumn": 60},
                }
            }
        ],
    }
    assert (unused["ruleId"], unused["ruleIndex"], unused["level"]) == ("unused-permission", 1, "warning")
    (run,) = json.loads(text)["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert str(lpa.cwd) not in text
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("lpa", "0.1.0")
    for rule in driver["rules"]:
        described = check_rule(rule["id"])
        assert rule["shortDescription"]["text"] == described.title
        assert rule["defaultConfiguration"] == {"level": described.severity}
        assert described.why in rule["help"]["text"]
        assert described.remedy in rule["help"]["text"]
        assert described.bad.policy.strip() in rule["help"]["markdown"]


def test_a_sarif_region_is_the_call_itself(lpa: Command) -> None:
    """Columns count code points: the text before the call has characters of two and of four bytes."""
    app = 'import boto3\n\ns3 = boto3.client("s3")\nx = "ü😀"; s3.get_object(Bucket="reports", Key="today.csv")\n'
    missing, _ = sarif_results(checked(lpa, "sarif", app))
    region = missing["locations"][0]["physicalLocation"]["region"]
    line = app.splitlines()[region["startLine"] - 1]
    call = line[region["startColumn"] - 1 : region["endColumn"] - 1]
    assert call == 's3.get_object(Bucket="reports", Key="today.csv")'


def test_sarif_without_findings(lpa: Command) -> None:
    lpa.write("app.py", "")
    lpa.write("role.json", '{"Version": "2012-10-17", "Statement": []}')
    done = lpa("check", "role.json", "--source", "app.py", "--format", "sarif")
    assert (done.returncode, sarif_results(done.stdout)) == (0, [])


def test_sarif_names_related_places(lpa: Command) -> None:
    app = APP + '\n\ndef other(event, context):\n    s3.get_object(Bucket="reports", Key="today.csv")\n'
    missing, _ = sarif_results(checked(lpa, "sarif", app))
    (related,) = missing["relatedLocations"]
    assert related["message"] == {"text": "s3.GetObject needs it too"}
    assert related["physicalLocation"]["region"]["startLine"] == 11


@pytest.mark.parametrize("name", (*CHECKS, *LINT_CHECKS))
def test_every_check_can_be_described_in_sarif(name: str) -> None:
    place = Location("role.json", 1, 1, 1, 2)
    found = Finding(name, Severity.NOTE, "found", place, (), "")
    (result,) = sarif_results(printed("sarif", found))
    assert (result["ruleId"], result["level"]) == (name, "note")


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("a folder/ä#1.py", {"uri": "a%20folder/%C3%A4%231.py", "uriBaseId": "%SRCROOT%"}),
        ("c:d.py", {"uri": "c%3Ad.py", "uriBaseId": "%SRCROOT%"}),
        ("../up.py", {"uri": "../up.py", "uriBaseId": "%SRCROOT%"}),
        ("/etc/role one.json", {"uri": "file:///etc/role%20one.json"}),
    ],
)
def test_sarif_paths_are_uris(path: str, location: dict[str, str]) -> None:
    (result,) = sarif_results(printed("sarif", finding(path=path)))
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == location


@pytest.mark.parametrize("output_format", ["sarif", "github", "gitlab", "markdown", "junit"])
def test_lint_prints_every_format(lpa: Command, output_format: str) -> None:
    lpa.write("role.json", ROLE.replace("s3:DeleteObject", "s3:DeleteObjectt"))
    done = lpa("lint", "role.json", "--format", output_format)
    assert (done.returncode, done.stderr) == (1, "")
    assert "there is no action s3:DeleteObjectt; the nearest is s3:DeleteObject" in done.stdout
    if output_format == "sarif":
        sarif_results(done.stdout)


def test_only_findings_have_these_formats(lpa: Command) -> None:
    lpa.write("app.py", APP)
    done = lpa("scan", "app.py", "--format", "sarif")
    assert (done.returncode, done.stdout) == (2, "")
    assert "'sarif' is not one of 'text', 'json'" in done.stderr


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (
            finding("50% of a:b, c\r\nnext", "a,b:c%.py"),
            "::error file=a%2Cb%3Ac%25.py,line=3,endLine=3,col=5,endColumn=9,title=missing-permission"
            "::50%25 of a:b, c%0D%0Anext\n",
        ),
        (
            finding(end_line=4, severity=Severity.NOTE),
            "::notice file=app.py,line=3,endLine=4,title=missing-permission::it is wrong\n",
        ),
        (
            finding(related=(Related("see", Location("b.py", 1, 2, 3, 4)),), remedy="mend it"),
            "::error file=app.py,line=3,endLine=3,col=5,endColumn=9,title=missing-permission"
            "::it is wrong%0Ab.py:1:2: see%0Amend it\n",
        ),
        # Nothing that a message holds makes a command of its own.
        (
            finding("x\n::stop-commands::y"),
            "::error file=app.py,line=3,endLine=3,col=5,endColumn=9,title=missing-permission::x%0A::stop-commands::y\n",
        ),
    ],
)
def test_github_escapes(found: Finding, expected: str) -> None:
    assert printed("github", found) == expected


@pytest.mark.parametrize(
    ("found", "row"),
    [
        (
            finding("a|b <b>*x*</b> `c` [d](e) ~f~ &amp; \\ g_h\nnext"),
            "| error | `app.py:3` | `missing-permission` "
            r"| a\|b \<b\>\*x\*\</b\> \`c\` \[d\](e) \~f\~ \&amp; \\ g\_h next |",
        ),
        (
            finding("ask @team about #12", "a|b`c.py"),
            r"| error | `` a\|b`c.py:3 `` | `missing-permission` | ask @<!-- -->team about #<!-- -->12 |",
        ),
        (
            finding(related=(Related("see", Location("b.py", 1, 2, 3, 4)),), remedy="mend it"),
            "| error | `app.py:3` | `missing-permission` | it is wrong<br>`b.py:1:2`: see<br>mend it |",
        ),
    ],
)
def test_markdown_escapes(found: Finding, row: str) -> None:
    assert printed("markdown", found).splitlines()[-1] == row


def test_markdown_fits_in_a_comment() -> None:
    text = printed("markdown", *(finding("x" * 1000) for _ in range(100)))
    assert len(text) < 65_536
    shown = text.count("| error |")
    assert 50 < shown < 100
    assert text.endswith(f"\n\n{100 - shown} of 100 findings do not fit in here.\n")


def test_junit_is_xml_whatever_is_in_it() -> None:
    message = 'a\x00b & "c" <d> ]]> \ud800 é\tf'
    (case,) = ElementTree.fromstring(printed("junit", finding(message, 'a"<&>.py'))).iter("testcase")
    (failure,) = case
    readable = 'a\ufffdb & "c" <d> ]]> \ufffd é\tf'
    assert (case.get("classname"), failure.get("message")) == ('a"<&>.py', readable)
    assert failure.text == f'a"<&>.py:3:5: error: {readable} [missing-permission]'


def test_junit_cases_have_names_of_their_own_and_notes_pass() -> None:
    suites = ElementTree.fromstring(
        printed("junit", finding(), finding(), finding(severity=Severity.NOTE), finding(path="b.py"))
    )
    named = [(suite.get("name"), suite.get("tests"), suite.get("failures")) for suite in suites]
    assert named == [("app.py", "3", "2"), ("b.py", "1", "1")]
    cases = [(case.get("name"), case[0].tag) for case in suites.iter("testcase")]
    assert cases == [
        ("missing-permission: it is wrong", "failure"),
        ("missing-permission: it is wrong (2)", "failure"),
        ("missing-permission: it is wrong (3)", "system-out"),
        ("missing-permission: it is wrong", "failure"),
    ]


def test_nothing_of_it_is_imported_unless_asked_for(lpa: Command) -> None:
    lpa.write("app.py", APP)
    lpa.write("role.json", ROLE)
    command = [sys.executable, "-X", "importtime", lpa.executable, "check", "role.json", "--source", "app.py"]
    done = subprocess.run(command, cwd=lpa.cwd, env=lpa.environment, capture_output=True, encoding="utf-8", check=False)
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert "analyzer.report.text" in imported
    formats = {f"analyzer.report.{name}" for name in ("sarif", "github", "gitlab", "markdown", "junit", "json", "full")}
    assert not imported & {*formats, "analyzer.checks.fingerprint", "analyzer.additions", "rich"}
