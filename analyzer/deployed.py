"""The story for templates: from a template to its functions, what each needs, and how its role differs from that."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from analyzer import events
from analyzer.authorize import authorize
from analyzer.changed import Changed
from analyzer.collect import collect
from analyzer.config import Options, Platform, Selection
from analyzer.errors import InputError, UsageError
from analyzer.machines import machine_calls
from analyzer.model.calls import ApiCall, Interpretation, Unresolved, UnresolvedReason
from analyzer.model.location import Location
from analyzer.model.program import Program, SourceFile
from analyzer.model.requirements import Requirement
from analyzer.model.values import Value
from analyzer.model.workload import InlineCode, OtherFunction, Workload, WorkloadKind
from analyzer.pipeline import Analysis, as_needs_of, joined
from analyzer.platform import PlatformNeeds, find_invocations, key_requirements, platform_needs
from analyzer.sources import FileSources
from analyzer.stored import interpreted
from analyzer.templates import Resolver, Templates, read_workloads, role_policy

if TYPE_CHECKING:
    from analyzer.model.findings import Finding
    from analyzer.model.policy import Comparison, Policy

# Lambda puts the code that stands in a template into a file of this name.
_INLINE_FILE: Final = "index.py"


@dataclass(frozen=True, slots=True)
class Deployed:
    """The functions of templates with what each needs, and what of the templates could not be read.

    `others` are the functions that do not run Python, unless only some functions were asked for.
    """

    functions: tuple[tuple[Workload, Analysis], ...]
    problems: tuple[Unresolved, ...]
    stacks: tuple[Resolver, ...] = ()
    others: tuple[OtherFunction, ...] = ()


@dataclass(frozen=True, slots=True)
class RoleComparison:
    """A role of a template held against what the functions that it is given to need together."""

    functions: tuple[tuple[Workload, Analysis], ...]
    requirements: tuple[Requirement, ...]
    compared: Comparison
    granted: Policy


@dataclass(frozen=True, slots=True)
class Judged:
    """The functions of templates held against their roles: how they differ, what is to be said of that, and where."""

    roles: tuple[RoleComparison, ...]
    findings: tuple[Finding, ...]
    stacks: tuple[Resolver, ...] = ()


def scan(
    options: Options,
    selection: Selection,
    *,
    symbols: bool = False,
    sharing: bool = False,
    texts: Mapping[str, str] | None = None,
    changed: Changed | None = None,
) -> Deployed:
    """Return what the selected functions call and need.

    With `symbols`, what the template names and gives no text for is written as the template does (`${Orders}`), else
    it is `*` with a note. With `sharing`, the functions that share their roles count as selected too. `texts`
    are templates that have another content than their files. With `changed`, only functions count that rest on one of
    these files, and all if a template does. Raises InputError for a template that is not there or in
    which nothing can be read, UsageError for a function that no template has.
    """
    parameters = dict(selection.parameters)
    templates = read_workloads(selection.templates, options.root, options.deployment, parameters, texts)
    if not templates.stacks:
        first = templates.problems[0]
        raise InputError(f"{first.location}: {first.detail}", "name a template of CloudFormation or AWS SAM")
    problems = list(templates.problems)
    if changed is not None and not _templates_changed(changed, templates.stacks):
        selection = _affected(changed, templates, selection, options)
        if not selection.functions:
            return Deployed((), (), templates.stacks)
        problems = []
    chosen = _chosen(templates, selection, sharing=sharing)
    functions = []
    for workload in events.steps("functions", chosen):
        events.note(f"analyse {workload.id}")
        analysis = _analysed(workload, options, problems, symbols=symbols)
        if analysis is not None:
            functions.append((workload, analysis))
    others = () if selection.functions else templates.others
    return Deployed(tuple(functions), tuple(sorted(set(problems), key=_place)), templates.stacks, others)


def function_ids(options: Options, selection: Selection) -> frozenset[str]:
    """Return the ids of the functions in the templates that can be analysed."""
    templates = read_workloads(selection.templates, options.root, options.deployment, dict(selection.parameters))
    return frozenset(workload.id for workload in templates.workloads)


def _templates_changed(changed: Changed, stacks: Iterable[Resolver]) -> bool:
    documents = [resolver.stack.document for resolver in all_stacks(stacks)]
    return changed.template((document.path, document.text) for document in documents)


def _affected(changed: Changed, templates: Templates, selection: Selection, options: Options) -> Selection:
    """Return `selection` with only the functions whose code has changed."""
    names = [
        workload.id
        for workload in _chosen(templates, selection, sharing=False)
        if changed.program(_files_of(workload, options), workload.code)
    ]
    return replace(selection, functions=tuple(names))


def _files_of(workload: Workload, options: Options) -> tuple[str, ...]:
    """Return the files that the code of a function rests on, all that may be if it cannot be analysed."""
    try:
        return _interpreted(workload, options, _environment_of(workload, options)).files
    except (InputError, UsageError):
        return tuple(file.path for file in collect(workload.code, options.root).files) if workload.code else ()


def all_stacks(resolvers: Iterable[Resolver]) -> Iterator[Resolver]:
    """Yield the stacks with those nested in them."""
    for resolver in resolvers:
        yield resolver
        children = [child for name in resolver.stack.children if (child := resolver.child(name)) is not None]
        yield from all_stacks(children)


def is_in(role: RoleComparison, resolver: Resolver) -> bool:
    """Say whether the functions of `role` are in the stack of `resolver`, and not in one nested in it."""
    workload = role.functions[0][0]
    stack = resolver.stack
    return workload.location.path == stack.document.path and workload.id.rpartition("/")[0] == stack.prefix.rstrip("/")


def check(options: Options, selection: Selection) -> tuple[Finding, ...]:
    """Return how the roles of the selected functions differ from what these need. Raises what `scan` does."""
    return judge(options, selection).findings


def judge(options: Options, selection: Selection) -> Judged:
    """Return how the roles of the selected functions differ from what these need, with what that rests on.

    A role is held against all functions that it is given to. Raises what `scan` does.
    """
    return judge_scanned(scan_for_check(options, selection), options)


def scan_for_check(options: Options, selection: Selection, changed: Changed | None = None) -> Deployed:
    """Return what `judge_scanned` takes. Raises what `scan` does."""
    return scan(replace(options, conditions=True), selection, symbols=True, sharing=True, changed=changed)


def judge_scanned(deployed: Deployed, options: Options) -> Judged:
    """Return how the roles of the functions of `deployed`, from `scan_for_check`, differ from what these need."""
    from analyzer.checks import by_place
    from analyzer.checks import check as find

    findings: dict[Finding, None] = {}
    unresolved = set(deployed.problems)
    roles = compare_roles(deployed, options)
    for role in roles:
        findings.update(dict.fromkeys(find(role.compared)))
        unresolved |= {one for _, analysis in role.functions for one in analysis.unresolved}
        unresolved |= set(shared_with_others(role.functions[0][0]))
    findings.update(dict.fromkeys(find(_nothing(), sorted(unresolved, key=_place))))
    findings.update(dict.fromkeys(_who_may_invoke(deployed, options)))
    findings.update(dict.fromkeys(_of_other_functions(deployed)))
    return Judged(roles, by_place(findings), deployed.stacks)


def _of_other_functions(deployed: Deployed) -> tuple[Finding, ...]:
    from analyzer.checks.functions import check_functions

    return check_functions(deployed.others)


def _who_may_invoke(deployed: Deployed, options: Options) -> tuple[Finding, ...]:
    """Return what is to be said of who invokes the functions, and who is permitted to."""
    from analyzer.checks.invocations import check_invocations

    functions = [workload for workload, _ in deployed.functions if workload.kind is WorkloadKind.FUNCTION]
    resources = functions[0].resources if functions else ()
    ids = {workload.id for workload in functions}

    def policy_of(role: str) -> Policy | None:
        return role_policy(deployed.stacks, role)

    return check_invocations(find_invocations(resources, ids, options.deployment, policy_of))


def compare_roles(deployed: Deployed, options: Options) -> tuple[RoleComparison, ...]:
    """Return how each role of the functions of `deployed`, scanned with symbols, differs from what these need.

    That is as far as the template's author can do something about it.
    """
    from analyzer.compare import compare

    by_role: dict[tuple[str, str], list[tuple[Workload, Analysis]]] = {}
    for workload, analysis in deployed.functions:
        by_role.setdefault(_role_of(workload), []).append((workload, analysis))
    roles = []
    for sharing in by_role.values():
        workload = sharing[0][0]
        tolerated = [need for one, _ in sharing for need in _needs_of_platform(one, options).tolerated]
        needed = joined(as_needs_of(one.id, analysis.requirements) for one, analysis in sharing)
        compared = compare(needed, workload.grants.policy, tolerated, conditions=options.conditions)
        known = _as_far_as_known(compared, workload)
        roles.append(RoleComparison(tuple(sharing), needed, known, workload.grants.policy))
    return tuple(roles)


def check_policy(options: Options, selection: Selection, granted: Policy) -> tuple[Finding, ...]:
    """Return how `granted` differs from what the selected functions need together. Raises what `scan` does."""
    return judge_policy(options, selection, granted).findings


def judge_policy(options: Options, selection: Selection, granted: Policy) -> Judged:
    """Return how `granted` differs from what the selected functions need together, with what that rests on.

    It is no part of a template, so it cannot name what the template gives no text for. Raises what `scan` does.
    """
    from analyzer.checks import by_place
    from analyzer.checks import check as find
    from analyzer.compare import compare

    deployed = scan(replace(options, conditions=True), selection)
    needed = joined(as_needs_of(one.id, analysis.requirements) for one, analysis in deployed.functions)
    platforms = [_needs_of_platform(one, options, symbols=False) for one, _ in deployed.functions]
    tolerated = [need for platform in platforms for need in platform.tolerated]
    unresolved = {one for _, analysis in deployed.functions for one in analysis.unresolved} | set(deployed.problems)
    compared = compare(needed, granted, tolerated, conditions=options.conditions)
    role = RoleComparison(deployed.functions, needed, compared, granted)
    findings = by_place((*find(compared, sorted(unresolved, key=_place)), *_of_other_functions(deployed)))
    return Judged((role,), findings)


def _chosen(templates: Templates, selection: Selection, *, sharing: bool) -> list[Workload]:
    """Return the selected functions, all if none is named; if `sharing`, those as well that have their roles."""
    workloads = templates.workloads
    known = {workload.id for workload in workloads}
    runtimes = {other.id: other.runtime for other in templates.others}
    for name in selection.functions:
        if name not in known:
            why = f"no Python function of {', '.join(selection.templates)} that can be analysed"
            if name in runtimes:
                why = f"it runs {runtimes[name]}, and only Python is analysed"
            raise UsageError(f"--function {name}: {why}", f"there are {', '.join(sorted(known)) or 'none'}")
    if not selection.functions:
        return list(workloads)
    roles = {_role_of(one) for one in workloads if sharing and one.id in selection.functions}
    return [one for one in workloads if one.id in selection.functions or _role_of(one) in roles]


# One function


def _analysed(workload: Workload, options: Options, problems: list[Unresolved], *, symbols: bool) -> Analysis | None:
    environment = _environment_of(workload, options)
    deployment = replace(options.deployment, event=workload.event, symbols=symbols)
    try:
        found = _interpreted(workload, options, environment)
    except (InputError, UsageError) as error:
        why = error.message.removeprefix(f"--handler {workload.handler}: ")
        detail = f"{workload.id} cannot be analysed: {why}"
        problems.append(Unresolved(UnresolvedReason.CODE_NOT_FOUND, workload.location, detail))
        return None
    needed = authorize(found.calls, deployment, narrow=options.conditions)
    # Only symbols tell which of the template's resources a call is about.
    known = needed if symbols else authorize(found.calls, replace(deployment, symbols=True))
    keys = key_requirements(known.requirements, workload, deployment, narrow=options.conditions)
    platform = _needs_of_platform(workload, options, symbols=symbols)
    if options.platform is Platform.NONE:
        platform = PlatformNeeds((), (), ())
    return Analysis(
        needs=tuple(_with_keys(needed.by_call, keys)),
        requirements=needed.requirements + keys + platform.requirements,
        unresolved=tuple(sorted({*found.unresolved, *needed.unresolved, *platform.unresolved}, key=_place)),
        entry=workload.handler or None,
        files=found.files,
    )


def _environment_of(workload: Workload, options: Options) -> dict[str, Value]:
    return {**dict(workload.environment), **dict(options.deployment.environment)}


def _interpreted(workload: Workload, options: Options, environment: Mapping[str, Value]) -> Interpretation:
    root, left_out = options.root, None if options.excluded is None else options.excluded.holds
    if workload.machine is not None:
        of_machine = machine_calls(workload.machine, workload.resources)
        return Interpretation(of_machine.calls, of_machine.unresolved)
    event = dict(workload.event)
    if workload.inline is None:
        program, sources = collect(workload.code, root, left_out), FileSources()
        entry = os.path.realpath(os.path.join(root, workload.entry or ""))
        return interpreted(program, sources, workload.handler, environment, entry, event)
    file = _inline_file(workload, workload.inline, root)
    program = _with_file(collect(workload.code, root, left_out) if workload.code else None, file)
    sources = FileSources({file.absolute: workload.inline.text})
    found = interpreted(program, sources, workload.handler, environment, file.absolute, event)
    return _placed(found, workload.inline)


def _inline_file(workload: Workload, inline: InlineCode, root: str) -> SourceFile:
    template = inline.location.path
    return SourceFile(template, os.path.join(os.path.realpath(root), f"{template}#{workload.id}", _INLINE_FILE))


def _with_file(program: Program | None, file: SourceFile) -> Program:
    if program is None:
        return Program((file,), lambda name, level, importer: None, lambda folder, name: None)
    return replace(program, files=(*program.files, file))


def _placed(found: Interpretation, inline: InlineCode) -> Interpretation:
    """Return `found` with the places in the inline code as places of the template."""

    def moved(location: Location) -> Location:
        if location.path != inline.location.path:
            return location
        if inline.first_line is None:
            return inline.location
        down = inline.first_line - 1
        return Location(
            location.path,
            location.start_line + down,
            location.start_column + inline.indent,
            location.end_line + down,
            location.end_column + inline.indent,
        )

    calls = tuple(replace(call, location=moved(call.location)) for call in found.calls)
    unresolved = tuple(replace(one, location=moved(one.location)) for one in found.unresolved)
    return Interpretation(calls, unresolved, found.files)


def _needs_of_platform(workload: Workload, options: Options, *, symbols: bool = True) -> PlatformNeeds:
    deployment = replace(options.deployment, symbols=symbols)
    if workload.machine is not None:
        tolerated = authorize(machine_calls(workload.machine, workload.resources).tolerated, deployment)
        return PlatformNeeds((), tolerated.requirements, ())
    return platform_needs(workload, deployment, narrow=options.conditions)


def _with_keys(
    needs: Iterable[tuple[ApiCall, tuple[Requirement, ...]]], keys: Sequence[Requirement]
) -> Iterator[tuple[ApiCall, tuple[Requirement, ...]]]:
    """Yield each call with what it requires, of keys as well."""
    for call, needed in needs:
        own = [(key, tuple(reason for reason in key.reasons if reason.call == call)) for key in keys]
        yield call, (*needed, *(replace(key, reasons=reasons) for key, reasons in own if reasons))


# Roles


def _role_of(workload: Workload) -> tuple[str, str]:
    """Return what tells the role of a function from all others: templates may use the same names."""
    place = workload.grants.policy.location or workload.location
    return place.path, workload.grants.role or workload.id


def _as_far_as_known(compared: Comparison, workload: Workload) -> Comparison:
    """Return what `compared` says of the role of `workload` that the template's author can do something about.

    What others use of a role is not known, and what SAM adds by itself nobody can take away.
    """
    if workload.grants.other_users:
        return replace(compared, unused=(), too_broad=(), managed=())
    added = workload.grants.added
    return replace(
        compared,
        unused=tuple(one for one in compared.unused if one.statement.attachment not in added),
        too_broad=tuple(one for one in compared.too_broad if one.statement.attachment not in added),
        managed=tuple(one for one in compared.managed if one.reference not in added),
    )


def shared_with_others(workload: Workload) -> Iterator[Unresolved]:
    """Yield what is not known of the role of `workload` where it is not for functions alone."""
    if workload.grants.other_users:
        users = ", ".join(workload.grants.other_users)
        detail = f"the role {workload.grants.role} is used by {users} as well, so what is not needed of it is not told"
        yield Unresolved(UnresolvedReason.UNKNOWN_ROLE, workload.grants.policy.location or workload.location, detail)


def _nothing() -> Comparison:
    from analyzer.model.policy import Comparison

    return Comparison((), (), (), (), (), Location("", 1, 1, 1, 1))


def _place(unresolved: Unresolved) -> tuple[object, ...]:
    return (unresolved.location, unresolved.reason, unresolved.detail, unresolved.candidates)
