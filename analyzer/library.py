"""The library: the same as the command line for other Python programs, on the same functions, with records in and out.

The examples run in fixtures/apps/orders.

>>> from analyzer import Source, analyze, compare, generate, policy_json, read_policy
>>> reports = Source("src/orders/reports.py", environment={"REPORTS_BUCKET": "orders-reports"})
>>> for call, needs in analyze(reports).needs:
...     print(call.location, call.operation, [need.action for need in needs])
src/orders/reports.py:16:5 PutObject ['s3:PutObject']
src/orders/reports.py:17:5 HeadObject ['s3:GetObject']
src/orders/reports.py:18:12 GetObject ['s3:GetObject']
src/orders/reports.py:23:40 ListObjects ['s3:ListBucket']
>>> generated = generate(reports)
>>> [statement.actions for statement in generated.policy.statements]
[('s3:GetObject', 's3:PutObject'), ('s3:ListBucket',)]
>>> compare(reports, generated.policy).findings
()
>>> statement = '{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}'
>>> granted = read_policy(f'{{"Version": "2012-10-17", "Statement": {statement}}}')
>>> [finding.check for finding in compare(reports, granted).findings]
['broad-permission']
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypedDict, Unpack

from analyzer import access, deployed, pipeline
from analyzer.access import FunctionAccess
from analyzer.config import (
    Options,
    Platform,
    Selection,
    read_deployment,
    read_function_name,
    read_platform,
    read_selection,
    read_sources,
)
from analyzer.errors import InputError, UsageError
from analyzer.model.policy import Policy
from analyzer.pipeline import Analysis, Generated

Path = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Source:
    """A program: Python files, and folders to search for them, relative to `root`, which is the working directory.

    `handler` is the entry point as Lambda takes it; without one, every function is taken for an entry point. `platform`
    says what runs the program and needs permissions itself: Lambda, if there is a handler. `account`, `region` (which
    says the partition too) and the variables of `environment` pin what the source leaves open.
    """

    paths: Path | Sequence[Path]
    handler: str | None = None
    platform: Literal["lambda", "none"] | None = None
    function_name: str | None = None
    account: str | None = None
    region: str | None = None
    partition: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    root: Path = "."


@dataclass(frozen=True, slots=True)
class Function:
    """A function, or a state machine, of a template of SAM, CloudFormation or the CDK: `name` is its logical id.

    `parameters` are those of the template; the rest is as in `Source`, with what the template says beneath it.
    """

    template: Path
    name: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    account: str | None = None
    region: str | None = None
    partition: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    root: Path = "."


class _Settings(TypedDict, total=False):
    """The fields of `Function` that are not about a single one."""

    parameters: Mapping[str, str]
    account: str | None
    region: str | None
    partition: str | None
    environment: Mapping[str, str]
    root: Path


def functions(template: Path, **settings: Unpack[_Settings]) -> tuple[Function, ...]:
    """Return all functions of a template that can be analysed; `settings` are the other fields of `Function`.

    Raises InputError for a template that is not there or in which nothing can be read, UsageError for a setting that
    cannot be right.
    """
    whole = Function(template, "", **settings)
    found = deployed.scan(_options(whole), _selection(whole), symbols=True)
    return tuple(replace(whole, name=workload.id) for workload, _ in found.functions)


def analyze(program: Source | Function) -> Analysis:
    """Return the calls of a program, what each of them needs, and what could not be resolved, as `lpa scan` does.

    Raises InputError for source or a template that is missing or cannot be analysed, UsageError for a handler or a
    function that is not there and for settings that cannot be right.
    """
    if isinstance(program, Source):
        return pipeline.scan(_options(program))
    return _scanned(program, symbols=True)


def generate(program: Source | Function, *, conditions: bool = False, wildcards: bool = False) -> Generated:
    """Return the policy that allows a program what it needs and nothing else, as `lpa generate` does.

    `conditions` and `wildcards` are its flags. What could not be resolved is in the `analysis` of the result. Raises
    what `analyze` does.
    """
    if isinstance(program, Source):
        return pipeline.generate(replace(_options(program), conditions=conditions), wildcards=wildcards)
    return pipeline.policy_for(_scanned(program, symbols=False, conditions=conditions), wildcards=wildcards)


def compare(program: Source | Function, granted: Policy | None = None, *, conditions: bool = False) -> FunctionAccess:
    """Return how `granted` differs from what a program needs, as `lpa check` does: its `comparison` and `findings`.

    For a function of a template, its role there is compared if there is no `granted`. Raises what `analyze` does.
    """
    options = replace(_options(program), conditions=conditions)
    if isinstance(program, Function):
        found = access.of_templates(options, _selection(program), granted)
        if not found.functions:
            raise _not_analysed(program, found.findings[0].message if found.findings else "")
        return found.functions[0]
    if granted is None:
        raise UsageError("source says nothing of a role, and there is no policy", "give the policy to compare it with")
    return access.of_source(options, granted).functions[0]


def read_policy(text: str, name: str = "<policy>") -> Policy:
    """Return the policy in a JSON text: a document, or a role as AWS prints it. `name` stands for it in messages.

    Raises InputError, with the place, if it is anything else.
    """
    from analyzer.iam.role import read_policy as read
    from analyzer.rules.managed import read_managed_policy

    return read(text, name, documents=read_managed_policy)


def policy_json(policy: Policy) -> str:
    """Return the policy document of a policy's own statements as JSON, as `lpa generate` writes it."""
    from analyzer.generate import render

    return render(policy)


def _scanned(function: Function, *, symbols: bool, conditions: bool = False) -> Analysis:
    options = replace(_options(function), conditions=conditions)
    found = deployed.scan(options, _selection(function), symbols=symbols)
    if not found.functions:
        raise _not_analysed(function, found.problems[0].detail if found.problems else "")
    return found.functions[0][1]


def _not_analysed(function: Function, why: str) -> InputError:
    return InputError(
        f"{os.fspath(function.template)}: {why or f'{function.name} cannot be analysed'}", "see what the template names"
    )


def _selection(function: Function) -> Selection:
    root = os.path.abspath(function.root)
    template = os.path.join(root, function.template)
    names = (function.name,) if function.name else ()
    return read_selection((template,), names, [f"{name}={value}" for name, value in function.parameters.items()], root)


def _options(program: Source | Function) -> Options:
    variables = [f"{name}={value}" for name, value in program.environment.items()]
    deployment = read_deployment(program.account, program.region, program.partition, variables)
    root = os.path.abspath(program.root)
    if isinstance(program, Function):
        return Options((), root, None, deployment, None, None)
    paths = (program.paths,) if isinstance(program.paths, str | os.PathLike) else tuple(program.paths)
    platform = read_platform(None if program.platform is None else Platform(program.platform), program.handler)
    return Options(
        sources=read_sources([os.fspath(path) for path in paths]),
        root=root,
        handler=program.handler,
        deployment=deployment,
        platform=platform,
        function_name=read_function_name(program.function_name, platform),
    )
