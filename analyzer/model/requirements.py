"""What a call needs: IAM actions on resources, each with the reason it is needed."""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.model.calls import ApiCall


@dataclass(frozen=True, slots=True)
class RuleReference:
    """The line of data a requirement rests on: a file and key under rules/, or the base rule."""

    file: str
    key: str

    def __str__(self) -> str:
        return f"{self.file}#{self.key}" if self.key else self.file


BASE_RULE = RuleReference("base rule", "")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a permission is needed: `call` needs it by `rule`. `call` is None for what the platform itself needs."""

    call: ApiCall | None
    rule: RuleReference


@dataclass(frozen=True, slots=True)
class Arns:
    """The resources, as ARN patterns in IAM's own wildcard syntax, sorted.

    `unpinned` names what would make the patterns narrower, each as the command line gives it:
    `--account`, `--region`, `--env NAME`; other holes are named by their origin.
    """

    patterns: tuple[str, ...]
    unpinned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AnyResource:
    """The action can only be granted on `*`; `why` says by what."""

    why: str


Scope = Arns | AnyResource


@dataclass(frozen=True, slots=True, order=True)
class Condition:
    """One condition of a statement: operator, key and values, e.g. `StringEquals`, `iam:PassedToService`."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Requirement:
    """`action` is needed on every pattern of `scope`, under `conditions`, for `reasons`.

    `optional` are those of the conditions that no rule asks of a policy, though every call in the reasons meets them.
    """

    action: str
    scope: Scope
    conditions: tuple[Condition, ...]
    reasons: tuple[Reason, ...]
    optional: tuple[Condition, ...] = ()

    def asked(self) -> tuple[Condition, ...]:
        """Return the conditions without the optional ones."""
        return tuple(condition for condition in self.conditions if condition not in self.optional)
