"""The texts that the parameters of one call hold where a binding names them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import product
from typing import NamedTuple

from analyzer.authorize.formats import PLACE_VARIABLES, ArnFormat
from analyzer.authorize.guards import passing
from analyzer.authorize.parameters import HIDDEN, reach
from analyzer.authorize.spellings import read_names
from analyzer.authorize.texts import ANY, Texts, captured, has_unknown, is_unknown
from analyzer.model.calls import ApiCall
from analyzer.model.values import Absent, Known, alternatives
from analyzer.model.values import Mapping as MappingValue
from analyzer.rules import Binding, Field, Guards, Option, parse_path, parse_template
from analyzer.sdk import Operation


class _Found(NamedTuple):
    """The texts that a parameter may hold; `hidden` if it may hold others, `left_out` if it may not be given at all."""

    texts: list[str]
    hidden: bool
    left_out: bool


class BoundTexts:
    """Reads the parameters of one call.

    `given` are the names of those that it has, `members` those of all that its operation has, and `missing` is what
    stands for one that it has not.
    """

    def __init__(self, call: ApiCall, operation: Operation | None, texts: Texts, guards: Guards = ()) -> None:
        """Take the call and its operation; `texts` is what the ARNs are written with.

        Where `guards` are about certain values of a parameter, only those are read.
        """
        self._call = call
        self._guards = guards
        self._required = frozenset(operation.required if operation else ())
        self._texts = texts
        # What is not given can be anything, and so can what is not visible; only the latter is worth a note.
        self.missing = ANY if call.parameters.complete else texts.mark(HIDDEN)
        # A structure is never a name, whatever it is called.
        self.given = [
            key.value
            for key, value in call.parameters.entries
            if isinstance(key, Known) and isinstance(key.value, str) and not isinstance(value, MappingValue)
        ]
        # A library may use an action that no operation stands for; its parameters are named like the variables of ARNs.
        self.members = frozenset(operation.members if operation else self.given)
        if not call.parameters.complete:
            self.given += [name for name in sorted(self._required) if call.parameters.get(name) is None]

    def of(self, binding: Binding, arn: ArnFormat | None = None, variable: str = "") -> tuple[str, ...] | None:
        """Return the texts that the parameters of `binding` may hold, or None if the call gives none of them.

        They are for a `variable` of the format `arn`, or name a resource as a whole.
        """
        spelled = partial(self._spelled, binding, arn, variable)
        if binding.template is not None:
            filled = self._filled(binding.template, {})
            return None if filled is None else tuple(one for text in filled for one in spelled(text))
        texts = []
        hidden = False
        for path in self._known_paths(binding):
            found = self._read(path)
            hidden = hidden or found.hidden
            texts += [one for text in found.texts for one in spelled(text)]
            if found.texts and found.left_out:
                texts.append(self.missing)
        if texts:
            return tuple(dict.fromkeys(texts))
        return (self._texts.mark(HIDDEN),) if hidden else None

    def denies(self, binding: Binding) -> bool:
        """Say whether all that the call gives is seen not to have the part that `binding` takes of it."""
        if not binding.extract:
            return False
        texts = [text for path in self._known_paths(binding) for text in self._read(path).texts]
        return bool(texts) and all(not has_unknown(text) and captured(binding.extract, text) == ANY for text in texts)

    def _read(self, path: str) -> _Found:
        reached = reach(self._call.parameters, path)
        texts = [
            text for value in reached.values if passing(path, value, self._guards) for text in self._texts.of(value)
        ]
        if reached.unseen is not None and (texts or path.partition(".")[0].partition("[")[0] in self.given):
            texts.append(self._texts.mark(reached.unseen))
        value = self._call.parameters.get(path)
        left_out = path not in self._required and value is not None and Absent() in alternatives(value)
        return _Found(texts, reached.unseen is not None, left_out)

    def _filled(self, template: str, known: Mapping[str, str]) -> tuple[str, ...] | None:
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
        return (parse_path(path) or ("",))[0] in self.members

    def _spelled(self, binding: Binding, arn: ArnFormat | None, variable: str, text: str) -> tuple[str, ...]:
        """Return what `text`, which `binding` is about, says of a `variable` of `arn`, or an ARN that says more."""
        if binding.choices:
            known = dict(binding.choices)
            return tuple(dict.fromkeys(known.values())) if has_unknown(text) else (known.get(text, ANY),)
        taken = captured(binding.extract, text) if binding.extract and not is_unknown(text) else text
        if taken == ANY and binding.extract and variable in PLACE_VARIABLES and not has_unknown(text):
            # A name instead of an ARN, or "-" for the caller's own account: no place is given.
            taken = self._texts.place[variable]
        names = read_names(binding.spelling, taken, self._texts)
        found = arn.match(text) if arn is not None and not is_unknown(text) else None
        if arn is None or found is None or variable not in found:
            return names
        # Of a part of an ARN of the type itself, the rest of the ARN still says where the resource is.
        values = [found if name == ANY else {**found, variable: name} for name in names if not name.startswith("arn:")]
        return (*(name for name in names if name.startswith("arn:")), *(arn.fill(value) for value in values))

    def arns(self) -> Iterator[str]:
        """Yield the ARNs that are given for any parameter: an ARN says by itself what it names."""
        for _, value in self._call.parameters.entries:
            yield from (text for text in self._texts.of(value) if text.startswith("arn:"))

    def written(self, template: str) -> tuple[str, ...]:
        """Return the ARNs that `template` gives, an ARN written out in a rule."""
        place = {"partition": self._texts.partition, "region": self._texts.region, "account": self._texts.account}
        fields = [part for part in parse_template(template) or () if isinstance(part, Field)]
        missing = [field.path for field in fields if not self._piece(field, place).texts]
        return self._filled(template, place | dict.fromkeys(missing, ANY)) or ()
