from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest

from nlp.corrections import Correction, plan
from nlp.records import Assignment, Feedback, Statement, Theme
from store.assignments import save_assignments
from store.corrections import active_corrections
from store.database import Session
from store.deciding import DecisionError, Wish, decide, same_decision
from store.decisions import active_decisions, add_decision, undo_decision
from store.feedback import upsert_feedback
from store.statements import save_statements
from store.themes import save_themes

WEEK = "2026-W47"
STATEMENTS = tuple(
    Statement(f"desk/{number}", 0, text, noise=noise)
    for number, text, noise in (
        ("1", "card lost", None),
        ("2", "card stolen", None),
        ("3", "card lost", None),
        ("4", "thanks", "courtesy"),
        ("5", "refund late", None),
    )
)


def theme(name: str, level: str = "leaf") -> Theme:
    return Theme(name, "parent" if level == "parent" else "leaf", None, name, "", (), (), 0.5, WEEK)


@pytest.fixture
def stocked(session: Session, feedback: Callable[..., Feedback]) -> Session:
    upsert_feedback(session, [feedback(str(number)) for number in range(1, 6)])
    keys = [item.feedback_key for item in STATEMENTS]
    save_statements(session, STATEMENTS, version="v1", feedback_keys=keys)
    save_themes(session, WEEK, [theme("T-1"), theme("T-2"), theme("P-1", "parent")])
    rows = [
        Assignment(
            item.id, "T-2" if item.id == "desk/5#0" else "T-1", None, "leaf", 0.9, "exemplars"
        )
        for item in STATEMENTS
        if item.noise is None
    ]
    save_assignments(session, WEEK, rows)
    return session


def wish(kind: str, theme_id: str, when: dt.datetime | None = None, **value: Any) -> Wish:
    return Wish(kind, theme_id, value, "ana", "clearer", when)


def parts(*names: str) -> list[dict[str, Any]]:
    return [{"statements": [name]} for name in names]


