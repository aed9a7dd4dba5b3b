"""What a platform needs for a function, with the keys that it then uses."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from analyzer.model.deployment import Deployment
from analyzer.model.location import Location
from analyzer.model.requirements import Requirement
from analyzer.model.values import Hole, Known, Mapping, Text, Unseen, Value
from analyzer.model.workload import StackResource, Workload
from analyzer.platform.keys import key_requirements
from analyzer.platform.search import PlatformNeeds, Search, merged
from analyzer.rules.platforms import FUNCTION, platform_rules

_LAMBDA: Final = "lambda"
# What would say the name of a function that no template names.
_NAME_FLAG: Final = "--function-name"


def platform_requirements(workload: Workload, deployment: Deployment) -> tuple[Requirement, ...]:
    """Return what AWS Lambda needs of the role of `workload`, as the template configures it, sorted.

    What neither `deployment` nor the template says is `*` in that place of the ARNs, or a symbol of the template if
    `deployment` asks for symbols. Raises RuleError if the rules are wrong.
    """
    return platform_needs(workload, deployment).requirements


def platform_needs(workload: Workload, deployment: Deployment, *, narrow: bool = False) -> PlatformNeeds:
    """Return what AWS Lambda needs of the role of `workload`, and what of it cannot be seen.

    `narrow` adds the conditions that are sure to be met, as optional ones. Raises RuleError if the rules are wrong.
    """
    function = next((one for one in workload.resources if one.id == workload.id), None)
    if function is None:
        function = _bare_function(workload.id, None, workload.location)
    rules, resources = platform_rules(_LAMBDA), workload.resources
    found = Search(rules, resources, function, deployment, narrow=narrow).run()
    # Only symbols tell which of the template's resources a need is about.
    symbols = replace(deployment, symbols=True)
    known = found if deployment.symbols else Search(rules, resources, function, symbols).run()
    keys = key_requirements(known.requirements, workload, deployment, narrow=narrow)
    return replace(
        found, requirements=merged((*found.requirements, *keys)), tolerated=merged((*found.tolerated, *keys))
    )


def requirements_without_template(
    platform: str, deployment: Deployment, function_name: str | None = None
) -> tuple[Requirement, ...]:
    """Return what `platform` (the name of a file in rules/platform/) needs to run the function `function_name`.

    The function counts as one without any settings. What neither `deployment` nor `function_name` says is `*` in that
    segment of the ARNs. Raises RuleError if the platform's file is missing or wrong.
    """
    function = _bare_function("", function_name, Location("", 1, 1, 1, 1))
    return Search(platform_rules(platform), (), function, deployment).run().requirements


def _bare_function(name: str, function_name: str | None, location: Location) -> StackResource:
    called: Value = Text((Hole(Unseen(_NAME_FLAG)),)) if function_name is None else Known(function_name)
    return StackResource(name, FUNCTION, (called,), Mapping(()), location)
