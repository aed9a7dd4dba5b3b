"""What a configuration for a repository would hold: its templates, and the handlers that no template deploys."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from analyzer.collect import collect, read_source
from analyzer.config.options import templates_in
from analyzer.errors import InputError
from analyzer.iam.inventory import DocumentKind, read_inventory
from analyzer.iam.positioned_json import parse_json
from analyzer.model.deployment import Deployment
from analyzer.model.program import SourceFile
from analyzer.reading import read_bytes
from analyzer.templates import read_workloads

_NOT_OURS: Final = frozenset({"__pycache__", "node_modules", "site-packages", "cdk.out", "venv", "dist", "build"})
_TEMPLATE: Final = re.compile(r"(?:^|[.-])template\.(?:ya?ml|json)$")
_DEPLOYS: Final = re.compile(r"AWS::(?:Serverless|Lambda)::Function|AWS::(?:Serverless|StepFunctions)::StateMachine")
# Lambda calls a handler with the event and the context.
_HANDLER: Final = re.compile(
    r"^(?:async[ \t]+)?def[ \t]+(?P<name>\w*handler\w*)[ \t]*\(\s*_*event\w*[^,)]*,\s*_*(?:context|ctx)\w*",
    re.MULTILINE,
)
_IMPORT: Final = re.compile(r"^[ \t]*(?:from[ \t]+(\w+)[\w.]*[ \t]+import|import[ \t]+(\w+))", re.MULTILINE)
_TEST: Final = re.compile(r"(?:^|/)(?:tests?/|test_[^/]*$|conftest\.py$)|_test\.py$")
# Names of modules and of functions that say nothing of what they are for.
_PLAIN_MODULES: Final = frozenset({"app", "main", "index", "handler", "lambda_function", "function", "__init__"})
_PLAIN_HANDLERS: Final = frozenset({"handler", "lambda_handler"})
_FOLDER: Final = "policies"
# What the policy of the only function there is may be called.
_ONLY_ROLE: Final = ("role.json", "policy.json", "execution-role.json")


@dataclass(frozen=True, slots=True)
class ProposedFunction:
    """A handler with what it is to be called, where its source is, and the policy file that it has or is to get."""

    name: str
    handler: str
    source: str
    policy: str
    has_policy: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is found in a repository: templates, handlers that none of them deploys, and what else is to be said."""

    templates: tuple[str, ...]
    functions: tuple[ProposedFunction, ...]
    remarks: tuple[str, ...]


def propose(root: str) -> Proposal:
    """Return what a configuration of the folder `root` would hold. Nothing of what is there is run."""
    files = tuple(_files(root))
    templates = _templates(root, files)
    deployed, remarks = _deployed(root, templates)
    policies = _policies(root, files)
    functions: list[ProposedFunction] = []
    for file, names in _handlers(root):
        if file not in deployed:
            functions += _functions(root, file, names, policies, {one.name for one in functions})
    for name in ("serverless.yml", "serverless.yaml"):
        if name in files:
            remarks = (*remarks, f"{name} is not read: check the functions, their environment and policies by hand")
    roles = [policy for policy in policies if os.path.basename(policy) in _ONLY_ROLE]
    if len(functions) == len(roles) == 1 and not functions[0].has_policy:
        functions = [replace(functions[0], policy=roles[0], has_policy=True)]
    return Proposal(templates, tuple(functions), remarks)


def _files(root: str) -> Iterator[str]:
    """Yield the paths of all files below `root` that are neither hidden nor made by tools, sorted."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(
            one
            for one in folders
            if one not in _NOT_OURS
            and not one.startswith(".")
            and not os.path.exists(os.path.join(folder, one, "pyvenv.cfg"))
        )
        for name in sorted(names):
            yield os.path.relpath(os.path.join(folder, name), root).replace(os.sep, "/")


def _templates(root: str, files: Sequence[str]) -> tuple[str, ...]:
    found = [file for file in files if _TEMPLATE.search(file) and _DEPLOYS.search(_text(root, file))]
    return tuple(found or templates_in(root))


def _deployed(root: str, templates: Sequence[str]) -> tuple[set[str], tuple[str, ...]]:
    """Return the handlers' files that templates deploy, and what is wrong with the templates."""
    if not templates:
        return set(), ()
    found = read_workloads(templates, root, Deployment(), {})
    entries = {os.path.normpath(one.entry).replace(os.sep, "/") for one in found.workloads if one.entry}
    return entries, tuple(f"{one.location}: {one.detail}" for one in found.problems)


