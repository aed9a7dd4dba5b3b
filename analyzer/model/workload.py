"""What a template deploys: a function with its code, environment, role and what starts it, or a state machine."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from analyzer.model.definition import StateMachine
from analyzer.model.location import Location
from analyzer.model.policy import Policy, PolicyReference
from analyzer.model.values import Mapping, Value


class WorkloadKind(StrEnum):
    """What kind of thing runs under a role."""

    FUNCTION = "lambda-function"
    STATE_MACHINE = "state-machine"


@dataclass(frozen=True, slots=True)
class InlineCode:
    """Code that stands in the template: `location` is that of the value that holds it.

    `first_line` and `indent` say where its first line stands if it is written there line by line, as in a block of
    YAML; where it is not (JSON), `first_line` is None, and every place in it is `location`.
    """

    text: str
    location: Location
    first_line: int | None = None
    indent: int = 0


@dataclass(frozen=True, slots=True)
class Grants:
    """What the role of a workload allows it.

    `role` is the role's logical id or else what names it, None if there is none. Workloads with the same
    `role` share it; `other_users` are the resources besides workloads that use it as well, so that what no workload
    needs may be theirs. `added` are the policies that SAM attaches by itself, which nobody can leave out.
    """

    role: str | None
    policy: Policy
    other_users: tuple[str, ...] = ()
    added: tuple[PolicyReference, ...] = ()


@dataclass(frozen=True, slots=True)
class StackResource:
    """A resource of a template as other resources name it: `id` is its logical id, below that of nested stacks.

    `names` are the values by which it is named: its ARN first, if it is known, then its physical name and what `Ref`
    gives. `generated` says that the template does not hold it, and that SAM made it. `sam_types` is what SAM's own
    properties say of what its settings name, by their path: `EventSourceArn`, `SQS`.
    """

    id: str
    type: str
    names: tuple[Value, ...]
    properties: Mapping
    location: Location
    generated: bool = False
    sam_types: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class OtherFunction:
    """A function of a template that is not analysed since it does not run Python.

    `id` is its logical id, below that of nested stacks, and `runtime` what it runs instead: `nodejs22.x`, or the image
    that its own is made from.
    """

    id: str
    runtime: str
    location: Location


@dataclass(frozen=True, slots=True)
class Workload:
    """A function of a template that can be analysed, or why it cannot.

    `id` is its logical id, below that of nested stacks (`Orders/Function`). `handler` is as Lambda takes it and `code`
    where the code is: folders or files, relative to the root that paths are shown from, the function's own before those
    of its layers. `entry` is the handler's file, `inline` the code if it stands in the template.
    `environment` are the variables by name, with symbols of the template as `TemplateSymbol`. `name` is the pattern of
    the function's name. `event` is what is known of the event: parts by their path, as in `EventPart`. `resources` are
    all that the templates make, the function among them under its `id`. Of a state machine `machine` says what it does,
    and there is no handler and no code.
    """

    id: str
    kind: WorkloadKind
    handler: str
    code: tuple[str, ...]
    entry: str | None
    inline: InlineCode | None
    environment: tuple[tuple[str, Value], ...]
    name: str
    grants: Grants
    event: tuple[tuple[str, Value], ...]
    location: Location
    resources: tuple[StackResource, ...] = ()
    machine: StateMachine | None = None
