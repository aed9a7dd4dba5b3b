"""The page of `lpa report --html`, opened in a real browser: what it shows, and what it must not do."""

from __future__ import annotations

import json
import re
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.conftest import Command, scrubbed_environment
from tests.report.browser import Opened, chromium, open_page
from tests.report.many_functions import write_functions

ROOT = Path(__file__).resolve().parents[2]
ORDERS = ROOT / "fixtures/apps/orders"
OPTIONS = (ORDERS / "options").read_text(encoding="utf-8").split()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory, cache_directory: Path) -> Path:
    """The page about the sample application and a role that lacks one permission and has two that are not needed."""
    work = shutil.copytree(ORDERS, tmp_path_factory.mktemp("orders"), dirs_exist_ok=True)
    executable = Path(sys.executable).with_name("lpa")
    lpa = Command(executable, work, scrubbed_environment(tmp_path_factory.mktemp("home"), cache_directory))
    done = lpa("report", "granted.json", "--source", "src", *OPTIONS, "--html", "report.html")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "lpa: report.html is written: 1 function, 3 findings\n"
    return work / "report.html"


def _is_quiet(opened: Opened, path: Path) -> None:
    """Nothing was complained of, and nothing but the page itself was asked for."""
    assert opened.complaints == []
    assert {request.partition("#")[0] for request in opened.requests} == {path.as_uri()}


def _violations(page: Page) -> list[str]:
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    return [f"{one['id']}: {node['html']}" for one in found.response["violations"] for node in one["nodes"]]


def test_one_function(browser: Browser, orders: Path) -> None:
    opened = open_page(browser, orders)
    page = opened.page
    # One function: its graph at once. What is to be said of it is in fixtures/apps/orders/granted.json: the index of
    # the table is not granted, dynamodb:* is too much, and nobody reads the bucket's policy.
    edges = page.locator(".graph .part.edge")
    expect(edges.and_(page.locator(".missing"))).to_have_attribute(
        "aria-label", "missing: dynamodb:Query on table/orders/index/by-customer (eu-west-1, 123456789012)"
    )
    expect(edges.and_(page.locator(".broad"))).to_have_attribute("aria-label", re.compile(r"^broad: dynamodb:\* on "))
    expect(edges.and_(page.locator(".unused"))).to_have_attribute(
        "aria-label", "unused: s3:GetBucketPolicy on orders-reports"
    )
    # Not by colour alone.
    assert page.locator(".line.missing").first.evaluate("it => getComputedStyle(it).strokeDasharray") == "9px, 4px"
    edges.and_(page.locator(".missing")).locator("circle").click()
    details = page.get_by_role("complementary", name="Details")
    expect(details.locator("mark").first).to_have_text("self.table.query(")
    expect(details.locator("figcaption").first).to_have_text("src/orders/repository.py:23:18")
    expect(details.locator(".chain")).to_contain_text("handler › OrderRepository.of_customer")
    expect(details.locator(".rule")).to_contain_text("rules/services/dynamodb.yaml#Query")
    assert str(details.locator(".rule a").first.get_attribute("href")).startswith("https://docs.aws.amazon.com/")
    added = json.loads(details.locator("pre.json").first.inner_text())
    assert added["Action"] == ["dynamodb:Query"]
    assert added["Resource"] == ["arn:aws:dynamodb:eu-west-1:123456789012:table/orders/index/by-customer"]
    # A node, and the statement that is too broad, as it is written and what would do instead.
    page.get_by_role("button", name=re.compile("^dynamodb · Several levels")).click()
    expect(details.get_by_text("Granted by")).to_be_visible()
    expect(details.locator("figcaption")).to_have_text("granted.json:11:17")
    expect(details.locator("mark")).to_have_text('"dynamodb:*"')
    _is_quiet(opened, orders)


