"""HEAD is answered wherever GET is, with the same headers and no body."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from tests.api.conftest import LOGIN, settings_at
from tests.api.keys import make_key, other_machine

CHANGING = {"date", "x-request-id", "ratelimit"}


def asked(app: FastAPI, method: str, path: str) -> tuple[int, dict[str, str], bytes]:
    """As a server hears it: a client would hide a body that should not be there."""
    sent: list[Any] = []
    asked_for = 0
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 4711),
        "server": ("127.0.0.1", 80),
    }

    async def receive() -> dict[str, Any]:
        nonlocal asked_for
        asked_for += 1
        if asked_for > 1:
            await asyncio.Event().wait()  # the caller does not go away
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    start, *rest = sent
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    assert not rest[-1].get("more_body", False)
    body = b"".join(message.get("body", b"") for message in rest)
    kept = {name: value for name, value in headers.items() if name not in CHANGING}
    return start["status"], kept, body


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/themes",
        f"/themes/{LOGIN}/correct",
        "/sign-in",
        "/v1/themes",
        "/openapi.json",
        "/healthz",
        "/readyz",
        "/static/report.css",
        "/nothing",
    ],
)
def test_head_is_get_without_the_body(filled_home: Path, path: str) -> None:
    app = create_app(settings_at(filled_home))
    status, headers, body = asked(app, "GET", path)
    assert body or status == 303
    assert asked(app, "HEAD", path) == (status, headers, b"")
    assert status != 405


def test_metrics_are_answered_too(filled_home: Path) -> None:
    status, _, body = asked(create_app(settings_at(filled_home)), "HEAD", "/metrics")
    assert (status, body) == (200, b"")


@pytest.mark.parametrize(
    "query",
    [
        "themes",
        "feedback",
        "friction?format=parquet&week=2026-W46",
        "statements?segment.plan=Pro",
        "friction?segment.plan=Pro",
        "themes?segment.plann=Pro",
        "themes?week=2020-W01",
        "nothing",
    ],
)
def test_a_head_of_an_export_makes_no_file(
    filled_home: Path, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with TestClient(create_app(settings_at(filled_home))) as client:
        got = client.get(f"/v1/exports/{query}")

        def fail(*_: object, **__: object) -> None:
            raise AssertionError("an export was made")

        monkeypatch.setattr("service.exporting.export_rows", fail)
        told = client.head(f"/v1/exports/{query}")
    assert told.status_code == got.status_code
    assert told.content == b""
    for name in ("content-type", "content-disposition", "cache-control"):
        assert told.headers.get(name) == got.headers.get(name)
    if told.status_code == 200:
        assert "content-length" not in told.headers


def test_head_needs_what_get_needs(settings: Settings) -> None:
    make_key(settings.database_url, "read")
    assert other_machine(create_app(settings)).head("/v1/themes").status_code == 401


def test_where_nothing_can_be_got_head_is_refused(settings: Settings) -> None:
    with TestClient(create_app(settings)) as client:
        assert client.head("/v1/corrections/3/undo").status_code == 405
