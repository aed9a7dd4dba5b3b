"""lpa: a least-privilege analyzer for AWS IAM, as a library: `from analyzer import Source, analyze, generate, compare`.

docs/library.md describes it. Nothing is imported before it is used, so that the command starts quickly.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analyzer.access import FunctionAccess
    from analyzer.errors import InputError, LpaError, UsageError
    from analyzer.library import Function, Source, analyze, compare, functions, generate, policy_json, read_policy
    from analyzer.model.findings import Finding, Severity
    from analyzer.model.policy import Comparison, Policy, Statement
    from analyzer.pipeline import Analysis, Generated

__all__ = [
    "Analysis",
    "Comparison",
    "Finding",
    "Function",
    "FunctionAccess",
    "Generated",
    "InputError",
    "LpaError",
    "Policy",
    "Severity",
    "Source",
    "Statement",
    "UsageError",
    "analyze",
    "compare",
    "functions",
    "generate",
    "policy_json",
    "read_policy",
]

_HOMES = {
    "analyzer.access": ("FunctionAccess",),
    "analyzer.errors": ("InputError", "LpaError", "UsageError"),
    "analyzer.library": (
        "Function", "Source", "analyze", "compare", "functions", "generate", "policy_json", "read_policy",
    ),
    "analyzer.model.findings": ("Finding", "Severity"),
    "analyzer.model.policy": ("Comparison", "Policy", "Statement"),
    "analyzer.pipeline": ("Analysis", "Generated"),
}  # fmt: skip
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'analyzer' has no attribute {name!r}")
    from importlib import import_module

    found = getattr(import_module(home), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Package(ModuleType):
    """Keeps the functions `generate` and `compare` from being replaced by the stages of the same names.

    Whoever imports `analyzer.generate` makes Python set the attribute `generate` of the package to that module.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOME_OF and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
