"""The story for a whole repository: every configured function and template against its policy."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analyzer import deployed, pipeline
from analyzer.changed import Changed
from analyzer.config.choosing import Chosen, ConfiguredFunction, ConfiguredTemplate
from analyzer.deployed import Deployed, Judged
from analyzer.errors import UsageError
from analyzer.model.findings import Finding
from analyzer.pipeline import Analysis, as_needs_of, joined

if TYPE_CHECKING:
    from analyzer.model.policy import Policy

ReadPolicy = Callable[[str, Mapping[str, str]], "Policy"]
"""Reads the policy in a file, with the files of managed policies by ARN; raises InputError."""


@dataclass(frozen=True, slots=True)
class Part:
    """What the check of one policy file or template has found; `files` are the paths of the source that it rests on.

    `whole` is False if only some of the functions of a template were looked at. `judged` is how a template's functions
    were held against their roles.
    """

    policy: str
    findings: tuple[Finding, ...]
    files: tuple[str, ...]
    whole: bool = True
    judged: Judged | None = None


def check(chosen: Chosen, read_policy: ReadPolicy, changed: Changed | None = None) -> tuple[Part, ...]:
    """Return how the policies differ from what the chosen functions need; those that share one are checked together.

    With `changed`, only what rests on these files. Raises what `pipeline.check` and `deployed.check` do, UsageError
    for a function without a policy or that no template has.
    """
    parts = [
        check_shared(policy, functions, read_policy)
        for policy, functions in chosen.sharing()
        if changed is None or _is_affected(policy, functions, changed)
    ]
    for template in templates_of(chosen):
        found = deployed.scan_for_check(template.options, template.selection, changed)
        judged = deployed.judge_scanned(found, template.options)
        files = {file for _, analysis in found.functions for file in analysis.files}
        own = {resolver.stack.document.path for resolver in deployed.all_stacks(found.stacks)}
        whole = chosen.whole and changed is None
        parts.append(Part(template.selection.templates[0], judged.findings, tuple(sorted(files | own)), whole, judged))
    return tuple(parts)


def scan(chosen: Chosen) -> tuple[tuple[tuple[ConfiguredFunction, Analysis], ...], tuple[Deployed, ...]]:
    """Return what each chosen function calls and needs, and those of each template. Raises what `check` does."""
    functions = tuple((one, pipeline.scan(one.options)) for one in chosen.functions)
    return functions, tuple(deployed.scan(one.options, one.selection, symbols=True) for one in templates_of(chosen))


def needs(chosen: Chosen, changed: Changed | None = None) -> Iterator[tuple[str, ConfiguredFunction, Analysis]]:
    """Yield each policy file with the first of the functions that have it, and what these need together.

    With `changed`, only what rests on these files. Raises what `pipeline.scan` does, UsageError for a function without
    a policy.
    """
    for policy, functions in chosen.sharing():
        if changed is not None and not _is_affected(policy, functions, changed):
            continue
        analyses = [pipeline.scan(one.options) for one in functions]
        named = zip(functions, analyses, strict=True)
        together = Analysis(
            needs=tuple(need for analysis in analyses for need in analysis.needs),
            requirements=joined(as_needs_of(one.name, analysis.requirements) for one, analysis in named),
            unresolved=tuple(dict.fromkeys(one for analysis in analyses for one in analysis.unresolved)),
            files=tuple(sorted({file for analysis in analyses for file in analysis.files})),
        )
        yield policy, functions[0], together


def check_shared(policy: str, functions: tuple[ConfiguredFunction, ...], read_policy: ReadPolicy) -> Part:
    """Return how the file `policy` differs from what the functions that have it need. Raises what `check` does."""
    managed = {arn: file for one in functions for arn, file in one.managed}
    granted = read_policy(policy, managed)
    judged = pipeline.judge_together([(one.name, one.options) for one in functions], granted)
    return Part(policy, judged.findings, tuple(sorted({file for one in judged.analyses for file in one.files})))


def _is_affected(policy: str, functions: tuple[ConfiguredFunction, ...], changed: Changed) -> bool:
    files = (policy, *(file for one in functions for _, file in one.managed))
    return changed.any_of(files) or any(
        changed.program(pipeline.files_of(one.options), one.options.sources) for one in functions
    )


def templates_of(chosen: Chosen) -> tuple[ConfiguredTemplate, ...]:
    """Return the chosen templates, of several only those that have the functions which are named, with these."""
    if chosen.whole or len(chosen.templates) < 2:
        return chosen.templates
    known = [deployed.function_ids(one.options, one.selection) for one in chosen.templates]
    names = chosen.templates[0].selection.functions
    for name in names:
        if not any(name in ids for ids in known):
            listed = ", ".join(sorted({*itertools.chain(*known), *(one.name for one in chosen.others)}))
            raise UsageError(f"--function {name}: no such function is configured", f"there are {listed}")
    return tuple(
        replace(one, selection=replace(one.selection, functions=own))
        for one, ids in zip(chosen.templates, known, strict=True)
        if (own := tuple(name for name in names if name in ids))
    )
