"""Every example of every library: what the program needs, interpreted from its source, is exactly what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.authorize import authorize
from analyzer.collect import collect
from analyzer.flow import interpret
from analyzer.model.calls import ApiCall, Unresolved
from analyzer.model.deployment import Deployment
from analyzer.model.requirements import AnyResource
from analyzer.rules.folder import rule_files
from analyzer.rules.libraries import library_examples
from analyzer.rules.library_records import LibraryExample
from analyzer.sources import FileSources

LIBRARIES = tuple(path.stem for path, _ in rule_files("libraries"))
EXAMPLES = [(library, example) for library in LIBRARIES for example in library_examples(library)]


def calls_in(folder: Path, code: str) -> tuple[tuple[ApiCall, ...], tuple[Unresolved, ...]]:
    path = folder / "app.py"
    path.write_text(code)
    found = interpret(collect([str(path)], str(folder)), FileSources())
    return found.calls, found.unresolved


def needs_of(calls: tuple[ApiCall, ...]) -> list[str]:
    authorization = authorize(calls, Deployment())
    assert authorization.unresolved == ()
    return sorted(
        f"{requirement.action} on {pattern}"
        for requirement in authorization.requirements
        for pattern in (["*"] if isinstance(requirement.scope, AnyResource) else requirement.scope.patterns)
    )


@pytest.mark.parametrize(
    ("library", "example"), EXAMPLES, ids=[f"{library}:{example.line}" for library, example in EXAMPLES]
)
def test_example_needs_what_it_says(library: str, example: LibraryExample, tmp_path: Path) -> None:
    calls, unresolved = calls_in(tmp_path, example.code)

    assert needs_of(calls) == list(example.needs)
    assert sorted(one.reason for one in unresolved) == list(example.unresolved)
