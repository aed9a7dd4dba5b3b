"""The access of functions as a page: one file that needs nothing else, for people to look at."""

from __future__ import annotations

from analyzer.report.html.page import is_page, page

__all__ = ["is_page", "page"]
