from __future__ import annotations

import pytest

from analyzer.authorize.parameters import reach
from analyzer.model.values import Absent, EventPart, Known, Mapping, OneOf, Opaque, Sequence, Unseen
from tests.authorize.calls import environment, mapping, value

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
        ({"A": {"t": 1, "u": 2}}, "A.*", [Known(1), Known(2)], False, False),
        ({"A": {"t": {"B": 1}, "u": {}}}, "A.*.B", [Known(1)], True, False),
        ({"A": {}}, "A.*", [], True, False),
        ({"A": Mapping(((Known("t"), Known(1)),), complete=False)}, "A.*", [Known(1)], False, True),
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
