"""The checks on whom a trust or resource-based policy lets in."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Final

from analyzer.checks.rule import check_rule
from analyzer.checks.scope import covers_action, covers_resources
from analyzer.checks.statements import place_of, requires
from analyzer.checks.subject import Observation
from analyzer.iam.arn import parse_arn
from analyzer.iam.evaluate import applies_to_action
from analyzer.iam.inventory import Document, DocumentKind
from analyzer.iam.pattern import matches
from analyzer.model.location import Location
from analyzer.model.policy import Principal, Statement
from analyzer.model.requirements import Condition

_SOURCES: Final = ("aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths")
_GITHUB: Final = "token.actions.githubusercontent.com"
_ASSUME_ROLE: Final = "sts:AssumeRole"


def anyone(statement: Statement, document: Document) -> Iterator[Observation]:
    """Say where everyone is let in, of every account, without a condition that says who."""
    if statement.effect != "Allow" or requires(statement, *_identifying()) or _others_are_denied(statement, document):
        return
    for principal in statement.principals:
        if principal.kind in ("*", "AWS") and principal.name == "*":
            message = "everyone is allowed this, with an AWS account or without"
            yield Observation(message, _place(statement, "Principal", principal))
    if statement.not_principals:
        listed = ", ".join(principal.name for principal in statement.not_principals)
        message = f"everyone is allowed this but {listed}"
        yield Observation(message, _place(statement, "NotPrincipal", statement.not_principals[0]))


def services_for_anyone(statement: Statement, document: Document) -> Iterator[Observation]:
    """Say which services are let in without saying on whose behalf."""
    if statement.effect != "Allow" or requires(statement, *_SOURCES, *_of_services()):
        return
    for principal in statement.principals:
        if principal.kind != "Service" or (document.kind is DocumentKind.TRUST and not _says_source(principal.name)):
            continue
        message = f"{principal.name} is let in on behalf of any account"
        yield Observation(message, _place(statement, "Principal", principal))


def accounts_without_external_id(statement: Statement, document: Document) -> Iterator[Observation]:
    """Say which other accounts can assume a role without naming an external id."""
    if document.kind is not DocumentKind.TRUST or document.account is None or statement.effect != "Allow":
        return
    if not applies_to_action(statement, _ASSUME_ROLE) or requires(statement, "sts:externalid", "aws:principalorg*"):
        return
    for principal in statement.principals:
        account = _account(principal)
        if account is not None and account != document.account:
            message = f"{principal.name}, of another account, can assume the role without an external id"
            yield Observation(message, _place(statement, "Principal", principal))


def identity_providers_for_anyone(statement: Statement, document: Document) -> Iterator[Observation]:
    """Say which OpenID Connect providers are trusted with all that they know.

    GitHub's tokens say in `aud` whom they are for and in `sub` whose they are, and everyone can ask it for one.
    """
    if document.kind is not DocumentKind.TRUST or statement.effect != "Allow":
        return
    for principal in statement.principals:
        provider = _provider(principal)
        if provider is None:
            continue
        keys = f"{provider}:sub" if provider == _GITHUB else f"{provider}:*"
        if not requires(statement, keys.lower()):
            whom = "any repository on GitHub" if provider == _GITHUB else f"anyone whom {provider} knows"
            yield Observation(f"{whom} can assume the role", _place(statement, "Principal", principal))


def _provider(principal: Principal) -> str | None:
    """Return the host of an OpenID Connect provider, as condition keys begin with it; None for anyone else."""
    if principal.kind != "Federated" or ":saml-provider/" in principal.name:
        return None
    return principal.name.partition(":oidc-provider/")[2] or principal.name


def _others_are_denied(statement: Statement, document: Document) -> bool:
    """Say whether a Deny takes away from everyone but some what `statement` allows everyone.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html
    """
    return any(
        other.effect == "Deny"
        and bool(other.conditions)
        and all(_is_about_others(condition) for condition in other.conditions)
        and all(covers_action(other, action) for action in statement.actions)
        and covers_resources(other, statement)
        for other in document.statements
    )


def _is_about_others(condition: Condition) -> bool:
    key = condition.key.lower()
    return "not" in condition.operator.lower() and any(matches(pattern, key) for pattern in _identifying())


def _account(principal: Principal) -> str | None:
    if principal.kind != "AWS":
        return None
    arn = parse_arn(principal.name)
    account = principal.name if arn is None else arn.account
    return account if account.isdigit() else None


def _place(statement: Statement, element: str, principal: Principal) -> Location:
    return place_of(
        statement, element, principal.name if principal.kind == "*" else f"{principal.kind} {principal.name}"
    )


@cache
def _identifying() -> tuple[str, ...]:
    return tuple(value.lower() for fact in check_rule("public-principal").facts for value in fact.values)


@cache
def _of_services() -> tuple[str, ...]:
    """Return the keys by which services say on whose behalf they come, besides the global ones."""
    facts = check_rule("service-principal-without-source").facts
    return tuple(value.lower() for fact in facts if fact.to == "key" for value in fact.values)


def _says_source(service: str) -> bool:
    facts = check_rule("service-principal-without-source").facts
    return any(service in fact.values for fact in facts if fact.to == "trust")
