"""What texts that name a resource, or a variable of its ARN, make of the ARN."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import IntEnum
from itertools import product

from analyzer.authorize.formats import ArnFormat, is_arn
from analyzer.authorize.naming import Kind, Nearness, term
from analyzer.authorize.targets import Target
from analyzer.authorize.texts import ANY, Texts, has_unknown, is_unknown, starts_unknown, unknown_at


class Naming(IntEnum):
    """How far a call names a resource of a type; the lowest is the best.

    `MAYBE` is an ARN that is not known and may be one of this type, `SOLE` the only resource that there is of the type,
    `OTHER` an ARN of another type.
    """

    FULL = 0
    MAYBE = 1
    PART = 2
    SOLE = 3
    NOT = 4
    OTHER = 5


class ArnReader:
    """Writes the ARNs of one call."""

    def __init__(self, texts: Texts, missing: str) -> None:
        """Take what the ARNs are written with; `missing` stands for what the call does not give."""
        self._texts = texts
        self._missing = missing
        self.place = texts.place

    def filled(self, target: Target, arn: ArnFormat, values: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
        """Yield the ARNs of the format `arn` with each choice among `values`, the texts given for its variables."""
        for texts in product(*values.values()):
            chosen = dict(zip(values, texts, strict=True))
            said = self._said_by_arns(target, arn, chosen)
            if said is not None:
                yield said
                continue
            assigned = dict.fromkeys(arn.variables, self._missing) | self.place
            for variable, text in chosen.items():
                assigned |= self._assigned(target, arn, variable, text, chosen)
            yield arn.fill(assigned)

    def _said_by_arns(self, target: Target, arn: ArnFormat, chosen: dict[str, str]) -> str | None:
        """Return the ARN that those of `chosen`, texts by variable, say which are ARNs themselves; None if none does.

        Those that say nothing become unknown in `chosen`.
        """
        only = chosen.get(arn.variables[0], "") if len(arn.variables) == 1 else ""
        if self._texts.is_symbol_of_all(only):
            return only
        names = {variable: text for variable, text in chosen.items() if not text.startswith("arn:")}
        merged: dict[str, str] = {}
        others: list[str] = []
        for variable, text in chosen.items():
            found = None if variable in names else self.read(target, arn, text, names)
            if found is None:
                if variable not in names and is_arn(text):
                    chosen[variable] = self._texts.unseen("what another service's ARN stands for")
                continue
            if found[0] is Naming.FULL:
                return found[1]
            others.append(found[1])
            for name, value in (arn.match(found[1]) or {}).items():
                if has_unknown(merged.get(name, ANY)):
                    merged[name] = value
        # The ARNs of a cluster and of a listener both tell something of a rule.
        return arn.fill(merged) if len(others) > 1 and merged else next(iter(others), None)

    def _assigned(
        self, target: Target, arn: ArnFormat, variable: str, text: str, others: Mapping[str, str]
    ) -> Mapping[str, str]:
        """Return the variables that `text`, given for `variable`, holds as it stands in the ARN."""
        if is_unknown(text) or variable not in arn.variables:
            return {variable: text}
        if target.is_name_of_other_type(variable, text, arn):
            return {variable: self._texts.unseen(f"what {text} stands for")}
        if variable == arn.variables[0] and arn.prefix:
            text = text.removeprefix("/") if arn.prefix.endswith("/") else text
            # Names may begin like this, but identifiers that do are the type and the identifier.
            text = text if term(variable).kind is Kind.NAME else text.removeprefix(arn.prefix)
        following = arn.variables[arn.variables.index(variable) + 1 :]
        parts = None if any(other in others for other in following) else arn.split(variable, text)
        return parts or {variable: text}

    def read(
        self,
        target: Target,
        arn: ArnFormat,
        text: str,
        others: Mapping[str, str],
        nearness: Nearness | None = Nearness.SAME,
    ) -> tuple[Naming, str] | None:
        """Return the ARN that `text` is or stands for, or None if it is none.

        `others` are the variables that are known besides; `nearness` is how surely the parameter that holds the text is
        about the type.
        """
        if self._texts.is_symbol_of_all(text):
            return Naming.MAYBE, text
        if is_unknown(text):
            return Naming.MAYBE, arn.fill({**dict.fromkeys(arn.variables, text), **self.place})
        if not (is_arn(text) or starts_unknown(text) or (text.startswith("arn:") and has_unknown(text))):
            return None
        if arn.match(text) is not None:
            return Naming.FULL, text
        if has_unknown(text):
            aligned = arn.align(text)
            if aligned is not None:
                return Naming.FULL, aligned
            place = arn.place_of(text)
            unknown = text[unknown_at(text)]
            if place is None:
                known = self.place | arn.known_place(text)
                return Naming.MAYBE, arn.fill({**dict.fromkeys(arn.variables, unknown), **known})
            if arn.may_begin(text):
                given = {variable: value for variable, value in place.items() if value}
                return Naming.MAYBE, arn.fill({**dict.fromkeys(arn.variables, unknown), **self.place, **given})
        unsaid = dict.fromkeys(arn.variables, self._texts.unseen("what another resource's ARN does not say"))
        named = target.named_by(text, arn, others, unsaid | self.place)
        if named is None and not target.may_be_on(text, nearness):
            return None
        return Naming.OTHER, named or text
