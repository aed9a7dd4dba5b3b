"""The access of functions: what each needs, what its role grants and how these differ, a record for each function."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from analyzer import deployed, pipeline
from analyzer.checks import check as find
from analyzer.checks.ignores import without_ignored
from analyzer.compare.needs import judge_needs
from analyzer.config import Options, Selection
from analyzer.deployed import RoleComparison, shared_with_others
from analyzer.model.findings import Finding
from analyzer.model.location import Location
from analyzer.model.policy import Comparison, Policy
from analyzer.model.requirements import Requirement
from analyzer.model.workload import Workload
from analyzer.pipeline import Analysis, as_needs_of


@dataclass(frozen=True, slots=True)
class FunctionAccess:
    """A function, or a program, and its access.

    `comparison` holds what `analysis` needs against `granted`. Where the role has several users, its needs are those of
    this function and its grants are judged by what all of them need; `shared_with` are the others. `location` is where
    a template has the function, None where no template does.
    """

    name: str
    location: Location | None
    analysis: Analysis
    granted: Policy
    comparison: Comparison
    findings: tuple[Finding, ...]
    kind: str = "program"
    role: str | None = None
    shared_with: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Access:
    """Functions with their access, and what is to be said besides: of templates, and of who invokes the functions."""

    functions: tuple[FunctionAccess, ...]
    findings: tuple[Finding, ...] = ()


def of_source(options: Options, granted: Policy, name: str | None = None) -> Access:
    """Return the access of the program in `options.sources`, to which `granted` is granted.

    It is called `name`, or else by its function's name, its handler or its files. Raises what `pipeline.scan` does.
    """
    judged = pipeline.judge(options, granted)
    called = name or options.function_name or options.handler or ", ".join(options.sources)
    function = FunctionAccess(called, None, judged.analysis, granted, judged.compared, judged.findings)
    return merged((Access((function,)),), options.root)


def of_sources(programs: Sequence[tuple[str, Options]], granted: Policy) -> Access:
    """Return the access of several programs, each with its name, to which `granted` is granted together.

    Raises what `pipeline.scan` does.
    """
    judged = pipeline.judge_together(programs, granted)
    functions = []
    for (name, _), analysis in zip(programs, judged.analyses, strict=True):
        comparison = _of_one(judged.compared, as_needs_of(name, analysis.requirements), granted)
        findings = find(comparison, analysis.unresolved, granted)
        shared = tuple(sorted({other for other, _ in programs} - {name}))
        functions.append(FunctionAccess(name, None, analysis, granted, comparison, findings, shared_with=shared))
    return Access(tuple(functions))


def of_templates(options: Options, selection: Selection, granted: Policy | None = None) -> Access:
    """Return the access of the selected functions by their roles in the templates, or by `granted` if that is given.

    Raises what `deployed.scan` does.
    """
    if granted is None:
        judged = deployed.judge(options, selection)
    else:
        judged = deployed.judge_policy(options, selection, granted)
    wanted = set(selection.functions)
    functions = [
        _function(role, workload, analysis)
        for role in judged.roles
        for workload, analysis in role.functions
        if not wanted or workload.id in wanted
    ]
    functions.sort(key=lambda one: (one.location, one.name))
    told = {(finding.check, finding.location) for one in functions for finding in one.findings}
    others = tuple(one for one in judged.findings if (one.check, one.location) not in told)
    return merged((Access(tuple(functions), others),), options.root)


def merged(parts: Iterable[Access], root: str) -> Access:
    """Return all functions of `parts`, with the findings that no comment in a file below `root` ignores."""
    parts = tuple(parts)
    functions = [function for part in parts for function in part.functions]
    elsewhere = [finding for part in parts for finding in part.findings]
    everything = {finding for function in functions for finding in function.findings}.union(elsewhere)
    kept = set(without_ignored(tuple(sorted(everything, key=_order)), (), root, ()))
    return Access(
        tuple(replace(one, findings=tuple(found for found in one.findings if found in kept)) for one in functions),
        tuple(sorted(kept.intersection(elsewhere), key=_order)),
    )


def _function(role: RoleComparison, workload: Workload, analysis: Analysis) -> FunctionAccess:
    comparison = _of_one(role.compared, as_needs_of(workload.id, analysis.requirements), role.granted)
    return FunctionAccess(
        name=workload.id,
        location=workload.location,
        analysis=analysis,
        granted=role.granted,
        comparison=comparison,
        findings=find(comparison, (*analysis.unresolved, *shared_with_others(role.functions[0][0]))),
        kind=str(workload.kind),
        role=workload.grants.role,
        shared_with=tuple(sorted({other.id for other, _ in role.functions} - {workload.id})),
    )


def _of_one(together: Comparison, own: Sequence[Requirement], granted: Policy) -> Comparison:
    """Return the comparison of one function: its own needs, and the grants as all judge them that have the policy."""
    covered, missing, undecided = judge_needs(own, granted)
    of_grants = tuple(one for one in together.undecided if not isinstance(one.subject, Requirement))
    return replace(together, covered=covered, missing=missing, undecided=(*undecided, *of_grants))


def _order(finding: Finding) -> tuple[object, ...]:
    return finding.location, finding.check, finding.message
