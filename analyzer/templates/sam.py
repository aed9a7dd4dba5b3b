"""SAM templates to CloudFormation, by AWS's own translator, without an account and without a network.

Source: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html and
https://github.com/aws/serverless-application-model, whose package this is.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, cast

from analyzer.cache import cached
from analyzer.iam.positioned_json import Array, Object, Scalar
from analyzer.model.calls import Unresolved
from analyzer.model.location import Location
from analyzer.rules import content_key, managed_policy_arns
from analyzer.templates.plain import Plain, to_plain
from analyzer.templates.read import Document, bad_template

TRANSFORM: Final = "AWS::Serverless-2016-10-31"
SAM_PREFIX: Final = "AWS::Serverless::"
_FUNCTION: Final = "AWS::Serverless::Function"
# What the translator reads as the region; whoever resolves texts makes it the region that it stands for.
REGION: Final = "{{resolve:lpa:region}}"
# Properties that name local files, which the translator takes only when they are uploaded; what it makes of them is not
# used, since the code is read where it is.
_UPLOADED: Final = {
    _FUNCTION: ("CodeUri",),
    "AWS::Serverless::LayerVersion": ("ContentUri",),
    "AWS::Serverless::Application": ("Location",),
    "AWS::Serverless::Api": ("DefinitionUri",),
    "AWS::Serverless::HttpApi": ("DefinitionUri",),
    "AWS::Serverless::StateMachine": ("DefinitionUri",),
    "AWS::Serverless::GraphQLApi": ("SchemaUri",),
}
_UPLOAD: Final = "s3://bucket/key"
_MOST_ATTEMPTS: Final = 20
# Raised when what is stored changes its form.
_FORMAT: Final = 1
# What the translator raises for templates that it was not written for, beside its own exceptions.
_UNEXPECTED: Final = (AttributeError, TypeError, KeyError, ValueError, IndexError, RuntimeError, RecursionError)


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why the translator refused: `resource` is the logical id that it is about, empty if it names none."""

    resource: str
    why: str


def is_sam(document: Document) -> bool:
    """Say whether a template is to be translated."""
    transform = document.root.members.get("Transform")
    names = transform.items if isinstance(transform, Array) else (transform,)
    return any(isinstance(name, Scalar) and name.value == TRANSFORM for name in names)


def translate(
    document: Document, parameters: Mapping[str, str], region: str | None, problems: list[Unresolved]
) -> dict[str, Plain]:
    """Return the CloudFormation template, as plain data, that a SAM template stands for.

    `parameters` are the values of its parameters, as far as they are known. A resource that the translator refuses is
    added to `problems` and left out.
    """
    plain = cast("dict[str, Plain]", to_plain(document.root))
    _keep_open(plain, parameters)
    resources = cast("dict[str, Plain]", plain["Resources"])
    for name in [name for name, resource in resources.items() if not isinstance(resource, dict)]:
        problems.append(bad_template(_place(document, name), f"{name} is not a resource that can be read"))
        del resources[name]
    for resource in resources.values():
        _upload(cast("dict[str, Plain]", resource))
    settings = json.dumps([_FORMAT, _version(), region, sorted(parameters.items()), plain], sort_keys=True)
    stored = cached("sam", content_key(settings.encode()), lambda: _translated(plain, parameters, region))
    for resource_id, why in cast("list[list[str]]", stored["problems"]):
        where = _place(document, resource_id) if resource_id else document.root.key_locations["Transform"]
        problems.append(bad_template(where, " ".join(why.split())))
    return cast("dict[str, Plain]", stored["template"])


def _keep_open(template: dict[str, Plain], parameters: Mapping[str, str]) -> None:
    """Take the defaults away that are no values: an SSM parameter's is its name, which the translator would put in."""
    declared = template.get("Parameters")
    for name, parameter in declared.items() if isinstance(declared, dict) else ():
        if (
            isinstance(parameter, dict)
            and str(parameter.get("Type", "")).startswith("AWS::SSM::")
            and name not in parameters
        ):
            parameter.pop("Default", None)


