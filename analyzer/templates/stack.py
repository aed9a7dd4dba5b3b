"""Stacks: what a template deploys, each resource with the place of what it was made from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, cast

from analyzer.iam.positioned_json import Array, Json, Object, Scalar
from analyzer.model.calls import Unresolved
from analyzer.model.location import Location
from analyzer.rules import same_but_for_case
from analyzer.templates.loops import expand, has_loops
from analyzer.templates.nodes import argument_of, find, items_of, text_of
from analyzer.templates.pieces import Pieces, literal
from analyzer.templates.plain import Places, Plain
from analyzer.templates.read import Document, bad_template
from analyzer.templates.sam import SAM_PREFIX, TRANSFORM, is_sam, translate

_SAM_POLICY: Final = "Policy"
# Also those of third parties, modules and hooks, and custom resources: `Custom::Thing`.
_TYPE: Final = re.compile(r"Custom::[\w@-]+|\w+(::\w+){2,3}")


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of a stack.

    `properties` are those of the CloudFormation type `type`; of a resource that SAM generates, parts have the place of
    what they were made from, and `origin` is the resource of the template that it was generated for. `written` is what
    the template says of that one, None if the template says nothing.
    """

    id: str
    type: str
    properties: Object
    location: Location
    origin: str
    written: Object | None

    def get(self, *path: str) -> Json | None:
        """Return the property at `path`, None if it is not there."""
        return find(self.properties, *path)


@dataclass(slots=True)
class Stack:
    """A template with the values of its parameters, as far as they are known.

    `folder` is where it lies, relative to the root; `prefix` is put before its logical ids, that of the nested stack
    that it is: `Orders/`. `parameters` are the declared ones; `given` are values for them, alternatives each.
    `children` are its nested stacks by logical id.
    """

    document: Document
    folder: str
    prefix: str
    parameters: Mapping[str, Object]
    given: Mapping[str, tuple[Pieces, ...]]
    mappings: Object | None
    resources: dict[str, Resource]
    outputs: Object | None
    children: dict[str, Stack] = field(default_factory=dict)


def read_stack(
    document: Document,
    folder: str,
    prefix: str,
    given: Mapping[str, tuple[Pieces, ...]],
    region: str | None,
    problems: list[Unresolved],
) -> Stack:
    """Return the stack of a template; a SAM template is translated. What cannot be read is added to `problems`."""
    if has_loops(document):
        document = expand(document, given, problems)
    parameters = _objects(document, "Parameters")
    if is_sam(document):
        known = {name: text for name, values in given.items() if (text := literal(values)) is not None}
        resources = _translated(document, translate(document, known, region, problems), problems)
    else:
        resources = dict(_written(document, problems))
    problems += _unknown_types(document, resources)
    mappings, outputs = document.root.members.get("Mappings"), document.root.members.get("Outputs")
    return Stack(
        document=document,
        folder=folder,
        prefix=prefix,
        parameters=parameters,
        given=given,
        mappings=mappings if isinstance(mappings, Object) else None,
        resources=resources,
        outputs=outputs if isinstance(outputs, Object) else None,
    )


def _unknown_types(document: Document, resources: Mapping[str, Resource]) -> Iterator[Unresolved]:
    """Yield which types are none. AWS has new ones each week: those that are only not known here may well be."""
    for resource in resources.values():
        meant = same_but_for_case(resource.type)
        if meant is not None and meant != resource.type:
            yield bad_template(resource.location, f"there is no resource type {resource.type}; did you mean {meant}?")
        elif resource.type.startswith(SAM_PREFIX) and not is_sam(document):
            yield bad_template(resource.location, f"{resource.type} without Transform: {TRANSFORM}")
        elif resource.type.startswith(SAM_PREFIX) or not _TYPE.fullmatch(resource.type):
            yield bad_template(resource.location, f"there is no resource type {resource.type}")


def _objects(document: Document, section: str) -> dict[str, Object]:
    found = document.root.members.get(section)
    if not isinstance(found, Object):
        return {}
    return {name: one for name, one in found.members.items() if isinstance(one, Object)}


def _written(document: Document, problems: list[Unresolved]) -> list[tuple[str, Resource]]:
    resources = cast("Object", document.root.members["Resources"])
    found = []
    for name, node in resources.members.items():
        place = resources.key_locations[name]
        kind = text_of(find(node, "Type"))
        if not isinstance(node, Object) or kind is None:
            problems.append(_no_resource(name, resources))
            continue
        found.append((name, Resource(name, kind, _properties(node), place, name, node)))
    return found


