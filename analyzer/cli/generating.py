"""`lpa generate`: which files a policy becomes, what they hold, and what is said about them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from analyzer import pipeline
from analyzer.cli import role_file
from analyzer.cli.output import print_text, tell
from analyzer.config import Options
from analyzer.errors import EXIT_CLEAN, EXIT_FINDINGS, InputError, UsageError

if TYPE_CHECKING:
    from analyzer.model.policy import Policy

_STANDARD_OUTPUT = "-"
# The name of a role whose function's name is not known.
_ROLE = "execution-role"


class Shape(StrEnum):
    """What `lpa generate` writes: an inline policy, managed policies, or the role with the policy inside.

    Of templates also the `Policies` of functions of SAM, or roles, as the template has them.
    """

    POLICY = "policy"
    MANAGED = "managed"
    ROLE = "role"
    SAM = "sam"
    CLOUDFORMATION = "cloudformation"


PARTS: Final = (Shape.SAM, Shape.CLOUDFORMATION)
"""The shapes that are parts of templates."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a policy goes and how: the file `path`, or standard output if that is `-`.

    `check` writes nothing and shows the difference, `strict` fails on what could not be resolved. `wildcards` allows
    action wildcards, and `extend` names a policy whose statements are kept. `policy_templates` are those of SAM.
    """

    path: str
    shape: Shape
    check: bool
    strict: bool
    wildcards: bool = False
    extend: str | None = None
    policy_templates: bool = False


def generate(options: Options, target: Target) -> int:
    """Write what the program needs, or show the difference; exit 1 if there is one, or on `strict`.

    A file that is there already is replaced only if it holds a policy, so that a wrong name costs nothing.
    """
    return write(None, options, target)


def is_standard_output(path: str) -> bool:
    """Say whether what would go to the file `path` is to be printed."""
    return path == _STANDARD_OUTPUT


def write(analysis: pipeline.Analysis | None, options: Options, target: Target) -> int:
    """Do what `generate` does for a program that was analysed already, or is to be."""
    if target.path == _STANDARD_OUTPUT and target.check:
        raise UsageError("--check has nothing to compare standard output with", "name the policy file")
    if target.shape in PARTS:
        raise UsageError(f"--as {target.shape} without a template", "name the template with --template")
    if target.extend is not None and target.shape is not Shape.POLICY:
        raise UsageError(f"--extend with --as {target.shape}", "a policy document is all that it can extend")
    base = None if target.extend is None else _read_base(target.extend)
    kept = None if base is None else _policy(base, str(target.extend))
    found = pipeline.scan(options) if analysis is None else analysis
    generated = pipeline.policy_for(found, wildcards=target.wildcards, base=kept)
    texts = _texts(generated.policy, target, base, options)
    paths = _paths(target.path, len(texts))
    previous = {path: None if path == _STANDARD_OUTPUT else role_file.read_text(path) for path in paths}
    for path, text in previous.items():
        if text is not None:
            _policy(text, path)
    tell(_remarks(generated, texts, paths, target.shape))
    if target.path == _STANDARD_OUTPUT:
        print_text("".join(texts))
        changed = False
    else:
        changed = _write(dict(zip(paths, texts, strict=True)), previous, check=target.check)
    incomplete = target.strict and (generated.analysis.unresolved or generated.denied)
    return EXIT_FINDINGS if incomplete or (target.check and changed) else EXIT_CLEAN


def _read_base(path: str) -> str:
    text = role_file.read_text(path)
    if text is None:
        raise InputError(f"{path}: no such file", "name the policy that --extend keeps")
    return text


def _policy(text: str, path: str) -> Policy:
    from analyzer.iam.role import read_policy

    return read_policy(text, path)


def _texts(policy: Policy, target: Target, base: str | None, options: Options) -> list[str]:
    """Return the content of each file."""
    from analyzer.generate import INLINE_LIMIT, render, render_extended, render_role, size, split

    if base is not None:
        return [render_extended(base, policy)]
    if target.shape is Shape.ROLE:
        return [render_role(policy, options.function_name or _ROLE)]
    if target.shape is Shape.POLICY and size(policy) <= INLINE_LIMIT:
        return [render(policy)]
    return [render(document) for document in split(policy)]


def _paths(path: str, number: int) -> list[str]:
    """Return the names of `number` files: `role.json`, `role-2.json` ..."""
    if path == _STANDARD_OUTPUT:
        return [path] * number
    stem, extension = os.path.splitext(path)
    return [path, *(f"{stem}-{one}{extension}" for one in range(2, number + 1))]


def _write(texts: dict[str, str], previous: dict[str, str | None], *, check: bool) -> bool:
    """Write the files that differ from what they held, or only show how; return whether one does."""
    changed = False
    for path, text in texts.items():
        if previous[path] == text:
            tell([f"{path} is up to date"])
            continue
        changed = True
        if check:
            print_text(difference(previous[path] or "", text, path, f"{path} (as the source needs it)"))
        else:
            role_file.replace(path, text)
            tell([f"{path} is written"])
    return changed


def _remarks(generated: pipeline.Generated, texts: list[str], paths: list[str], shape: Shape) -> list[str]:
    from analyzer.report.notes import identity_notes, pin_notes
    from analyzer.report.text import unresolved_line

    notes = [
        *_size_notes(generated.policy, texts, paths, shape),
        *(f"{one}, so it is not added" for one in generated.denied),
    ]
    return [
        *(f"note: {note}" for note in notes),
        *pin_notes(generated.analysis.requirements),
        *identity_notes(generated.analysis.needs),
        *map(unresolved_line, generated.analysis.unresolved),
        _proof(generated),
    ]


def _proof(generated: pipeline.Generated) -> str:
    """Return what the proof that every generated policy passes has shown."""
    number = generated.allowed
    needed = f"{number} permission{'' if number == 1 else 's'} needed and allowed"
    return f"proved: {needed}, nothing else {'added' if generated.extends else 'granted'}"


def _size_notes(policy: Policy, texts: list[str], paths: list[str], shape: Shape) -> list[str]:
    """Return what whoever attaches the policy has to know of its size."""
    from analyzer.generate import INLINE_LIMIT, MANAGED_LIMIT, size, size_of

    if len(texts) > 1:
        files = "documents" if paths[0] == _STANDARD_OUTPUT else f"files ({', '.join(paths)})"
        return [
            f"the policy has {size(policy):,} characters, IAM takes {INLINE_LIMIT:,} of inline policies in a role and "
            f"{MANAGED_LIMIT:,} in a managed policy: attach these {len(texts)} {files} as managed policies"
        ]
    if shape is not Shape.ROLE and not policy.statements and '"Statement": []' in texts[0]:
        return ["the program needs no permissions: attach no policy, IAM refuses one without statements"]
    characters = size(policy) if shape is Shape.ROLE else size_of(texts[0])
    if characters > INLINE_LIMIT:
        return [f"the policy has {characters:,} characters, IAM takes {INLINE_LIMIT:,} of inline policies in a role"]
    return []


def difference(old: str, new: str, old_name: str, new_name: str) -> str:
    """Return how two texts differ, as a unified diff."""
    from difflib import unified_diff

    lines = unified_diff(_lines(old), _lines(new), old_name, new_name)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> list[str]:
    # Only these end a line for whoever reads the difference.
    lines = text.split("\n")
    return [*(f"{line}\n" for line in lines[:-1]), *filter(None, lines[-1:])]
