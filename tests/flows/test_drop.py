from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.drop import ingest_drop
from flows.settings import Settings, load_settings
from store.database import Engine, migrate, open_database, session_scope
from store.feedback import load_feedback


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(home=tmp_path / "home", environment={})


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    made = open_database(settings.database_url)
    migrate(made)
    yield made
    made.dispose()


def _row(**fields: str) -> str:
    whole = {"kind": "ticket", "text": "The app is slow today.", "created_at": "2026-10-12T08:00Z"}
    return json.dumps(whole | fields) + "\n"


def test_files_are_read_and_put_aside(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    (drop / "desk").mkdir(parents=True)
    (drop / "a.jsonl").write_text(_row(id="1", source="mail"))
    (drop / "desk" / "b.jsonl").write_text(_row(id="2").replace('"text"', '"message"'))
    (drop / "desk" / "map.yaml").write_text("columns:\n  text: message\n")
    (drop / "c.parquet").write_bytes(b"this is no parquet")
    (drop / ".hidden").write_text("left alone")
    told: list[str] = []

    outcomes = ingest_drop(engine, drop, settings=settings, tell=told.append)

    assert [one.file.name for one in outcomes] == ["a.jsonl", "c.parquet", "b.jsonl"]
    assert [one.counts is None for one in outcomes] == [False, True, False]
    with session_scope(engine) as session:
        assert [item.key for item in load_feedback(session)] == ["desk/2", "mail/1"]
    left = sorted(str(path.relative_to(drop)) for path in drop.rglob("*") if path.is_file())
    assert left == [
        *(".hidden", "desk/done/b.jsonl", "desk/map.yaml", "done/a.jsonl", "refused/c.parquet"),
    ]
    assert len(told) == 3
    assert ingest_drop(engine, drop, settings=settings, tell=told.append) == []


def test_a_file_of_the_same_name_does_not_replace_the_first(
    engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    for number in ("1", "2", "3"):
        (drop / "week.jsonl").write_text(_row(id=number, source="mail"))
        ingest_drop(engine, drop, settings=settings, tell=lambda _: None)
    assert sorted(path.name for path in (drop / "done").iterdir()) == [
        *("week.2.jsonl", "week.3.jsonl", "week.jsonl"),
    ]