def test_the_keyboard_alone(browser: Browser, orders: Path) -> None:
    opened = open_page(browser, orders)
    page = opened.page
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")  # All functions
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name=re.compile("^Function orders-api"))).to_be_focused()
    page.keyboard.press("ArrowRight")
    first = page.get_by_role("button", name=re.compile("^dynamodb · Read: 1 missing"))
    expect(first).to_be_focused()
    assert first.locator("rect").evaluate("it => getComputedStyle(it).strokeWidth") == "4px"
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name=re.compile("^dynamodb · Several levels"))).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name=re.compile("^missing: dynamodb:Query"))).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#details h4")).to_contain_text("dynamodb:Query")
    # What was chosen keeps the focus, so that one can go on from there.
    expect(page.get_by_role("button", name=re.compile("^missing: dynamodb:Query"))).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(
        page.get_by_role("button", name="table/orders/index/by-customer (eu-west-1, 123456789012): 1 missing")
    ).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#details .hint")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("tax-rate")
    expect(page.locator("#told")).to_have_text("orders-api: 1 permission of 16 shown")
    _is_quiet(opened, orders)


def test_filters(browser: Browser, orders: Path) -> None:
    opened = open_page(browser, orders)
    page, table = opened.page, opened.page.locator(".permissions tbody tr")
    expect(table).to_have_count(16)
    page.get_by_label("Service").select_option("s3")
    expect(table.locator("td:nth-child(1)")).to_have_text(
        ["s3:GetBucketPolicy", "s3:GetObject", "s3:ListBucket", "s3:PutObject"]
    )
    page.get_by_role("checkbox", name="unused").check()
    expect(table.locator("td:nth-child(1)")).to_have_text(["s3:GetBucketPolicy"])
    page.get_by_role("button", name="Clear filters").click()
    page.get_by_label("Severity").select_option("error")
    expect(table.locator("td:nth-child(1)")).to_have_text(["dynamodb:Query"])
    page.get_by_label("Severity").select_option("note")
    expect(page.get_by_text("No permission fits the filters.")).to_be_visible()
    page.get_by_role("button", name="Clear filters").click()
    expect(table).to_have_count(16)
    _is_quiet(opened, orders)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessible_in_light_and_dark(browser: Browser, orders: Path, scheme: str) -> None:
    opened = open_page(browser, orders, color_scheme=scheme)
    page = opened.page
    page.get_by_role("link", name="dynamodb:Query", exact=True).click()
    expect(page.locator("#details h4")).to_contain_text("dynamodb:Query")
    background = "rgb(255, 255, 255)" if scheme == "light" else "rgb(20, 23, 28)"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == background
    assert _violations(page) == []
    # The colours of the user's choice are those of the other scheme then.
    page.get_by_label("Colours").select_option("dark" if scheme == "light" else "light")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != background
    page.goto(f"{orders.as_uri()}#/")
    expect(page.locator(".matrix")).to_be_visible()
    assert _violations(page) == []


def test_three_hundred_functions(browser: Browser, lpa: Command, tmp_path: Path) -> None:
    write_functions(lpa, 300)
    done = lpa("report", "--html", "report.html")
    assert done.returncode == 0, done.stderr
    path = lpa.cwd / "report.html"
    assert path.stat().st_size < 10_000_000
    before = time.perf_counter()
    opened = open_page(browser, path)
    page = opened.page
    expect(page.locator(".matrix tbody tr")).to_have_count(300)
    assert time.perf_counter() - before < 2
    expect(page.get_by_role("button", name=re.compile("^Show 200 more"))).to_be_visible()
    page.get_by_label("Text").fill("jobs-123")
    expect(page.locator(".matrix tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Function123", exact=True).click()
    expect(page.locator(".graph .part.edge.missing")).to_have_attribute(
        "aria-label", "missing: sqs:SendMessage on jobs-123 (eu-west-1, 123456789012)"
    )
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Function123", exact=True)).to_be_focused()
    page.get_by_role("button", name="Clear filters").click()
    expect(page.locator(".matrix tbody tr")).to_have_count(300)
    page.locator(".matrix tbody a").first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="Function001", exact=True)).to_be_focused()
    page.get_by_label("Function", exact=True).select_option("Function299")
    expect(page.locator(".matrix tbody tr")).to_have_count(1)
    _is_quiet(opened, path)


