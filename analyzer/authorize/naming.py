"""Which parameter of an operation names which variable of an ARN format, told by the names alone.

Operations have some 60,000 parameters and the catalogue some 3,000 ARN variables, named by people who follow the same
few habits: `TableName` for `${TableName}`, `jobQueue` for `${JobQueueName}`, `DBSnapshotIdentifier` for
`${SnapshotName}`, `Name` where the operation is `DescribeRule` and the variable `${RuleName}`. A name is never taken
for an identifier: `CreateUserPool` is given a `PoolName`, and the pool's ARN holds an id that AWS makes up.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import Enum, IntEnum
from functools import lru_cache
from typing import Final, NamedTuple


class Nearness(IntEnum):
    """How surely a parameter names a thing; the lowest is the surest."""

    SAME = 0
    STEM = 1
    PART = 2
    GENERIC = 3


class Kind(Enum):
    """What a name says it holds."""

    NAME = "name"
    IDENTIFIER = "identifier"
    ARN = "arn"
    UNSAID = "unsaid"


class Term(NamedTuple):
    """The name of a parameter or a variable taken apart: `JobQueueNames` is a NAME with the stem `jobqueue`."""

    squeezed: str
    stem: str
    kind: Kind

    @property
    def is_id(self) -> bool:
        """Whether it holds what AWS made up, where there is a name too. An `Identifier` may be a name."""
        return self.kind is Kind.IDENTIFIER and self.squeezed.endswith(("id", "ids"))

    @property
    def is_generic(self) -> bool:
        """Whether the name does not say what it names: `Id`, `Name`, `ResourceArn`."""
        return self.stem in ("", "resource")


_WORD: Final = re.compile(r"[A-Z]+s(?![a-z])|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z0-9]+")
_KINDS: Final = {
    "name": Kind.NAME,
    "names": Kind.NAME,
    "id": Kind.IDENTIFIER,
    "ids": Kind.IDENTIFIER,
    "identifier": Kind.IDENTIFIER,
    "identifiers": Kind.IDENTIFIER,
    "arn": Kind.ARN,
    "arns": Kind.ARN,
}
# How IAM's and SSM's catalogues say which part of a name the ARN holds, and how lists are named.
_TAILS: Final = (("with", "path"), ("without", "leading", "slash"), ("list",))
_SHORTEST_PART: Final = 3
_ROLE: Final = "role"
_UUID: Final = "uuid"
# What these make gets its identifier from AWS, so no parameter of theirs holds it (`CreateContact(RelatedContactId)`).
_MAKING: Final = frozenset(
    {"allocate", "claim", "clone", "copy", "create", "enable", "import", "provision", "purchase", "register"}
    | {"request", "upload"}
)
# ... but these only join what there is: `RegisterPatchBaselineForPatchGroup`.
_JOINING: Final = frozenset(("enable", "register", "request"))
# These make something, or set something going that there is: what its parameters call like this is another one.
_STARTING: Final = frozenset(("launch", "restore", "run", "start"))
# ... but an undertaking that says what it is made from is new: `StartOpportunityFromEngagementTask(Identifier)`.
_UNDERTAKINGS: Final = (["execution"], ["job"], ["run"], ["task"])
_OTHERS: Final = ("source", "parent", "related", "previous", "original", "template", "initial")
# What stands behind the name of what is made: `CreateMeetingWithAttendees`.
_PREPOSITIONS: Final = frozenset(("by", "for", "from", "to", "using", "with"))
# Services, by their IAM prefix, that others name things after which are not theirs: `EC2SecurityGroupId` in RDS.
_SERVICES: Final = {"ec2": "ec2", "iam": "iam", "kms": "kms", "s3": "s3", "sns": "sns", "sqs": "sqs", "vpc": "ec2"}


@lru_cache(maxsize=4096)
def squeeze(name: str) -> str:
    """Return `name` in lower case without separators, so that the spellings of one name are equal."""
    return "".join(_words(name))


@lru_cache(maxsize=4096)
def term(name: str) -> Term:
    """Return `name` taken apart."""
    words = _words(name)
    squeezed = "".join(words)
    for tail in _TAILS:
        if tuple(words[-len(tail) :]) == tail and len(words) > len(tail) and words[-len(tail) - 1] in _KINDS:
            words = words[: -len(tail)]
    kind = _KINDS.get(words[-1]) if words else None
    if kind is None:
        return Term(squeezed, squeezed, Kind.UNSAID)
    return Term(squeezed, "".join(words[:-1]), kind)


@lru_cache(maxsize=1024)
def head(resource_type: str) -> str:
    """Return what the name of a resource type says that it is, squeezed: `rule` of `rule-on-custom-event-bus`."""
    words = _words(resource_type)
    return "".join(words[: words.index("on")] if "on" in words[1:] else words)


@lru_cache(maxsize=1024)
def halves(operation: str) -> tuple[str, str]:
    """Return what the name of an operation says it is about, before and after the first preposition in it.

    `wirelessgateway` and `thing` of `DisassociateWirelessGatewayFromThing`.
    """
    _, *about = _words(operation) or [""]
    end = next((index for index, word in enumerate(about) if word in _PREPOSITIONS and index), len(about))
    return "".join(about[:end]), "".join(about[end + 1 :])


@lru_cache(maxsize=1024)
def subject(operation: str) -> str:
    """Return what the name of an operation says it is about: `rule` of `DescribeRule`, `jobs` of `BatchGetJobs`."""
    words = _words(operation)
    return "".join(words[2 if words[:1] == ["batch"] else 1 :])


def is_of_another_new(parameter: str, names: Collection[str], operation: str) -> bool:
    """Say whether `operation` makes one of what has `names`, and `parameter` does not hold what identifies that one.

    A parameter of exactly that name counts as the caller's own choice (`CreateCacheCluster(CacheClusterId)`).
    """
    verb, *about = _words(operation) or [""]
    given = term(parameter)
    if given.kind is not Kind.UNSAID and any(_same(given.stem, name) for name in names):
        return False
    if given.is_generic:
        is_new = verb in _STARTING and about[-1:] in _UNDERTAKINGS and halves(operation)[1] != ""
    else:
        is_new = verb in _MAKING or (verb in _STARTING and given.stem.startswith(_OTHERS))
    made, rest = halves(operation)
    if rest and verb in _JOINING:
        return False
    return is_new and any(
        _same(made, name) or made.endswith((name, f"{name}s")) or name.endswith(made) or name == "".join(about)
        for name in names
    )


def is_of_another_service(parameter: str, names: Collection[str], service: str) -> bool:
    """Say whether `parameter` is called after another service than `service`, and what has `names` is not."""
    words = _words(parameter)
    for word, other in _SERVICES.items():
        is_called = word in words or squeeze(parameter).startswith(word)
        if is_called and other != service and not any(word in name for name in names):
            return True
    return False


def variable_nearness(parameter: str, variable: str, owner: str, operation: str) -> Nearness | None:
    """Say how surely `parameter` of `operation` holds the ARN variable `variable`, or None if it does not at all.

    `owner` is the name of the resource type if the variable is what tells its resources apart (`${RuleName}` in
    `rule/${EventBusName}/${RuleName}`), otherwise empty.
    """
    given, wanted, owning = term(parameter), term(variable), head(owner) if owner else ""
    if given.squeezed == wanted.squeezed:
        return Nearness.SAME
    if given.kind is Kind.NAME and (wanted.kind is Kind.IDENTIFIER or wanted.squeezed.endswith(_UUID)):
        return None
    stems = [stem for stem in (wanted.stem if not wanted.is_generic else "", owning) if stem]
    if given.is_generic:
        named = given.stem == "" and given.kind in (Kind.NAME, Kind.IDENTIFIER) and owning
        return Nearness.GENERIC if named and any(_is_about(operation, stem) for stem in stems) else None
    if any(_same(given.stem, stem) for stem in stems):
        return Nearness.STEM
    if given.kind is not Kind.UNSAID and any(_is_part(given.stem, stem) for stem in stems):
        return Nearness.PART
    return None


def arn_nearness(parameter: str, variable: str, owner: str) -> Nearness | None:
    """Say how surely `parameter` holds ARNs of the resource type `owner`, or None if it does not at all.

    `variable` is the one that tells the type's resources apart, empty if there is none.
    """
    given = term(parameter)
    if given.kind is not Kind.ARN:
        generic = given.squeezed in ("resource", "resourceid", "resourceidentifier", "resourcename", "identifier")
        return Nearness.GENERIC if generic else None
    if given.is_generic:
        return Nearness.GENERIC
    wanted = term(variable) if variable else None
    stems = [head(owner), wanted.stem if wanted is not None and not wanted.is_generic else ""]
    if given.stem.endswith(_ROLE) and not any(stem.endswith(_ROLE) for stem in stems):
        return None
    if any(_same(given.stem, stem) for stem in stems if stem):
        return Nearness.SAME
    # An ARN of another type names the part that both types have in common, so the name may go on after it too.
    if any(_is_part(given.stem, stem) or given.stem.startswith(stem) for stem in stems if stem):
        return Nearness.PART
    return None


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(name)]


def _same(given: str, wanted: str) -> bool:
    return given in (wanted, f"{wanted}s", f"{wanted}es") or (wanted.endswith("y") and given == f"{wanted[:-1]}ies")


def _is_part(given: str, wanted: str) -> bool:
    """Say whether one name is the other with something before it: `dbsnapshot` and `snapshot`."""
    shorter, longer = sorted((given, wanted), key=len)
    return len(shorter) >= _SHORTEST_PART and longer.endswith(shorter)


def _is_about(operation: str, stem: str) -> bool:
    about = subject(operation)
    if _same(about, stem):
        return True
    # What is created is new, so the `Name` that a Create operation takes is that of its own subject only.
    return not operation.startswith("Create") and len(stem) >= _SHORTEST_PART and (stem in about or about in stem)
