"""Hostile texts in a real browser: nothing runs, nothing is fetched, no page is too wide."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Dialog, Page

from tests.api.conftest import settings_at
from tests.api.hostile_store import ATTACKS, fill_hostile
from tests.api.test_hostile import HOSTILE_STORE
from tests.browser.addresses import addresses, page_paths
from tests.browser.conftest import Watch, opened, served
from tests.browser.test_every_page import OVERFLOW, PHONE

# Of every page those whose subject is worst for a layout; the others are read without a browser.
_WORST = [list(ATTACKS).index(name) for name in ("image", "word")]
_STORE = {
    name: values if len(values) < len(ATTACKS) else tuple(values[place] for place in _WORST)
    for name, values in HOSTILE_STORE.items()
}


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = settings_at(tmp_path_factory.mktemp("hostile"))
    fill_hostile(settings)
    with served(settings.home) as found:
        yield found


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with opened(browser, width=PHONE) as found:
        yield found


@pytest.mark.parametrize("path", page_paths())
def test_nothing_runs_and_nothing_is_too_wide(page: Page, origin: str, path: str) -> None:
    watch = Watch(origin)
    asked: list[str] = []

    def refused(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", refused)
    watch.on(page)
    wrong: list[str] = []
    for address in addresses(path, _STORE):
        answer = page.goto(origin + address)
        assert answer is not None
        wrong += [f"{address} is too wide: {one}" for one in page.evaluate(OVERFLOW)]
        assert answer.status < 500
    watch.off(page)
    page.remove_listener("dialog", refused)
    errors = [one for one in watch.errors if "404" not in one]
    assert (wrong, errors, watch.elsewhere, asked) == ([], [], [], [])
