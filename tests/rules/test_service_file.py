from __future__ import annotations

import json
from pathlib import Path

import pytest

from analyzer.errors import EXIT_INTERNAL, RuleError
from analyzer.model.requirements import Condition
from analyzer.rules import (
    ActionEntry,
    Advice,
    Binding,
    Example,
    Guard,
    OperationRule,
    ServiceRules,
    Spelling,
    TypeBinding,
    iam_prefix,
    result_templates,
    rule_files,
    rule_sources,
    service_examples,
    service_rules,
)
from analyzer.rules.http_binding import HTTP_BINDING_SOURCE
from analyzer.rules.service_file import ServiceFile, read_service_file
from analyzer.rules.stored import restore, store

GOOD = """\
bindings:
  queue: {url: QueueUrl}
operations:
  SendMessageBatch:
    actions:
      - {action: sqs:SendMessage, resource: queue}
      - action: kms:Decrypt
        resource: key
        bind: {KeyId: {from: [QueueUrl, "Entries[].Id"], extract: "key/(.*)"}, Region: {value: "*"}}
        when:
          - {parameter: "Entries[].MessageGroupId"}
          - {any: [{absent: QueueUrl}, {parameter: QueueUrl, matches: "x"}]}
          - {parameter: QueueUrl, like: ["a*", "b"], certain: true}
        conditions: {StringEquals: {"kms:ViaService": [b, a]}}
    advice: [{action: kms:GenerateDataKey, why: the queue may be encrypted}]
    source: https://docs.aws.amazon.com/x
    examples:
      - {code: "sqs.send_message_batch()", needs: ["sqs:SendMessage on arn:aws:sqs:*:*:*", "kms:Decrypt on *"]}
  ReceiveMessage: {permission: none, source: [https://a, https://b], examples: [{code: x, needs: []}]}
results:
  GetQueueUrl: {QueueUrl: "https://sqs.{region}.amazonaws.com/{account}/{QueueName}"}
"""

RULES = ServiceRules(
    "sqs",
    "rules/services/sqs.yaml",
    "sqs",
    {"queue": TypeBinding((Binding(("QueueUrl",), Spelling.URL),))},
    {
        "SendMessageBatch": OperationRule(
            "",
            (
                ActionEntry("sqs:SendMessage", ("queue",)),
                ActionEntry(
                    "kms:Decrypt",
                    ("key",),
                    (
                        (
                            "key",
                            TypeBinding(
                                (),
                                (
                                    ("KeyId", Binding(("QueueUrl", "Entries[].Id"), extract="key/(.*)")),
                                    ("Region", Binding((), template="*")),
                                ),
                            ),
                        ),
                    ),
                    (
                        (Guard("Entries[].MessageGroupId", "present"),),
                        (Guard("QueueUrl", "absent"), Guard("QueueUrl", "matches", ("x",))),
                        (Guard("QueueUrl", "like", ("a*", "b"), certain=True),),
                    ),
                    (Condition("StringEquals", "kms:ViaService", ("a", "b")),),
                ),
            ),
            (Advice("kms:GenerateDataKey", "the queue may be encrypted"),),
        ),
        "ReceiveMessage": OperationRule("none", ()),
    },
    {"GetQueueUrl": {"QueueUrl": "https://sqs.{region}.amazonaws.com/{account}/{QueueName}"}},
)


def read(folder: Path, content: str, service: str = "sqs") -> ServiceFile:
    path = folder / f"{service}.yaml"
    path.write_text(content)
    return read_service_file(path, f"rules/services/{service}.yaml")


def test_everything_a_file_can_say_is_read(tmp_path: Path) -> None:
    rules, examples, _ = read(tmp_path, GOOD)

    assert rules == RULES
    assert examples == (
        Example(
            "SendMessageBatch",
            "sqs.send_message_batch()",
            ("kms:Decrypt on *", "sqs:SendMessage on arn:aws:sqs:*:*:*"),
            18,
        ),
        Example("ReceiveMessage", "x", (), 19),
    )


