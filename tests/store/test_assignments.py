from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from nlp.records import Assignment, Feedback, Statement
from store.assignments import assignments_as_of, save_assignments
from store.database import Session
from store.feedback import upsert_feedback
from store.statements import save_statements


@pytest.fixture
def places(session: Session, feedback: Callable[..., Feedback]) -> list[Assignment]:
    """Assignments of 300 stored statements, in the order of their ids."""
    upsert_feedback(session, [feedback("1")])
    statements = [Statement("desk/1", number, f"point {number}") for number in range(300)]
    save_statements(session, statements, version="1", feedback_keys=["desk/1"])
    ids = sorted(one.id for one in statements)
    return [Assignment(one, "T1", "P1", "leaf", 0.25, "exemplar") for one in ids]


def test_only_what_moved_is_written(session: Session, places: list[Assignment]) -> None:
    assert save_assignments(session, "2026-W10", places) == 300
    assert save_assignments(session, "2026-W11", places[::-1]) == 0
    moved = [replace(one, theme_id=None, state="parent") for one in places[:2]]
    assert save_assignments(session, "2026-W12", [*moved, *places[2:]]) == 2

    assert assignments_as_of(session, "2026-W09") == {}
    as_of = assignments_as_of(session, "2026-W11")
    assert list(as_of.items()) == [(one.statement_id, one) for one in places]
    assert list(assignments_as_of(session).values()) == [*moved, *places[2:]]


def test_what_a_week_does_not_name_stays(session: Session, places: list[Assignment]) -> None:
    save_assignments(session, "2026-W10", places[:1])
    save_assignments(session, "2026-W11", places[1:2])
    assert list(assignments_as_of(session).values()) == places[:2]


def test_the_same_week_again_replaces_its_state(session: Session, places: list[Assignment]) -> None:
    save_assignments(session, "2026-W10", places)
    again = [replace(one, confidence=0.5) for one in places]
    assert save_assignments(session, "2026-W10", again) == 300
    assert list(assignments_as_of(session).values()) == again


def test_a_statement_that_is_not_there_is_refused(session: Session) -> None:
    with pytest.raises(IntegrityError):
        save_assignments(session, "2026-W10", [Assignment("no/1#0", None, None, "noise", 0.0, "x")])
