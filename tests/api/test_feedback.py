from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from store.database import open_database, read_scope
from store.feedback import load_feedback
from store.ingests import list_ingests
from store.locks import run_lock
from store.quarantine import list_quarantine


def row(**changes: Any) -> dict[str, Any]:
    fields = {
        "id": "1",
        "created_at": "2026-11-10T09:12:00Z",
        "text": "Signed out again, write me at jane@example.com",
        "plan": "Pro",
    }
    return fields | changes


def post(client: TestClient, *items: dict[str, Any], **more: Any) -> Any:
    body = {"source": "api", "kind": "ticket", "items": list(items)} | more
    answer = client.post("/v1/feedback", json=body)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    outcomes = ("accepted", "updated", "unchanged", "quarantined")
    assert found["rows_read"] == len(items) == sum(found[name] for name in outcomes)
    return found


def test_rows_are_taken_once(empty: TestClient) -> None:
    assert post(empty, row(), row(id="2"))["accepted"] == 2
    assert post(empty, row(), row(id="2"))["unchanged"] == 2


def test_a_changed_row_is_an_update(empty: TestClient) -> None:
    post(empty, row())
    found = post(empty, row(text="It works again"))
    assert [item["outcome"] for item in found["results"]] == ["updated"]


def test_personal_data_is_gone_before_storing(empty: TestClient, settings: Settings) -> None:
    post(empty, row(), {"id": "2", "text": "mail joe@example.com"})
    engine = open_database(settings.database_url)
    with read_scope(engine) as session:
        (stored,) = load_feedback(session)
        (rejected,) = list_quarantine(session)
        (counts,) = list_ingests(session)
    engine.dispose()
    assert "jane@example.com" not in stored.text
    assert "joe@example.com" not in rejected.raw
    assert dict(stored.attributes)["plan"] == "Pro"
    assert sum(counts.redactions.values()) == 2


def test_a_bad_row_does_not_hold_up_the_others(empty: TestClient) -> None:
    found = post(empty, row(text=" "), row(id="2"), row(id=None), row(id="4", created_at="soon"))
    assert [item["outcome"] for item in found["results"]] == [
        "quarantined",
        "accepted",
        "quarantined",
        "quarantined",
    ]
    assert [bool(item["reason"]) for item in found["results"]] == [True, False, True, True]


def test_a_mended_row_leaves_the_quarantine(empty: TestClient, settings: Settings) -> None:
    post(empty, row(created_at="soon"))
    post(empty, row())
    engine = open_database(settings.database_url)
    with read_scope(engine) as session:
        assert list_quarantine(session) == []
    engine.dispose()


def test_of_one_key_in_a_batch_the_latest_stays(empty: TestClient, settings: Settings) -> None:
    late = row(text="late", created_at="2026-11-11T00:00:00Z")
    found = post(empty, late, row(text="early"))
    assert [item["outcome"] for item in found["results"]] == ["updated", "accepted"]
    engine = open_database(settings.database_url)
    with read_scope(engine) as session:
        assert [item.text for item in load_feedback(session)] == ["late"]
    engine.dispose()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"items": []},
        {"items": "x"},
        {"items": ["x"]},
        {"items": [{}], "unknown": 1},
        {"items": [{}], "kind": "mail"},
        {"items": [{}] * 1001},
    ],
)
def test_a_batch_of_another_shape_is_refused_whole(empty: TestClient, body: dict[str, Any]) -> None:
    answer = empty.post("/v1/feedback", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"]


def test_a_thousand_rows_are_one_batch(empty: TestClient) -> None:
    assert post(empty, *({"id": str(n)} for n in range(1000)))["quarantined"] == 1000


def test_a_running_week_is_not_disturbed(settings: Settings) -> None:
    with (
        TestClient(create_app(settings)) as client,
        run_lock(settings.database_url, settings.home, wait_seconds=1),
    ):
        answer = client.post("/v1/feedback", json={"items": [row()]})
    assert answer.status_code == 409
    assert answer.headers["retry-after"] == "60"
    assert "pid" not in answer.text


def test_hostile_values_are_stored_or_quarantined_never_a_failure(empty: TestClient) -> None:
    rows = [
        row(id="n", text="a\x00b"),
        row(id="s", text="\ud800 lone"),
        row(id="d", text={"nested": ["x"]}),
        row(id="w", text="w" * 100_000),
        row(id={"a": 1}),
        row(id="a", **{"<b>": "<i>", "": "x"}),
    ]
    # ASCII JSON carries the lone surrogate as an escape, as a careless client would.
    body = json.dumps({"source": "api", "kind": "ticket", "items": rows})
    headers = {"content-type": "application/json"}
    answer = empty.post("/v1/feedback", content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.json()["rows_read"] == 6
    assert answer.json()["results"][3]["outcome"] == "quarantined"
