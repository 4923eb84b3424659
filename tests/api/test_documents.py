"""Documents as files, and the record of deliveries."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import TypeAdapter

from api.app import create_app
from report.document import from_json
from report.outcome import Outcome
from report.owner_part import OwnerPart
from store.database import open_database, session_scope
from store.deliveries import Delivery, claim, settle
from tests.api.conftest import LAST, settings_at

FORMATS = {
    "html": ("text/html; charset=utf-8", "html"),
    "mail": ("text/html; charset=utf-8", "mail.html"),
    "md": ("text/markdown; charset=utf-8", "md"),
    "text": ("text/plain; charset=utf-8", "txt"),
    "json": ("application/json", "json"),
}


def test_weeks_are_listed_the_last_first(client: TestClient) -> None:
    items = client.get("/v1/reports").json()["items"]
    assert [one["week"] for one in items] == [LAST, "2026-W46"]
    assert items[0] == {
        "week": LAST,
        "first_day": "2026-11-16",
        "last_day": "2026-11-22",
        "month": "2026-11",
        "href": f"/v1/reports/{LAST}",
        "document_href": f"/v1/reports/{LAST}/document",
    }


@pytest.mark.parametrize("how", FORMATS)
@pytest.mark.parametrize(
    ("path", "name"),
    [
        (f"/v1/reports/{LAST}/document", f"report-{LAST}"),
        ("/v1/reports/latest/document", f"report-{LAST}"),
        (
            f"/v1/reports/{LAST}/document?owner=accounts_access",
            f"report-{LAST}-accounts_access",
        ),
        ("/v1/outcomes/2026-11", "outcome-2026-11"),
    ],
)
def test_every_document_comes_in_every_format(
    path: str, name: str, how: str, client: TestClient
) -> None:
    answer = client.get(path, params={"format": how} | dict(_owner(path)))
    media, suffix = FORMATS[how]
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == media
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}.{suffix}"'
    assert len(answer.text) > 1000
    if how == "json":
        assert json.loads(answer.text)["format"] >= 1
    else:
        assert "<script>" not in answer.text or how == "text"


def _owner(path: str) -> list[tuple[str, str]]:
    """Parameters given by hand take the place of those in the address."""
    return [("owner", path.partition("owner=")[2])] if "owner=" in path else []


def test_documents_read_back(client: TestClient) -> None:
    week = client.get(f"/v1/reports/{LAST}/document", params={"format": "json"}).text
    assert from_json(week).week == LAST
    query = {"format": "json", "owner": "accounts_access"}
    text = client.get(f"/v1/reports/{LAST}/document", params=query).text
    part = TypeAdapter(OwnerPart).validate_json(text)
    assert part.owner_id == "accounts_access"
    text = client.get("/v1/outcomes/2026-11").text
    assert TypeAdapter(Outcome).validate_json(text).month == "2026-11"


def test_months_are_listed(client: TestClient) -> None:
    (one,) = client.get("/v1/outcomes").json()["items"]
    assert (one["month"], one["weeks"], one["whole"]) == ("2026-11", ["2026-W46", LAST], False)


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/v1/reports/2026-W01/document", 404, "was not published"),
        ("/v1/reports/nonsense/document", 422, "week"),
        (f"/v1/reports/{LAST}/document?format=pdf", 422, "format"),
        (f"/v1/reports/{LAST}/document?owner=nobody", 422, "there is no owner"),
        (f"/v1/reports/{LAST}/document?owner=mobile", 404, "owned no theme"),
        (f"/v1/reports/{LAST}/document?kind=survey", 422, "kind"),
        ("/v1/outcomes/2026-08", 404, "published are"),
        ("/v1/outcomes/2026-13", 422, "is no month"),
        ("/v1/outcomes/0000-01", 422, "is no month"),
        ("/v1/outcomes/9999-12", 404, "published are"),
        ("/v1/deliveries?limit=0", 422, "limit"),
    ],
)
def test_what_is_not_there_is_a_problem(
    path: str, status: int, says: str, client: TestClient
) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert says in answer.text


def test_links_lead_to_the_server_where_one_is_set(filled_home: Path) -> None:
    from dataclasses import replace

    settings = replace(settings_at(filled_home), server_url="https://groundswell.example.com")
    with TestClient(create_app(settings)) as client:
        text = client.get(f"/v1/reports/{LAST}/document?format=text").text
    assert f"https://groundswell.example.com/weeks/{LAST}" in text


def test_an_empty_store_has_no_documents(empty: TestClient) -> None:
    assert empty.get("/v1/reports").json()["items"] == []
    assert empty.get("/v1/outcomes").json()["items"] == []
    assert empty.get("/v1/deliveries").json()["items"] == []
    assert empty.get("/v1/reports/latest/document").status_code == 404
    assert empty.get("/v1/outcomes/2026-11").status_code == 404


def test_deliveries_are_shown_as_they_are_now(late_home: Path) -> None:
    settings = settings_at(late_home)
    engine = open_database(settings.database_url)
    now = dt.datetime(2026, 11, 23, 6, tzinfo=dt.UTC)
    with TestClient(create_app(settings)) as client:
        assert client.get("/v1/deliveries").json()["items"] == []
        with session_scope(engine, changes_answers=False) as session:
            for period in (LAST, "2026-W46"):
                row = Delivery(period, "week", period, "", "json://h/***", "sending", 1, "", now)
                assert claim(session, row)
        with session_scope(engine, changes_answers=False) as session:
            settle(session, LAST, status="failed", error="error=503", when=now)
        answer = client.get("/v1/deliveries", params={"period": LAST})
        assert answer.headers["cache-control"] == "no-store"
        (one,) = answer.json()["items"]
        assert (one["status"], one["error"], one["target"]) == (
            "failed",
            "error=503",
            "json://h/***",
        )
        assert len(client.get("/v1/deliveries").json()["items"]) == 2
        assert len(client.get("/v1/deliveries", params={"limit": 1}).json()["items"]) == 1
    engine.dispose()


def test_the_week_page_leads_to_its_files(client: TestClient) -> None:
    page = client.get(f"/weeks/{LAST}").text
    for how in FORMATS:
        assert f"/v1/reports/{LAST}/document?format={how}" in page
