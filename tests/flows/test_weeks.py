from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from flows.weeks import WeekChoiceError, last_complete_week, weeks_to_run
from store.database import Session, open_database, session_scope
from store.feedback import upsert_feedback


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


def test_what_was_asked_for(session: Session) -> None:
    assert weeks_to_run(session, week="2026-W40") == ("2026-W40",)
    asked = weeks_to_run(session, first="2026-W52", last="2027-W01")
    assert asked == ("2026-W52", "2026-W53", "2027-W01")


def test_nothing_waits_when_every_week_was_run(session: Session) -> None:
    assert weeks_to_run(session) == ()


def test_from_the_first_that_waits_to_the_last_gaps_included(session: Session) -> None:
    _add(session, "2026-W45")
    assert weeks_to_run(session) == ("2026-W43", "2026-W44", "2026-W45")[-1:]
    _add(session, "2026-W43")
    assert weeks_to_run(session) == ("2026-W43", "2026-W44", "2026-W45")


def test_late_feedback_takes_the_published_weeks_after_it_along(session: Session) -> None:
    _add(session, "2026-W40")
    assert weeks_to_run(session) == ("2026-W40", "2026-W41", "2026-W42")


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
        weeks_to_run(session, **asked)


@pytest.mark.parametrize("week", ["2026-W54", "2026-47", "W47"])
def test_what_is_no_week(session: Session, week: str) -> None:
    with pytest.raises(ValueError, match="week"):
        weeks_to_run(session, week=week)


def test_the_last_complete_week() -> None:
    assert last_complete_week(dt.date(2026, 11, 16)) == "2026-W46"  # a Monday
    assert last_complete_week(dt.date(2026, 11, 15)) == "2026-W45"  # the Sunday before
    assert last_complete_week(dt.date(2027, 1, 4)) == "2026-W53"
