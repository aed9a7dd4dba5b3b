"""`lpa catalog update` against a local server, with honest documents, broken ones and hostile ones."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.authorize.coverage import unknown_operation
from tests.catalog.service_reference import (
    ReferenceServer,
    action,
    answer,
    document,
    one_after_the_other,
    operation,
    reference_server,
)

if TYPE_CHECKING:
    from tests.conftest import Command

# Neither AWS nor the rules know anything of these names, which is what the tests need; the client is botocore's.
NEW = document(
    "example", action("Read", "thing"), Resources=[{"Name": "thing", "ARNFormats": ["arn:a:example:::${Id}"]}]
)
UNKNOWN = unknown_operation()
OPERATION = f"{UNKNOWN.service}.{UNKNOWN.operation}"
METHOD = f"{UNKNOWN.service}.{UNKNOWN.method}"
PARTLY = document(
    "kinesis",
    action("DescribeNothing", IsList=True),
    Operations=[
        operation(
            UNKNOWN.operation,
            UNKNOWN.service,
            UNKNOWN.method,
            {"Name": "DescribeNothing", "Service": "kinesis"},
            {"Name": "Read", "Service": "example"},
        )
    ],
)
APP = f'import boto3\nboto3.client("{UNKNOWN.service}").{UNKNOWN.method}()\n'


@pytest.fixture
def server() -> Iterator[ReferenceServer]:
    with reference_server() as running:
        running.serve(NEW, PARTLY)
        yield running


@pytest.fixture
def data(lpa: Command) -> Path:
    return Path(lpa.environment["HOME"], ".local/share/lpa")


def update(lpa: Command, server: ReferenceServer, *arguments: str) -> subprocess.CompletedProcess[str]:
    return lpa("catalog", "update", "--url", server.url, *arguments)


def knows(lpa: Command, name: str) -> bool:
    return lpa("catalog", "show", name).returncode == 0


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_what_was_fetched_is_used_until_it_is_taken_away(lpa: Command, server: ReferenceServer) -> None:
    lpa.write("app.py", APP)
    installed = lpa("catalog", "status").stdout
    unknown = lpa("scan", "app.py").stdout
    assert not knows(lpa, "example:Read")
    assert f"no IAM action is known for {OPERATION} (catalogue of 2" in unknown
    assert '"lpa catalog update" fetches newer data' in unknown

    done = update(lpa, server)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{installed}with 2 services of {server.url}, fetched on 2")
    assert done.stdout == lpa("catalog", "status").stdout
    assert lpa("catalog", "show", "example:Read").stdout.startswith(
        "example:Read (Read)\n    on thing: arn:a:example:::${Id}\n"
    )
    assert f"{UNKNOWN.service}: {UNKNOWN.operation}" in lpa("catalog", "show", "example:Read").stdout
    shown = lpa("catalog", "show", METHOD).stdout
    assert f"by the fetched AWS Service Reference#{OPERATION}\n    kinesis:DescribeNothing (List) on *\n" in shown
    scanned = lpa("scan", "app.py").stdout
    assert "    example:Read on " in scanned
    assert "    kinesis:DescribeNothing on *\n" in scanned
    assert scanned.endswith("1 call, 0 unresolved\n")
    # What is installed is still there.
    assert knows(lpa, "kinesis:PutRecord")
    assert knows(lpa, "s3.get_object")

    removed = lpa("catalog", "update", "--remove")

    assert (removed.returncode, removed.stdout, removed.stderr) == (0, installed, "")
    assert not knows(lpa, "example:Read")
    assert lpa("scan", "app.py").stdout == unknown
    assert lpa("catalog", "update", "--remove").returncode == 0


def test_nothing_but_the_command_asks_the_network(lpa: Command, server: ReferenceServer) -> None:
    update(lpa, server)
    asked = server.requests.total()
    lpa.write("app.py", APP)
    for arguments in (["scan", "app.py"], ["catalog", "show", "example:Read"], ["catalog", "status"]):
        assert lpa(*arguments).returncode == 0
    assert server.requests.total() == asked == 3


@pytest.mark.parametrize(
    ("variable", "below"), [("LPA_DATA_DIR", "service-reference"), ("XDG_DATA_HOME", "lpa/service-reference")]
)
def test_the_data_can_be_kept_elsewhere(lpa: Command, server: ReferenceServer, variable: str, below: str) -> None:
    place = {variable: str(lpa.cwd / "place")}
    assert lpa("catalog", "update", "--url", server.url, **place).returncode == 0
    assert (lpa.cwd / "place" / below / "current").exists()
    assert lpa("catalog", "show", "example:Read", **place).returncode == 0
    assert not knows(lpa, "example:Read")


def test_a_later_update_replaces_an_earlier_one(lpa: Command, server: ReferenceServer, data: Path) -> None:
    update(lpa, server)
    server.serve(document("example", action("Write")))
    (earlier,) = (folder for folder in (data / "service-reference").iterdir() if folder.is_dir())
    assert update(lpa, server).returncode == 0
    assert knows(lpa, "example:Write")
    assert not knows(lpa, "example:Read")
    assert earlier.exists(), "another process may still read it"

    os.utime(earlier, (0, 0))
    update(lpa, server)
    assert not earlier.exists()


def hang(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(30)


def trickle(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b" ")
        time.sleep(0.05)


def trickle_headers(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.flush_headers()
    while True:
        handler.wfile.write(b"X")
        time.sleep(0.05)


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b" " * 1024 * 1024)


def no_http(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"\x1b[31mnot HTTP\r\n\r\n")


FAST = ("--timeout", "0.3")


@pytest.mark.parametrize(
    ("reply", "arguments", "message", "attempts"),
    [
        (answer(b"", 404), (), "HTTP status 404", 1),
        (answer(b"", 500), (), "HTTP status 500", 3),
        (answer(b"", 302, Location="file:///etc/passwd"), (), "HTTP status 302", 1),
        (answer(b"", 302, Location="http://localhost:1/x"), (), "leads to another place", 1),
        (answer(b"{}", 200, Content_Length="1000"), (), "the answer is incomplete", 3),
        (no_http, (), "the answer is incomplete", 3),
        (endless, (), "is larger than 32 MB", 1),
        (trickle, FAST, "no answer within 0.3 seconds", 3),
        (hang, FAST, "no answer within 0.3 seconds", 3),
        (trickle_headers, FAST, "no answer", 1),
        (answer(b'{"Name": "kinesis", "Act'), (), "kinesis: not JSON: ", 1),
        (answer(b"[" * 10**6), (), "kinesis: is nested too deeply", 1),
        (answer(b'{"Name": "s3"}'), (), "kinesis: Name: is about another service: 's3'", 1),
    ],
    ids=range(13),
)
def test_nothing_changes_if_one_document_cannot_be_had(
    lpa: Command,
    server: ReferenceServer,
    data: Path,
    reply: object,
    arguments: tuple[str, ...],
    message: str,
    attempts: int,
) -> None:
    server.serve(document("example", action("Earlier")))
    update(lpa, server)
    earlier = files(data)
    server.serve(NEW, PARTLY)
    path = server.path("kinesis")
    server.answers[path] = reply  # type: ignore[assignment]

    done = update(lpa, server, *arguments)

    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("lpa: error: ")
    assert message in done.stderr
    assert "the catalogue stays as it was" in done.stderr
    assert done.stderr.count("\n") == 1, "one line"
    assert "\x1b" not in done.stderr
    assert server.requests[path] == attempts
    assert files(data) == earlier


def test_a_failure_that_passes_is_tried_again(lpa: Command, server: ReferenceServer) -> None:
    path = server.path("kinesis")
    honest = server.answers[path]
    server.answers[path] = one_after_the_other(answer(b"", 503), answer(b"{", 200, Content_Length="9"), honest)
    assert update(lpa, server).returncode == 0
    assert server.requests[path] == 3
    assert knows(lpa, "example:Read")


def test_a_redirect_on_the_same_host_is_followed(lpa: Command, server: ReferenceServer) -> None:
    server.answers["/moved.json"] = server.answers[server.path("example")]
    server.answers[server.path("example")] = answer(b"", 301, Location="/moved.json")
    assert update(lpa, server).returncode == 0
    assert knows(lpa, "example:Read")


@pytest.mark.parametrize(
    ("service", "url", "message"),
    [
        ("example", "http://localhost.example/x.json", "is not on the host of"),
        ("example", "http://127.0.0.1:1/x.json", "is not on the host of"),
        ("example", "http://127.0.0.1@localhost.example/x.json", "is not on the host of"),
        ("example", "file:///etc/passwd", "[0].url: not an http address: 'file:///etc/passwd'"),
        ("../../../../tmp/x", "http://127.0.0.1/x.json", "[0].service: not the name of a service: '../../../../tmp/x'"),
        ("operations/..", "http://127.0.0.1/x.json", "[0].service: not the name of a service"),
    ],
)
def test_a_list_that_leads_elsewhere_is_refused(
    lpa: Command, server: ReferenceServer, data: Path, service: str, url: str, message: str
) -> None:
    server.list((service, url))
    done = update(lpa, server)
    assert (done.returncode, done.stdout) == (3, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1, "one line"
    assert not data.exists()


def test_a_service_may_be_called_like_a_file_of_the_overlay(lpa: Command, server: ReferenceServer) -> None:
    server.serve(document("operations", action("A")), document("index", action("B")), document("current", action("C")))
    assert update(lpa, server).returncode == 0
    assert [knows(lpa, name) for name in ("operations:A", "index:B", "current:C", "s3.get_object")] == [True] * 4


@pytest.mark.parametrize(
    "url",
    [
        "",
        "servicereference",
        "file:///etc/passwd",
        "ftp://x/",
        "http://",
        "http://[::1",
        "http://u:p@x/",
        "http://a b/",
    ],
)
def test_an_address_that_is_none_is_a_usage_error(lpa: Command, url: str) -> None:
    done = lpa("catalog", "update", "--url", url)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"lpa: error: --url {url} is not an http address".replace("  ", " "))
    assert done.stderr.count("\n") == 1, "one line"


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://nosuch.invalid/", "http://a..b/"])
def test_a_server_that_is_not_there_is_told(lpa: Command, url: str) -> None:
    done = lpa("catalog", "update", "--url", url, "--timeout", "2")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith(f"lpa: error: {url}: ")
    assert done.stderr.count("\n") == 1, "one line"


def test_documents_without_any_action_are_refused(lpa: Command, server: ReferenceServer, data: Path) -> None:
    server.serve(document("example"))
    done = update(lpa, server)
    assert done.returncode == 3
    assert "names no action" in done.stderr
    assert not data.exists()


def test_an_interrupt_leaves_everything_as_it_was(lpa: Command, server: ReferenceServer, data: Path) -> None:
    server.answers[server.path("example")] = hang
    process = lpa.start("catalog", "update", "--url", server.url)
    deadline = time.monotonic() + 20
    while not server.requests[server.path("example")] and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (130, b"lpa: error: interrupted\n")
    assert not data.exists()


def test_a_place_that_cannot_be_written_is_told(lpa: Command, server: ReferenceServer) -> None:
    lpa.write("file", "")
    done = lpa("catalog", "update", "--url", server.url, LPA_DATA_DIR=str(lpa.cwd / "file"))
    assert (done.returncode, done.stdout) == (3, "")
    assert "cannot be written" in done.stderr
    assert "LPA_DATA_DIR" in done.stderr
    assert done.stderr.count("\n") == 1, "one line"


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("current", b""),
        ("current", b"1 ../../x-y\n"),
        ("current", b"\xff\x00"),
        ("_index.json", b""),
        ("kinesis.json", b"{"),
        ("_operations.json", b"{}"),
    ],
    ids=range(6),
)
def test_a_damaged_overlay_is_told_and_can_be_mended(
    lpa: Command, server: ReferenceServer, data: Path, name: str, damage: bytes
) -> None:
    update(lpa, server)
    (path,) = (data / "service-reference").rglob(name)
    path.write_bytes(damage)
    lpa.write("app.py", APP)
    # Without what was derived before the damage.
    cache = {"LPA_CACHE_DIR": str(lpa.cwd / "cache")}

    done = lpa("scan", "app.py", **cache)

    assert (done.returncode, done.stdout) == (3, "")
    assert "is damaged" in done.stderr
    assert "run lpa catalog update again, or lpa catalog update --remove" in done.stderr
    assert done.stderr.count("\n") == 1, "one line"
    if damage:
        assert lpa("catalog", "update", "--remove").returncode == 0
        assert not knows(lpa, "example:Read")
    else:
        assert update(lpa, server).returncode == 0
        assert knows(lpa, "example:Read")
    assert lpa("scan", "app.py", **cache).returncode == 0


def test_missing_files_are_damage_too(lpa: Command, server: ReferenceServer, data: Path) -> None:
    update(lpa, server)
    for path in (data / "service-reference").rglob("*.json"):
        path.unlink()
    done = lpa("catalog", "status")
    assert done.returncode == 3
    assert "_index.json: No such file or directory" in done.stderr


def test_to_remove_is_not_to_fetch(lpa: Command) -> None:
    done = lpa("catalog", "update", "--remove", "--url", "http://x/")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--remove fetches nothing" in done.stderr


def test_progress_is_for_terminals_only(lpa: Command, server: ReferenceServer) -> None:
    quick = server.answers["/"]

    def slow(handler: BaseHTTPRequestHandler) -> None:
        # What takes less than a second shows none.
        time.sleep(1.5)
        quick(handler)

    server.answers["/"] = slow
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [lpa.executable, "catalog", "update", "--url", server.url],
        env=lpa.environment | {"TERM": "xterm"},
        stdout=subprocess.PIPE,
        stderr=terminal,
    )
    output, _ = process.communicate(timeout=30)
    os.close(terminal)
    shown = os.read(controller, 65536).decode()
    os.close(controller)
    assert process.returncode == 0
    assert "working" in shown
    assert b"working" not in output
