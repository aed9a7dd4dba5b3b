"""Which resources of a template make a service invoke a function: the reader of rules/platform/invokers.yaml."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from analyzer.catalog import data_version
from analyzer.rules.folder import shown_name, stored_file
from analyzer.rules.platforms import StoredTest, Test, read_action, read_path, read_template, read_tests, tests_of

if TYPE_CHECKING:
    from analyzer.rules.yaml_nodes import YamlNode

_FILE: Final = shown_name("platform", "invokers.yaml")
_INVOKE: Final = "lambda:InvokeFunction"
# Raised when the form of the file or of what is stored changes.
_FORMAT: Final = 2


class Invoker(NamedTuple):
    """One way in which a resource makes a service invoke a function, as the rule file describes it.

    `each` is empty if the resource does so as a whole; `role` is empty if there is no role that could permit it, and
    `sources` are empty if only a role can. `qualifier` is the setting that names a version or alias, if one does.
    """

    each: tuple[str, ...]
    function: tuple[str, ...]
    when: tuple[Test, ...]
    principal: str
    sources: tuple[str, ...]
    role: str
    actions: tuple[str, ...]
    qualifier: str


_Stored = tuple[list[str], list[str], list[StoredTest], str, list[str], str, list[str], str]


@cache
def invokers() -> dict[str, tuple[Invoker, ...]]:
    """Return the rules by resource type. Raises RuleError if the file is missing or wrong."""
    stored = stored_file("platform", "invokers", f"{data_version()}-{_FORMAT}", _read_types)
    return {name: tuple(map(_restored, of_type)) for name, of_type in stored.items()}


def _read_types(root: YamlNode) -> dict[str, list[_Stored]]:
    types = root.record(("invokers",))["invokers"].mapping()
    return {name: [_read(one) for one in node.items()] for name, node in types.items()}


def _restored(stored: _Stored) -> Invoker:
    each, function, when, principal, sources, role, actions, qualifier = stored
    return Invoker(
        tuple(each), tuple(function), tests_of(when), principal, tuple(sources), role, tuple(actions), qualifier
    )


def _read(node: YamlNode) -> _Stored:
    fields = node.record(("function", "principal", "source"), ("each", "when", "from", "role", "actions", "qualifier"))
    principal = fields["principal"].text()
    if principal != "*" and not principal.endswith(".amazonaws.com"):
        raise fields["principal"].error(f"no service: `{principal}`", "write it as in a policy: `s3.amazonaws.com`")
    if principal != "*" and "from" not in fields and "role" not in fields:
        raise node.error("neither `from` nor `role`", "say what permits the service to invoke")
    if not fields["source"].text().startswith("https://docs.aws.amazon.com/"):
        raise fields["source"].error("no page of AWS's documentation", "name the page that says so")
    return (
        [read_path(one) for one in fields["each"].one_or_more()] if "each" in fields else [],
        [read_path(one) for one in fields["function"].one_or_more()],
        read_tests(fields["when"]) if "when" in fields else [],
        principal,
        [read_template(one) for one in fields["from"].one_or_more()] if "from" in fields else [],
        read_path(fields["role"]) if "role" in fields else "",
        [read_action(one) for one in fields["actions"].one_or_more()] if "actions" in fields else [_INVOKE],
        read_path(fields["qualifier"]) if "qualifier" in fields else "",
    )
