"""Where the rule data lies that is installed with lpa."""

from __future__ import annotations

import os
from functools import cache

from analyzer.errors import RuleError


@cache
def rules_folder() -> str:
    """Return the folder with the rule data: `_rules` inside an installed package, `rules` beside it in a checkout.

    Raises RuleError if there is neither.
    """
    package = os.path.dirname(os.path.abspath(__file__))
    for folder in (os.path.join(package, "_rules"), os.path.join(os.path.dirname(package), "rules")):
        if os.path.isdir(folder):
            return folder
    raise RuleError("the rule data is not installed", "reinstall lpa")
