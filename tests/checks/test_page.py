from __future__ import annotations

from analyzer.checks import CHECKS
from analyzer.checks.linting import LINT_CHECKS
from tests.checks.page import OF_TEMPLATES, PAGE, page


def test_the_page_is_that_of_the_rules() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make docs`"


def test_every_check_has_a_heading_that_its_id_links_to() -> None:
    headings = [line.removeprefix("## ") for line in page().split("\n") if line.startswith("## ")]
    assert headings == sorted((*CHECKS, *LINT_CHECKS, *OF_TEMPLATES))
