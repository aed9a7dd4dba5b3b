"""Holds the evaluation of requests against engines that nobody here wrote.

`python -m tests.iam.agreement [NUMBER [SEED]]` asks each of them NUMBER random questions (10,000) and prints how often
they agree, by which known reading of theirs they differ, and what is left; it fails if anything is left, or an engine
is not to be had.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field

from tests.iam.engines import DENIED, MOTO_TARGETS, UnavailableError, ask_moto, ask_simulator
from tests.iam.questions import ALLOWED, UNKNOWN, Question, answer, random_plain_questions, random_questions
from tests.iam.readings import SIMULATOR, Reading, apply

SEVERAL = "several of these at once"


@dataclass
class Agreement:
    """How an engine's verdicts compare with this project's.

    `agreed` are by verdict; `undecided` are those on which this project does not decide, since the documentation does
    not; `explained` is by the name of the reading that tells the engine's verdict.
    """

    agreed: Counter[str] = field(default_factory=Counter)
    undecided: int = 0
    explained: Counter[str] = field(default_factory=Counter)
    left: list[tuple[Question, str, str]] = field(default_factory=list)


def compare(
    questions: Sequence[Question],
    verdicts: Sequence[str],
    own: Callable[[Question], str],
    readings: Sequence[Reading] = (),
) -> Agreement:
    """Return how the `verdicts` of an engine on `questions` compare with those of `own`."""
    result = Agreement()
    for question, verdict in zip(questions, verdicts, strict=True):
        mine = own(question)
        if mine == verdict:
            result.agreed[verdict] += 1
            continue
        if mine == UNKNOWN:
            result.undecided += 1
            continue
        explanations = [reading.name for reading in readings if own(apply([reading], question)) == verdict]
        if explanations:
            result.explained[explanations[0]] += 1
        elif readings and own(apply(readings, question)) == verdict:
            result.explained[SEVERAL] += 1
        else:
            result.left.append((question, mine, verdict))
    return result


def with_simulator(seed: int, number: int) -> Agreement:
    """Compare with the simulator, verdict by verdict. Raises UnavailableError if it is not to be had."""
    questions = list(random_questions(seed, number))
    return compare(questions, ask_simulator(questions), answer, SIMULATOR)


def with_moto(seed: int, number: int) -> Agreement:
    """Compare with moto, which does not tell why it denies."""
    questions = list(random_plain_questions(seed, number, MOTO_TARGETS))

    def allowed_or_denied(question: Question) -> str:
        mine = answer(question)
        return mine if mine in (ALLOWED, UNKNOWN) else DENIED

    return compare(questions, ask_moto(questions), allowed_or_denied)


def main() -> int:
    """Print the comparison with every engine."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    left = 0
    for engine, ask in (("iam-simulate", with_simulator), ("moto", with_moto)):
        try:
            result = ask(seed, number)
        except UnavailableError as error:
            print(f"{engine}: {error}")
            left += 1
            continue
        left += len(result.left)
        print(f"{engine}: {number} questions, seed {seed}")
        for verdict, count in result.agreed.most_common():
            print(f"  {count:6} {verdict} by both")
        print(f"  {result.undecided:6} not decided here")
        for name, count in result.explained.most_common():
            pages = [f" ({reading.page})" for reading in SIMULATOR if reading.name == name]
            print(f"  {count:6} {name}{''.join(pages)}")
        print(f"  {len(result.left):6} unexplained")
        for question, mine, verdict in result.left[:5]:
            print(f"         here {mine}, there {verdict}: {json.dumps(asdict(question))}")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
