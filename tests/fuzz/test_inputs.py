"""Damaged inputs of every kind: a few of them each time, many more with `make fuzz`."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS

_MORE = int(os.environ.get("LPA_FUZZ_EXAMPLES", "0"))
_SPELT = r"""
{ } [ ] : , " ' \n \x20\x20 -\x20 &a\x20 *a <<:\x20*a !Sub\x20 !Ref\x20x # \x00 \xff \xed\xa0\x80 \\ud800 \xef\xbb\xbf
\xe2\x80\xa8 ${ ${AWS::Region} * ? null true 1e999 -1 999999999999999999999 "" [] {} arn:aws:s3::: \r \t | "Fn::If"
Fn::ForEach::x Ref PK\x01\x02 ../ / #\x20lpa:\x20ignore[x] import\x20 def\x20f(): \x1b[31m
"""
_WORDS = [word.encode().decode("unicode_escape").encode("latin-1") for word in _SPELT.split()]


@st.composite
def damaged(draw: st.DrawFn, name: str) -> bytes:
    """A real input of a target with parts of it dropped, repeated, moved, or replaced by what means something."""
    seeds = _seeds(name)
    data = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 60)))
        other = draw(st.sampled_from(seeds))
        put = draw(
            st.sampled_from(_WORDS)
            | st.binary(max_size=8)
            | st.integers(0, len(other)).map(lambda at, other=other: other[at : at + 80])
            | st.just(data[start:end] * 2)
        )
        data = data[:start] + put + data[end:]
    return data


_known: dict[str, list[bytes]] = {}


def _seeds(name: str) -> list[bytes]:
    if name not in _known:
        _known[name] = TARGETS[name].seeds()
        assert _known[name], name
    return _known[name]


# What the fast part of it costs: the translator of SAM templates takes a quarter of a second.
_FEW = {"template": 3, "machine": 8, "cache": 4, "source": 10, "configuration": 15, "hook": 6}


@pytest.mark.parametrize("name", TARGETS)
def test_damaged_inputs_are_told(name: str) -> None:
    @settings(
        max_examples=_MORE or _FEW.get(name, 20),
        derandomize=not _MORE,
        deadline=None,
        database=None,
        phases=[Phase.generate, *([Phase.shrink] if _MORE else [])],
        suppress_health_check=list(HealthCheck),
    )
    @given(damaged(name))
    def run(data: bytes) -> None:
        TARGETS[name].run(data)

    run()
