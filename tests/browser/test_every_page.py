"""Each page in a real browser: no barrier, no error, no request to elsewhere, no overflow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.addresses import ASKED, addresses, page_paths
from tests.browser.conftest import Watch, opened

PHONE = 390
_GRAVE = {"serious", "critical"}
OVERFLOW = """() => {
  const width = document.documentElement.clientWidth;
  if (document.scrollingElement.scrollWidth <= innerWidth) return [];
  const clipped = (element) => {
    for (let up = element.parentElement; up; up = up.parentElement)
      if (getComputedStyle(up).overflowX !== 'visible') return true;
    return false;
  };
  return [...document.querySelectorAll('body *')]
    .filter((element) => element.getBoundingClientRect().right > width + 1 && !clipped(element))
    .slice(0, 5)
    .map((element) => element.outerHTML.slice(0, 120))
    .concat(`${document.scrollingElement.scrollWidth} > ${innerWidth}`);
}"""


@lru_cache(maxsize=1)
def _axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def barriers(page: Page, *, only: tuple[str, ...] = ()) -> list[str]:
    """What axe-core finds serious or critical, with the elements it means."""
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if only:
        options["runOnly"] = {"type": "rule", "values": list(only)}
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_axe())
    found = page.evaluate(f"() => axe.run(document, {json.dumps(options)})")
    return [
        f"{rule['id']}: {rule['help']}: {node['html'][:160]} ({node['failureSummary']})"
        for rule in found["violations"]
        if rule["impact"] in _GRAVE
        for node in rule["nodes"][:3]
    ]


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with opened(browser) as found:
        yield found


@pytest.fixture(scope="module")
def bare(browser: Browser) -> Iterator[Page]:
    """A page that runs no script, on a phone."""
    with opened(browser, javascript=False, width=PHONE) as found:
        yield found


def _looked_at(page: Page, origin: str, path: str) -> list[str]:
    """Everything that is wrong with a page, light and dark, wide and narrow."""
    watch = Watch(origin)
    watch.on(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
    answer = page.goto(origin + path)
    assert answer is not None
    if not answer.headers["content-type"].startswith("text/html"):
        return [f"no page: {answer.headers['content-type']}"]
    wrong = [f"barrier: {one}" for one in barriers(page)]
    page.emulate_media(color_scheme="dark")
    wrong += [f"dark: {one}" for one in barriers(page, only=("color-contrast",))]
    for width in (PHONE, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        wrong += [f"wider than {width}: {one}" for one in page.evaluate(OVERFLOW)]
    missing = answer.status == 404  # Chromium tells that on the console
    wrong += [f"console: {one}" for one in watch.errors if not (missing and "404" in one)]
    wrong += [f"elsewhere: {one}" for one in watch.elsewhere]
    watch.off(page)
    return wrong


@pytest.mark.parametrize("path", page_paths())
def test_a_page_is_sound(page: Page, origin: str, path: str) -> None:
    wrong = {address: _looked_at(page, origin, address) for address in addresses(path)}
    assert {address: found for address, found in wrong.items() if found} == {}


@pytest.mark.parametrize("address", ASKED)
def test_a_page_that_was_asked_something_is_sound(page: Page, origin: str, address: str) -> None:
    assert _looked_at(page, origin, address) == []


@pytest.mark.parametrize("path", page_paths())
def test_a_page_without_data_is_sound(page: Page, empty_origin: str, path: str) -> None:
    assert _looked_at(page, empty_origin, addresses(path)[0]) == []


@pytest.mark.parametrize("path", page_paths())
def test_a_page_reads_the_same_without_javascript(
    page: Page, bare: Page, origin: str, path: str
) -> None:
    address = origin + addresses(path)[0]
    page.goto(address)
    bare.goto(address)
    assert bare.locator("h1").all_inner_texts() == page.locator("h1").all_inner_texts()
    assert len(bare.locator("main").inner_text()) > 20
    assert bare.evaluate(OVERFLOW) == []
