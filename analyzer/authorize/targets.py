"""Resource types of the catalogue as ARN formats, and what an ARN of one type says of a resource of another."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from analyzer.authorize.defaults import DefaultBinding, Others, default_binding, names_of
from analyzer.authorize.formats import PLACE_VARIABLES, ArnFormat, parse_format
from analyzer.authorize.naming import Kind, Nearness, squeeze, term
from analyzer.catalog import ResourceType, resource_types_of

_SEPARATORS: Final = ("/", ":")
_SERVICE: Final = 2


class Target(NamedTuple):
    """A resource type, its IAM prefix, and the other types that the same action takes.

    `client` is the IAM prefix of the operation's own service, which may be another one.
    """

    prefix: str
    type: ResourceType
    siblings: tuple[ResourceType, ...]
    client: str

    def binding_by_name(
        self, arn: ArnFormat, operation: str, given: Collection[str], members: Collection[str]
    ) -> DefaultBinding:
        """Return how the parameters `given` to `operation`, of its `members`, name what stands in the format `arn`."""
        return default_binding(self.type.name, arn.variables, operation, given, self._others(members))

    def _others(self, members: Collection[str]) -> Others:
        this = squeeze(self.type.name)
        types, names = _names_in(self.prefix)
        if self.client != self.prefix:
            own_types, own_names = _names_in(self.client)
            types, names = types | own_types, names | own_names
        siblings = frozenset(squeeze(sibling.name) for sibling in self.siblings)
        service = self.prefix if self.client == self.prefix else ""
        return Others(types - {this}, siblings - {this}, names, frozenset(members), service)

    def is_name_of_other_type(self, variable: str, text: str, arn: ArnFormat) -> bool:
        """Say whether `text`, given for the identifier `variable`, begins like resources of another type.

        KMS takes `alias/orders` for a key's id, though a policy has to name the key itself
        (https://docs.aws.amazon.com/kms/latest/developerguide/cmks-in-iam-policies.html).
        """
        if len(arn.variables) > 1 or term(variable).kind is not Kind.IDENTIFIER or text.startswith(arn.prefix):
            return False
        return any(
            other.prefix.endswith(_SEPARATORS) and text.startswith(other.prefix)
            for name, other in _formats_of(self.prefix)
            if name != self.type.name
        )

    def may_be_on(self, text: str, nearness: Nearness | None) -> bool:
        """Say whether the action may be on `text`, an ARN of no type that the catalogue has.

        `nearness` is how surely the parameter that it was given for is about this type; a rule is sure. Such an ARN is
        believed where it is one of the service's own, and of any service where both the parameter and the action, one
        of the operation's own service, are about resources of several kinds (`TagResource(ResourceArn)`).
        """
        service = text.split(":")[_SERVICE]
        known = (parse_format(form).service for one in (self.type, *self.siblings) for form in one.arns)
        if any(service == one or "${" in one or "*" in one for one in known):
            return nearness is not Nearness.PART
        return nearness is Nearness.GENERIC and bool(self.siblings) and self.client == self.prefix

    def named_by(
        self, text: str, arn: ArnFormat, values: Mapping[str, str], otherwise: Mapping[str, str]
    ) -> str | None:
        """Return the ARN that `text`, an ARN of another type of the service, gives for this type, of the format `arn`.

        `values` are the variables that are known besides, and `otherwise` are those that stand for what is not known.
        Returns None if `text` is an ARN of no type of the service.
        """
        sources = self._matches(text)
        if not sources:
            return None
        for name, other, found in sources:
            shared = {variable: found[variable] for variable in other.variables if not term(variable).is_generic}
            if not shared.keys().isdisjoint(arn.variables):
                return arn.fill({**otherwise, **_place(found), **values, **shared})
            if any(name == sibling.name for sibling in self.siblings):
                return text
            for form in (parse_format(form) for sibling in self.siblings for form in sibling.arns):
                # `accesspoint/a` for a bucket, where the action also takes `accesspoint/a/object/k`.
                if form.prefix == other.prefix and set(other.variables) < set(form.variables):
                    return form.fill({**values, **found})
        return arn.fill({**otherwise, **_place(sources[0][2]), **values})

    def _matches(self, text: str) -> list[tuple[str, ArnFormat, dict[str, str]]]:
        """Return the other types whose resources have ARNs like `text`, and how they read it: only the closest."""
        matches = [
            (sum(map(len, other.pieces)), name, other, found)
            for name, other in _formats_of(self.prefix)
            if name != self.type.name and (found := other.match(text)) is not None
        ]
        closest = max((match[0] for match in matches), default=0)
        return sorted((match[1:] for match in matches if match[0] == closest), key=lambda match: match[0], reverse=True)


def _place(found: Mapping[str, str]) -> dict[str, str]:
    """Return what `found`, the variables of an ARN, says of its place; some ARNs leave out the region or account."""
    return {variable: found[variable] for variable in PLACE_VARIABLES if found[variable]}


@lru_cache(maxsize=64)
def _names_in(prefix: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the squeezed names of a service's resource types, and those with what tells their resources apart."""
    types = resource_types_of(prefix)
    names = (names_of(one.name, parse_format(arn).variables) for one in types for arn in one.arns)
    return frozenset(squeeze(one.name) for one in types), frozenset[str]().union(*names)


@lru_cache(maxsize=64)
def _formats_of(prefix: str) -> tuple[tuple[str, ArnFormat], ...]:
    return tuple((type_.name, parse_format(arn)) for type_ in resource_types_of(prefix) for arn in type_.arns)
