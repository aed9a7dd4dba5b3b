"""`lpa fix`: what becomes of templates, byte for byte, and that it is clean, valid and final.

Every folder of fixtures/fix/ is a template with its code and the template that is to come of it, written by hand:
`expected.yaml` or `expected.json`. `arguments.json` are further arguments, and `left.json` words of what is left.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from analyzer import deployed, fixed
from analyzer.config import Options, Selection
from analyzer.errors import InputError
from analyzer.model.deployment import Deployment
from analyzer.model.findings import Severity

if TYPE_CHECKING:
    from tests.conftest import Command

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
CASES = sorted(folder.name for folder in (FIXTURES / "fix").iterdir())
TEMPLATES = sorted(
    path.relative_to(FIXTURES)
    for folder in ("templates", "apps", "fix")
    for path in (FIXTURES / folder).glob("*/template.*")
)
ABOUT_GRANTS = {"missing-permission", "unused-permission", "broad-permission", "broad-managed-policy"}
FUNCTION = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Get:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: app.handler
      Runtime: python3.12
"""
ADDED = """\
      Policies:
        - Statement:
            - Effect: Allow
              Action: s3:GetObject
              Resource: arn:aws:s3:::b/a
"""
CODE = "import boto3\ndef handler(event, context):\n    boto3.client('s3').get_object(Bucket='b', Key='a')\n"


@pytest.mark.parametrize("name", CASES)
def test_template_is_changed_as_written_by_hand(lpa: Command, name: str) -> None:
    shutil.copytree(FIXTURES / "fix" / name, lpa.cwd, dirs_exist_ok=True)
    (template,) = lpa.cwd.glob("template.*")
    expected = template.with_name(f"expected{template.suffix}").read_bytes()
    arguments = lpa.cwd / "arguments.json"
    left = lpa.cwd / "left.json"
    given = json.loads(arguments.read_text()) if arguments.exists() else []
    before = template.read_bytes()

    shown = lpa("fix", "--dry-run", *given)
    assert template.read_bytes() == before
    done = lpa("fix", *given)
    assert template.read_bytes() == expected
    assert done.stdout == shown.stdout != ""
    assert done.returncode == shown.returncode == (1 if left.exists() else 0)
    for words in json.loads(left.read_text()) if left.exists() else []:
        assert words in done.stderr
    again = lpa("fix", *given)
    assert again.stdout == ""
    assert "nothing to change" in again.stderr
    if not left.exists():
        assert lpa("check").stdout == "0 findings\n"


def test_force_takes_away_what_unknown_calls_may_need(lpa: Command) -> None:
    shutil.copytree(FIXTURES / "fix" / "calls_not_known", lpa.cwd, dirs_exist_ok=True)
    assert lpa("fix", "--force").returncode == 0
    assert "sqs:*" not in lpa.read("template.yaml")


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("last", ["", "\n"])
def test_line_ends_and_byte_order_marks_stay(lpa: Command, ending: str, mark: str, last: str) -> None:
    lpa.write("app.py", CODE)
    lpa.write("template.yaml", (mark + FUNCTION.rstrip("\n") + last).replace("\n", ending).encode())
    assert lpa("fix").returncode == 0
    written = (lpa.cwd / "template.yaml").read_bytes().decode()
    assert written == (mark + FUNCTION + ADDED.rstrip("\n") + last).replace("\n", ending)


def test_difference_is_shown(lpa: Command) -> None:
    lpa.write("app.py", CODE)
    lpa.write("template.yaml", FUNCTION)
    done = lpa("fix")
    assert (done.returncode, done.stderr) == (0, "lpa: template.yaml is written\n")
    assert done.stdout.startswith(
        "--- template.yaml\n+++ template.yaml (as the functions need it)\n@@ -6,3 +6,8 @@\n       CodeUri: .\n"
    )
    assert done.stdout.endswith("".join(f"+{line}\n" for line in ADDED.splitlines()))


def test_only_the_function_that_is_named(lpa: Command) -> None:
    lpa.write("app.py", CODE)
    lpa.write("template.yaml", FUNCTION + FUNCTION.partition("Resources:\n")[2].replace("Get:", "Other:"))
    assert lpa("fix", "--function", "Other").returncode == 0
    assert (
        lpa.read("template.yaml") == FUNCTION + FUNCTION.partition("Resources:\n")[2].replace("Get:", "Other:") + ADDED
    )


@pytest.mark.parametrize("path", ["cdk.out/A.template.json", ".aws-sam/build/template.yaml"])
def test_what_a_tool_makes_is_refused(lpa: Command, path: str) -> None:
    lpa.write(path, FUNCTION)
    done = lpa("fix", "--template", path)
    assert done.returncode == 3
    assert "is made by a tool" in done.stderr
    assert lpa.read(path) == FUNCTION


