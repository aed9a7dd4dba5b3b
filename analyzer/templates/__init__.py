"""Templates of AWS SAM, CloudFormation and the CDK: from a function to its code, environment, role and events."""

from __future__ import annotations

from analyzer.templates.intrinsics import Resolver
from analyzer.templates.resources import role_policy
from analyzer.templates.stack import Resource, Stack
from analyzer.templates.workloads import Templates, read_workloads

__all__ = ["Resolver", "Resource", "Stack", "Templates", "read_workloads", "role_policy"]
