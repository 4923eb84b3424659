from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from nlp.records import Feedback
from service.exporting import export, spool
from service.exports.columns import NOUNS, TABLES, Noun
from service.exports.files import Format
from store.database import open_database, session_scope
from store.feedback import load_feedback, upsert_feedback
from tests.api.conftest import HOSTILE_TEXT, LAST, settings_at

FORMATS: tuple[Format, ...] = ("csv", "jsonl", "parquet")


@pytest.mark.parametrize("noun", NOUNS)
@pytest.mark.parametrize("format", FORMATS)
def test_the_bytes_are_those_of_the_command(
    client: TestClient, filled_home: Path, noun: Noun, format: Format
) -> None:
    engine = open_database(settings_at(filled_home).database_url)
    made = export(engine, noun, format=format)
    engine.dispose()
    answer = client.get(f"/v1/exports/{noun}?format={format}")
    assert answer.status_code == 200
    assert answer.content == made.content
    assert answer.headers["content-length"] == str(len(made.content))
    name = f"{noun}-{LAST}.{format}" if TABLES[noun].needs_run else f"{noun}.{format}"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'


def test_a_week_is_the_state_of_that_week(client: TestClient) -> None:
    answer = client.get("/v1/exports/trends?format=jsonl&week=2026-W46")
    assert {json.loads(line)["week"] for line in answer.text.splitlines()} == {"2026-W46"}
    assert "trends-2026-W46.jsonl" in answer.headers["content-disposition"]


def test_formulas_are_defused_in_csv_alone(settings: Settings) -> None:
    engine = open_database(settings.database_url)
    with TestClient(create_app(settings)) as client:
        items = [{"id": "1", "created_at": "2026-11-10T09:12:00Z", "text": "=1+1"}]
        client.post("/v1/feedback", json={"source": "a", "kind": "ticket", "items": items})
        text = client.get("/v1/exports/feedback?format=csv").text
        lines = client.get("/v1/exports/feedback?format=jsonl").text
    engine.dispose()
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["text"] == "'=1+1"
    assert json.loads(lines)["text"] == "=1+1"


def test_hostile_text_stays_text(client: TestClient) -> None:
    answer = client.get("/v1/exports/statements?format=csv")
    assert answer.headers["content-type"].startswith("text/csv; charset=utf-8")
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert HOSTILE_TEXT in {row["statement"] for row in rows}


def test_the_contract_is_that_of_the_command(client: TestClient) -> None:
    items = client.get("/v1/exports").json()["items"]
    assert [item["noun"] for item in items] == list(NOUNS)
    for item in items:
        names = [column["name"] for column in item["columns"]]
        header = client.get(item["links"]["csv"]).text.partition("\n")[0]
        assert header.split(",") == names


def rows_of(client: TestClient, noun: str, query: str) -> list[dict[str, object]]:
    answer = client.get(f"/v1/exports/{noun}?format=jsonl&{query}")
    assert answer.status_code == 200, answer.text
    assert "-part.jsonl" in answer.headers["content-disposition"]
    return [json.loads(line) for line in answer.text.splitlines()]


def test_filters_export_the_part_that_lists_show(client: TestClient) -> None:
    query = "segment.plan=Pro&since=2026-W46&kind=survey"
    messages = rows_of(client, "feedback", query)
    assert {(row["week"], row["kind"]) for row in messages} == {
        ("2026-W46", "survey"),
        ("2026-W47", "survey"),
    }
    ids = {row["id"] for row in messages}
    assert len(ids) == 10
    for noun in ("statements", "assignments"):
        assert {row["feedback_id"] for row in rows_of(client, noun, query)} == ids
    listed = client.get(f"/v1/themes?{query}").json()["items"]
    assert {row["id"]: (row["customers"], row["statements"]) for row in listed} == {
        row["theme_id"]: (row["customers"], row["statements"])
        for row in rows_of(client, "themes", query)
    }
    early = rows_of(client, "feedback", "week=2026-W46&until=2026-W47&segment.plan=Pro")
    assert max(str(row["week"]) for row in early) == "2026-W46"


def test_all_parts_together_are_the_whole(client: TestClient) -> None:
    whole = client.get("/v1/exports/statements?format=jsonl").text.splitlines()
    parts = [
        line
        for plan in ("Pro", "Starter")
        for line in client.get(
            f"/v1/exports/statements?format=jsonl&segment.plan={plan}"
        ).text.splitlines()
    ]
    assert sorted(parts) == sorted(whole)


@pytest.mark.parametrize("noun", NOUNS)
def test_filters_that_would_do_nothing_are_refused(client: TestClient, noun: Noun) -> None:
    takes = noun in ("feedback", "statements", "assignments", "themes")
    answer = client.get(f"/v1/exports/{noun}?segment.plan=Pro")
    assert answer.status_code == (200 if takes else 422)
    assert client.get(f"/v1/exports/{noun}?segment.plann=Pro").status_code == 422
    assert client.get(f"/v1/exports/{noun}?segment.plan=pro").status_code == 422


def test_what_was_not_run_is_not_there(client: TestClient, empty: TestClient) -> None:
    assert client.get("/v1/exports/themes?week=2020-W01").status_code == 404
    assert client.get("/v1/exports/themes?week=W1").status_code == 422
    assert client.get("/v1/exports/nothing").status_code == 422
    assert client.get("/v1/exports/themes?format=xlsx").status_code == 422
    assert client.get("/v1/exports/themes?sort=label").status_code == 422
    assert empty.get("/v1/exports/themes").status_code == 404
    assert empty.get("/v1/exports/feedback").status_code == 200


def test_a_reader_that_goes_away_holds_nothing_open(late_home: Path) -> None:
    engine = open_database(settings_at(late_home).database_url)
    found = spool(engine, "statements", format="jsonl")
    pieces = found.pieces()
    assert next(pieces)
    with session_scope(engine) as session:  # another writes while the first piece is read
        old: Feedback = load_feedback(session)[0]
        assert upsert_feedback(session, [old]).unchanged == 1
    pieces.close()
    assert found.file.closed
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # of a pool that counts
    engine.dispose()


def test_batches_give_the_rows_of_one_read(
    late_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_database(settings_at(late_home).database_url)
    whole = {noun: export(engine, noun, format="csv").content for noun in NOUNS}
    monkeypatch.setattr("service.exports.rows._BATCH", 7)
    monkeypatch.setattr("service.exports.files._PIECE", 100)
    for noun in NOUNS:
        spooled = spool(engine, noun, format="csv")
        assert b"".join(spooled.pieces()) == whole[noun]
    engine.dispose()