def _upload(resource: dict[str, Plain]) -> None:
    kind = str(resource.get("Type"))
    # A function may have all its properties from Globals.
    properties = resource.setdefault("Properties", {}) if kind == _FUNCTION else resource.get("Properties")
    if not isinstance(properties, dict):
        return
    for name in _UPLOADED.get(kind, ()):
        if name in properties:
            properties[name] = _UPLOAD
    if kind == _FUNCTION and properties.get("PackageType") == "Image":
        properties.setdefault("ImageUri", "account.dkr.ecr.region.amazonaws.com/image")
    elif kind == _FUNCTION and "InlineCode" not in properties:
        properties["CodeUri"] = _UPLOAD


def _translated(plain: dict[str, Plain], parameters: Mapping[str, str], region: str | None) -> dict[str, Plain]:
    """Return the translated template and, as pairs of resource and reason, what had to be left out of it."""
    refused: list[Plain] = []
    attempt = copy.deepcopy(plain)
    _without_local_globals(attempt)
    for _ in range(_MOST_ATTEMPTS):
        outcome = _translate_once(copy.deepcopy(attempt), parameters, region)
        if isinstance(outcome, dict):
            return {"template": outcome, "problems": refused}
        resources = cast("dict[str, Plain]", attempt["Resources"])
        removable = {refusal.resource for refusal in outcome} & resources.keys()
        refused += [[refusal.resource if refusal.resource in resources else "", refusal.why] for refusal in outcome]
        if not removable or len(removable) == len(resources):
            break
        for name in removable:
            del resources[name]
    return {"template": {}, "problems": refused}


def _without_local_globals(template: dict[str, Plain]) -> None:
    settings = template.get("Globals")
    function = settings.get("Function") if isinstance(settings, dict) else None
    if isinstance(function, dict):
        function.pop("CodeUri", None)


def _translate_once(
    template: dict[str, Plain], parameters: Mapping[str, str], region: str | None
) -> dict[str, Plain] | list[_Refusal]:
    import logging

    from samtranslator.metrics.metrics import DummyMetricsPublisher, Metrics
    from samtranslator.model.exceptions import ExceptionWithMessage, InvalidDocumentException
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    # What it logs is about itself, or is told by its exceptions as well.
    logging.getLogger("samtranslator").addHandler(logging.NullHandler())
    metrics = Metrics("lpa", DummyMetricsPublisher())
    # The translator asks its session for nothing but the region, and by that for the partition.
    session = _Session(region or "us-east-1")
    values = {"AWS::Region": region or REGION, **parameters}
    try:
        translator = Translator({}, Parser(), boto_session=session, metrics=metrics)
        outcome = translator.translate(template, values, get_managed_policy_map=managed_policy_arns)
        return cast("dict[str, Plain]", json.loads(json.dumps(outcome)))
    except InvalidDocumentException as error:
        return list(_refusals(error.causes))
    except ExceptionWithMessage as error:
        return list(_refusals([error]))
    except _UNEXPECTED as error:
        return [_Refusal("", f"the SAM translator cannot read the template: {type(error).__name__}: {error}")]


class _Session:
    def __init__(self, region: str) -> None:
        self.region_name = region


def _refusals(causes: Iterable[object]) -> Iterator[_Refusal]:
    for cause in causes:
        yield _Refusal(str(getattr(cause, "_logical_id", "")), str(getattr(cause, "message", cause)))


def _place(document: Document, resource: str) -> Location:
    resources = document.root.members["Resources"]
    assert isinstance(resources, Object), "a document has resources"
    return resources.key_locations.get(resource, resources.location)


def _version() -> str:
    """Return the version of the translator without importing it, which takes half a second."""
    from importlib.util import find_spec

    found = find_spec("samtranslator")
    origin = found.origin if found is not None else None
    if origin is None:
        return ""
    with open(os.path.join(os.path.dirname(origin), "__init__.py"), encoding="utf-8") as file:
        return file.read()
