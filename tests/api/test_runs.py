from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from nlp.records import Rejected
from store.database import Engine, open_database, session_scope
from store.ingests import IngestCounts, record_ingest
from store.quarantine import add_quarantine
from store.runs import RunRecord, save_run
from tests.api.conftest import settings_at

START = dt.datetime(2026, 11, 16, 5, tzinfo=dt.UTC)
RUN = RunRecord(
    *("run-0", "weekly", "2026-W46", "done", START),
    finished_at=START + dt.timedelta(seconds=3.5),
    config=json.dumps({"zone": "UTC", "database": "sqlite:////secret/place", "home": "/secret"}),
    model_digests=json.dumps({"encoder": "c4a5"}),
    code_version="0.1.0",
    counts=json.dumps({"messages_this_week": 10, "statements": 100}),
    timings=json.dumps({"analyse": 2.0}),
)


def rejected(number: int, reason: str = "created_at: no date") -> Rejected:
    return Rejected(
        id=str(number),
        stage="parse",
        reason=reason,
        file="/home/ana/tickets.csv",
        line=number,
        raw='{"text": "call [PHONE] \ud800 <b>"}',
    )


def run(number: int, **changes: Any) -> RunRecord:
    started = START + dt.timedelta(days=7 * number)
    return replace(RUN, id=f"run-{number}", started_at=started, finished_at=None, **changes)


@pytest.fixture
def engine(late_home: Path) -> Any:
    made = open_database(settings_at(late_home).database_url)
    with session_scope(made) as session:
        save_run(session, RUN)
        for number in range(1, 5):
            save_run(session, run(number, status="failed", error="DiskFull: no room"))
            started = START + dt.timedelta(days=number)
            counts = IngestCounts(
                *(f"i{number}", started, ("/home/ana/tickets.csv",), 6, 3, 1, 1, 1),
                redactions={"EMAIL": 2},
            )
            record_ingest(session, counts)
        add_quarantine(session, [rejected(n) for n in range(4)], ingest_id="i1")
        add_quarantine(session, [rejected(9, "text: empty")], ingest_id="i1")
    yield made
    made.dispose()


@pytest.fixture
def late(late_home: Path, engine: Engine) -> Any:
    del engine
    with TestClient(create_app(settings_at(late_home)), raise_server_exceptions=False) as found:
        yield found


def test_one_run(late: TestClient) -> None:
    found = late.get("/v1/runs/run-0").json()
    assert (found["week"], found["status"], found["seconds"]) == ("2026-W46", "done", 3.5)
    assert found["counts"]["statements"] == 100
    assert found["model_digests"] == {"encoder": "c4a5"}
    assert found["settings"] == {"zone": "UTC"}
    assert "secret" not in json.dumps(found)
    assert late.get("/v1/runs/run-99").status_code == 404


def test_runs_by_week_and_status(late: TestClient) -> None:
    ids = [item["id"] for item in late.get("/v1/runs").json()["items"]]
    assert ids == ["run-4", "run-3", "run-2", "run-1", "run-0"]
    done = late.get("/v1/runs?status=done&week=2026-W46").json()["items"]
    assert [item["id"] for item in done] == ["run-0"]
    assert late.get("/v1/runs?status=lost").status_code == 422
    assert late.get("/v1/runs?week=W1").status_code == 422


