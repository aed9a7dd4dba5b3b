"""What the platform that runs a program needs of the program's role, whatever the source says: rules/platform/."""

from __future__ import annotations

from analyzer.platform.invocations import find_invocations
from analyzer.platform.keys import key_requirements
from analyzer.platform.needs import platform_needs, platform_requirements, requirements_without_template
from analyzer.platform.search import PlatformNeeds

__all__ = [
    "PlatformNeeds",
    "find_invocations",
    "key_requirements",
    "platform_needs",
    "platform_requirements",
    "requirements_without_template",
]
