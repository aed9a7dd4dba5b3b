"""The only reader of rules/: where services depart from the base rule, and the strict YAML that all rule data is in."""

from __future__ import annotations

from analyzer.rules.conditions import kms_via_service
from analyzer.rules.folder import content_key, rule_files, stored_file
from analyzer.rules.managed import managed_policy, managed_policy_arns
from analyzer.rules.paths import ITEMS, KEYS, VALUES, parse_path
from analyzer.rules.records import (
    ANY_RESOURCE,
    ActionEntry,
    Advice,
    Binding,
    Example,
    Guard,
    Guards,
    OperationRule,
    ServiceRules,
    Spelling,
    TypeBinding,
)
from analyzer.rules.resource_types import ResourceType, resource_type, same_but_for_case
from analyzer.rules.services import (
    iam_prefix,
    input_shapes,
    result_templates,
    rule_sources,
    service_examples,
    service_rules,
)
from analyzer.rules.templates import Field, Option, parse_template
from analyzer.rules.yaml_nodes import YamlNode, read_yaml

__all__ = [
    "ANY_RESOURCE",
    "ITEMS",
    "KEYS",
    "VALUES",
    "ActionEntry",
    "Advice",
    "Binding",
    "Example",
    "Field",
    "Guard",
    "Guards",
    "OperationRule",
    "Option",
    "ResourceType",
    "ServiceRules",
    "Spelling",
    "TypeBinding",
    "YamlNode",
    "content_key",
    "iam_prefix",
    "input_shapes",
    "kms_via_service",
    "managed_policy",
    "managed_policy_arns",
    "parse_path",
    "parse_template",
    "read_yaml",
    "resource_type",
    "result_templates",
    "rule_files",
    "rule_sources",
    "same_but_for_case",
    "service_examples",
    "service_rules",
    "stored_file",
]
