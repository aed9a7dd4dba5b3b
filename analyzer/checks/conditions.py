"""The checks on conditions, and on the policy variables in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import Final

from analyzer.catalog import Action, actions_of, condition_keys_of, resource_type
from analyzer.checks.rule import check_rule
from analyzer.checks.statements import actions_matching, is_everything, place_of
from analyzer.checks.subject import Observation
from analyzer.iam.conditions import holds, is_operator
from analyzer.iam.context import Context
from analyzer.iam.document import CURRENT_VERSION
from analyzer.iam.inventory import Document, DocumentKind
from analyzer.iam.pattern import has_star, matches
from analyzer.model.location import Location
from analyzer.model.policy import Statement
from analyzer.model.requirements import Condition

# How the catalogue writes the part of a key that the policy chooses: `aws:RequestTag/${TagKey}`, `s3:...Tag/<key>`,
# `secretsmanager:ResourceTag/tag-key`, `aws:ResourceTag/`.
_CHOSEN: Final = re.compile(r"\$\{[^}]*\}|<[^>]*>|(?<=/)tag-key$|(?<=/)$")
# How a policy variable reads in a document of an old version, in which it stands for its own characters.
_VARIABLE: Final = re.compile(r"\$\{\$\}\{[\w-]+:[^:,}][^}]*\}")
# A value of each type that conditions compare, by how the operators are named.
_SAMPLES: Final = {
    "numeric": "1",
    "date": "2020-01-01T00:00:00Z",
    "bool": "true",
    "ipaddress": "10.0.0.1",
    "notipaddress": "10.0.0.1",
    "null": "any",
}
# https://www.rfc-editor.org/rfc/rfc1918
_PRIVATE: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
_QUANTIFIER: Final = re.compile(r"for(?:all|any)values?:", re.IGNORECASE)


def unknown_operators(statement: Statement, document: Document) -> Iterator[Observation]:
    """Say which condition operators do not exist."""
    for operator in dict.fromkeys(condition.operator for condition in statement.conditions):
        if not is_operator(operator):
            message = f"there is no condition operator {operator}"
            yield Observation(message, place_of(statement, "Condition", operator))


def unsupported_keys(statement: Statement, document: Document) -> Iterator[Observation]:
    """Say which condition keys are never in a request for the statement's actions, or for some of them."""
    if not statement.actions or any(is_everything(pattern) for pattern in statement.actions):
        return
    known = {pattern: actions_matching(pattern) for pattern in statement.actions}
    if not all(known.values()):
        return
    actions = [action for matching in known.values() for action in matching]
    for condition in statement.conditions:
        # Whoever allows something "if exists" says that the key may well be absent.
        provided_for = statement.effect == "Allow" and condition.operator.lower().endswith("ifexists")
        if provided_for or _is_any_services(condition.key) or not _is_listed(condition.key):
            continue
        place = _place(statement, condition)
        without = [action for action in actions if not _supports(action, condition.key)]
        if len(without) == len(actions):
            yield Observation(f"no action of the statement supports the condition key {condition.key}", place)
            continue
        bare = {action.name for action in without if not action.resource_types}
        named = [pattern for pattern in statement.actions if pattern in bare]
        if named and statement.effect == "Allow" and holds(condition, Context({condition.key: ()})) is False:
            message = f"{', '.join(named)} can never be allowed here: not supporting the condition key {condition.key}"
            yield Observation(message, place)


def never_matching(statement: Statement, document: Document) -> Iterator[Observation]:
    """Say which statements apply to no request whatever."""
    if not statement.actions and not statement.not_actions:
        yield Observation("a statement without actions does nothing", place_of(statement, "Action", ""))
    if not statement.resources and not statement.not_resources and document.kind is DocumentKind.IDENTITY:
        yield Observation("a statement without resources does nothing", place_of(statement, "Resource", ""))
    for condition in statement.conditions:
        if _asks_for_private_address(condition):
            message = f"no request comes from {', '.join(condition.values)}: aws:SourceIp is a public address"
            yield Observation(message, _place(statement, condition))
            return
        others = [one for one in statement.conditions if one != condition and _same_key(one, condition)]
        if others and _contradict(condition, others):
            message = f"no value of {condition.key} meets all conditions on it, so the statement never applies"
            yield Observation(message, _place(statement, condition))
            return


def invalid_values(statement: Statement, document: Document) -> Iterator[Observation]:
    """Say which values are none of the type that their condition operator compares."""
    for condition in statement.conditions:
        sample = _sample(condition.operator)
        for value in condition.values if sample is not None and is_operator(condition.operator) else ():
            test = Condition(condition.operator, condition.key, (value,))
            unknown = "${" not in value and holds(test, Context({condition.key: (str(sample),)})) is None
            if unknown and not _is_address_in_range(value):
                message = f'"{value}" is nothing that {condition.operator} can compare'
                yield Observation(message, _place(statement, condition))


