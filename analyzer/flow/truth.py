"""Whether an abstract value is true: yes, no, or not known."""

from __future__ import annotations

from analyzer.flow.state import State
from analyzer.flow.values import (
    REST,
    BatchWriter,
    BoundMethod,
    BuiltinMethod,
    Choice,
    ClassObject,
    Client,
    ClientMethod,
    CollectionValue,
    Credentials,
    DictObject,
    Function,
    Instance,
    ListObject,
    ModuleObject,
    PageIterator,
    Paginator,
    Partial,
    Resource,
    SdkResult,
    Session,
    Value,
    Waiter,
    may_lack,
)
from analyzer.model.values import Known, Text

_ALWAYS_TRUE = (
    Function,
    BoundMethod,
    Partial,
    ClassObject,
    ModuleObject,
    BuiltinMethod,
    Client,
    ClientMethod,
    Session,
    Resource,
    SdkResult,
    CollectionValue,
    Credentials,
    Paginator,
    PageIterator,
    Waiter,
    BatchWriter,
)


def truth(value: Value, state: State) -> bool | None:
    """Return True or False when the value is that for certain, else None."""
    if isinstance(value, Known):
        return bool(value.value)
    if isinstance(value, _ALWAYS_TRUE):
        return True
    if isinstance(value, Instance):
        return None if _defines_truth(value.cls) else True
    if isinstance(value, Text):
        return True if any(isinstance(part, str) for part in value.parts) else None
    if isinstance(value, ListObject | DictObject):
        items = state.items(value.cells)
        if not items:
            return False
        if any(key is not REST and not may_lack(item) for key, item in items):
            return True
        return None
    if isinstance(value, SdkResult):
        # Every response holds its metadata, and every one of these its credentials.
        is_there = not value.path or (value.service == "sts" and value.path.startswith("Credentials"))
        return True if is_there else None
    if isinstance(value, Choice):
        outcomes = {truth(member, state) for member in value.values}
        return outcomes.pop() if len(outcomes) == 1 else None
    return None


def _defines_truth(cls: ClassObject) -> bool:
    names = ("__bool__", "__len__")
    if any(name in cls.cells for name in names):
        return True
    return any(_defines_truth(base) if isinstance(base, ClassObject) else True for base in cls.bases)
