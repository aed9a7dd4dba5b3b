"""The access that functions need and have, in two states of a repository, and what changed between them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from analyzer import configured, deployed, pipeline
from analyzer.checks.fingerprint import fingerprints
from analyzer.compare.change import Change, change
from analyzer.config.choosing import Chosen, ConfiguredFunction, ConfiguredTemplate
from analyzer.configured import ReadPolicy
from analyzer.errors import InputError, UsageError
from analyzer.model.findings import Finding
from analyzer.model.location import Location
from analyzer.model.policy import Policy
from analyzer.model.requirements import Arns, Requirement

Judge = Callable[[Iterable[Finding], str], Sequence[Finding]]
"""Returns the findings that count, those of the folder that paths are relative to."""


@dataclass(frozen=True, slots=True, order=True)
class Need:
    """An action that a call needs on a resource; `location` is the first such call's, None of what Lambda needs."""

    action: str
    resource: str
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class FunctionAccess:
    """What a function needs, and what it is granted; None if its policy is not there."""

    needs: tuple[Need, ...]
    granted: Policy | None


@dataclass(frozen=True, slots=True)
class State:
    """The functions of a state of the repository by name, and the findings with the policy or template of each.

    `root` is the folder that paths are relative to, `problems` what could not be analysed.
    """

    functions: dict[str, FunctionAccess]
    findings: tuple[tuple[str, Finding], ...]
    root: str
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FunctionChange:
    """How the access of a function differs; `state` is added, removed or changed."""

    name: str
    state: str
    added: tuple[Need, ...]
    removed: tuple[Need, ...]
    grants: Change


@dataclass(frozen=True, slots=True)
class AccessChange:
    """How two states differ: the functions that do, sorted, the findings that are new, and those that are gone."""

    functions: tuple[FunctionChange, ...]
    new: tuple[tuple[str, Finding], ...]
    gone: tuple[tuple[str, Finding], ...]


def state_of(chosen: Chosen, root: str, read_policy: ReadPolicy, judge: Judge, *, lenient: bool) -> State:
    """Return what the chosen functions need and are granted, in the folder `root`, which is the working directory.

    If `lenient`, what cannot be analysed is as if it were not there, and told among the problems; otherwise raises what
    `configured.check` does.
    """
    reader = _Reader(root, read_policy, judge, lenient)
    for function in chosen.functions:
        reader.attempt(function.name, partial(reader.add_function, function))
    with_policy = tuple(one for one in chosen.functions if one.policy is not None and os.path.exists(one.policy))
    for policy, functions in replace(chosen, functions=with_policy, others=()).sharing():
        reader.attempt(policy, partial(reader.add_findings, policy, functions))
    for template in chosen.templates:
        reader.attempt(template.selection.templates[0], partial(reader.add_template, template))
    return State(reader.functions, tuple(reader.findings), root, tuple(reader.problems))


class _Reader:
    def __init__(self, root: str, read_policy: ReadPolicy, judge: Judge, lenient: bool) -> None:
        self._root = root
        self._read_policy = read_policy
        self._judge = judge
        self._lenient = lenient
        self.functions: dict[str, FunctionAccess] = {}
        self.findings: list[tuple[str, Finding]] = []
        self.problems: list[str] = []

    def attempt(self, what: str, read: Callable[[], None]) -> None:
        try:
            read()
        except (InputError, UsageError) as error:
            if not self._lenient:
                raise
            self.problems.append(f"{what}: {error.message}")

    def add_function(self, function: ConfiguredFunction) -> None:
        analysis = pipeline.scan(function.options)
        granted = None
        if function.policy is not None and os.path.exists(function.policy):
            granted = self._read_policy(function.policy, dict(function.managed))
        self.functions[function.name] = FunctionAccess(_needs(analysis.requirements), granted)

    def add_findings(self, policy: str, functions: tuple[ConfiguredFunction, ...]) -> None:
        part = configured.check_shared(policy, functions, self._read_policy)
        self._add(part.policy, part.findings)

    def add_template(self, template: ConfiguredTemplate) -> None:
        found = deployed.scan_for_check(template.options, template.selection)
        (file,) = template.selection.templates
        for workload, analysis in found.functions:
            name = f"{file}: {workload.id}"
            self.functions[name] = FunctionAccess(_needs(analysis.requirements), workload.grants.policy)
        self._add(file, deployed.judge_scanned(found, template.options).findings)

    def _add(self, policy: str, findings: Iterable[Finding]) -> None:
        self.findings += ((policy, one) for one in self._judge(findings, self._root))


def compare_states(old: State, new: State) -> AccessChange:
    """Return what differs between two states; findings are the same wherever their lines have moved to."""
    functions = [
        changed
        for name in sorted({*old.functions, *new.functions})
        if (changed := _function_change(name, old.functions.get(name), new.functions.get(name))) is not None
    ]
    before, after = _known(old), _known(new)
    return AccessChange(
        tuple(functions),
        tuple(one for key, one in after.items() if key not in before),
        tuple(one for key, one in before.items() if key not in after),
    )


def _function_change(name: str, old: FunctionAccess | None, new: FunctionAccess | None) -> FunctionChange | None:
    before, after = _by_need(old), _by_need(new)
    grants = change(_granted(old), _granted(new))
    added = tuple(need for key, need in after.items() if key not in before)
    removed = tuple(need for key, need in before.items() if key not in after)
    state = "added" if old is None else "removed" if new is None else "changed"
    if state == "changed" and not (added or removed or grants.added or grants.removed or grants.undecided):
        return None
    return FunctionChange(name, state, added, removed, grants)


def _by_need(function: FunctionAccess | None) -> dict[tuple[str, str], Need]:
    return {} if function is None else {(need.action, need.resource): need for need in function.needs}


def _granted(function: FunctionAccess | None) -> Policy:
    return Policy(()) if function is None or function.granted is None else function.granted


def _known(state: State) -> dict[tuple[str, str], tuple[str, Finding]]:
    """Return the findings by policy and fingerprint; those of one policy do not depend on those of another."""
    known = {}
    for policy in dict.fromkeys(policy for policy, _ in state.findings):
        own = [finding for about, finding in state.findings if about == policy]
        for key, finding in zip(fingerprints(own, state.root), own, strict=True):
            known[policy, key] = (policy, finding)
    return known


def _needs(requirements: Iterable[Requirement]) -> tuple[Need, ...]:
    found: dict[tuple[str, str], list[Location]] = {}
    for one in requirements:
        for resource in one.scope.patterns if isinstance(one.scope, Arns) else ("*",):
            calls = [reason.call.location for reason in one.reasons if reason.call is not None]
            found.setdefault((one.action, resource), []).extend(calls)
    return tuple(Need(*key, min(calls, default=None)) for key, calls in sorted(found.items()))
