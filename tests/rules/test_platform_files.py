"""The readers of rules/platform/: what they take, and that each mistake is told with its line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from analyzer.errors import RuleError
from analyzer.installed import rules_folder
from analyzer.rules import invokers as invokers_file
from analyzer.rules import keys as keys_file
from analyzer.rules import platforms
from analyzer.rules.setting_paths import Before, Follow, It, Items, Member, parse_setting_path

ENTRY = """\
permissions:
  trace:
    why: it traces
    when: {property: TracingConfig.Mode, equals: Active}
    needs: {actions: xray:PutTraceSegments, resources: "*"}
    source: https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html
    example: {needs: []}
"""
KEY = """\
resources:
  AWS::SQS::Queue:
    key: KmsMasterKeyId
    client: sqs
    needs: [{actions: [sqs:SendMessage], keys: [kms:Decrypt]}]
    source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
    example: {resources: "a", code: "b", needs: []}
"""
INVOKER = """\
invokers:
  AWS::SNS::Topic:
    - function: "Subscription[].Endpoint"
      principal: sns.amazonaws.com
      from: "{arn}"
      source: https://docs.aws.amazon.com/lambda/latest/dg/permissions-function-services.html
"""


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], object]:
    (tmp_path / "platform").mkdir()
    (tmp_path / "conditions").symlink_to(Path(rules_folder(), "conditions"))
    monkeypatch.setattr("analyzer.rules.folder.rules_folder", lambda: str(tmp_path))

    def read_file(name: str, content: str) -> object:
        (tmp_path / "platform" / f"{name}.yaml").write_text(content)
        if name == "keys":
            return keys_file.key_rules.__wrapped__()
        if name == "invokers":
            return invokers_file.invokers.__wrapped__()
        return platforms.platform_rules.__wrapped__(name)

    return read_file


def test_a_rule_of_a_platform(read: Callable[[str, str], platforms.PlatformRules]) -> None:
    (rule,) = read("lambda", ENTRY).rules
    test = platforms.Test("equals", "TracingConfig.Mode", ("Active",))
    need = platforms.Need(("xray:PutTraceSegments",), ("*",), (), "", ())
    assert rule == platforms.PlatformRule("trace", "AWS::Lambda::Function", (), (test,), {"": (need,)}, ())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("xray:PutTraceSegments", "xray:PutTraces", r"lambda.yaml:5: no action `xray:PutTraces`"),
        ("xray:PutTraceSegments", "XRay:putTraceSegments", r"lambda.yaml:5: no action"),
        ('"*"', '"{Mode..}"', r"lambda.yaml:5: a name in braces that nothing says: `Mode..`"),
        ("equals: Active", "equal: Active", r"lambda.yaml:4: unknown key `equal`"),
        ("equals: Active", "equals: Active, like: A*", r"lambda.yaml:4: more than one test of a setting"),
        ("property: TracingConfig.Mode, equals: Active", "equals: Active", r"lambda.yaml:4: no condition"),
        ("TracingConfig.Mode", "TracingConfig..Mode", r"lambda.yaml:4: no path of a setting"),
        ("https://docs.aws.amazon.com", "https://example.com", r"lambda.yaml:6: no page of AWS's documentation"),
        ("    needs:", "    of: Mode\n    services:", r"lambda.yaml:6: not a mapping"),
        ("    needs:", "    services:", r"lambda.yaml:2: neither `needs` nor `services`, or both"),
        ("    example: {needs: []}\n", "", r"`example` is missing"),
        ("    why: it traces\n", "    why: it traces\n    on: Function\n", r"no resource type `Function`"),
        ("    why: it traces\n", "    why: it traces\n    tolerated: [xray:Nothing]\n", r"no action `xray:Nothing`"),
        ("permissions:", "services: {SQS: sqs}\npermissions:", r"no resource type `SQS`"),
    ],
)
def test_a_mistake_in_a_platform_is_told(old: str, new: str, message: str, read: Callable[[str, str], object]) -> None:
    assert old in ENTRY
    with pytest.raises(RuleError, match=message):
        read("lambda", ENTRY.replace(old, new))


@pytest.mark.parametrize(
    ("name", "content", "old", "new", "message"),
    [
        ("keys", KEY, "kms:Decrypt", "kms:Unlock", r"keys.yaml:5: no action `kms:Unlock`"),
        ("keys", KEY, "client: sqs", "client: queue", r"keys.yaml:4: no client whose service uses keys"),
        ("keys", KEY, "key: KmsMasterKeyId", "key: a b", r"keys.yaml:3: no path of a property"),
        ("keys", KEY, "docs.aws", "pages.aws", r"keys.yaml:6: no page of AWS's documentation"),
        ("keys", KEY, "code: ", "program: ", r"unknown key `program`"),
        ("invokers", INVOKER, "sns.amazonaws.com", "sns", r"invokers.yaml:4: no service: `sns`"),
        ("invokers", INVOKER, '      from: "{arn}"\n', "", r"neither `from` nor `role`"),
        ("invokers", INVOKER, "docs.aws", "pages.aws", r"no page of AWS's documentation"),
        ("invokers", INVOKER, "{arn}", "{arn of}", r"a name in braces that nothing says: `arn of`"),
        ("invokers", INVOKER, "function:", "functions:", r"unknown key `functions`"),
    ],
)
def test_a_mistake_in_the_other_files_is_told(
    name: str, content: str, old: str, new: str, message: str, read: Callable[[str, str], object]
) -> None:
    assert old in content
    with pytest.raises(RuleError, match=message):
        read(name, content.replace(old, new))


def test_a_file_that_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analyzer.rules.folder.rules_folder", lambda: str(tmp_path))
    with pytest.raises(RuleError, match=r"rules/platform/keys\.yaml: No such file"):
        keys_file.key_rules.__wrapped__()
    with pytest.raises(RuleError, match=r"rules/platform/invokers\.yaml: No such file"):
        invokers_file.invokers.__wrapped__()


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("VpcConfig.SubnetIds", (Member("VpcConfig"), Member("SubnetIds"))),
        ("Targets[].Arn", (Member("Targets"), Items("", ()), Member("Arn"))),
        ("A[Type=B|C-1].URI", (Member("A"), Items("Type", ("B", "C-1")), Member("URI"))),
        ("LambdaConfig.*", (Member("LambdaConfig"), Member("*"))),
        ("it", (It(),)),
        ("it > FileSystemId > Policy", (It(), Follow(), Member("FileSystemId"), Follow(), Member("Policy"))),
        ("it < /consumer/", (It(), Before("/consumer/"))),
        ("a b", None),
        ("A[", None),
        ("", None),
        ("A.", None),
    ],
)
def test_paths_of_settings(text: str, steps: object) -> None:
    assert parse_setting_path(text) == steps
