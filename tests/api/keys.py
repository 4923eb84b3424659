"""Keys for tests, and an app that asks for them at once."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.key_ring import KeyRing
from store.access_keys import AccessKey, create_key
from store.database import open_database, session_scope


def make_key(
    url: str, *scopes: str, name: str = "Ana", expires_at: dt.datetime | None = None
) -> tuple[AccessKey, str]:
    """A key in the store and its token."""
    engine = open_database(url)
    with session_scope(engine, changes_answers=False) as session:
        now = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
        made = create_key(session, name, scopes=scopes, now=now, expires_at=expires_at)
    engine.dispose()
    return made


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def forget(app: FastAPI) -> None:
    """As if half a second had passed."""
    ring = app.state.key_ring
    assert isinstance(ring, KeyRing)
    ring.forget()


def other_machine(app: FastAPI, address: str = "10.0.0.7") -> TestClient:
    return TestClient(app, client=(address, 4711), raise_server_exceptions=False)


def file_url(home: Path) -> str:
    return f"sqlite:///{home / 'groundswell.sqlite'}"
