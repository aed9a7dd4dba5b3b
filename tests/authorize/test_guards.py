from __future__ import annotations

import pytest

from analyzer.authorize.guards import Outcome, judge, passing
from analyzer.model.values import Absent, EventPart, Known, OneOf, Opaque, Sequence, Value
from analyzer.rules import Guard
from tests.authorize.calls import environment, mapping, text

EVENT = Opaque(EventPart("body"))

HOLDS, FAILS, UNKNOWN = Outcome.HOLDS, Outcome.FAILS, Outcome.UNSEEN


@pytest.mark.parametrize(
    ("guard", "given", "not_given", "maybe"),
    [
        (Guard("A", "present"), HOLDS, FAILS, UNKNOWN),
        (Guard("A", "absent"), FAILS, HOLDS, HOLDS),
        (Guard("A", "equals", ("x",)), HOLDS, FAILS, UNKNOWN),
        (Guard("A", "equals", ("y",)), FAILS, FAILS, UNKNOWN),
        (Guard("A", "equals", ("y", "x")), HOLDS, FAILS, UNKNOWN),
        (Guard("A", "not_equals", ("x",)), FAILS, FAILS, UNKNOWN),
        (Guard("A", "not_equals", ("y",)), HOLDS, FAILS, UNKNOWN),
        (Guard("A", "matches", ("X",)), HOLDS, FAILS, UNKNOWN),
        (Guard("A", "matches", ("y",)), FAILS, FAILS, UNKNOWN),
    ],
)
def test_condition_is_judged_by_what_is_seen(guard: Guard, given: Outcome, not_given: Outcome, maybe: Outcome) -> None:
    assert judge(((guard,),), mapping({"A": "x"}))[0] is given
    assert judge(((guard,),), mapping({}))[0] is not_given
    assert judge(((guard,),), mapping({}, complete=False))[0] is maybe


@pytest.mark.parametrize("test", ["present", "equals", "not_equals", "like", "not_like", "matches"])
def test_condition_on_a_value_that_is_not_known_holds(test: str) -> None:
    guard = Guard("A", test, ("x",))

    assert judge(((guard,),), mapping({"A": EVENT}))[0] is HOLDS
    assert judge(((guard,),), mapping({"A": environment("X")}))[0] is HOLDS


PART = EventPart("x")


@pytest.mark.parametrize(
    ("test", "wanted", "value", "possible", "certain"),
    [
        ("like", "us.*", Known("us.nova"), True, True),
        ("like", "us.*", Known("US.nova"), True, True),
        ("like", "us.*", Known("eu.nova"), False, False),
        ("like", "us.*", text("us.", PART), True, True),
        ("like", "us.*", text("u", PART), True, False),
        ("like", "us.*", text("eu.", PART), False, False),
        ("like", "us.*", text(PART, ".nova"), True, False),
        ("like", "us.*", EVENT, True, False),
        ("like", "select*", text(" \n SELECT * FROM ", PART), True, True),
        ("like", "*--x-s3", text(PART, "--x-s3"), True, True),
        ("like", "*--x-s3", text(PART, "-logs"), False, False),
        # What is a wildcard in the value is none.
        ("like", "a${*}", Known("a*"), True, True),
        ("like", "a${*}", Known("ab"), False, False),
        ("like", "ab", Known("a*"), False, False),
        ("not_like", "us.*", text("us.", PART), False, False),
        ("not_like", "us.*", text("u", PART), True, False),
        ("not_like", "us.*", text("eu.", PART), True, True),
        ("not_like", "us.*", EVENT, True, False),
        ("equals", "Advanced", text("Ad", PART), True, False),
        ("equals", "Advanced", text("St", PART), False, False),
        ("equals", "Advanced", Known("advanced"), False, False),
        ("not_equals", "Advanced", text("Ad", PART), True, False),
        ("not_equals", "Advanced", text("St", PART), True, True),
        ("matches", "insert\\b", text("INSERT INTO ", PART), True, False),
        ("matches", "insert\\b", text("SELECT * FROM ", PART), False, False),
        ("matches", "insert\\b", text(PART, " INTO t"), True, False),
        # An unknown part counts as a word.
        ("matches", 'from "\\w+"$', text('from "', PART, '"'), True, False),
    ],
)
def test_value_known_in_part_is_judged_by_what_is_known(
    test: str, wanted: str, value: Value, possible: bool, certain: bool
) -> None:
    parameters = mapping({"A": value})

    assert judge(((Guard("A", test, (wanted,)),),), parameters)[0] is (HOLDS if possible else FAILS)
    assert judge(((Guard("A", test, (wanted,), certain=True),),), parameters)[0] is (HOLDS if certain else FAILS)


