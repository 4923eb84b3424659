"""The Prefect flows `weekly` (one ISO week) and `backfill` (a range, week by week, on time)."""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import asdict
from typing import Any

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE

from flows.delivery_run import deliver_after
from flows.models import load_models
from flows.running import WeekOutcome, run_week
from flows.settings import Settings
from flows.weeks import confirm_week
from nlp.weeks import weeks_between
from report.wording import count
from store.database import is_transient, migrate, open_database, session_scope
from store.locks import run_lock

# A scheduled run waits for a nightly ingest that is still writing; people at a terminal may not.
_WAIT_SECONDS = 900.0


def _may_pass(_task: Any, _run: Any, state: Any) -> bool:
    error = state.data
    passing = isinstance(error, BaseException) and is_transient(error)
    if passing:
        _tell(f"  the database does not answer ({type(error).__name__}: {error}); trying again")
    return passing


@task(
    name="run-week",
    retries=3,
    retry_delay_seconds=[5.0, 30.0, 120.0],
    retry_condition_fn=_may_pass,
    persist_result=False,
    cache_policy=NO_CACHE,
)
def run_week_task(settings_json: str, week: str, last: str) -> WeekOutcome:
    """One week, tried again when the database was away for a while."""
    settings = Settings.from_json(settings_json)
    engine = open_database(settings.database_url)
    try:
        outcome = run_week(
            engine,
            settings=settings,
            models=load_models(settings.model_path),
            week=week,
            last=last,
            tell=lambda line: _tell(f"  {week}  {line}"),
        )
        if outcome.status == "unchanged":
            with session_scope(engine) as session:
                confirm_week(session, week, now=dt.datetime.now(dt.UTC), zone=settings.zone_info)
        return outcome
    finally:
        engine.dispose()


@flow(name="backfill", persist_result=False, validate_parameters=False)
def backfill(settings_json: str, first: str, last: str, wait: float = 0.0) -> list[WeekOutcome]:
    """Run the weeks from `first` to `last`, each as if on time: it sees nothing of later ones.

    Then the newest week's report is delivered, if it is among them, even if a later week failed; a
    delivery never fails the run.

    Args:
        settings_json: `Settings.to_json()`.
        first: ISO week; `last`: the last one, included.
        wait: seconds to wait for another run to end.

    Raises:
        Busy: another run or ingest is at work.
    """
    settings = Settings.from_json(settings_json)
    logger = get_run_logger()
    engine = open_database(settings.database_url)
    try:
        migrate(engine)
    finally:
        engine.dispose()
    outcomes: list[WeekOutcome] = []
    try:
        with run_lock(settings.database_url, settings.home, wait_seconds=wait):
            for week in weeks_between(first, last):
                outcome = run_week_task(settings_json, week, last)
                outcomes.append(outcome)
                logger.info("week %s: %s", week, asdict(outcome))
                _tell(_line(outcome))
    except Exception:
        if outcomes:
            deliver_after(settings, first=first, last=outcomes[-1].week, tell=_tell)
        raise
    # After the lock is given back: a mail server that is slow keeps nobody from ingesting.
    deliver_after(settings, first=first, last=last, tell=_tell)
    return outcomes


@flow(name="weekly", persist_result=False, validate_parameters=False)
def weekly(settings_json: str, week: str) -> WeekOutcome:
    """Run one ISO week; waits for a run that is still at work."""
    return backfill(settings_json, week, week, _WAIT_SECONDS)[0]


def _line(outcome: WeekOutcome) -> str:
    counts = outcome.counts
    if outcome.status == "unchanged":
        return f"{outcome.week}  unchanged: same input as when it was last run"
    return (
        f"{outcome.week}  {counts['messages_this_week']} messages, "
        f"{counts['themes_leaf']} themes ({counts['born']} new), "
        f"{counts['statements_leaf']} of {counts['statements']} statements in a theme, "
        f"{count(counts['root_causes'], 'root cause')} "
        f"({count(counts['causes'], 'piece of evidence', 'pieces of evidence')}), "
        f"{counts['ranked']} friction points ranked, "
        f"{sum(outcome.seconds.values()):.1f} s"
    )


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
