"""API calls → the IAM permissions they need, by the base rule and the rules under rules/services/."""

from __future__ import annotations

from analyzer.authorize.stage import Authorization, authorize

__all__ = ["Authorization", "authorize"]
