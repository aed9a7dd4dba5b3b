"""Requirements to the policy that grants exactly them."""

from __future__ import annotations

from analyzer.generate.minimize import generate
from analyzer.generate.render import notes, render, render_role

__all__ = ["generate", "notes", "render", "render_role"]
