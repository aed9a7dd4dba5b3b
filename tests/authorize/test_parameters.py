from __future__ import annotations

import pytest

from analyzer.authorize.parameters import Outcome, judge, reach
from analyzer.model.values import Absent, EventPart, Known, Mapping, OneOf, Opaque, Sequence, Unseen
from analyzer.rules import Guard
from tests.authorize.calls import environment, mapping, text, value

EVENT = Opaque(EventPart("body"))
UNSEEN_ITEMS = Sequence((Known("a"),), complete=False)


@pytest.mark.parametrize(
    ("parameters", "path", "values", "absent", "unseen"),
    [
        ({"A": "x"}, "A", [Known("x")], False, False),
        ({"A": "x"}, "B", [], True, False),
        ({"A": None}, "A", [], True, False),
        ({"A": {"B": "x"}}, "A.B", [Known("x")], False, False),
        ({"A": {"B": "x"}}, "A.C", [], True, False),
        ({"A": "x"}, "A.B", [], True, False),
        ({"A": [{"B": 1}, {"C": 2}, {"B": 3}]}, "A[].B", [Known(1), Known(3)], True, False),
        ({"A": []}, "A[].B", [], True, False),
        ({"A": {"t": [], "u": []}}, "keys(A)", [Known("t"), Known("u")], False, False),
        ({"A": {}}, "keys(A)", [], True, False),
        ({"A": EVENT}, "A", [EVENT], False, False),
        ({"A": EVENT}, "A.B", [], False, True),
        ({"A": UNSEEN_ITEMS}, "A[]", [Known("a")], False, True),
        ({"A": OneOf((Known("x"), Absent()))}, "A", [Known("x")], True, False),
        ({"A": OneOf((value({"B": 1}), value({})))}, "A.B", [Known(1)], True, False),
        ({"A": Mapping((), complete=False)}, "A.B", [], False, True),
        ({"A": Mapping(((environment("TABLE"), Known(1)),))}, "keys(A)", [environment("TABLE")], False, False),
        ({"A": Mapping(((environment("NAME"), Known(1)),))}, "A.B", [], False, True),
    ],
)
def test_path_reaches(
    parameters: dict[str, object], path: str, values: list[object], absent: bool, unseen: bool
) -> None:
    reached = reach(mapping(parameters), path)

    assert list(reached.values) == values
    assert reached.absent is absent
    assert (reached.unseen is not None) is unseen


def test_what_is_not_given_in_parameters_out_of_sight_is_unseen() -> None:
    reached = reach(mapping({"A": 1}, complete=False), "B")

    assert reached.values == ()
    assert not reached.absent
    assert isinstance(reached.unseen, Unseen)


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
    assert judge([guard], mapping({"A": "x"}))[0] is given
    assert judge([guard], mapping({}))[0] is not_given
    assert judge([guard], mapping({}, complete=False))[0] is maybe


@pytest.mark.parametrize("test", ["present", "equals", "not_equals", "matches"])
def test_condition_on_a_value_that_is_not_known_holds(test: str) -> None:
    guard = Guard("A", test, ("x",))

    assert judge([guard], mapping({"A": EVENT}))[0] is HOLDS
    assert judge([guard], mapping({"A": text("y", EventPart("z"))}))[0] is HOLDS


def test_parameter_that_may_be_left_out_is_both_given_and_not() -> None:
    parameters = mapping({"A": OneOf((Known("x"), Absent()))})

    assert judge([Guard("A", "present")], parameters)[0] is HOLDS
    assert judge([Guard("A", "absent")], parameters)[0] is HOLDS


def test_required_parameter_is_given_even_where_it_is_out_of_sight() -> None:
    unseen = mapping({}, complete=False)

    assert judge([Guard("A", "present")], unseen, ["A"])[0] is HOLDS
    assert judge([Guard("A", "matches", ("x",))], unseen, ["A"])[0] is HOLDS
    assert judge([Guard("A", "absent")], unseen, ["A"])[0] is FAILS
    assert judge([Guard("A.B", "present")], unseen, ["A"])[0] is UNKNOWN


def test_numbers_and_booleans_are_not_confused() -> None:
    assert judge([Guard("A", "equals", (True,))], mapping({"A": 1}))[0] is FAILS
    assert judge([Guard("A", "equals", (True,))], mapping({"A": True}))[0] is HOLDS


def test_all_conditions_have_to_hold() -> None:
    present, absent = Guard("A", "present"), Guard("B", "absent")

    assert judge([present, absent], mapping({"A": 1})) == (HOLDS, ())
    assert judge([present, absent], mapping({"A": 1, "B": 2})) == (FAILS, ())
    # What fails for sure is not reported as unseen.
    assert judge([present, absent], mapping({"B": 2}, complete=False)) == (FAILS, ())
    assert judge([present, absent], mapping({}, complete=False)) == (UNKNOWN, ("A",))
