from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings, load_settings
from api.telemetry import ACCESS_LOG, REQUEST_ID, LogStyle, start_log
from tests.api.keys import bearer, make_key

SECRET = "the-customer-said-so"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    kept = (ACCESS_LOG.handlers[:], ACCESS_LOG.propagate, ACCESS_LOG.level)
    yield io.StringIO()
    ACCESS_LOG.handlers[:], ACCESS_LOG.propagate = kept[:2]
    ACCESS_LOG.setLevel(kept[2])


def _client(settings: Settings, stream: io.StringIO, style: LogStyle) -> TestClient:
    app = create_app(replace(settings, log=style))
    start_log(style, stream)
    return TestClient(app, raise_server_exceptions=False)


def _lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_names_the_route_and_no_word_of_the_caller_s(
    settings: Settings, stream: io.StringIO
) -> None:
    key, token = make_key(settings.database_url, "read", name=SECRET)
    with _client(settings, stream, "json") as client:
        client.get(f"/v1/themes/{SECRET}?owner={SECRET}", headers=bearer(token))
        client.get(f"/{SECRET}?q={SECRET}", headers=bearer(token) | {"user-agent": SECRET})
        client.get("/v1/events", headers={"cookie": f"groundswell_session={SECRET}"})
        client.post("/sign-in", data={"key": token})
        client.get("/healthz")
        client.request("MAKE-UP", f"/{SECRET}")
    assert SECRET not in stream.getvalue()
    assert token not in stream.getvalue()
    lines = _lines(stream)
    assert [(line["method"], line["route"], line["status"], line["key"]) for line in lines] == [
        ("GET", "/v1/themes/{theme_id}", 422, key.id),
        ("GET", "(none)", 404, key.id),
        ("GET", "/v1/events", 401, ""),
        ("POST", "/sign-in", 403, ""),
        ("GET", "/healthz", 200, ""),
        ("OTHER", "(none)", 401, ""),
    ]
    for line in lines:
        assert set(line) == {"time", "request_id", "method", "route", "status", "ms", "key"}
        assert line["ms"] > 0
        assert re.fullmatch(r"[0-9a-f]{32}", line["request_id"])


def test_a_terminal_gets_text(settings: Settings, stream: io.StringIO) -> None:
    with _client(settings, stream, "text") as client:
        client.get("/v1/events", headers={REQUEST_ID: "abc-1"})
    assert re.fullmatch(r"\S+ 200 GET /v1/events \d+\.\d ms id=abc-1\n", stream.getvalue())


def test_off_is_off(settings: Settings, stream: io.StringIO) -> None:
    start_log("text", stream)
    with TestClient(create_app(replace(settings, log="off"))) as client:
        assert client.get("/v1/events").headers[REQUEST_ID]
    assert stream.getvalue() == ""


def test_the_log_is_written_once_however_many_apps_there_are(stream: io.StringIO) -> None:
    start_log("json", stream)
    start_log("json", stream)
    assert len(ACCESS_LOG.handlers) == 1
    assert not ACCESS_LOG.propagate


@pytest.mark.parametrize(
    "given",
    ["a", "0" * 64, "3f1c9a7e-6c1d-4d0b-9c57-2f0a", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "a.b:c_d"],
)
def test_a_sane_request_id_is_kept(client: TestClient, given: str) -> None:
    assert client.get("/healthz", headers={REQUEST_ID: given}).headers[REQUEST_ID] == given


@pytest.mark.parametrize(
    "given",
    ["", "0" * 65, "a b", "-a", "a\tb", "<script>", '{"a":1}', "a;b", "\xe9", "a\x7f", "a%0a"],
)
def test_any_other_is_replaced(client: TestClient, given: str) -> None:
    answer = client.get("/healthz", headers={REQUEST_ID.encode(): given.encode("latin-1")})
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers[REQUEST_ID])


def test_two_requests_have_two_ids(client: TestClient) -> None:
    assert len({client.get("/healthz").headers[REQUEST_ID] for _ in range(5)}) == 5


def test_a_failure_inside_names_its_request(
    settings: Settings,
    stream: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("api.routes.events.load_events", fail)
    with _client(settings, stream, "json") as client, caplog.at_level(logging.ERROR):
        answer = client.get("/v1/events", headers={REQUEST_ID: "here-1"})
    assert answer.status_code == 500
    assert answer.json()["request_id"] == answer.headers[REQUEST_ID] == "here-1"
    assert "here-1" in caplog.text
    (line,) = _lines(stream)
    assert (line["status"], line["route"], line["request_id"]) == (500, "/v1/events", "here-1")
    assert SECRET not in answer.text + stream.getvalue()


def test_other_problems_need_no_id(client: TestClient) -> None:
    assert "request_id" not in client.get("/v1/nothing").json()


@pytest.mark.parametrize("text", ["json", "text", "off"])
def test_the_style_is_a_setting(text: str) -> None:
    assert load_settings({"GROUNDSWELL_LOG": text}).log == text


def test_the_style_depends_on_who_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stderr", io.StringIO())
    assert load_settings({}).log == "json"
    monkeypatch.setattr("sys.stderr", Terminal())
    assert load_settings({}).log == "text"


def test_a_style_that_is_none() -> None:
    with pytest.raises(ValueError, match="json, text, off"):
        load_settings({"GROUNDSWELL_LOG": "xml"})
