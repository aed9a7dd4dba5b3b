"""Fetches the AWS Service Reference and makes it the overlay of the catalogue, if all of it is as it has to be.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/service-reference.html.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from analyzer.catalog.download import attempts_take, fetch, is_same_host, split
from analyzer.catalog.overlay_files import write_overlay
from analyzer.catalog.reference import Document, Link, read_document, read_list
from analyzer.errors import InputError, LpaError, UsageError

URL: Final = "https://servicereference.us-east-1.amazonaws.com/"
"""The list of services that AWS publishes."""

_CONNECTIONS: Final = 8
_SLACK: Final = 1.0

Progress = Callable[[int, int], None]


def update(url: str, timeout: float, progress: Progress) -> None:
    """Fetch the list of services at `url` and the documents it names, and make them the overlay.

    `timeout` is how many seconds each attempt to fetch a document may take; `progress` is told how many documents there
    are and how many of them all. Raises UsageError for an address that is none, InputError for anything that cannot
    be fetched, that is not in AWS's form, or that cannot be written; the catalogue then stays as it was.
    """
    if split(url) is None:
        raise UsageError(f"--url {url} is not an http address", "give the address of a list of services")
    links = read_list(fetch(url, timeout), url)
    for link in links:
        if not is_same_host(link.url, url):
            raise InputError(f"{link.prefix}: {link.url} is not on the host of {url}", "the catalogue stays as it was")
    documents = _documents(links, timeout, progress)
    if not any(document.service["actions"] for document in documents.values()):
        raise InputError(f"{url}: names no action", "the catalogue stays as it was")
    services = {prefix: document.service for prefix, document in documents.items()}
    write_overlay(url, time.strftime("%Y-%m-%d", time.gmtime()), services, _operations(documents))


class _Work:
    """Documents that several threads fetch, until all are there or one fails."""

    def __init__(self, links: Sequence[Link], timeout: float) -> None:
        self._links = iter(links)
        self._timeout = timeout
        self._lock = threading.Lock()
        self._is_wanted = True
        self.results: queue.SimpleQueue[tuple[str, Document] | LpaError] = queue.SimpleQueue()

    def run(self) -> None:
        """Fetch documents as long as there are any."""
        while (link := self._next()) is not None:
            try:
                content = fetch(link.url, self._timeout, lambda: self._is_wanted)
                self.results.put((link.prefix, read_document(content, link.prefix)))
            except InputError as error:
                self.results.put(error)
                return

    def stop(self) -> None:
        """Begin no further document."""
        self._is_wanted = False

    def _next(self) -> Link | None:
        with self._lock:
            return next(self._links, None) if self._is_wanted else None


def _documents(links: Sequence[Link], timeout: float, progress: Progress) -> Mapping[str, Document]:
    work = _Work(links, timeout)
    for _ in range(min(_CONNECTIONS, len(links))):
        # As daemons, so that a server that never ends its answer cannot keep the process.
        threading.Thread(target=work.run, daemon=True).start()
    found: dict[str, Document] = {}
    try:
        progress(0, len(links))
        while len(found) < len(links):
            result = work.results.get(timeout=attempts_take(timeout) + _SLACK)
            if isinstance(result, LpaError):
                raise result
            found[result[0]] = result[1]
            progress(len(found), len(links))
    except queue.Empty:
        missing = next(link for link in links if link.prefix not in found)
        raise InputError(f"{missing.url}: no answer", "the catalogue stays as it was; try again later") from None
    finally:
        work.stop()
    return {link.prefix: found[link.prefix] for link in links}


def _operations(documents: Mapping[str, Document]) -> dict[str, dict[str, list[tuple[str, dict[str, list[str]]]]]]:
    """Return the actions by client and method; a method that several documents tell of has the actions of all."""
    found: dict[str, dict[str, list[tuple[str, dict[str, list[str]]]]]] = {}
    for _, document in sorted(documents.items()):
        for client, method, actions in document.operations:
            known = found.setdefault(client, {}).setdefault(method, [])
            known.extend(action for action in actions if action not in known)
    return found
