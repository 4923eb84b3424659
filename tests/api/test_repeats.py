from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api import repeats
from api.app import create_app
from api.settings import Settings
from store.database import open_database, read_scope
from store.feedback import load_feedback
from store.locks import run_lock
from store.posted import find_posted

KEY = "5f3c1c1e-8f0b-4e0c-9f59-0a1c7d7f2b11"
LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def batch(*ids: str, text: str = "Signed out again") -> dict[str, Any]:
    items = [{"id": name, "created_at": "2026-11-10T09:12:00Z", "text": text} for name in ids]
    return {"source": "api", "kind": "ticket", "items": items}


def post(client: TestClient, body: dict[str, Any], key: str = KEY) -> Any:
    return client.post("/v1/feedback", json=body, headers={"Idempotency-Key": key})


def test_the_same_batch_is_answered_as_before_and_not_taken_again(empty: TestClient) -> None:
    first = post(empty, batch("1", "2"))
    assert first.json()["accepted"] == 2
    assert repeats.REPLAYED not in first.headers
    empty.post("/v1/feedback", json=batch("1", text="Changed by somebody else"))
    again = post(empty, batch("1", "2"))
    assert again.status_code == 200
    assert again.json() == first.json()
    assert again.headers[repeats.REPLAYED] == "true"


def test_a_replay_does_not_undo_what_came_later(empty: TestClient, settings: Settings) -> None:
    post(empty, batch("1"))
    empty.post("/v1/feedback", json=batch("1", text="It works again"))
    post(empty, batch("1"))
    engine = open_database(settings.database_url)
    with read_scope(engine) as session:
        (stored,) = load_feedback(session)
    engine.dispose()
    assert stored.text == "It works again"


def test_another_batch_under_the_key_is_refused(empty: TestClient) -> None:
    post(empty, batch("1"))
    refused = post(empty, batch("1", "2"))
    assert refused.status_code == 422
    assert refused.json()["type"].endswith("idempotency-key-reused")
    assert post(empty, batch("1", "2"), key="another").json()["accepted"] == 1


@pytest.mark.parametrize("second", [KEY, "another"])
def test_a_batch_has_one_key(empty: TestClient, second: str) -> None:
    headers = [("Idempotency-Key", KEY), ("Idempotency-Key", second)]
    refused = empty.post("/v1/feedback", json=batch("1"), headers=headers)
    assert refused.status_code == 422
    assert refused.json()["type"].endswith("two-idempotency-keys")
    assert post(empty, batch("1")).json()["accepted"] == 1


def test_the_order_of_keys_in_a_body_does_not_matter(empty: TestClient) -> None:
    body = batch("1")
    post(empty, body)
    turned = {name: body[name] for name in reversed(body)}
    assert post(empty, turned).headers[repeats.REPLAYED] == "true"


def test_a_replay_needs_no_lock_and_a_new_batch_does(empty: TestClient, settings: Settings) -> None:
    post(empty, batch("1"))
    with run_lock(settings.database_url, settings.home, wait_seconds=0):
        assert post(empty, batch("1")).status_code == 200
        assert post(empty, batch("1"), key="another").status_code == 409
    assert post(empty, batch("1"), key="another").json()["unchanged"] == 1


@pytest.mark.parametrize("key", ["a b", "é".encode(), b"\x00", "x" * 201])
def test_a_key_is_short_printable_ascii(empty: TestClient, key: Any) -> None:
    answer = empty.post("/v1/feedback", json=batch("1"), headers=[(b"Idempotency-Key", key)])
    assert answer.status_code in {400, 422}


def test_answers_are_kept_for_a_week_and_then_let_go(
    empty: TestClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(empty, batch("1"))
    engine = open_database(settings.database_url)
    with read_scope(engine) as session:
        kept = find_posted(session, "", KEY, since=LONG_AGO)
    assert kept is not None
    monkeypatch.setattr(repeats, "KEPT", dt.timedelta(0))
    assert repeats.REPLAYED not in post(empty, batch("1")).headers
    assert post(empty, batch("2"), key="another").status_code == 200
    with read_scope(engine) as session:
        assert find_posted(session, "", KEY, since=LONG_AGO) is None
    engine.dispose()


def test_a_batch_with_nan_has_a_digest(settings: Settings) -> None:
    with TestClient(create_app(settings)) as client:
        answer = client.post(
            "/v1/feedback",
            content='{"source":"a","kind":"ticket","items":[{"id":"1","score":NaN}]}',
            headers={"content-type": "application/json", "Idempotency-Key": KEY},
        )
    assert answer.status_code in {200, 400}
