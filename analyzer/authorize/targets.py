"""Resource types of the catalogue as ARN formats, and what an ARN of one type says of a resource of another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from analyzer.authorize.formats import PLACE_VARIABLES, ArnFormat, parse_format
from analyzer.authorize.naming import Kind, term
from analyzer.catalog import ResourceType, resource_types_of

_SEPARATORS: Final = ("/", ":")


class Target(NamedTuple):
    """A resource type, its IAM prefix, and the other types that the same action takes."""

    prefix: str
    type: ResourceType
    siblings: tuple[ResourceType, ...] = ()

    def other_type_names(self) -> Iterator[str]:
        """Yield the names of the service's other resource types."""
        return (name for name, _ in _formats_of(self.prefix) if name != self.type.name)

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

    def named_by(self, text: str, arn: ArnFormat, values: Mapping[str, str], unknown: str) -> str | None:
        """Return the ARN that `text`, an ARN of another type of the service, gives for this type, of the format `arn`.

        `values` are the variables that are known besides; `unknown` stands for the others. Returns None if `text` is
        an ARN of no type of the service.
        """
        source = self._best_match(text)
        if source is None:
            return None
        name, other, found = source
        known = {variable: found[variable] for variable in PLACE_VARIABLES} | dict(values)
        shared = {variable: found[variable] for variable in other.variables if not term(variable).is_generic}
        if shared.keys().isdisjoint(arn.variables):
            if any(name == sibling.name for sibling in self.siblings):
                return text
            for form in (parse_format(form) for sibling in self.siblings for form in sibling.arns):
                # `accesspoint/a` for a bucket, where the action also takes `accesspoint/a/object/k`.
                if form.prefix == other.prefix and set(other.variables) < set(form.variables):
                    return form.fill(known | found)
        return arn.fill(dict.fromkeys(arn.variables, unknown) | known | shared)

    def _best_match(self, text: str) -> tuple[str, ArnFormat, dict[str, str]] | None:
        matches = [
            (sum(map(len, other.pieces)), name, other, found)
            for name, other in _formats_of(self.prefix)
            if name != self.type.name and (found := other.match(text)) is not None
        ]
        return max(matches, key=lambda match: match[:2])[1:] if matches else None


@lru_cache(maxsize=64)
def _formats_of(prefix: str) -> tuple[tuple[str, ArnFormat], ...]:
    return tuple((type_.name, parse_format(arn)) for type_ in resource_types_of(prefix) for arn in type_.arns)
