from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings

JSON = {"content-type": "application/json"}


def problem(answer: Any, status: int) -> Any:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert body["title"]
    return body


@pytest.mark.parametrize(
    ("path", "status", "name"),
    [
        ("/v1/nothing", 404, None),
        ("/v1/themes/T-ffffffffff", 404, "unknown-theme"),
        ("/v1/themes/T-ffffffffff/statements", 404, "unknown-theme"),
        ("/v1/themes?week=2026-W10", 404, "week-not-published"),
        ("/v1/themes?until=0001-W01", 422, "not-a-week"),
        ("/v1/themes?week=last", 422, "not-a-week"),
        ("/v1/themes?since=2026-W54", 422, "not-a-week"),
        ("/v1/themes?since=2026-W47&until=2026-W46", 422, "empty-range"),
        ("/v1/reports/2026-47", 422, "not-a-week"),
        ("/v1/reports/2026-W10", 404, "week-not-published"),
        ("/v1/themes?limit=0", 422, "invalid-request"),
        ("/v1/themes?limit=201", 422, "invalid-request"),
        ("/v1/friction-points?kind=email", 422, "invalid-request"),
        ("/v1/themes?cursor=%00", 422, "unknown-cursor"),
        ("/v1/themes?cursor=eyJ9", 422, "unknown-cursor"),
        ("/v1/themes?kind=ticket&kind=survey", 422, "filter-given-twice"),
    ],
)
def test_every_error_is_a_problem(
    client: TestClient, path: str, status: int, name: str | None
) -> None:
    body = problem(client.get(path), status)
    assert body["type"] == (f"urn:groundswell:problem:{name}" if name else "about:blank")


def test_an_unknown_filter_lists_the_known(client: TestClient) -> None:
    body = problem(client.get("/v1/friction-points?plan=Pro"), 422)
    assert "'plan' is not a filter" in body["detail"]
    assert {"segment.NAME", "kind", "owner", "since", "stage", "until", "week"} <= set(
        body["known"]
    )


def test_an_unknown_attribute_lists_the_known(client: TestClient) -> None:
    body = problem(client.get("/v1/friction-points?attribute.plann=Pro"), 422)
    assert "segment.plan" in body["known"]


@pytest.mark.parametrize(("name", "known"), [("owner", "accounts_access"), ("stage", "sign_in")])
def test_an_unknown_owner_or_stage_lists_the_known(
    client: TestClient, name: str, known: str
) -> None:
    body = problem(client.get(f"/v1/themes?{name}=nobody"), 422)
    assert known in body["known"]


def test_a_cursor_of_another_list_is_refused(client: TestClient) -> None:
    cursor = client.get("/v1/themes?limit=1").json()["next_cursor"]
    body = problem(client.get(f"/v1/themes?limit=1&kind=ticket&cursor={cursor}"), 422)
    assert body["type"].endswith("cursor-of-another-list")


def test_a_forged_cursor_of_other_types_is_refused(client: TestClient) -> None:
    cursor = client.get("/v1/themes?limit=1").json()["next_cursor"]
    raw = base64.urlsafe_b64decode(cursor + "==").decode()
    forged = base64.urlsafe_b64encode(raw.replace(" 60,", ' "x",').encode()).decode().rstrip("=")
    assert forged != cursor
    problem(client.get(f"/v1/themes?limit=1&cursor={forged}"), 422)


def test_a_wrong_method(client: TestClient) -> None:
    answer = client.delete("/v1/themes")
    problem(answer, 405)
    assert answer.headers["allow"] == "GET"


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe{}", b"nope"])
def test_undecodable_json(client: TestClient, body: bytes) -> None:
    problem(
        client.post("/v1/feedback", content=body, headers={"content-type": "application/json"}),
        400,
    )


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_over_the_limit_is_not_parsed(client: TestClient, declared: bool) -> None:
    size = 200_001

    def chunks() -> Iterator[bytes]:
        for _ in range(3):
            yield b" " * (size // 3 + 1)

    answer = client.post("/v1/feedback", content=b" " * size if declared else chunks())
    assert "200,000 bytes" in problem(answer, 413)["detail"]


def test_a_body_at_the_limit_is_read(client: TestClient) -> None:
    problem(client.post("/v1/feedback", content=b"{" * 200_000, headers=JSON), 400)


def test_a_failure_inside_says_nothing_of_the_inside(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret customer text")

    monkeypatch.setattr("api.routes.themes.pick_week", broken)
    monkeypatch.setattr("api.routes.pages.published_weeks", broken)
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        answer = client.get("/v1/themes")
        page = client.get("/")
    problem(answer, 500)
    assert "secret" not in answer.text + page.text
    assert page.status_code == 500
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "secret customer text" in caplog.text


def test_no_week_yet_says_what_to_run(empty: TestClient) -> None:
    body = problem(empty.get("/v1/friction-points"), 404)
    assert "groundswell run" in body["detail"]


def test_health_and_readiness(client: TestClient, empty: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready", "last_week": "2026-W47"}
    assert empty.get("/readyz").json() == {"status": "ready", "last_week": None}


def test_not_ready_before_the_schema_is_there(tmp_path: Path) -> None:
    settings = Settings(tmp_path, f"sqlite:///{tmp_path / 'new.sqlite'}", None)
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        body = problem(client.get("/readyz"), 503)
        assert body["type"].endswith("database-not-migrated")
        assert client.get("/healthz").status_code == 200


def test_not_ready_when_the_database_cannot_be_opened(tmp_path: Path) -> None:
    settings = Settings(tmp_path, f"sqlite:///{tmp_path}", None)
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        assert str(tmp_path) not in client.get("/readyz").text
        problem(client.get("/readyz"), 503)


def test_the_openapi_document_describes_problems_and_examples(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    paths = document["paths"]
    assert set(paths) >= {
        "/v1/friction-points",
        "/v1/themes",
        "/v1/themes/{theme_id}",
        "/v1/themes/{theme_id}/statements",
        "/v1/themes/{theme_id}/causes",
        "/v1/themes/{theme_id}/history",
        "/v1/root-causes",
        "/v1/root-causes/{cause_id}",
        "/v1/owners",
        "/v1/reports/{week}",
        "/v1/events",
        "/v1/feedback",
        "/healthz",
        "/readyz",
    }
    listed = paths["/v1/friction-points"]["get"]
    assert set(listed["responses"]) == {"200", "401", "403", "404", "422", "429", "503"}
    assert "application/problem+json" in listed["responses"]["422"]["content"]
    assert "segment.plan" in {item["name"] for item in listed["parameters"]}
    schemas = document["components"]["schemas"]
    assert "HTTPValidationError" not in schemas
    for name in ("FrictionPoint", "RootCause", "ThemeOut", "OwnerOut", "FeedbackBatch", "Problem"):
        assert schemas[name]["examples"]


def test_no_page_of_documentation_loads_from_elsewhere(client: TestClient) -> None:
    assert client.get("/docs").status_code == 404
    assert client.get("/redoc").status_code == 404
