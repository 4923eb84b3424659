from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest

from nlp.corrections import Corrections
from nlp.records import Cause, RootCause, Theme, Verdict
from store.corrections import active_corrections
from store.database import Session
from store.deciding import DecisionError, Wish, decide, same_decision
from store.decisions import active_decisions, undo_decision
from store.snapshots import known_root_causes, last_root_causes, save_snapshot
from store.themes import save_themes
from store.verdicts import active_efforts, active_verdicts

WEEKS = ("2026-W45", "2026-W46", "2026-W47")
NOON = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)


def cause(name: str, *evidence: str, **changes: Any) -> RootCause:
    fields: dict[str, Any] = {
        "id": name,
        "theme_id": "T-1",
        "statement": name,
        "state": "observed",
        "kinds": ("said",),
        "evidence": evidence,
        "customers": 3,
        "statements": 3,
        "share_of_theme": 0.5,
        "evidence_ids": ("desk/1#0",),
        "first_week": WEEKS[0],
    }
    return RootCause(**(fields | changes))


def publish(session: Session, week: str, *causes: RootCause, pieces: Sequence[Cause] = ()) -> None:
    save_snapshot(
        session,
        week,
        trends=[],
        causes=pieces,
        friction=[],
        owners={},
        stages={},
        report_json="{}",
        root_causes=causes,
    )


@pytest.fixture
def stocked(session: Session) -> Session:
    save_themes(session, WEEKS[0], [Theme("T-1", "leaf", None, "Cards", "", (), (), 0.5, WEEKS[0])])
    publish(session, WEEKS[0], cause("R-1", "C-1", "C-2"), cause("R-2", "C-3", statement="old"))
    publish(session, WEEKS[1], cause("R-1", "C-1"), cause("R-3", "C-2"))
    publish(session, WEEKS[2], cause("R-1", "C-1", "C-4", statement="new"))
    return session


def wish(kind: str, subject: str = "", when: dt.datetime | None = None, **value: Any) -> Wish:
    return Wish(kind, subject, value, "ana", "seen in the log", when)


def test_every_cause_is_known_as_it_was_told_last(stocked: Session) -> None:
    assert [(week, one.id) for week, one in last_root_causes(stocked)] == [
        (WEEKS[2], "R-1"),
        (WEEKS[0], "R-2"),
        (WEEKS[1], "R-3"),
    ]
    assert last_root_causes(stocked)[0][1].statement == "new"
    assert [one.id for one in known_root_causes(stocked, before_week=WEEKS[1])] == ["R-1", "R-2"]
    assert known_root_causes(stocked, before_week=WEEKS[0]) == []


def test_a_piece_belongs_to_the_cause_that_held_it_last(stocked: Session) -> None:
    held = {one.id: one.evidence for one in known_root_causes(stocked, before_week="2026-W48")}
    assert held == {"R-1": ("C-1", "C-4"), "R-2": ("C-3",), "R-3": ("C-2",)}
    earlier = {one.id: one.evidence for one in known_root_causes(stocked, before_week=WEEKS[1])}
    assert earlier == {"R-1": ("C-1", "C-2"), "R-2": ("C-3",)}


def test_a_piece_that_was_not_found_for_a_while_is_still_its_causes(session: Session) -> None:
    publish(session, WEEKS[0], cause("R-1", "C-1", "C-2"))
    publish(session, WEEKS[1], cause("R-1", "C-1"))
    (one,) = known_root_causes(session, before_week=WEEKS[2])
    assert one.evidence == ("C-1", "C-2")


def test_the_latest_verdict_on_a_cause_counts_and_can_be_undone(stocked: Session) -> None:
    decide(stocked, wish("confirm-cause", cause_id="R-1"))
    number = decide(stocked, wish("reject-cause", cause_id=" R-1 "))
    decide(stocked, wish("confirm-cause", cause_id="R-3"))
    assert active_verdicts(stocked) == {
        "R-1": Verdict("R-1", "rejected", "seen in the log", "ana"),
        "R-3": Verdict("R-3", "confirmed", "seen in the log", "ana"),
    }
    undo_decision(stocked, number)
    assert active_verdicts(stocked)["R-1"].state == "confirmed"


def piece(name: str, plan: str) -> Cause:
    return Cause(
        *(name, "T-1", "where", f"plan {plan}", 3, 3, 0.5, ("desk/1#0",)),
        conditions=(("plan", plan),),
    )


