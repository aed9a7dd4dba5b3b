"""`lpa init`: a configuration for a repository that has none, and the pre-commit hook."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Final

from analyzer.cli.output import print_text, tell
from analyzer.cli.role_file import read_text, replace
from analyzer.config.reading import OWN_FILE, PROJECT_FILE, find_settings, read_settings
from analyzer.errors import EXIT_CLEAN, InputError, UsageError
from analyzer.precommit import CONFIG, HOOK, has_hook, with_hook

if TYPE_CHECKING:
    from analyzer.proposed import Proposal

_PROJECT: Final = "tool.lpa"


def start(*, dry_run: bool) -> int:
    """Write what is found in the working directory into `pyproject.toml`, or into a new `lpa.toml`, and add the hook.

    What is configured already stays as it is. With `dry_run`, the content is printed instead. Raises InputError where
    there is nothing to configure, or a file cannot be read or written, UsageError for a configuration that is wrong.
    """
    settings = find_settings(None)
    if settings.file is not None:
        tell([f"{settings.file} configures lpa already: it stays as it is"])
    else:
        _configure(dry_run=dry_run)
    _add_hook(dry_run=dry_run)
    return EXIT_CLEAN


def _configure(*, dry_run: bool) -> None:
    from analyzer.proposed import propose

    here = os.getcwd()
    proposal = propose(here)
    if not proposal.templates and not proposal.functions:
        raise InputError("no template and no handler(event, context) here", f"write {OWN_FILE} yourself")
    path, text = _content(proposal, here)
    if dry_run:
        print_text(text)
    else:
        replace(path, text)
        templates, functions = len(proposal.templates), len(proposal.functions)
        tell([f"{path} is written: {_count(templates, 'template')}, {_count(functions, 'function')}"])
    tell(proposal.remarks)
    lacking = [one.policy for one in proposal.functions if not one.has_policy]
    if lacking:
        tell([f"no policy yet for {_count(len(lacking), 'function')}: lpa generate --all writes {', '.join(lacking)}"])
    tell(["next: lpa check; what is to stay as it is for now goes into lpa check --write-baseline lpa-baseline.json"])


def _content(proposal: Proposal, here: str) -> tuple[str, str]:
    """Return the file that the configuration goes to, and what it will hold."""
    project = read_text(PROJECT_FILE)
    if project is not None:
        section = _section(proposal, _PROJECT)
        ending = "\r\n" if "\r\n" in project else "\n"
        gap = "" if not project or project.endswith("\n") else "\n"
        text = project + (gap + ("\n" if project else "") + section).replace("\n", ending)
        try:
            if read_settings(text, PROJECT_FILE, here, project=True) is not None:
                return PROJECT_FILE, text
        except UsageError:
            # Such as `tool = {}`, behind which no table can follow; of TOML that is none anyway, its reader tells.
            read_settings(project, PROJECT_FILE, here, project=True)
    return OWN_FILE, _section(proposal, "")


def _section(proposal: Proposal, top: str) -> str:
    prefix = f"{top}." if top else ""
    lines = [f"[{top}]"] if top else []
    lines += ['# account = "123456789012"', '# region = "eu-west-1"', '# env = { STAGE = "prod" }']
    for file in proposal.templates:
        lines += ["", f"[[{prefix}templates]]", f"file = {_quoted(file)}"]
    for one in proposal.functions:
        lines += ["", f"[[{prefix}functions]]", f"name = {_quoted(one.name)}", f"handler = {_quoted(one.handler)}"]
        lines += [f"source = [{_quoted(one.source)}]", f"policy = {_quoted(one.policy)}"]
    return "".join(f"{line}\n" for line in lines)


def _quoted(text: str) -> str:
    # A string of JSON is one of TOML too, but for what is not ASCII and U+007F.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _add_hook(*, dry_run: bool) -> None:
    text = read_text(CONFIG)
    changed = None
    try:
        if text is not None and has_hook(text):
            tell([f"{CONFIG} has a hook of lpa already"])
            return
        changed = None if text is None else with_hook(text)
    except InputError as error:
        tell([error.message])
    if changed is None or dry_run:
        tell([f"for {CONFIG}, below repos:"])
        print_text("".join(f"# {line}\n" if dry_run else f"{line}\n" for line in HOOK))
        return
    replace(CONFIG, changed)
    tell([f"{CONFIG}: the hook lpa-check is added"])


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
