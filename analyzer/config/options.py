"""What the user asks for, checked: the flags of the command line as one frozen record."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from analyzer.errors import UsageError
from analyzer.model.deployment import Deployment
from analyzer.model.values import Known, Value


class Platform(StrEnum):
    """What runs the program, and needs permissions of its own in the role."""

    LAMBDA = "lambda"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Excluded:
    """Files that are not looked at by themselves: those of `patterns`, which are relative to `folder`.

    A pattern is the path of a file or folder; one without a slash is the name of either at any depth. `*` and `?` stand
    for any text and any character, slashes too.
    """

    folder: str
    patterns: tuple[str, ...]

    def holds(self, absolute: str) -> bool:
        """Say whether the file or folder at the absolute path is one of these, or is in one."""
        path = os.path.relpath(absolute, os.path.realpath(self.folder)).replace(os.sep, "/")
        parts = path.split("/")
        places = ["/".join(parts[:number]) for number in range(1, len(parts) + 1)]
        return any(
            _matches(pattern.strip("/"), place)
            for pattern in self.patterns
            for place in (places if "/" in pattern.rstrip("/") else parts)
        )


def _matches(pattern: str, text: str) -> bool:
    # Only where files are excluded.
    from analyzer.iam.pattern import matches

    return pattern == text or matches(pattern, text)


@dataclass(frozen=True, slots=True)
class Options:
    """What to analyse and for which deployment.

    `sources` are files and folders as the user gave them, `root` the folder that paths in the output are relative to.
    `handler` is `module.function`, or None to take every function as an entry point. `function_name` is the deployed
    function's name, where the user says it. `unreachable` asks for the calls that the handler does not reach as well.
    `conditions` asks for the IAM conditions that the calls are sure to meet. Files that are `excluded` are read only if
    others import them.
    """

    sources: tuple[str, ...]
    root: str
    handler: str | None
    deployment: Deployment
    platform: Platform | None
    function_name: str | None
    unreachable: bool = False
    conditions: bool = False
    excluded: Excluded | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """Which functions to analyse: those of `templates`, only the ones in `functions` if any are named there.

    `parameters` are (name, value) pairs for the parameters of the templates.
    """

    templates: tuple[str, ...]
    functions: tuple[str, ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()


# Where people and SAM put templates; before the latter come those of the CDK.
_WRITTEN = ("template.yaml", "template.yml", "template.json")
_SYNTHESIZED = "cdk.out"
_BUILT = (".aws-sam/build/template.yaml",)


def read_selection(
    templates: Sequence[str], functions: Sequence[str], parameters: Sequence[str], root: str
) -> Selection:
    """Return the selection that the flags describe; without a template, those that lie in `root` are meant.

    Raises UsageError if there is none, or a parameter is not `NAME=VALUE`.
    """
    found = tuple(os.path.relpath(path, root).replace(os.sep, "/") for path in templates) or templates_in(root)
    if not found:
        raise UsageError(
            "nothing to analyse: no source, no --template, and no template here",
            "name source with --source, or a template with --template",
        )
    values: dict[str, str] = {}
    for pair in parameters:
        name, separator, value = pair.partition("=")
        if not separator or not name:
            raise UsageError(
                f"--parameter-overrides {pair} does not name a parameter and its value", "write NAME=VALUE"
            )
        values[name] = value
    return Selection(found, tuple(functions), tuple(sorted(values.items())))


def templates_in(root: str) -> tuple[str, ...]:
    """Return the templates that lie in `root`: those that people write, else those of the CDK, else what SAM built."""
    for group in (_WRITTEN, _templates_of_cdk(root, _SYNTHESIZED), _BUILT):
        found = tuple(name for name in group if os.path.isfile(os.path.join(root, name)))
        if found:
            return found
    return ()


def _templates_of_cdk(root: str, folder: str) -> tuple[str, ...]:
    """Return the templates of an assembly and of those nested in it (stages); nested stacks belong to their parents."""
    try:
        names = sorted(os.listdir(os.path.join(root, folder)))
    except OSError:
        return ()
    own = [f"{folder}/{name}" for name in names if name.endswith(".template.json") and ".nested." not in name]
    inner = [
        path for name in names if name.startswith("assembly-") for path in _templates_of_cdk(root, f"{folder}/{name}")
    ]
    return (*own, *inner)


def read_sources(paths: Sequence[str]) -> tuple[str, ...]:
    """Return `paths`. Raises UsageError for an empty one, which would otherwise mean the working directory."""
    if not all(paths):
        raise UsageError("a path is empty", "name files or folders, . for the working directory")
    return tuple(paths)


def read_role(path: str | None) -> str:
    """Return the path of the role's file. Raises UsageError if there is none: source says nothing of a role."""
    if path is None:
        raise UsageError("no ROLE.json to compare the source with", "name a policy or role, or a --template")
    return path


