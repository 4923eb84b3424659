from __future__ import annotations

from collections.abc import Callable

import pytest

from nlp.records import Feedback
from store.database import Engine, read_scope, session_scope
from store.feedback import upsert_feedback
from store.revision import revision

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
