"""Which ARNs of one resource type a call's parameters name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from analyzer.authorize.arns import ArnReader, Naming
from analyzer.authorize.bound import BoundTexts
from analyzer.authorize.formats import PLACE_VARIABLES, ArnFormat, is_arn, parse_format
from analyzer.authorize.naming import Nearness
from analyzer.authorize.spellings import read_copy_source, read_queue_url
from analyzer.authorize.targets import Target
from analyzer.authorize.texts import Texts, has_unknown, is_unknown
from analyzer.model.calls import ApiCall
from analyzer.rules import Binding, Guards, Spelling, TypeBinding, parse_path
from analyzer.sdk import Operation


class Named(NamedTuple):
    """The ARNs, with unknown parts, that a call gives for one resource type, and the parameters that say so.

    `missing` is how many variables of the ARN nothing names.
    """

    naming: Naming
    arns: tuple[str, ...]
    parameters: frozenset[str] = frozenset()
    missing: int = 0


class CallReader:
    """Says of one call which resources it names."""

    def __init__(self, call: ApiCall, operation: Operation | None, texts: Texts, guards: Guards = ()) -> None:
        """Take the call and its operation; `texts` is what the ARNs are written with.

        Where `guards` are about certain values of a parameter, only those are read.
        """
        self._operation = call.operation
        self._partition = texts.partition
        self._bound = BoundTexts(call, operation, texts, guards)
        self._arns = ArnReader(texts, self._bound.missing)

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
                texts = self._bound.of(binding, None if says_place else arn, variable)
                if texts is not None or (layer is entry and variable in arn.variables):
                    values[variable] = texts or (self._bound.missing,)
                    if layer is service and self._bound.denies(binding):
                        continue
                    # What a service's binding says without a parameter holds whether the call names the type or not.
                    said = said or layer is entry or bool(binding.paths)
                    # A parameter for the place may still name a resource of another type.
                    read.update(() if variable in PLACE_VARIABLES else _parameters(binding))
            if layer is entry and not values:
                return Named(
                    Naming.NOT, (arn.fill({**dict.fromkeys(arn.variables, self._bound.missing), **self._arns.place}),)
                )
        return self._named_by_default(target, arn, values, read, is_said=said)

    def _named_by_default(
        self, target: Target, arn: ArnFormat, values: dict[str, tuple[str, ...]], read: set[str], is_said: bool
    ) -> Named:
        default = target.binding_by_name(arn, self._operation, self._bound.given, self._bound.members)
        if default.arns and not values:
            whole = self._whole(target, arn, (Binding(default.arns, Spelling.ARN),), default.nearness)
            if whole is not None:
                return _meant(whole, default.nearness)
        sure_variables = {variable for variable in arn.variables if variable in values}
        for variable, (nearness, parameters) in default.variables.items():
            texts = None if variable in values else self._bound.of(Binding(parameters))
            if texts is not None:
                values[variable] = texts
                read.update(parameters)
                if nearness <= Nearness.STEM:
                    sure_variables.add(variable)
        if not values:
            told = [text for text in self._bound.arns() if arn.prefix and arn.match(text) is not None]
            if told:
                return Named(Naming.FULL, tuple(told))
        naming = Naming.PART if read else Naming.NOT
        if (is_said or read) and len(sure_variables) == len(arn.variables):
            naming = Naming.FULL
        elif arn.is_sole:
            naming = Naming.SOLE
        missing = sum(variable not in values for variable in arn.variables)
        return Named(naming, tuple(self._arns.filled(target, arn, values)), frozenset(read), missing)

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
        for text in self._bound.of(binding) or ():
            if binding.spelling is Spelling.COPY_SOURCE:
                source = read_copy_source(text)
                named = source if isinstance(source, str) else arn.fill({**self._arns.place, **source})
                yield Naming.FULL, named
            elif binding.spelling is Spelling.URL:
                url = read_queue_url(text)
                yield Naming.FULL, arn.fill({**self._arns.place, **url, arn.variables[-1]: url[""]})
            elif nearness is None and is_arn(text) and not has_unknown(text):
                yield Naming.FULL, text
            else:
                yield self._arns.read(target, arn, text, {}, nearness)

    def written(self, template: str) -> tuple[str, ...]:
        """Return the ARNs that `template` gives, an ARN written out in a rule."""
        return self._bound.written(template)

    def _placed(self, arn: ArnFormat, named: Named) -> Named:
        """Return `named` with what IAM wants to be known of the place in its ARNs.

        It refuses "Partition ... is not valid for resource" (https://github.com/cloudera-labs/cloudera.exe/issues/112),
        and with it all partitions but its own, "Resource vendor must be fully qualified and cannot contain regexes",
        and "IAM resource ... cannot contain region information"
        (https://github.com/cloud-gov/terraform-provision/pull/1838).
        """
        return named._replace(
            arns=tuple(text if is_unknown(text) else arn.with_place_known(text, self._partition) for text in named.arns)
        )


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
