"""The story: from source to calls, from calls to needs, and from needs to a policy or to findings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analyzer.authorize import authorize
from analyzer.collect import collect
from analyzer.config import Options, Platform
from analyzer.model.calls import ApiCall, Unresolved
from analyzer.model.requirements import Arns, Requirement
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
    for; `unreachable` are calls of the same files that it does not reach, where they were asked for.
    """

    needs: tuple[tuple[ApiCall, tuple[Requirement, ...]], ...]
    requirements: tuple[Requirement, ...]
    unresolved: tuple[Unresolved, ...]
    entry: str | None = None
    unreachable: tuple[tuple[ApiCall, tuple[Requirement, ...]], ...] | None = None


def scan(options: Options) -> Analysis:
    """Return what the program in `options.sources` calls and needs.

    Raises InputError for a source that cannot be analysed, UsageError for a handler that it does not have.
    """
    program, sources = collect(options.sources, options.root), FileSources()
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
    )


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
    from analyzer.checks import check as find
    from analyzer.compare import compare

    analysis = scan(replace(options, conditions=True))
    # Where nobody says what runs the program, it may still be Lambda, and its log group no grant to complain of.
    tolerated = () if options.platform is Platform.NONE else _needs_of(Platform.LAMBDA, options)
    compared = compare(analysis.requirements, granted, tolerated, conditions=options.conditions)
    return Judged(analysis, compared, find(compared, analysis.unresolved, granted))


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