def test_links_lead_to_functions_and_findings(browser: Browser, lpa: Command) -> None:
    shutil.copytree(ROOT / "fixtures/apps/shop", lpa.cwd, dirs_exist_ok=True)
    lpa("report", "--html", "report.html")
    path = lpa.cwd / "report.html"
    page = open_page(browser, path, "#/f/Bill").page
    expect(page.locator("h2")).to_have_text("Bill")
    page = open_page(browser, path).page
    page.get_by_role("row", name=re.compile("error")).get_by_role("link").click()
    address = page.url
    again = open_page(browser, path, address[address.index("#") :]).page
    expect(again.locator("h2")).to_have_text("ListOrders")
    expect(again.locator("#details h3").first).to_contain_text("missing-permission")
    expect(again.get_by_role("complementary", name="Details")).to_be_focused()
    for fragment, said in (
        ("#/f/Nobody", "This report has no function Nobody"),
        ("#/finding/0", "not in the report"),
        ("#/f/%E0%A4", "no function"),
    ):
        opened = open_page(browser, path, fragment)
        expect(opened.page.locator("main")).to_contain_text(said)
        assert opened.complaints == []


HOSTILE_KEY = "</script>\u202e<img src=x onerror=alert(1)>&amp;\U0001f600{{data}}"
HOSTILE = f"""\
import boto3
TITLE = "</script><script>document.title='owned'</script><!--"
def handler(event, context):
    boto3.client("s3").get_object(Bucket="data", Key="{HOSTILE_KEY}")  # \u2028
"""


def test_what_is_shown_is_never_run(browser: Browser, lpa: Command) -> None:
    lpa.write("<!--<b>.py", HOSTILE)
    lpa.write(
        "role.json",
        '{"Version": "2012-10-17", "Statement": {"Sid": "a", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}}',
    )
    done = lpa("report", "role.json", "--source", ".", "--html", "r.html")
    assert done.returncode == 0, done.stderr
    opened = open_page(browser, lpa.cwd / "r.html")
    opened.page.get_by_role("link", name="s3:GetObject").click()
    marked = opened.page.locator("#details mark").first
    expect(marked).to_contain_text("</script>⟨U+202E⟩<img src=x onerror=alert(1)>&amp;😀{{data}}")
    # The mark ends where the call does: columns count characters, not the halves of them.
    assert marked.inner_text().endswith('")')
    assert "owned" not in opened.page.title()
    assert opened.page.locator("img").count() == 0
    # The browser refuses what somebody might get in all the same.
    opened.page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.x = 1'}))"
    )
    assert opened.page.evaluate("window.x") is None
    assert any("Content Security Policy" in complaint for complaint in opened.complaints)


def test_printing(browser: Browser, orders: Path) -> None:
    opened = open_page(browser, orders)
    page = opened.page
    page.get_by_role("link", name="dynamodb:Query", exact=True).click()
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.locator("#filters")).to_be_hidden()
    expect(page.locator("#details pre.json").first).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(27, 31, 38)"
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_many_resources_of_a_service_are_drawn_when_asked_for(browser: Browser, lpa: Command) -> None:
    calls = "".join(f'    s3.get_object(Bucket="bucket-{one:02}", Key="a")\n' for one in range(40))
    lpa.write("app.py", f'import boto3\ns3 = boto3.client("s3")\ndef handler(event, context):\n{calls}')
    lpa.write("role.json", '{"Version": "2012-10-17", "Statement": []}')
    lpa("report", "role.json", "--source", "app.py", "--html", "r.html")
    page = open_page(browser, lpa.cwd / "r.html").page
    expect(page.locator(".part.resource")).to_have_count(14)
    page.get_by_role("button", name=re.compile("^26 more resources of s3")).click()
    expect(page.locator(".part.resource")).to_have_count(40)
