"""The whole pipeline on a real PostgreSQL: byte for byte what SQLite gives."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from flows.reporting import week_report
from store.database import open_database

if TYPE_CHECKING:
    from tests.e2e.conftest import Pipeline

LAST = "2026-W41"
pytestmark = [pytest.mark.postgres, pytest.mark.timeout(900)]


def test_postgresql_gives_what_sqlite_gives(
    pipeline: Pipeline, finished_exports: dict[str, bytes], postgres_url: str, tmp_path: Path
) -> None:
    settings = pipeline.settings(tmp_path / "home", url=postgres_url)
    engine = pipeline.open(settings)
    pipeline.lend_vectors(engine)
    counts = pipeline.ingest(engine, settings, pipeline.input)
    assert sum(one.accepted for one in counts) > 0
    outcomes = pipeline.run(engine, settings)
    assert {one.status for one in outcomes} == {"done"}
    found = pipeline.exports(engine)
    differing = [name for name in finished_exports if found[name] != finished_exports[name]]
    assert differing == []
    assert {one.status for one in pipeline.run(engine, settings)} == {"unchanged"}

    sqlite = open_database(pipeline.settings(pipeline.stages[LAST]).database_url)
    for kind in ("html", "md", "json"):
        assert week_report(engine, week=LAST, format=kind) == week_report(
            sqlite, week=LAST, format=kind
        )
    sqlite.dispose()
    engine.dispose()
