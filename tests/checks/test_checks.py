from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.checks import CHECKS, check, check_rule
from analyzer.checks.functions import FUNCTION_CHECKS
from analyzer.checks.ignores import UNUSED_IGNORE
from analyzer.checks.invocations import INVOKE_CHECKS
from analyzer.checks.linting import LINT_CHECKS
from analyzer.errors import RuleError
from analyzer.model.calls import ApiCall, Unresolved, UnresolvedReason, Via
from analyzer.model.findings import Finding, Related, Severity
from analyzer.model.location import Location
from analyzer.model.policy import (
    Comparison,
    Missing,
    PolicyReference,
    ReferenceKind,
    Statement,
    TooBroad,
    Undecided,
    Unused,
)
from analyzer.model.requirements import BASE_RULE, Arns, Reason, Requirement, RuleReference
from analyzer.model.values import Mapping
from analyzer.rules import rule_files

FILE = Location("role.json", 1, 1, 30, 2)
STATEMENT_PLACE = Location("role.json", 4, 5, 9, 6)
STATEMENT = Statement("Allow", ("s3:Get*",), ("arn:aws:s3:::b/*",), sid="Reads", location=STATEMENT_PLACE)
DENY = Statement("Deny", ("s3:*",), ("*",), location=Location("role.json", 10, 5, 12, 6))


def call(line: int, *chain: str) -> ApiCall:
    return ApiCall("s3", "GetObject", Mapping(()), Via.DIRECT, Location("app.py", line, 5, line, 20), chain)


def requirement(*calls: ApiCall) -> Requirement:
    return Requirement(
        "s3:GetObject", Arns(("arn:aws:s3:::b/*",)), (), tuple(Reason(made, BASE_RULE) for made in calls)
    )


def comparison(
    missing: tuple[Missing, ...] = (),
    unused: tuple[Unused, ...] = (),
    too_broad: tuple[TooBroad, ...] = (),
    undecided: tuple[Undecided, ...] = (),
) -> Comparison:
    return Comparison((), missing, unused, too_broad, undecided, FILE)


def only(findings: tuple[Finding, ...]) -> Finding:
    (finding,) = findings
    return finding


def test_nothing_to_say_reads_no_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analyzer.checks.observed.check_rule", None)
    assert check(comparison()) == ()


def test_missing_stands_at_the_first_call_and_names_the_others() -> None:
    needed = requirement(call(9), call(3, "app.handler", "app.load"), call(3, "app.other"))
    finding = only(check(comparison(missing=(Missing(needed, ("arn:aws:s3:::b/*",)),))))
    assert (finding.check, finding.severity) == ("missing-permission", Severity.ERROR)
    assert finding.location == Location("app.py", 3, 5, 3, 20)
    assert finding.message == (
        "s3:GetObject on arn:aws:s3:::b/* is not granted; s3.GetObject needs it"
        " (reached through app.handler > app.load)"
    )
    assert finding.related == (Related("s3.GetObject needs it too", Location("app.py", 9, 5, 9, 20)),)
    assert finding.remedy == check_rule("missing-permission").remedy


def test_missing_names_the_statement_that_denies() -> None:
    finding = only(check(comparison(missing=(Missing(requirement(call(3)), ("arn:aws:s3:::b/*",), DENY),))))
    assert "is denied by the statement at role.json:10:5; " in finding.message
    assert finding.related == (Related("denied here", Location("role.json", 10, 5, 12, 6)),)


def test_missing_for_the_platform_stands_in_the_policy() -> None:
    logs = Requirement(
        "logs:PutLogEvents",
        Arns(("arn:aws:logs:*:*:log-group:/aws/lambda/f:*",)),
        (),
        (Reason(None, RuleReference("rules/platform/lambda.yaml", "logs")),),
    )
    finding = only(
        check(comparison(missing=(Missing(logs, logs.scope.patterns if isinstance(logs.scope, Arns) else ()),)))
    )
    assert finding.location == FILE
    assert finding.message.endswith("is not granted; it is needed according to rules/platform/lambda.yaml#logs")


def test_unused() -> None:
    finding = only(check(comparison(unused=(Unused(STATEMENT, "s3:Get*"),))))
    assert (finding.check, finding.severity, finding.location) == (
        "unused-permission",
        Severity.WARNING,
        STATEMENT_PLACE,
    )
    assert finding.message == "no call uses s3:Get* on arn:aws:s3:::b/*"


