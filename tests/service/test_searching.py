from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from nlp.population import build_population
from nlp.query_words import read_query
from nlp.records import Assignment, Feedback, Statement, text_sha
from service import searching
from service.query_encoder import QueryEncoder
from service.searching import Results, SearchIndex, build_index, find
from store.assignments import save_assignments
from store.database import migrate, open_database, read_scope, session_scope
from store.feedback import upsert_feedback
from store.statements import save_statements
from store.vectors import save_vectors

DAY = dt.date(2026, 3, 2)
TEXTS = {
    "1": "refund is late",
    "2": "Refund is late",
    "3": "refund is late",
    "4": "where is my money",
    "5": "thanks",
    "6": "the app crashes",
}
VECTORS = {
    "refund is late": (1.0, 0.0),
    "Refund is late": (1.0, 0.0),
    "where is my money": (0.8, 0.6),
    "the app crashes": (0.0, 1.0),
}


def built(path: Path, *, seed: int, without: Sequence[str] = ()) -> SearchIndex:
    """The texts in a store, put there in an order of their own."""
    names = list(TEXTS)
    random.Random(seed).shuffle(names)
    messages = [
        Feedback(
            *(name, "desk", "ticket", TEXTS[name]),
            created_at=dt.datetime.combine(DAY, dt.time(9), tzinfo=dt.UTC),
            week="2026-W10",
            day=DAY,
            customer_id=name,
        )
        for name in names
    ]
    statements = [
        Statement(one.key, 0, one.text, noise="courtesy" if one.text == "thanks" else None)
        for one in messages
    ]
    placed = [
        Assignment(one.id, "T-money", "T-all", "leaf", 1.0, "exemplar")
        for one in statements
        if "crash" not in one.text
    ]
    engine = open_database(f"sqlite:///{path / 'store.sqlite'}")
    migrate(engine)
    with session_scope(engine) as session:
        upsert_feedback(session, messages)
        save_statements(
            session, statements, version="1", feedback_keys=[one.key for one in messages]
        )
        save_assignments(session, "2026-W10", placed)
        known = [text for text in VECTORS if text not in without]
        if known:
            rows = np.array([VECTORS[text] for text in known], dtype=np.float32)
            save_vectors(session, "m", [text_sha(text) for text in known], rows)
    with read_scope(engine) as session:
        population = build_population(
            messages, statements, {one.statement_id: one for one in placed}
        )
        index = build_index(session, population, week="2026-W10", model="m")
    engine.dispose()
    return index


def look(
    index: SearchIndex, text: str, *, vector: Sequence[float] | None = None, without: str = ""
) -> Results:
    meant: NDArray[np.float32] | None = None
    if vector is not None:
        meant = np.array(vector, dtype=np.float32)
    keep = np.ones(len(index.ids), dtype=np.bool_)
    start = index.row_of(without) if without else None
    return find(
        index, query=read_query(text) if text else None, vector=meant, keep=keep, without=start
    )


def ids(index: SearchIndex, found: Results) -> list[str]:
    return [index.ids[int(row)] for row in found.statement]


def test_noise_is_not_in_the_index_and_copies_are_one_text(tmp_path: Path) -> None:
    index = built(tmp_path, seed=1)
    assert index.ids == tuple(f"desk/{name}#0" for name in "12346")
    assert index.first.size == 4
    found = look(index, "refund")
    assert ids(index, found) == ["desk/1#0", "desk/2#0"]
    assert found.same.tolist() == [2, 1]
    assert found.all_rows.size == 3


def test_the_order_of_the_store_does_not_matter(tmp_path: Path) -> None:
    answers = []
    for seed in (1, 2):
        folder = tmp_path / str(seed)
        folder.mkdir()
        index = built(folder, seed=seed)
        found = look(index, "late refund", vector=(1.0, 0.0))
        answers.append((ids(index, found), found.score.tolist(), found.meaning.tolist()))
    assert answers[0] == answers[1]


def test_meaning_and_words_together(tmp_path: Path) -> None:
    index = built(tmp_path, seed=1)
    found = look(index, "refund", vector=(1.0, 0.0))
    assert ids(index, found) == ["desk/1#0", "desk/2#0", "desk/4#0"]
    assert found.meaning.tolist() == pytest.approx([1.0, 1.0, 0.8])
    assert found.words[2] == 0.0


