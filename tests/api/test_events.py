from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.settings import Settings
from store.locks import run_lock

RELEASE = {"day": "2026-10-03", "kind": "release", "name": "4.2"}


def post(client: TestClient, *items: dict[str, Any]) -> Any:
    return client.post("/v1/events", json={"items": list(items)})


def test_events_are_kept_once_and_listed_by_day(empty: TestClient) -> None:
    earlier = {"day": "2026-09-14", "kind": "incident", "name": "Bank feed", "detail": "4 hours"}
    assert post(empty, RELEASE, earlier).json() == {"accepted": 2, "updated": 0, "unchanged": 0}
    assert post(empty, RELEASE).json() == {"accepted": 0, "updated": 0, "unchanged": 1}
    assert post(empty, RELEASE | {"detail": "iOS first"}).json()["updated"] == 1
    found = empty.get("/v1/events").json()["items"]
    assert [one["name"] for one in found] == ["Bank feed", "4.2"]
    assert found[1]["detail"] == "iOS first"


@pytest.mark.parametrize(
    "wrong",
    [
        {"day": "soon"},
        {"day": "2026-13-01"},
        {"name": "  "},
        {"name": "a\x00b"},
        {"name": "two\nlines"},
        {"kind": ""},
        {"owner": "me"},
        {"day": None},
        {"date": "2026-10-04"},
        {"date": "soon"},
    ],
)
def test_a_wrong_event_keeps_none(empty: TestClient, wrong: dict[str, Any]) -> None:
    answer = post(empty, RELEASE, RELEASE | wrong)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert empty.get("/v1/events").json()["items"] == []


def test_date_is_another_name_of_day(empty: TestClient) -> None:
    dated = {"date": "2026-10-03", "kind": "release", "name": "4.2"}
    assert post(empty, dated).json()["accepted"] == 1
    assert post(empty, RELEASE, RELEASE | {"date": "2026-10-03"}).json()["unchanged"] == 2
    assert [one["day"] for one in empty.get("/v1/events").json()["items"]] == ["2026-10-03"]


def test_what_is_wrong_with_a_day_is_said(empty: TestClient) -> None:
    assert "differ; give one of them" in post(empty, RELEASE | {"date": "2026-10-04"}).text
    assert "needs its day, as day or date" in post(empty, {"kind": "release", "name": "4.2"}).text


def test_a_lone_surrogate_is_refused(empty: TestClient) -> None:
    body = b'{"items": [{"day": "2026-10-03", "kind": "release", "name": "\\ud800"}]}'
    answer = empty.post("/v1/events", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422


def test_nothing_is_written_beside_a_run(empty: TestClient, settings: Settings) -> None:
    with run_lock(settings.database_url, settings.home, wait_seconds=0):
        answer = post(empty, RELEASE)
    assert answer.status_code == 409
    assert answer.headers["retry-after"] == "60"


def test_unknown_parameters_are_refused(empty: TestClient) -> None:
    assert empty.get("/v1/events?since=2026-W40").status_code == 422