def test_a_template_that_changes_meanwhile_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from analyzer.cli import fixing

    template = tmp_path / "template.yaml"
    template.write_text(FUNCTION, encoding="utf-8")
    (tmp_path / "app.py").write_text(CODE, encoding="utf-8")
    changed = FUNCTION + "# saved by an editor\n"
    show = fixing.print_text
    monkeypatch.setattr(fixing, "print_text", lambda text: (template.write_text(changed, encoding="utf-8"), show(text)))
    with pytest.raises(InputError, match="has changed since it was read"):
        fixing.fix(_options(tmp_path), Selection(("template.yaml",)), fixed.How(), dry_run=False)
    assert template.read_text(encoding="utf-8") == changed


@pytest.mark.parametrize("template", TEMPLATES, ids=str)
def test_every_template_is_valid_and_final_once_it_is_fixed(tmp_path: Path, template: Path) -> None:
    shutil.copytree(FIXTURES / template.parent, tmp_path, dirs_exist_ok=True)
    expected = FIXTURES / template.parent / "expected.json"
    read = json.loads(expected.read_text()) if template.parts[0] == "templates" else {}
    selection = Selection((template.name,), (), tuple(sorted(read.get("parameters", {}).items())))
    before = _findings(tmp_path, selection)
    found = fixed.fix(_options(tmp_path), selection, lambda path: _text(tmp_path / path), fixed.How())
    for path, text in found.texts.items():
        errors = _errors(found.originals[path])
        assert [one for one in _errors(text) if one not in errors] == []
        (tmp_path / path).write_text(text, encoding="utf-8")
    after = _findings(tmp_path, selection)
    assert after <= before
    about_grants = {
        one for one in after if one[0].endswith(("-permission", "-managed-policy")) and "invoke" not in one[0]
    }
    assert about_grants == set() or found.left
    again = fixed.fix(_options(tmp_path), selection, lambda path: _text(tmp_path / path), fixed.How())
    assert (again.texts, again.left) == ({}, found.left)


def _options(root: Path) -> Options:
    return Options((), str(root), None, Deployment(), None, None)


def _text(path: Path) -> str:
    return path.read_bytes().decode()


def _findings(root: Path, selection: Selection) -> set[tuple[str, str]]:
    """Return the warnings and errors of `lpa check`; its notes name places, which move."""
    found = deployed.check(_options(root), selection)
    return {(one.check, one.message) for one in found if one.severity is not Severity.NOTE}


def _errors(text: str) -> list[tuple[str, tuple[str | int, ...]]]:
    """Return what cfn-lint calls errors, each with the path of what it is about."""
    from cfnlint.api import lint

    found = lint(text, regions=["us-east-1"])
    return [(match.rule.id, tuple(getattr(match, "path", ()))) for match in found if match.rule.id[0] == "E"]


def test_what_a_loop_makes_is_left_to_do_by_hand(lpa: Command) -> None:
    template = """\
Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
Resources:
  Fn::ForEach::Readers:
    - Name
    - [A, B]
    - "Read${Name}":
        Type: AWS::Serverless::Function
        Properties:
          Handler: index.handler
          Runtime: python3.12
          InlineCode: |
            import boto3
            def handler(event, context):
                boto3.client("s3").get_object(Bucket="data", Key="a")
"""
    lpa.write("template.yaml", template)
    done = lpa("fix")
    assert done.returncode == 1
    for name in ("ReadA", "ReadB"):
        assert f"{name}: its policies may be those of others too (Fn::ForEach makes it" in done.stderr
    assert (lpa.cwd / "template.yaml").read_text(encoding="utf-8") == template


def test_a_nested_stack_tells_the_name_of_its_parent_from_its_own(lpa: Command) -> None:
    lpa.write(
        "template.yaml",
        "Resources:\n  Child:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: child.yaml\n"
        "      Parameters: {Parent: !Ref AWS::StackName}\n",
    )
    child = (
        "Transform: AWS::Serverless-2016-10-31\nParameters:\n  Parent: {Type: String}\nResources:\n  Get:\n"
        "    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: .\n      Handler: app.handler\n"
        "      Runtime: python3.12\n      Environment:\n"
        '        Variables: {THEIRS: !Sub "${Parent}-in", OWN: !Sub "${AWS::StackName}-out"}\n'
    )
    lpa.write("child.yaml", child)
    lpa.write(
        "app.py",
        "import os\nimport boto3\ns3 = boto3.client('s3')\ndef handler(event, context):\n"
        "    s3.get_object(Bucket=os.environ['THEIRS'], Key='a')\n"
        "    s3.put_object(Bucket=os.environ['OWN'], Key='a')\n",
    )
    assert lpa("fix").returncode == 0
    written = lpa.read("child.yaml")
    assert written.startswith(child)
    assert '!Sub "arn:${AWS::Partition}:s3:::${Parent}-in/a"' in written
    assert '!Sub "arn:${AWS::Partition}:s3:::${AWS::StackName}-out/a"' in written
    assert lpa("check").stdout == "0 findings\n"