def test_every_kind_becomes_a_correction(stocked: Session) -> None:
    lost, stolen, late = (STATEMENTS[n].sha for n in (0, 1, 4))
    made = [
        wish("rename", "T-1", label="  Cards   gone "),
        wish("owner", "T-1", owner_id="cards"),
        wish("move", "T-1", statement="desk/5#0"),
        wish("pin", "P-1"),
        wish("must-link", "", statements=["desk/3#0", "desk/5#0"]),
        wish("cannot-link", "", statements=["desk/1#0", "desk/2#0"]),
        wish("split", "T-1", parts=parts("desk/1#0", "desk/2#0")),
        wish("dismiss", "T-2"),
        wish("birth", "", statements=["desk/5#0"], label="Refunds"),
    ]
    for one in made:
        decide(stocked, one)
    found = active_corrections(stocked)
    assert [one.kind for one in found.made] == [one.kind for one in made]
    assert found.owners == {"T-1": "cards"}
    by_kind = {one.kind: one for one in found.made}
    assert by_kind["rename"].label == "Cards gone"
    assert by_kind["move"] == Correction("move", "T-1", "clearer", texts=(late,))
    assert by_kind["must-link"].texts == (lost, late)
    assert [part.texts for part in by_kind["split"].parts] == [(lost,), (stolen,)]
    assert (by_kind["birth"].label, by_kind["birth"].texts) == ("Refunds", (late,))


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (wish("rename", "T-9", label="x"), "no theme T-9; ids are in: groundswell export themes"),
        (wish("rename", "T-1", label="  "), "label is empty"),
        (wish("rename", "T-1", label="\u200b\u2060"), "label is empty"),
        (wish("rename", "T-1", label="x" * 201), "label has 201 characters; it may have 200"),
        (wish("rename", "T-1", name="x"), "'name' is unknown; a rename has: label"),
        (wish("rename", "", label="x"), "a rename needs the id of a theme"),
        (wish("birth", "T-1", statements=["desk/1#0"]), "a birth is about no theme"),
        (wish("bury", "T-1"), "'bury' is no kind of decision"),
        (wish("merge", "T-1", into="T-9"), "no theme T-9"),
        (wish("merge", "T-1", into="T-1"), "into itself"),
        (wish("merge", "T-1", into="P-1"), "P-1 is a parent"),
        (wish("move", "T-1", statement="desk/9#0"), "no statement desk/9#0; ids are in"),
        (wish("move", "T-1", statement="desk/4#0"), "takes part in no theme (courtesy)"),
        (wish("move", "T-1", sha="0" * 64), "no statement has the text 000000000000"),
        (wish("must-link", "", statements=["desk/1#0", "desk/3#0"]), "of different texts"),
        (wish("split", "T-1", parts=parts("desk/1#0")), "two parts or more"),
        (wish("split", "T-1", parts=parts("desk/1#0", "desk/3#0")), "one text stands in two parts"),
        (wish("split", "T-1", parts=parts("desk/1#0", "desk/5#0")), "not stand in T-1 but in T-2"),
        (wish("split", "T-1", parts="all"), "parts must be a list"),
        (Wish("pin", "T-1", {}, "ana", " "), "who takes it and why"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_way_out(
    stocked: Session, made: Wish, reason: str
) -> None:
    with pytest.raises(DecisionError) as error:
        decide(stocked, made)
    assert reason in str(error.value)
    assert active_decisions(stocked) == []


def test_what_goes_against_an_earlier_decision_is_refused_until_that_is_undone(
    stocked: Session,
) -> None:
    number = decide(stocked, wish("merge", "T-1", into="T-2"))
    with pytest.raises(DecisionError, match=r"merged into T-2 by an earlier.*correct list"):
        decide(stocked, wish("merge", "T-2", into="T-1"))
    undo_decision(stocked, number)
    decide(stocked, wish("merge", "T-2", into="T-1"))


def test_owners_are_checked_where_they_are_known(stocked: Session) -> None:
    with pytest.raises(DecisionError, match=r"'nobody' is no owner; owners\.yaml has: cards, ops"):
        decide(stocked, wish("owner", "T-1", owner_id="nobody"), owners=["ops", "cards"])


def test_before_the_first_run_a_decision_is_taken_on_trust(session: Session) -> None:
    decide(session, wish("merge", "T-1", into="T-2"))
    decide(session, wish("move", "T-2", sha="0" * 64, statement="desk/1#0"))
    with pytest.raises(DecisionError, match="into itself"):
        decide(session, wish("merge", "T-3", into="T-3"))


def test_the_same_decision_is_found_again(stocked: Session) -> None:
    when = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
    made = wish("move", "T-2", when, statement="desk/1#0")
    number = decide(stocked, made)
    for again in (made, wish("move", "T-2", statement="desk/1#0")):
        found = same_decision(stocked, again)
        assert found is not None
        assert found.id == number
        assert json.loads(found.value)["statement"] == "desk/1#0"
    assert same_decision(stocked, wish("move", "T-1", when, statement="desk/1#0")) is None
    undo_decision(stocked, number)
    taken_back = same_decision(stocked, made)
    assert taken_back is not None
    assert taken_back.undone_at is not None
    without_time = same_decision(stocked, wish("move", "T-2", statement="desk/1#0"))
    assert without_time is not None
    assert (without_time.id, without_time.undone_at is None) == (number, False)
    later = when + dt.timedelta(hours=1)
    number = decide(stocked, wish("move", "T-2", later, statement="desk/1#0"))
    found = same_decision(stocked, wish("move", "T-2", statement="desk/1#0"))
    assert found is not None
    assert (found.id, found.undone_at) == (number, None)


def test_an_older_decision_may_not_disable_a_newer_one(stocked: Session) -> None:
    newer = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
    second = dt.timedelta(seconds=1)
    number = decide(stocked, wish("merge", "T-1", newer, into="T-2"))
    with pytest.raises(DecisionError) as error:
        decide(stocked, wish("dismiss", "T-2", newer - second))
    assert str(error.value) == (
        f"made at 2026-11-23 11:59 UTC, it comes before decision {number} (merge T-1), which is in "
        "force and would have no effect any more: T-2 was dismissed by an earlier decision; leave "
        f"this one out, or first: groundswell correct undo {number}"
    )
    assert [one.id for one in active_decisions(stocked)] == [number]
    # At the same time or later it comes after the merge, which then stands.
    decide(stocked, wish("dismiss", "T-2", newer))
    known = frozenset(item.sha for item in STATEMENTS).__contains__
    themes = [theme("T-1"), theme("T-2")]
    assert plan(active_corrections(stocked), themes, known).not_applied == []


def test_a_decision_is_checked_against_those_before_it(stocked: Session) -> None:
    newer = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
    decide(stocked, wish("dismiss", "T-2", newer))
    decide(stocked, wish("merge", "T-1", newer - dt.timedelta(seconds=1), into="T-2"))
    assert [one.kind for one in active_decisions(stocked)] == ["merge", "dismiss"]
    with pytest.raises(DecisionError, match="T-1 was merged"):
        decide(stocked, wish("dismiss", "T-1", newer))


def test_what_has_no_effect_already_hinders_nothing(stocked: Session) -> None:
    newer = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
    add_decision(
        stocked, kind="dismiss", theme_id="T-9", value="{}", who="ana", why="gone", when=newer
    )
    decide(stocked, wish("dismiss", "T-2", newer - dt.timedelta(seconds=1)))
    assert len(active_decisions(stocked)) == 2