def read_platform(named: Platform | None, handler: str | None) -> Platform | None:
    """Return the platform `named`; if none is, Lambda where there is a handler, and otherwise None: nobody knows."""
    if named is None and handler is not None:
        return Platform.LAMBDA
    return named


def read_unreachable(wanted: bool, handler: str | None) -> bool:
    """Return `wanted`. Raises UsageError if it is asked for without a handler: everything is reachable then."""
    if wanted and handler is None:
        raise UsageError("--unreachable asks what a handler does not reach, and there is none", "add --handler")
    return wanted


def read_function_name(name: str | None, platform: Platform | None) -> str | None:
    """Return `name` if it can be a Lambda function's name. Raises UsageError if it cannot, or nothing would use it.

    Source: https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html (FunctionName; the name only).
    """
    if name is None:
        return None
    if not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name):
        raise UsageError(f"--function-name {name} is not a Lambda function name", "give the name without ARN or alias")
    if platform is not Platform.LAMBDA:
        raise UsageError("--function-name without a Lambda function", "add --handler or --platform lambda")
    return name


def read_managed_policies(pairs: Sequence[str]) -> dict[str, str]:
    """Return the files of managed policies by ARN, of `ARN=FILE` strings. Raises UsageError for anything else."""
    files: dict[str, str] = {}
    for pair in pairs:
        arn, _, file = pair.partition("=")
        if not re.fullmatch(r"arn:[a-z-]+:iam::([0-9]{12}|aws):policy/\S+", arn) or not file:
            raise UsageError(
                f"--managed-policy {pair} does not name a policy and its file", "write --managed-policy ARN=FILE"
            )
        if files.setdefault(arn, file) != file:
            raise UsageError(f"--managed-policy {arn} is given two files", "give each policy once")
    return files


def read_deployment(
    account: str | None, region: str | None, partition: str | None, environment: Sequence[str]
) -> Deployment:
    """Return the deployment that the flags describe; a region says its partition where the user does not.

    `environment` holds `NAME=VALUE` strings. Raises UsageError for a value that cannot be right.
    """
    if account is not None and not re.fullmatch(r"[0-9]{12}", account):
        raise UsageError(f"--account {account} is not an AWS account id", "an account id has 12 digits")
    return Deployment(
        partition=_partition(partition, region),
        account=account,
        region=region,
        environment=_environment(environment),
    )


def read_partition(name: str | None) -> str | None:
    """Return `name`. Raises UsageError if it is not the name of a partition."""
    if name is not None:
        from analyzer.sdk.partitions import partition_names

        if name not in partition_names():
            raise UsageError(f"--partition {name} is not a partition of AWS", f"one of {', '.join(partition_names())}")
    return name


def _partition(partition: str | None, region: str | None) -> str:
    if partition is None and region is None:
        return "aws"
    from analyzer.sdk.partitions import partition_of_region

    read_partition(partition)
    if region is None:
        return partition or "aws"
    of_region = partition_of_region(region)
    if of_region is None:
        raise UsageError(f"--region {region} is not an AWS region", "give a region's code, such as eu-west-1")
    if partition is not None and partition != of_region:
        raise UsageError(
            f"--region {region} is not in --partition {partition}", f"leave --partition out, or give {of_region}"
        )
    return of_region


def _environment(pairs: Sequence[str]) -> tuple[tuple[str, Value], ...]:
    values: dict[str, str] = {}
    for pair in pairs:
        name, separator, value = pair.partition("=")
        if not separator or not name:
            raise UsageError(f"--env {pair} does not name a variable and its value", "write --env NAME=VALUE")
        if values.setdefault(name, value) != value:
            raise UsageError(f"--env {name} is given two values", "give each variable once")
    return tuple((name, Known(values[name])) for name in sorted(values))
