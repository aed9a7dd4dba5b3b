"""Requirements to the policy that grants exactly them."""

from __future__ import annotations

from analyzer.generate.extend import lacking
from analyzer.generate.minimize import generate
from analyzer.generate.render import render, render_extended, render_role, render_statements, size, size_of
from analyzer.generate.split import INLINE_LIMIT, MANAGED_LIMIT, split
from analyzer.generate.wildcards import abbreviated

__all__ = [
    "INLINE_LIMIT",
    "MANAGED_LIMIT",
    "abbreviated",
    "generate",
    "lacking",
    "render",
    "render_extended",
    "render_role",
    "render_statements",
    "size",
    "size_of",
    "split",
]
