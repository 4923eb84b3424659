from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from flows import preparing
from flows.models import Models, load_models
from flows.preparing import Prepared, cached_encode, prepare
from nlp.records import Feedback
from nlp.segment import SPLITTER_VERSION
from store.database import Engine, migrate, open_database, session_scope
from store.feedback import upsert_feedback
from store.statements import load_statements, save_statements, unsplit_feedback

WEEK = "2026-W47"


@pytest.fixture(scope="module")
def models() -> Models:
    return load_models(None)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = open_database(f"sqlite:///{tmp_path / 'test.db'}")
    migrate(engine)
    with session_scope(engine) as session:
        upsert_feedback(session, [_message(number) for number in range(7)])
    return engine


def _message(number: int) -> Feedback:
    return Feedback(
        id=f"m{number}",
        source="desk",
        kind="ticket",
        text="n/a" if number == 6 else f"The printer number {number} prints nothing at all",
        created_at=dt.datetime(2026, 11, 16, 9, tzinfo=dt.UTC),
        week=WEEK,
        day=dt.date(2026, 11, 16),
    )


def _prepare(engine: Engine, models: Models, told: list[str] | None = None) -> Prepared:
    tell = (lambda _line: None) if told is None else told.append
    return prepare(engine, week=WEEK, models=models, processes=1, tell=tell)


def test_what_is_done_is_not_done_again(
    engine: Engine, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "_MESSAGES", 3)
    told: list[str] = []
    assert _prepare(engine, models, told) == Prepared(messages=7, statements=7, texts=6)
    assert [line.partition(":")[0] for line in told] == [
        "split 3 of 7 messages",
        "split 6 of 7 messages",
        "split 7 of 7 messages",
        "embedded 6 of 6 new texts",
    ]
    assert _prepare(engine, models) == Prepared(0, 0, 0)


def test_non_answers_are_statements_that_are_not_embedded(engine: Engine, models: Models) -> None:
    _prepare(engine, models)
    with session_scope(engine) as session:
        said = load_statements(session)
    assert [item.noise for item in said] == [None] * 6 + ["non-answer"]


def test_a_chunk_that_was_kept_is_not_lost_with_the_next(
    engine: Engine, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "_MESSAGES", 4)
    kept = save_statements
    calls = []

    def second_fails(*arguments: object, **options: object) -> None:
        calls.append(options)
        if len(calls) == 2:
            raise OSError("the disk is full")
        kept(*arguments, **options)  # type: ignore[arg-type]

    with monkeypatch.context() as full:
        full.setattr(preparing, "save_statements", second_fails)
        with pytest.raises(OSError, match="disk"):
            _prepare(engine, models)
    with session_scope(engine) as session:
        waiting = unsplit_feedback(session, until_week=WEEK, version=SPLITTER_VERSION)
    assert len(waiting) == 3
    assert _prepare(engine, models).messages == 3


def test_vectors_are_kept_by_text_and_given_in_order(
    engine: Engine, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode = cached_encode(engine, models)
    rows = encode(["one", "two", "one"])
    assert rows.shape == (3, models.encoder.dimensions)
    assert np.array_equal(rows[0], rows[2])
    assert not np.array_equal(rows[0], rows[1])
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)

    def never(_self: object, _texts: object) -> None:
        raise AssertionError("a text was embedded a second time")

    monkeypatch.setattr("nlp.embed.Encoder.encode", never)
    assert np.array_equal(cached_encode(engine, models)(["two", "one"]), rows[[1, 0]])