def test_base_action_stays_beside_others_and_can_be_pinned(tmp_path: Path) -> None:
    proof = "source: https://a, examples: [{code: x, needs: []}]"
    rules, _, _ = read(
        tmp_path,
        "operations:\n"
        f"  Query: {{resource: table, also: [{{action: kms:Decrypt}}], {proof}}}\n"
        f"  Scan: {{resource: [table, index], bind: {{index: {{TableName: TableName}}}}, {proof}}}\n",
        "dynamodb",
    )

    assert rules.operations["Query"].actions == (
        ActionEntry("dynamodb:Query", ("table",)),
        ActionEntry("kms:Decrypt"),
    )
    index = TypeBinding((), (("TableName", Binding(("TableName",))),))
    assert rules.operations["Scan"].actions == (ActionEntry("dynamodb:Scan", ("table", "index"), (("index", index),)),)


def test_values_are_read_with_what_arns_have_for_them(tmp_path: Path) -> None:
    scope = "{from: Scope, map: {REGIONAL: regional, CLOUDFRONT: global}}"
    rules, _, _ = read(tmp_path, f"bindings: {{webacl: {{Scope: {scope}}}}}\n", "wafv2")

    binding = Binding(("Scope",), choices=(("REGIONAL", "regional"), ("CLOUDFRONT", "global")))
    assert rules.bindings == {"webacl": TypeBinding((), (("Scope", binding),))}
    assert restore("wafv2", "", json.loads(json.dumps(store(rules)))).bindings == rules.bindings


def test_resource_of_the_base_action_is_the_one_the_operation_is_about(tmp_path: Path) -> None:
    rules, _, _ = read(
        tmp_path,
        "operations:\n"
        "  CreateTrial: {bind: {experiment-trial: {TrialName: TrialName}},"
        f" also: [{{action: sagemaker:AddTags, resource: base}}], {PROOF_INLINE}}}\n"
        "groups:\n"
        "  - operations: [CreateEndpoint, CreateModel, CreateTrainingJob]\n"
        "    also: [{action: sagemaker:AddTags, resource: base, when: {parameter: Tags}}]\n"
        f"    source: https://a\n    examples: [{{code: sagemaker.create_model(), needs: []}}]\n",
        "sagemaker",
    )

    tags = {name: rule.actions[-1] for name, rule in rules.operations.items()}
    assert {name: entry.resources for name, entry in tags.items()} == {
        "CreateEndpoint": ("endpoint",),
        "CreateModel": ("model",),
        "CreateTrainingJob": ("training-job",),
        "CreateTrial": ("experiment-trial",),
    }
    # It is named as the base action names it.
    assert tags["CreateTrial"].bindings == rules.operations["CreateTrial"].actions[0].bindings != ()


def test_other_actions_are_read_for_values_that_certainly_are_others(tmp_path: Path) -> None:
    rules, examples, _ = read(tmp_path, f"{INSTEAD}    operations: [SendMessage]\n")

    assert rules.operations["SendMessage"].actions == (
        ActionEntry("sqs:SendMessage", guards=((Guard("QueueUrl", "not_like", ("*.fifo",)),),)),
        ActionEntry("sqs:ListQueues", guards=((Guard("QueueUrl", "like", ("*.fifo",), certain=True),),)),
    )
    assert [example.operation for example in examples] == ["SendMessage"]


def test_group_adds_to_each_of_its_operations(tmp_path: Path) -> None:
    rules, examples, _ = read(
        tmp_path,
        f"operations:\n  SendMessage: {{also: [{{action: sqs:ListQueues}}], {PROOF_INLINE}}}\n"
        f"{GROUP}    operations: [SendMessage, CreateQueue]\n"
        f"{GROUP.removeprefix('groups:')[1:]}    operations: [CreateQueue]\n",
    )

    tagged = ActionEntry("sqs:TagQueue")
    assert rules.operations == {
        "SendMessage": OperationRule("", (ActionEntry("sqs:SendMessage"), ActionEntry("sqs:ListQueues"), tagged)),
        "CreateQueue": OperationRule("", (ActionEntry("sqs:CreateQueue"), tagged, tagged)),
    }
    assert [example.operation for example in examples] == ["SendMessage", "SendMessage", "SendMessage"]


