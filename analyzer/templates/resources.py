"""The resources of stacks as records of values, for whoever asks what a function's configuration leads to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from analyzer.iam.positioned_json import Array, Json, Object, Scalar
from analyzer.model.policy import Policy
from analyzer.model.values import (
    Absent,
    Known,
    Mapping,
    OneOf,
    Opaque,
    Sequence,
    Unseen,
    Value,
    alternatives,
)
from analyzer.model.workload import StackResource
from analyzer.rules import resource_type
from analyzer.templates.grants import RoleReader
from analyzer.templates.intrinsics import Resolver
from analyzer.templates.nodes import argument_of, find, is_call, text_of
from analyzer.templates.pieces import Pieces, value_of
from analyzer.templates.stack import Resource

_MAPPING: Final = "AWS::Lambda::EventSourceMapping"


def read_resources(resolver: Resolver) -> Iterator[StackResource]:
    """Yield the resources of a stack, and those of the stacks that are nested in it."""
    # What cannot be resolved of them is told of where it matters.
    quiet = Resolver(resolver.stack, resolver.deployment, [])
    for resource in resolver.stack.resources.values():
        properties = _value(resource.properties, quiet)
        yield StackResource(
            id=f"{resolver.stack.prefix}{resource.id}",
            type=resource.type,
            names=tuple(_names(resource, quiet)),
            properties=properties if isinstance(properties, Mapping) else Mapping((), complete=False),
            location=resource.location,
            generated=resource.written is None or resource.origin != resource.id,
            sam_types=tuple(_sam_types(resource)),
        )
    for name in resolver.stack.children:
        child = resolver.child(name)
        if child is not None:
            yield from read_resources(child)


def role_policy(stacks: Iterable[Resolver], role: str) -> Policy | None:
    """Return what the role with the id `role`, below that of nested stacks, is allowed; None if there is none."""
    for resolver in stacks:
        own = role.removeprefix(resolver.stack.prefix)
        resource = resolver.stack.resources.get(own) if role.startswith(resolver.stack.prefix) else None
        if resource is not None:
            return RoleReader(resolver, []).grants(_reference(resource), resource.location).policy
        children = [child for name in resolver.stack.children if (child := resolver.child(name)) is not None]
        found = role_policy(children, role)
        if found is not None:
            return found
    return None


def _names(resource: Resource, resolver: Resolver) -> Iterator[Value]:
    known = resource_type(resource.type)
    texts: list[Pieces] = [*resolver.arns(resource), *resolver.name(resource)]
    if known is not None and known.ref != "{name}":
        texts += resolver.reference(resource)
    for text in dict.fromkeys(texts):
        value = value_of((text,))
        if value is not None:
            yield value


def _reference(resource: Resource) -> Json:
    place = resource.location
    return Object({"Ref": Scalar(resource.id, False, place)}, {"Ref": place}, place)


def _sam_types(resource: Resource) -> Iterator[tuple[str, str]]:
    """Yield what SAM says of the settings of `resource`, a function or one of the resources that it is made into.

    The id of what is made for an event is the function's with the event's.
    """
    written = find(resource.written, "Properties")
    event = find(written, "Events", resource.id.removeprefix(resource.origin))
    for setting, node, *path in (
        ("DeadLetterConfig.TargetArn", written, "DeadLetterQueue"),
        ("DestinationConfig.OnFailure.Destination", written, "EventInvokeConfig", "DestinationConfig", "OnFailure"),
        ("DestinationConfig.OnSuccess.Destination", written, "EventInvokeConfig", "DestinationConfig", "OnSuccess"),
        ("EventSourceArn", event),
        ("DestinationConfig.OnFailure.Destination", event, "Properties", "DestinationConfig", "OnFailure"),
    ):
        if (node is event) is (resource.type == _MAPPING):
            said = text_of(find(node, *path, "Type"))
            if said is not None:
                yield setting, said


def _value(node: Json, resolver: Resolver) -> Value:
    if isinstance(node, Array):
        return Sequence(tuple(_value(item, resolver) for one in node.items for item in resolver.items(one)))
    if isinstance(node, Scalar):
        if isinstance(node.value, str) and not node.is_number:
            return value_of(resolver.texts(node)) or Known(node.value)
        return Known(node.value)
    if is_call(node):
        return _called(node, resolver)
    found = [(name, _member(member, resolver)) for name, member in node.members.items()]
    return Mapping(tuple((Known(name), value) for name, value in found if not isinstance(value, Absent)))


def _member(node: Json, resolver: Resolver) -> Value:
    """Return the value of a property, which `AWS::NoValue` leaves out."""
    arms = argument_of(node, "Fn::If")
    if isinstance(arms, Array) and len(arms.items) == 3:
        found = dict.fromkeys(one for arm in arms.items[1:] for one in alternatives(_member(arm, resolver)))
        return next(iter(found)) if len(found) == 1 else OneOf(tuple(found))
    return _value(node, resolver) if resolver.items(node) or isinstance(node, Array) else Absent()


def _called(call: Object, resolver: Resolver) -> Value:
    listed = resolver.list(call)
    if argument_of(call, "Fn::Split") is not None or len(listed) > 1:
        return Sequence(tuple(value for texts in listed if (value := value_of(texts)) is not None))
    found = value_of(resolver.texts(call))
    if found is not None:
        return found
    arms = [one for one in resolver.items(call) if one is not call]
    if arms:
        return _value(arms[0], resolver) if len(arms) == 1 else OneOf(tuple(_value(arm, resolver) for arm in arms))
    name = next(iter(call.members))
    return Opaque(Unseen(f"{name} of the template"))
