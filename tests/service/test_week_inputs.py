from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from nlp.records import Customer, DatedEvent
from nlp.weeks import sunday
from service.week_inputs import changed_inputs, changed_told, input_digests, when_it_counts
from store.customers import upsert_customers
from store.database import Engine, Session, open_database, session_scope
from store.decisions import add_decision, undo_decision
from store.events import upsert_events
from store.runs import RunRecord, save_run

WEEK = "2026-W42"
NOON = dt.datetime(2026, 10, 19, 12, tzinfo=dt.UTC)


@pytest.fixture
def engine(stocked_home: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{stocked_home / 'groundswell.sqlite'}")
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A published week, run with what is there."""
    with session_scope(engine) as session:
        config = {"labels_digest": "l", "inputs": input_digests(session, WEEK)}
        run = RunRecord("r1", "weekly", WEEK, "done", NOON, config=json.dumps(config))
        save_run(session, run)
        yield session


def pin(session: Session) -> int:
    return add_decision(session, kind="pin", theme_id="T2", value="{}", who="a", why="b")


def test_nothing_was_changed(session: Session) -> None:
    assert changed_inputs(session, WEEK, labels_digest="l") == ()
    assert when_it_counts(session, "events") == "with the next week's run"


def test_each_input_is_told_by_its_name(session: Session) -> None:
    number = pin(session)
    assert changed_inputs(session, WEEK) == ("decisions",)
    undo_decision(session, number)
    assert changed_inputs(session, WEEK) == ()
    upsert_customers(session, [Customer("c1", (("plan", "pro"),))])
    assert changed_inputs(session, WEEK, labels_digest="other") == ("customers", "labels")
    assert when_it_counts(session, "decisions") == "with the next week's run"
    assert (
        when_it_counts(session, "customers")
        == "with the next week's run, or now: groundswell run --week 2026-W42"
    )


@pytest.mark.parametrize(("days", "changed"), [(0, ("events",)), (1, ())])
def test_an_event_after_the_weeks_sunday_does_not_change_it(
    session: Session, days: int, changed: tuple[str, ...]
) -> None:
    day = sunday(WEEK) + dt.timedelta(days=days)
    upsert_events(session, [DatedEvent(day, "release", "4.3")])
    assert changed_inputs(session, WEEK) == changed


def test_a_run_that_kept_no_digests_tells_of_none(session: Session) -> None:
    save_run(session, RunRecord("r1", "weekly", WEEK, "done", NOON))
    pin(session)
    assert changed_inputs(session, WEEK, labels_digest="other") == ()


def test_what_came_later_is_told_with_one_way_out() -> None:
    assert changed_told(WEEK, (), late={}) == ""
    assert changed_told(WEEK, ("events", "decisions"), late={}) == (
        "Decisions and events were added or changed since 2026-W42 was run. "
        "The next week's run takes that in, or now: groundswell run --week 2026-W42"
    )
    assert changed_told(WEEK, (), late={WEEK: 1}) == (
        "1 message of 2026-W42 came or changed after that was run. "
        "The next week's run takes that in, or now: groundswell run --week 2026-W42"
    )
    both = changed_told(WEEK, ("events",), late={"2026-W40": 2, "2026-W41": 1})
    assert both == (
        "Events were added or changed since 2026-W42 was run. "
        "3 messages of 2026-W40 to 2026-W41 came or changed after that was run. The next week's "
        "run takes that in, or now: groundswell run --from 2026-W40 --to 2026-W42"
    )