def test_a_verdict_keeps_the_wording_that_was_judged(session: Session) -> None:
    save_themes(session, WEEKS[0], [Theme("T-1", "leaf", None, "Cards", "", (), (), 0.5, WEEKS[0])])
    publish(session, WEEKS[0], cause("R-1", "C-1"), pieces=[piece("C-1", "Pro")])
    decide(session, wish("confirm-cause", cause_id="R-1"))
    publish(session, WEEKS[1], cause("R-1", "C-1", "C-2"), pieces=[piece("C-2", "Team")])
    assert active_verdicts(session)["R-1"].wording == "Mostly for plan Pro"
    # The same decision from a file is known again, with the wording and without.
    assert same_decision(session, wish("confirm-cause", cause_id="R-1")) is not None
    worded = wish("confirm-cause", cause_id="R-1", wording="Mostly for plan Pro")
    assert same_decision(session, worded) is not None
    # A file's own wording is kept: it is what was judged elsewhere.
    decide(session, wish("reject-cause", cause_id="R-1", wording="  At  noon "))
    assert active_verdicts(session)["R-1"].wording == "At noon"
    decide(session, wish("confirm-cause", cause_id="R-1"))
    assert active_verdicts(session)["R-1"].wording == "Mostly for plan Team"


def test_the_latest_effort_of_a_theme_or_owner_counts(stocked: Session) -> None:
    for subject, effort in (("T-1", 3), ("cards", 2), ("T-1", 0.5)):
        decide(stocked, wish("effort", subject, effort=effort), owners=["cards"])
    assert active_efforts(stocked) == {"T-1": 0.5, "cards": 2.0}


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (wish("confirm-cause", cause_id="R-9"), "no root cause R-9; ids are in: groundswell cause"),
        (wish("reject-cause", cause_id=" "), "cause_id is empty"),
        (wish("reject-cause", "T-1", cause_id="R-1"), "a reject-cause is about no theme"),
        (wish("reject-cause", cause="R-1"), "'cause' is unknown; a reject-cause has: cause_id"),
        (Wish("reject-cause", "", {"cause_id": "R-1"}, "ana", " "), "who takes it and why"),
        (wish("effort", effort=1.0), "an effort needs the id of a theme"),
        (wish("effort", "T-1", effort="3"), "effort must be a number, not '3'"),
        (wish("effort", "T-1", effort=True), "effort must be a number, not True"),
        (wish("effort", "T-1", effort=0), "effort must be a number above 0"),
        (wish("effort", "T-1", effort=-1), "effort must be a number above 0"),
        (wish("effort", "T-1", effort=float("nan")), "effort must be a number above 0"),
        (wish("effort", "T-1", effort=float("inf")), "effort must be a number above 0"),
        (wish("effort", "T-9", effort=1), "no theme and no owner T-9"),
    ],
)
def test_what_cannot_be_judged_is_refused_with_the_way_out(
    stocked: Session, made: Wish, reason: str
) -> None:
    with pytest.raises(DecisionError) as error:
        decide(stocked, made, owners=["cards"])
    assert reason in str(error.value)
    assert active_decisions(stocked) == []


def test_a_cause_that_was_told_weeks_ago_can_be_judged(stocked: Session) -> None:
    decide(stocked, wish("reject-cause", cause_id="R-2"))
    assert active_verdicts(stocked)["R-2"].state == "rejected"


def test_before_the_first_run_a_verdict_is_taken_on_trust(session: Session) -> None:
    decide(session, wish("confirm-cause", cause_id="R-1"))
    decide(session, wish("effort", "T-1", effort=2))
    assert list(active_verdicts(session)) == ["R-1"]


def test_themes_are_corrected_as_if_there_were_no_verdicts(stocked: Session) -> None:
    decide(stocked, wish("confirm-cause", cause_id="R-1"))
    decide(stocked, wish("effort", "T-1", effort=2))
    assert active_corrections(stocked) == Corrections()
    decide(stocked, wish("rename", "T-1", label="Cards lost"))
    decide(stocked, wish("pin", "T-1", NOON))
    assert {one.kind for one in active_corrections(stocked).made} == {"rename", "pin"}


def test_a_verdict_said_twice_is_known(stocked: Session) -> None:
    number = decide(stocked, wish("confirm-cause", when=NOON, cause_id="R-1"))
    found = same_decision(stocked, wish("confirm-cause", when=NOON, cause_id="R-1"))
    assert found is not None
    assert found.id == number
    assert same_decision(stocked, wish("reject-cause", cause_id="R-1")) is None
