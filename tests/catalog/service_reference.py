"""A local server of documents in the form of the AWS Service Reference, honest ones and others.

The form: https://docs.aws.amazon.com/service-authorization/latest/reference/service-reference.html
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[BaseHTTPRequestHandler], None]


def action(name: str, *types: str, keys: tuple[str, ...] = (), **properties: bool) -> dict[str, Any]:
    flags = dict.fromkeys(("IsList", "IsPermissionManagement", "IsTaggingOnly", "IsWrite"), False)
    return {
        "Name": name,
        "ActionConditionKeys": list(keys),
        "Annotations": {"Properties": flags | properties},
        "Resources": [{"Name": one} for one in types],
        "SupportedBy": {"IAM Access Analyzer Policy Generation": False, "IAM Action Last Accessed": False},
    }


def operation(name: str, client: str, method: str, *actions: dict[str, Any]) -> dict[str, Any]:
    sdk = [{"Name": client, "Method": method, "Package": "Boto3"}]
    return {"Name": name, "AuthorizedActions": list(actions), "SDK": sdk}


def document(name: str, *actions: dict[str, Any], **parts: Any) -> dict[str, Any]:
    return {"Name": name, "Actions": list(actions), "Version": "v1.4"} | parts


class ReferenceServer:
    """Answers below `url`: the list of services at `/`, their documents at `/v1/NAME/NAME.json`."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/"
        self.answers: dict[str, Answer] = {}
        self.requests: Counter[str] = Counter()

    def serve(self, *documents: dict[str, Any]) -> None:
        for one in documents:
            self.answers[self.path(one["Name"])] = answer(json.dumps(one).encode())
        self.list(*((one["Name"], self.address(one["Name"])) for one in documents))

    def list(self, *services: tuple[str, str]) -> None:
        entries = [{"service": name, "url": url} for name, url in services]
        self.answers["/"] = answer(json.dumps(entries).encode())

    def path(self, name: str) -> str:
        return f"/v1/{name}/{name}.json"

    def address(self, name: str) -> str:
        return self.url.rstrip("/") + self.path(name)


def answer(content: bytes, status: int = 200, **headers: str) -> Answer:
    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in ({"Content_Length": str(len(content))} | headers).items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(content)

    return send


def one_after_the_other(*answers: Answer) -> Answer:
    rest = iter(answers)

    def send(handler: BaseHTTPRequestHandler) -> None:
        next(rest)(handler)

    return send


@contextmanager
def reference_server() -> Iterator[ReferenceServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.requests[self.path] += 1
            # The other side may have had enough.
            with suppress(BrokenPipeError, ConnectionResetError):
                server.answers.get(self.path, answer(b"", 404))(self)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        http.block_on_close = False
        server = ReferenceServer(http.server_port)
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        yield server
        http.shutdown()
