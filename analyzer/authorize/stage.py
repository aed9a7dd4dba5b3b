"""The stage: API calls → the IAM permissions they need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from analyzer import events
from analyzer.authorize.guards import Outcome, judge
from analyzer.authorize.identity import named_identity
from analyzer.authorize.known import Kind, known
from analyzer.authorize.requests import as_sent
from analyzer.authorize.resources import resources
from analyzer.authorize.texts import Texts
from analyzer.catalog import Action, data_date, find_action
from analyzer.model.calls import ApiCall, Unresolved, UnresolvedReason
from analyzer.model.deployment import Deployment
from analyzer.model.requirements import (
    AnyResource,
    Arns,
    Condition,
    Reason,
    Requirement,
    RuleReference,
    Scope,
)
from analyzer.rules import ActionEntry, service_rules
from analyzer.sdk import load_service


@dataclass(frozen=True, slots=True)
class Authorization:
    """What calls need.

    `by_call` holds each call, in the order given, with its requirements: one for each action and its conditions.
    `requirements` are those of the calls that the role itself makes, merged over all of them and split by resource, so
    that each has one pattern and all the reasons for it; sorted. `unresolved` are the calls, or possible permissions of
    a call, that no rule could settle.
    """

    requirements: tuple[Requirement, ...]
    by_call: tuple[tuple[ApiCall, tuple[Requirement, ...]], ...]
    unresolved: tuple[Unresolved, ...]


# Action, resource, conditions, and those of them that are optional.
_Key = tuple[str, str, tuple[Condition, ...], tuple[Condition, ...]]


class _Need(NamedTuple):
    """What one call needs by one action: `patterns` with what would make each narrower, or `any_resource`."""

    action: str
    conditions: tuple[Condition, ...]
    reason: Reason
    patterns: Mapping[str, frozenset[str]]
    any_resource: AnyResource | None
    optional: tuple[Condition, ...]

    def requirement(self) -> Requirement:
        scope = self.any_resource or Arns(
            tuple(sorted(self.patterns)), tuple(sorted(frozenset[str]().union(*self.patterns.values())))
        )
        return Requirement(self.action, scope, self.conditions, (self.reason,), self.optional)


def authorize(calls: Iterable[ApiCall], deployment: Deployment, *, narrow: bool = False) -> Authorization:
    """Return the permissions that `calls` need of a role that is used where `deployment` says.

    `narrow` adds the IAM conditions that the calls are sure to meet (`analyzer.authorize.narrowing`), as optional ones.
    Raises RuleError if a rule file is wrong.
    """
    unresolved: list[Unresolved] = []
    of_others: list[Unresolved] = []
    needs = []
    for found in events.steps("calls", tuple(calls)):
        call = replace(found, identity=named_identity(found, deployment))
        needs.append((call, _needs(call, deployment, narrow, unresolved if call.identity is None else of_others)))
    return Authorization(
        _merged(need for call, of_call in needs if call.identity is None for need in of_call),
        tuple((call, tuple(need.requirement() for need in of_call)) for call, of_call in needs),
        tuple(sorted(set(unresolved), key=lambda one: (one.location, one.reason, one.detail))),
    )


def _needs(call: ApiCall, deployment: Deployment, narrow: bool, unresolved: list[Unresolved]) -> list[_Need]:
    rules = service_rules(call.service)
    texts = Texts(call, deployment)
    sent = as_sent(call)
    found: dict[tuple[str, tuple[Condition, ...], bool], _Need] = {}
    for entry, rule in _entries(sent, unresolved):
        action = find_action(entry.action)
        if action is None:
            continue
        named = resources(sent, entry, action, rules, texts)
        any_resource = named if isinstance(named, AnyResource) else None
        patterns = {} if isinstance(named, AnyResource) else _patterns(named, texts)
        met = _sure_conditions(sent, action, texts) if narrow else ()
        optional = tuple(condition for condition in met if condition not in entry.conditions)
        conditions = tuple(sorted({*entry.conditions, *optional}))
        key = action.name, conditions, any_resource is None
        if key in found:
            patterns = {**found[key].patterns, **patterns}
        found[key] = _Need(action.name, conditions, Reason(call, rule), patterns, any_resource, optional)
    return [found[key] for key in sorted(found)]


def _sure_conditions(call: ApiCall, action: Action, texts: Texts) -> tuple[Condition, ...]:
    # Asked for by some commands only, and slow to import.
    from analyzer.authorize.narrowing import narrowing

    return narrowing(call, action, texts)


def _entries(call: ApiCall, unresolved: list[Unresolved]) -> Iterator[tuple[ActionEntry, RuleReference]]:
    found = known(call.service, call.operation)
    if found.kind is Kind.UNKNOWN:
        detail = (
            f"no IAM action is known for {call.service}.{call.operation} (catalogue of {data_date()}); "
            '"lpa catalog update" fetches newer data'
        )
        unresolved.append(Unresolved(UnresolvedReason.UNKNOWN_ACTION, call.location, detail))
        return
    assert found.rule is not None, "what is known is known from somewhere"
    service = load_service(call.service)
    operation = service.operations.get(call.operation) if service else None
    required = operation.required if operation else ()
    held = False
    hidden: dict[str, tuple[str, ...]] = {}
    for entry in found.entries:
        outcome, unseen = judge(entry.guards, call.parameters, required)
        if outcome is Outcome.HOLDS:
            held = True
            yield entry, found.rule
        elif outcome is Outcome.UNSEEN:
            hidden[entry.action] = (*hidden.get(entry.action, ()), *unseen)
    if hidden:
        paths = dict.fromkeys(path for unseen in hidden.values() for path in unseen)
        detail = (
            f"{call.service}.{call.operation} may also need {', '.join(hidden)}, "
            f"depending on parameters that cannot be seen: {', '.join(paths)}"
        )
        unresolved.append(Unresolved(UnresolvedReason.UNKNOWN_PARAMETERS, call.location, detail))
    elif found.entries and not held:
        detail = f"no rule says what {call.service}.{call.operation} needs with these parameters"
        unresolved.append(Unresolved(UnresolvedReason.UNKNOWN_PARAMETERS, call.location, detail))


def _patterns(arns: Iterable[str], texts: Texts) -> dict[str, frozenset[str]]:
    patterns: dict[str, frozenset[str]] = {}
    for arn in arns:
        pattern, notes = texts.pattern(arn)
        patterns[pattern] = patterns.get(pattern, frozenset()) | notes
    return patterns


def _merged(needs: Iterable[_Need]) -> tuple[Requirement, ...]:
    scopes: dict[_Key, Scope] = {}
    reasons: dict[_Key, dict[Reason, None]] = {}
    for need in needs:
        of_need: dict[str, Scope] = {
            pattern: Arns((pattern,), tuple(sorted(notes))) for pattern, notes in need.patterns.items()
        }
        if need.any_resource is not None:
            of_need["*"] = need.any_resource
        for pattern, scope in of_need.items():
            key = (need.action, pattern, need.conditions, need.optional)
            scopes[key] = _joined(scopes[key], scope) if key in scopes else scope
            reasons.setdefault(key, {}).setdefault(need.reason)
    return tuple(
        Requirement(key[0], scopes[key], key[2], tuple(sorted(of_key, key=_order)), key[3])
        for key, of_key in sorted(reasons.items(), key=lambda item: item[0])
    )


def _order(reason: Reason) -> tuple[object, ...]:
    call = reason.call
    place = () if call is None else (call.location, call.call_chain, call.service, call.operation)
    return *place, reason.rule.file, reason.rule.key


def _joined(first: Scope, second: Scope) -> Scope:
    if isinstance(first, AnyResource) or isinstance(second, AnyResource):
        return first
    return Arns(first.patterns, tuple(sorted({*first.unpinned, *second.unpinned})))
