from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from labels.schema import Labels, load
from nlp.records import Theme
from service.correcting import NotInForceError, check_moment, foresee, keep, on_record, take_back
from service.correction_list import recorded, superseded_by, waiting
from store.database import Engine, open_database, session_scope
from store.deciding import DecisionError, Wish
from store.decisions import all_decisions
from store.themes import save_themes

WEEK = "2026-W42"
NOON = dt.datetime(2026, 10, 19, 12, tzinfo=dt.UTC)
RENAME = Wish("rename", "T2", {"label": "Signed out daily"}, "Ana", "their words")


@pytest.fixture(scope="module")
def labels() -> Labels:
    return load(None)


@pytest.fixture
def engine(stocked_home: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{stocked_home / 'groundswell.sqlite'}")
    with session_scope(engine) as session:
        save_themes(session, WEEK, [Theme("T3", "leaf", None, "Money", "", (), (), 0.5, WEEK)])
    yield engine
    engine.dispose()


def kept(engine: Engine, wish: Wish, labels: Labels) -> tuple[int, bool]:
    with session_scope(engine) as session:
        found = keep(session, wish, labels=labels)
    return found.id, found.new


def test_the_same_is_kept_once(engine: Engine, labels: Labels) -> None:
    number, new = kept(engine, RENAME, labels)
    assert new
    assert kept(engine, RENAME, labels) == (number, False)
    other = replace(RENAME, why="said again")
    assert kept(engine, other, labels) == (number + 1, True)
    # Now the first is superseded, and saying it again is news.
    assert kept(engine, RENAME, labels) == (number + 2, True)


def test_what_was_undone_may_be_decided_anew_but_not_by_the_same_form(
    engine: Engine, labels: Labels
) -> None:
    of_noon = replace(RENAME, when=NOON)
    number, _ = kept(engine, of_noon, labels)
    with session_scope(engine) as session:
        take_back(session, number, who="Ben", why="no")
    assert kept(engine, of_noon, labels) == (number, False)
    assert kept(engine, RENAME, labels) == (number + 1, True)


def test_a_form_sent_twice_at_once_keeps_one(engine: Engine, labels: Labels) -> None:
    of_noon = replace(RENAME, when=NOON)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: kept(engine, of_noon, labels), range(8)))
    assert len({number for number, _ in found}) == 1
    assert sum(new for _, new in found) == 1
    with session_scope(engine) as session:
        assert len(all_decisions(session)) == 1


def test_taking_back_says_who_was_first(engine: Engine, labels: Labels) -> None:
    number, _ = kept(engine, RENAME, labels)
    with session_scope(engine) as session:
        take_back(session, number, who="Ben", why="  they  changed ")
    with session_scope(engine) as session:
        with pytest.raises(NotInForceError, match="it was undone by Ben on"):
            take_back(session, number, who="Cleo", why="too")
        with pytest.raises(KeyError, match="no correction 99"):
            take_back(session, 99, who="Cleo", why="too")
        (row,) = recorded(session, labels=labels)
    assert (row.undone_by, row.undone_why) == ("Ben", "they changed")


def test_what_cannot_be_is_not_foreseen_or_kept(engine: Engine, labels: Labels) -> None:
    wrong = Wish("merge", "T2", {"into": "T2"}, "Ana", "x")
    with session_scope(engine) as session:
        for attempt in (foresee, keep):
            with pytest.raises(DecisionError, match="into itself"):
                attempt(session, wrong, labels=labels)
        assert on_record(session, wrong) is None
        assert all_decisions(session) == []


def test_a_name_that_waits_is_the_name_before(engine: Engine, labels: Labels) -> None:
    number, _ = kept(engine, RENAME, labels)
    with session_scope(engine) as session:
        seen = foresee(session, replace(RENAME, value={"label": "Out again"}), labels=labels)
    assert seen.swap is not None
    assert (seen.swap.before, seen.swap.after) == ("Signed out daily", "Out again")
    assert seen.notes == (f"it takes the place of correction {number}",)


@pytest.mark.parametrize(
    ("age", "good"),
    [
        (dt.timedelta(hours=23, minutes=59), True),
        (dt.timedelta(days=1), False),
        (dt.timedelta(seconds=-30), True),
        (dt.timedelta(seconds=-61), False),
    ],
)
def test_a_preview_may_be_a_day_old(age: dt.timedelta, good: bool) -> None:
    moment = dt.datetime.now(dt.UTC) - age
    if good:
        check_moment(moment)
        return
    with pytest.raises(DecisionError, match="look at the new one"):
        check_moment(moment)


def test_the_later_of_one_subject_counts(engine: Engine, labels: Labels) -> None:
    wishes = [
        Wish("owner", "T2", {"owner_id": "billing"}, "Ana", "1"),
        Wish("move", "T3", {"statement": "desk/t1#1"}, "Ana", "2"),
        Wish("owner", "T3", {"owner_id": "billing"}, "Ana", "3"),
        Wish("owner", "T2", {"owner_id": "mobile"}, "Ana", "4"),
        Wish("must-link", "", {"statements": ["desk/t1#1", "desk/t3#1"]}, "Ana", "5"),
        Wish("must-link", "", {"statements": ["desk/t1#1", "desk/t2#1"]}, "Ana", "6"),
        Wish("move", "T2", {"statement": "desk/t1#1"}, "Ana", "7"),
    ]
    numbers = [kept(engine, one, labels)[0] for one in wishes]
    with session_scope(engine) as session:
        found = superseded_by(all_decisions(session))
        # Without a run on record nobody knows what it read.
        assert waiting(session, labels=labels, theme="T2") == ()
    assert found == {numbers[0]: numbers[3], numbers[1]: numbers[6]}


def test_the_earlier_of_one_subject_is_superseded_while_the_later_is_in_force(
    engine: Engine, labels: Labels
) -> None:
    made = [
        Wish("confirm-cause", "", {"cause_id": "R2"}, "Ana", "1"),
        Wish("reject-cause", "", {"cause_id": "R2"}, "Ana", "2"),
        Wish("effort", "billing", {"effort": 2}, "Ana", "3"),
        Wish("effort", "T2", {"effort": 3}, "Ana", "4"),
        Wish("effort", "T2", {"effort": 0.5}, "Ana", "5"),
    ]
    first, second, _, third, last = [kept(engine, one, labels)[0] for one in made]
    with session_scope(engine) as session:
        assert superseded_by(all_decisions(session)) == {first: second, third: last}
        take_back(session, second, who="Ben", why="no")
        assert superseded_by(all_decisions(session)) == {third: last}
