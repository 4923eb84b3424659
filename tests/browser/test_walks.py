"""What people do here, done in a real browser: read the week, drill down, correct, undo, search."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.conftest import CAUSE, HOSTILE_TEXT, LAST, LOGIN, fill, keep_run, settings_at
from tests.browser.conftest import Watch, opened, served

LABEL = "Signed out again and again"
SCRIPTS = pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over a store that the tests of this file write to."""
    settings = settings_at(tmp_path_factory.mktemp("walked"))
    fill(settings.database_url)
    keep_run(settings.database_url)
    with served(settings.home) as found:
        yield found


@contextmanager
def _walking(browser: Browser, origin: str, *, javascript: bool = True) -> Iterator[Page]:
    """A page on which nothing may go wrong along the way."""
    watch = Watch(origin)
    with opened(browser, javascript=javascript) as page:
        watch.on(page)
        yield page
        assert (watch.errors, watch.elsewhere) == ([], [])


def _undone(page: Page) -> None:
    """Undo what was kept just now, from the notice that says so."""
    page.get_by_label("Why undo it").fill("a slip")
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.locator(".notice.done")).to_contain_text("Undone.")


@SCRIPTS
def test_from_the_week_to_a_statement(browser: Browser, origin: str, *, javascript: bool) -> None:
    with _walking(browser, origin, javascript=javascript) as page:
        page.goto(f"{origin}/")
        expect(page.get_by_role("heading", level=1)).to_contain_text(LAST)
        page.locator("main").get_by_role("link", name=LABEL).first.click()
        expect(page).to_have_url(re.compile(f"/themes/{LOGIN}"))
        expect(page.get_by_role("heading", level=1)).to_contain_text(LABEL)
        said = page.locator("blockquote", has_text="since the update").last
        expect(said.locator("mark").first).to_contain_text("the update")
        expect(said).to_contain_text(re.compile(r"desk/\d+"))


@SCRIPTS
def test_the_nav_leads_everywhere(browser: Browser, origin: str, *, javascript: bool) -> None:
    with _walking(browser, origin, javascript=javascript) as page:
        page.goto(f"{origin}/")
        nav = page.locator("header nav").first
        addresses = [str(one.get_attribute("href")) for one in nav.get_by_role("link").all()]
        assert len(addresses) >= 4
        for address in addresses:
            answer = page.goto(origin + address)
            assert answer is not None
            assert answer.status == 200, address
            expect(page.get_by_role("heading", level=1)).to_be_visible()


@SCRIPTS
def test_renaming_and_undoing(browser: Browser, origin: str, *, javascript: bool) -> None:
    with _walking(browser, origin, javascript=javascript) as page:
        page.goto(f"{origin}/themes/{LOGIN}")
        page.get_by_role("link", name="Correct this theme").click()
        form = page.locator("form#rename")
        form.get_by_label("New name").fill("Logged out <i>twice</i>")
        form.get_by_label("Why").fill("customers say logged out")
        form.get_by_role("button").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("What will change")
        expect(page.locator("main")).to_contain_text(LABEL)
        expect(page.locator("main")).to_contain_text("Logged out <i>twice</i>")
        expect(page.locator("main")).to_contain_text("Nothing is kept yet")
        page.get_by_role("button", name="Confirm").click()
        expect(page.locator(".notice.done")).to_contain_text("Kept.")
        _undone(page)
        page.goto(f"{origin}/corrections")
        latest = page.locator("ol.audit > li").first
        expect(latest).to_contain_text("customers say logged out")
        expect(latest).to_contain_text("a slip")
        expect(latest).to_contain_text("undone")


def test_a_correction_that_is_not_confirmed_is_not_kept(browser: Browser, origin: str) -> None:
    with _walking(browser, origin) as page:
        page.goto(f"{origin}/themes/{LOGIN}/correct")
        form = page.locator("form#rename")
        form.get_by_label("New name").fill("Never kept")
        form.get_by_label("Why").fill("only looking")
        form.get_by_role("button").click()
        page.get_by_role("link", name="Cancel").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(LABEL)
        page.goto(f"{origin}/corrections")
        expect(page.locator("main")).not_to_contain_text("Never kept")


@SCRIPTS
def test_merging_and_undoing(browser: Browser, origin: str, *, javascript: bool) -> None:
    with _walking(browser, origin, javascript=javascript) as page:
        page.goto(f"{origin}/themes/{LOGIN}/correct")
        form = page.locator("form#merge")
        form.get_by_label("Into").select_option(index=1)
        form.get_by_label("Why").fill("the same problem")
        form.get_by_role("button").click()
        table = page.get_by_role("table").first
        expect(table.get_by_role("row", name=re.compile(LABEL))).to_contain_text("96")
        expect(table).to_contain_text(HOSTILE_TEXT[:20])
        page.get_by_role("button", name="Confirm").click()
        expect(page.locator(".notice.done")).to_contain_text("Kept.")
        _undone(page)


@SCRIPTS
def test_confirming_a_cause_and_undoing(browser: Browser, origin: str, *, javascript: bool) -> None:
    with _walking(browser, origin, javascript=javascript) as page:
        page.goto(f"{origin}/themes/{LOGIN}")
        page.locator(f'main a[href="/causes/{CAUSE}"]').first.click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.locator(f'main a[href="/causes/{CAUSE}/correct"]').first.click()
        form = page.locator("form#confirm-cause")
        form.get_by_label("Why").fill("we saw it in the log")
        form.get_by_role("button").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("What will change")
        page.get_by_role("button", name="Confirm").click()
        expect(page.locator(".notice.done")).to_contain_text("Kept.")
        page.goto(f"{origin}/causes/{CAUSE}")
        expect(page.locator("main")).to_contain_text("we saw it in the log")
        page.goto(f"{origin}/causes/{CAUSE}/correct")
        page.goto(f"{origin}/corrections")
        latest = page.locator("ol.audit > li").first
        latest.locator("summary").click()
        latest.get_by_label("Why").fill("a slip")
        latest.get_by_role("button").click()
        expect(page.locator(".notice.done")).to_contain_text("Undone.")


@SCRIPTS
def test_searching(browser: Browser, origin: str, *, javascript: bool) -> None:
    with _walking(browser, origin, javascript=javascript) as page:
        page.goto(f"{origin}/search")
        box = page.locator("main").get_by_role("searchbox").first
        box.fill("signed out 7 times")
        box.press("Enter")
        expect(page).to_have_url(re.compile(r"/search\?.*q=signed"))
        expect(page.locator("main")).to_contain_text("Signed out 7 times since the update")
        page.locator("main").get_by_role("link", name=LABEL).first.click()
        expect(page).to_have_url(re.compile(f"/themes/{LOGIN}"))


def test_the_keyboard_reaches_the_content_first(browser: Browser, origin: str) -> None:
    with _walking(browser, origin) as page:
        page.goto(f"{origin}/")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
        page.keyboard.press("Enter")
        assert page.evaluate("location.hash") == "#main"


def test_on_a_phone_the_header_takes_two_lines(browser: Browser, origin: str) -> None:
    with opened(browser, width=390) as page:
        for address in ("/", "/corrections"):
            page.goto(f"{origin}{address}")
            high = page.locator("header.top").evaluate("one => one.offsetHeight")
            line = page.locator("header nav a").first.evaluate("one => one.offsetHeight")
            assert high < 3 * line
            # The page shown is in sight, however far along the menu it stands.
            expect(page.locator("header nav a[aria-current]")).to_be_in_viewport(ratio=1)
