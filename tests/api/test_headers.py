from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import api
from api.app import create_app
from api.bodies import SECURITY_HEADERS
from api.settings import Settings

TEMPLATES = sorted((Path(api.__file__).parent / "templates").glob("*.html"))


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/", {}, 200),
        ("GET", "/v1/events", {}, 200),
        ("GET", "/static/report.css", {}, 200),
        ("GET", "/metrics", {}, 200),
        ("GET", "/healthz", {}, 200),
        ("GET", "/nothing", {}, 404),
        ("GET", "/v1/nothing", {}, 404),
        ("GET", "/", {"host": "evil.example"}, 400),
        ("GET", "/", {"authorization": "Bearer x"}, 401),
        ("POST", "/v1/events", {"content-length": "999999999"}, 413),
        ("POST", "/sign-out", {"sec-fetch-site": "cross-site"}, 403),
    ],
)
def test_every_answer_has_them(
    client: TestClient, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    answer = client.request(method, path, headers=headers)
    assert answer.status_code == status
    for name, value in SECURITY_HEADERS.items():
        assert answer.headers[name] == value
    assert answer.headers["x-request-id"]


def test_a_failure_has_them_too(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("api.routes.events.load_events", fail)
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        answer = client.get("/v1/events")
    assert answer.status_code == 500
    assert SECURITY_HEADERS.items() <= dict(answer.headers).items()


def test_nothing_inline_may_run_and_nothing_foreign_be_loaded() -> None:
    policy = dict(
        part.strip().split(" ", 1)
        for part in SECURITY_HEADERS["content-security-policy"].split(";")
    )
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_nothing_inline(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|javascript:|\son[a-z]+=", text)
    assert not re.search(r"<script(?![^>]*\ssrc=\"/static/)", text)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_form_that_posts_brings_the_token(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    forms = re.findall(r"<form\b[^>]*method=\"post\".*?</form>", text, re.DOTALL)
    for form in forms:
        assert '<input type="hidden" name="csrf" value="{{ csrf_mark }}">' in form