@pytest.mark.parametrize(
    ("too_wide", "what"), [((), "s3:Get*"), (("arn:aws:s3:::b/*",), "s3:Get* on arn:aws:s3:::b/*")]
)
def test_broad(too_wide: tuple[str, ...], what: str) -> None:
    replacement = (
        Statement("Allow", ("s3:GetObject",), ("b/x", "c")),
        Statement("Allow", ("s3:GetBucketAcl",), ("b",)),
    )
    finding = only(check(comparison(too_broad=(TooBroad(STATEMENT, "s3:Get*", too_wide, replacement),))))
    assert (finding.check, finding.severity) == ("broad-permission", Severity.WARNING)
    assert finding.location == STATEMENT_PLACE
    assert finding.message == f"{what} is more than needed, which is s3:GetObject on b/x, c; s3:GetBucketAcl on b"


@pytest.mark.parametrize(
    ("subject", "place", "message"),
    [
        (requirement(call(3)), Location("app.py", 3, 5, 3, 20), "s3:GetObject may be missing: so"),
        (STATEMENT, STATEMENT_PLACE, 'statement "Reads" may be broader than needed: so'),
        (
            PolicyReference(
                "arn:aws:iam::aws:policy/X", ReferenceKind.MANAGED_POLICY, Location("role.json", 2, 1, 2, 9)
            ),
            Location("role.json", 2, 1, 2, 9),
            "the managed policy arn:aws:iam::aws:policy/X: so",
        ),
    ],
)
def test_undecided(subject: Requirement | Statement | PolicyReference, place: Location, message: str) -> None:
    finding = only(check(comparison(undecided=(Undecided(subject, "so"),))))
    assert (finding.check, finding.severity) == ("undecided-permission", Severity.NOTE)
    assert (finding.location, finding.message) == (place, message)


def test_incomplete_analysis() -> None:
    place = Location("app.py", 7, 1, 7, 9)
    unresolved = Unresolved(
        UnresolvedReason.DYNAMIC_METHOD, place, "getattr(s3, name)", ("s3.GetObject", "s3.PutObject")
    )
    finding = only(check(comparison(), [unresolved]))
    assert (finding.check, finding.severity, finding.location) == ("incomplete-analysis", Severity.WARNING, place)
    assert finding.message == "dynamic method: getattr(s3, name); it may be s3.GetObject, s3.PutObject"


def test_findings_are_sorted_by_place_and_none_is_said_twice() -> None:
    unused = Unused(STATEMENT, "s3:Get*")
    findings = check(
        comparison(
            missing=(Missing(requirement(call(9)), ("x",)), Missing(requirement(call(3)), ("x",))),
            unused=(unused, unused),
        )
    )
    assert [str(finding.location) for finding in findings] == ["app.py:3:5", "app.py:9:5", "role.json:4:5"]


def test_each_check_has_one_rule_file() -> None:
    known = (*CHECKS, *LINT_CHECKS, *INVOKE_CHECKS, *FUNCTION_CHECKS, UNUSED_IGNORE)
    assert {path.stem for path, _ in rule_files("checks")} == set(known)


@pytest.mark.parametrize("name", (*CHECKS, *LINT_CHECKS, *INVOKE_CHECKS, *FUNCTION_CHECKS, UNUSED_IGNORE))
def test_rule_files_say_everything_in_one_line_each(name: str) -> None:
    rule = check_rule(name)
    assert rule.check == name
    for text in (rule.title, rule.why, rule.remedy):
        assert text == text.strip()
        assert "\n" not in text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("title: x\n", "`severity` is missing"),
        (
            "title: x\nseverity: fatal\nwhy: x\nremedy: x\nbad: {code: x, policy: x}\ngood: {code: x, policy: x}\n",
            "fatal",
        ),
        (
            "title: x\nseverity: note\nwhy: x\nremedy: x\nbad: {code: x}\ngood: {code: x, policy: x}\n",
            "`policy` is missing",
        ),
        ("title: x\ncolour: red\n", "unknown key `colour`"),
    ],
)
def test_a_wrong_rule_file_is_fatal(
    content: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "some-check.yaml").write_text(content)
    monkeypatch.setattr("analyzer.rules.folder.rules_folder", lambda: str(tmp_path))
    with pytest.raises(RuleError, match=message):
        check_rule("some-check")


def test_a_missing_rule_file_is_fatal() -> None:
    with pytest.raises(RuleError, match="no-such-check"):
        check_rule("no-such-check")
