from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.scope import Snapshot
from api.views import root_cause_rows
from nlp.population import build_population
from nlp.records import Assignment, Cause, Feedback, RootCause, Statement, Theme

CAUSE, REJECTED = "R-00000000aa", "R-00000000bb"
LOGIN, HOSTILE, BROAD = "T-00000000aa", "T-00000000bb", "T-00000000cc"


def get(client: TestClient, path: str, **params: Any) -> Any:
    answer = client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_friction_points_as_published(client: TestClient) -> None:
    page = get(client, "/v1/friction-points")
    assert page["week"] == "2026-W47"
    assert [item["theme_id"] for item in page["items"]] == [LOGIN, HOSTILE, BROAD]
    first = page["items"][0]
    assert first["label"] == "Signed out again and again"
    assert first["owner"]["id"] == "accounts_access"
    assert first["reach"] == 40
    assert [cause["id"] for cause in first["causes"]] == [CAUSE]


def test_an_attribute_recomputes_reach_and_rank(client: TestClient) -> None:
    page = get(client, "/v1/friction-points", **{"attribute.plan": "Starter"})
    login = next(item for item in page["items"] if item["theme_id"] == LOGIN)
    assert 0 < login["reach"] < 40
    assert BROAD not in {item["theme_id"] for item in page["items"]}
    everyone = get(client, "/v1/friction-points", kind="survey")["items"]
    assert next(i for i in everyone if i["theme_id"] == LOGIN)["reach"] > login["reach"]


def test_a_week_range_counts_only_those_weeks(client: TestClient) -> None:
    one = get(client, "/v1/friction-points", since="2026-W47", until="2026-W47")
    assert {item["theme_id"]: item["reach"] for item in one["items"]} == {LOGIN: 8, HOSTILE: 2}


def test_owner_and_stage_choose_themes(client: TestClient) -> None:
    found = get(client, "/v1/friction-points", owner="accounts_access", stage="sign_in")
    assert [item["theme_id"] for item in found["items"]] == [LOGIN, BROAD]


@pytest.mark.parametrize("path", ["/v1/friction-points", "/v1/themes", "/v1/root-causes"])
@pytest.mark.parametrize("params", [{}, {"kind": "ticket"}, {"owner": "accounts_access"}])
def test_pages_add_up_to_the_whole(client: TestClient, path: str, params: dict[str, str]) -> None:
    whole = get(client, path, **params)
    assert whole["next_cursor"] is None
    met: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        page = get(client, path, limit=1, **params, **cursor)
        assert len(page["items"]) == 1
        met += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert met == whole["items"]


def test_themes_count_customers_and_statements(client: TestClient) -> None:
    items = {item["id"]: item for item in get(client, "/v1/themes")["items"]}
    assert (items[BROAD]["customers"], items[BROAD]["statements"]) == (60, 120)
    assert (items[LOGIN]["customers"], items[LOGIN]["statements"]) == (48, 96)
    assert items[LOGIN]["trend"]["note"].startswith("3 more customers than usual")
    week = get(client, "/v1/themes", since="2026-W47")["items"]
    assert {item["id"]: item["statements"] for item in week}[LOGIN] == 8


def test_one_theme(client: TestClient) -> None:
    assert get(client, f"/v1/themes/{BROAD}")["children"] == [LOGIN, HOSTILE]
    assert get(client, f"/v1/themes/{LOGIN}")["parent_id"] == BROAD


def test_a_theme_shows_what_says_it_best(client: TestClient) -> None:
    found = get(client, f"/v1/themes/{HOSTILE}")
    assert found["typical"] == [found["label"]]
    assert (found["label_reason"], found["terms"]) == ("terms", ["signed out"])
    assert get(client, f"/v1/themes/{LOGIN}")["typical"] == []


def test_a_theme_says_how_many_of_its_mentions_are_one_text(client: TestClient) -> None:
    found = get(client, f"/v1/themes/{HOSTILE}")["copies"]
    assert (found["mentions"], found["all_mentions"], found["weeks"]) == (24, 24, 12)
    assert (found["customers"], found["texts"]) == (12, 1)
    assert found["note"].startswith("24 of 24 mentions of the last 12 weeks are the same few words")
    assert get(client, f"/v1/themes/{LOGIN}")["copies"] is None


