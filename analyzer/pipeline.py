"""The story: from source to calls, from calls to needs, and from needs to a policy or to findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analyzer.authorize import authorize
from analyzer.collect import collect
from analyzer.config import Options, Platform
from analyzer.model.calls import ApiCall, Unresolved
from analyzer.model.program import Program
from analyzer.model.requirements import Arns, Reason, Requirement
from analyzer.sources import FileSources
from analyzer.stored import interpreted

if TYPE_CHECKING:
    from analyzer.compare.denied import Explanation
    from analyzer.iam.denial import Denial
    from analyzer.model.findings import Finding
    from analyzer.model.policy import Comparison, Policy


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a program calls and needs.

    `needs` are the calls, each with what it requires; `requirements` is what the program requires altogether, with what
    its platform does; `unresolved` is what could not be judged, sorted by place. `entry` is the handler that was asked
    for; `unreachable` are calls of the same files that it does not reach, where they were asked for. `files` are the
    paths of the source that it rests on, as shown.
    """

    needs: tuple[tuple[ApiCall, tuple[Requirement, ...]], ...]
    requirements: tuple[Requirement, ...]
    unresolved: tuple[Unresolved, ...]
    entry: str | None = None
    unreachable: tuple[tuple[ApiCall, tuple[Requirement, ...]], ...] | None = None
    files: tuple[str, ...] = ()


def scan(options: Options) -> Analysis:
    """Return what the program in `options.sources` calls and needs.

    Raises InputError for a source that cannot be analysed, UsageError for a handler that it does not have.
    """
    program, sources = collect_program(options), FileSources()
    environment = dict(options.deployment.environment)
    found = interpreted(program, sources, options.handler, environment)
    needed = authorize(found.calls, options.deployment, narrow=options.conditions)
    unreachable = None
    if options.unreachable:
        reached = {_site(call) for call in found.calls}
        everywhere = interpreted(program, sources, None, environment)
        left_out = [call for call in everywhere.calls if _site(call) not in reached]
        unreachable = authorize(left_out, options.deployment, narrow=options.conditions).by_call
    platform = _needs_of(Platform.LAMBDA, options) if options.platform is Platform.LAMBDA else ()
    return Analysis(
        needs=needed.by_call,
        requirements=needed.requirements + platform,
        unresolved=tuple(sorted({*found.unresolved, *needed.unresolved}, key=_place)),
        entry=options.handler,
        unreachable=unreachable,
        files=found.files,
    )


def files_of(options: Options) -> tuple[str, ...]:
    """Return the paths of the files that the program rests on, as shown. Raises what `scan` does."""
    environment = dict(options.deployment.environment)
    return interpreted(collect_program(options), FileSources(), options.handler, environment).files


def collect_program(options: Options) -> Program:
    """Return the program in `options.sources`. Raises InputError for what is not there."""
    return collect(options.sources, options.root, None if options.excluded is None else options.excluded.holds)


@dataclass(frozen=True, slots=True)
class Generated:
    """A policy for a program, proved to allow what it needs and nothing else, and the analysis that it rests on.

    `allowed` is the number of permissions needed: actions, each on one resource. Where it `extends` a base policy,
    `policy` holds only what that lacks, and `denied` says what it denies, which no other policy could allow.
    """

    policy: Policy
    analysis: Analysis
    allowed: int
    extends: bool = False
    denied: tuple[str, ...] = ()


def generate(options: Options, *, wildcards: bool = False, base: Policy | None = None) -> Generated:
    """Return the policy that the program needs, beside `base` if there is one. Raises what `scan` does."""
    return policy_for(scan(options), wildcards=wildcards, base=base)


def policy_for(analysis: Analysis, *, wildcards: bool = False, base: Policy | None = None) -> Generated:
    """Return the policy that an analysed program needs, beside `base` if there is one."""
    from analyzer.generate import generate as generate_policy
    from analyzer.generate import lacking

    wanted, denied = (analysis.requirements, ()) if base is None else lacking(analysis.requirements, base.statements)
    policy = generate_policy(wanted, wildcards=wildcards)
    needed = sum(len(one.scope.patterns) if isinstance(one.scope, Arns) else 1 for one in analysis.requirements)
    return Generated(policy, analysis, needed - len(denied), base is not None, denied)


@dataclass(frozen=True, slots=True)
class Judged:
    """A program held against the policy that is granted to it: how they differ, and what is to be said of that."""

    analysis: Analysis
    compared: Comparison
    findings: tuple[Finding, ...]


