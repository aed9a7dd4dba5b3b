"""What the checks on policies ask of statements: which actions, how far they reach, and what narrows them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from analyzer.catalog import Action, ActionResource, expand, find_action, resource_type, resource_types_of
from analyzer.catalog.effect import as_pattern, takes
from analyzer.iam.arn import Arn, Unpinned, arn_contains, arn_intersects, parse_arn, pin_like
from analyzer.iam.evaluate import action_matches
from analyzer.iam.pattern import has_wildcard, matches
from analyzer.model.location import Location
from analyzer.model.policy import Statement
from analyzer.model.requirements import Condition

_EVERYTHING: Final = re.compile(r"\*+(:\*+)?")
_SERVICE: Final = re.compile(r"[\w-]+:\*+")
# Global keys that say which resource a request is about, or which service makes it for the caller; the others describe
# the caller and the network. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
_NARROWING: Final = (
    "aws:resourcetag/*",
    "aws:requesttag/*",
    "aws:tagkeys",
    "aws:calledvia*",
    "aws:viaawsservice",
)
# Prefixes of two services, of which the catalogue keeps the resource types of one: REST and WebSocket APIs, classic and
# other load balancers. https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-control-access-iam.html
_SHARED_PREFIXES: Final = ("apigateway", "elasticloadbalancing", "execute-api")
# Wherever a policy is used: pinning region and account is no narrowing of what it reaches inside one account.
_DEPLOYMENT: Final = (Unpinned.REGION, Unpinned.ACCOUNT)
_KIND: Final = re.compile(r"[\w-]+[:/]\*+")
# Something with an empty name, which is how some services spell all of a kind: `log-group::log-stream:*`.
_NAMELESS: Final = re.compile(r"[\w-]+::[\w-]+:\*+")
_ROOT: Final = re.compile(r"arn:[\w-]+:iam::\d{12}:root|\d{12}")


def is_everything(action: str) -> bool:
    """Say whether the action pattern stands for every action of every service."""
    return _EVERYTHING.fullmatch(action) is not None


def is_whole_service(action: str) -> bool:
    """Say whether the action pattern stands for every action of one service."""
    return _SERVICE.fullmatch(action) is not None


def is_every_resource(resource: str) -> bool:
    """Say whether the resource pattern stands for everything: `*`, also if it is written more than once."""
    return bool(resource) and not resource.strip("*")


@lru_cache(maxsize=4096)
def actions_matching(pattern: str) -> tuple[Action, ...]:
    """Return the actions that the catalogue knows under the action pattern of a policy."""
    names = expand(pattern) if has_wildcard(pattern) else (pattern,)
    return tuple(action for name in names if (action := find_action(name)) is not None)


def place_of(statement: Statement, element: str, value: str) -> Location:
    """Return where `value` of `element` stands; every statement that is read from a file has a place."""
    location = statement.place(element, value)
    if location is None:
        raise ValueError(f"a statement without a place: {statement}")
    return location


def reaches_every(action: Action, statement: Statement) -> str | None:
    """Return the resource of `statement` that holds every resource of a type which `action` takes.

    None if there is none, and for an action that takes no resources: `*` is all that it can be granted on.
    """
    reached = (every_of(kind, action, statement) for kind in action.resource_types)
    return next((resource for resource, _ in filter(None, reached)), None)


def every_of(kind: ActionResource, action: Action, statement: Statement) -> tuple[str, str] | None:
    """Return the resource of `statement` that holds everything of the `kind`, and the pattern of all that is of it."""
    type_ = resource_type(action.name.partition(":")[0], kind.name)
    reached = (
        (resource, _every(resource, known))
        for resource in statement.resources
        for known in (type_.arns if type_ else ())
    )
    return next(((resource, pattern) for resource, pattern in reached if pattern), None)


@lru_cache(maxsize=8192)
def _every(resource: str, arn_format: str) -> str | None:
    """Return the pattern of all that has an ARN of the format where `resource` is in place; None if it has not all."""
    pattern = pin_like(as_pattern(arn_format, resource), resource, _DEPLOYMENT)
    return pattern if arn_contains(resource, pattern) else None


def usable(action: Action, resource: str) -> bool:
    """Say whether `action` can do anything with `resource`.

    What an action without resource types is checked against is no resource at all for some services and everything of
    a kind for others (`arn:aws:s3:::*` for s3:ListAllMyBuckets), so a resource that is all of a kind will do.
    """
    arn = parse_arn(resource)
    own = arn is not None and arn.service == action.name.partition(":")[0]
    # What AWS owns is listed nowhere: the transforms that cloudformation:CreateChangeSet uses.
    if own and (_is_listed_loosely(action) or (arn is not None and arn.account == "aws")):
        return True
    if action.resource_types:
        return takes(action.name, resource) or _is_below(action, resource)
    return is_every_resource(resource) or (arn is not None and _is_all_of_a_kind(arn))


def _is_all_of_a_kind(arn: Arn) -> bool:
    """Say whether the ARN pattern is all of a kind: `*`, `table/*`, or something whose name is left out."""
    if is_every_resource(arn.resource) or _NAMELESS.fullmatch(arn.resource):
        return True
    formats = (parse_arn(known) for type_ in resource_types_of(arn.service) for known in type_.arns)
    # In `b/*` of S3, where names stand first, b is a name.
    names_first = any(known and known.service == arn.service and known.resource.startswith("$") for known in formats)
    return not names_first and _KIND.fullmatch(arn.resource) is not None


def _is_listed_loosely(action: Action) -> bool:
    """Say whether the catalogue may not name all that `action` takes of its own service's resources.

    The reference leaves out resources that tags are put on, and those of what is made (eks:CreateCluster is refused on
    the cluster's ARN, and listed as taking nothing).
    """
    if action.name.partition(":")[0] in _SHARED_PREFIXES or action.access_level == "Tagging" or "Tags" in action.name:
        return True
    return not action.resource_types and action.access_level not in ("List", "Read")


def _is_below(action: Action, resource: str) -> bool:
    """Say whether `resource` may be something that `action` takes, if its ARN is not that of something below it.

    Policies name a log group by `log-group:NAME:*` and load balancers of all kinds by what the format of one kind
    matches as well. Where a format has nothing but variables, as that of S3's buckets, this would be true of anything.
    """
    prefix = action.name.partition(":")[0]
    for taken in action.resource_types:
        type_ = resource_type(prefix, taken.name)
        for arn_format in type_.arns if type_ else ():
            parsed = parse_arn(arn_format)
            has_name = parsed is None or not parsed.resource.startswith("$")
            if has_name and arn_intersects(as_pattern(arn_format, resource), resource):
                return True
    return False


def is_narrowed(statement: Statement) -> bool:
    """Say whether a condition of `statement` picks the resources or the service that a request is made through."""
    return any(_narrows(condition) for condition in statement.conditions)


def _narrows(condition: Condition) -> bool:
    key = condition.key.lower()
    if not picks_values(condition):
        return False
    return not key.startswith("aws:") or any(matches(pattern, key) for pattern in _NARROWING)


def picks_values(condition: Condition) -> bool:
    """Say whether `condition` holds only for the values that it names, and these are not all there are."""
    operator = condition.operator.lower()
    if "not" in operator or operator in ("null", "bool") or operator.startswith("forallvalues"):
        return operator == "bool" and condition.values == ("true",)
    return bool(condition.values) and not any(value.strip("*") == "" for value in condition.values)


def requires(statement: Statement, *keys: str) -> bool:
    """Say whether `statement` asks for named values of one of `keys`, which are patterns in lower case."""
    return any(
        picks_values(condition) and any(matches(key, condition.key.lower()) for key in keys)
        for condition in statement.conditions
    )


def delegates_to_accounts(statement: Statement) -> bool:
    """Say whether all principals of `statement` are whole accounts, whose own policies decide who may do it."""
    return bool(statement.principals) and all(
        principal.kind == "AWS" and _ROOT.fullmatch(principal.name) for principal in statement.principals
    )


def granting(statement: Statement, action: str) -> Iterator[str]:
    """Yield the action patterns of `statement` that `action` is one of, but not those that stand for everything."""
    for pattern in statement.actions:
        if not is_everything(pattern) and action_matches(pattern, action):
            yield pattern
