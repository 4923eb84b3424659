from __future__ import annotations

from collections.abc import Callable

import pytest

from nlp.records import Feedback
from store.database import Engine, read_scope, session_scope
from store.feedback import upsert_feedback
from store.revision import current_revision, revision
from store.runs import rewind

Make = Callable[..., Feedback]


def now(engine: Engine) -> int:
    with read_scope(engine) as session:
        return revision(session)


def test_a_change_has_the_next_number(engine: Engine, feedback: Make) -> None:
    before = now(engine)
    with session_scope(engine) as session:
        upsert_feedback(session, [feedback("1")])
        assert now(engine) == before
    assert now(engine) == before + 1


def test_bookkeeping_and_what_is_rolled_back_have_none(engine: Engine, feedback: Make) -> None:
    before = now(engine)
    with session_scope(engine, changes_answers=False) as session:
        upsert_feedback(session, [feedback("1")])

    def fail() -> None:
        with session_scope(engine) as session:
            upsert_feedback(session, [feedback("2")])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert now(engine) == before


def test_what_was_said_is_counted_apart(engine: Engine, feedback: Make) -> None:
    def numbers() -> tuple[int, int, int]:
        with read_scope(engine) as session:
            return revision(session), revision(session, "said"), revision(session, "published")

    everything, said, published = numbers()
    assert current_revision(engine) == everything
    with session_scope(engine) as session:
        upsert_feedback(session, [feedback("1")])
    assert numbers() == (everything + 1, said + 1, published)
    with session_scope(engine) as session:
        upsert_feedback(session, [feedback("1")])  # the same again says nothing new
    assert numbers() == (everything + 2, said + 1, published)
    with session_scope(engine) as session:
        rewind(session, "2026-W01")
    assert numbers() == (everything + 3, said + 2, published + 1)
    assert current_revision(engine) == everything + 3
