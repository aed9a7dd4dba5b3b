"""`lpa report`: the access of all functions as a page, written to a file."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from analyzer.cli.output import print_text, tell
from analyzer.cli.role_file import read_policy_file, read_text, replace
from analyzer.config import Options, Selection
from analyzer.errors import EXIT_CLEAN, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analyzer.access import Access
    from analyzer.cli.wanted import Wanted

_STANDARD_OUTPUT = "-"


def report_source(options: Options, role: str, managed: Mapping[str, str], path: str) -> int:
    """Write the page about the program and the policy in the file `role` to the file `path`."""
    from analyzer import access

    return _write(access.of_source(options, read_policy_file(role, managed)), options.root, path)


def report_templates(
    options: Options, selection: Selection, role: str | None, managed: Mapping[str, str], path: str
) -> int:
    """Write the page about the selected functions and their roles, or the policy in the file `role`, to `path`."""
    from analyzer import access

    granted = None if role is None else read_policy_file(role, managed)
    return _write(access.of_templates(options, selection, granted), options.root, path)


def report_configured(wanted: Wanted, managed: Mapping[str, str], path: str) -> int:
    """Write the page about all that the configuration names, or the named functions, to `path`."""
    from analyzer import access
    from analyzer.configured import templates_of

    chosen, folder = wanted.choose(), wanted.settings.folder
    given = {arn: os.path.abspath(file) for arn, file in managed.items()}
    place = path if path == _STANDARD_OUTPUT else os.path.abspath(path)
    with contextlib.chdir(folder):
        parts = []
        for policy, functions in chosen.sharing():
            files = {arn: file for one in functions for arn, file in one.managed}
            granted = read_policy_file(policy, files | given)
            parts.append(access.of_sources([(one.name, one.options) for one in functions], granted))
        parts += (access.of_templates(one.options, one.selection) for one in templates_of(chosen))
        return _write(access.merged(parts, folder), folder, place if place == path else os.path.relpath(place))


def _write(access: Access, root: str, path: str) -> int:
    """Write the page in one step; a file that is there already is replaced only if it is such a page."""
    from analyzer.report.html import is_page, page

    previous = None if path == _STANDARD_OUTPUT else read_text(path)
    if previous is not None and previous and not is_page(previous):
        raise InputError(f"{path}: is no page of lpa report, so it is not replaced", "name another file, or delete it")
    text = page(access, root)
    if path == _STANDARD_OUTPUT:
        print_text(text)
        return EXIT_CLEAN
    if text == previous:
        tell([f"{path} is up to date"])
        return EXIT_CLEAN
    replace(path, text)
    findings = {finding for one in access.functions for finding in one.findings}.union(access.findings)
    tell([f"{path} is written: {_count(len(access.functions), 'function')}, {_count(len(findings), 'finding')}"])
    return EXIT_CLEAN


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