def test_statements_latest_week_first_and_narrowed(client: TestClient) -> None:
    path = f"/v1/themes/{LOGIN}/statements"
    items = get(client, path, limit=200)["items"]
    assert len(items) == 96
    assert items[0]["week"] == "2026-W47"
    assert [item["week"] for item in items] == sorted((i["week"] for i in items), reverse=True)
    assert items[0]["clauses"][0]["connective"] == "since"
    narrow = get(client, path, kind="ticket", **{"attribute.plan": "Starter"})["items"]
    assert {(item["kind"], item["attributes"]["plan"]) for item in narrow} == {
        ("ticket", "Starter")
    }


def test_causes_are_counted_in_the_part_asked_for(client: TestClient) -> None:
    whole = get(client, f"/v1/themes/{LOGIN}/causes")["items"]
    assert [(item["id"], item["statements"]) for item in whole] == [(CAUSE, 96), (REJECTED, 3)]
    assert [(one["id"], one["statements"]) for one in whole[0]["pieces"]] == [
        ("C-1", 96),
        ("C-2", 24),
    ]
    part = get(client, "/v1/root-causes", since="2026-W47", cause_kind="said")["items"]
    assert [(item["id"], item["statements"], item["customers"]) for item in part] == [(CAUSE, 8, 8)]
    assert part[0]["share_of_theme"] == 1.0


def test_a_causes_share_is_of_customers_also_in_a_part() -> None:
    # One customer tells the cause three times, another mentions the theme without it.
    when = dt.datetime(2026, 11, 16, 9, tzinfo=dt.UTC)
    messages = [
        Feedback(
            id=str(number),
            source="desk",
            kind="ticket",
            text="text",
            created_at=when,
            week="2026-W47",
            day=when.date(),
            customer_id="often" if number < 3 else "once",
        )
        for number in range(4)
    ]
    said = [Statement(item.key, 0, "text") for item in messages]
    placed = {item.id: Assignment(item.id, LOGIN, None, "leaf", 1.0, "test") for item in said}
    part = build_population(messages, said, placed)
    ids = tuple(item.id for item in said[:3])
    cause = Cause("C-1", LOGIN, "said", "since the update", 9, 9, 0.9, ids)
    themes = {LOGIN: Theme(LOGIN, "leaf", None, "Signed out", "", (), (), 0.5, "2026-W40")}
    told = RootCause(
        *("R-1", LOGIN, "since the update", "observed", ("said",), ("C-1",), 9, 9, 0.9, ids),
        first_week="2026-W47",
    )
    snapshot = Snapshot("2026-W47", themes, {}, (cause,), (), {}, {}, (told,))
    whole = build_population([], [], {})
    (row,) = root_cause_rows(snapshot, whole, part, {LOGIN})
    assert [(one.customers, one.statements) for one in row.pieces] == [(1, 3)]
    assert (row.customers, row.statements, row.share_of_theme) == (1, 3, 0.5)


def test_history_is_events_and_weeks(client: TestClient) -> None:
    life = get(client, f"/v1/themes/{LOGIN}/history")
    assert [event["kind"] for event in life["events"]] == ["born"]
    assert [week["week"] for week in life["weeks"]] == ["2026-W46", "2026-W47"]
    assert len(get(client, f"/v1/themes/{LOGIN}/history", week="2026-W46")["weeks"]) == 1


def test_owners_of_the_labels_and_those_who_left(client: TestClient) -> None:
    owners = {item["id"]: item for item in get(client, "/v1/owners")["items"]}
    assert owners["accounts_access"]["themes"] == 2
    assert owners["accounts_access"]["best_rank"] == 1
    assert owners["gone"]["kind"] == "former"
    assert owners["gone"]["unconfirmed"] == 1
    assert owners["billing"]["theme_ids"] == []


@pytest.mark.parametrize("week", ["2026-W47", "latest"])
def test_the_report_of_a_week(client: TestClient, week: str) -> None:
    found = get(client, f"/v1/reports/{week}")
    assert found["week"] == "2026-W47"
    assert found["three_months_running"][0]["theme_id"] == LOGIN
    assert len(found["sentences"]) == 3
