"""Intrinsic functions resolved into texts: what is known as text, the rest as symbols, each thing spelled in one way.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html and
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain, count
from typing import Final

from analyzer.iam.positioned_json import Array, Json, Object, Scalar
from analyzer.model.calls import Unresolved
from analyzer.model.deployment import Deployment
from analyzer.model.location import Location
from analyzer.model.values import Ambient, TemplateSymbol
from analyzer.rules import resource_type
from analyzer.templates.json_text import json_texts
from analyzer.templates.nodes import SUBSTITUTED, argument_of, find, references, text_of
from analyzer.templates.pieces import Piece, Pieces, few, joined, literal, products, split, unslashed, written
from analyzer.templates.plain import to_plain
from analyzer.templates.read import bad_template
from analyzer.templates.sam import REGION
from analyzer.templates.stack import Resource, Stack

_REFERENCE: Final = re.compile(r"\{\{resolve:[^}]*\}\}")
_FIELD: Final = re.compile(r"\{(\w+)\}")
_NESTED_STACK: Final = "AWS::CloudFormation::Stack"
_OUTPUTS: Final = "Outputs."
_NO_VALUE: Final = "AWS::NoValue"
# Functions that are given something of a certain form.
_SHAPED: Final = ("Ref", "Fn::GetAtt", "Fn::Sub", "Fn::Join", "Fn::Select", "Fn::If", "Fn::FindInMap")
_LISTS: Final = ("CommaDelimitedList", "List<")


class Resolver:
    """Resolves what stands in one stack. What cannot be resolved is a symbol; what must be an error is told of."""

    def __init__(self, stack: Stack, deployment: Deployment, problems: list[Unresolved]) -> None:
        """Take a stack, what pins the pseudo parameters, and where to put what is wrong."""
        self.stack = stack
        self.deployment = deployment
        self._problems = problems
        self._resolving: list[str] = []
        self._children: dict[str, Resolver] = {}
        self._uncalculated_names: dict[str, str] = {}

    def child(self, logical_id: str) -> Resolver | None:
        """Return the resolver of a nested stack, None if its template is not known."""
        stack = self.stack.children.get(logical_id)
        if stack is None:
            return None
        if logical_id not in self._children:
            self._children[logical_id] = Resolver(stack, self.deployment, self._problems)
        return self._children[logical_id]

    # Texts

    def texts(self, value: Json | None) -> tuple[Pieces, ...]:
        """Return what the text `value` may be, nothing if it is no text or is left out by `AWS::NoValue`."""
        if isinstance(value, Scalar):
            return (self._constant(value),)
        if isinstance(value, Object) and len(value.members) == 1:
            name, argument = next(iter(value.members.items()))
            return few(self._call(name, argument, value))
        return ()

    def items(self, value: Json | None) -> tuple[Json, ...]:
        """Return the items of a list, those of both arms of every `Fn::If` in it, without those that are left out.

        A single value counts as a list of it.
        """
        if isinstance(value, Array):
            return tuple(item for one in value.items for item in self.items(one))
        if value is None or self._is_no_value(value):
            return ()
        arms = argument_of(value, "Fn::If")
        if isinstance(arms, Array) and len(arms.items) == 3:
            return tuple(item for arm in arms.items[1:] for item in self.items(arm))
        return (value,)

    def _is_no_value(self, value: Json) -> bool:
        return text_of(argument_of(value, "Ref")) == _NO_VALUE

    def _constant(self, value: Scalar) -> Pieces:
        if isinstance(value.value, str):
            return self._literal(value.value)
        return ("" if value.value is None else str(value.value).lower(),)

    def _literal(self, text: str) -> Pieces:
        pieces: list[Piece] = []
        end = 0
        for found in _REFERENCE.finditer(text):
            pieces += text[end : found.start()], self._reference(found[0])
            end = found.end()
        return joined([*pieces, text[end:]])

    def _reference(self, reference: str) -> Piece:
        if reference == REGION:
            return self._ambient("region")
        words = reference.strip("{}").removeprefix("resolve:").replace(":", " ")
        return TemplateSymbol(f"resolve {words}", whole=words.lower().endswith("arn"))

    def _ambient(self, name: str) -> Piece:
        return {"region": self.deployment.region, "account": self.deployment.account}[name] or Ambient(name)

    # Functions

    def _call(self, name: str, argument: Json, call: Object) -> Iterable[Pieces]:
        match name, argument:
            case "Ref", Scalar(str(target)):
                return self._ref(target, argument.location)
            # With AWS::LanguageExtensions, what is referred to may be made by a function.
            case "Ref", Object():
                named = literal(self.texts(argument))
                if named is not None:
                    return self._ref(named, argument.location)
            case "Fn::GetAtt", Array((first, *rest)):
                attribute = ".".join("".join(map(str, self._words(one))) for one in rest)
                return self._attribute(literal(self.texts(first)) or "", attribute, argument.location)
            case "Fn::Sub", Scalar(str(text)):
                return self._sub(text, None, argument.location)
            case "Fn::Sub", Array((Scalar(str(text)), Object() as variables)):
                return self._sub(text, variables, argument.location)
            case "Fn::Join", Array((Scalar(str(separator)), listed)):
                return self._join(separator, listed)
            case "Fn::Select", Array((index, listed)):
                return self._select(index, listed, call)
            case "Fn::If", Array((_, first, second)):
                return (*self.texts(first), *self.texts(second))
            case "Fn::FindInMap", Array(items) if len(items) >= 3:
                found = tuple(self._found_in_map(items))
                if found:
                    return (text for one in found for text in self.texts(one))
                self.problem(call.location, "Fn::FindInMap finds nothing")
            case "Fn::ImportValue", exported:
                return [
                    (TemplateSymbol(f"Fn::ImportValue {written(text)}", written(text).lower().endswith("arn")),)
                    for text in self.texts(exported)
                ]
            case "Fn::Split", _:
                return ()
            case "Fn::Length", Array() | Object():
                counted = self.list(argument)
                if all(len(item) == 1 for item in counted):
                    return [(str(len(counted)),)]
            case "Fn::ToJsonString", Array() | Object():
                return json_texts(argument, self)
            case _ if name in _SHAPED:
                self.problem(call.location, f"{name} is not called as it has to be")
        if name.startswith("Fn::") and name[4:].isalnum():
            return self._uncalculated(name, argument, call)
        return ()

    def _uncalculated(self, name: str, argument: Json, call: Object) -> tuple[Pieces, ...]:
        """Return the symbol for what a function gives: the same wherever the stack calls it so, and no other's.

        It shows the line of the first such call, and the column too where another call on that line has the name.
        """
        content = f"{name} {json.dumps(to_plain(argument), sort_keys=True)}"
        if content not in self._uncalculated_names:
            place = call.location
            names = (f"{name} {place.start_line}", f"{name} {place.start_line}.{place.start_column}")
            taken = set(self._uncalculated_names.values())
            further = (f"{names[1]}.{number}" for number in count(2))
            symbol = next(one for one in chain(names, further) if f"{self.stack.prefix}{one}" not in taken)
            self._uncalculated_names[content] = f"{self.stack.prefix}{symbol}"
        return ((TemplateSymbol(self._uncalculated_names[content]),),)

    def _words(self, value: Json) -> Pieces:
        texts = self.texts(value)
        return texts[0] if texts else ()

    def _ref(self, target: str, place: Location) -> tuple[Pieces, ...]:
        pseudo = self._pseudo(target)
        if pseudo is not None:
            return pseudo
        if target in self.stack.parameters:
            return self._parameter(target)
        resource = self.stack.resources.get(target)
        if resource is None:
            self.problem(place, f"no parameter or resource is called {target}")
            return ((TemplateSymbol(f"{self.stack.prefix}{target}"),),)
        return self.reference(resource)

    def _pseudo(self, name: str) -> tuple[Pieces, ...] | None:
        partition = self.deployment.partition
        match name:
            case "AWS::Region":
                return ((self._ambient("region"),),)
            case "AWS::AccountId":
                return ((self._ambient("account"),),)
            case "AWS::Partition":
                return ((partition,),)
            case "AWS::URLSuffix":
                return (("amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com",),)
            case "AWS::NoValue":
                return ()
        return ((TemplateSymbol(f"{self.stack.prefix}{name}"),),) if name.startswith("AWS::") else None

    def _parameter(self, name: str) -> tuple[Pieces, ...]:
        given = self.stack.given.get(name)
        if given is not None:
            return given
        declared = self.stack.parameters[name]
        kind, default = text_of(find(declared, "Type")) or "", find(declared, "Default")
        if isinstance(default, Scalar) and not kind.startswith("AWS::SSM::"):
            return (self._constant(default),)
        return ((TemplateSymbol(f"{self.stack.prefix}{name}", whole=name.lower().endswith("arn")),),)

    def _attribute(self, target: str, attribute: str, place: Location) -> tuple[Pieces, ...]:
        resource = self.stack.resources.get(target)
        if resource is None:
            self.problem(place, f"no resource is called {target}")
            return ((TemplateSymbol(f"{self.stack.prefix}{target}.{attribute}"),),)
        child = self.child(target) if attribute.startswith(_OUTPUTS) else None
        if child is not None:
            output = find(child.stack.outputs, attribute.removeprefix(_OUTPUTS), "Value")
            if output is not None:
                return child.texts(output)
        known = resource_type(resource.type)
        text = None if known is None else known.attributes.get(attribute)
        if text is None:
            whole = attribute.lower().endswith("arn")
            return ((TemplateSymbol(f"{self.stack.prefix}{target}.{attribute}", whole),),)
        return self._filled(resource, text, f"{target}.{attribute}")

    def _sub(self, text: str, variables: Object | None, place: Location) -> Iterable[Pieces]:
        own = {} if variables is None else variables.members
        choices: list[tuple[Pieces, ...]] = []
        end = 0
        for found in SUBSTITUTED.finditer(text):
            choices.append((self._literal(text[end : found.start()]),))
            end = found.end()
            name = found[1].strip()
            if name.startswith("!"):
                choices.append(((f"${{{name[1:]}}}",),))
            elif name in own:
                choices.append(self.texts(own[name]))
            elif "." in name:
                target, _, attribute = name.partition(".")
                choices.append(self._attribute(target, attribute, place))
            else:
                choices.append(self._ref(name, place))
        choices.append((self._literal(text[end:]),))
        return products(choices)

    def _join(self, separator: str, listed: Json) -> Iterable[Pieces]:
        choices: list[tuple[Pieces, ...]] = []
        for item in self.list(listed):
            choices += ((separator,),), item
        return products(choices[1:])

    def list(self, listed: Json) -> list[tuple[Pieces, ...]]:
        """Return the texts of a list, each with what it may be; a single text counts as a list of it."""
        if isinstance(listed, Array):
            return [item for one in listed.items for item in self.list(one)]
        parted = argument_of(listed, "Fn::Split")
        if isinstance(parted, Array) and len(parted.items) == 2:
            separator, texts = text_of(parted.items[0]) or ",", self.texts(parted.items[1])
            return [(part,) for part in split(texts[0], separator)] if len(texts) == 1 else [(text,) for text in texts]
        name = text_of(argument_of(listed, "Ref"))
        if name is not None and name in self.stack.parameters and self._is_list(name):
            texts = self._parameter(name)
            return [(part,) for part in split(texts[0], ",")] if len(texts) == 1 else [(text,) for text in texts]
        if argument_of(listed, "Fn::If") is not None or argument_of(listed, "Fn::FindInMap") is not None:
            arms = self.items(listed)
            if arms and arms[0] is not listed:
                return [item for arm in arms for item in self.list(arm)]
        texts = self.texts(listed)
        return [texts] if texts else []

    def _is_list(self, parameter: str) -> bool:
        kind = text_of(find(self.stack.parameters[parameter], "Type")) or ""
        return any(word in kind for word in _LISTS)

    def _select(self, index: Json, listed: Json, call: Object) -> tuple[Pieces, ...]:
        number = self.texts(index)
        items = self.list(listed)
        text = number[0][0] if len(number) == 1 and number[0] else ""
        if isinstance(text, str) and text.isdigit() and int(text) < len(items):
            return items[int(text)]
        argument = Array((index, listed), call.location)
        return self._uncalculated("Fn::Select", argument, call)

    def _found_in_map(self, path: tuple[Json, ...]) -> Iterator[Json]:
        """Yield what `Fn::FindInMap` may find: where a key is not known, what is under any of them."""
        found: list[Json] = [] if self.stack.mappings is None else [self.stack.mappings]
        for key in path[:3]:
            names = self.texts(key)
            plain = {"".join(map(str, pieces)) for pieces in names if all(isinstance(one, str) for one in pieces)}
            is_known = len(plain) == len(names) and bool(names)
            found = [
                member
                for one in found
                if isinstance(one, Object)
                for name, member in one.members.items()
                if not is_known or name in plain
            ]
        yield from found
        if len(path) > 3:
            default = find(path[3], "DefaultValue")
            yield from () if default is None else (default,)

    # Resources

    def name(self, resource: Resource) -> tuple[Pieces, ...]:
        """Return what the physical name of a resource may be: a text, or the symbol that stands for it."""
        symbol = ((TemplateSymbol(f"{self.stack.prefix}{resource.id}"),),)
        known = resource_type(resource.type)
        given = resource.get(*known.name.split(".")) if known is not None and known.name else None
        if given is None:
            return symbol
        if resource.id in self._resolving:
            self.problem(resource.location, f"the name of {resource.id} is made from itself")
            return symbol
        self._resolving.append(resource.id)
        try:
            texts = tuple(text for text in self.texts(given) if text)
            may_be_left_out = not texts or _NO_VALUE in references(given)
            return few((*texts, *symbol)) if may_be_left_out else texts
        finally:
            self._resolving.pop()

    def arns(self, resource: Resource) -> tuple[Pieces, ...]:
        """Return what the ARN of a resource may be, nothing if the form of its type's ARNs is not known."""
        known = resource_type(resource.type)
        return self._filled(resource, known.arn, resource.id) if known is not None and known.arn else ()

    def reference(self, resource: Resource) -> tuple[Pieces, ...]:
        """Return what `Ref` gives of a resource."""
        known = resource_type(resource.type)
        return self._filled(resource, "{name}" if known is None else known.ref, resource.id)

    def _filled(self, resource: Resource, template: str, symbol: str) -> tuple[Pieces, ...]:
        known = resource_type(resource.type)
        text = template.replace("{arn}", known.arn if known is not None else "")
        choices: list[tuple[Pieces, ...]] = []
        end = 0
        for found in _FIELD.finditer(text):
            before = text[end : found.start()]
            end = found.end()
            choices.append(((before,),))
            match found[1]:
                case "name":
                    names = self.name(resource)
                    # The name of a parameter begins with a slash where it has a path, and its ARN has only that one.
                    choices.append(tuple(unslashed(name) if before.endswith("/") else name for name in names))
                case "path":
                    choices.append(self.texts(resource.get("Path")) or (("/",),))
                case "symbol":
                    choices.append(((TemplateSymbol(f"{self.stack.prefix}{symbol}"),),))
                case "partition":
                    choices.append(((self.deployment.partition,),))
                case place:
                    choices.append(((self._ambient(place),),))
        tail = text[end:]
        asked = len(tail) - len(tail.rstrip("?"))
        choices.append(((tail[: len(tail) - asked],),))
        if asked:
            choices.append(((TemplateSymbol("?" * asked),),))
        return few(products(choices))

    def problem(self, place: Location, detail: str) -> None:
        """Tell, once, that something at `place` is wrong."""
        problem = bad_template(place, detail)
        if problem not in self._problems:
            self._problems.append(problem)