def test_pages_of_all_that_is_said_of_an_operation_are_its_sources(tmp_path: Path) -> None:
    content = (
        f"operations:\n  SendMessage: {{also: [{{action: sqs:ListQueues}}], {PROOF_INLINE}}}\n"
        "groups:\n"
        "  - operations: [SendMessage, CreateQueue]\n"
        "    also: [{action: sqs:TagQueue}]\n"
        "    source: [https://b, https://c]\n"
        "    examples: [{code: sqs.send_message(), needs: []}]\n"
        f"{INSTEAD}    operations: [SendMessage]\n"
    )

    assert read(tmp_path, content).sources == {
        "SendMessage": ("https://a", "https://b", "https://c"),
        "CreateQueue": ("https://b", "https://c"),
    }
    by_http = read(tmp_path, "kind: http-binding\n", "apigatewayv2").sources
    assert by_http["GetApis"] == (HTTP_BINDING_SOURCE,)


def test_sources_from_the_cache_are_those_of_the_file() -> None:
    (path, shown) = next(one for one in rule_files("services") if one[0].stem == "sqs")
    for _ in range(2):
        rule_sources.cache_clear()
        found = {name: tuple(pages) for name, pages in rule_sources("sqs").items()}
        assert found == read_service_file(path, shown).sources
    assert rule_sources("wisdom-without-a-file") == {}


def test_group_can_replace_what_operations_need(tmp_path: Path) -> None:
    group = f"groups: [{{operations: [SendMessage, ListQueues], permission: none, {PROOF_INLINE}}}]\n"
    rules, _, _ = read(tmp_path, group)

    assert rules.operations == {"SendMessage": OperationRule("none", ()), "ListQueues": OperationRule("none", ())}


def test_actions_by_http_method_are_on_the_path(tmp_path: Path) -> None:
    rules, _, _ = read(tmp_path, "kind: http-binding\n", "apigatewayv2")

    assert rules.operations["UpdateRoute"].actions == (
        ActionEntry("apigateway:PATCH", ("arn:{partition}:apigateway:{region}::/apis/{ApiId}/routes/{RouteId}",)),
    )
    assert rules.operations["GetApis"].actions == (
        ActionEntry("apigateway:GET", ("arn:{partition}:apigateway:{region}::/apis",)),
    )
    # An action of the operation's name comes first.
    assert rules.operations["GetPortal"].actions == (ActionEntry("apigateway:GetPortal"),)


