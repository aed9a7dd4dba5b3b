from __future__ import annotations

import pytest

from tests.flow.oracle import PROGRAMS, compare, interpret_program, program_names
from tests.flow.recording import run_program


def test_there_are_programs_of_many_styles() -> None:
    assert len(program_names()) >= 60


@pytest.mark.parametrize("name", program_names())
def test_claims_are_what_a_run_makes(name: str) -> None:
    run = run_program(PROGRAMS / name)
    assert run.requests, "a program that asks nothing of AWS shows nothing"

    outcome = compare(run, interpret_program(name))

    assert outcome.missed == ()
    assert outcome.unfounded == ()
    assert outcome.misnamed == ()

    # Without an entry point more is claimed, so only what is missed can be told.
    assert compare(run, interpret_program(name, handler=None)).missed == ()
