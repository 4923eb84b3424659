from __future__ import annotations

import datetime as dt

import pytest

from store.database import Session
from store.decisions import Decision, active_decisions, add_decision, all_decisions, undo_decision

NOON = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)


def rename(session: Session, value: str, when: dt.datetime | None) -> int:
    return add_decision(
        session, kind="rename", theme_id="T1", value=value, who="ana", why="clearer", when=when
    )


def test_a_decision_comes_back(session: Session) -> None:
    number = rename(session, '"new name"', NOON)
    assert active_decisions(session) == [
        Decision(number, "rename", "T1", '"new name"', "ana", NOON, "clearer")
    ]


def test_decisions_come_in_the_order_in_which_they_were_made(session: Session) -> None:
    later = rename(session, '"c"', NOON + dt.timedelta(hours=1))
    first, second = rename(session, '"a"', NOON), rename(session, '"b"', NOON)
    assert [one.id for one in active_decisions(session)] == [first, second, later]


def test_an_undone_decision_counts_no_more(session: Session) -> None:
    kept, undone = rename(session, '"a"', NOON), rename(session, '"b"', NOON)
    undo_decision(session, undone)
    undo_decision(session, undone)
    assert [one.id for one in active_decisions(session)] == [kept]


def test_who_took_a_decision_back_and_why_stays_with_it(session: Session) -> None:
    told, silent = rename(session, '"a"', NOON), rename(session, '"b"', NOON)
    undo_decision(session, told, who="ben", why="two themes", when=NOON)
    undo_decision(session, told, who="eve", why="again")
    undo_decision(session, silent)
    first, second = all_decisions(session)
    assert (first.undone_at, first.undone_by, first.undone_why) == (NOON, "ben", "two themes")
    assert (first.who, first.why) == ("ana", "clearer")
    assert (second.undone_by, second.undone_why) == (None, None)


def test_a_decision_made_now_is_dated_now(session: Session) -> None:
    before = dt.datetime.now(dt.UTC)
    rename(session, '"a"', None)
    (decision,) = active_decisions(session)
    assert before <= decision.when <= dt.datetime.now(dt.UTC)


def test_undoing_what_is_not_there(session: Session) -> None:
    with pytest.raises(KeyError, match="no decision number 999999"):
        undo_decision(session, 999_999)
