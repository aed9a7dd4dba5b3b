"""The parts of the interpreter and what they share: frames, budget, and the record of what was found."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from analyzer.flow.state import Branch, Changes, State
from analyzer.flow.values import Client, Function, Scope, Value, join_all
from analyzer.model import ir
from analyzer.model.calls import ApiCall, Unresolved, UnresolvedReason, Via
from analyzer.model.event_path import raw_path
from analyzer.model.location import Location
from analyzer.model.values import Known, Opaque, Text
from analyzer.model.values import Mapping as ParameterMapping
from analyzer.model.values import Value as ModelValue
from analyzer.model.values import alternatives as model_alternatives

if TYPE_CHECKING:
    from analyzer.flow.annotations import Annotations
    from analyzer.flow.calling import Calling
    from analyzer.flow.classes import Classes
    from analyzer.flow.expressions import Expressions
    from analyzer.flow.library import Library
    from analyzer.flow.modules import Modules
    from analyzer.flow.objects import Objects
    from analyzer.flow.sdk_calls import SdkCalls
    from analyzer.flow.statements import Statements
    from analyzer.model.program import Program, SourceFile

# Statements and calls that one entry point may take, all branches and loop rounds counted.
_STEPS_PER_ENTRY = 400_000
_DEEPEST_CALLS = 250


class Sources(Protocol):
    """Where source comes from; the stages that read and lower are behind it."""

    def read(self, file: SourceFile) -> str:
        """Return the text of a file; raises InputError when it cannot be read."""
        ...

    def lower(self, file: SourceFile) -> ir.Module:
        """Return the IR of a file; raises InputError when it cannot be read."""
        ...

    def problems(self, file: SourceFile) -> list[ir.SyntaxProblem]:
        """Return what of a file does not parse, without lowering it; raises InputError when it cannot be read."""
        ...

    def parse(self, text: str) -> ir.Module:
        """Return the IR of a text."""
        ...


class BudgetExhaustedError(Exception):
    """The interpretation of an entry point took more steps than it may."""


@dataclass(slots=True)
class Loop:
    """A loop that is being executed: where it began in the journal, and the outcomes of its jumps.

    An `unrolled` loop is executed item by item, others to a fixpoint.
    """

    whole: Branch
    round: Branch
    born: int
    unrolled: bool
    breaks: list[Changes] = field(default_factory=list)
    continues: list[Changes] = field(default_factory=list)


@dataclass(slots=True)
class Frame:
    """A body that is being executed: of a module, a class or a function.

    `start` and `depth` say where the state stood when it began. `exits` are the outcomes of returns inside branches;
    `returns_here` is set when the state as it is returns. `jumps` counts the ways that left a branch.
    """

    scope: Scope
    file: SourceFile
    name: str
    start: Branch
    depth: int = 0
    function: Function | None = None
    receiver: Value | None = None
    returned: list[Value] = field(default_factory=list)
    yielded: list[Value] = field(default_factory=list)
    exits: list[Changes] = field(default_factory=list)
    returns_here: bool = False
    jumps: int = 0
    loops: list[Loop] = field(default_factory=list)


class Machine:
    """Holds the interpreter's parts together.

    The parts are made by `analyzer.flow.entries` and call each other through this object.
    """

    expressions: Expressions
    statements: Statements
    calling: Calling
    classes: Classes
    annotations: Annotations
    objects: Objects
    modules: Modules
    library: Library
    sdk: SdkCalls

    def __init__(
        self,
        program: Program,
        sources: Sources,
        environment: Mapping[str, ModelValue],
        event: Mapping[str, ModelValue],
    ) -> None:
        """Take the program, where its source comes from, the pinned environment variables, and the known event."""
        self.program = program
        self.sources = sources
        self._environment = environment
        self._event = event
        self.state = State()
        self.frames: list[Frame] = []
        self.in_handler_mode = False
        # Per call with its arguments: runs in a row, within one entry point, that brought nothing new.
        self.quiet: dict[Hashable, int] = {}
        self._steps = 0
        self.registered: list[tuple[Value, Function]] = []
        self._calls: dict[ApiCall, None] = {}
        self._unresolved: dict[Unresolved, None] = {}

    def pinned_variable(self, name: str) -> Value | None:
        """Return what an environment variable is known to hold, None if nothing is known of it."""
        return _value_of(self._environment.get(name))

    def event_part(self, path: str) -> Value | None:
        """Return what a part of the handler's event is known to hold, None if nothing is known of it."""
        return _value_of(self._event.get(raw_path(path)))

    @property
    def frame(self) -> Frame:
        """The frame being executed."""
        return self.frames[-1]

    def step(self) -> None:
        """Count one step; raises BudgetExhaustedError when there are too many."""
        self._steps += 1
        if self._steps > _STEPS_PER_ENTRY:
            raise BudgetExhaustedError

    def begin_entry(self) -> None:
        """Start the budget anew."""
        self._steps = 0
        self.quiet.clear()

    def too_deep(self) -> bool:
        """Tell whether calls are nested as deep as they may."""
        return len(self.frames) >= _DEEPEST_CALLS

    def location(self, span: ir.Span) -> Location:
        """Return a span of the file being executed as a location."""
        return Location(self.frame.file.path, *span)

    def chain(self) -> tuple[str, ...]:
        """Return the functions from the entry point to here, without the modules around them."""
        names = tuple(frame.name for frame in self.frames if frame.function is not None)
        return names or (f"<module {self.frame.file.path}>",)

    def record_call(
        self,
        client: Client,
        operation: str,
        parameters: ParameterMapping,
        via: Via,
        span: ir.Span,
        *,
        possible: bool = False,
    ) -> None:
        """Record an API call at a span of the file being executed."""
        made = (client.service or "", operation, parameters, via, self.location(span), self.chain())
        call = ApiCall(*made, possible, client.region, client.identity)
        self._calls.setdefault(call)

    def record_unresolved(
        self, reason: UnresolvedReason, span: ir.Span, detail: str, candidates: tuple[str, ...] = ()
    ) -> None:
        """Record that something at a span of the file being executed could not be resolved."""
        self._unresolved.setdefault(Unresolved(reason, self.location(span), detail, candidates))

    def record_unresolved_at(self, unresolved: Unresolved) -> None:
        """Record something that could not be resolved at a place of its own."""
        self._unresolved.setdefault(unresolved)

    @property
    def found(self) -> int:
        """How much has been recorded so far."""
        return len(self._calls) + len(self._unresolved)

    @property
    def calls(self) -> list[ApiCall]:
        """The calls recorded so far."""
        return list(self._calls)

    @property
    def unresolved(self) -> list[Unresolved]:
        """What was recorded as unresolved so far."""
        return list(self._unresolved)


def _value_of(pinned: ModelValue | None) -> Value | None:
    if pinned is None:
        return None
    return join_all([one for one in model_alternatives(pinned) if isinstance(one, Known | Text | Opaque)])
