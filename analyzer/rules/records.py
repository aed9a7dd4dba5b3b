"""What a file of rules/services/ says, once read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from analyzer.model.requirements import Condition

ANY_RESOURCE: Final = "*"
"""The resource of an action entry whose action can be granted on `*` only."""


class Spelling(StrEnum):
    """How a parameter spells what it names.

    `ARN`, `URL` (of an SQS queue) and `COPY_SOURCE` (of S3) name a whole resource, the others a variable of an ARN.
    `PLAIN` is the value as it stands in the ARN, or the ARN itself.
    """

    PLAIN = ""
    SSM_PARAMETER = "ssm-parameter"
    SECRET_ID = "secret-id"
    FUNCTION_NAME = "function-name"
    LOG_GROUP = "log-group"
    BASENAME = "basename"
    EITHER_CASE = "either-case"
    URL_ENCODED = "url-encoded"
    ARN = "arn"
    URL = "url"
    COPY_SOURCE = "copy_source"


class Binding(NamedTuple):
    """The parameters that hold one value, and how they spell it.

    `paths` are parameter paths (`analyzer.rules.paths`); every one that a call gives counts. Where `extract` is not
    empty, it is a regular expression and the value is its first group. Where there is a `template`, the value is that
    text, filled in with the parameters (`analyzer.rules.templates`). `choices` are pairs of a parameter's value and
    what stands for it in the ARN.
    """

    paths: tuple[str, ...]
    spelling: Spelling = Spelling.PLAIN
    extract: str = ""
    template: str | None = None
    choices: tuple[tuple[str, str], ...] = ()


class TypeBinding(NamedTuple):
    """How a call's parameters name a resource of one type.

    `whole` are the parameters that name it all at once: an ARN, a queue URL, a copy source. `variables` are pairs of a
    variable of the type's ARN format (`Region` and `Account` count too) and what holds it.
    """

    whole: tuple[Binding, ...] = ()
    variables: tuple[tuple[str, Binding], ...] = ()


class Guard(NamedTuple):
    """A condition on a call's parameters, under which an action is needed.

    `test` is `present`, `absent`, or one of `VALUE_TESTS`, which compare with `values`. A condition on a value that is
    not known holds, but not one that has to be `certain`.
    """

    path: str
    test: str
    values: tuple[str | int | float | bool, ...] = ()
    certain: bool = False


VALUE_TESTS: Final = ("equals", "not_equals", "like", "not_like", "matches")
"""The tests of a `Guard` on the value of a parameter; what they are is said in docs/rules.md."""

Guards = tuple[tuple[Guard, ...], ...]
"""Conditions of which all must hold; each is one of several, any of which will do."""


class ActionEntry(NamedTuple):
    """An action that an operation needs when `guards` hold.

    `resources` are resource types of the action, or `ANY_RESOURCE`, or an ARN written out (`arn:` begins it) as
    `analyzer.rules.templates` describes, or empty for the action's own default. `bindings` are by resource type and
    take precedence over those of the service.
    """

    action: str
    resources: tuple[str, ...] = ()
    bindings: tuple[tuple[str, TypeBinding], ...] = ()
    guards: Guards = ()
    conditions: tuple[Condition, ...] = ()


class Advice(NamedTuple):
    """An action that an operation may need for a reason that no call shows: `why` says it, in words."""

    action: str
    why: str


class OperationRule(NamedTuple):
    """What an operation needs where it departs from the base rule, in full: `actions` holds the base action too.

    `permission` is `none` (no permission is needed) or `not-iam` (something other than IAM authorizes the call), and
    `actions` is then empty; otherwise it is the empty string. `advice` is never granted, only told.
    """

    permission: str
    actions: tuple[ActionEntry, ...]
    advice: tuple[Advice, ...] = ()


class ServiceRules(NamedTuple):
    """The rules of one boto3 client; all empty for a client that has no file.

    `file` is the file's path from the repository's root. `prefix` is the IAM prefix of the service's actions.
    `bindings` are by resource type. `results` maps operations to templates of what is in their responses, by path:
    `{"QueueUrl": "https://sqs.{region}.amazonaws.com/{account}/{QueueName}"}`. `unnamed_is_type` says that a
    call that names none of an action's resources is checked against all of their type, and not against `*`.
    """

    service: str
    file: str
    prefix: str
    bindings: Mapping[str, TypeBinding]
    operations: Mapping[str, OperationRule]
    results: Mapping[str, Mapping[str, str]]
    unnamed_is_type: bool = False


class Example(NamedTuple):
    """A call and exactly what it needs: `needs` are sorted strings such as `s3:GetObject on arn:aws:s3:::b/k`."""

    operation: str
    code: str
    needs: tuple[str, ...]
    line: int