PROOF = "    source: https://a\n    examples: [{code: x, needs: []}]\n"
PROOF_INLINE = "source: https://a, examples: [{code: sqs.send_message(), needs: []}]"
GROUP = (
    "groups:\n  - also: [{action: sqs:TagQueue}]\n    source: https://a\n"
    "    examples: [{code: sqs.send_message(), needs: []}]\n"
)
NONE = "    permission: none\n    source: https://a\n    examples:\n"
INSTEAD = (
    "instead:\n  - parameter: QueueUrl\n    like: '*.fifo'\n    actions: [{action: sqs:ListQueues}]\n"
    "    source: https://a\n    examples: [{code: sqs.send_message(), needs: []}]\n"
)
SEND = "operations:\n  SendMessageBatch:\n"


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ("operation: {}\n", 1, "unknown key `operation`; use one of `bindings`, `groups`, `iam_prefix`, `instead`, "
         "`kind`, `operations`, `results`, `unnamed`"),
        ("iam_prefix: sqs\n", 1, "the IAM prefix is the signing name already"),
        ("iam_prefix: nosuch\n", 1, "IAM has no prefix `nosuch`"),
        (f"operations:\n  SendMessages:\n{PROOF}", 2, "botocore's sqs has no operation `SendMessages`"),
        (f"{SEND}    actions: [{{action: sqs:SendMessage}}]\n    source: https://a\n", 2, "`examples` is missing"),
        (f"{SEND}    permission: none\n    examples: [{{code: x, needs: []}}]\n", 2, "`source` is missing"),
        (f"{SEND}    permission: none\n    source: https://a\n    examples: []\n", 5, "an empty list"),
        (f"{SEND}    permission: none\n    source: the docs\n    examples: [{{code: x, needs: []}}]\n", 4,
         "not an address"),
        (f"{SEND}    permission: no\n{PROOF}", 3, "unknown value `no`; use one of `none`, `not-iam`"),
        (f"{SEND}    permission: none\n    also: []\n{PROOF}", 4, "`also` has no meaning beside `permission`"),
        (f"{SEND}    actions: []\n{PROOF}", 3, "an empty list"),
        (f"operations:\n  SendMessage:\n    advice: [{{action: sqs:Send, why: x}}]\n{PROOF}", 3,
         "IAM has no action `sqs:Send`"),
        (f"operations:\n  SendMessage:\n    advice: [{{action: sqs:SendMessage}}]\n{PROOF}", 3, "`why` is missing"),
        (f"{SEND}    actions: [{{action: sqs:SendMessage}}]\n    also: []\n{PROOF}", 4,
         "`also` has no meaning beside `actions`"),
        # sqs:SendMessageBatch is no action, so there is nothing to add to.
        (f"{SEND}    also: [{{action: sqs:SendMessage}}]\n{PROOF}", 2, "IAM has no action `sqs:SendMessageBatch`"),
        (f"{SEND}    actions: [{{action: sqs:SendMessages}}]\n{PROOF}", 3, "IAM has no action `sqs:SendMessages`"),
        (f"{SEND}    actions: [{{action: sqs:sendmessage}}]\n{PROOF}", 3,
         "`sqs:sendmessage` is spelled otherwise; write `sqs:SendMessage`"),
        (f"{SEND}    actions: [{{action: sqs:SendMessage, resource: topic}}]\n{PROOF}", 3,
         "`sqs:SendMessage` takes no resource type `topic`; use one of queue"),
        (f"{SEND}    actions: [{{action: sqs:ListQueues, resource: '*'}}]\n{PROOF}", 3,
         "`sqs:ListQueues` can be granted on `*` only"),
        (f"{SEND}    actions: [{{action: sqs:SendMessage, on: queue}}]\n{PROOF}", 3, "unknown key `on`"),
        # What the base rule says is not said again.
        (f"operations:\n  SendMessage:\n{PROOF}", 2, "`SendMessage` says what the base rule does without it"),
        (f"operations:\n  SendMessage:\n    actions: [{{action: sqs:SendMessage}}]\n{PROOF}", 2,
         "`SendMessage` says what the base rule does without it"),
        (f"operations:\n  SendMessage:\n    resource: queue\n{PROOF}", 2,
         "`SendMessage` says what the base rule does without it"),
        # Bindings.
        ("bindings: {topic: {url: QueueUrl}}\n", 1, "`sqs` has no resource type `topic`"),
        ("bindings: {queue: {QueueNames: QueueUrl}}\n", 1, "unknown key `QueueNames`"),
        ("bindings: {queue: {QueueName: Queue}}\n", 1, "no operation has a parameter `Queue`"),
        ("bindings: {queue: {QueueName: 'A['}}\n", 1, "`A[` is not a path"),
        ("bindings: {queue: {}}\n", 1, "an empty binding"),
        ("bindings: {queue: {QueueName: {from: QueueName, as: upper}}}\n", 1, "unknown value `upper`; use one of"),
        ("bindings: {queue: {url: {from: QueueUrl, as: basename}}}\n", 1, "`url` says how it is spelled already"),
        ("bindings: {queue: {QueueName: {from: QueueName, extract: 'a'}}}\n", 1, "not one group"),
        ("bindings: {queue: {QueueName: {from: QueueName, extract: '('}}}\n", 1, "not a regular expression"),
        (f"{SEND}    actions: [{{action: sqs:SendMessage, bind: {{QueueName: QueueName}}}}]\n{PROOF}", 3,
         "SendMessageBatch has no parameter `QueueName`"),
        (f"{SEND}    actions: [{{action: sqs:ListQueues, bind: {{QueueName: QueueUrl}}}}]\n{PROOF}", 3,
         "`sqs:ListQueues` takes no resource that could be bound"),
        ("bindings: {queue: {QueueName: {from: QueueName, map: {}}}}\n", 1, "an empty map"),
        ("bindings: {queue: {QueueName: {from: QueueName, map: {a: b}, as: basename}}}\n", 1, "unknown key `as`"),
        # sqs:SendMessageBatch is no action, sns:Publish is of another service, and no type of a queue's is taken.
        (f"{SEND}    actions: [{{action: sqs:SendMessage, resource: base}}]\n{PROOF}", 3,
         "`SendMessageBatch` has no base action of this service; name the resource type"),
        (f"operations:\n  SendMessage:\n    also: [{{action: sns:Publish, resource: base}}]\n{PROOF}", 3,
         "`SendMessage` has no base action of this service"),
        (f"operations:\n  SendMessage:\n    also: [{{action: sqs:ListQueues, resource: base}}]\n{PROOF}", 3,
         "`sqs:ListQueues` takes no resource type `queue`"),
        (f"operations:\n  ListQueues:\n    also: [{{action: sqs:SendMessage, resource: base}}]\n{PROOF}", 3,
         "the base action has no type"),
        ("bindings: {queue: {QueueName: {value: 'a{b'}}}\n", 1, "`a{b` is not a template"),
        ("bindings: {queue: {QueueName: {value: 'a[b]'}}}\n", 1, "`a[b]` is not a template"),
        ("bindings: {queue: {QueueName: {value: '{Queue}'}}}\n", 1, "no operation has a parameter `Queue`"),
        (f"{SEND}    actions: [{{action: sqs:SendMessage, resource: 'arn:aws:sqs:::{{Name}}'}}]\n{PROOF}", 3,
         "SendMessageBatch has no parameter `Name`"),
        (f"{SEND}    actions: [{{action: sqs:SendMessage, resource: 'arn:aws:sqs:::q', bind: {{url: QueueUrl}}}}]\n"
         f"{PROOF}", 3, "`bind` has no meaning beside a whole ARN"),
        # What holds for many operations.
        ("kind: rest\n", 1, "unknown value `rest`; use one of `http-binding`"),
        ("unnamed: none\n", 1, "unknown value `none`; use one of `type`"),
        (f"{INSTEAD}    operations: [SendMessages]\n", 7, "botocore's sqs has no operation `SendMessages`"),
        (f"{INSTEAD}    operations: [ListQueues]\n", 7, "ListQueues does not require `QueueUrl`"),
        (f"{INSTEAD}    operations: [SendMessageBatch]\n", 7, "nothing is known of what SendMessageBatch needs"),
        (f"{INSTEAD.replace('sqs.send_message()', 'x')}    operations: [SendMessage]\n", 6,
         "the example calls no operation of the client"),
        (f"{GROUP}    operations: [SendMessages]\n", 5, "botocore's sqs has no operation `SendMessages`"),
        (f"{GROUP}    operations: [SendMessageBatch]\n", 2, "IAM has no action `sqs:SendMessageBatch`"),
        (f"{GROUP}    operations: []\n", 5, "an empty list"),
        (f"operations:\n  SendMessage: {{permission: none, {PROOF_INLINE}}}\n{GROUP}    operations: [SendMessage]\n",
         7, "SendMessage has an entry already"),
        (f"operations:\n  SendMessage: {{also: [{{action: sqs:ListQueues}}], {PROOF_INLINE}}}\n"
         f"groups: [{{operations: [SendMessage], permission: none, {PROOF_INLINE}}}]\n", 3,
         "`permission` has no meaning beside `the entry that SendMessage has already`"),
        # Conditions.
        (f"{SEND}    actions: [{{action: sqs:SendMessage, when: {{parameter: Queue}}}}]\n{PROOF}", 3,
         "SendMessageBatch has no parameter `Queue`"),
        (f"{SEND}    actions: [{{action: sqs:SendMessage, when: {{equals: x}}}}]\n{PROOF}", 3, "not a condition"),
        (f"{SEND}    actions: [{{action: sqs:SendMessage, when: {{absent: QueueUrl, equals: x}}}}]\n{PROOF}", 3,
         "not a condition"),
        (f"{SEND}    actions: [{{action: sqs:SendMessage, when: {{parameter: QueueUrl, equals: a, matches: b}}}}]\n"
         f"{PROOF}", 3, "not a condition"),
        (f"{SEND}    actions: [{{action: sqs:SendMessage, when: {{parameter: QueueUrl, matches: '['}}}}]\n{PROOF}", 3,
         "not a regular expression"),
        (f"{SEND}    actions: [{{action: sqs:SendMessage, when: {{any: [{{parameter: QueueUrl}}]}}}}]\n{PROOF}", 3,
         "`any` of less than two"),
        (f"{SEND}    actions: [{{action: sqs:SendMessage, when: {{parameter: QueueUrl, certain: true}}}}]\n{PROOF}", 3,
         "nothing to be certain of"),
        (f"{SEND}    actions: [{{action: sqs:SendMessage, when: {{parameter: QueueUrl, like: a, certain: no}}}}]\n"
         f"{PROOF}", 3, "nothing to be certain of"),
        (f"{SEND}    actions: [{{action: sqs:SendMessage, conditions: {{Equals: {{'aws:x': y}}}}}}]\n{PROOF}", 3,
         "IAM has no condition operator `Equals`"),
        (f"{SEND}    actions: [{{action: sqs:SendMessage, conditions: {{Null: {{'iam:X': y}}}}}}]\n{PROOF}", 3,
         "`sqs:SendMessage` has no condition key `iam:X`"),
        # Examples and results.
        (f"{SEND}{NONE}    - {{code: x, needs: [sqs:SendMessage]}}\n",
         6, "not a need: `sqs:SendMessage`"),
        (f"{SEND}{NONE}    - {{code: x, needs: [sqs:Send on *]}}\n",
         6, "IAM has no action `sqs:Send`"),
        (f"{SEND}{NONE}    - {{code: x}}\n", 6, "`needs` is missing"),
        ("results:\n  GetQueueUrl: {Url: x}\n", 2, "the response of GetQueueUrl has no `Url`"),
        ("results:\n  GetQueueUrl: {QueueUrl: 'x{y'}\n", 2, "a brace without its other half"),
        ("results:\n  GetQueueUri: {QueueUrl: x}\n", 2, "botocore's sqs has no operation `GetQueueUri`"),
    ],
)  # fmt: skip
def test_wrong_file_is_refused_with_line_and_remedy(tmp_path: Path, content: str, line: int, words: str) -> None:
    with pytest.raises(RuleError) as caught:
        read(tmp_path, content)

    message = str(caught.value)
    assert message.startswith(f"rules/services/sqs.yaml:{line}: {words}")
    assert caught.value.hint
    assert caught.value.exit_code == EXIT_INTERNAL
    assert "\n" not in message


