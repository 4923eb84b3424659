"""The Prefect flow `on-time`: every Monday, the week that has just ended."""

from __future__ import annotations

import datetime as dt

from prefect import flow, get_run_logger

from flows.backfill import backfill
from flows.settings import Settings
from flows.weeks import last_complete_week, weeks_to_run
from store.database import migrate, open_database, session_scope


@flow(name="on-time", persist_result=False)
def on_time(settings_json: str) -> list[str]:
    """Runs the weeks that have feedback, are over and were not run; returns them.

    Usually that is last week alone; after a Monday on which the machine was off, it is more.
    """
    settings = Settings.from_json(settings_json)
    engine = open_database(settings.database_url)
    try:
        migrate(engine)
        with session_scope(engine) as session:
            waiting = weeks_to_run(session)
    finally:
        engine.dispose()
    over = last_complete_week(dt.datetime.now(settings.zone_info).date())
    weeks = [week for week in waiting if week <= over]
    if weeks:
        backfill(settings_json, weeks[0], weeks[-1])
    get_run_logger().info("%d weeks run", len(weeks))
    return weeks
