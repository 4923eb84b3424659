"""The Prefect flow `ingest`: the drop folder, every night."""

from __future__ import annotations

from pathlib import Path

from prefect import flow, get_run_logger

from flows.drop import ingest_drop
from flows.settings import Settings
from store.database import migrate, open_database


@flow(name="ingest", retries=2, retry_delay_seconds=60, persist_result=False)
def ingest(settings_json: str, folder: str) -> int:
    """Ingests the drop folder; returns how many rows were read.

    A second try reads only what the first did not put aside, and reading a row twice changes
    nothing.
    """
    settings = Settings.from_json(settings_json)
    logger = get_run_logger()
    engine = open_database(settings.database_url)
    try:
        migrate(engine)
        outcomes = ingest_drop(engine, Path(folder), settings=settings, tell=logger.info)
    finally:
        engine.dispose()
    rows = sum(one.counts.rows_read for one in outcomes if one.counts is not None)
    logger.info("%d files, %d rows", len(outcomes), rows)
    return rows
