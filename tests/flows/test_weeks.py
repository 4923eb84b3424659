from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from flows.weeks import (
    WeekChoiceError,
    confirm_week,
    last_complete_week,
    unfinished_weeks,
    weeks_to_run,
)
from store.database import Session, open_database, session_scope
from store.feedback import upsert_feedback
from store.runs import RunRecord, last_run, rewind, save_run

BERLIN = ZoneInfo("Europe/Berlin")
AFTER = dt.date(2027, 3, 1)  # all weeks below are over


@pytest.fixture
def session(stocked_home: Path) -> Iterator[Session]:
    """Published: 2026-W42, the only week with feedback."""
    engine = open_database(f"sqlite:///{stocked_home / 'groundswell.sqlite'}")
    with session_scope(engine) as opened:
        yield opened
    engine.dispose()


def _add(session: Session, week: str) -> None:
    from store.feedback import load_feedback

    item = load_feedback(session)[0]
    upsert_feedback(session, [replace(item, id=f"in-{week}", week=week)])


def _default(session: Session, today: dt.date = AFTER) -> tuple[str, ...]:
    return weeks_to_run(session, today=today, zone=BERLIN)


def _ran(session: Session, week: str, started_at: dt.datetime) -> None:
    save_run(session, RunRecord("r1", "weekly", week, "done", started_at, input_digest="d"))


def test_what_was_asked_for(session: Session) -> None:
    assert weeks_to_run(session, today=AFTER, zone=BERLIN, week="2026-W40") == ("2026-W40",)
    asked = weeks_to_run(session, today=AFTER, zone=BERLIN, first="2026-W52", last="2027-W01")
    assert asked == ("2026-W52", "2026-W53", "2027-W01")


def test_nothing_waits_when_every_week_was_run(session: Session) -> None:
    assert _default(session) == ()


def test_from_the_first_that_waits_to_the_last_gaps_included(session: Session) -> None:
    _add(session, "2026-W45")
    assert _default(session) == ("2026-W43", "2026-W44", "2026-W45")[-1:]
    _add(session, "2026-W43")
    assert _default(session) == ("2026-W43", "2026-W44", "2026-W45")


def test_late_feedback_takes_the_published_weeks_after_it_along(session: Session) -> None:
    _add(session, "2026-W40")
    assert _default(session) == ("2026-W40", "2026-W41", "2026-W42")


def test_what_is_not_over_waits_until_it_is(session: Session) -> None:
    for week in ("2026-W44", "2026-W45", "2093-W01"):
        _add(session, week)
    sunday = dt.date(2026, 11, 8)  # of W45
    assert _default(session, sunday) == ("2026-W44",)
    assert unfinished_weeks(session, today=sunday) == ["2026-W45", "2093-W01"]
    monday = sunday + dt.timedelta(days=1)
    assert _default(session, monday) == ("2026-W44", "2026-W45")
    assert unfinished_weeks(session, today=monday) == ["2093-W01"]


def test_what_is_not_over_is_run_when_asked_for(session: Session) -> None:
    today = dt.date(2026, 11, 4)  # in W45
    asked = weeks_to_run(session, today=today, zone=BERLIN, first="2026-W45", last="2026-W46")
    assert asked == ("2026-W45", "2026-W46")


@pytest.mark.parametrize(
    ("started", "waits"),
    [
        ("2026-10-14T09:00+00:00", True),  # the Wednesday of W42
        ("2026-10-18T21:59:59+00:00", True),  # its last second in Berlin
        ("2026-10-18T22:00+00:00", False),
    ],
)
def test_a_week_that_was_run_before_its_end_is_run_again(
    session: Session, started: str, waits: bool
) -> None:
    _ran(session, "2026-W42", dt.datetime.fromisoformat(started))
    assert _default(session, dt.date(2026, 10, 18)) == ()  # not yet
    assert _default(session) == (("2026-W42",) if waits else ())


def test_a_week_published_ahead_of_time_goes_along(session: Session) -> None:
    _add(session, "2026-W40")
    _ran(session, "2026-W42", dt.datetime(2026, 10, 14, 9, tzinfo=dt.UTC))
    assert _default(session, dt.date(2026, 10, 14)) == ("2026-W40", "2026-W41", "2026-W42")


def test_a_week_that_was_rewound_is_run_again(session: Session) -> None:
    _ran(session, "2026-W42", dt.datetime(2026, 10, 19, 9, tzinfo=dt.UTC))
    assert _default(session) == ()
    rewind(session, "2026-W42")
    assert _default(session) == ("2026-W42",)


def test_an_early_run_that_had_all_there_was_is_confirmed_once_the_week_is_over(
    session: Session,
) -> None:
    week, monday = "2026-W42", dt.datetime(2026, 10, 19, 6, tzinfo=dt.UTC)
    confirm_week(session, week, now=monday, zone=BERLIN)
    assert last_run(session) is None
    _ran(session, week, dt.datetime(2026, 10, 14, 9, tzinfo=dt.UTC))
    confirm_week(session, week, now=monday - dt.timedelta(days=1), zone=BERLIN)
    assert _default(session) == (week,)
    confirm_week(session, week, now=monday, zone=BERLIN)
    assert _default(session) == ()
    found = last_run(session, week=week, status="done")
    assert found is not None
    assert (found.started_at, found.input_digest) == (monday, "d")


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ({"week": "2026-W40", "first": "2026-W40"}, "not both"),
        ({"first": "2026-W40"}, "both --from and --to"),
        ({"last": "2026-W40"}, "both --from and --to"),
        ({"first": "2026-W41", "last": "2026-W40"}, "swap"),
    ],
)
def test_weeks_that_do_not_go_together(session: Session, asked: dict[str, str], hint: str) -> None:
    with pytest.raises(WeekChoiceError, match=hint):
        weeks_to_run(session, today=AFTER, zone=BERLIN, **asked)


@pytest.mark.parametrize("week", ["2026-W54", "2026-47", "W47"])
def test_what_is_no_week(session: Session, week: str) -> None:
    with pytest.raises(ValueError, match="week"):
        weeks_to_run(session, today=AFTER, zone=BERLIN, week=week)


def test_the_last_complete_week() -> None:
    assert last_complete_week(dt.date(2026, 11, 16)) == "2026-W46"  # a Monday
    assert last_complete_week(dt.date(2026, 11, 15)) == "2026-W45"  # the Sunday before
    assert last_complete_week(dt.date(2027, 1, 4)) == "2026-W53"