def literal_wildcards(statement: Statement, document: Document) -> Iterator[Observation]:
    """Say where `*` stands in a value that is compared character by character."""
    for condition in statement.conditions:
        base = _QUANTIFIER.sub("", condition.operator).lower().removesuffix("ifexists")
        if base not in ("stringequals", "stringnotequals", "stringequalsignorecase", "stringnotequalsignorecase"):
            continue
        for value in filter(has_star, condition.values):
            message = f'{condition.operator} takes the * in "{value}" for a character'
            yield Observation(message, _place(statement, condition))


def variables_in_old_version(statement: Statement, document: Document) -> Iterator[Observation]:
    """Say where a policy variable stands in a document of a version that knows none."""
    if document.version == CURRENT_VERSION:
        return
    for element, values in (("Resource", statement.resources), ("NotResource", statement.not_resources)):
        for value in values:
            if _VARIABLE.search(value):
                yield _variable(value, place_of(statement, element, value), document)
    for condition in statement.conditions:
        for value in filter(_VARIABLE.search, condition.values):
            yield _variable(value, _place(statement, condition), document)


def _variable(value: str, place: Location, document: Document) -> Observation:
    written = value.replace("${$}{", "${")
    message = f'"{written}" has a policy variable, which is text as any other in a policy of version {document.version}'
    return Observation(message, place)


def _contradict(condition: Condition, others: Sequence[Condition]) -> bool:
    """Say whether no request meets `condition` and `others`, all on one key."""
    operator = condition.operator.lower()
    if operator == "null" and {value.lower() for value in condition.values} == {"true"}:
        return any(holds(other, Context({other.key: ()})) is False for other in others)
    if operator != "stringequals" or any("${" in value for value in condition.values):
        return False
    return bool(condition.values) and all(
        any(holds(other, Context({other.key: (value,)})) is False for other in others) for value in condition.values
    )


def _asks_for_private_address(condition: Condition) -> bool:
    """Say whether `condition` is met by private addresses only, which aws:SourceIp never is.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourceip
    """
    if condition.operator.lower() != "ipaddress" or condition.key.lower() != "aws:sourceip" or not condition.values:
        return False
    from ipaddress import IPv4Network, ip_network

    private = [IPv4Network(network) for network in _PRIVATE]
    for value in condition.values:
        try:
            network = ip_network(value, strict=False)
        except ValueError:
            return False
        if not isinstance(network, IPv4Network) or not any(network.subnet_of(one) for one in private):
            return False
    return True


def _same_key(one: Condition, other: Condition) -> bool:
    return one.key.lower() == other.key.lower()


def _sample(operator: str) -> str | None:
    base = _QUANTIFIER.sub("", operator).lower()
    return next((sample for kind, sample in _SAMPLES.items() if base.startswith(kind)), None)


def _place(statement: Statement, condition: Condition) -> Location:
    return place_of(statement, "Condition", f"{condition.operator} {condition.key}")


def _is_any_services(key: str) -> bool:
    """Say whether requests for any action may have the key.

    They are AWS's global ones, claims of identity providers, and those that credentials bring along.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
    """
    prefix = key.partition(":")[0].lower()
    if key.lower() in _of_credentials():
        return True
    return prefix in ("aws", "saml") or "." in prefix or "${" in prefix


@cache
def _of_credentials() -> frozenset[str]:
    facts = check_rule("unsupported-condition-key").facts
    return frozenset(value.lower() for fact in facts for value in fact.values)


@lru_cache(maxsize=1024)
def _is_listed(key: str) -> bool:
    """Say whether an action or a resource type of the key's service supports it, or the service does not have it.

    The reference describes some keys that it names for no action (ec2-instance-connect:remotePort).
    """
    prefix = key.partition(":")[0].lower()
    if not any(_is_key(template, key) for template in condition_keys_of(prefix)):
        return True
    return any(_supports(action, key) for action in actions_of(prefix))


def _is_address_in_range(value: str) -> bool:
    """Say whether `value` is an address with the size of the range it is in (`203.0.113.7/24`), which IAM takes too."""
    from ipaddress import ip_network

    try:
        ip_network(value, strict=False)
    except ValueError:
        return False
    return True


def _supports(action: Action, key: str) -> bool:
    prefix = action.name.partition(":")[0]
    if any(_is_key(template, key) for template in action.condition_keys):
        return True
    for taken in action.resource_types:
        type_ = resource_type(prefix, taken.name)
        if any(
            _is_key(template, key) for template in (*taken.condition_keys, *(type_.condition_keys if type_ else ()))
        ):
            return True
    return False


@lru_cache(maxsize=8192)
def _is_key(template: str, key: str) -> bool:
    return matches(_CHOSEN.sub("*", template).lower(), key.lower())
