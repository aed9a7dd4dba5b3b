"""What a comparison has found, as findings for people: one check for each kind, described in rules/checks/."""

from __future__ import annotations

from analyzer.checks.engine import CHECKS, check
from analyzer.checks.observed import by_place
from analyzer.checks.rule import CheckRule, Example, check_rule

__all__ = ["CHECKS", "CheckRule", "Example", "by_place", "check", "check_rule"]
