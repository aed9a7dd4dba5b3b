"""Fetches documents over HTTP, from one host, within limits of time and size."""

from __future__ import annotations

import time
from collections.abc import Callable
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import IO, Final, cast
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from analyzer.errors import InputError

_MEGABYTE: Final = 1024 * 1024
LARGEST: Final = 32 * _MEGABYTE
"""The largest document that is read. AWS's largest, of EC2, is a tenth of that."""

_DELAYS: Final = (0.5, 1.0)
"""How long to wait before each further attempt, in seconds."""

_CHUNK: Final = 64 * 1024
_TOO_MANY_REQUESTS: Final = 429
_SERVER_ERROR: Final = 500
_HINT: Final = "the catalogue stays as it was; try again later"


class _TruncatedError(Exception):
    """The connection was closed before the end of the document."""


def attempts_take(timeout: float) -> float:
    """Return how long a document can take at most, all attempts together, if each may take `timeout` seconds."""
    return timeout * (len(_DELAYS) + 1) + sum(_DELAYS)


def split(url: str) -> SplitResult | None:
    """Return the parts of `url` if it is an http address with a host and without a password, else None."""
    try:
        parts = urlsplit(url)
        usable = (
            parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
        )
    except ValueError:
        return None
    return parts if usable and url.isascii() and url.isprintable() and " " not in url else None


def is_same_host(url: str, origin: str) -> bool:
    """Say whether `url` leads to the host and port of `origin`, and is as safe: not by http where that is https."""
    parts, start = split(url), split(origin)
    if parts is None or start is None:
        return False
    return (parts.hostname, parts.port) == (start.hostname, start.port) and (
        parts.scheme == start.scheme or parts.scheme == "https"
    )


def fetch(url: str, timeout: float, is_wanted: Callable[[], bool] = lambda: True) -> bytes:
    """Return the document at `url`, an http address, trying again where that may help.

    An attempt may take `timeout` seconds; none is begun once `is_wanted` says no. Raises InputError if the document
    cannot be fetched, is too large, or is to be found on another host.
    """
    opener = _opener()
    for delay in (*_DELAYS, None):
        try:
            return _attempt(opener, url, timeout)
        except HTTPError as error:
            error.close()
            failure = f"HTTP status {error.code}"
            is_final = error.code < _SERVER_ERROR and error.code != _TOO_MANY_REQUESTS
        except URLError as error:
            reason = error.reason
            failure = (reason.strerror if isinstance(reason, OSError) else str(reason)) or "no connection"
            is_final = False
        except TimeoutError:
            failure, is_final = f"no answer within {timeout:g} seconds", False
        except OSError as error:
            failure, is_final = error.strerror or "the connection broke", False
        except (HTTPException, _TruncatedError):
            failure, is_final = "the answer is incomplete", False
        except UnicodeError:
            # Of host names that are none.
            failure, is_final = "not an address", True
        if is_final or delay is None or not is_wanted():
            raise InputError(f"{url}: {failure}", _HINT)
        time.sleep(delay)
    raise AssertionError("the last attempt returns or raises")


def _attempt(opener: OpenerDirector, url: str, timeout: float) -> bytes:
    deadline = time.monotonic() + timeout
    request = Request(url, headers={"Accept": "application/json", "User-Agent": "lpa"})
    with cast("HTTPResponse", opener.open(request, timeout=timeout)) as response:
        chunks: list[bytes] = []
        size = 0
        while chunk := response.read1(_CHUNK):
            chunks.append(chunk)
            size += len(chunk)
            if size > LARGEST:
                raise InputError(f"{url}: is larger than {LARGEST // _MEGABYTE} MB", _HINT)
            if time.monotonic() > deadline:
                raise TimeoutError
        # `read1` does not notice the end of a connection before that of the document.
        announced = response.headers.get("Content-Length", "")
        if announced.isdigit() and int(announced) != size:
            raise _TruncatedError
    return b"".join(chunks)


class _SameHost(HTTPRedirectHandler):
    max_redirections = 5

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        if not is_same_host(newurl, req.full_url):
            raise InputError(f"{req.full_url}: leads to another place", _HINT)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> OpenerDirector:
    # Without the handlers of other kinds of address, such as file, that `build_opener` adds.
    opener = OpenerDirector()
    for handler in (
        ProxyHandler(),
        HTTPHandler(),
        HTTPSHandler(),
        HTTPDefaultErrorHandler(),
        _SameHost(),
        HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener
