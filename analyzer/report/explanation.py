"""Why an action is needed, and why a request was denied, as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from analyzer.compare.denied import Explanation
from analyzer.iam.evaluate import Allowed, Denied, Unknown, name_of
from analyzer.model.policy import Policy
from analyzer.model.requirements import Requirement
from analyzer.report.sites import resource_patterns

_PLACES: Final = {
    "identity-based": "the role's policies",
    "permissions boundary": "the role's permissions boundary",
    "session": "the policy of the session, which whoever assumes the role passes",
    "service control": "a service control policy of the organization",
    "resource control": "a resource control policy of the organization",
    "resource-based": "the policy of the resource",
    "VPC endpoint": "the policy of the VPC endpoint",
    "role trust": "the trust policy of the role that is to be assumed",
}


def need_lines(requirements: Iterable[Requirement]) -> Iterator[str]:
    """Yield each requirement with the calls and the rules that it rests on."""
    for requirement in requirements:
        for pattern in resource_patterns(requirement):
            yield f"{requirement.action} on {pattern}"
        for condition in requirement.conditions:
            yield f"    if {condition.operator} {condition.key} {', '.join(condition.values)}"
        for reason in requirement.reasons:
            call = reason.call
            if call is None:
                yield f"    needed by the platform, by {reason.rule}"
            else:
                chain = f" ({' > '.join(call.call_chain)})" if call.call_chain else ""
                yield f"    {call.location}: {call.service}.{call.operation}{chain}, by {reason.rule}"


def denial_lines(explanation: Explanation, addition: str | None, granted: Policy | None) -> Iterator[str]:
    """Yield what was denied, by what, who needs it, and what to do; `addition` is the statement to add, as JSON."""
    denial = explanation.denial
    what = denial.action or f"the operation {denial.operation}"
    yield f"{what}{f' on {denial.resource}' if denial.resource else ''} was denied{_reason(explanation)}"
    if explanation.needs:
        yield "needed by the code:"
        yield from (f"    {line}" for line in need_lines(explanation.needs))
    elif explanation.elsewhere:
        yield "no call in the source needs it on this resource; the code needs it on others:"
        yield from (f"    {line}" for line in need_lines(explanation.elsewhere))
    else:
        yield "no call in the source needs it: it may be made by a library, the platform or another program"
    yield from _verdict_lines(explanation, granted)
    if addition is not None:
        yield f"add to {_PLACES.get(denial.kind, _PLACES['identity-based'])}:"
        yield from (f"    {line}" for line in addition.splitlines())


def _reason(explanation: Explanation) -> str:
    denial = explanation.denial
    place = _PLACES.get(denial.kind, f"a {denial.kind} policy" if denial.kind else "")
    if denial.explicit:
        named = f" {denial.policy}" if denial.policy else ""
        return f" by a Deny statement in {place or 'one of the policies that apply'}{named}: no Allow helps against it"
    if denial.explicit is False:
        return f", because nothing in {place or 'any policy'} allows it"
    return ""


def _verdict_lines(explanation: Explanation, granted: Policy | None) -> Iterator[str]:
    path = granted.location.path if granted is not None and granted.location is not None else "the policy"
    match explanation.verdict:
        case Allowed(statement):
            yield f"{path} allows it, by {name_of(statement)}: what is deployed differs, or another policy denies it"
        case Denied(None, kinds):
            yield f"{path} does not allow it: nothing in its {' and '.join(kinds)} does"
        case Denied(statement, (kind, *_)) if statement is not None:
            place = f", {statement.location}" if statement.location and statement.sid else ""
            yield f"{path} denies it in its {kind}: {name_of(statement)}{place}"
        case Unknown(_, why):
            yield f"{path} may allow it: {why}"
