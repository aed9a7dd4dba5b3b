"""What the tasks of state machines call, and what else Step Functions then needs: rules/states/.

A file is named after the service in a task's resource (`arn:aws:states:::batch:submitJob.sync`), and holds its
operations; `machine.yaml` holds what a state machine needs besides its tasks.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from analyzer.cache import cached
from analyzer.catalog import shipped_version
from analyzer.installed import rules_folder
from analyzer.rules.folder import content_key, rule_names, shown_name
from analyzer.sdk.installation import version

if TYPE_CHECKING:
    from analyzer.rules.yaml_nodes import YamlNode

_FOLDER: Final = "states"
_NO_CALL: Final = "none"
_RULE_CALLS: Final = (("PutRule", "Name"), ("PutTargets", "Rule"), ("DescribeRule", "Name"))
# Raised when what is stored changes its form.
_FORMAT: Final = 2


class Source(NamedTuple):
    """What a parameter of a call holds.

    Either `text`, in which names in braces stand for parameters of the task (`{WorkGroup|primary}` with what holds
    without it; `{Machine.Arn}` is the state machine's own), `{$region}` and the like for the place of deployment, and
    `*` for what is not known; or the parameter `start`, up to `before`, without `without` at its beginning, with the
    first of `replace` replaced by the second, and then `text`. With `is_list` it is the only item of a list.
    """

    text: str
    start: str = ""
    before: str = ""
    without: str = ""
    replace: tuple[str, ...] = ()
    is_list: bool = False


class Made(NamedTuple):
    """A call that Step Functions makes for a task: of the boto3 client `service`, or of an IAM prefix that is none.

    It is made where the parameter `when` is given, and has the value `equals` unless that is empty.
    """

    service: str
    operation: str
    parameters: tuple[tuple[str, Source], ...] = ()
    when: str = ""
    equals: str = ""


class Doubt(NamedTuple):
    """What a task may need in some words, where the parameter `when` is given."""

    when: str
    needs: str


class Lookup(NamedTuple):
    """A resource of the template that the argument `parameter` names, and of which `passes` are added to the arguments.

    These are pairs of an argument's path and of the property that is taken for it. Where the template does not hold the
    resource, `needs` says in words what it would have said, and granting the calls in `tolerated` is no fault.
    """

    parameter: str
    type: str
    passes: tuple[tuple[str, str], ...]
    tolerated: tuple[Made, ...]
    needs: str


class Integration(NamedTuple):
    """An operation of a task's resource.

    `call` is the call that gets the task's parameters, with those of its own in their place; None if there is none.
    `also` is made besides, and `sync` where the task waits for the job, None if it cannot. `callback` says that the
    task can wait for its token. `tolerated` are calls that AWS's pages name and nothing needs. `lookup` is what another
    resource has to say.
    """

    call: Made | None
    also: tuple[Made, ...]
    sync: tuple[Made, ...] | None
    callback: bool
    tolerated: tuple[Made, ...]
    unsure: tuple[Doubt, ...]
    lookup: Lookup | None


class IntegrationExample(NamedTuple):
    """A task and what it needs: all of it, or with `is_part` at least that. `file` and `line` are where it stands."""

    resource: str
    parameters: dict[str, object]
    needs: tuple[str, ...]
    is_part: bool
    file: str
    line: int


def integrations(service: str) -> dict[str, Integration] | None:
    """Return the operations of the optimized integration `service` by name; None if there is no such integration.

    Raises RuleError if its file is wrong.
    """
    if service not in rule_names(_FOLDER):
        return None
    return _load(service)


def integration_examples(service: str) -> tuple[IntegrationExample, ...]:
    """Return the examples of an integration. Raises RuleError if its file is wrong or an operation has none."""
    from analyzer.rules.yaml_nodes import YamlNode

    found: list[IntegrationExample] = []
    for node in _operations(_document(service)).values():
        examples = node.mapping().get("examples")
        if examples is None:
            raise node.error("no `examples`", "give a task and what it needs")
        for example in examples.items():
            entries = example.record(("resource", "parameters"), ("needs", "includes"))
            part = entries.get("includes")
            needs = part or entries.get("needs") or YamlNode(example.file, example.line, ())
            found.append(
                IntegrationExample(
                    entries["resource"].text(),
                    {name: _plain(one) for name, one in entries["parameters"].mapping().items()},
                    tuple(one.text() for one in needs.items()),
                    part is not None,
                    example.file,
                    example.line,
                )
            )
    return tuple(found)


# Reading


@cache
def _load(service: str) -> dict[str, Integration]:
    with open(os.path.join(rules_folder(), _FOLDER, f"{service}.yaml"), "rb") as file:
        # What is stored has passed checks against botocore and the catalogue, so it depends on their versions too.
        key = f"{service}-{content_key(file.read())}-{shipped_version()}-{version('botocore')}-{_FORMAT}"

    def build() -> dict[str, Any]:
        return {name: _read(service, name, node) for name, node in _operations(_document(service)).items()}

    return {name: _restored(one) for name, one in cached(_FOLDER, key, build).items()}


def _document(service: str) -> YamlNode:
    from pathlib import Path

    from analyzer.rules.yaml_nodes import read_yaml

    name = f"{service}.yaml"
    return read_yaml(Path(rules_folder(), _FOLDER, name), shown_name(_FOLDER, name))


def _operations(document: YamlNode) -> dict[str, YamlNode]:
    entries = document.record(("source", "operations"))
    _check_source(entries["source"])
    return entries["operations"].mapping()


def _check_source(node: YamlNode) -> None:
    for one in node.one_or_more():
        if not one.text().startswith("https://"):
            raise one.error("not the address of a page", "name the page of AWS that says so")


def _read(service: str, name: str, node: YamlNode) -> Integration:
    entries = node.record(
        (), ("call", "with", "also", "sync", "callback", "tolerated", "unsure", "lookup", "source", "examples")
    )
    if "source" in entries:
        _check_source(entries["source"])
    called = entries["call"].text() if "call" in entries else f"{service}.{name[:1].upper()}{name[1:]}"
    call = None if called == _NO_CALL else _made(called, entries.get("with"), entries.get("call", node))
    sync = None
    if "sync" in entries:
        waiting = entries["sync"].record((), ("calls", "rule"))
        sync = _all_made(waiting.get("calls"))
        if "rule" in waiting:
            rule = Source(waiting["rule"].text())
            sync += tuple(Made("events", operation, ((parameter, rule),)) for operation, parameter in _RULE_CALLS)
    doubts = entries["unsure"].items() if "unsure" in entries else ()
    return Integration(
        call,
        _all_made(entries.get("also")),
        sync,
        "callback" in entries and entries["callback"].constant() is True,
        _all_made(entries.get("tolerated")),
        tuple(Doubt(*(one.record(("when", "needs"))[key].text() for key in ("when", "needs"))) for one in doubts),
        _lookup(entries["lookup"]) if "lookup" in entries else None,
    )


def _lookup(node: YamlNode) -> Lookup:
    entries = node.record(("parameter", "type", "passes", "tolerated", "needs"))
    passes = tuple((path, one.text()) for path, one in entries["passes"].mapping().items())
    texts = [entries[name].text() for name in ("parameter", "type", "needs")]
    return Lookup(texts[0], texts[1], passes, _all_made(entries["tolerated"]), texts[2])


def _all_made(node: YamlNode | None) -> tuple[Made, ...]:
    found: list[Made] = []
    for one in node.items() if node is not None else ():
        if not one.is_mapping:
            found.append(_made(one.text(), None, one))
            continue
        entries = one.record(("call",), ("with", "when"))
        made = _made(entries["call"].text(), entries.get("with"), one)
        when, _, equals = (entries["when"].text() if "when" in entries else "").partition("=")
        found.append(made._replace(when=when, equals=equals))
    return tuple(found)


def _made(text: str, parameters: YamlNode | None, node: YamlNode) -> Made:
    from analyzer.catalog import find_action
    from analyzer.sdk import load_service

    service, _, operation = text.rpartition(".")
    client = load_service(service)
    known = find_action(f"{service}:{operation}")
    is_action = known is not None and known.name.partition(":")[2] == operation
    if (client is None or operation not in client.operations) and not is_action:
        raise node.error(f"neither an operation nor an action: {text}", "write client.Operation, or prefix.Action")
    members = parameters.mapping() if parameters is not None else {}
    return Made(service, operation, tuple((name, _source(value)) for name, value in members.items()))


def _source(node: YamlNode) -> Source:
    if node.is_list:
        (only,) = node.items()
        return Source(only.text(), is_list=True)
    if not node.is_mapping:
        return Source(node.text())
    entries = node.record(("from",), ("before", "without", "replace", "then"))
    texts = {name: entries[name].text() if name in entries else "" for name in ("from", "before", "without", "then")}
    replace = tuple(one.text() for one in entries["replace"].items()) if "replace" in entries else ()
    return Source(texts["then"], texts["from"], texts["before"], texts["without"], replace)


def _plain(node: YamlNode) -> object:
    if isinstance(node.value, dict):
        return {name: _plain(one) for name, one in node.value.items()}
    if isinstance(node.value, tuple) and not isinstance(node.value, str):
        return [_plain(one) for one in node.value]
    return node.value


# What is stored are the records as lists


def _restored(data: Any) -> Integration:
    call, also, sync, callback, tolerated, unsure, lookup = data
    return Integration(
        None if call is None else _made_again(call),
        tuple(map(_made_again, also)),
        None if sync is None else tuple(map(_made_again, sync)),
        callback,
        tuple(map(_made_again, tolerated)),
        tuple(Doubt(*doubt) for doubt in unsure),
        None if lookup is None else _lookup_again(lookup),
    )


def _lookup_again(data: Any) -> Lookup:
    parameter, kind, passes, tolerated, needs = data
    return Lookup(parameter, kind, tuple(map(tuple, passes)), tuple(map(_made_again, tolerated)), needs)


def _made_again(data: Any) -> Made:
    service, operation, parameters, when, equals = data
    sources = tuple(
        (name, Source(text, start, before, without, tuple(replace), is_list))
        for name, (text, start, before, without, replace, is_list) in parameters
    )
    return Made(service, operation, sources, when, equals)
