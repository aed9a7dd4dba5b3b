"""`lpa fix`: the roles of templates made to allow what the functions need, shown as a difference."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from analyzer.cli import role_file
from analyzer.cli.generating import difference
from analyzer.cli.output import print_text, tell
from analyzer.config import Options, Selection
from analyzer.config.choosing import Overrides, choose
from analyzer.config.settings import Settings
from analyzer.errors import EXIT_CLEAN, EXIT_FINDINGS, InputError

if TYPE_CHECKING:
    from analyzer.planned import How

# What tools write anew from their own sources, so that a change would be lost.
_FOLDERS_OF_TOOLS: Final = (".aws-sam", "cdk.out")
_MARK_OF_THE_CDK: Final = "aws:cdk:path"


def fix(options: Options, selection: Selection, how: How, *, dry_run: bool) -> int:
    """Print how the templates change, and change them unless it is a `dry_run`.

    Exits 1 if something has to be seen to by hand. Raises InputError if a template is not there, is made by a tool, or
    has changed while it was analysed, and what `fixed.fix` does; all templates are then as they were.
    """
    from analyzer import fixed

    found = fixed.fix(options, selection, partial(_read, root=options.root), how)
    for path, text in sorted(found.texts.items()):
        print_text(difference(found.originals[path], text, path, f"{path} (as the functions need it)"))
    if not dry_run:
        for path in found.texts:
            if _read(path, options.root) != found.originals[path]:
                raise InputError(f"{path}: has changed since it was read", "run lpa fix again")
        for path, text in sorted(found.texts.items()):
            role_file.replace(os.path.join(options.root, path), text)
            tell([f"{path} is written"])
    if not found.texts:
        tell(["nothing to change"])
    tell(f"by hand: {one}" for one in found.left)
    return EXIT_FINDINGS if found.left else EXIT_CLEAN


def fix_configured(settings: Settings, functions: Sequence[str], how: How, *, dry_run: bool) -> int:
    """Do what `fix` does for the configured templates, only for `functions` of them if any are named."""
    from analyzer.configured import templates_of

    code = EXIT_CLEAN
    with contextlib.chdir(settings.folder):
        for template in templates_of(choose(replace(settings, functions=()), Overrides(), functions)):
            code = max(code, fix(template.options, template.selection, how, dry_run=dry_run))
    return code


def _read(path: str, root: str) -> str:
    text = role_file.read_text(path, root)
    if text is None:
        raise InputError(f"{path}: no such file", "name a template that can be read")
    if any(part in _FOLDERS_OF_TOOLS for part in path.split("/")) or _MARK_OF_THE_CDK in text:
        raise InputError(
            f"{path}: is made by a tool, so that a change would be lost",
            "name the template that it is made from, or take over what lpa generate --as cloudformation prints",
        )
    return text