def _no_resource(name: str, resources: Object) -> Unresolved:
    place = resources.key_locations.get(name, resources.location)
    return bad_template(place, f"{name} is not a resource that can be read: it has no Type")


def _properties(node: Object) -> Object:
    properties = node.members.get("Properties")
    return properties if isinstance(properties, Object) else Object({}, {}, node.location)


def _translated(document: Document, template: dict[str, Plain], problems: list[Unresolved]) -> dict[str, Resource]:
    resources = cast("Object", document.root.members["Resources"])
    shared = document.root.members.get("Globals")
    places: dict[str, Places] = {}
    found: dict[str, Resource] = {}
    for name, plain in cast("dict[str, Plain]", template.get("Resources", {})).items():
        if not isinstance(plain, dict) or not isinstance(kind := plain.get("Type"), str):
            problems.append(_no_resource(name, resources))
            continue
        origin = _origin(name, resources)
        written = resources.members.get(origin)
        place = resources.key_locations.get(origin, resources.location)
        if origin not in places:
            places[origin] = Places(*(part for part in (written, shared) if part is not None))
        counterpart = find(written, "Properties") if name == origin else None
        if kind == "AWS::IAM::Role" and name != origin:
            counterpart = _role_counterpart(plain, find(written, "Properties"), place)
        placed = places[origin].placed(
            plain.get("Properties") or {}, place, counterpart, scalars=kind != "AWS::IAM::Role"
        )
        properties = placed if isinstance(placed, Object) else Object({}, {}, place)
        own = written if isinstance(written, Object) else None
        found[name] = Resource(name, kind, properties, place, origin, own)
    return found


def _origin(name: str, resources: Object) -> str:
    """Return the resource that the generated resource `name` was made for: its name begins with that one's."""
    if name in resources.members:
        return name
    beginnings = [own for own in resources.members if name.startswith(own)]
    return max(beginnings, key=len, default=name)


def _role_counterpart(role: dict[str, Plain], properties: Json | None, place: Location) -> Object | None:
    """Return the properties of a role that SAM makes as the function's `Policies` have them.

    The translator numbers the policies of the role by their place in that list: `FunctionRolePolicy2`.
    """
    given = items_of(find(properties, "Policies"))
    made = role.get("Properties")
    if not isinstance(made, dict):
        return None
    nothing = Scalar(None, False, place)
    inline = [_policy_counterpart(policy, given, nothing) for policy in _listed(made.get("Policies"))]
    named = {text.rpartition("/")[2]: one for one in given if (text := text_of(one)) is not None}
    managed = [named.get(str(arn).rpartition("/")[2], nothing) for arn in _listed(made.get("ManagedPolicyArns"))]
    parts: dict[str, Json] = {
        "Policies": Array(tuple(inline), place),
        "ManagedPolicyArns": Array(tuple(managed), place),
    }
    return Object(parts, dict.fromkeys(parts, place), place)


def _policy_counterpart(policy: Plain, given: tuple[Json, ...], nothing: Json) -> Json:
    """Return the item of `Policies` that a policy of a role was made from, in the form of that policy."""
    number = next(_policy_numbers(policy), None)
    source = nothing if number is None or number >= len(given) else given[number]
    arms = argument_of(source, "Fn::If")
    if isinstance(arms, Array):
        condition, *outcomes = arms.items
        made = [_document_holder(one) for one in outcomes]
        return _holder("Fn::If", Array((condition, *made), arms.location))
    return _document_holder(source)


def _policy_numbers(policy: Plain) -> Iterator[int]:
    for part in policy.values() if isinstance(policy, dict) else policy if isinstance(policy, list) else ():
        yield from _policy_numbers(part)
    name = str(policy.get("PolicyName", "")) if isinstance(policy, dict) else ""
    digits = name.rpartition(_SAM_POLICY)[2]
    if digits.isdigit():
        yield int(digits)


def _document_holder(source: Json) -> Object:
    return _holder("PolicyDocument", source)


def _holder(name: str, value: Json) -> Object:
    return Object({name: value}, {name: value.location}, value.location)


def _listed(value: Plain) -> list[Plain]:
    return value if isinstance(value, list) else []
