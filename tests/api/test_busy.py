"""Another program holds the database: whoever wants to write is told so within seconds."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from store.database import open_database, read_scope
from store.events import load_events
from tests.api.keys import bearer, make_key

ITEM = {"id": "1", "created_at": "2026-11-10T09:12:00Z", "text": "Signed out again"}
BATCH = {"source": "api", "kind": "ticket", "items": [ITEM]}
EVENTS = {"items": [{"day": "2026-11-01", "kind": "release", "name": "4.2"}]}


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings), raise_server_exceptions=False) as found:
        yield found


@pytest.fixture
def writer(settings: Settings, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Holds the database from `BEGIN IMMEDIATE` on."""
    connection = sqlite3.connect(tmp_path / "groundswell.sqlite", isolation_level=None)
    yield connection
    connection.close()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.sessions._WAIT_SECONDS", 0.05)


def _csrf(client: TestClient, path: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', client.get(path).text)
    assert found is not None
    return found[1]


def _busy(answer: Any) -> None:
    assert answer.status_code == 503, answer.text
    assert answer.headers["retry-after"] == "10"


@pytest.mark.parametrize(("path", "body"), [("/v1/feedback", BATCH), ("/v1/events", EVENTS)])
def test_what_is_posted_is_not_kept_waiting(
    client: TestClient, settings: Settings, writer: sqlite3.Connection, path: str, body: Any
) -> None:
    _, token = make_key(settings.database_url, "ingest")
    writer.execute("BEGIN IMMEDIATE")
    started = time.monotonic()
    refused = client.post(path, json=body, headers=bearer(token))
    assert time.monotonic() - started < 10
    _busy(refused)
    assert refused.json()["type"] == "urn:groundswell:problem:busy"
    writer.execute("ROLLBACK")
    taken = client.post(path, json=body, headers=bearer(token))
    assert (taken.status_code, taken.json()["accepted"]) == (200, 1)


def test_signing_in_and_out_says_that_it_cannot_be_now(
    client: TestClient, settings: Settings, writer: sqlite3.Connection
) -> None:
    _, token = make_key(settings.database_url, "read")
    browser = {"accept": "text/html"}
    body = {"key": token, "csrf": _csrf(client, "/sign-in")}
    writer.execute("BEGIN IMMEDIATE")
    refused = client.post("/sign-in", data=body, headers=browser, follow_redirects=False)
    _busy(refused)
    assert "writing to this database" in refused.text
    writer.execute("ROLLBACK")
    assert client.post("/sign-in", data=body, follow_redirects=False).status_code == 303
    out = {"csrf": _csrf(client, "/")}
    writer.execute("BEGIN IMMEDIATE")
    _busy(client.post("/sign-out", data=out, headers=browser, follow_redirects=False))
    writer.execute("ROLLBACK")
    assert client.get("/").status_code == 200, "still signed in"
    assert client.post("/sign-out", data=out, follow_redirects=False).status_code == 303


def test_a_wrong_key_needs_no_write(
    client: TestClient, settings: Settings, writer: sqlite3.Connection
) -> None:
    make_key(settings.database_url, "read")
    body = {"key": "gsk_no", "csrf": _csrf(client, "/sign-in")}
    writer.execute("BEGIN IMMEDIATE")
    assert client.post("/sign-in", data=body).status_code == 401


def test_who_waits_long_enough_is_not_refused(
    client: TestClient,
    settings: Settings,
    writer: sqlite3.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("api.sessions._WAIT_SECONDS", 20.0)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("COMMIT")
    assert client.post("/v1/events", json=EVENTS).status_code == 200
    engine = open_database(settings.database_url)
    with read_scope(engine) as session:
        assert [one.name for one in load_events(session)] == ["4.2"]
    engine.dispose()
