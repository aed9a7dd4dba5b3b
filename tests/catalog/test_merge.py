"""What is installed with what was fetched: nothing that the rules rest on is lost."""

from __future__ import annotations

from typing import Any

from analyzer.catalog.index import StoredService
from analyzer.catalog.merge import merged
from analyzer.catalog.reference import StoredReference

TABLE = "arn:${Partition}:d:${Region}:${Account}:table/${TableName}"
INSTALLED: StoredService = {
    "actions": {
        "getitem": ("GetItem", "Read", [("table", True, "d:OfTable", "x:Y")], "d:Select", "a:B"),
        "query": ("Query", "Read", [("table", True, "", ""), ("index", False, "", "")], "", ""),
        "list": ("List", "Read", [], "", ""),
    },
    "resource_types": {"table": (TABLE, "d:One"), "index": (f"{TABLE}/index/${{IndexName}}", "")},
    "condition_keys": "d:One d:Select",
}


def added(**parts: Any) -> StoredReference:
    return {"actions": {}, "types": {}, "keys": "", **parts}  # type: ignore[typeddict-item]


def action(name: str, level: str, types: list[str], keys: str = "") -> dict[str, object]:
    return {"name": name, "level": level, "types": types, "keys": keys}


def merge(**parts: Any) -> StoredService:
    return merged(INSTALLED, added(**parts), lambda arn: arn)


def test_what_is_not_spoken_of_stays() -> None:
    assert merge() == INSTALLED


def test_new_actions_types_and_keys_are_added() -> None:
    put = action("PutItem", "Write", ["table", "stream", "nowhere"], "d:Select d:New")
    found = merge(actions={"putitem": put}, types={"stream": ["arn:a:d:::stream/${Label}", "d:S"]}, keys="d:New d:One")

    assert found["actions"]["putitem"] == (
        "PutItem", "Write", [("table", False, "", ""), ("stream", False, "", "")], "d:Select d:New", "",
    )  # fmt: skip
    assert found["resource_types"]["stream"] == ("arn:a:d:::stream/${Label}", "d:S")
    assert found["condition_keys"] == "d:New d:One d:Select"
    assert found["actions"].keys() == {*INSTALLED["actions"], "putitem"}


def test_known_actions_keep_what_aws_does_not_say() -> None:
    # Another spelling, no `required`, no dependent actions, the keys of the type among those of the action.
    found = merge(actions={"getitem": action("getItem", "List", ["table"], "d:OfTable d:New")})
    assert found["actions"]["getitem"] == (
        "GetItem", "List", [("table", True, "d:OfTable", "x:Y")], "d:Select d:New", "a:B",
    )  # fmt: skip


def test_access_that_aws_does_not_say_stays_and_is_write_for_new_actions() -> None:
    found = merge(actions={"list": action("List", "", []), "new": action("New", "", [])})
    assert (found["actions"]["list"][1], found["actions"]["new"][1]) == ("Read", "Write")


def test_further_types_are_taken_but_not_beside_a_single_one() -> None:
    types = {"stream": ["arn:a:d:::stream/${Label}", ""]}
    changed = {name: action(name, "Read", ["stream"]) for name in ("getitem", "query", "list")}
    found = merge(actions=changed, types=types)["actions"]
    assert [one[0] for one in found["getitem"][2]] == ["table"]
    assert [one[0] for one in found["query"][2]] == ["table", "index", "stream"]
    assert [one[0] for one in found["list"][2]] == ["stream"]


def test_arn_formats_are_replaced_but_for_variables_that_would_be_lost() -> None:
    with_place = "arn:${Partition}:d:eu:${Account}:table/${TableName}"
    renamed = "arn:${Partition}:d:${Region}:${Account}:table/${Table}"
    assert merge(types={"table": [with_place, "d:Two"]})["resource_types"]["table"] == (with_place, "d:One d:Two")
    assert merge(types={"table": [renamed, ""]})["resource_types"]["table"] == (f"{renamed} {TABLE}", "d:One")
