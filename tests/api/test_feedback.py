from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from nlp.records import Rejected
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


def test_why_a_row_was_quarantined_is_told_in_the_words_of_the_api(empty: TestClient) -> None:
    found = post(empty, row(), row(id=None, source="desk"), source=None)["results"]
    assert found[0]["reason"] == "no source: give the item, or the whole batch, a `source`"
    assert found[1]["reason"].startswith("no id: give the item an `id` of its own")


def test_a_mended_row_leaves_the_quarantine(empty: TestClient, settings: Settings) -> None:
    post(empty, row(created_at="soon"))
    post(empty, row())
    engine = open_database(settings.database_url)
    with read_scope(engine) as session:
        assert list_quarantine(session) == []
    engine.dispose()


def outcomes(found: dict[str, Any]) -> list[str]:
    return [item["outcome"] for item in found["results"]]


def stored(settings: Settings) -> tuple[list[str], list[Rejected]]:
    engine = open_database(settings.database_url)
    with read_scope(engine) as session:
        found = [item.text for item in load_feedback(session)], list_quarantine(session)
    engine.dispose()
    return found


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_rows_with_one_id_the_later_stays_and_the_other_is_quarantined(
    empty: TestClient, settings: Settings, turned: bool
) -> None:
    rows = [row(text="late", created_at="2026-11-11T00:00:00Z"), row(text="early"), row(id="2")]
    expected = ["accepted", "quarantined", "accepted"]
    if turned:
        rows, expected = rows[::-1], expected[::-1]
    assert outcomes(post(empty, *rows)) == expected
    before = stored(settings)
    assert "late" in before[0]
    assert "early" not in before[0]
    assert ["early" in item.raw for item in before[1]] == [True]

    again = post(empty, *rows)
    assert outcomes(again) == [name.replace("accepted", "unchanged") for name in expected]
    assert stored(settings) == before


def test_equal_rows_of_a_batch_are_one_message(empty: TestClient, settings: Settings) -> None:
    assert outcomes(post(empty, row(), row(), row())) == ["accepted", "unchanged", "unchanged"]
    assert outcomes(post(empty, row(), row())) == ["unchanged", "unchanged"]
    assert [len(found) for found in stored(settings)] == [1, 0]


def test_a_bad_row_sent_twice_waits_once(empty: TestClient, settings: Settings) -> None:
    batch = [row(id=None), row(id="2", created_at="soon"), row(id="3")]
    post(empty, *batch)
    before = stored(settings)
    post(empty, *batch)
    assert stored(settings) == before
    assert len(before[1]) == 2


def test_places_of_different_batches_differ(empty: TestClient, settings: Settings) -> None:
    post(empty, row(id=None, text="one"))
    post(empty, row(id=None, text="two"))
    files = {item.file for item in stored(settings)[1]}
    assert len(files) == 2
    assert all(file.startswith("POST /v1/feedback ") for file in files)


def test_the_same_id_of_another_source_stays_in_quarantine(
    empty: TestClient, settings: Settings
) -> None:
    post(empty, row(created_at="soon"))
    post(empty, row(), source="mail")
    assert len(stored(settings)[1]) == 1


def test_names_of_people_are_an_option(settings: Settings) -> None:
    text = "I spoke to John Smith about the invoice and nothing happened"
    for names, expected in (
        (False, text),
        (True, "I spoke to [PERSON] about the invoice and nothing happened"),
    ):
        with TestClient(create_app(replace(settings, redact_names=names))) as client:
            post(client, row(text=text))
        assert stored(settings)[0] == [expected]


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
