"""A filled store behind a real server, read in a real Chromium that may go nowhere else."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    expect,
    sync_playwright,
)
from playwright.sync_api import Error as BrowserError

from store.database import migrate, open_database
from tests.api.conftest import fill, keep_run, settings_at

_NAMES = ("chromium", "chromium-browser", "google-chrome")
# Many times what they take, for a machine that runs much else at once.
_START_SECONDS = 90.0
_ACTION_SECONDS = 30.0
COMMAND = "from flows.cli import main; main()"


expect.set_options(timeout=_ACTION_SECONDS * 1000)


@contextmanager
def served(home: Path) -> Iterator[str]:
    """`groundswell serve` in a process of its own while the block runs; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = home / "server.log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            [sys.executable, "-c", COMMAND, "--home", str(home), "serve", "--port", str(port)],
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not _answers(port):
            said = log.read_text(encoding="utf-8")
            assert server.poll() is None, f"the server ended: {said}"
            assert time.monotonic() < deadline, f"the server takes too long to start: {said}"
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=_START_SECONDS)


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@dataclass
class Watch:
    """What a page did that it should not have: errors on its console, requests to elsewhere."""

    origin: str
    errors: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def on(self, page: Page) -> None:
        page.on("console", self._said)
        page.on("pageerror", self._failed)
        page.on("request", self._asked)

    def off(self, page: Page) -> None:
        page.remove_listener("console", self._said)
        page.remove_listener("pageerror", self._failed)
        page.remove_listener("request", self._asked)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.errors.append(message.text)

    def _failed(self, error: BrowserError) -> None:
        self.errors.append(str(error))

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"{self.origin}/", "data:")):
            self.elsewhere.append(request.url)


@pytest.fixture(scope="session")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over the made-up store, to read from."""
    settings = settings_at(tmp_path_factory.mktemp("served"))
    fill(settings.database_url)
    keep_run(settings.database_url)
    with served(settings.home) as found:
        yield found


@pytest.fixture(scope="session")
def empty_origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over a store with nothing in it."""
    settings = settings_at(tmp_path_factory.mktemp("empty"))
    engine = open_database(settings.database_url)
    migrate(engine)
    engine.dispose()
    with served(settings.home) as found:
        yield found


def chromium() -> Path | None:
    """The system's browser, if it has one."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    return None if found is None else Path(found)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for the tests of a file: Playwright leaves an event loop running while it is up."""
    found = chromium()
    if found is None:
        pytest.skip(f"needs a browser: none of {', '.join(_NAMES)} is on the PATH")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=found,
            # As root, as in a container, Chromium starts without its sandbox only.
            args=["--no-sandbox", "--disable-gpu"],
        )
        yield started
        started.close()


@contextmanager
def opened(browser: Browser, *, javascript: bool = True, width: int = 1280) -> Iterator[Page]:
    """A page of its own, in which nothing is remembered from before."""
    context: BrowserContext = browser.new_context(
        java_script_enabled=javascript,
        viewport={"width": width, "height": 900},
        reduced_motion="reduce",
    )
    context.set_default_timeout(_ACTION_SECONDS * 1000)
    try:
        yield context.new_page()
    finally:
        context.close()
