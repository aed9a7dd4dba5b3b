"""Which ARNs of one resource type a call's parameters name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
from functools import partial
from itertools import product
from typing import NamedTuple

from analyzer.authorize.formats import PLACE_VARIABLES, ArnFormat, is_arn, parse_format
from analyzer.authorize.guards import passing
from analyzer.authorize.naming import Kind, Nearness, term
from analyzer.authorize.parameters import HIDDEN, reach
from analyzer.authorize.spellings import read_copy_source, read_names, read_queue_url
from analyzer.authorize.targets import Target
from analyzer.authorize.texts import ANY, Texts, captured, has_unknown, is_unknown, starts_unknown, unknown_at
from analyzer.model.calls import ApiCall
from analyzer.model.values import Absent, Known, alternatives
from analyzer.model.values import Mapping as MappingValue
from analyzer.rules import Binding, Field, Guards, Option, Spelling, TypeBinding, parse_path, parse_template
from analyzer.sdk import Operation


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


class Named(NamedTuple):
    """The ARNs, with unknown parts, that a call gives for one resource type, and the parameters that say so.

    `missing` is how many variables of the ARN nothing names.
    """

    naming: Naming
    arns: tuple[str, ...]
    parameters: frozenset[str] = frozenset()
    missing: int = 0


class _Found(NamedTuple):
    """The texts that a parameter may hold; `hidden` if it may hold others, `left_out` if it may not be given at all."""

    texts: list[str]
    hidden: bool
    left_out: bool


class CallReader:
    """Reads the parameters of one call."""

    def __init__(self, call: ApiCall, operation: Operation | None, texts: Texts, guards: Guards = ()) -> None:
        """Take the call and its operation; `texts` is what the ARNs are written with.

        Where `guards` are about certain values of a parameter, only those are read.
        """
        self._call = call
        self._guards = guards
        self._required = frozenset(operation.required if operation else ())
        self._texts = texts
        self._place = {"Partition": texts.partition, "Region": texts.region, "Account": texts.account}
        # What is not given can be anything, and so can what is not visible; only the latter is worth a note.
        self._missing = ANY if call.parameters.complete else texts.mark(HIDDEN)
        # A structure is never a name, whatever it is called.
        self._given = [
            key.value
            for key, value in call.parameters.entries
            if isinstance(key, Known) and isinstance(key.value, str) and not isinstance(value, MappingValue)
        ]
        # A library may use an action that no operation stands for; its parameters are named like the variables of ARNs.
        self._members = frozenset(operation.members if operation else self._given)
        if not call.parameters.complete:
            self._given += [name for name in sorted(self._required) if call.parameters.get(name) is None]

    def named(self, target: Target, entry: TypeBinding | None, service: TypeBinding | None) -> Named:
        """Return what the call gives for a resource type, bound by a rule's entry, the service's rules, or by name."""
        formats = [parse_format(arn) for arn in target.type.arns]
        found = [self._placed(arn, self._named(target, arn, entry, service)) for arn in formats]
        best = min((one.naming, one.missing) for one in found)
        nearest = [one for one in found if (one.naming, one.missing) == best]
        arns = dict.fromkeys(arn for one in nearest for arn in one.arns)
        read = frozenset[str]().union(*(one.parameters for one in nearest))
        return Named(best[0], tuple(arns), read, best[1])

    def _named(self, target: Target, arn: ArnFormat, entry: TypeBinding | None, service: TypeBinding | None) -> Named:
        values: dict[str, tuple[str, ...]] = {}
        read: set[str] = set()
        said = False
        for layer in (entry, service):
            if layer is None:
                continue
            whole = None if values else self._whole(target, arn, layer.whole)
            if whole is not None:
                return _meant(whole)
            says_place = any(variable in PLACE_VARIABLES for variable, _ in layer.variables)
            for variable, binding in layer.variables:
                if variable in values or variable not in (*arn.variables, *PLACE_VARIABLES):
                    continue
                texts = self._bound(binding, None if says_place else arn, variable)
                if texts is not None or (layer is entry and variable in arn.variables):
                    # What a service's binding says without a parameter holds whether the call names the type or not.
                    said = said or layer is entry or bool(binding.paths)
                    values[variable] = texts or (self._missing,)
                    read.update(_parameters(binding))
            if layer is entry and not values:
                return Named(Naming.NOT, (arn.fill({**dict.fromkeys(arn.variables, self._missing), **self._place}),))
        return self._named_by_default(target, arn, values, read, is_said=said)

    def _named_by_default(
        self, target: Target, arn: ArnFormat, values: dict[str, tuple[str, ...]], read: set[str], is_said: bool
    ) -> Named:
        default = target.binding_by_name(arn, self._call.operation, self._given, self._members)
        if default.arns and not values:
            whole = self._whole(target, arn, (Binding(default.arns, Spelling.ARN),), default.nearness)
            if whole is not None:
                return _meant(whole, default.nearness)
        sure_variables = {variable for variable in arn.variables if variable in values}
        for variable, (nearness, parameters) in default.variables.items():
            texts = None if variable in values else self._bound(Binding(parameters))
            if texts is not None:
                values[variable] = texts
                read.update(parameters)
                if nearness <= Nearness.STEM:
                    sure_variables.add(variable)
        if not values:
            told = [text for text in self._whole_arns() if arn.prefix and arn.match(text) is not None]
            if told:
                return Named(Naming.FULL, tuple(told))
        naming = Naming.PART if read else Naming.NOT
        if (is_said or read) and len(sure_variables) == len(arn.variables):
            naming = Naming.FULL
        elif arn.is_sole:
            naming = Naming.SOLE
        missing = sum(variable not in values for variable in arn.variables)
        return Named(naming, tuple(self._filled(target, arn, values)), frozenset(read), missing)

    # Parameters

    def _bound(self, binding: Binding, arn: ArnFormat | None = None, variable: str = "") -> tuple[str, ...] | None:
        """Return the texts that the parameters of `binding` may hold, or None if the call gives none of them.

        They are for a `variable` of the format `arn`, or name a resource as a whole.
        """
        spelled = partial(self._spelled, binding, arn, variable)
        if binding.template is not None:
            filled = self._from_template(binding.template, {})
            return None if filled is None else tuple(one for text in filled for one in spelled(text))
        texts = []
        hidden = False
        for path in self._known_paths(binding):
            found = self._read(path)
            hidden = hidden or found.hidden
            texts += [one for text in found.texts for one in spelled(text)]
            if found.texts and found.left_out:
                texts.append(self._missing)
        if texts:
            return tuple(dict.fromkeys(texts))
        return (self._texts.mark(HIDDEN),) if hidden else None

    def _read(self, path: str) -> _Found:
        reached = reach(self._call.parameters, path)
        texts = [
            text for value in reached.values if passing(path, value, self._guards) for text in self._texts.of(value)
        ]
        if reached.unseen is not None and (texts or path.partition(".")[0].partition("[")[0] in self._given):
            texts.append(self._texts.mark(reached.unseen))
        value = self._call.parameters.get(path)
        left_out = path not in self._required and value is not None and Absent() in alternatives(value)
        return _Found(texts, reached.unseen is not None, left_out)

    def _from_template(self, template: str, known: Mapping[str, str]) -> tuple[str, ...] | None:
        """Return the texts that `template` gives, or None if the call does not give a parameter that it needs."""
        pieces: list[list[str]] = []
        for part in parse_template(template) or ():
            if isinstance(part, Option):
                inner = [self._piece(one, known) for one in part.parts]
                given = ["".join(texts) for texts in product(*(one.texts for one in inner))]
                left_out = any(one.left_out or one.hidden or not one.texts for one in inner)
                pieces.append([*given, ""] if left_out else given)
            else:
                piece = self._piece(part, known)
                if not piece.texts:
                    return None
                pieces.append(piece.texts)
        return tuple(dict.fromkeys("".join(texts) for texts in product(*pieces)))

    def _piece(self, part: str | Field, known: Mapping[str, str]) -> _Found:
        if isinstance(part, str):
            return _Found([part.replace("*", ANY)], hidden=False, left_out=False)
        if part.path in known:
            return _Found([known[part.path]], hidden=False, left_out=False)
        found = self._read(part.path) if self._is_known(part.path) else _Found([], hidden=False, left_out=True)
        if found.hidden and not found.texts:
            return found._replace(texts=[self._texts.mark(HIDDEN)])
        return found

    def _known_paths(self, binding: Binding) -> list[str]:
        return [path for path in binding.paths if self._is_known(path)]

    def _is_known(self, path: str) -> bool:
        # A service's binding holds for the operations that have its parameters.
        return (parse_path(path) or ("",))[0] in self._members

    def _spelled(self, binding: Binding, arn: ArnFormat | None, variable: str, text: str) -> tuple[str, ...]:
        """Return what `text`, which `binding` is about, says of a `variable` of `arn`, or an ARN that says more."""
        if binding.choices:
            known = dict(binding.choices)
            return tuple(dict.fromkeys(known.values())) if has_unknown(text) else (known.get(text, ANY),)
        taken = captured(binding.extract, text) if binding.extract and not is_unknown(text) else text
        names = read_names(binding.spelling, taken, self._texts)
        found = arn.match(text) if arn is not None and not is_unknown(text) else None
        if arn is None or found is None or variable not in found:
            return names
        # Of a part of an ARN of the type itself, the rest of the ARN still says where the resource is.
        values = [found if name == ANY else {**found, variable: name} for name in names if not name.startswith("arn:")]
        return (*(name for name in names if name.startswith("arn:")), *(arn.fill(value) for value in values))

    def _whole(
        self, target: Target, arn: ArnFormat, bindings: Iterable[Binding], nearness: Nearness | None = None
    ) -> Named | None:
        """Return what the parameters that name a resource all at once give, or None if the call gives none.

        `nearness` says how surely they do by their names; a rule is believed whatever type of resource the ARN names.
        """
        for binding in bindings:
            found = [one for one in self._whole_texts(target, arn, binding, nearness) if one is not None]
            if found:
                naming = min(naming for naming, _ in found)
                arns = dict.fromkeys(text for one, text in found if (one is Naming.OTHER) == (naming is Naming.OTHER))
                return Named(naming, tuple(arns), frozenset(_parameters(binding)))
        return None

    def _whole_texts(
        self, target: Target, arn: ArnFormat, binding: Binding, nearness: Nearness | None
    ) -> Iterator[tuple[Naming, str] | None]:
        for text in self._bound(binding) or ():
            if binding.spelling is Spelling.COPY_SOURCE:
                source = read_copy_source(text)
                named = source if isinstance(source, str) else arn.fill({**self._place, **source})
                yield Naming.FULL, named
            elif binding.spelling is Spelling.URL:
                url = read_queue_url(text)
                yield Naming.FULL, arn.fill({**self._place, **url, arn.variables[-1]: url[""]})
            elif nearness is None and is_arn(text) and not has_unknown(text):
                yield Naming.FULL, text
            else:
                yield self._arn(target, arn, text, {}, nearness)

    def _whole_arns(self) -> Iterator[str]:
        """Yield the ARNs that are given for any parameter: an ARN says by itself what it names."""
        for _, value in self._call.parameters.entries:
            yield from (text for text in self._texts.of(value) if text.startswith("arn:"))

    # ARNs

    def written(self, template: str) -> tuple[str, ...]:
        """Return the ARNs that `template` gives, an ARN written out in a rule."""
        place = {name.lower(): text for name, text in self._place.items()}
        fields = [part for part in parse_template(template) or () if isinstance(part, Field)]
        missing = [field.path for field in fields if not self._piece(field, place).texts]
        return self._from_template(template, place | dict.fromkeys(missing, ANY)) or ()

    def _placed(self, arn: ArnFormat, named: Named) -> Named:
        """Return `named` with what IAM wants to be known of the place in its ARNs.

        It refuses "Partition ... is not valid for resource" (https://github.com/cloudera-labs/cloudera.exe/issues/112),
        and with it all partitions but its own, "Resource vendor must be fully qualified and cannot contain regexes",
        and "IAM resource ... cannot contain region information"
        (https://github.com/cloud-gov/terraform-provision/pull/1838).
        """
        return named._replace(
            arns=tuple(
                text if is_unknown(text) else arn.with_place_known(text, self._texts.partition) for text in named.arns
            )
        )

    def _filled(self, target: Target, arn: ArnFormat, values: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
        for texts in product(*values.values()):
            chosen = dict(zip(values, texts, strict=True))
            said = self._said_by_arns(target, arn, chosen)
            if said is not None:
                yield said
                continue
            assigned = dict.fromkeys(arn.variables, self._missing) | self._place
            for variable, text in chosen.items():
                assigned |= self._assigned(target, arn, variable, text, chosen)
            yield arn.fill(assigned)

    def _said_by_arns(self, target: Target, arn: ArnFormat, chosen: dict[str, str]) -> str | None:
        """Return the ARN that those of `chosen`, texts by variable, say which are ARNs themselves; None if none does.

        Those that say nothing become unknown in `chosen`.
        """
        names = {variable: text for variable, text in chosen.items() if not text.startswith("arn:")}
        merged: dict[str, str] = {}
        others: list[str] = []
        for variable, text in chosen.items():
            found = None if variable in names else self._arn(target, arn, text, names)
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

    def _arn(
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
            return Naming.MAYBE, arn.fill({**dict.fromkeys(arn.variables, text), **self._place})
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
                known = self._place | arn.known_place(text)
                return Naming.MAYBE, arn.fill({**dict.fromkeys(arn.variables, unknown), **known})
            if arn.may_begin(text):
                given = {variable: value for variable, value in place.items() if value}
                return Naming.MAYBE, arn.fill({**dict.fromkeys(arn.variables, unknown), **self._place, **given})
        unsaid = dict.fromkeys(arn.variables, self._texts.unseen("what another resource's ARN does not say"))
        named = target.named_by(text, arn, others, unsaid | self._place)
        if named is None and not target.may_be_on(text, nearness):
            return None
        return Naming.OTHER, named or text


def _meant(named: Named, nearness: Nearness | None = None) -> Named:
    """Return `named`, judged by how surely the parameter is there for resources of the type; a rule says it is."""
    naming = named.naming
    if naming is Naming.MAYBE and nearness is not Nearness.GENERIC:
        naming = Naming.PART if nearness is Nearness.PART else Naming.FULL
    elif naming is Naming.OTHER and nearness in (None, Nearness.PART):
        naming = Naming.PART
    return named._replace(naming=naming)


def _parameters(binding: Binding) -> Iterator[str]:
    return ((parse_path(path) or ("",))[0] for path in binding.paths)
