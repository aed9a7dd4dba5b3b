"""The page: its markup, style and script put together with the data, in one file that loads nothing."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from typing import Final

from analyzer.access import Access
from analyzer.report.html.records import records

_MARK: Final = "<!doctype html>\n<!-- Written by lpa report. -->\n"
_SCRIPTS: Final = ("elements.js", "model.js", "overview.js", "graph.js", "details.js", "main.js")
# Nothing of the data may end the element that it stands in, or begin another one: it holds code and names of others.
_ESCAPES: Final = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def page(access: Access, root: str) -> str:
    """Return the page about `access`, whose places are in files relative to `root`: the same for the same input.

    The browser is told to load nothing, and to run and to apply only the script and the style that stand in the page.
    """
    style = _asset("page.css")
    script = "".join(("'use strict';\n(() => {\n", *map(_asset, _SCRIPTS), "})();\n"))
    data = json.dumps(records(access, root), separators=(",", ":")).translate(_ESCAPES)
    policy = (
        f"default-src 'none'; script-src 'sha256-{_digest(script)}'; style-src 'sha256-{_digest(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    # In the order of the file, so that nothing is filled in inside what was filled in before.
    before, _, rest = _asset("page.html").partition("{{policy}}")
    head, _, rest = rest.partition("{{style}}")
    body, _, rest = rest.partition("{{data}}")
    between, _, end = rest.partition("{{script}}")
    return "".join((_MARK, before, policy, head, style, body, data, between, script, end))


def is_page(text: str) -> bool:
    """Say whether `text` is a page that `page` has made."""
    return text.startswith(_MARK)


def _asset(name: str) -> str:
    with open(os.path.join(os.path.dirname(__file__), name), encoding="utf-8", newline="") as file:
        return file.read()


def _digest(text: str) -> str:
    """Return the hash of an inline element as a Content-Security-Policy names it (https://www.w3.org/TR/CSP3/)."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