def test_what_has_to_be_certain_is_not_assumed_of_what_is_out_of_sight() -> None:
    guards = ((Guard("A", "like", ("x*",), certain=True),),)

    assert judge(guards, mapping({}, complete=False)) == (FAILS, ())
    assert judge(guards, mapping({"A": OneOf((Known("y"), Known("xy")))}))[0] is HOLDS


def test_one_of_several_conditions_is_enough() -> None:
    clause = (Guard("A", "present"), Guard("B", "equals", ("x",)))

    assert judge((clause,), mapping({"A": 1}))[0] is HOLDS
    assert judge((clause,), mapping({"B": "x"}))[0] is HOLDS
    assert judge((clause,), mapping({"B": "y"}))[0] is FAILS
    assert judge((clause,), mapping({"B": "y"}, complete=False)) == (UNKNOWN, ("A",))
    assert judge((clause, (Guard("B", "present"),)), mapping({"A": 1}))[0] is FAILS


def test_items_of_a_required_list_are_there_even_where_they_are_out_of_sight() -> None:
    guards = ((Guard("A[]", "not_like", ("x*",)),),)

    assert judge(guards, mapping({"A": EVENT}), ["A"])[0] is HOLDS
    assert judge(guards, mapping({"A": EVENT}))[0] is UNKNOWN
    assert judge(guards, mapping({"A": Sequence((Known("xy"),), complete=False)}), ["A"])[0] is HOLDS


def test_only_the_values_that_pass_are_those_an_action_is_needed_for() -> None:
    likes = (Guard("A", "like", ("x*",)),)
    either = (Guard("A", "like", ("x*",)), Guard("B", "present"))

    assert passing("A", Known("xy"), (likes,))
    assert not passing("A", Known("y"), (likes,))
    assert passing("B", Known("y"), (likes,))
    assert passing("A", Known("y"), (either,))
    assert passing("A", Known("y"), ((Guard("A", "present"),),))


def test_parameter_that_may_be_left_out_is_both_given_and_not() -> None:
    parameters = mapping({"A": OneOf((Known("x"), Absent()))})

    assert judge(((Guard("A", "present"),),), parameters)[0] is HOLDS
    assert judge(((Guard("A", "absent"),),), parameters)[0] is HOLDS


def test_required_parameter_is_given_even_where_it_is_out_of_sight() -> None:
    unseen = mapping({}, complete=False)

    assert judge(((Guard("A", "present"),),), unseen, ["A"])[0] is HOLDS
    assert judge(((Guard("A", "matches", ("x",)),),), unseen, ["A"])[0] is HOLDS
    assert judge(((Guard("A", "absent"),),), unseen, ["A"])[0] is FAILS
    assert judge(((Guard("A.B", "present"),),), unseen, ["A"])[0] is UNKNOWN


def test_numbers_and_booleans_are_not_confused() -> None:
    assert judge(((Guard("A", "equals", (True,)),),), mapping({"A": 1}))[0] is FAILS
    assert judge(((Guard("A", "equals", (True,)),),), mapping({"A": True}))[0] is HOLDS


def test_all_conditions_have_to_hold() -> None:
    present, absent = Guard("A", "present"), Guard("B", "absent")

    assert judge(((present,), (absent,)), mapping({"A": 1})) == (HOLDS, ())
    assert judge(((present,), (absent,)), mapping({"A": 1, "B": 2})) == (FAILS, ())
    # What fails for sure is not reported as unseen.
    assert judge(((present,), (absent,)), mapping({"B": 2}, complete=False)) == (FAILS, ())
    assert judge(((present,), (absent,)), mapping({}, complete=False)) == (UNKNOWN, ("A",))
