"""The states of a definition, each with what it needs.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html. Every state counts,
whether the first one leads to it or not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from analyzer.machines.expressions import Expressions
from analyzer.machines.parameters import read_arguments
from analyzer.machines.tasks import Found, add_own, add_task
from analyzer.model.calls import ApiCall, Unresolved, UnresolvedReason
from analyzer.model.definition import Fields, Items, Leaf, Node, StateMachine
from analyzer.model.location import Location
from analyzer.model.values import Known, Mapping
from analyzer.model.workload import StackResource

_WITHOUT_CALLS: Final = ("Pass", "Choice", "Wait", "Succeed", "Fail")
# https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
_MANIFESTS: Final = ("MANIFEST", "ATHENA_DATA", "S3_INVENTORY")
_FLATTENED: Final = "LOAD_AND_FLATTEN"


@dataclass(frozen=True, slots=True)
class MachineCalls:
    """What the role of a state machine is used for.

    `calls` are the API calls, by the order of the definition. `tolerated` are calls that AWS's pages name and that
    nothing needs, so that to grant them is no fault. `unresolved` is what could not be resolved, sorted by place.
    """

    calls: tuple[ApiCall, ...]
    tolerated: tuple[ApiCall, ...]
    unresolved: tuple[Unresolved, ...]


def machine_calls(machine: StateMachine, resources: Iterable[StackResource] = ()) -> MachineCalls:
    """Return what a state machine calls with its role, for its tasks and by itself.

    `resources` are those of its template, which its tasks may name.
    What is wrong with its definition is among the unresolved. Raises RuleError if a file in rules/states/ is wrong.
    """
    walk = _Walk(machine, tuple(resources))
    walk.states(machine.definition, ())
    own = Mapping(((Known("StateMachineArn"), machine.arn),))
    if machine.logging is not None:
        add_own("logging", own, machine.logging, ("logging",), walk.found)
    if machine.tracing is not None:
        add_own("tracing", own, machine.tracing, ("tracing",), walk.found)
    if machine.key is not None:
        key = Mapping((*own.entries, (Known("Key"), machine.key.value)))
        add_own("encryption", key, machine.key.location, ("encryption",), walk.found)
    found = walk.found
    unresolved = sorted(set(found.unresolved), key=lambda one: (one.location, one.reason, one.detail))
    return MachineCalls(tuple(dict.fromkeys(found.calls)), tuple(dict.fromkeys(found.tolerated)), tuple(unresolved))


class _Walk:
    def __init__(self, machine: StateMachine, resources: tuple[StackResource, ...]) -> None:
        self._machine = machine
        self._expressions = Expressions(machine)
        self.found = Found(machine.arn, resources)

    def states(self, node: Node, chain: tuple[str, ...]) -> None:
        """Add what the states of a state machine, a branch or an item processor need."""
        states = node.members.get("States") if isinstance(node, Fields) else None
        if not isinstance(states, Fields):
            where = f"{chain[-1]} has" if chain else "the definition has"
            self._wrong(node.location, f"{where} no object States")
            return
        for name, state in states.members.items():
            self._state(name, state, states.keys.get(name, state.location), (*chain, name))

    def _state(self, name: str, state: Node, place: Location, chain: tuple[str, ...]) -> None:
        kind = _word(state, "Type")
        match kind, state:
            case "Task", Fields():
                self._task(state, place, chain)
            case "Parallel", Fields():
                branches = state.members.get("Branches")
                if not isinstance(branches, Items):
                    self._wrong(place, f"the state {name} has no list Branches")
                    return
                for branch in branches.items:
                    self.states(branch, chain)
            case "Map", Fields():
                self._map(state, place, chain)
            case None, _:
                self._wrong(place, f"the state {name} has no Type")
            case _ if kind not in _WITHOUT_CALLS:
                self._wrong(place, f"the state {name} is of a type that is not known: {kind}")

    def _task(self, task: Fields, place: Location, chain: tuple[str, ...]) -> None:
        resource = task.members.get("Resource")
        if not isinstance(resource, Leaf):
            self._wrong(place, f"the task {chain[-1]} has no Resource")
            return
        credentials = task.members.get("Credentials")
        if credentials is not None:
            # What the task does then is up to the other role.
            role = read_arguments(credentials, self._expressions)
            add_own("credentials", role, credentials.location, chain, self.found)
            return
        add_task(resource.value, self._arguments(task), resource.location, chain, self.found)

    def _arguments(self, node: Fields) -> Mapping:
        given = node.members.get("Arguments") or node.members.get("Parameters")
        return read_arguments(given, self._expressions)

    # Map

    def _map(self, state: Fields, place: Location, chain: tuple[str, ...]) -> None:
        processor = state.members.get("ItemProcessor") or state.members.get("Iterator")
        if processor is None:
            self._wrong(place, f"the state {chain[-1]} has no ItemProcessor")
            return
        self.states(processor, chain)
        config = processor.members.get("ProcessorConfig") if isinstance(processor, Fields) else None
        if _word(config, "Mode") != "DISTRIBUTED":
            return
        own = Mapping(((Known("StateMachineArn"), self._machine.arn),))
        add_own("distributedMap", own, place, chain, self.found)
        reader = state.members.get("ItemReader")
        if isinstance(reader, Fields):
            self._reader(reader, chain)
        writer = state.members.get("ResultWriter")
        if isinstance(writer, Fields) and "Resource" in writer.members:
            self._transfer(writer, self._arguments(writer), chain)

    def _reader(self, reader: Fields, chain: tuple[str, ...]) -> None:
        arguments = self._arguments(reader)
        self._transfer(reader, arguments, chain)
        config = reader.members.get("ReaderConfig")
        if _word(config, "InputType") in _MANIFESTS or _word(config, "ManifestType") in _MANIFESTS:
            add_own("manifest", arguments, reader.location, chain, self.found)
        if _word(config, "Transformation") == _FLATTENED:
            add_own("flattened", arguments, reader.location, chain, self.found)

    def _transfer(self, node: Fields, arguments: Mapping, chain: tuple[str, ...]) -> None:
        resource = node.members.get("Resource")
        if isinstance(resource, Leaf):
            add_task(resource.value, arguments, resource.location, chain, self.found)

    def _wrong(self, location: Location, detail: str) -> None:
        self.found.unknown(UnresolvedReason.BAD_TEMPLATE, location, detail)


def _word(node: Node | None, name: str) -> str | None:
    """Return the text that an object holds under `name`; None if there is none that is known."""
    member = node.members.get(name) if isinstance(node, Fields) else None
    value = member.value if isinstance(member, Leaf) else None
    return value.value if isinstance(value, Known) and isinstance(value.value, str) else None