def check(options: Options, granted: Policy) -> tuple[Finding, ...]:
    """Return how `granted` differs from what the program needs. Raises what `scan` does."""
    return judge(options, granted).findings


def judge(options: Options, granted: Policy) -> Judged:
    """Return how `granted` differs from what the program needs, with what that rests on. Raises what `scan` does.

    Conditions that the calls are sure to meet always count as known; only `options.conditions` asks for them.
    """
    analysis = scan(replace(options, conditions=True))
    return Judged(analysis, *_compared(analysis.requirements, analysis.unresolved, [options], granted))


@dataclass(frozen=True, slots=True)
class JudgedTogether:
    """Several programs held against the policy that they share; `analyses` has one for each, in their order."""

    analyses: tuple[Analysis, ...]
    compared: Comparison
    findings: tuple[Finding, ...]


def judge_together(programs: Sequence[tuple[str, Options]], granted: Policy) -> JudgedTogether:
    """Return how `granted` differs from what several programs, each with its name, need together.

    Raises what `scan` does.
    """
    analyses = [scan(replace(options, conditions=True)) for _, options in programs]
    pairs = zip(programs, analyses, strict=True)
    needed = joined(as_needs_of(name, analysis.requirements) for (name, _), analysis in pairs)
    unresolved = sorted({one for analysis in analyses for one in analysis.unresolved}, key=_place)
    compared, findings = _compared(needed, unresolved, [options for _, options in programs], granted)
    return JudgedTogether(tuple(analyses), compared, findings)


def _compared(
    needed: Sequence[Requirement], unresolved: Sequence[Unresolved], programs: Sequence[Options], granted: Policy
) -> tuple[Comparison, tuple[Finding, ...]]:
    from analyzer.checks import check as find
    from analyzer.compare import compare

    # Where nobody says what runs the program, it may still be Lambda, and its log group no grant to complain of.
    tolerated = [
        need
        for options in programs
        if options.platform is not Platform.NONE
        for need in _needs_of(Platform.LAMBDA, options)
    ]
    compared = compare(needed, granted, tolerated, conditions=any(options.conditions for options in programs))
    return compared, find(compared, unresolved, granted)


def as_needs_of(name: str, requirements: Iterable[Requirement]) -> tuple[Requirement, ...]:
    """Return what the function `name` needs, with its name before the calls that lead there: others share the code."""
    return tuple(
        replace(requirement, reasons=tuple(_through(name, reason) for reason in requirement.reasons))
        for requirement in requirements
    )


def _through(name: str, reason: Reason) -> Reason:
    if reason.call is None:
        return reason
    return replace(reason, call=replace(reason.call, call_chain=(name, *reason.call.call_chain)))


def joined(parts: Iterable[Sequence[Requirement]]) -> tuple[Requirement, ...]:
    """Return the requirements of several functions, each once with all its reasons."""
    found: dict[Requirement, dict[Reason, None]] = {}
    for part in parts:
        for requirement in part:
            found.setdefault(replace(requirement, reasons=()), {}).update(dict.fromkeys(requirement.reasons))
    return tuple(replace(requirement, reasons=tuple(reasons)) for requirement, reasons in found.items())


def explain(options: Options, action: str) -> tuple[tuple[Requirement, ...], Analysis]:
    """Return what the program needs of the actions that the pattern `action` matches, and the analysis it rests on.

    Raises what `scan` does.
    """
    from analyzer.iam.evaluate import action_matches

    analysis = scan(options)
    return tuple(one for one in analysis.requirements if action_matches(action, one.action)), analysis


def explain_denial(
    options: Options, denial: Denial, granted: Policy | None
) -> tuple[Explanation, Policy | None, Analysis]:
    """Return why a request was denied, and the statement that the role's policies lack, if that is why.

    Raises what `scan` does.
    """
    from analyzer.compare.denied import explain_denial as explain_it
    from analyzer.compare.denied import lacks_a_statement
    from analyzer.generate import generate as generate_policy

    analysis = scan(options)
    explanation = explain_it(denial, analysis.requirements, granted)
    addition = generate_policy(explanation.needs) if lacks_a_statement(explanation) else None
    return explanation, addition, analysis


def _needs_of(platform: Platform, options: Options) -> tuple[Requirement, ...]:
    from analyzer.platform import requirements_without_template

    return requirements_without_template(platform.value, options.deployment, options.function_name)


def _site(call: ApiCall) -> tuple[object, ...]:
    return (call.location, call.service, call.operation, call.via)


def _place(unresolved: Unresolved) -> tuple[object, ...]:
    return (unresolved.location, unresolved.reason, unresolved.detail, unresolved.candidates)