def test_what_has_no_vector_is_found_by_its_words(tmp_path: Path) -> None:
    index = built(tmp_path, seed=1, without=["where is my money"])
    row = index.row_of("desk/4#0")
    assert row is not None
    assert index.vector_of(row) is None
    assert ids(index, look(index, "", vector=(1.0, 0.0))) == ["desk/1#0", "desk/2#0"]
    found = look(index, "money", vector=(0.0, 1.0))
    assert "desk/4#0" in ids(index, found)
    assert np.isnan(found.meaning[ids(index, found).index("desk/4#0")])


def test_without_any_vectors_meaning_finds_nothing(tmp_path: Path) -> None:
    index = built(tmp_path, seed=1, without=list(VECTORS))
    assert index.vectors.size == 0
    assert look(index, "", vector=(1.0, 0.0)).statement.size == 0
    assert ids(index, look(index, "crashes", vector=(1.0, 0.0))) == ["desk/6#0"]


def test_an_id_comes_first_and_its_copy_stands_for_it(tmp_path: Path) -> None:
    index = built(tmp_path, seed=1)
    for name in ("3", "desk/3", "desk/3#0"):
        found = look(index, name)
        assert ids(index, found) == ["desk/3#0"]
        assert (found.named, found.score.tolist()) == (1, [1.0])
    assert look(index, "nobody").statement.size == 0


def test_more_like_this_leaves_its_own_text_out(tmp_path: Path) -> None:
    index = built(tmp_path, seed=1)
    found = look(index, "", vector=(1.0, 0.0), without="desk/1#0")
    assert ids(index, found) == ["desk/2#0", "desk/4#0"]


def test_themes_are_those_of_the_week(tmp_path: Path) -> None:
    index = built(tmp_path, seed=1)
    placed = [index.themes[code] if code >= 0 else "" for code in index.theme.tolist()]
    assert placed == ["T-money"] * 4 + [""]
    assert index.nbytes > 0


def test_a_first_look_at_the_vectors_changes_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, looked = tmp_path / "plain", tmp_path / "looked"
    plain.mkdir()
    looked.mkdir()
    answers = []
    for folder, least in ((plain, 10), (looked, 1)):
        monkeypatch.setattr(searching, "_COARSE_FROM", least)
        index = built(folder, seed=1)
        assert (index.may_reach is None) == (folder == plain)
        for text in ("late refund", "", '"is late"', "3"):
            found = look(index, text, vector=(1.0, 0.0))
            answers.append((ids(index, found), found.score.tolist(), found.meaning.tolist()))
    assert answers[:4] == answers[4:]
    assert index.coarse_bytes > 0


def test_the_first_few_come_as_they_do_among_all(tmp_path: Path) -> None:
    index = built(tmp_path, seed=1)
    query, vector = read_query("late refund"), np.array([1.0, 0.0], dtype=np.float32)
    whole = find(index, query=query, vector=vector)
    first = find(index, query=query, vector=vector, most=2)
    assert first.statement.tolist() == whole.statement.tolist()[:2]
    assert first.texts == whole.texts == whole.statement.size == 3
    assert first.all_rows.tolist() == whole.all_rows.tolist()


def test_a_statement_that_says_something_else_by_now_is_told_from_one_that_does_not(
    tmp_path: Path,
) -> None:
    index = built(tmp_path, seed=1)
    for name, text in (("desk/1#0", TEXTS["1"]), ("desk/6#0", TEXTS["6"])):
        row = index.row_of(name)
        assert row is not None
        assert index.holds(row, text)
        assert not index.holds(row, f"{text} again")
        assert not index.holds(row, "nothing of that any more")


def test_a_missing_model_says_so_and_embeds_nothing(tmp_path: Path) -> None:
    encoder = QueryEncoder(tmp_path / "gone")
    assert encoder.digest() == ""
    assert encoder.vector("refund") is None
    assert "gone" in encoder.problem


def test_a_folder_that_is_no_model_says_so(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    encoder = QueryEncoder(tmp_path)
    assert encoder.digest()
    assert encoder.vector("refund") is None
    assert "modules.json" in encoder.problem
    assert encoder.vector("refund") is None