@pytest.mark.parametrize(
    ("path", "key"), [("/v1/runs", "id"), ("/v1/ingests", "id"), ("/v1/quarantine", "digest")]
)
def test_pages_stay_as_they_are_when_rows_come_between(
    late: TestClient, engine: Engine, path: str, key: str
) -> None:
    whole = [item[key] for item in late.get(path).json()["items"]]
    met: list[str] = []
    cursor = ""
    while True:
        page = late.get(f"{path}?limit=2{cursor}").json()
        met += [item[key] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
        with session_scope(engine) as session:  # newer than all, so on no later page
            place = 10 + len(met)
            save_run(session, run(place))
            started = START + dt.timedelta(days=place)
            record_ingest(session, IngestCounts(f"i{place}", started, (), 0, 0, 0, 0, 0))
            add_quarantine(
                session, [replace(rejected(0), file="/a/first.csv", line=-place)], ingest_id="i"
            )
    assert met == whole


def test_themes_between_two_pages_of_a_list_change_nothing(
    late: TestClient, engine: Engine
) -> None:
    whole = [item["theme_id"] for item in late.get("/v1/friction-points").json()["items"]]
    first = late.get("/v1/friction-points?limit=1").json()
    with session_scope(engine) as session:
        save_run(session, run(30))
    late.post(
        "/v1/feedback",
        json={
            "source": "desk",
            "kind": "ticket",
            "items": [{"id": "x", "created_at": "2026-11-10T09:12:00Z", "text": "Out again"}],
        },
    )
    rest = late.get(f"/v1/friction-points?limit=200&cursor={first['next_cursor']}").json()
    assert [item["theme_id"] for item in (*first["items"], *rest["items"])] == whole


def test_the_quarantine_counts_reasons_and_names_no_folder(late: TestClient) -> None:
    found = late.get("/v1/quarantine").json()
    assert found["rows"] == 5
    assert found["reasons"] == [
        {"reason": "created_at: no date", "rows": 4},
        {"reason": "text: empty", "rows": 1},
    ]
    assert {item["file"] for item in found["items"]} == {"tickets.csv"}
    assert "\\ud800" in found["items"][0]["raw"]
    (one,) = late.get("/v1/quarantine?reason=text: empty").json()["items"]
    assert one["line"] == 9


@pytest.mark.parametrize("path", ["/v1/runs", "/v1/ingests", "/v1/quarantine"])
def test_a_cursor_of_another_list_is_refused(late: TestClient, path: str) -> None:
    other = late.get("/v1/friction-points?limit=1").json()["next_cursor"]
    assert late.get(f"{path}?cursor={other}").status_code == 422
    assert late.get(f"{path}?cursor=nonsense").status_code == 422


def test_the_health_of_the_data(late: TestClient) -> None:
    found = late.get("/v1/data-health").json()
    assert found["last_week"] == "2026-W47"
    assert [week["week"] for week in found["weeks"]] == ["2026-W46", "2026-W47"]
    for week in found["weeks"]:
        said = week["leaf"] + week["parent"] + week["unthemed"] + week["noise"]
        assert said == week["statements"] > 0
        assert week["coverage"] + week["unthemed_share"] == pytest.approx(1)
    assert found["intake"]["rows_read"] == 24
    assert found["intake"]["redactions"] == {"EMAIL": 8}
    assert found["quarantine"]["rows"] == 5
    assert found["last_run"]["error"] == "DiskFull: no room"
    keys = [one["key"] for one in found["advice"]]
    assert keys[0] == "run-failed"
    assert "quarantine" in keys


def test_the_health_page_shows_the_same_numbers(late: TestClient) -> None:
    text = late.get("/health").text
    assert "DiskFull: no room" in text
    assert "5 rows wait for repair" in text
    assert "created_at: no date" in text
    assert "/home/ana" not in text


def test_without_data_health_says_what_to_run(empty: TestClient) -> None:
    assert empty.get("/v1/data-health").json()["advice"] == []
    assert "groundswell ingest" in empty.get("/health").text


def test_definitions_weeks_and_stages(client: TestClient) -> None:
    metrics = client.get("/v1/metrics-definitions").json()["items"]
    page = client.get("/definitions").text
    for metric in metrics:
        assert f'id="{metric["key"]}"' in page
        assert all(metric[name] for name in ("name", "definition", "formula", "guardian"))
    weeks = client.get("/v1/weeks").json()["items"]
    assert (len(weeks), weeks[0]["week"]) == (12, "2026-W47")
    assert [week["week"] for week in weeks if week["published"]] == ["2026-W47", "2026-W46"]
    stages = client.get("/v1/stages").json()
    assert {one["id"]: one["themes"] for one in stages["items"]}["sign_in"] == 3
