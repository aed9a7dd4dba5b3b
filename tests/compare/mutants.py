"""Each policy of a sample application with one thing changed, and what `lpa check` has to say of that."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from analyzer.catalog import actions_of, expand
from analyzer.catalog.effect import takes

expanded = cache(expand)

APPS = Path(__file__).resolve().parents[2] / "fixtures" / "apps"
FOREIGN_SERVICE = "iam:CreateUser"

Document = dict[str, Any]


class Said(NamedTuple):
    """What a finding says: the check, the action that it is about, and where it is about a grant, the line of that."""

    check: str
    action: str
    line: int = 0


class Need(NamedTuple):
    """A line of needs.txt."""

    action: str
    resource: str


class Mutant(NamedTuple):
    """A changed policy.

    `expected` are the findings that are due, `possible` others that a part of a need may lead to. `resources` are those
    that are missing, `named` is what each finding about a grant mentions.
    """

    app: str
    kind: str
    what: str
    text: str
    expected: frozenset[Said]
    resources: frozenset[str] = frozenset()
    named: tuple[str, ...] = ()
    possible: frozenset[Said] = frozenset()


def apps() -> list[str]:
    return sorted(folder.name for folder in APPS.iterdir() if (folder / "options").exists())


def options(app: str) -> list[str]:
    return (APPS / app / "options").read_text(encoding="utf-8").split()


def granted(app: str) -> Document:
    document: Document = json.loads((APPS / app / "role.json").read_text(encoding="utf-8"))
    return document


def hand_written_needs(app: str) -> list[str]:
    """Return what the application needs, `action on resource [under operator key value ...]`, as worked out by hand."""
    lines = (APPS / app / "needs.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def grants(document: Document) -> list[str]:
    """Return what a policy document grants, in the form of needs.txt."""
    found = []
    for statement in document["Statement"]:
        tests = [
            f"{operator} {key} {' '.join([values] if isinstance(values, str) else values)}"
            for operator, tested in statement.get("Condition", {}).items()
            for key, values in tested.items()
        ]
        under = f" under {' and '.join(tests)}" if tests else ""
        found += [
            f"{action} on {resource}{under}" for action in statement["Action"] for resource in statement["Resource"]
        ]
    return found


def mutants(app: str) -> Iterator[Mutant]:
    """Yield all mutants of the policy of `app`."""
    base = _Base(app)
    for position in range(len(base.document["Statement"])):
        for make in (
            _fewer_actions,
            _fewer_resources,
            _other_resources,
            _narrower_resources,
            _pinned_resources,
            _foreign_actions,
            _wider_resources,
            _wider_actions,
            _conditions,
            _denials,
        ):
            yield from make(base, position)
    yield from _managed_policies(base)
    yield from _boundaries(base)


class _Base:
    def __init__(self, app: str) -> None:
        self.app = app
        self.document = granted(app)
        needs = (line.split(" under ")[0].split(" on ") for line in hand_written_needs(app))
        self.needs = [Need(action, resource) for action, resource in needs]
        self.used = {need.action for need in self.needs}

    def statement(self, position: int) -> Document:
        statement: Document = self.document["Statement"][position]
        return statement

    def mutant(
        self,
        kind: str,
        what: str,
        position: int,
        changed: Document | None,
        expect: Callable[[str], set[Said]] | set[Said],
        more: tuple[Document, ...] = (),
        resources: frozenset[str] = frozenset(),
        named: tuple[str, ...] = (),
        possible: frozenset[Said] = frozenset(),
    ) -> Mutant:
        document = copy.deepcopy(self.document)
        document["Statement"][position : position + 1] = [] if changed is None else [changed]
        document["Statement"] += more
        text = json.dumps(document, indent=2)
        expected = expect(text) if callable(expect) else expect
        return Mutant(self.app, kind, what, text, frozenset(expected), resources, named, possible)


def _without(values: list[str], value: str) -> list[str]:
    return [other for other in values if other != value]


def _with(statement: Document, **changed: object) -> Document:
    return {**statement, **changed}


def line_of(text: str, position: int, action: str) -> int:
    """Return the line of `action` in the statement at `position`."""
    lines = text.splitlines()
    start = [number for number, line in enumerate(lines) if '"Effect":' in line][position]
    return next(number for number, line in enumerate(lines[start:], start + 1) if line.strip(" ,") == f'"{action}"')


def _of_grants(check: str, position: int, actions: list[str]) -> Callable[[str], set[Said]]:
    return lambda text: {Said(check, action, line_of(text, position, action)) for action in actions}


def _fewer_actions(base: _Base, position: int) -> Iterator[Mutant]:
    statement = base.statement(position)
    for action in statement["Action"]:
        rest = _without(statement["Action"], action)
        changed = _with(statement, Action=rest) if rest else None
        expected = {Said("missing-permission", action)}
        resources = frozenset(statement["Resource"])
        yield base.mutant("action deleted", action, position, changed, expected, resources=resources)


def _fewer_resources(base: _Base, position: int) -> Iterator[Mutant]:
    statement = base.statement(position)
    if len(statement["Resource"]) == 1:
        return
    for resource in statement["Resource"]:
        changed = _with(statement, Resource=_without(statement["Resource"], resource))
        expected = {Said("missing-permission", action) for action in statement["Action"]}
        yield base.mutant("resource deleted", resource, position, changed, expected, resources=frozenset([resource]))


def _other_resources(base: _Base, position: int) -> Iterator[Mutant]:
    """Name another resource in place of one: what needs the one lacks it, and nothing needs the other."""
    statement = base.statement(position)
    for resource in statement["Resource"]:
        other = "arn:aws:s3:::some-other-bucket/key" if resource == "*" else _renamed(resource)
        others = [other if one == resource else one for one in statement["Resource"]]
        check = "unused-permission" if len(others) == 1 else "broad-permission"
        missing = {Said("missing-permission", action) for action in statement["Action"]}
        # Where the platform writes its logs to, is not for the program to say.
        surplus = _of_grants(check, position, [one for one in statement["Action"] if not one.startswith("logs:")])
        yield base.mutant(
            "resource replaced",
            f"{resource} -> {other}",
            position,
            _with(statement, Resource=others),
            lambda text, missing=missing, surplus=surplus: missing | surplus(text),  # type: ignore[misc]
            resources=frozenset([resource]),
        )


def _renamed(resource: str) -> str:
    """Return the same kind of resource with a name that begins otherwise."""
    *front, rest = resource.split(":", 5)
    if front[2] == "s3":
        return ":".join([*front, f"other-{rest}"])
    if rest.startswith("log-group:"):
        return ":".join([*front, rest.replace("log-group:/aws", "log-group:/other")])
    kind, separator, name = rest.partition("/") if "/" in rest else rest.rpartition(":")
    return ":".join([*front, f"{kind}{separator}other-{name}"])


def _narrower_resources(base: _Base, position: int) -> Iterator[Mutant]:
    """Name a part of what a pattern matches: whether the rest is used cannot be seen, but what is known is missing."""
    statement = base.statement(position)
    for resource in statement["Resource"]:
        front, star, end = resource.rpartition("*")
        if not star or not front or front.endswith(":") or re.search(r":\*(:|$)", resource):
            continue
        narrower = f"{front}begin-*{end}"
        others = [narrower if one == resource else one for one in statement["Resource"]]
        expected = {Said("undecided-permission", action) for action in statement["Action"]}
        possible = frozenset(Said("missing-permission", action) for action in statement["Action"])
        changed = _with(statement, Resource=others)
        yield base.mutant("resource narrowed", narrower, position, changed, expected, possible=possible)


def _pinned_resources(base: _Base, position: int) -> Iterator[Mutant]:
    """Say a region, an account or an ending that the source leaves open: nothing is missing then."""
    statement = base.statement(position)
    pins = {
        "region": lambda arn: re.sub(r"^(arn:aws:\w+):\*:", r"\1:eu-west-1:", arn),
        "account": lambda arn: re.sub(r"^(arn:aws:\w+:[^:]*):\*:", r"\1:123456789012:", arn),
        "ending": lambda arn: arn.replace("??????", "AbCdEf"),
    }
    for what, pin in pins.items():
        pinned = [pin(resource) for resource in statement["Resource"]]
        if pinned != statement["Resource"]:
            yield base.mutant("deployment pinned", what, position, _with(statement, Resource=pinned), set())


def _foreign_actions(base: _Base, position: int) -> Iterator[Mutant]:
    statement = base.statement(position)
    service = statement["Action"][0].partition(":")[0]
    own = [action.name for action in actions_of(service) if action.name not in base.used]
    for action in (own[0], own[-1], FOREIGN_SERVICE):
        if any(fnmatchcase(need.action, action) for need in base.needs):
            continue
        changed = _with(statement, Action=sorted([*statement["Action"], action]))
        expected = _of_grants("unused-permission", position, [action])
        yield base.mutant("foreign action", action, position, changed, expected)


def _wider_resources(base: _Base, position: int) -> Iterator[Mutant]:
    statement = base.statement(position)
    for resource in statement["Resource"]:
        for wide in _widenings(resource):
            broad = [
                action
                for action in statement["Action"]
                if not any(need.action == action and fnmatchcase(wide, need.resource) for need in base.needs)
            ]
            changed = _with(statement, Resource=[wide if one == resource else one for one in statement["Resource"]])
            expected = _of_grants("broad-permission", position, broad)
            yield base.mutant(
                "resource widened", f"{resource} -> {wide}", position, changed, expected, named=(wide, resource)
            )


def _widenings(resource: str) -> list[str]:
    if resource == "*":
        return []
    arn, partition, service, region, account, rest = resource.split(":", 5)
    ways = [
        "*",
        f"arn:aws:{service}:*",
        (arn, partition, service, region, account, "*"),
        (arn, partition, service, region, account, re.sub(r"[^/:]*[/:]?$", "*", rest)),
        (arn, partition, service, region, account, re.sub(r"[^/]+$", "*", rest)),
        (arn, partition, service, region, account, re.sub(r"[/:].*$", r"/*", rest)),
        (arn, partition, service, region, account, f"{rest}*"),
        (arn, partition, service, region, account, rest if rest.endswith("*") else f"{rest[:-1]}?"),
        (arn, partition, service, region and "*", account, rest),
        (arn, partition, service, region, account and "*", rest),
        (arn, partition, service, region and "*", account and "*", rest),
        (arn, "*", service, region, account, rest),
    ]
    written = [way if isinstance(way, str) else ":".join(way) for way in ways]
    # What ends in `*` stays the same with another one.
    wider = dict.fromkeys(re.sub(r"\*+$", "*", way) for way in written)
    return [way for way in wider if way != resource and fnmatchcase(resource, way)]


def _wider_actions(base: _Base, position: int) -> Iterator[Mutant]:
    statement = base.statement(position)
    for action in statement["Action"]:
        service, _, name = action.partition(":")
        verb = re.match(r"[A-Z][a-z]*", name)
        assert verb
        patterns = {f"{service}:*", f"{service}:{verb[0]}*", f"{action}*", f"{action[:-1]}?"}
        if action == statement["Action"][0]:
            patterns.add("*")
        for pattern in sorted(patterns):
            more = any(
                takes(other, resource) and not _is_needed(base, other, resource)
                for other, resource in product(expanded(pattern), statement["Resource"])
            )
            changed = _with(statement, Action=sorted([*_without(statement["Action"], action), pattern]))
            expected = _of_grants("broad-permission", position, [pattern]) if more else set()
            yield base.mutant("action widened", f"{action} -> {pattern}", position, changed, expected, named=(action,))


def _is_needed(base: _Base, action: str, granted_resource: str) -> bool:
    return any(need.action == action and fnmatchcase(granted_resource, need.resource) for need in base.needs)


def _conditions(base: _Base, position: int) -> Iterator[Mutant]:
    statement = base.statement(position)
    unseen = {**statement.get("Condition", {}), "Bool": {"aws:MultiFactorAuthPresent": "true"}}
    changed = _with(statement, Condition=unseen)
    undecided = {Said("undecided-permission", action) for action in statement["Action"]}
    yield base.mutant("condition added", statement["Sid"], position, changed, undecided)
    for operator, tested in statement.get("Condition", {}).items():
        for key, values in tested.items():
            listed = [values] if isinstance(values, str) else values
            broad = _of_grants("broad-permission", position, statement["Action"])
            rest = {
                one: kept
                for one, tests in statement["Condition"].items()
                if (kept := {name: those for name, those in tests.items() if (one, name) != (operator, key)})
            }
            changed = _with(statement, Condition=rest)
            if not rest:
                del changed["Condition"]
            yield base.mutant("condition dropped", key, position, changed, broad, named=(f"without {key}", *listed))
            for value in ("other.amazonaws.com", "*"):
                wider = "StringLike".join(re.split("String(?:Like|Equals)", operator)) if value == "*" else operator
                loose = {**rest, wider: {**rest.get(wider, {}), key: [*listed, value]}}
                changed = _with(statement, Condition=loose)
                yield base.mutant(
                    "condition loosened", f"{key} {value}", position, changed, broad, named=(key, *listed)
                )
            if not operator.startswith("For"):
                other = {**rest, operator: {**rest.get(operator, {}), key: ["other.amazonaws.com"]}}
                missing = {Said("missing-permission", action) for action in statement["Action"]}
                unused = _of_grants("unused-permission", position, statement["Action"])
                yield base.mutant(
                    "condition replaced",
                    key,
                    position,
                    _with(statement, Condition=other),
                    lambda text, missing=missing, unused=unused: missing | unused(text),  # type: ignore[misc]
                )


def _denials(base: _Base, position: int) -> Iterator[Mutant]:
    statement = base.statement(position)
    resources = frozenset(statement["Resource"])
    denied = {Said("missing-permission", action) for action in statement["Action"]}
    changed = _with(statement, Effect="Deny")
    yield base.mutant("turned into Deny", statement["Sid"], position, changed, denied, resources=resources)
    for action, resource in product(statement["Action"], statement["Resource"]):
        denial = {"Effect": "Deny", "Action": [action], "Resource": [resource]}
        yield base.mutant(
            "denied besides",
            f"{action} {resource}",
            position,
            statement,
            {Said("missing-permission", action)},
            (denial,),
            # Whatever statement allows it.
            frozenset(
                need.resource for need in base.needs if need.action == action and fnmatchcase(need.resource, resource)
            ),
        )


def _managed_policies(base: _Base) -> Iterator[Mutant]:
    attached = {
        "service-role/AWSLambdaBasicExecutionRole": set(),
        "AmazonEC2FullAccess": {Said("broad-managed-policy", "AmazonEC2FullAccess")},
        "ReadOnlyAccess": {Said("broad-managed-policy", "ReadOnlyAccess")},
        "NoSuchPolicy": {Said("undecided-permission", "NoSuchPolicy")},
    }
    for name, expected in attached.items():
        role = {
            "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": base.document}],
            "AttachedManagedPolicies": [{"PolicyArn": f"arn:aws:iam::aws:policy/{name}"}],
        }
        kind = "managed policy attached"
        yield Mutant(base.app, kind, name, json.dumps(role, indent=2), frozenset(expected))


def _boundaries(base: _Base) -> Iterator[Mutant]:
    """Limit the role to all services that it uses but one, by a policy in the same file that its own policy is in."""
    services = sorted({need.action.partition(":")[0] for need in base.needs})
    for absent in services:
        others = [f"{service}:*" for service in _without(services, absent)]
        limit = {"Statement": [{"Effect": "Allow", "Action": others, "Resource": "*"}]}
        documents = {"boundary": limit, "own": base.document}
        details = {
            "RoleDetailList": [
                {
                    "RoleName": base.app,
                    "AttachedManagedPolicies": [{"PolicyArn": _policy_arn("own")}],
                    "PermissionsBoundary": {"PermissionsBoundaryArn": _policy_arn("boundary")},
                }
            ],
            "Policies": [
                {
                    "Arn": _policy_arn(name),
                    "PolicyVersionList": [{"IsDefaultVersion": True, "Document": document}],
                }
                for name, document in documents.items()
            ],
        }
        missing = [need for need in base.needs if need.action.startswith(f"{absent}:")]
        expected = frozenset(Said("missing-permission", need.action) for need in missing)
        resources = frozenset(need.resource for need in missing)
        yield Mutant(base.app, "limited by a boundary", absent, json.dumps(details, indent=2), expected, resources)


def _policy_arn(name: str) -> str:
    return f"arn:aws:iam::123456789012:policy/{name}"
