"""The command line at a real pseudo-terminal: what is shown there, in which width and colours, and what is not."""

from __future__ import annotations

import re
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len

from tests.cli.terminal import Terminal, shown

if TYPE_CHECKING:
    from tests.conftest import Command

APP = """\
import boto3

s3 = boto3.client("s3")


def handler(event, context):
    return load(event)


def load(event):
    return s3.get_object(Bucket="reports", Key="today.csv")
"""
ROLE = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::reports/*"}
  ]
}
"""
CHECK = ("check", "role.json", "--source", "app.py", "--handler", "app.handler", "--platform", "none")
TEXT = """\
app.py:11:12: error: s3:GetObject on arn:aws:s3:::reports/today.csv is not granted; s3.GetObject needs it \
(reached through handler > load) [missing-permission]
    allow the action on this resource in the role's policy (lpa generate writes such a policy), or remove the call
role.json:4:35: warning: no call uses s3:DeleteObject on arn:aws:s3:::reports/* [unused-permission]
    remove the action from the statement, or the statement; if something outside the analysed code needs it, \
say so beside it
2 findings
"""
FULL = """\
error[missing-permission]: s3:GetObject on arn:aws:s3:::reports/today.csv is not
    granted; s3.GetObject needs it
  --> app.py:11:12
   |
10 | def load(event):
11 |     return s3.get_object(Bucket="reports", Key="today.csv")
   |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = reached: handler → load
   = rule: rules/services/s3.yaml#GetObject
     https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
   = help: allow the action on this resource in the role's policy (lpa generate
           writes such a policy), or remove the call
   = add to: the role's policies:
     {
       "Sid": "S3GetObject",
       "Effect": "Allow",
       "Action": [
         "s3:GetObject"
       ],
       "Resource": [
         "arn:aws:s3:::reports/today.csv"
       ]
     }

warning[unused-permission]: no call uses s3:DeleteObject on
    arn:aws:s3:::reports/*
 --> role.json:4:35
  |
3 |   "Statement": [
4 |     {"Effect": "Allow", "Action": "s3:DeleteObject", "Resource": "arn:aws:s…
  |                                   ^^^^^^^^^^^^^^^^^
5 |   ]
  |
   = help: remove the action from the statement, or the statement; if something
           outside the analysed code needs it, say so beside it

2 findings: 1 error, 1 warning
"""
SCAN = """\
app.py
   11:12  s3.GetObject  direct
            handler → load
            s3:GetObject  arn:aws:s3:::reports/today.csv

1 call, 0 unresolved
"""
CODES = re.compile("\x1b\\[[0-9;]*m")
SLOW = """\
import time
from analyzer import events
from analyzer.cli.listening import listening

with listening():
    for function in events.steps("functions", range(4)):
        for call in events.steps("calls", range(2)):
            time.sleep(0.3)
"""


@pytest.fixture
def app(lpa: Command) -> Command:
    lpa.write("app.py", APP)
    lpa.write("role.json", ROLE)
    return lpa


def plain(text: str) -> str:
    without = CODES.sub("", text)
    assert "\x1b" not in without
    return without


def test_findings_are_shown_in_full(app: Command) -> None:
    seen = shown(app, *CHECK)
    assert (plain(seen.text), seen.code) == (FULL, 1)
    title, *_ = seen.text.splitlines()
    assert title.startswith("\x1b[1;31merror[missing-permission]: \x1b[0m")
    assert "\x1b[1;31m^^^" in seen.text
    assert "\x1b[1;33m^^^" in seen.text, "a warning has another colour"


def test_calls_are_shown_in_full(app: Command) -> None:
    seen = shown(app, "scan", "app.py", "--handler", "app.handler")
    assert (plain(seen.text), seen.code) == (SCAN, 0)
    assert seen.text != SCAN


def test_what_is_no_terminal_gets_plain_text(app: Command) -> None:
    done = app(*CHECK, FORCE_COLOR="1", TERM="xterm-256color", COLUMNS="40")
    assert (done.stdout, done.stderr, done.returncode) == (TEXT, "", 1)
    assert shown(app, *CHECK, "--format", "text").text == TEXT


def test_full_can_be_asked_for_anywhere(app: Command) -> None:
    done = app(*CHECK, "--format", "full", COLUMNS="80")
    assert (done.stdout, done.stderr, done.returncode) == (FULL, "", 1)
    assert app("scan", "app.py", "--handler", "app.handler", "--format", "full").stdout == SCAN


@pytest.mark.parametrize(
    ("arguments", "environment", "colored"),
    [
        ([], {"NO_COLOR": "1"}, False),
        ([], {"NO_COLOR": ""}, True),
        ([], {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ([], {"TERM": "dumb"}, False),
        ([], {"TERM": "dumb", "FORCE_COLOR": "1"}, True),
        (["--color", "never"], {"FORCE_COLOR": "1"}, False),
        (["--color", "always"], {"NO_COLOR": "1", "TERM": "dumb"}, True),
    ],
)
def test_colors(app: Command, arguments: list[str], environment: dict[str, str], colored: bool) -> None:
    seen = shown(app, *CHECK, *arguments, **environment)
    assert plain(seen.text) == FULL
    assert (seen.text != FULL) is colored


def test_colors_for_a_pager(app: Command) -> None:
    assert "\x1b[" in app(*CHECK, "--format", "full", "--color", "always").stdout
    assert "\x1b[" in app(*CHECK, "--format", "full", FORCE_COLOR="1").stdout
    assert "\x1b[" not in app(*CHECK, "--format", "full", TERM="xterm").stdout


def test_an_unknown_color_is_a_usage_error(app: Command) -> None:
    done = app(*CHECK, "--color", "blue")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "lpa: error: --color blue is not known; one of auto, always, never\n"


@pytest.mark.parametrize("columns", [40, 72, 160])
def test_lines_fit_where_they_can(app: Command, columns: int) -> None:
    lines = plain(shown(app, *CHECK, columns=columns).text).splitlines()
    wide = [line for line in lines if cell_len(line) > columns]
    # No word is broken, so that it can be copied: a line that is too wide is one word, behind a label at most.
    assert all(re.fullmatch(r"\W*(\S+: )?\S+", line) for line in wide)
    excerpt = [line for line in lines if re.match(r" *[0-9]* \| ", line)]
    assert excerpt
    assert not set(excerpt) & set(wide)


def test_COLUMNS_counts_more_than_the_terminal(app: Command) -> None:  # noqa: N802
    assert plain(shown(app, *CHECK, columns=200, COLUMNS="80").text) == FULL


def test_quiet_leaves_out_the_talk(app: Command) -> None:
    usual = app("generate", "-", "--source", "app.py", "--region", "eu-west-1")
    quiet = app("generate", "-", "--source", "app.py", "--region", "eu-west-1", "--quiet")
    assert "lpa: proved: 1 permission" in usual.stderr
    assert (quiet.stdout, quiet.stderr, quiet.returncode) == (usual.stdout, "", 0)
    assert app("scan", "missing.py", "-q").stderr.startswith("lpa: error: missing.py: no such file")


def test_verbose_tells_what_is_read(app: Command) -> None:
    usual, verbose = app(*CHECK), app("-v", *CHECK)
    assert (verbose.stdout, verbose.returncode) == (usual.stdout, 1)
    assert all(re.match(r"lpa: +[0-9]+\.[0-9]{3} s: ", line) for line in verbose.stderr.splitlines())
    told = [line.split(" s: ", 1)[1] for line in verbose.stderr.splitlines()]
    for name in ("role.json", "app.py", "rules/services/s3.yaml", "rules/checks/missing-permission.yaml"):
        assert f"read {name}" in told
    assert "interpret app.handler" in told


def test_quiet_and_verbose_contradict_each_other(app: Command) -> None:
    done = app("scan", "app.py", "--quiet", "--verbose")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "lpa: error: --quiet and --verbose at once; leave one of them out\n"


def test_a_bar_says_how_far_it_is_and_leaves_nothing_behind(lpa: Command) -> None:
    lpa.executable = Path(sys.executable)
    seen = shown(lpa, "-c", SLOW, streams="2")
    assert re.search(r"functions .*━.* 2/4 0:00:0[0-9]", CODES.sub("", seen.text))
    assert "calls" not in seen.text
    # It is taken away by clearing its line.
    assert seen.text.endswith("\x1b[2K")
    assert seen.code == 0


def long_source() -> str:
    """What takes longer to analyse than a bar waits."""
    functions = (
        f"def handler{number}(event, context):\n    s3.get_object(Bucket='b', Key='{number}')" for number in range(6000)
    )
    return "import boto3\ns3 = boto3.client('s3')\n" + "\n".join(functions)


@pytest.mark.parametrize(("arguments", "environment"), [(["--quiet"], {}), ([], {"TERM": "dumb"})])
def test_no_bar(lpa: Command, arguments: list[str], environment: dict[str, str]) -> None:
    lpa.write("app.py", long_source())
    start = time.monotonic()
    terminal = Terminal(lpa, "scan", "app.py", "--format", "text", *arguments, streams="2", **environment)
    assert (terminal.end().text, terminal.process.returncode) == ("", 0)
    assert time.monotonic() - start > 1.2


def test_an_interrupt_takes_the_bar_away(lpa: Command) -> None:
    lpa.write("app.py", long_source())
    terminal = Terminal(lpa, "scan", "app.py")
    for _ in range(200):
        if "working" in terminal.so_far():
            break
        time.sleep(0.05)
    terminal.process.send_signal(signal.SIGINT)
    seen = terminal.end()
    assert seen.code == 130
    assert "working" in seen.text
    # The cursor is there again, and the message stands in a line of its own.
    assert "\x1b[?25h" in seen.text
    assert re.search(r"(\n|\r|\x1b\[2K)lpa: error: interrupted\n$", seen.text)


def test_a_reader_that_has_enough_ends_it(app: Command) -> None:
    # More than a pipe holds.
    calls = (f"s3.get_object(Bucket='b', Key='{number:0100}')" for number in range(1000))
    app.write("many.py", "import boto3\n\ns3 = boto3.client('s3')\n" + "\n".join(calls))
    process = app.start("scan", "many.py", "--format", "full", "--color", "always")
    assert process.stdout is not None and process.stderr is not None
    assert b"many.py" in process.stdout.readline()
    process.stdout.close()
    assert (process.wait(timeout=60), process.stderr.read()) == (141, b"")
    process.stderr.close()
