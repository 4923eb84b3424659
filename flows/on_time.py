"""The Prefect flow `on-time`: every Monday, the week that has just ended."""

from __future__ import annotations

from prefect import flow, get_run_logger

from flows.backfill import backfill
from flows.delivery_run import deliver_after
from flows.settings import Settings
from flows.weeks import weeks_to_run
from store.database import migrate, open_database, read_scope

_WAIT_SECONDS = 900.0  # a nightly ingest, or a run by hand, may still be writing


@flow(name="on-time", persist_result=False)
def on_time(settings_json: str) -> list[str]:
    """Runs the weeks that have feedback, are over and were not run; returns them.

    Usually that is last week alone; after a Monday on which the machine was off, it is more.
    """
    settings = Settings.from_json(settings_json)
    engine = open_database(settings.database_url)
    try:
        migrate(engine)
        with read_scope(engine) as session:
            weeks = weeks_to_run(session, today=settings.today(), zone=settings.zone_info)
    finally:
        engine.dispose()
    if weeks:
        backfill(settings_json, weeks[0], weeks[-1], _WAIT_SECONDS)
    else:  # what could not be delivered before, or was not come to
        deliver_after(settings, tell=get_run_logger().info)
    get_run_logger().info("%d weeks run", len(weeks))
    return list(weeks)
