from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, assume, given, note, settings
from hypothesis import strategies as st

from analyzer.collect import collect
from analyzer.flow import interpret
from analyzer.model.calls import ApiCall, Interpretation, UnresolvedReason
from analyzer.model.values import Known, alternatives
from analyzer.sources import FileSources
from tests.flow.oracle import PROGRAMS, matches
from tests.flow.programs import Program, Site, programs, sites_of

# `make fuzz` asks for more, and for other examples at every run.
_MORE = int(os.environ.get("LPA_FUZZ_EXAMPLES", "0"))
_LONGEST_SECONDS = 20.0


def _tries(number: int) -> settings:
    return settings(
        max_examples=_MORE or number,
        derandomize=not _MORE,
        deadline=None,
        database=None,
        # Making a failing program smaller takes minutes, which `make fuzz` has and other runs have not.
        phases=[Phase.explicit, Phase.generate, *([Phase.shrink] if _MORE else [])],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )


def _interpreted(files: dict[str, str], handler: str | None) -> Interpretation:
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            Path(folder, path).write_text(text, encoding="utf-8", errors="surrogatepass")
        return interpret(collect(["."], folder), FileSources(), handler=handler)


def _calls(program: Program) -> tuple[ApiCall, ...]:
    found = _interpreted(program.files, "app.handler")
    assert not [one for one in found.unresolved if one.reason is UnresolvedReason.SYNTAX_ERROR]
    assert {call.operation for call in found.calls} <= {"ListTagsForResource"}
    return found.calls


def _covers(call: ApiCall, site: Site) -> bool:
    location = call.location
    if (location.path, call.service) != (site.path, site.service) or call.possible:
        return False
    if not location.start_line <= site.line <= location.end_line:
        return False
    value = call.parameters.get("ResourceArn")
    return value is not None and any(matches(one, site.name) for one in alternatives(value))


def _missed(calls: tuple[ApiCall, ...], sites: set[Site]) -> list[Site]:
    return sorted((site for site in sites if not any(_covers(call, site) for call in calls)), key=repr)


def _claims(calls: tuple[ApiCall, ...]) -> set[Site]:
    """Return the calls as sites; a name that is not exactly known is shown as it is."""
    return {
        Site(call.location.path, call.location.start_line, call.service, _shown(one))
        for call in calls
        for one in alternatives(call.parameters.get("ResourceArn") or Known(None))
    }


def _shown(value: object) -> str:
    return str(value.value) if isinstance(value, Known) else repr(value)


@_tries(150)
@given(programs())
def test_straight_programs_are_known_exactly(program: Program) -> None:
    note(str(program))
    sites = sites_of(program)
    assert sites is not None

    assert _claims(_calls(program)) == sites


@_tries(150)
@given(programs(branches=True))
def test_every_branch_is_seen_and_nothing_else(program: Program) -> None:
    note(str(program))
    sites = sites_of(program)
    assume(sites is not None)
    assert sites is not None

    calls = _calls(program)

    assert _missed(calls, sites) == []
    claimed = {(call.location.path, call.location.start_line, call.service) for call in calls}
    assert claimed == {(site.path, site.line, site.service) for site in sites}


@_tries(150)
@given(programs(branches=True, loops=True))
def test_nothing_is_missed_in_loops(program: Program) -> None:
    note(str(program))
    sites = sites_of(program)
    assume(sites is not None)
    assert sites is not None

    assert _missed(_calls(program), sites) == []


# Programs that are none

_KEYWORDS = """
def class return yield await async lambda if elif else for while break continue try except finally with as import
from global nonlocal del pass raise assert in is not and or None True False match case self boto3 client s3 f x
( ) [ ] { } : , . ; = == += -> * ** @ := ' " f' \\ # 0 1.5 1j
"""
_WORDS = [*_KEYWORDS.split(), '"""', "\n", "\n    ", "\n        ", "\t", " "]


@_tries(100)
@given(st.one_of(st.text(), st.lists(st.sampled_from(_WORDS), max_size=60).map(" ".join)))
def test_any_text_is_taken(text: str) -> None:
    assume("\x00" not in text)
    _interpreted({"app.py": text}, None)


_REAL = sorted(path for path in PROGRAMS.rglob("*.py"))


@st.composite
def _mutated(draw: st.DrawFn) -> str:
    """A real file with some of its lines moved, dropped, repeated, cut short or spliced with those of another."""
    lines = draw(st.sampled_from(_REAL)).read_text(encoding="utf-8").splitlines()
    other = draw(st.sampled_from(_REAL)).read_text(encoding="utf-8").splitlines() or [""]
    for _ in range(draw(st.integers(1, 8))):
        if not lines:
            break
        at = draw(st.integers(0, len(lines) - 1))
        change = draw(st.sampled_from(["drop", "repeat", "swap", "cut", "indent", "dedent", "splice", "word"]))
        if change == "drop":
            del lines[at]
        elif change == "repeat":
            lines.insert(at, lines[at])
        elif change == "swap":
            to = draw(st.integers(0, len(lines) - 1))
            lines[at], lines[to] = lines[to], lines[at]
        elif change == "cut":
            lines[at] = lines[at][: draw(st.integers(0, len(lines[at])))]
        elif change == "indent":
            lines[at] = "    " + lines[at]
        elif change == "dedent":
            lines[at] = lines[at].removeprefix("    ")
        elif change == "splice":
            lines[at:at] = other[draw(st.integers(0, len(other) - 1)) :][:5]
        else:
            lines[at] = lines[at].replace(draw(st.sampled_from(["(", ")", ":", "self", "=", ".", '"'])), " ", 1)
    return "\n".join(lines) + "\n"


@_tries(100)
@given(_mutated())
def test_damaged_files_are_taken(text: str) -> None:
    begin = time.monotonic()

    _interpreted({"app.py": text}, None)

    assert time.monotonic() - begin < _LONGEST_SECONDS


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "(" * 3_000 + ")" * 3_000,
        "x = " + "-" * 3_000 + "1",
        "x = " + "+".join(["1"] * 5_000),
        "x = " + " if a else ".join(["1"] * 2_000),
        "x" + ".a" * 3_000 + "()",
        "x" + "()" * 3_000,
        "".join("    " * depth + "if a:\n" for depth in range(90)) + "    " * 90 + "pass\n",
        "def f():\n    f()\n    f()\n" * 50,
        "def f(g):\n    return lambda: f(lambda: g)\nf(f)\n",
        "class A(A): pass\nclass B(A, B): x = property(B)\nB().x.y\n",
        "x = []\nx.append(x)\nx[0][0][0] = x\nfor y in x: x.extend(y)\n",
        "d = {}\nd['d'] = d\nd.update(**d)\nprint(f'{d}')\n",
    ],
    ids=lambda text: text[:12],
)
def test_extremes_end(text: str) -> None:
    begin = time.monotonic()

    _interpreted({"app.py": "import boto3\n" + text}, None)

    assert time.monotonic() - begin < _LONGEST_SECONDS
