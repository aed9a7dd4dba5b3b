"""What share of the SDK-looking call sites of real code is resolved: `resolved_share.py [--list] FOLDER...`.

Every FOLDER is one code base and a row of the table. A call site looks like the SDK's when it is a call of an
attribute that is named like a client method or a resource's action, with keyword arguments only that fit that
operation's input, or a `get_paginator` or `get_waiter` with a name that exists. Python's own parser finds them, and
the analyzer has no part in that but its index of the SDK. `quiet` are sites of which the analysis says nothing:
methods of the program's own classes and of other libraries that look like the SDK's, code that cannot run, and calls
that are missed. They count against the share until somebody has read them; `--list` shows them, and what is
unresolved, with their places. Test code runs under no role and gets its clients from fixtures: its sites are left out
of the share, and shown as resolved/all. Goal: at least 97 % resolved in handler-style code.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from analyzer import sdk
from analyzer.collect import collect
from analyzer.flow import interpret
from analyzer.model.calls import Interpretation, UnresolvedReason, Via
from analyzer.sources import FileSources

RESOLVED, QUIET = "resolved", "quiet"
REASONS = (
    UnresolvedReason.UNKNOWN_RECEIVER,
    UnresolvedReason.DYNAMIC_SERVICE,
    UnresolvedReason.DYNAMIC_METHOD,
    UnresolvedReason.UNKNOWN_METHOD,
    UnresolvedReason.BUDGET_EXHAUSTED,
)
_TEST_CODE = re.compile(r"(^|/)(tests?|integtests|integration[-_]tests?)/|(^|/)(test_[^/]*|[^/]*_test|conftest)\.py$")
_BATCHED = frozenset({"put_item", "delete_item"})
_LATER = {"get_paginator": Via.PAGINATOR, "get_waiter": Via.WAITER}


@dataclass(frozen=True, slots=True, order=True)
class Site:
    """A call that looks like the SDK's: its place, the method, and the operations that it may be."""

    path: str
    line: int
    column: int
    method: str
    operations: frozenset[str]


def sites_of(folder: Path, paths: list[str]) -> Iterator[Site]:
    """Yield the SDK-looking call sites of the files of a code base."""
    for path in paths:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                tree = ast.parse((folder / path).read_bytes())
            except (SyntaxError, ValueError):
                continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                operations = _operations(node, node.func.attr)
                if operations:
                    yield Site(path, node.lineno, node.col_offset + 1, node.func.attr, operations)


def _operations(call: ast.Call, method: str) -> frozenset[str]:
    if method in _LATER:
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        name = given[0].value if len(given) == 1 and isinstance(given[0], ast.Constant) else None
        return _paginated_or_awaited(method, name) if isinstance(name, str) else frozenset()
    names = frozenset(keyword.arg for keyword in call.keywords if keyword.arg is not None)
    if call.args or not call.keywords:
        return frozenset()
    return _fitting(method, names, is_open=len(names) < len(call.keywords))


@cache
def _paginated_or_awaited(method: str, name: str) -> frozenset[str]:
    if method == "get_paginator":
        return frozenset(
            f"{service.name}.{service.methods[name]}" for service in _services_with(name) if name in service.methods
        )
    loaded = [sdk.load_service(service) for service in sorted(sdk.service_names())]
    return frozenset(f"{one.name}.{one.waiters[name]}" for one in loaded if one is not None and name in one.waiters)


def _services_with(method: str) -> list[sdk.Service]:
    loaded = [sdk.load_service(service) for service in sdk.services_with_method(method)]
    return [service for service in loaded if service is not None]