def _handlers(root: str) -> Iterator[tuple[str, list[str]]]:
    try:
        files = collect(["."], root).files
    except InputError:
        return
    for file in files:
        if not _TEST.search(file.path) and (names := _HANDLER.findall(_source(file))):
            yield file.path, names


def _functions(
    root: str, file: str, names: Sequence[str], policies: Sequence[str], taken: set[str]
) -> Iterator[ProposedFunction]:
    source = _source_root(root, file)
    module = os.path.relpath(file, source).replace(os.sep, "/").removesuffix(".py").removesuffix("/__init__")
    for name in names:
        called = _unused(_called(file, name, len(names)), taken)
        taken.add(called)
        policy = _policy_of(called, file, policies)
        proposed = policy or f"{next(filter(None, map(os.path.dirname, policies)), _FOLDER)}/{called}.json"
        handler = f"{module.replace('/', '.')}.{name}"
        yield ProposedFunction(called, handler, source, proposed, policy is not None)


def _called(file: str, handler: str, number: int) -> str:
    folder, module = os.path.split(file.removesuffix(".py"))
    name = module if module not in _PLAIN_MODULES else os.path.basename(folder) or module
    if name in ("src", "lambda", "code"):
        name = os.path.basename(os.path.dirname(folder)) or module
    return name if number == 1 and handler in _PLAIN_HANDLERS else f"{name}-{handler}"


def _unused(name: str, taken: set[str]) -> str:
    return name if name not in taken else next(f"{name}-{n}" for n in range(2, 10_000) if f"{name}-{n}" not in taken)


def _source_root(root: str, file: str) -> str:
    """Return the folder that the handler's imports start from: above its package, and where what it imports lies."""
    folder = os.path.dirname(file)
    while folder and os.path.isfile(os.path.join(root, folder, "__init__.py")):
        folder = os.path.dirname(folder)
    for match in _IMPORT.finditer(_text(root, file)):
        name, above = match[1] or match[2], folder
        while not _has_module(root, above, name) and above:
            above = os.path.dirname(above)
        if _has_module(root, above, name):
            folder = above
    return folder or "."


def _has_module(root: str, folder: str, name: str) -> bool:
    place = os.path.join(root, folder, name)
    return os.path.isfile(f"{place}.py") or os.path.isfile(os.path.join(place, "__init__.py"))


# Policies


def _policies(root: str, files: Sequence[str]) -> tuple[str, ...]:
    return tuple(file for file in files if file.endswith(".json") and _is_identity_policy(root, file))


def _is_identity_policy(root: str, file: str) -> bool:
    text = _text(root, file)
    if "Statement" not in text:
        return False
    try:
        inventory = read_inventory(parse_json(text, file))
    except InputError:
        return False
    return any(document.kind is DocumentKind.IDENTITY for document in inventory.documents)


def _policy_of(name: str, file: str, policies: Sequence[str]) -> str | None:
    """Return the policy that is named after a function, or the only one in the folder of its handler."""
    plain = name.replace("_", "-").lower()
    names = {plain, *(f"{plain}-{what}" for what in ("role", "policy", "permissions"))}
    for policy in policies:
        if os.path.basename(policy).removesuffix(".json").replace("_", "-").lower() in names:
            return policy
    beside = [one for one in policies if os.path.dirname(one) == os.path.dirname(file)]
    return beside[0] if len(beside) == 1 and os.path.dirname(file) else None


def _text(root: str, file: str) -> str:
    try:
        return read_bytes(os.path.join(root, file), file).decode("utf-8-sig", "replace")
    except (FileNotFoundError, InputError):
        return ""


def _source(file: SourceFile) -> str:
    try:
        return read_source(file)
    except InputError:
        return ""
