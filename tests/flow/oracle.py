"""Compares what a program was seen to do with what the interpreter says it can do.

`python -m tests.flow.oracle [NAME ...]` prints the comparison of every program below fixtures/oracle and the totals.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from analyzer.collect import collect
from analyzer.flow import interpret
from analyzer.model.calls import ApiCall, Interpretation, Via
from analyzer.model.values import Hole, Known, Opaque, Text, Value, alternatives
from analyzer.sources import FileSources
from tests.flow.recording import Request, Run, run_program

PROGRAMS = Path(__file__).resolve().parents[2] / "fixtures" / "oracle"

# Parameters that the SDK itself puts into requests: continuation and idempotency tokens, page sizes.
_ADDED_BY_SDK = re.compile(
    r"(?i)token|marker|idempoten|maxresults|ShardIterator|CreationDate|PaginationToken|UploadId|ChecksumAlgorithm"
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one program shows: `requested` distinct (place, operation) pairs, `judged` claims on executed instructions.

    `missed` are requests without a claim, `unfounded` claims on an executed instruction that made no such request, and
    `misnamed` requests whose parameters contradict every claim at their place.
    """

    requested: int
    judged: int
    missed: tuple[str, ...]
    unfounded: tuple[str, ...]
    misnamed: tuple[str, ...]


def program_names() -> list[str]:
    """Return the names of all programs."""
    return sorted(folder.name for folder in PROGRAMS.iterdir() if (folder / "app.py").exists())


def interpret_program(name: str, handler: str | None = "app.handler") -> Interpretation:
    """Return what the interpreter finds in a program."""
    return interpret(collect(["."], str(PROGRAMS / name)), FileSources(), handler=handler)


def compare(run: Run, found: Interpretation) -> Outcome:
    """Hold what the interpreter found against an execution."""
    claims = [call for call in found.calls if not call.possible and call.via is not Via.PRESIGNED]
    distinct = {
        (request.place.path, request.place.span[0], request.service, request.operation): request
        for request in run.requests
    }
    missed = [_shown(request) for request in distinct.values() if not any(_meets(call, request) for call in claims)]
    judged = [call for call in claims if _was_executed(call, run)]
    unfounded = sorted(
        {_claimed(call) for call in judged if not any(_meets(call, request, loosely=True) for request in run.requests)}
    )
    misnamed = sorted({text for request in run.requests if (text := _contradiction(request, claims)) is not None})
    return Outcome(len(distinct), len(judged), tuple(sorted(missed)), tuple(unfounded), tuple(misnamed))


def _shown(request: Request) -> str:
    return f"{request.place} {request.service}.{request.operation}"


def _claimed(call: ApiCall) -> str:
    return f"{call.location.path}:{call.location.start_line} {call.service}.{call.operation} ({call.via})"


def _meets(call: ApiCall, request: Request, *, loosely: bool = False) -> bool:
    location, place = call.location, request.place
    if location.path != place.path:
        return False
    if not any(location.start_line <= span[0] <= location.end_line for span in (place.span, *place.within)):
        return False
    if loosely and call.via is Via.TRANSFER:
        # The transfer manager decides by size which of its operations it uses.
        return True
    return (call.service, call.operation) == (request.service, request.operation)


def _was_executed(call: ApiCall, run: Run) -> bool:
    location = call.location
    return any(
        place.path == location.path
        and place.span[2:] == (location.end_line, location.end_column)
        and place.span[0] >= location.start_line
        for place in run.executed
    )


def _contradiction(request: Request, claims: list[ApiCall]) -> str | None:
    here = [call for call in claims if _meets(call, request)]
    if not here:
        return None
    for name, text in request.texts:
        if not _ADDED_BY_SDK.search(name) and not any(_may_be(call, name, text) for call in here):
            values = [call.parameters.get(name) for call in here]
            return f"{_shown(request)}: {name} was {text!r}, not one of {values}"
    return None


def _may_be(call: ApiCall, name: str, text: str) -> bool:
    value = call.parameters.get(name)
    if value is None:
        return not call.parameters.complete
    return any(matches(one, text) for one in alternatives(value))


def matches(value: Value, text: str) -> bool:
    """Tell whether a string is one that an abstract value stands for."""
    if isinstance(value, Opaque):
        return True
    if isinstance(value, Known):
        return value.value == text
    if isinstance(value, Text):
        pattern = "".join(".*" if isinstance(part, Hole) else re.escape(part) for part in value.parts)
        return re.fullmatch(pattern, text, re.DOTALL) is not None
    return False


def main(names: list[str]) -> int:
    """Print the outcome of the named programs, or of all, and return 1 if one is not as it should be."""
    requested = judged = missed = unfounded = misnamed = 0
    for name in names or program_names():
        try:
            outcome = compare(run_program(PROGRAMS / name), interpret_program(name))
        except Exception as error:
            print(f"{name}: {type(error).__name__}: {error}")
            missed += 1
            continue
        requested, judged = requested + outcome.requested, judged + outcome.judged
        missed, unfounded = missed + len(outcome.missed), unfounded + len(outcome.unfounded)
        misnamed += len(outcome.misnamed)
        for kind in ("missed", "unfounded", "misnamed"):
            for line in getattr(outcome, kind):
                print(f"{name}: {kind}: {line}")
    print(f"requests {requested}, missed {missed}; claims judged {judged}, unfounded {unfounded}; misnamed {misnamed}")
    return 1 if missed or unfounded or misnamed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