@cache
def _fitting(method: str, names: frozenset[str], *, is_open: bool) -> frozenset[str]:
    found = set()
    for service in _services_with(method):
        operation = service.operations[service.methods[method]]
        if names <= set(operation.members) and (is_open or set(operation.required) <= names):
            found.add(f"{service.name}.{operation.name}")
    for name, type_name in sdk.resource_types_with_action(method):
        model, loaded = sdk.load_resources(name), sdk.load_service(name)
        if model is None or loaded is None:
            continue
        action = model.types.get(type_name, model.service_resource).actions.get(method)
        if action is not None and names and names <= set(loaded.operations[action.operation].members):
            found.add(f"{name}.{action.operation}")
    return frozenset(found)


def judged(sites: list[Site], found: Interpretation) -> Iterator[tuple[Site, str, str]]:
    """Yield every site with what became of it, and the detail of what is unresolved."""
    called = {
        (call.location.path, call.location.start_line, call.location.start_column): f"{call.service}.{call.operation}"
        for call in found.calls
    }
    later = {(call.location.path, call.via, f"{call.service}.{call.operation}") for call in found.calls}
    missed = {
        (one.location.path, one.location.start_line, one.location.start_column): one
        for one in found.unresolved
        if one.reason in REASONS
    }
    for site in sites:
        place = (site.path, site.line, site.column)
        via = _LATER.get(site.method)
        # What a batch writer is given is sent where its `with` block begins.
        batched = site.method in _BATCHED and (site.path, Via.RESOURCE, "dynamodb.BatchWriteItem") in later
        if place in missed:
            yield site, missed[place].reason, missed[place].detail
        elif place in called or batched or (via and any((site.path, via, one) in later for one in site.operations)):
            yield site, RESOLVED, ""
        else:
            yield site, QUIET, ""


def main(folders: list[Path], *, lists: bool) -> None:
    """Print a row for each folder, the total, and what is most often the cause."""
    print(f"{'code base':<42}{'files':>6}{'sites':>7}{'resolved':>9}{'share':>8}{'quiet':>7}", end="")
    print("".join(f"{reason:>18}" for reason in REASONS), f"{'in tests':>10}{'seconds':>8}")
    total: Counter[str] = Counter()
    in_tests: Counter[str] = Counter()
    causes: Counter[str] = Counter()
    for folder in folders:
        started = time.perf_counter()
        program = collect(["."], str(folder))
        found = interpret(program, FileSources())
        seconds = time.perf_counter() - started
        every = list(judged(sorted(sites_of(folder, [file.path for file in program.files])), found))
        rows = [row for row in every if not _TEST_CODE.search(row[0].path)]
        tests = Counter(outcome for site, outcome, _ in every if _TEST_CODE.search(site.path))
        outcomes = Counter(outcome for _, outcome, _ in rows)
        total.update(outcomes)
        causes.update(f"{outcome}: {detail.partition(' on ')[2] or detail}" for _, outcome, detail in rows if detail)
        in_tests.update(tests)
        _print_row(folder.name, len(program.files), outcomes, tests, seconds)
        if lists:
            for site, outcome, detail in rows:
                if outcome != RESOLVED:
                    print(f"    {site.path}:{site.line}:{site.column} .{site.method}() {outcome} {detail}")
    _print_row("all", 0, total, in_tests, 0)
    for cause, count in causes.most_common(5):
        print(f"{count:6} {cause}")


def _print_row(name: str, files: int, outcomes: Counter[str], tests: Counter[str], seconds: float) -> None:
    sites = outcomes.total()
    share = outcomes[RESOLVED] / sites if sites else 1.0
    reasons = "".join(f"{outcomes[reason]:>18}" for reason in REASONS)
    in_tests = f"{tests[RESOLVED]}/{tests.total()}"
    print(f"{name[:41]:<42}{files:>6}{sites:>7}{outcomes[RESOLVED]:>9}{share:>8.1%}{outcomes[QUIET]:>7}", end="")
    print(f"{reasons}{in_tests:>10}{seconds:>8.1f}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--list", action="store_true")
    parser.add_argument("folders", nargs="+", type=Path)
    given = parser.parse_args()
    sys.setrecursionlimit(10_000)
    main(given.folders, lists=given.list)