def test_value_that_a_parameter_never_has_is_refused(tmp_path: Path) -> None:
    content = (
        "operations:\n  PutObject:\n    also: [{action: s3:PutObjectAcl, when: {parameter: ACL, equals: open}}]\n"
        f"{PROOF}"
    )
    with pytest.raises(RuleError, match=r"s3\.yaml:3: `ACL` is never `open`; use one of private, public-read"):
        read(tmp_path, content, "s3")


def test_map_of_a_value_that_a_parameter_never_has_is_refused(tmp_path: Path) -> None:
    content = (
        "operations:\n  GetWebACL:\n    bind: {Scope: {from: Scope, map: {GLOBAL: global}}, Name: Name, Id: Id}\n"
        f"{PROOF}"
    )
    with pytest.raises(RuleError, match=r"wafv2\.yaml:3: `Scope` is never `GLOBAL`; use one of CLOUDFRONT, REGIONAL"):
        read(tmp_path, content, "wafv2")


def test_file_of_no_client_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match=r"rules/services/nosuch\.yaml:1: botocore has no client `nosuch`"):
        read(tmp_path, "operations: {}\n", "nosuch")


def test_stored_rules_are_restored_as_they_were() -> None:
    stored = json.loads(json.dumps(store(RULES)))

    assert restore("sqs", "rules/services/sqs.yaml", stored) == RULES


@pytest.mark.parametrize("service", [path.stem for path, _ in rule_files("services")])
def test_rules_from_the_cache_are_the_rules_of_the_file(service: str) -> None:
    (path, shown) = next(one for one in rule_files("services") if one[0].stem == service)
    from_file = read_service_file(path, shown).rules

    service_rules.cache_clear()
    first = service_rules(service)
    service_rules.cache_clear()
    second = service_rules(service)

    assert first == second == from_file
    assert shown == f"rules/services/{service}.yaml"


def test_client_without_a_file_has_only_a_prefix() -> None:
    assert service_rules("uxc") == ServiceRules("uxc", "", "uxc", {}, {}, {})
    assert service_examples("uxc") == ()
    assert result_templates("uxc") == {}


def test_prefix_is_the_rules_or_the_signing_name() -> None:
    assert iam_prefix("cloudwatch") == "cloudwatch"
    assert iam_prefix("apigatewaymanagementapi") == "execute-api"
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html
    assert iam_prefix("stepfunctions") == "states"
    assert iam_prefix("elbv2") == "elasticloadbalancing"
