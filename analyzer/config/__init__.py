"""What the user asks for: the flags of the command line over what `pyproject.toml` or `lpa.toml` says, all checked."""

from analyzer.config.options import (
    Excluded,
    Options,
    Platform,
    Selection,
    read_deployment,
    read_function_name,
    read_managed_policies,
    read_partition,
    read_platform,
    read_role,
    read_selection,
    read_sources,
    read_unreachable,
)

__all__ = [
    "Excluded",
    "Options",
    "Platform",
    "Selection",
    "read_deployment",
    "read_function_name",
    "read_managed_policies",
    "read_partition",
    "read_platform",
    "read_role",
    "read_selection",
    "read_sources",
    "read_unreachable",
]
