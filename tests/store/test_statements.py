from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from nlp.records import Assignment, Clause, Feedback, Statement
from store.assignments import assignments_as_of, save_assignments
from store.database import Session
from store.feedback import upsert_feedback
from store.statements import (
    load_statements,
    save_statements,
    statements_by_id,
    unsplit_feedback,
)

WEEK = "2026-W47"


@pytest.fixture
def two(session: Session, feedback: Callable[..., Feedback]) -> list[Feedback]:
    items = [feedback("1", week="2026-W46"), feedback("2", week=WEEK)]
    upsert_feedback(session, items)
    return items


def test_statements_come_back_with_clauses_in_numeric_order(
    session: Session, two: list[Feedback]
) -> None:
    clauses = (
        Clause("it broke", "because", "causal", 3, 9),
        Clause("x", "after", "temporal", 0, 1),
    )
    statements = [Statement("desk/1", number, f"point {number}") for number in range(12)]
    statements[3] = replace(statements[3], clauses=clauses, noise="greeting")
    save_statements(session, statements[::-1], version="1", feedback_keys=["desk/1"])
    assert load_statements(session) == statements


def test_a_message_without_statements_is_remembered_as_split(
    session: Session, two: list[Feedback]
) -> None:
    assert unsplit_feedback(session, until_week=WEEK, version="1") == two
    assert unsplit_feedback(session, until_week="2026-W46", version="1") == two[:1]
    save_statements(session, [], version="1", feedback_keys=["desk/1"])
    assert unsplit_feedback(session, until_week=WEEK, version="1") == two[1:]
    assert unsplit_feedback(session, until_week=WEEK, version="2") == two


def test_another_splitter_version_replaces_the_statements_and_their_assignments(
    session: Session, two: list[Feedback]
) -> None:
    old = [Statement(item.key, number, "old") for item in two for number in range(2)]
    save_statements(session, old, version="1", feedback_keys=[item.key for item in two])
    places = [Assignment(one.id, None, None, "unthemed", 0.0, "x") for one in old]
    save_assignments(session, WEEK, places)

    save_statements(session, [Statement("desk/1", 0, "new")], version="2", feedback_keys=["desk/1"])

    assert [(one.id, one.text) for one in load_statements(session)] == [
        ("desk/1#0", "new"),
        ("desk/2#0", "old"),
        ("desk/2#1", "old"),
    ]
    assert list(assignments_as_of(session)) == ["desk/2#0", "desk/2#1"]
    assert unsplit_feedback(session, until_week=WEEK, version="2") == two[1:]
    assert unsplit_feedback(session, until_week=WEEK, version="1") == two[:1]


def test_a_statement_of_another_message_is_refused(session: Session, two: list[Feedback]) -> None:
    with pytest.raises(ValueError, match="'desk/2', which is not among"):
        save_statements(
            session, [Statement("desk/2", 0, "x")], version="1", feedback_keys=["desk/1"]
        )


def test_statements_up_to_a_week_and_by_id(session: Session, two: list[Feedback]) -> None:
    statements = [Statement(item.key, 0, "x") for item in two]
    save_statements(session, statements, version="1", feedback_keys=[item.key for item in two])
    assert load_statements(session, until_week="2026-W46") == statements[:1]
    assert load_statements(session, until_week="2026-W45") == []
    assert statements_by_id(session, ["desk/2#0", "nobody#0"]) == {"desk/2#0": statements[1]}
