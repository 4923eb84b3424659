from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from nlp.duplicates import Copies
from nlp.records import Assignment, Feedback, Statement
from store.assignments import save_assignments
from store.copies import theme_copies
from store.database import Session
from store.feedback import upsert_feedback
from store.statements import save_statements

MAIL = "I demand that you give me back the fee for order {} before the end of this week, {}"
W46, W47 = "2026-W46", "2026-W47"


@pytest.fixture
def placed(session: Session, feedback: Callable[..., Feedback]) -> list[Assignment]:
    """Six copies of a mail by four customers, one of them a week before, and four other texts."""
    texts = [MAIL.format(n, "Ann") for n in range(6)] + [f"Something else {n}" for n in range(4)]
    messages = [
        feedback(str(n), week=W46 if n == 0 else W47, customer_id=f"c{n % 4}")
        for n in range(len(texts))
    ]
    upsert_feedback(session, messages)
    said = [Statement(item.key, 0, text) for item, text in zip(messages, texts, strict=True)]
    save_statements(session, said, version="1", feedback_keys=[item.key for item in messages])
    rows = [Assignment(item.id, "T1", "P1", "leaf", 0.5, "exemplars") for item in said]
    save_assignments(session, W47, rows)
    return rows


def counts(found: Copies | None) -> tuple[int, int, int, int] | None:
    if found is None:
        return None
    return found.mentions, found.all_mentions, found.customers, found.texts


def test_copies_are_counted_in_the_leaf_and_its_parent(
    session: Session, placed: list[Assignment]
) -> None:
    for name in ("T1", "P1"):
        assert counts(theme_copies(session, name, week=W47, weeks=12)) == (6, 10, 4, 6)
    assert theme_copies(session, "T2", week=W47, weeks=12) is None
    assert len(placed) == 10


def test_only_the_weeks_asked_for_count(session: Session, placed: list[Assignment]) -> None:
    assert counts(theme_copies(session, "T1", week=W47, weeks=1)) == (5, 9, 4, 5)
    assert theme_copies(session, "T1", week=W46, weeks=12) is None  # nothing was placed by then
    assert len(placed) == 10


def test_what_has_left_the_theme_does_not_count(session: Session, placed: list[Assignment]) -> None:
    later = "2026-W48"
    save_assignments(session, later, [replace(row, theme_id="T2") for row in placed[:2]])
    assert theme_copies(session, "T1", week=later, weeks=12) is None  # four are too few to tell
    assert counts(theme_copies(session, "T1", week=W47, weeks=12)) == (6, 10, 4, 6)
    assert counts(theme_copies(session, "P1", week=later, weeks=12)) == (6, 10, 4, 6)
