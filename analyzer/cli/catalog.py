"""What `lpa catalog` does once its arguments are parsed."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import partial

from analyzer import events
from analyzer.cli.talk import talk
from analyzer.errors import EXIT_CLEAN


def show(name: str, *, as_json: bool) -> int:
    """Print what is known of an action, an operation or a boto3 method, and from where."""
    from analyzer.authorize.lookup import look_up, operations_for
    from analyzer.catalog import Action

    found = look_up(name)
    operations = operations_for(found) if isinstance(found, Action) else ()
    if as_json:
        import json

        from analyzer.report import mapping_json

        described = (
            mapping_json.action(found, operations) if isinstance(found, Action) else mapping_json.operation(found)
        )
        _print((json.dumps(described | {"catalogue": mapping_json.data()}, indent=2), "\n"))
    else:
        from analyzer.report import mapping_text

        lines = mapping_text.action(found, operations) if isinstance(found, Action) else mapping_text.operation(found)
        _print(f"{line}\n" for line in lines)
    return EXIT_CLEAN


def export() -> int:
    """Print the whole mapping as JSON, as it is made."""
    from analyzer.authorize.lookup import clients
    from analyzer.authorize.mapping import service_mapping
    from analyzer.report.mapping_json import exported
    from analyzer.rules import service_rules

    services = clients()
    for service in services:
        # A rule file that is wrong is told before anything is printed.
        service_rules(service)
    _print(exported(mapping for service in services for mapping in service_mapping(service)))
    return EXIT_CLEAN


def status() -> int:
    """Print which data is in use."""
    from analyzer.report.mapping_text import data

    _print(f"{line}\n" for line in data())
    return EXIT_CLEAN


def update(url: str | None, timeout: float) -> int:
    """Fetch the AWS Service Reference, and print which data is in use then."""
    from analyzer.catalog.update import URL
    from analyzer.catalog.update import update as fetch

    fetch(URL if url is None else url, timeout, partial(events.step, "services"))
    return status()


def remove() -> int:
    """Take away what was fetched, and print which data is in use then."""
    from analyzer.catalog.overlay_files import remove_overlay

    remove_overlay()
    return status()


def _print(parts: Iterable[str]) -> None:
    # As UTF-8 whatever the locale, so that the same input gives the same bytes.
    talk.before_printing()
    sys.stdout.flush()
    for part in parts:
        sys.stdout.buffer.write(part.encode("utf-8", "surrogateescape"))
