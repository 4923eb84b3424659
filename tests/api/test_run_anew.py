from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from store.database import Engine, open_database, session_scope
from store.revision import mark_changed
from store.runs import RunRecord, rewind, save_run
from tests.api.conftest import settings_at

BEFORE, LAST = "2026-W46", "2026-W47"
LOGIN, CAUSE = "T-00000000aa", "R-00000000aa"
NOON = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
LISTS = (
    *("/v1/themes", f"/v1/themes/{LOGIN}", f"/v1/themes/{LOGIN}/statements", "/v1/root-causes"),
    *("/v1/friction-points", f"/v1/themes/{LOGIN}/history", f"/v1/root-causes/{CAUSE}"),
    *("/v1/owners", "/v1/search?q=update", "/v1/exports/themes", "/v1/exports/friction"),
)
PAGES = ("/themes", f"/themes/{LOGIN}", "/causes", f"/causes/{CAUSE}", "/owners")


@pytest.fixture
def engine(late_home: Path) -> Iterator[Engine]:
    engine = open_database(settings_at(late_home).database_url)
    with session_scope(engine) as session:
        for number, week in enumerate((BEFORE, LAST)):
            save_run(session, RunRecord(f"r{number}", "weekly", week, "done", NOON, NOON))
    run_again(engine, BEFORE, LAST)
    yield engine
    engine.dispose()


@pytest.fixture
def client(late_home: Path, engine: Engine) -> Iterator[TestClient]:
    with TestClient(create_app(settings_at(late_home)), headers={"accept": "text/html"}) as made:
        yield made


def run_again(engine: Engine, *weeks: str) -> None:
    """As the end of a run leaves them: their own rows and a digest."""
    with session_scope(engine) as session:
        for week in weeks:
            run = RunRecord(
                f"again {week}", "weekly", week, "done", NOON, NOON, input_digest="digest"
            )
            save_run(session, run)


def test_a_week_on_another_one_run_anew_is_no_answer(client: TestClient, engine: Engine) -> None:
    for path in (*LISTS, *PAGES):
        assert client.get(path).status_code == 200, path
    with session_scope(engine) as session:
        rewind(session, LAST)
    for path in LISTS:
        answer = client.get(path)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "60"), path
        assert answer.json()["type"] == "urn:groundswell:problem:week-run-anew"
        assert f"{LAST} is being run anew" in answer.json()["detail"]
    for path in (*PAGES, f"/themes/{LOGIN}/correct", f"/causes/{CAUSE}/correct"):
        answer = client.get(path)
        assert answer.status_code == 503, path
        assert f"/weeks/{LAST}" in answer.text
    assert client.get(f"/v1/themes?week={BEFORE}").status_code == 200


def test_its_report_stays_and_says_so(client: TestClient, engine: Engine) -> None:
    assert "being run anew" not in client.get("/").text
    report = client.get(f"/v1/reports/{LAST}").json()
    with session_scope(engine) as session:
        rewind(session, LAST)
    assert client.get(f"/v1/reports/{LAST}").json() == report
    for path in ("/", f"/weeks/{LAST}"):
        page = client.get(path)
        assert page.status_code == 200
        assert "This week is being run anew" in page.text
    assert "being run anew" not in client.get(f"/weeks/{BEFORE}").text


def test_each_week_is_back_with_its_own_run(client: TestClient, engine: Engine) -> None:
    """The first week run again is published with its rows; the run of the next one dies."""
    with session_scope(engine) as session:
        rewind(session, BEFORE)
    assert client.get(f"/v1/friction-points?week={BEFORE}").status_code == 503
    run_again(engine, BEFORE)
    with session_scope(engine) as session:
        save_run(session, RunRecord("dead", "weekly", LAST, "failed", NOON, NOON))
    # As at publishing: what is kept of published weeks is read anew.
    with session_scope(engine) as session:
        mark_changed(session, "published")
    assert client.get(f"/v1/friction-points?week={BEFORE}").status_code == 200
    assert client.get(f"/v1/friction-points?week={LAST}").status_code == 503


def test_what_is_made_from_the_week_waits_and_its_report_does_not(
    client: TestClient, engine: Engine
) -> None:
    path = f"/v1/reports/{LAST}/document"
    with session_scope(engine) as session:
        rewind(session, LAST)
    assert client.get(path).status_code == 200
    for made in (f"{path}?owner=accounts_access", "/v1/outcomes/2026-11"):
        answer = client.get(made)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
