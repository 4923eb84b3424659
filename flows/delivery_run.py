"""What is due is delivered: after a run, by the next one, or by `groundswell deliver`."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass

from flows.settings import Settings
from flows.weeks import last_complete_week
from labels.errors import LabelsError
from labels.schema import Labels, load
from nlp.months import last_whole_month
from nlp.weeks import monday
from store.database import Engine, open_database, read_scope
from store.deliveries import load_deliveries
from store.snapshots import published_weeks

# As long as a delivery that failed is tried again: a report as old as that is news to nobody.
_NEWS_DAYS = 28


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a call did: JSON-ready rows of `flows.delivering.Delivered`, and bad addresses."""

    rows: tuple[dict[str, object], ...]
    problems: tuple[str, ...]


def due(engine: Engine, *, today: dt.date) -> tuple[str | None, str | None]:
    """The last published week that is over, and the last month whose weeks all are.

    A week that is not over is left alone: its report would be sent, and the full one never.
    """
    over = last_complete_week(today)
    with read_scope(engine) as session:
        weeks = [week for week in published_weeks(session) if week <= over]
    return (weeks[-1] if weeks else None), last_whole_month(weeks)


def has_addresses(settings: Settings, labels: Labels) -> bool:
    """Whether anything is to be sent to anybody."""
    return bool(settings.deliver) or any(owner.deliver for owner in labels.owners)


def run_delivery(
    engine: Engine,
    settings: Settings,
    *,
    week: str | None,
    month: str | None,
    dry_run: bool = False,
    again: bool = False,
    alone: bool = False,
) -> Delivery:
    """Deliver a week's and a month's documents, and what is due or failed before.

    Args:
        engine: the store, migrated.
        settings: addresses, labels and the server's address.
        week: ISO week, or None; month: "2026-10", or None.
        dry_run: nothing is sent or written.
        again: what may have arrived is sent again, too.
        alone: nothing but that week's and that month's.
    """
    # apprise takes a second to load: not before somebody is to be written to
    from dataclasses import asdict  # noqa: PLC0415

    from flows.delivering import (  # noqa: PLC0415
        Wanted,
        bury_dead,
        deliver,
        parcels,
        routes,
        would_deliver,
    )
    from service.documents import Documents  # noqa: PLC0415

    labels = load(settings.labels_dir)
    to, problems = routes(settings, labels)
    documents = Documents(engine, labels=labels, zone=settings.zone_info)
    now = dt.datetime.now(dt.UTC)
    if not dry_run:
        bury_dead(engine, now=now)
    todo = parcels(engine, to, Wanted(week, month, alone), now=now, again=again)
    found = (
        would_deliver(documents, todo)
        if dry_run
        else deliver(engine, documents, todo, server=settings.server_url, again=again, pause=_pause)
    )
    return Delivery(tuple(map(asdict, found)), problems)


def _pause(seconds: float) -> None:
    time.sleep(seconds)


def deliver_after(
    settings: Settings,
    *,
    first: str | None = None,
    last: str | None = None,
    tell: Callable[[str], None],
) -> None:
    """After a run of some weeks: send what is due. Whatever goes wrong is told, and raises nothing.

    The newest week's report is sent when it is among those run (who runs an old week again wants no
    mail about another one), or when there was nothing to run: the process that ran it may have
    ended before it could deliver it. So may the one that ran the week before, whose report is then
    sent as well. What is due or failed before is taken up in any case.
    """
    try:
        _deliver_after(settings, first, last, tell)
    except LabelsError as error:  # its text names a file and a line, never an address
        tell(f"not delivered: {error}")
    except Exception as error:  # noqa: BLE001 - a delivery never fails a run; any text may tell an address
        tell(f"not delivered: {type(error).__name__}; see: groundswell deliver --dry-run")


def _deliver_after(
    settings: Settings, first: str | None, last: str | None, tell: Callable[[str], None]
) -> None:
    if not has_addresses(settings, load(settings.labels_dir)):
        return
    engine = open_database(settings.database_url)
    try:
        week, month = due(engine, today=settings.today())
        if first and last:
            wanted = bool(week and first <= week <= last)
        else:
            wanted = bool(week and _is_news(week, settings))
        missed = _missed(engine, first) if wanted and first else None
        done = run_delivery(
            engine, settings, week=week if wanted else None, month=month if wanted else None
        )
        rows, problems = done.rows, done.problems
        if missed and _is_news(missed, settings):
            rows += run_delivery(engine, settings, week=missed, month=None, alone=True).rows
    finally:
        engine.dispose()
    for problem in problems:
        tell(f"not delivered: {problem}")
    for row in rows:
        tell(told(row))


def _is_news(week: str, settings: Settings) -> bool:
    return (settings.today() - monday(week)).days < 7 + _NEWS_DAYS


def _missed(engine: Engine, first: str) -> str | None:
    """The last week published before those run, where its delivery was not even begun.

    That is so when one before it was delivered: where none was, delivering has begun since.
    """
    with read_scope(engine) as session:
        before = [week for week in published_weeks(session) if week < first]
        begun = {one.period for one in load_deliveries(session) if one.document != "outcome"}
    if not before or before[-1] in begun or min(begun, default=first) > before[-1]:
        return None
    return before[-1]


def told(row: dict[str, object]) -> str:
    """A delivery in one line, without secrets."""
    part = f" of {row['owner_id']}" if row["owner_id"] else ""
    line = f"{row['document']} {row['period']}{part} to {row['target']}: {row['status']}"
    return f"{line} ({row['error']})" if row["error"] else line
