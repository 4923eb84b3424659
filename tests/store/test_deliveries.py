from __future__ import annotations

import datetime as dt
import threading
from dataclasses import replace

import pytest

from store.database import Engine, Session, session_scope
from store.deliveries import (
    Delivery,
    DeliveryStatus,
    bury,
    claim,
    delivery_id,
    expire,
    forget,
    load_deliveries,
    plan,
    settle,
)

NOON = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
ONE = Delivery("d1", "week", "2026-W47", "", "json://h/***", "sending", 1, "", NOON)


def only(session: Session) -> Delivery:
    (found,) = load_deliveries(session)
    return found


def test_the_first_claim_gets_it_and_no_other(session: Session) -> None:
    assert claim(session, ONE)
    assert not claim(session, ONE)
    assert only(session) == ONE


@pytest.mark.parametrize(
    ("status", "taken"), [("failed", True), ("sent", False), ("unknown", False)]
)
def test_only_what_failed_is_taken_again(
    session: Session, status: DeliveryStatus, *, taken: bool
) -> None:
    claim(session, ONE)
    settle(session, "d1", status=status, error="error=503", when=NOON)
    later = NOON + dt.timedelta(minutes=1)
    assert claim(session, replace(ONE, started_at=later)) == taken
    found = only(session)
    assert (found.status, found.attempts) == (("sending", 2) if taken else (status, 1))
    assert found.error == ("" if taken else "error=503")
    assert found.started_at == (later if taken else NOON)


def test_what_may_have_arrived_is_taken_when_asked_for(session: Session) -> None:
    claim(session, ONE)
    settle(session, "d1", status="unknown", error="", when=NOON)
    assert claim(session, ONE, from_status=("failed", "unknown"))


def test_what_was_sent_is_never_taken_back(session: Session) -> None:
    claim(session, ONE)
    settle(session, "d1", status="sent", error="", when=NOON)
    settle(session, "d1", status="failed", error="late", when=NOON)
    assert only(session).status == "sent"


@pytest.mark.parametrize(("minutes", "dead"), [(-1, 1), (0, 0), (1, 0)])
def test_a_claim_older_than_the_moment_is_given_up(
    session: Session, minutes: int, dead: int
) -> None:
    claim(session, replace(ONE, started_at=NOON + dt.timedelta(minutes=minutes)))
    assert bury(session, before=NOON, when=NOON) == dead
    assert only(session).status == ("unknown" if dead else "sending")


def test_one_given_up_that_ends_after_all_says_how(session: Session) -> None:
    claim(session, ONE)
    bury(session, before=NOON + dt.timedelta(hours=1), when=NOON)
    settle(session, "d1", status="sent", error="", when=NOON)
    assert only(session).status == "sent"


def test_the_record_is_read_by_period_the_last_first(session: Session) -> None:
    for number in range(3):
        moment = NOON + dt.timedelta(minutes=number)
        period = "2026-W47" if number else "2026-W46"
        claim(session, replace(ONE, id=f"d{number}", period=period, started_at=moment))
    assert [one.id for one in load_deliveries(session)] == ["d2", "d1", "d0"]
    assert [one.id for one in load_deliveries(session, period="2026-W46")] == ["d0"]
    assert [one.id for one in load_deliveries(session, ids=["d0", "d2"])] == ["d2", "d0"]
    assert [one.id for one in load_deliveries(session, limit=1)] == ["d2"]


def test_of_many_claims_at_once_one_gets_it(engine: Engine) -> None:
    ready = threading.Barrier(6)
    got: list[bool] = []

    def work() -> None:
        ready.wait()
        with session_scope(engine, changes_answers=False) as session:
            mine = claim(session, ONE)
        got.append(mine)

    for round_ in range(3):
        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert got.count(True) == round_ + 1
        with session_scope(engine, changes_answers=False) as session:
            settle(session, "d1", status="failed", error="", when=NOON)


def test_each_part_of_a_delivery_makes_it_another() -> None:
    made = {
        delivery_id("week", "2026-W47", "", "a"),
        delivery_id("owner", "2026-W47", "", "a"),
        delivery_id("week", "2026-W46", "", "a"),
        delivery_id("week", "2026-W47", "x", "a"),
        delivery_id("week", "2026-W47", "", "b"),
    }
    assert len(made) == 5


def test_what_is_due_is_on_record_and_taken_once(session: Session) -> None:
    plan(session, [replace(ONE, id="d2"), ONE])
    plan(session, [ONE])
    assert [(one.id, one.status, one.attempts) for one in load_deliveries(session)] == [
        ("d1", "due", 0),
        ("d2", "due", 0),
    ]
    assert claim(session, ONE)
    assert not claim(session, ONE)
    plan(session, [ONE])  # changes nothing of what is on its way
    found = {one.id: (one.status, one.attempts) for one in load_deliveries(session)}
    assert found == {"d1": ("sending", 1), "d2": ("due", 0)}


def test_only_what_is_due_is_forgotten(session: Session) -> None:
    plan(session, [ONE, replace(ONE, id="d2"), replace(ONE, id="d3")])
    claim(session, replace(ONE, id="d2"))
    forget(session, ["d1", "d2"])
    assert [one.id for one in load_deliveries(session)] == ["d2", "d3"]


@pytest.mark.parametrize(("minutes", "gone"), [(-1, 1), (0, 0), (1, 0)])
def test_what_was_due_too_long_has_failed(session: Session, minutes: int, gone: int) -> None:
    plan(session, [replace(ONE, started_at=NOON + dt.timedelta(minutes=minutes))])
    assert bury(session, before=NOON, when=NOON) == 0  # nobody was sending it
    assert expire(session, before=NOON, when=NOON) == gone
    assert only(session).status == ("failed" if gone else "due")
    assert ("never sent" in only(session).error) == bool(gone)
